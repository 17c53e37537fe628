//! What the service does with archives.
//!
//! Of a zip that was uploaded, the real content is listed and extracted. All other archives contain the same example:
//! those in other formats, and files that nobody has uploaded or that are no zips but for their names.

pub(crate) mod package;

use std::collections::{BTreeMap, BTreeSet};
use std::iter;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::jobs::{JobAction, JobType};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::{File, tree};
use crate::families::{jobs, moderation, permissions, spaces};
use crate::reply::{Refusal, Reply};
use crate::storage::{Making, Room, content};
use crate::store::Store;
use crate::times;
use crate::zips::{self, Zip};

/// The kinds of archives that the product's user guide names.
const SUFFIXES: [&str; 3] = ["zip", "7z", "rar"];

/// What an archive contains that the simulator can't read: paths, with the sizes of files.
const EXAMPLE: [(&str, Option<u64>); 3] = [("a.txt", Some(1024)), ("b", None), ("b/c.txt", Some(2048))];

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "ListArchive" => list(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Answers the list at once if jobs take no time, and starts a job otherwise.
fn list(call: &mut Call<'_>) -> Answer {
    let (space, id) = (call.required("containerId"), call.required("fileId"));
    let contents = look(call, &space, &id)?;
    if contents.zip.is_some_and(|zip| zip.is_protected) && call.text("pwd").is_none() {
        return Err(Refusal::new("13000102", "the archive is protected, and pwd is missing"));
    }
    if call.settings.job_time.is_zero() {
        let entries: Vec<Json> = contents.entries.iter().map(info).collect();
        return Ok(Reply::data(json!({"uncompressedFileList": entries, "progress": 100})));
    }
    let plan = jobs::Plan {
        kind: JobType::Decompress,
        action: Some(JobAction::LookIntoArchive),
        source: space.clone(),
        target: space,
        folder: "root".to_owned(),
        paths: Vec::new(),
    };
    Ok(Reply::data(json!({"taskId": jobs::start(call, plan, vec![id])?})))
}

/// A file or folder in an archive.
struct Entry {
    path: String,
    /// How many bytes a file has; `None` for a folder.
    size: Option<u64>,
    changed: DateTime<Utc>,
}

impl Entry {
    /// 1 is a file, 2 a folder.
    fn kind(&self) -> u8 {
        if self.size.is_some() { 1 } else { 2 }
    }
}

/// What is in an archive.
pub(crate) struct Contents {
    name: String,
    /// By their paths: folders are before what is in them.
    entries: Vec<Entry>,
    /// What the files are read from, unless they are the example's.
    zip: Option<Zip>,
}

/// Opens an archive that the caller may look at.
pub(crate) fn look(call: &Call<'_>, space_id: &str, id: &str) -> Result<Contents, Refusal> {
    permissions::check_file(call.store, call.user_id, space_id, id, "viewPermission")?;
    open(call.store, call.room, space_id, id)
}

/// Opens an archive.
pub(crate) fn open(store: &Store, room: Room<'_>, space_id: &str, id: &str) -> Result<Contents, Refusal> {
    let file = tree::live(store, space_id, id)?;
    if file.is_folder() {
        return Err(Refusal::new("13000406", ""));
    }
    let suffix = file.suffix().to_ascii_lowercase();
    if !SUFFIXES.contains(&suffix.as_str()) {
        return Err(Refusal::new("13000102", "the file is no archive: its name ends in none of zip, 7z, rar"));
    }
    // Links lead to a warning in its place, and what is in it is no less judged.
    if moderation::has_judged(store, file) {
        return Err(Refusal::new("13000102", "the archive was judged to be sensitive or illegal"));
    }
    let zip = if suffix == "zip" && file.content.is_some() { read(store, room, file)? } else { None };
    let since = times::read(spaces::CREATED).unwrap_or_default();
    let entries = match &zip {
        Some(zip) => {
            let entry = |(path, entry): (&String, &zips::Entry)| Entry {
                path: path.clone(),
                size: entry.size,
                changed: entry.changed.unwrap_or(file.edited),
            };
            zip.entries.iter().map(entry).collect()
        }
        None => EXAMPLE.map(|(path, size)| Entry { path: path.to_owned(), size, changed: since }).into(),
    };
    Ok(Contents { name: file.name.clone(), entries, zip })
}

/// Opens a zip, if it is one.
fn read(store: &Store, room: Room<'_>, file: &File) -> Result<Option<Zip>, Refusal> {
    let object = content::object(room.blobs, &content::of(store, file)).map_err(|error| unreadable(&error))?;
    Zip::open(object).map_err(|problem| Refusal::new("13000102", problem))
}

fn unreadable(error: &std::io::Error) -> Refusal {
    Refusal::new("13000102", format!("the archive can't be unpacked: {error}"))
}

/// Extracts an archive, or only some paths of it, into a new folder that has the name of the archive. Returns the
/// folder's id.
pub(crate) fn extract(
    store: &mut Store,
    room: Room<'_>,
    (from_space, id): (&str, &str),
    (space, folder): (&str, &str),
    paths: &[String],
    user_id: &str,
    now: DateTime<Utc>,
) -> Result<String, Refusal> {
    let Contents { name: archive, entries, mut zip } = open(store, room, from_space, id)?;
    let paths: BTreeSet<&str> = paths.iter().map(|path| path.trim_matches('/')).collect();
    let known: BTreeSet<&str> = entries.iter().map(|entry| &*entry.path).collect();
    if let Some(path) = paths.difference(&known).next() {
        return Err(Refusal::new("13000309", format!("the archive has no {path}")));
    }
    // What was named, with all below it and the folders above it.
    let above = |path| iter::successors(Some(path), |path: &&str| Some(path.rsplit_once('/')?.0));
    let folders_above: BTreeSet<&str> = paths.iter().flat_map(|path| above(*path)).collect();
    let wanted =
        |path| paths.is_empty() || folders_above.contains(path) || above(path).any(|folder| paths.contains(folder));
    let stem = archive.rsplit_once('.').map(|(stem, _)| stem).filter(|stem| !stem.is_empty()).unwrap_or(&archive);
    let name = tree::free_name(store, space, folder, stem, tree::Clash::Rename, None, now)?;
    let top = tree::add(store, File::folder(space, folder, &name, user_id, now))?;
    let mut folders = BTreeMap::from([("", top.clone())]);
    for Entry { path, size, .. } in entries.iter().filter(|entry| wanted(&entry.path)) {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = folders.get(above).unwrap_or(&top);
        let Some(size) = *size else {
            let id = tree::add(store, File::folder(space, parent, name, user_id, now))?;
            folders.insert(path, id);
            continue;
        };
        let mut file = File { size, ..File::new(space, parent, name, user_id, now) };
        // Whether there is room for it is known before it is unpacked.
        let id = tree::add(store, file.clone())?;
        if let Some(zip) = &mut zip {
            let mut content = Making::new(room, size).map_err(|error| unreadable(&error))?;
            zip.unpack(path, &mut content).map_err(|error| unreadable(&error))?;
            let (content, sha256) = content.keep(store, now).map_err(|error| unreadable(&error))?;
            (file.content, file.sha256) = (Some(content), Some(sha256));
            store.files.insert(id, file);
        }
    }
    Ok(top)
}

/// UncompressedFileinfo of ListArchive, in which all numbers are texts.
fn info(entry: &Entry) -> Json {
    json!({
        "code": "0",
        "name": entry.path,
        "type": entry.kind().to_string(),
        "updateAt": entry.changed.timestamp_millis().to_string(),
        "fileSize": entry.size.unwrap_or(0).to_string(),
    })
}

/// UncompressedFileInfo of GetJob, for an archive as it is now: what is at its top, and of what is in a folder only the
/// first, since the table has one object there. The page's names for names and sizes could not be read.
pub(crate) fn tree(contents: &Contents) -> Json {
    let (mut top, mut first_inside) = (Vec::new(), BTreeMap::new());
    for entry in &contents.entries {
        match entry.path.rsplit_once('/') {
            None => top.push(entry),
            Some((folder, _)) => drop(first_inside.entry(folder).or_insert(entry)),
        }
    }
    let bare = |entry: &Entry| json!({"type": entry.kind(), "updatedAt": entry.changed.timestamp_millis()});
    let row = |entry: &Entry| {
        let mut row = bare(entry);
        if let Some(first) = first_inside.get(&*entry.path) {
            row["subFileList"] = bare(first);
        }
        row
    };
    top.into_iter().map(row).collect()
}
