//! What the service does with revisions.
//!
//! A file that got no second content has one revision, of which no record is kept. From then on, each of its contents
//! has a record, and the newest one is what the file itself says.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use koodrive_proto::ops::revisions::{CreateRevision, KeepPolicy, RevisionReason};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::log::{self, Action};
use crate::families::files::{File, tree, upload};
use crate::families::{due, permissions, spaces};
use crate::page;
use crate::reply::{Refusal, Reply};
use crate::storage::content;
use crate::store::{Row, Store};
use crate::times;

/// How many revisions of a file are kept, beside those that are kept forever.
const MOST: usize = 100;

/// What becomes of the upload of a revision when another one of the same file begins.
///
/// No page says it, and the call that completes an upload names only the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevisionConflict {
    /// `replace`: the new upload takes its place, so that whoever began the first one completes nothing or, unless they
    /// send another SHA-256, the content of somebody else.
    #[default]
    Replace,
    /// `refuse`: no other upload begins until the first one is complete or given up: 13000403.
    Refuse,
}

/// A content that a file has or had, under its id, `assetId.versionId`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Revision {
    file_id: String,
    /// 1 is the first content.
    number: u64,
    size: u64,
    sha256: Option<String>,
    /// As that of a file.
    pub(crate) content: Option<String>,
    keep_forever: bool,
    /// Whether it is an earlier content again.
    restored: bool,
    created: DateTime<Utc>,
    creator: String,
    updated: DateTime<Utc>,
    editor: String,
}

impl Row for Revision {
    /// Revisions are listed under their file.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.file_id)
    }

    /// A revision is found by its content.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        self.content.iter().map(|content| Cow::Owned(content::holder_key(content))).collect()
    }
}

/// The upload of a revision that isn't complete yet, under the id of its file. Its bytes count already.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Upload {
    /// The uploadId.
    id: String,
    size: u64,
    sha256: Option<String>,
    mime_type: Option<String>,
    keep_forever: bool,
    /// When it is given up.
    ends: DateTime<Utc>,
}

impl Row for Upload {}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateRevision" => create(call),
        "CompleteRevision" => complete(call),
        "ListRevisions" => list(call),
        "GetRevision" => get(call),
        "UpdateRevision" => update(call),
        "RestoreRevision" => restore(call),
        "DeleteRevision" => delete(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Removes what is kept of a file that is gone.
pub(crate) fn forget(store: &mut Store, file_id: &str) {
    take(store, file_id);
    store.revisions.remove_under(file_id);
}

/// How many bytes of a file count beside its content: those of earlier revisions, and of an upload.
pub(crate) fn bytes_beside(store: &Store, file_id: &str) -> u64 {
    let earlier: u64 = store.revisions.under(file_id).rev().skip(1).map(|(_, revision)| revision.size).sum();
    earlier + store.revision_uploads.get(file_id).map_or(0, |upload| upload.size)
}

/// Gives up the upload of a revision, such as one that has taken too long. Its bytes count no longer.
pub(crate) fn give_up(store: &mut Store, file_id: &str) {
    let Some(upload) = take(store, file_id) else { return };
    release(store, file_id, upload.size);
}

/// Gives back bytes to the space that a file is in.
fn release(store: &mut Store, file_id: &str, bytes: u64) {
    if let Some(space_id) = store.files.get(file_id).map(|file| file.space_id.clone()) {
        spaces::give_back(store, &space_id, bytes);
    }
}

/// Takes the upload of a revision that is complete or given up.
fn take(store: &mut Store, file_id: &str) -> Option<Upload> {
    let upload = store.revision_uploads.remove(file_id)?;
    content::end(store, &upload.id);
    due::cancel(store, upload.ends, file_id);
    Some(upload)
}

/// Returns the id of the file that a call means, unless the file has no revisions or the caller has no permission.
fn find_file(call: &Call<'_>, space_id: &str, capability: &str) -> Result<String, Refusal> {
    let id = call.required("fileId");
    check_file(call.store, call.user_id, space_id, &id, capability).map(|()| id)
}

fn check_file(store: &Store, user_id: &str, space_id: &str, id: &str, capability: &str) -> Result<(), Refusal> {
    permissions::check_file(store, user_id, space_id, id, capability)?;
    if tree::live(store, space_id, id)?.is_folder() { Err(Refusal::new("13000406", "")) } else { Ok(()) }
}

/// Returns the id of the first revision of a file.
fn first_id(file_id: &str) -> String {
    let asset = asset(file_id);
    format!("{asset}.{asset}")
}

/// Returns the part of a revision's id that all revisions of a file have in common.
fn asset(file_id: &str) -> &str {
    file_id.trim_start_matches('F')
}

/// Returns the revisions of a file with their ids, oldest first.
fn all<'a>(store: &'a Store, id: &str) -> Result<Vec<(String, Cow<'a, Revision>)>, Refusal> {
    let kept = store.revisions.under(id).map(|(id, revision)| (id.to_owned(), Cow::Borrowed(revision)));
    let mut revisions: Vec<_> = kept.collect();
    if revisions.is_empty() {
        revisions.push((first_id(id), Cow::Owned(first(id, tree::find(store, id)?))));
    }
    Ok(revisions)
}

fn first(id: &str, file: &File) -> Revision {
    Revision {
        file_id: id.to_owned(),
        number: 1,
        size: file.size,
        sha256: file.sha256.clone(),
        content: file.content.clone(),
        keep_forever: false,
        restored: false,
        created: file.created,
        creator: file.creator.clone(),
        updated: file.created,
        editor: file.creator.clone(),
    }
}

/// Finds the revision that a call means. Its id may lack the dot, as in the text of some pages.
fn find(call: &Call<'_>, file_id: &str) -> Result<(String, Revision), Refusal> {
    let wanted = call.required("revisionId").replace('.', "");
    let found = all(call.store, file_id)?.into_iter().find(|(id, _)| id.replace('.', "") == wanted);
    let (id, revision) = found.ok_or_else(|| Refusal::new("13000309", "the file has no such revision"))?;
    Ok((id, revision.into_owned()))
}

fn newest_id(store: &Store, file_id: &str) -> String {
    store.revisions.under(file_id).next_back().map_or_else(|| first_id(file_id), |(id, _)| id.to_owned())
}

fn create(call: &mut Call<'_>) -> Answer {
    let space = call.required("containerId");
    let id = find_file(call, &space, "uploadPermission")?;
    let order: CreateRevision = call.typed()?;
    let (size, sha256) = (order.length, upload::lower(call.text("sha256")));
    let keep_forever = order.keep_policy == Some(KeepPolicy::Forever);
    let answer = Reply::default().with("fileId", &*id).with("containerId", &*space);
    if let Some(content) = upload::known(call, sha256.as_deref(), size) {
        spaces::take(call.store, &space, size)?;
        let revision = Revision { size, sha256, content: Some(content), keep_forever, ..new(call, &id) };
        add(call.store, revision, call.text("mimeType"))?;
        return Ok(answer.with("rapidUpload", true));
    }
    // The parameters of CompleteRevision name no upload, so a file has at most one.
    if call.settings.revision_conflict == RevisionConflict::Refuse && call.store.revision_uploads.contains(&id) {
        return Err(Refusal::new("13000403", "another revision of the file is being uploaded"));
    }
    give_up(call.store, &id);
    spaces::take(call.store, &space, size)?;
    let upload_id = upload::upload_id(&call.store.next_id(), call.now);
    let ends = times::after(call.now, upload::LIFETIME);
    let upload = Upload { id: upload_id.clone(), size, sha256, mime_type: call.text("mimeType"), keep_forever, ends };
    due::schedule(call.store, ends, &id);
    call.store.revision_uploads.insert(&*id, upload);
    content::begin(call.store, &upload_id, &id);
    let parts = upload::parts(call, &id, &upload_id, &order.multi_parts.unwrap_or_default());
    Ok(answer.with("rapidUpload", false).with("uploadId", upload_id).with("multiParts", parts))
}

/// Returns the uploadId of a revision that a user may go on with.
pub(crate) fn upload_id(store: &Store, user_id: &str, file_id: &str) -> Result<String, Refusal> {
    find_upload(store, user_id, file_id).map(|upload| upload.id.clone())
}

/// Finds the upload of a revision that a user may go on with.
fn find_upload<'a>(store: &'a Store, user_id: &str, file_id: &str) -> Result<&'a Upload, Refusal> {
    check_file(store, user_id, &tree::find(store, file_id)?.space_id, file_id, "uploadPermission")?;
    store.revision_uploads.get(file_id).ok_or_else(|| Refusal::new("13000401", ""))
}

fn complete(call: &mut Call<'_>) -> Answer {
    let id = call.required("fileId");
    let Upload { id: upload_id, size, sha256, mime_type, keep_forever, .. } =
        find_upload(call.store, call.user_id, &id)?.clone();
    let (content, sha256) = upload::finish(call, &upload_id, size, sha256.as_deref())?;
    take(call.store, &id);
    let revision = Revision { size, sha256: Some(sha256), content: Some(content), keep_forever, ..new(call, &id) };
    add(call.store, revision, mime_type)?;
    Ok(Reply::default())
}

/// A revision that a caller creates, without its content.
fn new(call: &Call<'_>, file_id: &str) -> Revision {
    Revision {
        file_id: file_id.to_owned(),
        number: 0,
        size: 0,
        sha256: None,
        content: None,
        keep_forever: false,
        restored: false,
        created: call.now,
        creator: call.user_id.to_owned(),
        updated: call.now,
        editor: call.user_id.to_owned(),
    }
}

/// Makes a revision the newest one of its file. Its bytes count already.
fn add(store: &mut Store, revision: Revision, mime_type: Option<String>) -> Result<(), Refusal> {
    let id = revision.file_id.clone();
    keep(store, &id)?;
    let number = store.revisions.under(&id).next_back().map_or(0, |(_, newest)| newest.number) + 1;
    store.files.update(&id, |file| {
        file.size = revision.size;
        file.sha256.clone_from(&revision.sha256);
        file.content.clone_from(&revision.content);
        if let Some(mime_type) = mime_type {
            file.mime_type = mime_type;
        }
        file.editor.clone_from(&revision.creator);
        file.edited = revision.created;
    });
    let version = store.next_id();
    log::note(store, &id, &revision.creator, Action::Edit, revision.created);
    store.revisions.insert(format!("{}.{version}", asset(&id)), Revision { number, ..revision });
    // The service cleans up by rules that no page states.
    let cleanable = store.revisions.under(&id).filter(|(_, revision)| !revision.keep_forever);
    let cleanable: Vec<String> = cleanable.map(|(id, _)| id.to_owned()).collect();
    for old in cleanable.iter().rev().skip(MOST) {
        remove(store, old);
    }
    Ok(())
}

/// Removes an earlier revision. Its bytes count no longer.
fn remove(store: &mut Store, id: &str) {
    if let Some(revision) = store.revisions.remove(id) {
        release(store, &revision.file_id, revision.size);
    }
}

/// Sees to it that all revisions of a file have records.
fn keep(store: &mut Store, file_id: &str) -> Result<(), Refusal> {
    if store.revisions.under(file_id).next().is_none() {
        let first = first(file_id, tree::find(store, file_id)?);
        store.revisions.insert(first_id(file_id), first);
    }
    Ok(())
}

fn list(call: &Call<'_>) -> Answer {
    let space = call.required("containerId");
    let file_id = find_file(call, &space, "viewPermission")?;
    let entry = |(id, revision): (String, Cow<'_, Revision>)| {
        let row = info(call.store, &id, &revision)?;
        Ok(page::Entry { key: page::rank(revision.number), id, row })
    };
    let rows = all(call.store, &file_id)?.into_iter().map(entry).collect::<Result<_, Refusal>>()?;
    let (rows, next) =
        page::by_cursor(call, rows, page::Sort::new("", true), "pageInfo.pageCursor", "pageInfo.pageSize")?;
    Ok(Reply::members(json!({"revisionList": rows, "nextPageCursor": next})))
}

fn get(call: &Call<'_>) -> Answer {
    let space = call.required("containerId");
    let file_id = find_file(call, &space, "downloadPermission")?;
    let (id, revision) = find(call, &file_id)?;
    let info = info(call.store, &id, &revision)?;
    let name = &tree::find(call.store, &file_id)?.name;
    let key = content::key_of(revision.content.as_deref(), revision.size);
    Ok(Reply::members(info).with("downloadUrl", call.links.object(&key, name)))
}

/// FileRevisionInfo, without the link. The name is the one that the file has now.
fn info(store: &Store, id: &str, revision: &Revision) -> Result<Json, Refusal> {
    let file = tree::find(store, &revision.file_id)?;
    let reason = if revision.restored { RevisionReason::Restored } else { RevisionReason::Created };
    Ok(json!({
        "containerId": file.space_id,
        "fileId": revision.file_id,
        "revisionId": id,
        "revisionVersion": revision.number,
        "keepForever": revision.keep_forever,
        "latestVersion": id == newest_id(store, &revision.file_id),
        "createReason": reason.number(),
        "createdAt": revision.created.timestamp_millis(),
        "createdBy": revision.creator,
        "updatedAt": revision.updated.timestamp_millis(),
        "updatedBy": revision.editor,
        "name": file.name,
        "size": revision.size,
        "extension": file.suffix(),
    }))
}

fn update(call: &mut Call<'_>) -> Answer {
    let space = call.required("containerId");
    let file_id = find_file(call, &space, "uploadPermission")?;
    let (id, _) = find(call, &file_id)?;
    let (keep_forever, user_id, now) = (call.flag("keepForever").unwrap_or(false), call.user_id, call.now);
    keep(call.store, &file_id)?;
    call.store.revisions.update(&id, |revision| {
        revision.keep_forever = keep_forever;
        revision.updated = now;
        user_id.clone_into(&mut revision.editor);
    });
    Ok(Reply::default())
}

fn restore(call: &mut Call<'_>) -> Answer {
    let space = call.required("containerId");
    let file_id = find_file(call, &space, "uploadPermission")?;
    let (_, old) = find(call, &file_id)?;
    spaces::take(call.store, &space, old.size)?;
    let Revision { size, sha256, content, .. } = old;
    add(call.store, Revision { size, sha256, content, restored: true, ..new(call, &file_id) }, None)?;
    Ok(Reply::default())
}

fn delete(call: &mut Call<'_>) -> Answer {
    let space = call.required("containerId");
    let file_id = find_file(call, &space, "deletePermission")?;
    let (id, _) = find(call, &file_id)?;
    if id == newest_id(call.store, &file_id) {
        return Err(Refusal::new("13000102", "the newest revision can't be deleted"));
    }
    remove(call.store, &id);
    Ok(Reply::default())
}
