//! Packages: zips that are made of files and folders, to be downloaded together.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::iter;

use chrono::{DateTime, Utc};

use crate::families::files::{File, tree};
use crate::families::moderation;
use crate::storage::{Making, Room, content};
use crate::store::Store;
use crate::zips::{self, Packing};

/// How many bytes the files of a package have at most: it is made while calls wait.
const MOST: u64 = 1 << 30;

/// Makes a package, and returns the id of its content. What was judged is left out.
pub(crate) fn make(store: &mut Store, room: Room<'_>, ids: &[String], now: DateTime<Utc>) -> io::Result<String> {
    let files = files(store, ids);
    let bytes = files.iter().map(|(path, file)| zips::bytes(path, file.size));
    let bytes = bytes.fold(zips::bytes("", 0), u64::saturating_add);
    if bytes > MOST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("the files have more than {MOST} bytes")));
    }
    let mut packing = Packing::new(Making::new(room, bytes)?);
    for (path, file) in files {
        if file.is_folder() {
            packing.folder(&path, file.edited)?;
            continue;
        }
        let mut content = content::object(room.blobs, &content::of(store, file))?;
        let out = packing.file(&path, file.size, file.edited)?;
        while content.left() > 0 {
            out.write_all(&content.next()?)?;
        }
    }
    packing.finish()?.keep(store, now).map(|(id, _)| id)
}

/// Returns the files and folders of a package with their paths in it, folders before what is in them.
fn files<'a>(store: &'a Store, ids: &[String]) -> Vec<(String, &'a File)> {
    let mut taken = BTreeSet::new();
    let mut files = Vec::new();
    for id in ids {
        let mut paths: BTreeMap<String, String> = BTreeMap::new();
        for inside in tree::walk(store, id) {
            let file = store.files.get(&inside).filter(|file| !moderation::has_judged(store, file));
            let Some(file) = file else { continue };
            let path = match paths.get(&file.parent) {
                Some(folder) => format!("{folder}/{}", file.name),
                None => free(&mut taken, &file.name),
            };
            paths.insert(inside, path.clone());
            files.push((path, file));
        }
    }
    files
}

/// Returns a name that nothing at the top of a package has: files of different folders may be called the same.
fn free(taken: &mut BTreeSet<String>, name: &str) -> String {
    let (stem, suffix) = name.rfind('.').filter(|at| *at > 0).map_or((name, ""), |at| name.split_at(at));
    let numbered = (1..).map(|number| format!("{stem}({number}){suffix}"));
    let free = iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}
