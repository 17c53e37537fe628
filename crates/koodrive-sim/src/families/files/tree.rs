//! The trees of files: finding, adding, copying, moving, the recycle bin, and the use of spaces.

use std::collections::{BTreeMap, VecDeque};
use std::iter;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::families::files::{File, remove, upload};
use crate::families::{revisions, shared_folders, spaces};
use crate::reply::Refusal;
use crate::store::Store;
use crate::times;

/// The manual's limit for folders inside folders.
const LEVELS: usize = 30;

/// Every space has two roots; `sbox` is the one of its safe.
const ROOTS: [&str; 2] = ["root", "sbox"];

/// What the recycle bin is listed under. No id of a folder is like it.
pub(crate) const BIN: &str = "bin";

/// How the id of a root begins, as in the manual's examples. The name of the root and the id of the space follow.
const ROOT_ID: &str = "DEUI7pa0C24A";

/// What to do if a folder has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Clash {
    /// Appends a time to the name.
    Rename,
    Refuse,
}

/// Under what files are listed: a folder of a space, or its [`BIN`].
pub(crate) fn place(space_id: &str, folder: &str) -> String {
    format!("{space_id}/{folder}")
}

/// What a name within a folder is found by. Names have no slashes.
pub(crate) fn name_key(space_id: &str, folder: &str, name: &str) -> String {
    format!("{space_id}/{folder}/{name}")
}

/// Finds what has a name in a folder.
pub(crate) fn named<'a>(store: &'a Store, space_id: &str, folder: &str, name: &str) -> Option<(&'a str, &'a File)> {
    store.files.keyed(&name_key(space_id, folder, name)).next()
}

/// Returns the name of a root if this is one of its ids.
pub(crate) fn root(space_id: &str, id: &str) -> Option<&'static str> {
    ROOTS.into_iter().find(|root| id == *root || id == folder_id(space_id, root))
}

/// Returns the id of a folder as answers show it.
pub(crate) fn folder_id(space_id: &str, folder: &str) -> String {
    if ROOTS.contains(&folder) { format!("{ROOT_ID}{folder}{space_id}") } else { folder.to_owned() }
}

/// Finds a file anywhere, the recycle bin included.
pub(crate) fn find<'a>(store: &'a Store, id: &str) -> Result<&'a File, Refusal> {
    store.files.get(id).ok_or_else(|| Refusal::new("13000309", "there is no such file"))
}

/// Finds a file of a space, the recycle bin included.
pub(crate) fn within<'a>(store: &'a Store, space_id: &str, id: &str) -> Result<&'a File, Refusal> {
    let file = find(store, id)?;
    if file.space_id == space_id { Ok(file) } else { Err(Refusal::new("13000302", "")) }
}

/// Finds a file of a space, but not in the recycle bin.
pub(crate) fn live<'a>(store: &'a Store, space_id: &str, id: &str) -> Result<&'a File, Refusal> {
    let file = within(store, space_id, id)?;
    check_not_recycled(store, id)?;
    Ok(file)
}

/// Finds a folder into which something may go, and returns what its files have as their parent. `root`, `sbox` and the
/// ids of these are folders.
pub(crate) fn folder(store: &Store, space_id: &str, id: &str) -> Result<String, Refusal> {
    if let Some(root) = root(space_id, id) {
        return Ok(root.to_owned());
    }
    let folder = within(store, space_id, id)?;
    if !folder.is_folder() {
        return Err(Refusal::new("13000304", "it is no folder"));
    }
    if is_recycled(store, id) { Err(Refusal::new("13000305", "")) } else { Ok(id.to_owned()) }
}

/// Whether a file is in the recycle bin, itself or with a folder above.
pub(crate) fn is_recycled(store: &Store, id: &str) -> bool {
    chain(store, id).any(|file| file.recycled.is_some())
}

/// Returns a file and the folders above it, from below. The folder of a file in the recycle bin may be gone, or be in
/// another space.
fn chain<'a>(store: &'a Store, id: &str) -> impl Iterator<Item = &'a File> {
    let above = |file: &&File| store.files.get(&file.parent).filter(|folder| folder.space_id == file.space_id);
    // No folder is inside itself, so this ends.
    iter::successors(store.files.get(id), above)
}

/// Returns the ids from the root's to the file's own.
pub(crate) fn id_path(store: &Store, id: &str) -> Vec<String> {
    let mut ids = vec![id.to_owned()];
    ids.extend(chain(store, id).map(|file| folder_id(&file.space_id, &file.parent)));
    ids.reverse();
    ids
}

/// Returns the names on the way from the root to the file. That of the root has the id of the space after it.
pub(crate) fn name_path(store: &Store, id: &str) -> Vec<String> {
    let mut names: Vec<String> = chain(store, id).map(|file| file.name.clone()).collect();
    let root = |file: &File| format!("{}{}", root(&file.space_id, &file.parent).unwrap_or(ROOTS[0]), file.space_id);
    names.extend(chain(store, id).last().map(root));
    names.reverse();
    names
}

/// Returns what is in a folder, but not what is below or in the recycle bin.
pub(crate) fn children<'a>(
    store: &'a Store,
    space_id: &str,
    folder: &str,
) -> impl DoubleEndedIterator<Item = (&'a str, &'a File)> + use<'a> {
    store.files.under(&place(space_id, folder))
}

/// Returns the ids of a file and of all that is below it, folders before what is in them. What was recycled on its own
/// before is not below anything.
pub(crate) fn walk(store: &Store, id: &str) -> Vec<String> {
    steps(store, id).map(str::to_owned).collect()
}

/// Like [`walk`], but looks only as far as ids are taken.
pub(crate) fn steps<'a>(store: &'a Store, id: &'a str) -> impl Iterator<Item = &'a str> {
    let mut folders = VecDeque::new();
    let mut level: Box<dyn Iterator<Item = &'a str>> = Box::new(iter::once(id));
    iter::from_fn(move || {
        loop {
            if let Some(id) = level.next() {
                let folder = store.files.get(id).filter(|file| file.is_folder());
                folders.extend(folder.map(|folder| (&*folder.space_id, id)));
                return Some(id);
            }
            let (space_id, folder) = folders.pop_front()?;
            level = Box::new(children(store, space_id, folder).map(|(id, _)| id));
        }
    })
}

/// Returns the bytes of a file, or of everything in a folder, as a copy has them.
pub(crate) fn size(store: &Store, id: &str) -> u64 {
    walk(store, id).iter().filter_map(|id| store.files.get(id)).map(|file| file.size).sum()
}

/// Returns the bytes that a file, or everything in a folder, takes in its space: with those of earlier revisions and of
/// unfinished uploads.
fn used(store: &Store, id: &str) -> u64 {
    let bytes = |id: &String| {
        let size = store.files.get(id).map_or(0, |file| file.size);
        size + revisions::bytes_beside(store, id) + upload::bytes_into(store, id)
    };
    walk(store, id).iter().map(bytes).sum()
}

/// Returns the name that something gets in a folder. A file may keep its own name.
pub(crate) fn free_name(
    store: &Store,
    space_id: &str,
    folder: &str,
    name: &str,
    clash: Clash,
    own_id: Option<&str>,
    now: DateTime<Utc>,
) -> Result<String, Refusal> {
    let taken = |name: &str| named(store, space_id, folder, name).is_some_and(|(id, _)| Some(id) != own_id);
    if !taken(name) {
        return Ok(name.to_owned());
    }
    if clash == Clash::Refuse {
        return Err(Refusal::new("13000405", ""));
    }
    let (stem, suffix) = match name.rsplit_once('.') {
        Some((stem, suffix)) if !stem.is_empty() && suffix.len() <= 40 => (stem, format!(".{suffix}")),
        _ => (name, String::new()),
    };
    // The example of createFile has the time of China in the name: test_20240104_105403.zip.
    let time = times::after(now, TimeDelta::hours(8)).format("_%Y%m%d_%H%M%S").to_string();
    let with = |text: &str| {
        // A name has at most 250 characters.
        let room = 250_usize.saturating_sub(text.chars().count() + suffix.chars().count());
        format!("{}{text}{suffix}", stem.chars().take(room).collect::<String>())
    };
    let numbered = (1..).map(|number| with(&format!("{time}_{number}")));
    let mut names = iter::once(with(&time)).chain(numbered);
    names.find(|name| !taken(name)).ok_or_else(|| Refusal::new("13000405", ""))
}

/// Returns an id for a new file or folder.
pub(crate) fn new_id(store: &mut Store) -> String {
    format!("F{}", store.next_id())
}

/// Adds a file or folder under a new id, which is returned. Its bytes count from now on.
pub(crate) fn add(store: &mut Store, file: File) -> Result<String, Refusal> {
    check_depth(store, &file.parent, usize::from(file.is_folder()))?;
    free_name(store, &file.space_id, &file.parent, &file.name, Clash::Refuse, None, file.created)?;
    spaces::take(store, &file.space_id, file.size)?;
    let id = new_id(store);
    store.files.insert(&*id, file);
    Ok(id)
}

/// Copies a file, or a folder with everything in it, and returns the id of the copy.
pub(crate) fn copy(
    store: &mut Store,
    id: &str,
    space_id: &str,
    folder: &str,
    user_id: &str,
    now: DateTime<Utc>,
) -> Result<String, Refusal> {
    let name = find(store, id)?.name.clone();
    check_not_recycled(store, id)?;
    check_nesting(store, id, folder)?;
    check_depth(store, folder, height(store, id))?;
    let name = free_name(store, space_id, folder, &name, Clash::Rename, None, now)?;
    spaces::take(store, space_id, size(store, id))?;
    let mut copies: BTreeMap<String, String> = BTreeMap::new();
    for old in walk(store, id) {
        let file = find(store, &old)?.clone();
        let inside = copies.get(&file.parent).cloned();
        let copy = File {
            space_id: space_id.to_owned(),
            name: if inside.is_some() { file.name } else { name.clone() },
            parent: inside.unwrap_or_else(|| folder.to_owned()),
            creator: user_id.to_owned(),
            editor: user_id.to_owned(),
            created: now,
            edited: now,
            ..file
        };
        let new = new_id(store);
        store.files.insert(&*new, copy);
        copies.insert(old, new);
    }
    Ok(copies.remove(id).unwrap_or_default())
}

/// Renames a file or folder.
pub(crate) fn rename(
    store: &mut Store,
    id: &str,
    name: &str,
    clash: Clash,
    user_id: &str,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let file = find(store, id)?;
    check_not_recycled(store, id)?;
    let name = free_name(store, &file.space_id, &file.parent, name, clash, Some(id), now)?;
    store.files.update(id, |file| {
        file.name = name;
        user_id.clone_into(&mut file.editor);
        file.edited = now;
    });
    shared_folders::follow_name(store, id, now);
    Ok(())
}

/// Moves a file, or a folder with everything in it.
pub(crate) fn move_to(
    store: &mut Store,
    id: &str,
    space_id: &str,
    folder: &str,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let file = find(store, id)?;
    if (file.space_id.as_str(), file.parent.as_str()) == (space_id, folder) {
        return Err(Refusal::new("13000312", ""));
    }
    check_not_recycled(store, id)?;
    check_nesting(store, id, folder)?;
    if file.space_id == space_id {
        shared_folders::check_nesting(store, id, folder)?;
    }
    check_depth(store, folder, height(store, id))?;
    let (from, name) = (file.space_id.clone(), file.name.clone());
    let name = free_name(store, space_id, folder, &name, Clash::Rename, None, now)?;
    let below = walk(store, id);
    if from != space_id {
        let bytes = used(store, id);
        spaces::take(store, space_id, bytes)?;
        spaces::give_back(store, &from, bytes);
        for moved in &below {
            shared_folders::forget_file(store, moved);
            upload::follow(store, moved, space_id);
        }
    }
    for moved in &below {
        store.files.update(moved, |file| space_id.clone_into(&mut file.space_id));
    }
    store.files.update(id, |file| {
        folder.clone_into(&mut file.parent);
        file.name = name;
        file.edited = now;
    });
    shared_folders::follow_name(store, id, now);
    Ok(())
}

/// Puts a file, or a folder with everything in it, into the recycle bin. Its bytes still count.
pub(crate) fn recycle(store: &mut Store, id: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
    find(store, id)?;
    check_not_recycled(store, id)?;
    store.files.update(id, |file| file.recycled = Some(now));
    Ok(())
}

/// Takes a file out of the recycle bin, back into its folder, or into the root if the folder is gone, in the bin, in
/// another space, or nothing that the file may be in by now.
pub(crate) fn restore(store: &mut Store, id: &str, now: DateTime<Utc>) -> Result<(), Refusal> {
    let file = find(store, id)?;
    if file.recycled.is_none() {
        return Err(Refusal::new("13000303", ""));
    }
    let (space_id, name, parent) = (file.space_id.clone(), file.name.clone(), file.parent.clone());
    let parent = folder(store, &space_id, &parent)
        .and_then(|parent| shared_folders::check_nesting(store, id, &parent).map(|()| parent))
        .unwrap_or_else(|_| ROOTS[0].to_owned());
    check_depth(store, &parent, height(store, id))?;
    let name = free_name(store, &space_id, &parent, &name, Clash::Rename, Some(id), now)?;
    store.files.update(id, |file| {
        file.recycled = None;
        file.parent = parent;
        file.name = name;
    });
    shared_folders::follow_name(store, id, now);
    Ok(())
}

/// Deletes a file, or a folder with everything in it, for good. Its bytes count no longer.
pub(crate) fn delete(store: &mut Store, id: &str) -> Result<(), Refusal> {
    let space_id = find(store, id)?.space_id.clone();
    spaces::give_back(store, &space_id, used(store, id));
    for id in walk(store, id) {
        remove(store, &id);
    }
    Ok(())
}

/// Deletes everything in a space for good.
pub(crate) fn clear(store: &mut Store, space_id: &str) {
    for folder in [BIN].into_iter().chain(ROOTS) {
        let ids: Vec<String> = children(store, space_id, folder).map(|(id, _)| id.to_owned()).collect();
        for id in ids {
            // What is listed is there.
            let _ = delete(store, &id);
        }
    }
}

fn check_not_recycled(store: &Store, id: &str) -> Result<(), Refusal> {
    if is_recycled(store, id) { Err(Refusal::new("13000306", "")) } else { Ok(()) }
}

/// Refuses to put a folder into itself.
fn check_nesting(store: &Store, id: &str, folder: &str) -> Result<(), Refusal> {
    let inside = folder == id || id_path(store, folder).iter().any(|above| above == id);
    if inside { Err(Refusal::new("13000307", "")) } else { Ok(()) }
}

/// Refuses levels of folders beyond the limit, for something that has levels of its own.
fn check_depth(store: &Store, folder: &str, levels: usize) -> Result<(), Refusal> {
    if chain(store, folder).count() + levels > LEVELS { Err(Refusal::new("13000310", "")) } else { Ok(()) }
}

/// The levels of folders in a file, which has none, or in a folder, which is one.
fn height(store: &Store, id: &str) -> usize {
    let above = chain(store, id).count();
    let folders = walk(store, id);
    let folders = folders.iter().filter(|id| store.files.get(id).is_some_and(File::is_folder));
    folders.map(|id| chain(store, id).count() + 1 - above).max().unwrap_or(0)
}

#[cfg(test)]
mod tests;
