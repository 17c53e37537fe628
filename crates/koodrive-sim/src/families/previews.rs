//! What the service does with previews and thumbnails.
//!
//! A preview is the file itself. A thumbnail is there as soon as somebody has it made.

use crate::call::{Answer, Call};
use crate::families::files::{File, tree};
use crate::families::{permissions, share_links};
use crate::reply::{Refusal, Reply};

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "GetFilePreviewUrl" => preview(call),
        "GetShareFilePreviewUrl" => preview_shared(call),
        "CreateThumbnailTask" | "CreateVideoThumbnailTask" => make_thumbnail(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Looks at a file of a space that the caller may use, or at one of a share that was made for the caller.
fn preview(call: &Call<'_>) -> Answer {
    let id = call.required("fileId");
    if call.text("X-Share-Shorturl").is_some() {
        let (_, share) = share_links::find_valid(call)?;
        return show(call, &id, share_links::find_file(call.store, &share, &id)?);
    }
    let space_id = &tree::find(call.store, &id)?.space_id;
    permissions::check_file(call.store, call.user_id, space_id, &id, "viewPermission")?;
    show(call, &id, tree::live(call.store, space_id, &id)?)
}

/// Looks at a file of a share without credentials.
fn preview_shared(call: &Call<'_>) -> Answer {
    let id = call.required("fileId");
    let (_, share) = share_links::find_open(call)?;
    show(call, &id, share_links::find_file(call.store, &share, &id)?)
}

/// Answers a link to a file; folders have none.
fn show(call: &Call<'_>, id: &str, file: &File) -> Answer {
    if file.is_folder() {
        return Err(Refusal::new("13000406", ""));
    }
    Ok(Reply::default().with("link", call.links.file(id, file)))
}

fn make_thumbnail(call: &Call<'_>) -> Answer {
    let (id, space_id) = (call.required("fileId"), call.required("containerId"));
    permissions::check_file(call.store, call.user_id, &space_id, &id, "viewPermission")?;
    let file = tree::live(call.store, &space_id, &id)?;
    if file.is_folder() {
        return Err(Refusal::new("13000406", ""));
    }
    if !call.store.users.contains(&call.required("userId")) {
        return Err(Refusal::new("13000309", "there is no such user"));
    }
    Ok(Reply::default())
}
