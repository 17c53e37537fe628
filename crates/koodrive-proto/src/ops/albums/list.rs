//! All albums of one kind.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_number};
use crate::ops::albums::{AlbumKind, AlbumType};
use crate::param::{GroupId, Secret};
use crate::wire::Unseen;
use crate::{answer, operation};

operation! {
    /// Lists the albums of one kind and type, page by page.
    ///
    /// The pages have numbers, unlike those of ListAlbumContent, which have cursors. The page doesn't say whether the
    /// group is required for shared albums.
    ///
    /// Source: ListAlbums, carrier (2026-05-15); the members of an album after `scope_dir` and the examples could not
    /// be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::albums::{AlbumKind, AlbumType, ListAlbums};
    /// ListAlbums::new(AlbumKind::Shared, AlbumType::Manual).group_id("1765148492881313000").page_size(100);
    /// ```
    GET "/koodrive/ose/v1/album/list" ListAlbums -> AlbumPage;
    AppOrToken, ReadOnly, Carrier Partial;
    query {
        /// Whose albums are listed.
        album_kind: AlbumKind = "albumKind",
        /// Whether to list the albums that collect from folders or those that are filled by hand.
        album_type: AlbumType = "albumType";
        /// The user group of the shared folder, for [`AlbumKind::Shared`].
        group_id: GroupId = "groupId",
        /// How many albums a page may have.
        page_size: u32 [1..=100] | 10 = "pageSize",
        /// The number of the page, from 1 on.
        page_num: u32 [1..=4_294_967_295] | 1 = "pageNum",
    }
}

impl Paged for ListAlbums {
    type Item = Album;

    fn turn(&mut self, page: &AlbumPage) -> Result<Turn, Error> {
        let size = self.page_size.map(u64::from);
        Ok(turn_number(self.page_num.get_or_insert(1), size, page.albums.len(), page.total))
    }

    fn items(page: &mut AlbumPage) -> &mut Vec<Album> {
        &mut page.albums
    }

    fn key(item: &Album) -> Option<&str> {
        item.id.as_deref()
    }
}

answer! {
    /// A page of albums.
    AlbumPage {
        /// The albums.
        albums: Vec<Album> = "albumList",
        /// How many albums there are in all, judging by the name of this member.
        total: Option<i64>,
    }
}

answer! {
    /// An album.
    Album {
        /// The id of the album.
        id: Option<String>,
        /// The name of the album, only of one that is filled by hand.
        name: Option<String>,
        /// The picture on the cover, only of an album that is filled by hand. The form is not documented; `Debug` hides
        /// it, since it may be a link that opens a picture of the user's.
        cover_img: Option<Secret>,
        /// How the album gets its files.
        album_type: Option<AlbumType>,
        /// Whose album it is.
        album_kind: Option<AlbumKind>,
        /// The folders that the album collects from. Whether the entries are ids or objects could not be read.
        scope_dir: Vec<Unseen>,
    }
}
