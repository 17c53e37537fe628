//! What the service does: one file, or folder, for each module of [`koodrive_proto::ops`], with the records that it
//! keeps, what its calls do with them, and what they answer.
//!
//! A call that no family knows is answered with the documented example.

pub(crate) mod accounts;
pub(crate) mod albums;
pub(crate) mod archives;
pub(crate) mod audit_log;
pub(crate) mod backup;
pub(crate) mod benefits;
pub(crate) mod departments;
pub(crate) mod due;
pub(crate) mod favorites;
pub(crate) mod files;
pub(crate) mod groups;
pub(crate) mod invitations;
pub(crate) mod jobs;
pub(crate) mod messages;
pub(crate) mod moderation;
pub(crate) mod permissions;
pub(crate) mod portal;
pub(crate) mod previews;
pub(crate) mod reconciliation;
pub(crate) mod revisions;
pub(crate) mod service;
pub(crate) mod sessions;
pub(crate) mod share_links;
pub(crate) mod shared_folders;
pub(crate) mod shares;
pub(crate) mod spaces;
pub(crate) mod tasks;
pub(crate) mod users;

use koodrive_proto::check::Untyped;
use koodrive_proto::operation::Received;
use koodrive_proto::{InvalidParam, Meta};

use crate::call::{Answer, Call, text};
use crate::reply::{Refusal, Reply};
use crate::store::Store;

/// Refuses a parameter that isn't allowed. The names of files have codes of their own.
pub(crate) fn refuse(meta: &Meta, received: &Received<'_>, invalid: &InvalidParam) -> Refusal {
    let is_name = meta.module == "files" && ["fileName", "name"].contains(&invalid.name());
    let field = meta.params.iter().find(|field| is_name && field.name == invalid.name());
    let name = field.and_then(|field| received.get(field)).and_then(|value| text(&value));
    match name.map(|name| name.chars().count()) {
        None => Refusal::parameter(invalid),
        Some(251..) => Refusal::new("13000417", ""),
        Some(_) => Refusal::new("13000419", ""),
    }
}

/// Puts what exists from the beginning.
pub(crate) fn prepare(store: &mut Store) {
    departments::prepare(store);
    permissions::prepare(store);
    spaces::prepare(store);
}

/// The id and the name of the only organization, and the id of its tenant, taken from the manual's examples.
pub(crate) const ORGANIZATION: &str = "9190086000001210958";
pub(crate) const ORGANIZATION_NAME: &str = "KooDrive";
pub(crate) const TENANT: &str = "40086000004871666";

/// Executes a call whose credentials and parameters were checked.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    shared_folders::check_header(call)?;
    match call.meta.module {
        "accounts" => accounts::run(call),
        "albums" => albums::run(call),
        "archives" => archives::run(call),
        "audit_log" => audit_log::run(call),
        "backup" => backup::run(call),
        "benefits" => benefits::run(call),
        "departments" => departments::run(call),
        "favorites" => favorites::run(call),
        "files" => files::run(call),
        "groups" => groups::run(call),
        "invitations" => invitations::run(call),
        "jobs" => jobs::run(call),
        "messages" => messages::run(call),
        "moderation" => moderation::run(call),
        "permissions" => permissions::run(call),
        "portal" => portal::run(call),
        "previews" => previews::run(call),
        "reconciliation" => reconciliation::run(call),
        "revisions" => revisions::run(call),
        "service" => service::run(call),
        "sessions" => sessions::run(call),
        "share_links" => share_links::run(call),
        "shared_folders" => shared_folders::run(call),
        "shares" => shares::run(call),
        "spaces" => spaces::run(call),
        "tasks" => tasks::run(call),
        "users" => users::run(call),
        _ => Ok(Reply::documented(call.meta)),
    }
}

#[cfg(test)]
mod tests;
