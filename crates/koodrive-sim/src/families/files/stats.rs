//! Counts of what is in a folder.

use koodrive_proto::ops::files::CountedType;

use crate::call::{Answer, Call};
use crate::families::files::{self, File, tree};
use crate::families::{permissions, shared_folders};
use crate::reply::{Refusal, Reply};

/// `GetFolderStats`. Answers with numbers, as the example does.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    let space_id = call.required("containerId");
    files::enter(call, &space_id)?;
    let id = shared_folders::inside(call, &space_id, call.required("fileId"));
    permissions::check_file(call.store, call.user_id, &space_id, &id, "listChildNodePermission")?;
    let recursive = call.flag("recursive").unwrap_or(true);
    let counts = wanted(call);
    let (mut folders, mut count, mut size) = (0_u64, 0_u64, 0_u64);
    for top in tops(call, &space_id, &id, recursive)? {
        let ids = if recursive { tree::walk(call.store, &top) } else { vec![top] };
        let ids = ids.iter().filter(|id| permissions::sees(call.store, call.user_id, &space_id, id));
        for file in ids.filter_map(|id| call.store.files.get(id)).filter(|file| counts(file)) {
            if file.is_folder() {
                folders += 1;
            } else {
                count += 1;
                size = size.saturating_add(file.size);
            }
        }
    }
    let sums = [
        ("totalSize", "includeTotalSize", size),
        ("subDirCount", "includeDirCount", folders),
        ("subFileCount", "includeFileCount", count),
    ];
    let wanted = sums.into_iter().filter(|(_, switch, _)| call.flag(switch).unwrap_or(true));
    Ok(Reply::data(wanted.map(|(name, _, sum)| (name.to_owned(), sum.into())).collect::<serde_json::Map<_, _>>()))
}

/// Returns what is in the folder itself, where that is as recycled as the call wants it.
fn tops(call: &Call<'_>, space_id: &str, id: &str, recursive: bool) -> Result<Vec<String>, Refusal> {
    let recycled = call.flag("isRecycled");
    let folder = match tree::root(space_id, id) {
        Some(_) if recycled == Some(true) && !recursive => {
            return Err(Refusal::new("13000102", "the first level of the recycle bin alone can't be counted"));
        }
        Some(_) if recycled == Some(true) => tree::BIN,
        Some(root) => root,
        None => {
            if !tree::within(call.store, space_id, id)?.is_folder() {
                return Err(Refusal::new("13000304", "it is no folder"));
            }
            if recycled.is_some_and(|recycled| recycled != tree::is_recycled(call.store, id)) {
                return Ok(Vec::new());
            }
            id
        }
    };
    Ok(tree::children(call.store, space_id, folder).map(|(id, _)| id.to_owned()).collect())
}

/// Reads which files count.
fn wanted(call: &Call<'_>) -> impl Fn(&File) -> bool + use<> {
    let kind = call.text("type").and_then(|kind| kind.parse().ok()).map(|kind: i64| CountedType::from(kind));
    let (suffixes, kinds) = (call.texts("extensions"), call.texts("categorys"));
    let hidden = call.flag("hidden");
    move |file| {
        let has_suffix = |suffix: &String| !file.is_folder() && suffix.eq_ignore_ascii_case(file.suffix());
        kind.as_ref().is_none_or(|kind| (*kind == CountedType::Folder) == file.is_folder())
            && suffixes.as_ref().is_none_or(|suffixes| suffixes.iter().any(has_suffix))
            && kinds.as_ref().is_none_or(|kinds| kinds.contains(&file.kind))
            && hidden.is_none_or(|hidden| hidden == file.hidden)
    }
}
