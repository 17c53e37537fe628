//! Checks the order of the core's rooms: no room needs one below it.
//!
//! A room is a top-level module of koodrive-proto. The check reads the paths that begin with `crate::` or `$crate::` in
//! the code of each file, without comments. A macro, or a name that the crate's root exports, counts for the room that
//! has it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rooms, from top to bottom. CONTRIBUTING.md says what is in each.
const ROOMS: &[&str] = &[
    "schema",
    "check",
    "wire",
    "param",
    "error",
    "time",
    "endpoint",
    "auth",
    "retry",
    "observer",
    "operation",
    "api",
    "declare",
    "ops",
    "flow",
    "transport",
    "testing",
];

/// Which rooms each room needs, and the first file that says so.
type Needs = BTreeMap<String, BTreeMap<String, String>>;

/// A file: its path below `src`, and its text.
type Source = (String, String);

/// Checks the core.
pub(crate) fn check(src: &Path) -> Result<(), String> {
    let mut sources = Vec::new();
    read(src, src, &mut sources).map_err(|error| format!("can't read {}: {error}", src.display()))?;
    let needs = needs(&sources);
    println!(
        "{} rooms in {} files; the largest strongly connected component has {}",
        needs.len(),
        sources.len(),
        largest_component(&needs)
    );
    let wrong = wrong(&needs);
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn read(src: &Path, folder: &Path, sources: &mut Vec<Source>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read(src, &path, sources)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(src).unwrap_or(&path).display().to_string();
            sources.push((name, fs::read_to_string(&path)?));
        }
    }
    sources.sort();
    Ok(())
}

/// Returns the room of a file; the crate's root is none.
fn room(file: &str) -> Option<&str> {
    let name = file.split('/').next()?;
    let room = name.strip_suffix(".rs").unwrap_or(name);
    (room != "lib").then_some(room)
}

fn needs(sources: &[Source]) -> Needs {
    let mut owners = BTreeMap::new();
    for (file, text) in sources {
        let code = code(text);
        match room(file) {
            Some(room) => {
                for name in macros(&code) {
                    owners.insert(name, room.to_owned());
                }
            }
            None => {
                for path in used(&code) {
                    if let (Some(room), Some(name)) = (path.first(), path.last()) {
                        owners.insert(name.clone(), room.clone());
                    }
                }
            }
        }
    }
    let mut needs = Needs::new();
    for (file, text) in sources {
        let Some(room) = room(file) else { continue };
        let needed = needs.entry(room.to_owned()).or_default();
        // `super` in a room is the root as well.
        let outside = if file.ends_with("/mod.rs") || !file.contains('/') { "super::" } else { "super::super::" };
        for name in named(&code(text).replace(outside, "crate::")) {
            let owner = if ROOMS.contains(&name.as_str()) { &name } else { owners.get(&name).unwrap_or(&name) };
            if owner != room {
                needed.entry(owner.clone()).or_insert_with(|| file.clone());
            }
        }
    }
    needs
}

/// Returns what is wrong, one line each.
fn wrong(needs: &Needs) -> Vec<String> {
    let place = |name: &str| ROOMS.iter().position(|room| *room == name);
    let mut wrong = Vec::new();
    for (room, needed) in needs {
        let Some(at) = place(room) else {
            wrong.push(format!("{room} is no room of the list in xtask/src/layers.rs"));
            continue;
        };
        for (name, file) in needed {
            if place(name).is_some_and(|below| below > at) {
                wrong.push(format!("{file}: `{room}` needs `{name}`, which stands below it"));
            }
        }
    }
    wrong
}

/// How many rooms need each other in a circle: the size of the largest strongly connected component.
fn largest_component(needs: &Needs) -> usize {
    let all: BTreeMap<&str, BTreeSet<&str>> = needs.keys().map(|room| (room.as_str(), reached(needs, room))).collect();
    let component = |room: &str, there: &BTreeSet<&str>| {
        1 + all.iter().filter(|(other, back)| **other != room && there.contains(*other) && back.contains(room)).count()
    };
    all.iter().map(|(room, there)| component(room, there)).max().unwrap_or(0)
}

/// Returns everything that a room needs, directly or indirectly.
fn reached<'a>(needs: &'a Needs, room: &'a str) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![room];
    while let Some(room) = next.pop() {
        let needed = needs.get(room).into_iter().flat_map(BTreeMap::keys);
        next.extend(needed.map(String::as_str).filter(|name| reached.insert(*name)));
    }
    reached
}

/// Returns the code without comments (from `//` on, unless the slashes are those of an address) and without a module of
/// tests.
fn code(text: &str) -> String {
    let text = text.split_once("#[cfg(test)]\n").map_or(text, |(code, _)| code);
    let line = |line: &str| {
        let end = line.match_indices("//").find(|(at, _)| !line[..*at].ends_with(':')).map_or(line.len(), |(at, _)| at);
        line[..end].to_owned() + "\n"
    };
    text.lines().map(line).collect()
}

/// Returns the names of the macros that a file exports.
fn macros(code: &str) -> Vec<String> {
    let exported = code.split("#[macro_export]").skip(1);
    exported.filter_map(|rest| rest.trim_start().strip_prefix("macro_rules! ")).map(first_name).collect()
}

/// Returns the paths that the root exports from its rooms.
fn used(code: &str) -> Vec<Vec<String>> {
    let trees = code.split("pub use ").skip(1).filter_map(|rest| rest.split_once(';'));
    trees.flat_map(|(tree, _)| paths(tree)).collect()
}

/// Returns the first names of all paths that begin at the crate's root.
fn named(code: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let before = code[..at].chars().next_back();
        if before.is_some_and(|char| char.is_alphanumeric() || char == '_' || char == ':') {
            continue;
        }
        let tree = if rest.starts_with('{') { rest.split_once(';').map_or(rest, |(tree, _)| tree) } else { rest };
        if rest.starts_with('{') {
            names.extend(paths(tree).into_iter().filter_map(|path| path.first().cloned()));
        } else {
            names.insert(first_name(rest));
        }
    }
    names.remove("");
    names
}

fn first_name(text: &str) -> String {
    text.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect()
}

/// Returns the paths of a tree: `a::{b, c::d}` has `a::b` and `a::c::d`.
fn paths(tree: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let (mut stack, mut path, mut name): (Vec<usize>, Vec<String>, String) = (Vec::new(), Vec::new(), String::new());
    for char in tree.chars().chain([',']) {
        match char {
            ':' if !name.is_empty() => path.push(std::mem::take(&mut name)),
            '{' => stack.push(path.len()),
            ',' | '}' => {
                if !name.is_empty() {
                    paths.push(path.iter().cloned().chain([std::mem::take(&mut name)]).collect());
                }
                path.truncate(stack.last().copied().unwrap_or(0));
                if char == '}' {
                    stack.pop();
                    path.truncate(stack.last().copied().unwrap_or(0));
                }
            }
            char if char.is_alphanumeric() || char == '_' => name.push(char),
            _ => {}
        }
    }
    paths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(files: &[(&str, &str)]) -> Vec<Source> {
        files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn an_import_of_what_stands_below_is_refused_with_both_names() {
        let right = sources(&[
            ("lib.rs", "pub mod wire;\nmod error;\npub use error::{Error, codes};"),
            ("error/mod.rs", "use crate::wire::{hex, text};"),
            ("wire/mod.rs", "//! See [`crate::api`].\nuse std::fmt; // crate::flow"),
        ]);
        let found = needs(&right);
        assert_eq!((wrong(&found), largest_component(&found)), (vec![], 1));
        for import in [
            "use crate::error::Error;",
            "use crate::{error::Error};",
            "use crate::{wire, Error};",
            "fn f() -> crate::Error {}",
            "macro_rules! a { () => { $crate::error::codes() } }",
            "pub(crate) use crate::codes as others;",
            "use super::super::error;",
        ] {
            let mut files = right.clone();
            files.push(("wire/tape.rs".to_owned(), import.to_owned()));
            let found = needs(&files);
            let expected = "wire/tape.rs: `wire` needs `error`, which stands below it";
            assert_eq!((wrong(&found), largest_component(&found)), (vec![expected.to_owned()], 2), "{import}");
        }
    }

    #[test]
    fn a_macro_belongs_to_the_room_that_has_it() {
        let found = needs(&sources(&[
            ("declare/mod.rs", "#[macro_export]\nmacro_rules! answer { () => {} }"),
            ("param/text.rs", "crate::answer! { A {} }"),
        ]));
        assert_eq!(wrong(&found), ["param/text.rs: `param` needs `declare`, which stands below it"]);
    }

    #[test]
    fn a_room_has_to_be_on_the_list() {
        let found = needs(&sources(&[("cellar.rs", "")]));
        assert_eq!(wrong(&found), ["cellar is no room of the list in xtask/src/layers.rs"]);
    }

    #[test]
    fn the_core_is_in_order() {
        check(&crate::root().join("crates/koodrive-proto/src")).unwrap();
    }
}
