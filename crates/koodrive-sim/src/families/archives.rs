//! What the service does with archives.
//!
//! The simulator doesn't read archives: each one contains the same example.

use chrono::{DateTime, Utc};
use koodrive_proto::ops::jobs::{JobAction, JobType};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::{File, tree};
use crate::families::{jobs, permissions, spaces};
use crate::reply::{Refusal, Reply};
use crate::store::Store;
use crate::times;

/// The kinds of archives that the product's user guide names.
const SUFFIXES: [&str; 3] = ["zip", "7z", "rar"];

/// What every archive contains: paths, with the sizes of files.
const CONTENT: [(&str, Option<u64>); 3] = [("a.txt", Some(1024)), ("b", None), ("b/c.txt", Some(2048))];

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
    permissions::check_file(call.store, call.user_id, &space, &id, "viewPermission")?;
    open(call.store, &space, &id)?;
    if call.settings.job_time.is_zero() {
        return Ok(Reply::data(json!({"uncompressedFileList": entries(), "progress": 100})));
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

/// Finds an archive that can be read.
pub(crate) fn open<'a>(store: &'a Store, space_id: &str, id: &str) -> Result<&'a File, Refusal> {
    let file = tree::live(store, space_id, id)?;
    if file.is_folder() {
        return Err(Refusal::new("13000406", ""));
    }
    let suffix = file.suffix().to_ascii_lowercase();
    if SUFFIXES.contains(&suffix.as_str()) {
        Ok(file)
    } else {
        Err(Refusal::new("13000102", "the file is no archive: its name ends in none of zip, 7z, rar"))
    }
}

/// Extracts an archive, or only some paths of it, into a new folder that has the name of the archive. Returns the
/// folder's id.
pub(crate) fn extract(
    store: &mut Store,
    (from_space, id): (&str, &str),
    (space, folder): (&str, &str),
    paths: &[String],
    user_id: &str,
    now: DateTime<Utc>,
) -> Result<String, Refusal> {
    let archive = open(store, from_space, id)?.name.clone();
    let paths: Vec<&str> = paths.iter().map(|path| path.trim_matches('/')).collect();
    if let Some(path) = paths.iter().find(|path| !CONTENT.iter().any(|(known, _)| known == *path)) {
        return Err(Refusal::new("13000309", format!("the archive has no {path}")));
    }
    let is_below = |path: &str, above: &str| path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'));
    let wanted = |path: &str| {
        paths.is_empty() || paths.iter().any(|got| *got == path || is_below(path, got) || is_below(got, path))
    };
    let stem = archive.rsplit_once('.').map(|(stem, _)| stem).filter(|stem| !stem.is_empty()).unwrap_or(&archive);
    let name = tree::free_name(store, space, folder, stem, tree::Clash::Rename, None, now)?;
    let top = tree::add(store, File::folder(space, folder, &name, user_id, now))?;
    let mut folders = vec![("", top.clone())];
    for (path, size) in CONTENT.into_iter().filter(|(path, _)| wanted(path)) {
        let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = folders.iter().find(|(known, _)| *known == above).map_or(&top, |(_, id)| id);
        let entry = match size {
            Some(size) => File { size, ..File::new(space, parent, name, user_id, now) },
            None => File::folder(space, parent, name, user_id, now),
        };
        let id = tree::add(store, entry)?;
        folders.push((path, id));
    }
    Ok(top)
}

/// When the entries were changed.
fn updated() -> i64 {
    times::read(spaces::CREATED).unwrap_or_default().timestamp_millis()
}

/// UncompressedFileinfoList of ListArchive, in which all numbers are texts.
fn entries() -> Vec<Json> {
    let entry = |(path, size): (&str, Option<u64>)| {
        json!({
            "code": "0",
            "name": path,
            "type": if size.is_some() { "1" } else { "2" },
            "updateAt": updated().to_string(),
            "fileSize": size.unwrap_or(0).to_string(),
        })
    };
    CONTENT.into_iter().map(entry).collect()
}

/// UncompressedFileInfo of GetJob, with what a folder contains inside. The page's names for names and sizes could not
/// be read.
pub(crate) fn tree() -> Json {
    let file = json!({"type": 1, "updatedAt": updated()});
    let mut folder = json!({"type": 2, "updatedAt": updated()});
    folder["subFileList"] = file.clone();
    json!([file, folder])
}
