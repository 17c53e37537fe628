//! Albums of the carrier edition: pictures and videos that are added by hand or collected from folders.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreateAlbum`] | creates an album |
//! | [`ListAlbums`] | lists albums |
//! | [`UpdateAlbum`] | changes the name of an album, or what it collects |
//! | [`AddAlbumContent`] | adds files to an album |
//! | [`ListAlbumContent`] | lists the files of an album |
//! | [`DeleteAlbumContent`] | takes files out of an album |
//! | [`DeleteAlbum`] | deletes an album |
//!
//! ```
//! use koodrive_proto::ops::albums::{
//!     AddAlbumContent, AlbumKind, AlbumType, CreateAlbum, ListAlbumContent, ListAlbums, OwnedFile,
//! };
//!
//! // An album that is filled by hand. Its id is found in the list of albums.
//! CreateAlbum::new(AlbumType::Manual, AlbumKind::Personal).name("Summer");
//! ListAlbums::new(AlbumKind::Personal, AlbumType::Manual);
//! let album = "1795607640592646273";
//!
//! // Files that are in a space already.
//! AddAlbumContent::new(album, [OwnedFile::new("Fg7cEpaAoh1ZmUxfCPlFEMpvIfUwiKxZW")]);
//! ListAlbumContent::new(album);
//! ```
//!
//! Error codes of this family, judging by their texts: 13000309 (no such album or file).

mod content;
mod list;
mod manage;

pub use content::*;
pub use list::*;
pub use manage::*;

use crate::choices;

choices! {
    /// How an album gets its files.
    pub enum AlbumType: number {
        /// It collects them from folders.
        Collecting = 1,
        /// They are added by hand.
        Manual = 2,
    }
}

choices! {
    /// Whose album it is.
    pub enum AlbumKind: number {
        /// An album of the user's own.
        Personal = 1,
        /// An album of a group, which belongs to a shared folder.
        Shared = 2,
    }
}

choices! {
    /// What kind of file an album collects.
    pub enum MediaKind: number {
        /// Pictures.
        Picture = 1,
        /// Videos.
        Video = 2,
    }
}
