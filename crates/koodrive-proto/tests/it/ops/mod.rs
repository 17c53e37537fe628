//! Family by family, as in `koodrive_proto::ops`: the very wire form of each operation, rules between its parameters,
//! and what is special in its answers.

mod accounts;
mod albums;
mod backup;
mod benefits;
mod files;
mod jobs;
mod messages;
mod permissions;
mod reconciliation;
mod sessions;
mod shared_folders;
mod shares;
mod spaces;
mod tasks;
mod users;
