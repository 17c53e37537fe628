//! Creating, changing and deleting an album.

use crate::check::{InvalidParam, require};
use crate::operation;
use crate::ops::albums::{AlbumKind, AlbumType, MediaKind};
use crate::param::{FileId, GroupId, Joined, Quoted};

operation! {
    /// Creates an album.
    ///
    /// An album that collects from folders needs `scope_parent_folder_id`, `scope_dir` and `scope_kind`, and one that
    /// is filled by hand needs a name. A shared album needs the group; the page calls this condition `album_kind`, and
    /// the parameter `albumKind`. Its type, its kind and the kinds of files are JSON strings on the wire, while
    /// ListAlbums has numbers.
    ///
    /// Nothing is taken from the answer, which could not be read; [`WithHead`](crate::WithHead) returns its body, which
    /// has the id of the album, judging by the other pages.
    ///
    /// Source: CreateAlbum, carrier (undated); the parameters after `share_folder_id`, the answer and the examples
    /// could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::albums::{AlbumKind, AlbumType, CreateAlbum, MediaKind};
    /// CreateAlbum::new(AlbumType::Manual, AlbumKind::Personal).name("Summer");
    /// CreateAlbum::new(AlbumType::Collecting, AlbumKind::Personal)
    ///     .scope_parent_folder_id("FryfD0bDk0aWSfrlCgZVJG7hxDMCY5hkl")
    ///     .scope_dir(["FuZmQ66CF0DdpKRG1Y29Iwajbq04Nhwu3"])
    ///     .scope_kind([MediaKind::Picture, MediaKind::Video]);
    /// ```
    POST "/koodrive/ose/v1/album/create" CreateAlbum -> ();
    AppOrToken, Once, Carrier Partial;
    body {
        /// How the album gets its files.
        album_type: Quoted<AlbumType> = "type",
        /// Whose album it is.
        album_kind: Quoted<AlbumKind> = "albumKind";
        /// The name of the album, 1 to 20 characters. Required for [`AlbumType::Manual`].
        name: String [1..=20],
        /// The ids of the folders to collect from, 1 to 30 of them. Required for [`AlbumType::Collecting`].
        scope_dir: Vec<FileId> [1..=30] = "scopeDir",
        /// The folder that these folders are in. Required for [`AlbumType::Collecting`].
        scope_parent_folder_id: FileId = "scopeParentFolderId",
        /// What to collect: one text on the wire, `1,2` for both kinds. Required for [`AlbumType::Collecting`].
        scope_kind: Joined<MediaKind> = "scopeKind",
        /// The group that shares the album. Required for [`AlbumKind::Shared`].
        group_id: GroupId = "groupId",
        /// The id of the shared folder that the album belongs to: the one that its own calls take, not the one that it
        /// has as a file. It is a Long here, and a String in the calls for shared folders.
        share_folder_id: i64 = "shareFolderId",
    }
    && kind_and_type_have_their_own
}

/// What collects needs folders, what is filled by hand needs a name, and what is shared needs a group.
fn kind_and_type_have_their_own(album: &CreateAlbum) -> Result<(), InvalidParam> {
    match album.album_type {
        Quoted(AlbumType::Collecting) => {
            require(album, &["scopeDir", "scopeParentFolderId", "scopeKind"], "with type 1")?;
        }
        Quoted(AlbumType::Manual) => require(album, &["name"], "with type 2")?,
        _ => {}
    }
    match album.album_kind {
        Quoted(AlbumKind::Shared) => require(album, &["groupId"], "with albumKind 2"),
        _ => Ok(()),
    }
}

operation! {
    /// Changes what an album collects, or the name of an album that is filled by hand.
    ///
    /// In the path, the id of the album follows directly after `v1`. The page doesn't say whether what isn't set stays
    /// as it is. Nor does it say whether an album collects anew after each change, so the request isn't sent again when
    /// its answer was lost.
    ///
    /// Nothing is taken from the answer, which could not be read; [`WithHead`](crate::WithHead) returns its body.
    ///
    /// Source: UpdateAlbum, carrier (undated); the answer and the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::albums::UpdateAlbum;
    /// UpdateAlbum::new("1795607640592646273").name("Summer by the sea");
    /// ```
    POST "/koodrive/ose/v1/{albumId}/update" UpdateAlbum -> ();
    AppOrToken, Once, Carrier Partial;
    path {
        /// The id of the album, from the answer of CreateAlbum.
        album_id: String = "albumId",
    }
    body {;
        /// The folder that the folders in `scope_dir` are in. It is only one, since an album collects from one level.
        scope_parent_folder_id: FileId = "scopeParentFolderId",
        /// The ids of the folders to collect from, at most 30.
        scope_dir: Vec<FileId> [0..=30] = "scopeDirList",
        /// What to collect. The table types it as Integer, but its sample is `1,2`; here it is one text on the wire, as
        /// for CreateAlbum.
        scope_kind: Joined<MediaKind> = "scopeKind",
        /// The name of the album, 1 to 20 characters.
        name: String [1..=20],
        /// The link to the picture on the cover. It is reserved for later: an album that is filled by hand shows its
        /// first picture.
        cover_image_url: String = "coverImageUrl",
    }
}

operation! {
    /// Deletes an album.
    ///
    /// The page doesn't say what happens to the files of the album. [`DeleteAlbumContent`](super::DeleteAlbumContent)
    /// leaves them where they are.
    ///
    /// Source: DeleteAlbum, carrier (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::albums::DeleteAlbum;
    /// DeleteAlbum::new("1805929618625036417");
    /// ```
    DELETE "/koodrive/ose/v1/album/{albumId}" DeleteAlbum -> ();
    AppOrToken, Idempotent, Carrier Full;
    path {
        /// The id of the album, from the answer of CreateAlbum.
        album_id: String = "albumId",
    }
}
