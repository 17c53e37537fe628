use koodrive_proto::ops::albums::*;
use koodrive_proto::ops::files::SortDirection;

use serde_json::json;

use crate::families::backup::{post, register};
use crate::families::shares::recycle;
use crate::families::{ADMIN, Drive};

fn ids(page: AlbumFilePage) -> Vec<String> {
    page.files.into_iter().map(|file| file.id.unwrap().as_str().to_owned()).collect()
}

fn albums(drive: &Drive, user: &str, kind: AlbumType) -> Vec<Album> {
    drive.call(user, &ListAlbums::new(AlbumKind::Personal, kind)).unwrap().albums
}

#[test]
fn an_album_is_filled_by_hand() {
    let mut drive = Drive::new().user("8");
    let mut files = register(&drive, ADMIN, "root", &[("a.txt", "text/plain"), ("b.jpg", "image/jpeg")]);
    drive.pass(60);
    files.extend(register(&drive, ADMIN, "root", &[("c.mp4", "video/mp4")]));
    files.push(drive.folder(&drive.space_of(ADMIN), "root", "d"));
    let foreign = register(&drive, "8", "root", &[("e.jpg", "image/jpeg")]);

    for number in 0..11 {
        drive.ok(&CreateAlbum::new(AlbumType::Manual, AlbumKind::Personal).name(format!("Album {number}")));
    }
    let list = ListAlbums::new(AlbumKind::Personal, AlbumType::Manual);
    let page = drive.ok(&list);
    assert_eq!((page.albums.len(), page.total), (10, Some(11)));
    assert_eq!(drive.ok(&list.page_num(2)).albums.len(), 1);
    let id = page.albums[0].id.as_deref().unwrap();
    assert_eq!((page.albums[0].name.as_deref(), &page.albums[0].cover_img), (Some("Album 0"), &None));

    let add = |files: &[&String]| {
        let owned = files.iter().map(|id| OwnedFile::new(id.as_str()).owner_id(ADMIN)).collect::<Vec<_>>();
        AddAlbumContent::new(id, owned)
    };
    drive.ok(&add(&[&files[2], &files[0]]));
    drive.ok(&add(&[&files[2], &files[1]]));
    assert_eq!(drive.code(&add(&[&files[3]])), "13000406");
    assert_eq!(drive.code(&add(&[&"F1".to_owned()])), "13000309");
    assert_eq!(drive.code(&add(&[&foreign[0]])), "13000410");
    assert_eq!(drive.code(&AddAlbumContent::new(id, [OwnedFile::new(&*files[0]).owner_id("8")])), "13000309");

    // By the time of creation, the newest first.
    let list = ListAlbumContent::new(id).page_size(2);
    let page = drive.ok(&list);
    assert_eq!((page.total, page.files[0].take_time.clone()), (Some(3), None));
    let cursor = page.next_page_cursor.clone().unwrap();
    assert_eq!(ids(page), [&*files[2], &files[1]]);
    let page = drive.ok(&list.page_cursor(cursor));
    assert_eq!(page.next_page_cursor, None);
    assert_eq!(ids(page), [&*files[0]]);
    let list = ListAlbumContent::new(id).sort_type(AlbumSort::Modified).sort_direction(SortDirection::Ascending);
    assert_eq!(ids(drive.ok(&list)), files[..3]);

    // The cover is the first picture, which here isn't the first file.
    let cover = albums(&drive, ADMIN, AlbumType::Manual)[0].cover_img.clone().unwrap();
    assert!(cover.as_str().contains("b.jpg"), "{}", cover.as_str());

    drive.ok(&UpdateAlbum::new(id).name("Summer"));
    assert_eq!(albums(&drive, ADMIN, AlbumType::Manual)[0].name.as_deref(), Some("Summer"));
    assert_eq!(drive.code(&UpdateAlbum::new(id).scope_kind([MediaKind::Picture])), "13000102");

    drive.ok(&DeleteAlbumContent::new(id, [&*files[1], "F1"]));
    assert_eq!(ids(drive.ok(&ListAlbumContent::new(id))), [&*files[2], &files[0]]);
    assert_eq!(albums(&drive, ADMIN, AlbumType::Manual)[0].cover_img, None);

    // What is in the recycle bin isn't shown.
    recycle(&drive, &files[0]);
    drive.pass(1);
    assert_eq!(ids(drive.ok(&ListAlbumContent::new(id))), [&*files[2]]);
    assert_eq!(drive.code(&add(&[&files[0]])), "13000306");

    // Nobody else has the album.
    assert_eq!(albums(&drive, "8", AlbumType::Manual), []);
    assert_eq!(drive.code_for("8", &ListAlbumContent::new(id)), "13000309");
    drive.ok(&DeleteAlbum::new(id));
    assert_eq!(drive.code(&DeleteAlbum::new(id)), "13000309");
    assert_eq!(drive.code(&ListAlbumContent::new(id)), "13000309");
}

#[test]
fn an_album_collects_from_folders() {
    let mut drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    let folders = ["Camera", "Other"].map(|name| drive.folder(&space, "root", name));
    let inner = [drive.folder(&space, &folders[0], "2025")];
    let picture = register(&drive, ADMIN, &folders[0], &[("a.jpg", "image/jpeg"), ("a.txt", "text/plain")]);
    drive.pass(60);
    let video = register(&drive, ADMIN, &inner[0], &[("b.mp4", "video/mp4")]);

    let collect = |dirs: &[&String], kinds: &[MediaKind]| {
        CreateAlbum::new(AlbumType::Collecting, AlbumKind::Personal)
            .scope_parent_folder_id("root")
            .scope_dir(dirs.iter().map(|id| id.as_str()).collect::<Vec<_>>())
            .scope_kind(kinds.to_vec())
    };
    drive.ok(&collect(&[&folders[0], &folders[1]], &[MediaKind::Picture, MediaKind::Video]));
    assert_eq!(drive.code(&collect(&[&inner[0]], &[MediaKind::Picture])), "13000102");
    assert_eq!(drive.code(&collect(&[&picture[0]], &[MediaKind::Picture])), "13000304");
    assert_eq!(drive.code_for("8", &collect(&[&folders[0]], &[MediaKind::Picture])), "13000410");

    let album = albums(&drive, ADMIN, AlbumType::Collecting).remove(0);
    let id = album.id.as_deref().unwrap();
    assert_eq!((album.name, album.scope_dir.len()), (None, 2));
    let page = drive.ok(&ListAlbumContent::new(id));
    assert_eq!(page.files[1].take_time.as_deref(), Some("2025-11-20T07:00:00.000Z"));
    assert_eq!(ids(page), [&*video[0], &picture[0]]);
    assert_eq!(drive.code(&AddAlbumContent::new(id, [OwnedFile::new(&*picture[0])])), "13000102");
    assert_eq!(drive.code(&DeleteAlbumContent::new(id, [&*picture[0]])), "13000102");

    drive.ok(&UpdateAlbum::new(id).scope_kind([MediaKind::Picture]));
    assert_eq!(ids(drive.ok(&ListAlbumContent::new(id))), [&*picture[0]]);
    drive.ok(&UpdateAlbum::new(id).scope_dir([&*folders[1]]));
    assert_eq!(drive.ok(&ListAlbumContent::new(id)).total, Some(0));

    // A shared album needs a group that the user belongs to.
    let shared = CreateAlbum::new(AlbumType::Manual, AlbumKind::Shared).name("Ours").group_id("1");
    assert_eq!(drive.code(&shared), "13000309");
    for incomplete in [
        json!({"type": "2", "albumKind": "1"}),
        json!({"type": "2", "albumKind": "2", "name": "Ours"}),
        json!({"type": "1", "albumKind": "1", "scopeKind": "1", "scopeParentFolderId": "root"}),
    ] {
        assert_eq!(post(&drive, "/koodrive/ose/v1/album/create", &incomplete), 13_000_102, "{incomplete}");
    }
}
