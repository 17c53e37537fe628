//! What the service does with albums.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::call::{self, Answer, Call};
use crate::families::files::{File, tree};
use crate::families::{groups, permissions, shared_folders};
use crate::page::{self, Entry, Sort};
use crate::reply::{Refusal, Reply};
use crate::store::{Row, Store};
use crate::times;

/// The scopeKind of pictures and of videos.
const PICTURES: &str = "1";
const VIDEOS: &str = "2";

/// An album, under its id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Album {
    holder: Holder,
    /// An album that collects shows no name.
    name: String,
    /// What the album collects; nothing if it is filled by hand.
    scope: Option<Scope>,
}

/// Whose an album is.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Holder {
    User(String),
    /// All members of a group.
    Group(String),
}

impl Holder {
    /// What the albums are listed under.
    fn place(&self) -> String {
        match self {
            Self::User(id) => format!("user/{id}"),
            Self::Group(id) => format!("group/{id}"),
        }
    }
}

/// What an album collects.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Scope {
    parent: String,
    folders: Vec<String>,
    kinds: Vec<String>,
}

impl Row for Album {
    /// Albums are listed under their user or group.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Owned(self.holder.place())
    }

    /// Albums are found by the folders from which they collect.
    fn keys(&self) -> Vec<Cow<'_, str>> {
        self.scope.iter().flat_map(|scope| &scope.folders).map(|id| Cow::Borrowed(id.as_str())).collect()
    }
}

/// A file in an album that is filled by hand, under an id that orders the files by when they were added.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Content {
    album_id: String,
    file_id: String,
}

impl Row for Content {
    /// The files are listed under their album.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.album_id)
    }

    fn keys(&self) -> Vec<Cow<'_, str>> {
        vec![Cow::Borrowed(&self.file_id)]
    }
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "CreateAlbum" => create(call),
        "ListAlbums" => list(call),
        "UpdateAlbum" => update(call),
        "DeleteAlbum" => delete(call),
        "AddAlbumContent" => add_content(call),
        "ListAlbumContent" => list_content(call),
        "DeleteAlbumContent" => delete_content(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Finds the album that a call means: one of the user's own, or of a group that the user belongs to.
fn find<'a>(call: &'a Call<'_>) -> Result<(String, &'a Album), Refusal> {
    let id = call.required("albumId");
    let may = |album: &&Album| match &album.holder {
        Holder::Group(group_id) => groups::has_member(call.store, group_id, call.user_id),
        Holder::User(user_id) => user_id == call.user_id,
    };
    let album = call.store.albums.get(&id).filter(may);
    Ok((id, album.ok_or_else(|| Refusal::new("13000309", "there is no such album"))?))
}

/// Finds the album that a call fills by hand.
fn find_manual(call: &Call<'_>) -> Result<String, Refusal> {
    let (id, album) = find(call)?;
    if album.scope.is_some() { Err(Refusal::new("13000102", "the album collects its files")) } else { Ok(id) }
}

/// The answer has no id, since none could be read: the album is found in the list.
fn create(call: &mut Call<'_>) -> Answer {
    let missing = |name: &str| Refusal::new("13000102", format!("{name} is missing for this kind of album"));
    let scope = if call.number("type") == Some(1) {
        let scope = Scope {
            parent: call.text("scopeParentFolderId").ok_or_else(|| missing("scopeParentFolderId"))?,
            folders: call.texts("scopeDir").ok_or_else(|| missing("scopeDir"))?,
            kinds: call.texts("scopeKind").ok_or_else(|| missing("scopeKind"))?,
        };
        check_scope(call, &scope)?;
        Some(scope)
    } else {
        None
    };
    let name = call.text("name");
    if scope.is_none() && name.is_none() {
        return Err(missing("name"));
    }
    if let Some(id) = call.text("shareFolderId") {
        shared_folders::joined(call, &id)?;
    }
    let holder = if call.number("albumKind") == Some(2) {
        let group_id = call.text("groupId").ok_or_else(|| missing("groupId"))?;
        if !groups::has_member(call.store, &group_id, call.user_id) {
            return Err(Refusal::new("13000309", "the user has no such group"));
        }
        Holder::Group(group_id)
    } else {
        Holder::User(call.user_id.to_owned())
    };
    let album = Album { holder, name: name.unwrap_or_default(), scope };
    let id = call.store.next_id();
    call.store.albums.insert(id, album);
    Ok(Reply::default())
}

/// The folders of a scope are in one folder, and in a space that the user may work in.
fn check_scope(call: &Call<'_>, scope: &Scope) -> Result<(), Refusal> {
    for id in &scope.folders {
        let folder = tree::find(call.store, id)?;
        permissions::check_file(call.store, call.user_id, &folder.space_id, id, "listChildNodePermission")?;
        tree::folder(call.store, &folder.space_id, id)?;
        if scope.parent != folder.parent && scope.parent != tree::folder_id(&folder.space_id, &folder.parent) {
            return Err(Refusal::new("13000102", format!("{id} is not in scopeParentFolderId")));
        }
    }
    Ok(())
}

/// Lists the user's own albums, or those of one group or of all groups that the user belongs to.
fn list(call: &Call<'_>) -> Answer {
    let (kind, group_id) = (call.number("albumKind"), call.text("groupId"));
    let holders: Vec<Holder> = if kind == Some(1) {
        vec![Holder::User(call.user_id.to_owned())]
    } else {
        let joined = groups::of(call.store, call.user_id).map(str::to_owned);
        joined.filter(|id| group_id.as_ref().is_none_or(|wanted| wanted == id)).map(Holder::Group).collect()
    };
    let collecting = call.number("albumType") == Some(1);
    let albums = holders.iter().flat_map(|holder| call.store.albums.under(&holder.place()));
    let mut albums: Vec<_> = albums.filter(|(_, album)| album.scope.is_some() == collecting).collect();
    albums.sort_by_key(|(id, _)| *id);
    let total = albums.len();
    let page = page::by_number(call, albums, ("pageNum", 1), "pageSize", 10)?;
    let rows: Vec<Json> = page.into_iter().map(|(id, album)| info(call, id, album)).collect();
    Ok(Reply::default().with("albumList", rows).with("total", total))
}

fn info(call: &Call<'_>, id: &str, album: &Album) -> Json {
    let mut info = json!({"id": id, "albumKind": if matches!(album.holder, Holder::Group(_)) { 2 } else { 1 }});
    if let Some(scope) = &album.scope {
        info["albumType"] = 1.into();
        info["scopeDir"] = scope.folders.as_slice().into();
    } else {
        info["albumType"] = 2.into();
        info["name"] = album.name.as_str().into();
        let first = files(call, id, album).into_iter().find(|(_, file)| media(file) == Some(PICTURES));
        if let Some((id, file)) = first {
            info["coverImg"] = call.links.file(&id, file).into();
        }
    }
    info
}

/// What isn't sent stays as it is. The picture on the cover is reserved for later, and has no effect.
fn update(call: &mut Call<'_>) -> Answer {
    let (id, album) = find(call)?;
    let name = call.text("name");
    let (parent, folders) = (call.text("scopeParentFolderId"), call.texts("scopeDirList"));
    let kinds = call.texts("scopeKind");
    let moves = parent.is_some() || folders.is_some();
    let scope = if let Some(scope) = &album.scope {
        let scope = Scope {
            parent: parent.unwrap_or_else(|| scope.parent.clone()),
            folders: folders.unwrap_or_else(|| scope.folders.clone()),
            kinds: kinds.unwrap_or_else(|| scope.kinds.clone()),
        };
        if moves {
            check_scope(call, &scope)?;
        }
        Some(scope)
    } else if moves || kinds.is_some() {
        return Err(Refusal::new("13000102", "the album is filled by hand"));
    } else {
        None
    };
    call.store.albums.update(&id, |album| {
        album.scope = scope;
        album.name = name.unwrap_or_else(|| album.name.clone());
    });
    Ok(Reply::default())
}

/// Deletes an album. Its files stay where they are.
fn delete(call: &mut Call<'_>) -> Answer {
    let (id, _) = find(call)?;
    remove(call.store, &id);
    Ok(Reply::default())
}

fn remove(store: &mut Store, id: &str) {
    store.albums.remove(id);
    store.album_files.remove_under(id);
}

/// Removes the albums of a user who is gone.
pub(crate) fn forget_user(store: &mut Store, user_id: &str) {
    forget_holder(store, &Holder::User(user_id.to_owned()));
}

/// Removes the albums of a group that is gone.
pub(crate) fn forget_group(store: &mut Store, group_id: &str) {
    forget_holder(store, &Holder::Group(group_id.to_owned()));
}

fn forget_holder(store: &mut Store, holder: &Holder) {
    for id in store.albums.ids_under(&holder.place()) {
        remove(store, &id);
    }
}

/// Takes a file that is gone out of all albums, and a folder out of what albums collect.
pub(crate) fn forget_file(store: &mut Store, file_id: &str) {
    store.album_files.remove_keyed(file_id);
    for id in store.albums.ids_keyed(file_id) {
        store.albums.update(&id, |album| {
            let Some(scope) = &mut album.scope else { return };
            scope.folders.retain(|id| id != file_id);
            if scope.folders.is_empty() {
                scope.parent.clear();
            }
        });
    }
}

/// Adds files of spaces that the user may work in. What is in the album already isn't added again.
fn add_content(call: &mut Call<'_>) -> Answer {
    let album_id = find_manual(call)?;
    let mut known: BTreeSet<String> = content(call.store, &album_id).collect();
    for entry in call.objects("fileIds") {
        let text = |name: &str| entry.get(name).and_then(call::text).filter(|text| !text.is_empty());
        let file_id = text("fileId").unwrap_or_default();
        let file = tree::find(call.store, &file_id)?;
        permissions::check_file(call.store, call.user_id, &file.space_id, &file_id, "viewPermission")?;
        tree::live(call.store, &file.space_id, &file_id)?;
        if file.is_folder() {
            return Err(Refusal::new("13000406", ""));
        }
        if text("ownerId").is_some_and(|owner| owner != file.creator) {
            return Err(Refusal::new("13000309", "the owner has no such file"));
        }
        if known.insert(file_id.clone()) {
            let id = call.store.next_id();
            call.store.album_files.insert(id, Content { album_id: album_id.clone(), file_id });
        }
    }
    Ok(Reply::default())
}

/// Returns the ids of the files that were added to an album.
fn content(store: &Store, album_id: &str) -> impl Iterator<Item = String> {
    store.album_files.under(album_id).map(|(_, content)| content.file_id.clone())
}

/// Returns the files of an album that the caller may view: those that were added, in this order, or those in its
/// folders and below that fit.
fn files<'a>(call: &'a Call<'_>, album_id: &str, album: &Album) -> Vec<(String, &'a File)> {
    let store = &*call.store;
    let ids: Vec<String> = match &album.scope {
        None => content(store, album_id).collect(),
        Some(scope) => {
            let ids: BTreeSet<String> = scope.folders.iter().flat_map(|folder| tree::walk(store, folder)).collect();
            ids.into_iter().collect()
        }
    };
    let fits = |file: &File| match &album.scope {
        None => true,
        Some(scope) => media(file).is_some_and(|media| scope.kinds.iter().any(|kind| kind == media)),
    };
    let files = ids.into_iter().filter_map(|id| store.files.get(&id).map(|file| (id, file)));
    let may_view = |id: &str, file: &File| {
        permissions::check_file(store, call.user_id, &file.space_id, id, "viewPermission").is_ok()
    };
    files.filter(|(id, file)| fits(file) && !tree::is_recycled(store, id) && may_view(id, file)).collect()
}

/// Whether a file is a picture or a video, by its fileType or its media type.
fn media(file: &File) -> Option<&'static str> {
    if file.kind == "15" || file.mime_type.starts_with("image/") {
        Some(PICTURES)
    } else if file.kind == "20" || file.mime_type.starts_with("video/") {
        Some(VIDEOS)
    } else {
        None
    }
}

/// Lists the files of an album. The simulator doesn't look into pictures: they were taken when they were created.
fn list_content(call: &Call<'_>) -> Answer {
    let (id, album) = find(call)?;
    let by_change = call.number("sortType") == Some(3);
    let rows = files(call, &id, album).into_iter().map(|(id, file)| {
        let mut row = json!({"id": &id});
        if album.scope.is_some() {
            row["takeTime"] = times::millis(file.created).into();
        }
        Entry { key: times::order(if by_change { file.edited } else { file.created }), id, row }
    });
    let rows: Vec<Entry> = rows.collect();
    let total = rows.len();
    let sort = Sort::new(if by_change { "change" } else { "" }, call.number("sortDirection") != Some(1));
    let (rows, next) = page::by_cursor(call, rows, sort, "pageCursor", "pageSize")?;
    let mut reply = Reply::default().with("contentList", rows).with("total", total);
    if !next.is_empty() {
        reply = reply.with("nextPageCursor", next);
    }
    Ok(reply)
}

/// Takes files out of an album; those that aren't in it don't matter.
fn delete_content(call: &mut Call<'_>) -> Answer {
    let album_id = find_manual(call)?;
    let files: BTreeSet<String> = call.texts("ids").unwrap_or_default().into_iter().collect();
    let content = call.store.album_files.under(&album_id).filter(|(_, content)| files.contains(&content.file_id));
    for id in content.map(|(id, _)| id.to_owned()).collect::<Vec<_>>() {
        call.store.album_files.remove(&id);
    }
    Ok(Reply::default())
}
