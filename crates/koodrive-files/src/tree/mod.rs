//! Folders with all that is in them.
//!
//! A transport uploads a folder in these steps: [`UploadPlan::new`] walks it and checks all names, the flow of
//! [`UploadPlan::make_folders`] makes the folders, and each file goes where [`UploadPlan::to`] says. A download has
//! these: the flow of [`FolderFrom::list`] lists the folder, [`DownloadPlan::new`] makes the local folders, and each
//! file goes where [`DownloadPlan::place`] says. [`Moves`] hands out the files one by one, remembers in a
//! [`FolderState`] those that are finished, and ends with all that is to be told: the [`FolderReport`].
//!
//! Small files, which are one part or range, are moved several at a time, each with one slot; large ones one after the
//! other, with all slots.
//!
//! # What is moved, and what isn't
//!
//! | what | upload | download |
//! | --- | --- | --- |
//! | files and folders, empty ones too | moved | moved |
//! | symbolic links in the folder | skipped, never followed | nothing is written through one |
//! | a folder that is itself a link | followed | followed |
//! | pipes, sockets, devices | skipped | |
//! | what unfinished transfers leave: `.koodrive-part`, `.koodrive-state`, the state of the transfer | skipped | |
//! | names that the other side doesn't take | refused before anything is sent | changed as [`local_names`] says |
//! | more than 30 folders one in the other | refused, since the service takes no more | moved, up to 1,000 |
//! | what is there already | by [`UploadTo::on_conflict`]; folders are joined | by [`Existing`]; folders are joined |
//! | times, permissions, owners | not kept | not kept |
//!
//! [`local_names`]: crate::local_names
//! [`UploadTo::on_conflict`]: crate::UploadTo::on_conflict

mod download;
mod local;
mod moves;
mod remote;
mod report;
mod state;
mod upload;

pub use download::{DownloadPlan, Existing, FolderFrom};
pub use local::{LocalFile, LocalTree};
pub use moves::{FileMove, FileWork, Moved, Moves, Ticket};
pub use remote::{ListTree, MadeFolders, MakeFolders, RemoteFile, RemoteTree};
pub use report::{FolderReport, Notice, Notices};
pub use state::FolderState;
pub use upload::UploadPlan;
