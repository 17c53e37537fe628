//! Each style of paging, and how a listing turns to its next page.

use koodrive_proto::ErrorKind;
use koodrive_proto::flow::{Body, Pages};
use koodrive_proto::operation::{Turn, turn_cursor, turn_number, turn_offset};
use koodrive_proto::ops::files::{FileArea, ListPersonalFiles, PageInfo, SearchFiles, SearchPageInfo, SearchType};
use koodrive_proto::ops::jobs::ListJobs;
use koodrive_proto::ops::spaces::{GetSpaceUsageByQuota, GetSpaceUsageByUser};
use koodrive_proto::testing::{Reply, World};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{ListByNumber, ListByNumberedCursor, ListByText, asked, by_offset, entries, entries_of, list};
use crate::common::api;

#[test]
fn offset_and_limit_without_a_total() {
    // One more than needed: whether a short page is the last isn't certain, as the server may give fewer than asked.
    for (count, requests) in [(0, 1), (1, 2), (9, 2), (10, 2), (11, 3), (25, 4), (30, 4)] {
        let mut world = by_offset(count, 100, false);
        let pages = list(&mut world, ListJobs::new(0, 10));
        assert_eq!((pages.concat().len() as u64, world.visits().len()), (count, requests), "{count}");
    }
    // From the middle on.
    assert_eq!(list(&mut by_offset(25, 100, false), ListJobs::new(20, 10)).concat().len(), 5);
}

/// The server gives 7 at a time, whatever it is asked for. Only a first page that is short and has as many entries as
/// the total is certainly the last: otherwise, the server may count another way, and one more page is requested.
#[test]
fn offset_and_limit_with_a_total() {
    for (count, none, seven, ten) in
        [(0, 1, 1, 1), (6, 2, 1, 1), (7, 2, 2, 1), (8, 3, 3, 3), (14, 3, 3, 3), (25, 5, 5, 5)]
    {
        for (limit, requests) in [(None, none), (Some(7), seven), (Some(10), ten)] {
            let mut world = by_offset(count, 7, true);
            let mut op = GetSpaceUsageByQuota::new();
            op.limit = limit;
            let found = list(&mut world, op).into_iter().map(entries_of::<GetSpaceUsageByQuota>).sum::<usize>();
            assert_eq!((found as u64, world.visits().len()), (count, requests), "{count} {limit:?}");
        }
        let pages = list(&mut by_offset(count, 7, true), GetSpaceUsageByUser::new().limit(7));
        assert_eq!(pages.into_iter().map(entries_of::<GetSpaceUsageByUser>).sum::<usize>() as u64, count);
    }
}

/// Pages of a cursor listing: short and empty ones in the middle, `null`, missing or empty at the end.
#[test]
fn cursors() {
    for (end, first) in [(json!(null), None), (json!(""), Some(PageInfo::new().page_size(2)))] {
        let last = end.clone();
        let mut world = World::new(move |visit| {
            let (next, files) = match asked(visit, "pageCursor").as_deref() {
                None => (json!("[1|a,b]"), json!([{"id": "1"}, {"id": "2"}])),
                Some("[1|a,b]") => (json!("2"), json!([])),
                Some("2") => (json!(3), json!([{"id": "3"}])),
                Some("3") => (last.clone(), json!([{"id": "4"}])),
                other => panic!("{other:?}"),
            };
            Reply::ok(json!({"code": 0, "nextCursor": next, "files": files}).to_string())
        });
        let mut op = ListPersonalFiles::new(FileArea::Space, "IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b", "root");
        op.page_info = first;
        let pages = list(&mut world, op);
        let sizes: Vec<_> = pages.iter().map(|page| page.files.len()).collect();
        assert_eq!(sizes, [2, 0, 1, 1], "{end}");
    }
    let mut world = World::new(|visit| match asked(visit, "pageCursor").as_deref() {
        Some("") => Reply::ok(r#"{"files": [{"id": "1"}], "nextPageCursor": "x"}"#),
        Some("x") => Reply::ok(r#"{"files": [{"id": "2"}]}"#),
        other => panic!("{other:?}"),
    });
    let op = SearchFiles::new(SearchType::Personal, SearchPageInfo::new(100, ""));
    assert_eq!(list(&mut world, op).into_iter().map(entries_of::<SearchFiles>).sum::<usize>(), 2);
}

/// A cursor that leads to its own page would never end.
#[test]
fn a_cursor_that_does_not_move() {
    let mut world = World::new(|_| Reply::ok(r#"{"files": [], "nextPageCursor": "x"}"#));
    let api = api();
    let mut pages = Pages::new(SearchFiles::new(SearchType::Personal, SearchPageInfo::new(100, "")));
    // Both pages are there; only there is no way beyond.
    assert!(world.run(&api, &mut pages).unwrap().is_some());
    assert!(world.run(&api, &mut pages).unwrap().is_some());
    assert!(pages.request().is_none(), "the page after this one can't be asked for");
    let error = world.run(&api, &mut pages).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.to_string(), "SearchFiles: the cursor of the next page is that of this one");
    // A part is never taken for all.
    for _ in 0..2 {
        let error = world.run(&api, &mut pages).unwrap_err();
        assert_eq!(error.to_string(), "SearchFiles: the listing is incomplete: its next page can't be requested");
    }
    assert!(pages.request().is_none());
    assert!(world.run(&api, &mut pages.fused()).is_err());
    assert_eq!(world.visits().len(), 2);
}

/// A number that is written in another way is the same number.
#[test]
fn a_cursor_that_is_only_written_in_another_way() {
    for next in ["7", "07", "+7"] {
        let mut cursor = Some(7_u32);
        let error = turn_cursor(&mut cursor, Some(next)).unwrap_err();
        assert_eq!(error.to_string(), "the cursor of the next page is that of this one", "{next}");
    }
    let mut cursor = Some("7".to_owned());
    assert_eq!(turn_cursor(&mut cursor, Some("07")).unwrap(), Turn::Next);
    assert_eq!(cursor.as_deref(), Some("07"));
}

/// A cursor in which something couldn't be read leads nowhere.
#[test]
fn a_cursor_that_cannot_be_read() {
    let mut world = World::new(|_| Reply::ok(r#"{"files": [{"id": "1"}], "nextCursor": "n\udc00"}"#));
    let api = api();
    let mut pages = Pages::new(ListPersonalFiles::new(FileArea::Space, "1", "2"));
    assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().files.len(), 1);
    let error = world.run(&api, &mut pages).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(error.to_string(), "ListPersonalFiles: the cursor of the next page can't be read");
    let mut pages = pages.fused();
    assert_eq!(world.run(&api, &mut pages).unwrap_err().kind(), ErrorKind::Decode);
    assert!(world.run(&api, &mut pages).unwrap().is_none());
    assert_eq!(world.visits().len(), 1);
}

#[test]
fn the_other_styles() {
    for (count, total, requests) in
        [(0_u64, true, 1), (9, true, 1), (10, true, 2), (11, true, 3), (10, false, 2), (11, false, 3)]
    {
        let mut world = World::new(move |visit| {
            let page: u64 = asked(visit, "pageNum").unwrap().parse().unwrap();
            let list: Vec<u64> = ((page - 1) * 10..count.min(page * 10)).collect();
            Reply::ok(json!({"list": list, "total": total.then_some(count)}).to_string())
        });
        let pages = list(&mut world, ListByNumber::new(1).page_size(10));
        assert_eq!(pages.into_iter().map(entries_of::<ListByNumber>).sum::<usize>() as u64, count);
        assert_eq!(world.visits().len(), requests, "{count} {total}");
    }
    // Without a size, only an empty page is the end.
    let mut world = World::new(|visit| {
        let page: usize = asked(visit, "pageNum").unwrap().parse().unwrap();
        Reply::ok(json!({"list": vec![7; 3_usize.saturating_sub(page)], "total": 3}).to_string())
    });
    assert_eq!(list(&mut world, ListByNumber::new(1)).into_iter().map(entries_of::<ListByNumber>).sum::<usize>(), 3);

    let mut world = World::new(|visit| {
        let Body::Bytes(body) = visit.request.body() else { panic!() };
        let json: Json = serde_json::from_slice(body).unwrap();
        let offset: usize = json["offset"].as_str().unwrap().parse().unwrap();
        Reply::ok(json!({"list": vec![1; 5_usize.saturating_sub(offset).min(2)], "total": "5"}).to_string())
    });
    assert_eq!(list(&mut world, ListByText::new(0, 2)).into_iter().map(entries_of::<ListByText>).sum::<usize>(), 5);
    assert_eq!(world.visits().len(), 4);

    let mut world = World::new(|visit| match asked(visit, "pageCursor").as_deref() {
        None => Reply::ok(r#"{"list": [1], "nextCursor": "18446744073709551615"}"#),
        Some("18446744073709551615") => Reply::ok(r#"{"list": [2], "nextCursor": "none of a number"}"#),
        other => panic!("{other:?}"),
    });
    let api = api();
    let mut pages = Pages::new(ListByNumberedCursor::new());
    assert!(world.run(&api, &mut pages).unwrap().is_some());
    assert!(world.run(&api, &mut pages).unwrap().is_some());
    assert_eq!(world.run(&api, &mut pages).unwrap_err().kind(), ErrorKind::Decode);

    // A server that gives fewer than it is asked for.
    let mut world = World::new(|visit| {
        let page: usize = asked(visit, "pageNum").unwrap().parse().unwrap();
        let list: Vec<usize> = ((page - 1) * 20..(page * 20).min(110)).collect();
        Reply::ok(json!({"list": list, "total": 110}).to_string())
    });
    assert_eq!(
        list(&mut world, ListByNumber::new(1).page_size(50)).into_iter().map(entries_of::<ListByNumber>).sum::<usize>(),
        110
    );
}

/// A cursor that is no text and no number: the listing doesn't end as if it were complete.
#[test]
fn a_cursor_that_is_none() {
    for cursor in ["[]", "{\"a\": 1}", "[1, 2]"] {
        let body = format!(r#"{{"files": [{{"id": "1"}}], "nextPageCursor": {cursor}}}"#);
        let mut world = World::new(move |_| Reply::ok(body.clone()));
        let op = SearchFiles::new(SearchType::Personal, SearchPageInfo::new(100, ""));
        let (all, error, requests) = entries(&mut world, op);
        assert_eq!((all.len(), requests), (1, 1), "{cursor}");
        assert!(error.unwrap().to_string().ends_with("the cursor of the next page can't be read"), "{cursor}");
    }
}

proptest! {
    /// No number makes them panic, and every turn goes on.
    #[test]
    fn turning_goes_on_or_ends(offset: u32, number: u32, limit: Option<u64>, count: usize, total: Option<i64>) {
        let mut next = offset;
        if turn_offset(&mut next, limit, count, total) == Turn::Last {
            prop_assert_eq!(next, offset);
        } else {
            prop_assert!(next > offset);
        }
        let mut next = number;
        if turn_number(&mut next, limit, count, total) == Turn::Last {
            prop_assert_eq!(next, number);
        } else {
            prop_assert_eq!(next, number + 1);
        }
        let mut none = offset;
        prop_assert_eq!(turn_offset(&mut none, limit, 0, total), Turn::Last);
    }
}
