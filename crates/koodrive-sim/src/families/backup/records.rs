//! The records of backups, and their files.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::spaces::SpaceType;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::backup::{devices, lock};
use crate::families::files::log::{self, Action};
use crate::families::files::{self, File, tree, upload};
use crate::families::permissions;
use crate::families::spaces::Space;
use crate::page::{self, Entry, Sort};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

/// A backup, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    user_id: String,
    device_id: String,
    module: String,
    properties: Option<String>,
    created: DateTime<Utc>,
    /// When the backup was completed.
    ended: Option<DateTime<Utc>>,
}

impl Row for Record {
    /// Records are listed under their user.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.user_id)
    }
}

/// That a file belongs to a backup, under the id of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Registered {
    record_id: String,
}

impl Row for Registered {
    /// The files are listed under their backup.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.record_id)
    }
}

/// Begins a backup of a device.
pub(super) fn create(call: &mut Call<'_>) -> Answer {
    let module = call.required("moduleCode");
    lock::check(call, &module)?;
    let (device_id, _) = devices::own(call)?;
    let record = Record {
        user_id: call.user_id.to_owned(),
        device_id,
        module,
        properties: call.text("properties"),
        created: call.now,
        ended: None,
    };
    let id = call.store.next_id();
    let info = info(call.store, &id, &record);
    call.store.backup_records.insert(id, record);
    Ok(Reply::data(info))
}

/// Finds the backup that a call names, which has to be the user's.
fn own<'a>(call: &'a Call<'_>) -> Result<(String, &'a Record), Refusal> {
    let id = call.required("recordId");
    let record = call.store.backup_records.get(&id).filter(|record| record.user_id == call.user_id);
    Ok((id, record.ok_or_else(|| Refusal::new("13000309", "there is no such backup"))?))
}

pub(super) fn get(call: &Call<'_>) -> Answer {
    let (id, record) = own(call)?;
    Ok(Reply::data(info(call.store, &id, record)))
}

/// What answers say of a backup.
fn info(store: &Store, id: &str, record: &Record) -> Json {
    let mut info = json!({
        "recordId": id,
        "moduleCode": record.module,
        "status": u64::from(record.ended.is_some()),
        "version": 1 + u64::from(record.ended.is_some()),
        "createTime": times::millis(record.created),
    });
    if let Some(properties) = &record.properties {
        info["properties"] = properties.as_str().into();
    }
    if let Some(ended) = record.ended {
        info["endTime"] = times::millis(ended).into();
    }
    if let Some(device) = store.backup_devices.get(&record.device_id) {
        info["deviceInfo"] = devices::info(&record.device_id, device);
    }
    info
}

/// Lists backups, the newest first.
pub(super) fn list(call: &Call<'_>) -> Answer {
    let (module, device) = (call.required("moduleCode"), call.text("deviceId"));
    let records = call.store.backup_records.under(call.user_id);
    let fits =
        |record: &Record| record.module == module && device.as_ref().is_none_or(|device| *device == record.device_id);
    let records = records.filter(|(_, record)| fits(record));
    let rows = records.map(|(id, record)| Entry { key: id.to_owned(), id: String::new(), row: (id, record) });
    let (records, next) = page::by_cursor(call, rows.collect(), Sort::new("", true), "cursor", "pageSize")?;
    let rows = records.into_iter().map(|(id, record)| info(call.store, id, record)).collect();
    Ok(Reply::members(page::cursor_members("data", rows, next)))
}

/// Finds the backup that a call writes to, and tells whether it is completed.
fn writable(call: &Call<'_>) -> Result<(String, bool), Refusal> {
    let (id, record) = own(call)?;
    lock::check(call, &record.module)?;
    Ok((id, record.ended.is_some()))
}

pub(super) fn complete(call: &mut Call<'_>) -> Answer {
    let (id, ended) = writable(call)?;
    if ended {
        return Err(Refusal::new("13000102", "the backup is complete"));
    }
    let (properties, now) = (call.text("properties"), call.now);
    call.store.backup_records.update(&id, |record| {
        record.ended = Some(now);
        record.properties = properties.or_else(|| record.properties.take());
    });
    Ok(Reply::default())
}

/// Returns the files of a backup that are still in the user's own space, in the order in which they were registered.
fn files<'a>(call: &'a Call<'_>, id: &str) -> impl Iterator<Item = (&'a str, &'a File)> + use<'a> {
    let store = &*call.store;
    let is_own = |space: &Space| space.kind == SpaceType::Individual.number() && space.owner_id == call.user_id;
    let files = store.backup_files.under(id).filter_map(|(id, _)| Some((id, store.files.get(id)?)));
    files.filter(move |(_, file)| store.spaces.get(&file.space_id).is_some_and(is_own))
}

/// Deletes a backup with its files, for good.
pub(super) fn delete(call: &mut Call<'_>) -> Answer {
    let (id, _) = writable(call)?;
    let files: Vec<String> = files(call, &id).map(|(id, _)| id.to_owned()).collect();
    for file in files {
        tree::delete(call.store, &file)?;
    }
    call.store.backup_files.remove_under(&id);
    call.store.backup_records.remove(&id);
    Ok(Reply::default())
}

/// Registers a file in the user's own space.
pub(super) fn create_file(call: &mut Call<'_>) -> Answer {
    let (record_id, ended) = writable(call)?;
    if ended {
        return Err(Refusal::new("13000102", "the backup is complete"));
    }
    if call.text("fileType").as_deref() == Some(files::FOLDER) {
        return Err(Refusal::new("13000102", "fileType: got 10, which is a folder; allowed: what createFile allows"));
    }
    let own = call.store.spaces.under(call.user_id).find(|(_, space)| space.kind == SpaceType::Individual.number());
    let space_id = own.map(|(id, _)| id.to_owned()).ok_or_else(|| Refusal::new("13000301", "the user has none"))?;
    let folder = call.texts("parentFolder").and_then(|ids| ids.into_iter().next());
    let parent = tree::folder(call.store, &space_id, folder.as_deref().unwrap_or("root"))?;
    permissions::check_file(call.store, call.user_id, &space_id, &parent, "uploadPermission")?;
    let name = call.required("fileName");
    let name = tree::free_name(call.store, &space_id, &parent, &name, tree::Clash::Rename, None, call.now)?;
    let file = File::new(&space_id, &parent, &name, call.user_id, call.now);
    let file = File {
        kind: call.text("fileType").unwrap_or_else(|| file.kind.clone()),
        mime_type: call.text("mimeType").unwrap_or_else(|| file.mime_type.clone()),
        description: call.text("description").unwrap_or_default(),
        size: call.number("length").unwrap_or(0),
        sha256: upload::lower(call.text("sha256")),
        ..file
    };
    let id = tree::add(call.store, file)?;
    log::note(call.store, &id, call.user_id, Action::Create, call.now);
    call.store.backup_files.insert(id, Registered { record_id });
    Ok(Reply::default())
}

/// Lists the files of a backup.
pub(super) fn list_files(call: &Call<'_>) -> Answer {
    let (record_id, _) = own(call)?;
    let rows =
        files(call, &record_id).map(|(id, file)| Entry { key: id.to_owned(), id: String::new(), row: (id, file) });
    let (files, next) = page::by_cursor(call, rows.collect(), Sort::new("", false), "cursor", "pageSize")?;
    let row = |(id, file): (&str, &File)| {
        let mut row = json!({
            "fileId": id,
            "fileName": file.name,
            "size": file.size,
            "createTime": times::millis(file.created),
        });
        if let Some(sha256) = &file.sha256 {
            row["sha256"] = sha256.as_str().into();
        }
        if !file.description.is_empty() {
            row["description"] = file.description.as_str().into();
        }
        row
    };
    let rows = files.into_iter().map(row).collect();
    Ok(Reply::members(page::cursor_members("data", rows, next)))
}
