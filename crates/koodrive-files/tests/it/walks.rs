//! Walking local folders.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use koodrive_files::tree::{LocalTree, Notice};
use koodrive_files::{FileSource, Source};

fn paths(notices: &[Notice]) -> Vec<&str> {
    notices.iter().map(|notice| notice.path.as_str()).collect()
}

fn why<'a>(notices: &'a [Notice], path: &str) -> &'a str {
    &notices.iter().find(|notice| notice.path == path).unwrap().why
}

#[test]
fn a_tree_with_all_kinds_of_entries() {
    let home = tempfile::tempdir().unwrap();
    let root = home.path().join("root");
    for folder in ["b", "b/empty", "b-c", "state", "b/x.koodrive-part"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for (file, content) in [("b/2", "22"), ("b-c/1", ""), ("a", "a"), ("state/done", "{}"), (".koodrive-state", "")] {
        fs::write(root.join(file), content).unwrap();
    }
    fs::write(home.path().join("outside"), "secret").unwrap();
    symlink("..", root.join("b/up")).unwrap();
    symlink("../outside", root.join("out")).unwrap();
    symlink("nowhere", root.join("b/dangling")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.join("socket")).unwrap();
    // The path of the folder itself is followed.
    symlink("root", home.path().join("link")).unwrap();

    let state = home.path().join("link/state");
    let tree = LocalTree::walk(&home.path().join("link"), Some(&state)).unwrap();
    assert_eq!(tree.folders, ["b", "b-c", "b/empty"]);
    let files: Vec<(&str, u64)> = tree.files.iter().map(|file| (file.path.as_str(), file.length)).collect();
    assert_eq!(files, [("a", 1), ("b-c/1", 0), ("b/2", 2)]);
    assert_eq!(tree.files[2].mark, FileSource::open(root.join("b/2")).unwrap().mark().unwrap());
    let skipped = [".koodrive-state", "b/dangling", "b/up", "b/x.koodrive-part", "out", "socket", "state"];
    assert_eq!(paths(&tree.skipped), skipped);
    assert!(why(&tree.skipped, "out").contains("symbolic link"));
    assert!(why(&tree.skipped, "socket").contains("socket"));
    assert!(tree.refused.is_empty() && tree.unreadable.is_empty());
    assert_eq!(LocalTree::walk(&root, None).unwrap().folders, ["b", "b-c", "b/empty", "state"]);
}

#[test]
fn names_that_the_service_refuses_are_all_told() {
    let home = tempfile::tempdir().unwrap();
    let long = "é".repeat(126);
    let at = |name: &str| home.path().join(name);
    fs::create_dir_all(at("bad?")).unwrap();
    for name in ["a:b", "bad?/c*", &long, "fine\\"] {
        fs::write(at(name), "").unwrap();
    }
    fs::write(home.path().join(std::ffi::OsStr::from_bytes(b"\xff.txt")), "").unwrap();
    // The service counts characters, and 250 of them take more bytes than a file here may have.
    let deep = Path::new("d").join(vec!["d"; 29].join("/"));
    fs::create_dir_all(home.path().join(deep)).unwrap();

    let tree = LocalTree::walk(home.path(), None).unwrap();
    let deep = vec!["d"; 30].join("/");
    assert_eq!(paths(&tree.refused), ["a:b", "bad?", "bad?/c*", &deep, "\u{fffd}.txt"]);
    assert!(why(&tree.refused, "a:b").contains("one of < > |"), "{:?}", tree.refused);
    assert!(why(&tree.refused, &deep).contains("30 folders"));
    assert!(why(&tree.refused, "\u{fffd}.txt").contains("UTF-8"));
}

#[test]
fn what_is_no_folder_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("file"), "").unwrap();
    for name in ["file", "missing"] {
        let error = LocalTree::walk(&home.path().join(name), None).unwrap_err().to_string();
        assert!(error.contains(&format!("{name} can't be read")), "{error}");
    }
}
