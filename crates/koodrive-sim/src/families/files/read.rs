//! One file: what is known about it, where it is, what was done to it, and links to its content.

use koodrive_proto::ops::files::BatchResult;
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::log::{self, Action};
use crate::families::files::{self, tree};
use crate::families::permissions;
use crate::page::{self, Entry, Sort};
use crate::reply::{Refusal, Reply};

/// `GetFile`
pub(crate) fn file(call: &mut Call<'_>) -> Answer {
    let (id, space_id) = (call.required("fileId"), call.required("containerId"));
    files::enter(call, &space_id)?;
    let file = tree::within(call.store, &space_id, &id)?;
    permissions::check_file(call.store, call.user_id, &space_id, &id, "listChildNodePermission")?;
    Ok(Reply::members(files::info(call.store, &id, file, call.user_id)))
}

/// `GetFullPath`
pub(crate) fn path(call: &mut Call<'_>) -> Answer {
    let (id, space_id) = (call.required("fileId"), call.required("containerId"));
    files::enter(call, &space_id)?;
    tree::within(call.store, &space_id, &id)?;
    permissions::check_file(call.store, call.user_id, &space_id, &id, "listChildNodePermission")?;
    let (ids, names) = paths(call, &id);
    Ok(Reply::default().with("fileIdPath", ids).with("namePath", names))
}

/// Returns where a file is, by ids and by names.
pub(crate) fn paths(call: &Call<'_>, id: &str) -> (String, String) {
    let path = |steps: Vec<String>| format!("/{}", steps.join("/"));
    (path(tree::id_path(call.store, id)), path(tree::name_path(call.store, id)))
}

/// `GetFileOperations`: the latest first.
pub(crate) fn operations(call: &mut Call<'_>) -> Answer {
    let id = call.required("fileId");
    let space_id = tree::find(call.store, &id)?.space_id.clone();
    permissions::check_file(call.store, call.user_id, &space_id, &id, "listChildNodePermission")?;
    // No page says by which operateType editing is listed.
    let entries = call.store.file_operations.under(&id).filter(|(_, entry)| entry.action != Action::Edit);
    let entries = entries.map(|(id, row)| Entry { key: String::new(), id: id.to_owned(), row: (id, row) }).collect();
    let (rows, next) = page::by_cursor(call, entries, Sort::new("", true), "pageCursor", "pageSize")?;
    let rows = rows.into_iter().map(
        |(id, entry)| json!({"id": id, "operator": entry.user_id, "operateType": (entry.action as u8).to_string()}),
    );
    Ok(Reply::members(page::cursor_members("operations", rows.collect(), next)))
}

/// `GetDownloadUrls`
pub(crate) fn downloads(call: &mut Call<'_>) -> Answer {
    let (space_id, ids) = (call.required("containerId"), call.texts("fileIds").unwrap_or_default());
    files::enter(call, &space_id)?;
    let mut failed = 0;
    let mut rows: Vec<Json> = Vec::new();
    for id in &ids {
        match download(call, &space_id, id) {
            Ok(row) => {
                log::note(call.store, id, call.user_id, Action::View, call.now);
                rows.push(row);
            }
            Err(refusal) => {
                failed += 1;
                rows.push(json!({"fileId": id, "code": refusal.code, "msg": refusal.message()}));
            }
        }
    }
    let result = match failed {
        0 => BatchResult::Succeeded,
        _ if failed == ids.len() => BatchResult::Failed,
        _ => BatchResult::PartlyFailed,
    };
    Ok(Reply::default().with("batchCode", result.number()).with("downloads", rows))
}

fn download(call: &Call<'_>, space_id: &str, id: &str) -> Result<Json, Refusal> {
    let file = tree::live(call.store, space_id, id)?;
    permissions::check_file(call.store, call.user_id, space_id, id, "downloadPermission")?;
    if file.is_folder() {
        return Err(Refusal::new("13000406", ""));
    }
    let url = call.links.file(id, file);
    Ok(json!({"fileId": id, "fileName": file.name, "url": url, "code": "0", "msg": "success"}))
}
