//! Searching files by name and other criteria.

use chrono::{DateTime, Utc};
use koodrive_proto::ops::files::{SearchFiles, SearchType};
use koodrive_proto::ops::spaces::SpaceType;
use serde_json::{Value as Json, json};

use crate::call::{Answer, Call};
use crate::families::files::{self, File, list, read, tree};
use crate::families::{favorites, permissions, shared_folders, spaces, users};
use crate::page::{self, Entry};
use crate::reply::{Refusal, Reply};
use crate::times;

/// `SearchFiles`
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    let search: SearchFiles = call.typed()?;
    let (recursive, in_bin) = (search.recursive.unwrap_or(false), search.recycled.unwrap_or(false));
    let is_team = match &search.search_type {
        SearchType::Personal => false,
        SearchType::Team => true,
        other => return Err(Refusal::new("13000413", other.as_str())),
    };
    let fits = filter(call)?;
    let ((_, by), sort) = list::order(call, in_bin)?;
    let mut found = Vec::new();
    for (space_id, folder) in folders(call, is_team, in_bin)? {
        for (top, file) in tree::children(call.store, &space_id, &folder) {
            let goes_on = recursive && file.is_folder();
            let ids = if goes_on { tree::walk(call.store, top) } else { vec![top.to_owned()] };
            let files = ids.into_iter().filter_map(|id| Some((call.store.files.get(&id)?, id)));
            let files =
                files.filter(|(file, id)| fits(file) && permissions::sees(call.store, call.user_id, &space_id, id));
            found.extend(files.map(|(file, id)| Entry { key: by(file), id: id.clone(), row: (id, file) }));
        }
    }
    let total = found.len();
    let (page, next) = page::by_cursor(call, found, sort, "pageInfo.pageCursor", "pageInfo.pageSize")?;
    let rows: Vec<Json> = page.iter().map(|(id, file)| row(call, id, file)).collect();
    Ok(Reply::default().with("files", rows).with("total", total).with("nextPageCursor", next))
}

/// Returns the spaces and folders to search.
fn folders(call: &Call<'_>, is_team: bool, in_bin: bool) -> Result<Vec<(String, String)>, Refusal> {
    let root = call.text("filter.parentFolder").unwrap_or_else(|| "root".to_owned());
    let of_team = |space: &spaces::Space| space.kind != SpaceType::Individual.number();
    if let Some(space_id) = call.text("filter.containerId") {
        let root = shared_folders::inside(call, &space_id, root);
        if !is_team {
            list::own_space(call, &space_id)?;
        } else if !of_team(spaces::usable(call.store, &space_id, call.user_id)?) {
            return Err(Refusal::new("13000415", ""));
        }
        let folder = list::listed_folder(call, &space_id, &root, in_bin)?;
        permissions::check_file(call.store, call.user_id, &space_id, &folder, "listChildNodePermission")?;
        return Ok(vec![(space_id, folder)]);
    }
    let ids: Vec<&str> = if is_team {
        call.store.spaces.iter().filter(|(_, space)| of_team(space)).map(|(id, _)| id).collect()
    } else {
        call.store.spaces.under(call.user_id).filter(|(_, space)| !of_team(space)).map(|(id, _)| id).collect()
    };
    let may = |id: &&str| permissions::check(call.store, call.user_id, id, "listChildNodePermission").is_ok();
    let usable = ids.into_iter().filter(may);
    let folder = |id: &str| {
        let folder = list::listed_folder(call, id, &root, in_bin)?;
        permissions::check_file(call.store, call.user_id, id, &folder, "listChildNodePermission")?;
        Ok((id.to_owned(), folder))
    };
    usable.map(folder).collect()
}

/// Reads what is searched for. Hidden files are never found.
fn filter(call: &Call<'_>) -> Result<impl Fn(&File) -> bool + use<>, Refusal> {
    let word = call.text("filter.keyWord").map(|word| word.to_lowercase());
    let (kind, owner) = (call.text("filter.fileType"), call.text("filter.ownerId"));
    let [from, to] = match call.text("filter.updateTimeRange") {
        Some(range) => read_range(&range)?,
        None => [None, None],
    };
    Ok(move |file: &File| {
        !file.hidden
            && word.as_ref().is_none_or(|word| file.name.to_lowercase().contains(word))
            && kind.as_ref().is_none_or(|kind| *kind == file.kind)
            && owner.as_ref().is_none_or(|owner| *owner == file.creator)
            && from.is_none_or(|from| from <= file.edited)
            && to.is_none_or(|to| file.edited <= to)
    })
}

/// Reads two times with a comma between them, either of which may be left out.
fn read_range(range: &str) -> Result<[Option<DateTime<Utc>>; 2], Refusal> {
    let wrong = || Refusal::new("13000102", "filter.updateTimeRange: two times with a comma between them");
    let (from, to) = range.split_once(',').ok_or_else(wrong)?;
    let time = |text: &str| match text.trim() {
        "" => Ok(None),
        text => times::read(text).map(Some).ok_or_else(wrong),
    };
    Ok([time(from)?, time(to)?])
}

fn row(call: &Call<'_>, id: &str, file: &File) -> Json {
    let (id_path, name_path) = read::paths(call, id);
    let mut row = json!({
        "id": id,
        "fileSuffix": file.suffix(),
        "fileName": file.name,
        "fileType": file.kind,
        "updateTime": times::millis(file.edited),
        "namePath": name_path,
        "idPath": id_path,
        "containerId": file.space_id,
        "favorite": favorites::is_marked(call.store, call.user_id, id),
    });
    if !file.is_folder() {
        row["size"] = file.size.to_string().into();
    }
    if let Some(space) = call.store.spaces.get(&file.space_id) {
        row["containerType"] = space.kind.to_string().into();
        if let Some(name) = files::team_name(call.store, space) {
            row["teamName"] = name.into();
            row["teamId"] = space.owner_id.clone().into();
            row["owner"] = users::name(call.store, &file.creator).into();
        }
    }
    row
}
