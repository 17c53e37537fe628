//! Family by family, as in `koodrive_proto::ops`: the very wire form of each operation, rules between its parameters,
//! and what is special in its answers.

mod accounts;
mod albums;
mod archives;
mod audit_log;
mod backup;
mod benefits;
mod departments;
mod favorites;
mod files;
mod groups;
mod invitations;
mod jobs;
mod messages;
mod moderation;
mod permissions;
mod portal;
mod previews;
mod reconciliation;
mod revisions;
mod service;
mod sessions;
mod share_links;
mod shared_folders;
mod shares;
mod spaces;
mod tasks;
mod users;
