//! Listings of a folder, or of the recycle bin.

use std::sync::Arc;

use koodrive_proto::ops::files::{SortDirection, SortType};
use koodrive_proto::ops::spaces::SpaceType;
use serde_json::Value as Json;

use crate::call::{Answer, Call};
use crate::families::files::{self, File, tree};
use crate::families::{favorites, permissions, spaces};
use crate::page::{self, Sort, rank};
use crate::reply::{Refusal, Reply};
use crate::store::Order;
use crate::times;

/// `ListPersonalFiles`
pub(crate) fn personal(call: &mut Call<'_>) -> Answer {
    let space_id = call.required("containerId");
    own_space(call, &space_id)?;
    list(call, &space_id)
}

/// `ListGroupFiles`
pub(crate) fn group(call: &mut Call<'_>) -> Answer {
    let space_id = call.required("containerId");
    let kind = call.text("team_type").and_then(|kind| kind.parse().ok()).unwrap_or(SpaceType::Department.number());
    let space = spaces::usable(call.store, &space_id, call.user_id)?;
    if space.owner_id != call.required("groupId") || space.kind != kind {
        return Err(Refusal::new("13000415", ""));
    }
    list(call, &space_id)
}

/// Lets the caller into their own space or one in which a folder is shared with them, but not into that of a team.
pub(crate) fn own_space(call: &Call<'_>, space_id: &str) -> Result<(), Refusal> {
    let space = spaces::enterable(call.store, space_id, call.user_id)?;
    let is_own = space.kind == SpaceType::Individual.number();
    if is_own { Ok(()) } else { Err(Refusal::new("13000410", "it is the space of a team")) }
}

fn list(call: &mut Call<'_>, space_id: &str) -> Answer {
    let in_bin = call.required("type") == "1";
    let folder = listed_folder(call, space_id, &call.required("parentFileId"), in_bin)?;
    permissions::check_file(call.store, call.user_id, space_id, &folder, "listChildNodePermission")?;
    let (order, sort) = sort(call, space_id, &folder, in_bin)?;
    let (kind, hidden) = (call.text("fileType"), call.flag("hidden").unwrap_or(false));
    // The example of the request sends a fileName, which the table doesn't list.
    let part = call.unlisted("fileName").map(|part| part.to_lowercase());
    let fits = |file: &File| {
        (hidden || !file.hidden)
            && kind.as_ref().is_none_or(|kind| *kind == file.kind)
            && part.as_ref().is_none_or(|part| file.name.to_lowercase().contains(part))
    };
    let (store, user_id) = (&*call.store, call.user_id);
    let (rows, next) = page::in_order(
        call,
        &order,
        |(key, id)| (key, id),
        |(_, id)| store.files.get(id).is_some_and(fits) && permissions::sees(store, user_id, space_id, id),
        sort,
        "pageInfo.pageCursor",
        "pageInfo.pageSize",
    )?;
    let rows: Vec<Json> = rows.iter().filter_map(|(_, id)| row(call, id)).collect();
    let reply = Reply::members(page::cursor_members("files", rows, next.clone()));
    Ok(reply.with("category", "drive#fileList").with("searchCompleted", next.is_empty()))
}

fn row(call: &Call<'_>, id: &str) -> Option<Json> {
    let mut info = files::info(call.store, id, call.store.files.get(id)?, call.user_id);
    info["favorite"] = favorites::is_marked(call.store, call.user_id, id).into();
    Some(info)
}

/// Returns under what a folder is listed. A recycle bin has the folders in it, and one root.
pub(crate) fn listed_folder(call: &Call<'_>, space_id: &str, id: &str, in_bin: bool) -> Result<String, Refusal> {
    if !in_bin {
        return tree::folder(call.store, space_id, id);
    }
    if tree::root(space_id, id).is_some() {
        return Ok(tree::BIN.to_owned());
    }
    let file = tree::within(call.store, space_id, id)?;
    if !file.is_folder() {
        return Err(Refusal::new("13000304", "it is no folder"));
    }
    if !tree::is_recycled(call.store, id) {
        return Err(Refusal::new("13000303", ""));
    }
    Ok(id.to_owned())
}

/// What files are ordered by: the name of the order, and the key of a file.
type By = (&'static str, fn(&File) -> String);

/// Reads how a listing is ordered, and returns the key of a file as well.
pub(crate) fn order(call: &Call<'_>, in_bin: bool) -> Result<(By, Sort), Refusal> {
    let choice = |path: &str| call.text(path).and_then(|choice| choice.parse::<i64>().ok());
    let by: By = match choice("sortInfo.sortType").map(SortType::from) {
        Some(SortType::Name) => ("name", |file| file.name.clone()),
        Some(SortType::Size) => ("size", |file| rank(file.size)),
        Some(SortType::Created) => ("created", |file| times::order(file.created)),
        Some(SortType::Recycled) if in_bin => ("recycled", |file| file.recycled.map(times::order).unwrap_or_default()),
        Some(SortType::Recycled) => return Err(Refusal::new("13000102", "sortType 5 is for the recycle bin only")),
        Some(SortType::Format) => ("format", |file| file.suffix().to_lowercase()),
        _ => ("edited", |file| times::order(file.edited)),
    };
    // Unless the order is chosen, it is that of the example's cursor, which has a time; newest first.
    let descending = match choice("sortInfo.sortDirection").map(SortDirection::from) {
        Some(direction) => direction == SortDirection::Descending,
        None => call.text("sortInfo.sortType").is_none(),
    };
    Ok((by, Sort::new(by.0, descending)))
}

fn sort(call: &mut Call<'_>, space_id: &str, folder: &str, in_bin: bool) -> Result<(Arc<Order>, Sort), Refusal> {
    let ((name, by), sort) = order(call, in_bin)?;
    Ok((call.store.files.ordered(&tree::place(space_id, folder), name, by), sort))
}
