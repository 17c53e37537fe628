//! The portal.

use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::files::{SortDirection, ThumbnailSize};
use koodrive_proto::ops::portal::{
    Collaboration, LinkUsage, ListRecentFiles, ListRelatedFiles, RecentAction, RecentStatus, RelatedAction,
    RelatedSort, RelatedType,
};
use koodrive_proto::ops::spaces::SpaceType;

use crate::common::{message, noted, wire};

#[test]
fn list_recent_files() {
    assert_eq!(wire(&ListRecentFiles::new()), "GET /access");
    assert_eq!(wire(&ListRecentFiles::new().image_process("i/r,h_1")), "GET /access?imageProcess=i%2Fr%2Ch_1");
    let (recent, notes) = noted::<ListRecentFiles>(
        r#"{"list": [{"operType": 2, "status": 1, "file": {"id": "f", "collaborateType": "4", "containerType": 0}},
            {"operType": 1, "file": {"id": "g", "containerName": ""}}], "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    let (first, second) = (&recent.list[0], &recent.list[1]);
    assert_eq!((first.oper_type, second.oper_type), (Some(RecentAction::Edited), Some(RecentAction::Viewed)));
    assert_eq!((first.status, second.status), (Some(RecentStatus::FileDeleted), None));
    let file = first.file.as_ref().unwrap();
    assert_eq!(file.collaborate_type, Some(Collaboration::Saved));
    assert_eq!(file.container_type, Some(SpaceType::Department));
}

#[test]
fn list_related_files() {
    let mut op = ListRelatedFiles::new();
    assert_eq!(wire(&op), "GET /related");
    let whole = op
        .clone()
        .page_size(1)
        .page_cursor("0")
        .sort_type(RelatedSort::Operated)
        .sort_direction(SortDirection::Descending)
        .display_name("ü")
        .related_type(RelatedType::SharedWithMe)
        .image_process("i")
        .usage(ThumbnailSize::SuperLarge);
    assert_eq!(
        wire(&whole),
        "GET /related?pageSize=1&pageCursor=0&sortType=1&sortDirection=2&displayName=%C3%BC&relatedType=1\
         &imageProcess=i&usage=superLargeThumbnail",
    );
    assert_eq!(message(&op.clone().page_size(0)), "pageSize: got 0, allowed: 1 to 100");

    let (page, notes) = noted::<ListRelatedFiles>(
        r#"{"nextCursor": "c", "total": 9, "relatedToMeInfos": [{"operateType": 1, "id": "r", "files": [
            {"downloadLinks": [{"usage": "thumbnail", "downloadLink": "https://obs.example/a?sign=7"}]}]}], "code": "0"}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert!(!format!("{page:?}").contains("sign=7"), "{page:?}");
    assert_eq!(page.records[0].operate_type, Some(RelatedAction::Shared));
    assert_eq!(page.records[0].files[0].download_links[0].usage, Some(LinkUsage::Thumbnail));
    assert_eq!(op.turn(&page).unwrap(), Turn::Next);
    assert_eq!(wire(&op), "GET /related?pageCursor=c");
    let last = noted::<ListRelatedFiles>(r#"{"relatedToMeInfos": [{"id": "s"}], "total": 9}"#).0;
    assert_eq!(op.turn(&last).unwrap(), Turn::Last);
}
