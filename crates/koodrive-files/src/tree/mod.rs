//! Folders with all that is in them.
//!
//! A transport uploads a folder in these steps: [`UploadPlan::new`] walks it and checks all names, the flow of
//! [`UploadPlan::make_folders`] makes the folders, and each file goes where [`UploadPlan::to`] says. It downloads one so:
//! [`ListTree`] lists it, [`DownloadPlan::new`] makes the local folders, and each file goes where
//! [`DownloadPlan::place`] says. Files that are finished are remembered in a [`FolderState`]; all that is to be told at
//! the end is in the [`FolderReport`].
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
//! | names | refused all together if the service takes one of them not | changed by the rule of [`local_names`] |
//! | more than 30 folders one in the other | refused, since the service takes no more | moved, up to 1,000 |
//! | what is there already | by [`UploadTo::on_conflict`]; folders are joined | by [`Existing`]; folders are joined |
//! | times, permissions, owners | not kept | not kept |
//!
//! [`local_names`]: crate::local_names
//! [`UploadTo::on_conflict`]: crate::UploadTo::on_conflict

mod local;
mod report;

pub use local::{LocalFile, LocalTree};
pub use report::{FolderReport, Notice, Notices};
