//! Uploads: beginning one, links for its parts, and completing it.
//!
//! The bytes go to the object store, which knows an upload by its uploadId. A file comes into being when its upload
//! completes, or at once if the store has its content already and the caller proves to have it, too.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::Meta;
use koodrive_proto::check::Untyped;
use koodrive_proto::operation::Received;
use koodrive_proto::ops::files::{CreateFile, GetUploadUrls, NewPart, OnConflict};
use koodrive_proto::transfer::{Digest, Midstate, proof_range};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call, text};
use crate::families::files::change::first_parent;
use crate::families::files::log::{self, Action};
use crate::families::files::tree::{self, Clash};
use crate::families::files::{self, File};
use crate::families::{due, permissions, revisions, spaces};
use crate::mix::mix;
use crate::reply::{Refusal, Reply};
use crate::storage::content::{self, Named};
use crate::store::{Row, Store};
use crate::times;

/// How long an upload may take.
pub(crate) const LIFETIME: TimeDelta = TimeDelta::days(7);

/// How many unfinished uploads a space has at most; the oldest is given up.
const MOST: usize = 10_000;

/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// An upload that isn't complete yet, under the id that the file will have. Its bytes count already.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Upload {
    /// The uploadId.
    pub(crate) id: String,
    pub(crate) file: File,
    /// What to do if the name is taken when the upload completes.
    pub(crate) clash: Clash,
    /// When it is given up.
    ends: DateTime<Utc>,
}

impl Row for Upload {
    /// Uploads are listed under their space.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.file.space_id)
    }

    /// Uploads are found by who uploads, and by their folder.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed(&self.file.creator), Cow::Borrowed(&self.file.parent)]
    }
}

/// `CreateFile`
pub(crate) fn begin(call: &mut Call<'_>) -> Answer {
    let order: CreateFile = call.typed()?;
    let (space_id, user_id, now) = (&*call.required("containerId"), call.user_id, call.now);
    let created_time = time(call, "createdTime")?;
    files::enter(call, space_id)?;
    let parent = folder(call.store, space_id, &first_parent(call, space_id))?;
    permissions::check_file(call.store, user_id, space_id, &parent, "uploadPermission")?;
    let wanted = order.file_name.as_str();
    let sha256 = lower(call.text("sha256"));
    if order.auto_rename == Some(OnConflict::KeepSame) {
        let same = tree::named(call.store, space_id, &parent, wanted);
        if let Some((id, _)) = same.filter(|(_, file)| is_same(file, order.length, sha256.as_ref())) {
            return Ok(created(id, space_id, &parent, wanted).with("exist", true));
        }
    }
    let clash = if order.auto_rename == Some(OnConflict::Refuse) { Clash::Refuse } else { Clash::Rename };
    let name = tree::free_name(call.store, space_id, &parent, wanted, clash, None, now)?;
    let mut file = File::new(space_id, &parent, &name, user_id, now);
    order.file_type.as_str().clone_into(&mut file.kind);
    file.created = created_time.unwrap_or(now);
    file.mime_type = call.text("mimeType").unwrap_or(file.mime_type);
    file.description = call.text("description").unwrap_or_default();
    file.hidden = order.hidden.unwrap_or(false);
    file.size = order.length;
    file.sha256 = sha256;
    if let Some(content) = known(call, file.sha256.as_deref(), file.size) {
        file.content = Some(content);
        let id = tree::add(call.store, file)?;
        log::note(call.store, &id, user_id, Action::Create, now);
        return Ok(created(&id, space_id, &parent, &name).with("rapidUpload", true).with("exist", false));
    }
    spaces::take(call.store, space_id, file.size)?;
    let id = tree::new_id(call.store);
    let upload_id = upload_id(&id, now);
    content::begin(call.store, &upload_id, &id);
    let links = parts(call, &id, &upload_id, &order.multi_parts.unwrap_or_default());
    let reply = created(&id, space_id, &parent, &name).with("rapidUpload", false).with("exist", false);
    let reply = reply.with("uploadId", &*upload_id).with("multiParts", links);
    let ends = times::after(now, LIFETIME);
    insert(call.store, id, Upload { id: upload_id, file, clash, ends });
    Ok(reply)
}

/// `GetUploadUrls`
pub(crate) fn links(call: &mut Call<'_>) -> Answer {
    let order: GetUploadUrls = call.typed()?;
    let id = order.file_id.as_str();
    // The upload for a file that is there already is that of a revision.
    let of_revision = call.store.files.contains(id);
    let (store, user_id) = (&*call.store, call.user_id);
    let upload_id =
        if of_revision { revisions::upload_id(store, user_id, id)? } else { find(store, user_id, id)?.id.clone() };
    Ok(Reply::default().with("multiParts", parts(call, id, &upload_id, &order.multi_parts)))
}

/// `CompleteFile`
pub(crate) fn complete(call: &mut Call<'_>) -> Answer {
    let id = call.required("fileId");
    let Upload { id: upload_id, mut file, clash, .. } = find(call.store, call.user_id, &id)?.clone();
    folder(call.store, &file.space_id, &file.parent)?;
    let (content, sha256) = finish(call, &upload_id, file.size, file.sha256.as_deref())?;
    (file.content, file.sha256) = (Some(content), Some(sha256));
    // The answer names no file, so that of the upload has to be there, even if the same one came in between.
    file.name = tree::free_name(call.store, &file.space_id, &file.parent, &file.name, clash, None, call.now)?;
    file.edited = call.now;
    take(call.store, &id);
    call.store.files.insert(&*id, file);
    log::note(call.store, &id, call.user_id, Action::Create, call.now);
    Ok(Reply::default())
}

/// Ends an upload of a file or of a revision, whose bytes have to be what was said when it began and is said now.
/// Returns the id of their content, and their hash.
pub(crate) fn finish(
    call: &mut Call<'_>,
    upload_id: &str,
    size: u64,
    begun: Option<&str>,
) -> Result<(String, String), Refusal> {
    let completed = lower(call.text("sha256"));
    if begun.zip(completed.as_deref()).is_some_and(|(begun, completed)| begun != completed) {
        return Err(Refusal::new("13000402", "another SHA-256 than when the upload began"));
    }
    let (sha256, joined) = (begun.or(completed.as_deref()), call.joined.as_ref());
    let finished = content::complete(call.store, upload_id, size, sha256, joined, call.now);
    finished.map_err(|problem| Refusal::new("13000402", problem))
}

/// Puts an upload, and gives up the oldest one into the same space if there are too many.
fn insert(store: &mut Store, id: String, upload: Upload) {
    give_up_surplus(store, &upload.file.space_id, MOST - 1);
    due::schedule(store, upload.ends, &id);
    store.uploads.insert(id, upload);
}

/// Gives up the oldest uploads into a space until only so many are left.
fn give_up_surplus(store: &mut Store, space_id: &str, most: usize) {
    let surplus = store.uploads.count(space_id).saturating_sub(most);
    let oldest: Vec<String> = store.uploads.under(space_id).take(surplus).map(|(id, _)| id.to_owned()).collect();
    for id in oldest {
        give_up(store, &id);
    }
}

/// Takes an upload that is complete or given up.
fn take(store: &mut Store, id: &str) -> Option<Upload> {
    let upload = store.uploads.remove(id)?;
    content::end(store, &upload.id);
    due::cancel(store, upload.ends, id);
    Some(upload)
}

/// Gives up an upload, such as one that has taken too long. Its bytes count no longer.
pub(crate) fn give_up(store: &mut Store, id: &str) {
    if let Some(upload) = take(store, id) {
        spaces::give_back(store, &upload.file.space_id, upload.file.size);
    }
}

/// Gives up the uploads into a space that is deleted.
pub(super) fn forget_space(store: &mut Store, space_id: &str) {
    for id in store.uploads.ids_under(space_id) {
        give_up(store, &id);
    }
}

/// Ends the uploads into a folder that is deleted for good, with [whose bytes](bytes_into) it counts no longer.
pub(super) fn forget_folder(store: &mut Store, folder: &str) {
    for id in ids_into(store, folder) {
        take(store, &id);
    }
}

/// How many bytes the uploads into a folder have.
pub(super) fn bytes_into(store: &Store, folder: &str) -> u64 {
    let uploads = ids_into(store, folder).into_iter().filter_map(|id| store.uploads.get(&id));
    uploads.map(|upload| upload.file.size).sum()
}

/// Lets the uploads into a folder go on in the space that it was moved to, in which they count already.
pub(super) fn follow(store: &mut Store, folder: &str, space_id: &str) {
    for id in ids_into(store, folder) {
        store.uploads.update(&id, |upload| space_id.clone_into(&mut upload.file.space_id));
    }
    give_up_surplus(store, space_id, MOST);
}

/// The ids of the uploads into a folder. Users may have any ids, even that of a folder.
fn ids_into(store: &Store, folder: &str) -> Vec<String> {
    let uploads = store.uploads.keyed(folder).filter(|(_, upload)| upload.file.parent == folder);
    uploads.map(|(id, _)| id.to_owned()).collect()
}

/// Gives up the uploads of a user who is gone.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    let uploads = store.uploads.keyed(user_id).filter(|(_, upload)| upload.file.creator == user_id);
    for id in uploads.map(|(id, _)| id.to_owned()).collect::<Vec<_>>() {
        give_up(store, &id);
    }
}

/// Refuses to complete an upload that isn't there, or that the caller may not go on with. It is checked before the
/// bytes are hashed, which takes time.
pub(crate) fn may_complete(store: &Store, user_id: &str, meta: &Meta, received: &Received<'_>) -> Result<(), Refusal> {
    let field = meta.params.iter().find(|field| field.name == "fileId");
    let id = field.and_then(|field| text(received.get(field)?.as_ref())).unwrap_or_default();
    match meta.name {
        "CompleteFile" => find(store, user_id, &id).map(drop),
        "CompleteRevision" => revisions::upload_id(store, user_id, &id).map(drop),
        _ => Ok(()),
    }
}

/// Finds an upload that a user may go on with: whoever may upload into the folder may.
fn find<'a>(store: &'a Store, user_id: &str, file_id: &str) -> Result<&'a Upload, Refusal> {
    let upload = store.uploads.get(file_id).ok_or_else(|| Refusal::new("13000401", ""))?;
    let File { space_id, parent, .. } = &upload.file;
    permissions::check_file(store, user_id, space_id, parent, "uploadPermission")?;
    Ok(upload)
}

/// Finds the folder of an upload. If it is in the recycle bin, uploads have a code of their own for that.
fn folder(store: &Store, space_id: &str, id: &str) -> Result<String, Refusal> {
    let is_recycled = |refusal: &Refusal| refusal.code == "13000305";
    let or_recycled = |refusal| if is_recycled(&refusal) { Refusal::new("13000404", "") } else { refusal };
    tree::folder(store, space_id, id).map_err(or_recycled)
}

/// Whether a file is what an upload brings. What a backup said of a file proves nothing: nobody has sent its bytes.
fn is_same(file: &File, size: u64, sha256: Option<&String>) -> bool {
    file.content.is_some() && file.size == size && sha256.is_some() && file.sha256.as_ref() == sha256
}

/// SHA-256 is kept in small letters, in which it is compared.
pub(crate) fn lower(sha256: Option<String>) -> Option<String> {
    sha256.map(|sha256| sha256.to_lowercase())
}

/// Finds a content that needn't be sent: it is there, and the caller has it, too. A wrong proof is as good as
/// none. What is empty needs no proof.
pub(crate) fn known(call: &mut Call<'_>, sha256: Option<&str>, size: u64) -> Option<String> {
    let sha256 = sha256?;
    let Some(range) = proof_range(call.proof_origin, size) else {
        return (sha256 == EMPTY).then(|| content::keep(call.store, EMPTY, Vec::new(), call.now));
    };
    let id = content::find(call.store, sha256, size)?;
    let object = content::object(call.room.blobs, &call.store.contents.get(&id)?.stored).ok()?;
    // These are a few bytes.
    let bytes = object.part(range.start, range.end - range.start).all().ok()?;
    (call.text("proofCode")?.to_lowercase() == Digest::of(&bytes).to_string()).then_some(id)
}

/// Reads a time in any form.
pub(crate) fn time(call: &Call<'_>, name: &'static str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let read = |text: String| times::read(&text).ok_or_else(|| Refusal::new("13000102", format!("{name} is no time")));
    call.text(name).map(read).transpose()
}

/// What every answer of `CreateFile` has.
fn created(id: &str, space_id: &str, parent: &str, name: &str) -> Reply {
    Reply::members(json!({
        "fileId": id,
        "containerId": space_id,
        "fileName": name,
        "parentFolder": [tree::folder_id(space_id, parent)],
    }))
}

/// As in the example: a time in milliseconds, and something else, in 32 digits.
pub(crate) fn upload_id(file_id: &str, now: DateTime<Utc>) -> String {
    let number = file_id.trim_start_matches('F').parse().unwrap_or(0);
    format!("{:016X}{:016X}", now.timestamp_millis(), mix(number))
}

/// The parts with their links. The offsets of parts that are numbered from 1 on are known.
pub(crate) fn parts(call: &mut Call<'_>, file_id: &str, upload_id: &str, parts: &[NewPart]) -> Vec<Json> {
    let (mut offset, mut next) = (Some(0_u64), 1_u32);
    let mut named = Vec::new();
    for part in parts {
        let (number, size) = (part.part_number, part.part_size);
        offset = part.part_offset.or_else(|| offset.filter(|_| number == next));
        let words = part.hash_ctx.as_deref().and_then(|words| <[u32; 8]>::try_from(words).ok());
        let midstate = words.map(Midstate::from);
        let said = Named { size, offset: part.part_offset, midstate };
        content::name(call.store, upload_id, number, said);
        let url = call.links.part(file_id, upload_id, number, size, offset.zip(midstate));
        let mut link = json!({"partNumber": number, "partSize": size, "uploadUrl": url});
        if let Some(offset) = offset {
            link["partOffset"] = offset.into();
        }
        if let Some(state) = &part.hash_ctx {
            link["hashCtx"] = json!(state);
        }
        if let Some(id) = &part.part_id {
            link["partId"] = json!(id);
        }
        named.push(link);
        offset = offset.map(|offset| offset.saturating_add(size));
        next = number.saturating_add(1);
    }
    named
}
