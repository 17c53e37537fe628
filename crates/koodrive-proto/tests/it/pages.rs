//! Listings in every style of the manuals, page by page: in virtual time.

use std::time::Duration;

use koodrive_proto::flow::{Body, Cause, Event, Pages, Reached, Step};
use koodrive_proto::operation::{Paged, Turn, turn_cursor, turn_number, turn_offset};
use koodrive_proto::ops::files::{FileArea, ListPersonalFiles, PageInfo, SearchFiles, SearchPage, SearchType};
use koodrive_proto::ops::jobs::ListJobs;
use koodrive_proto::ops::spaces::{GetSpaceUsageByQuota, GetSpaceUsageByUser};
use koodrive_proto::ops::tasks::ListTasks;
use koodrive_proto::param::Quoted;
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::{Error, ErrorKind, Flow, RetryPolicy, operation};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::common::api;

/// Everything that is asked for: the value of a query parameter, or of a member of the body.
fn asked(visit: &Visit, name: &str) -> Option<String> {
    let query = visit.request.uri().query().unwrap_or_default();
    if let Some(value) = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')) {
        return Some(value.to_owned());
    }
    let Body::Bytes(body) = visit.request.body() else { return None };
    let json: Json = serde_json::from_slice(body).ok()?;
    let value = json.get(name).or_else(|| json.get("pageInfo")?.get(name))?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// All pages, and the number of requests.
fn list<O: Paged>(world: &mut World, op: O) -> Vec<O::Output> {
    let (api, mut pages, mut all) = (api(), Pages::new(op), Vec::new());
    while let Some(page) = world.run(&api, &mut pages).unwrap() {
        all.push(page);
        assert!(all.len() < 1_000);
    }
    // The end stays the end.
    assert!(world.run(&api, &mut pages).unwrap().is_none());
    assert!(pages.request().is_none());
    all
}

fn entries_of<O: Paged>(mut page: O::Output) -> usize {
    O::items(&mut page).len()
}

/// A server with `count` entries: by offset and limit, with a total or without.
fn by_offset(count: u64, most: u64, total: bool) -> World {
    World::new(move |visit| {
        let number = |name: &str| asked(visit, name).and_then(|text| text.parse::<u64>().ok());
        let (offset, limit) = (number("offset").unwrap_or(0), number("limit").unwrap_or(most).min(most));
        let entries: Vec<Json> =
            (offset..count.min(offset + limit)).map(|id| json!({"taskId": id, "userId": id, "quota": id})).collect();
        let mut answer = json!({"code": 0, "data": entries});
        if total {
            answer["total"] = json!(count.to_string());
        }
        Reply::ok(answer.to_string())
    })
}

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
    let op = SearchFiles::new(SearchType::Personal, SearchPage::new(100, ""));
    assert_eq!(list(&mut world, op).into_iter().map(entries_of::<SearchFiles>).sum::<usize>(), 2);
}

/// A cursor that leads to its own page would never end.
#[test]
fn a_cursor_that_does_not_move() {
    let mut world = World::new(|_| Reply::ok(r#"{"files": [], "nextPageCursor": "x"}"#));
    let api = api();
    let mut pages = Pages::new(SearchFiles::new(SearchType::Personal, SearchPage::new(100, "")));
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

koodrive_proto::answer! {
    /// A page of numbers.
    Numbers {
        /// The numbers.
        list: Vec<i64>,
        /// How many in all; a text on some pages.
        total: Option<i64>,
        /// The next cursor.
        next_cursor: Option<String>,
    }
}

operation! {
    /// By the number of the page, as ListAlbums.
    GET "/albums" ListByNumber -> Numbers;
    AppOrToken, ReadOnly, Enterprise Partial;
    query { /// The page.
        page_num: u32 = "pageNum"; /// The size.
        page_size: u32 = "pageSize", }
}

impl Paged for ListByNumber {
    type Item = i64;
    fn turn(&mut self, page: &Numbers) -> Result<Turn, Error> {
        Ok(turn_number(&mut self.page_num, self.page_size.map(u64::from), page.list.len(), page.total))
    }
    fn items(page: &mut Numbers) -> &mut Vec<i64> {
        &mut page.list
    }
}

operation! {
    /// By offset and limit, both typed String, as ListUsers.
    POST "/users" ListByText -> Numbers;
    AppOrToken, ReadOnly, Enterprise Partial;
    body { /// How many to skip.
        offset: Quoted<u32>, /// How many.
        limit: Quoted<u32>; }
}

impl Paged for ListByText {
    type Item = i64;
    fn turn(&mut self, page: &Numbers) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset.0, Some(self.limit.0.into()), page.list.len(), page.total))
    }
    fn items(page: &mut Numbers) -> &mut Vec<i64> {
        &mut page.list
    }
}

operation! {
    /// By a cursor that is a number, as ListTasks.
    GET "/tasks" ListByNumberedCursor -> Numbers;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {; /// The cursor.
        page_cursor: u64 = "pageCursor", }
}

impl Paged for ListByNumberedCursor {
    type Item = i64;
    fn turn(&mut self, page: &Numbers) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
    }
    fn items(page: &mut Numbers) -> &mut Vec<i64> {
        &mut page.list
    }
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

/// A listing whose driver is cancelled again and again goes on with the page that it was at.
#[test]
fn in_a_loop_of_cancelling() {
    let (api, mut world) = (api(), by_offset(25, 100, false));
    let mut pages = Pages::new(ListJobs::new(0, 10));
    for _ in 0..9 {
        assert!(matches!(pages.resume(&api, world.now(), Event::Start), Step::Send(_)));
    }
    assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 10);
}

/// An error leaves a listing where it was, and so does a driver that is cancelled.
#[test]
fn errors_and_cancelling_lose_nothing() {
    let mut trouble = 0;
    let mut world = World::new(move |visit| {
        trouble += 1;
        if trouble == 2 {
            return Reply::failed(Reached::Maybe, Cause::Network);
        }
        let offset: u64 = asked(visit, "offset").unwrap().parse().unwrap();
        let entries: Vec<Json> = (offset..25.min(offset + 10)).map(|id| json!({"taskId": id})).collect();
        Reply::ok(json!({"data": entries}).to_string())
    });
    let (api, mut pages) = (api(), Pages::new(ListJobs::new(0, 10)).retry(RetryPolicy::none()));
    assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 10);
    assert_eq!(world.run(&api, &mut pages).unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(pages.request().unwrap().offset, 10);
    // Cancelled while the answer is outstanding: counts as an attempt of this page.
    let mut pages = pages.retry(RetryPolicy::default());
    assert!(matches!(pages.resume(&api, world.now(), Event::Start), Step::Send(_)));
    assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 10);
    assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 5);
    assert!(world.run(&api, &mut pages).unwrap().is_none());
    // Between pages there is nothing but Start.
    let Step::Done(Err(error)) = pages.resume(&api, world.now(), Event::Elapsed) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
}

/// Entries come one by one, whatever pages they come in; an error is the end, and tells where to go on.
#[test]
fn entries_one_by_one() {
    let (api, mut world) = (api(), by_offset(25, 100, false));
    let mut items = Pages::new(ListJobs::new(0, 10)).items();
    for id in 0..25 {
        // A driver that is cancelled loses no entry.
        if id == 10 {
            assert!(matches!(items.resume(&api, world.now(), Event::Start), Step::Send(_)));
        }
        let job = world.run(&api, &mut items).unwrap().unwrap();
        assert_eq!((job.task_id, world.visits().len()), (Some(id.to_string()), usize::try_from(id / 10 + 1).unwrap()));
    }
    for _ in 0..2 {
        assert!(world.run(&api, &mut items).unwrap().is_none());
    }
    assert!(items.request().is_none());
    assert!(format!("{items:?}").contains("left: 0"));

    let mut items = Pages::new(ListJobs::new(0, 10)).retry(RetryPolicy::none()).items();
    let mut world =
        World::script([Reply::ok(json!({"data": vec![json!({}); 10]}).to_string()), Reply::status(503, "")]);
    for _ in 0..10 {
        assert!(world.run(&api, &mut items).unwrap().is_some());
    }
    assert_eq!(world.run(&api, &mut items).unwrap_err().kind(), ErrorKind::Api);
    for _ in 0..2 {
        assert!(world.run(&api, &mut items).unwrap().is_none());
    }
    assert_eq!((items.request().unwrap().offset, world.visits().len()), (10, 2));
    // A wrong event is an error, and no entry is lost by it.
    let mut items = Pages::new(ListJobs::new(0, 10)).items();
    let Step::Done(Err(error)) = items.resume(&api, world.now(), Event::Elapsed) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
}

/// Each page has its own attempts and its own deadline, and options go with every request.
#[test]
fn options_hold_for_every_page() {
    let mut world = World::new(|visit| {
        let id = asked(visit, "offset");
        if visit.attempt < 3 {
            Reply::status(503, "")
        } else {
            Reply::ok(json!({"data": [{"taskId": id}]}).to_string())
        }
    });
    let trace_id = koodrive_proto::TraceId::from_bytes([5; 29]);
    let api = api();
    let mut pages = Pages::new(ListJobs::new(0, 1)).trace_id(trace_id.clone()).page_deadline(Duration::from_secs(5));
    for _ in 0..4 {
        world.pass(Duration::from_secs(100));
        assert!(world.run(&api, &mut pages).unwrap().is_some());
    }
    assert_eq!(world.visits().len(), 12);
    assert!(world.visits().iter().all(|visit| visit.request.headers()["x-traceid"] == trace_id.as_str()));
}

/// What servers do with the offset and the limit that they are asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Obeys {
    Both,
    /// Gives all that is left.
    NoLimit,
    /// Gives the first page again and again.
    NoOffset,
    /// Gives the last page for any page beyond.
    Clamps,
    /// Gives 4 at a time at most.
    Caps,
    /// Refuses pages beyond the last.
    Refuses,
}

/// What they say is the total.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Total {
    None,
    All,
    OfThePage,
    OfTheRest,
    Zero,
}

/// A server with `count` entries, of which none is like another unless `alike`.
fn odd_server(count: u64, obeys: Obeys, total: Total, alike: bool, by_number: bool) -> World {
    World::new(move |visit| {
        let number = |name: &str| asked(visit, name).and_then(|text| text.parse::<u64>().ok());
        let limit = number("limit").or_else(|| number("pageSize")).unwrap_or(10);
        let limit = if obeys == Obeys::Caps { limit.min(4) } else { limit };
        let offset = if by_number { (number("pageNum").unwrap() - 1) * limit } else { number("offset").unwrap_or(0) };
        let last = count.saturating_sub(1) / limit * limit;
        let (from, to) = match obeys {
            Obeys::Refuses if offset > 0 && offset >= count => return Reply::status(400, r#"{"code": 13000102}"#),
            Obeys::Both | Obeys::Caps | Obeys::Refuses => (offset, offset + limit),
            Obeys::NoLimit => (if by_number && offset > 0 { count } else { offset }, u64::MAX),
            Obeys::NoOffset => (0, limit),
            Obeys::Clamps => (offset.min(last), offset.min(last) + limit),
        };
        let entries: Vec<u64> = (from..to.min(count)).map(|id| if alike { 1 } else { id }).collect();
        let total = match total {
            Total::None => None,
            Total::All => Some(count),
            Total::OfThePage => Some(entries.len() as u64),
            Total::OfTheRest => Some(count.saturating_sub(from)),
            Total::Zero => Some(0),
        };
        Reply::ok(json!({"code": 0, "list": entries, "total": total}).to_string())
    })
}

operation! {
    /// By an offset and a limit that may be missing.
    GET "/offsets" ListByOffset -> Numbers;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {; /// How many to skip.
        offset: u32, /// How many.
        limit: u32, }
}

impl Paged for ListByOffset {
    type Item = i64;
    fn turn(&mut self, page: &Numbers) -> Result<Turn, Error> {
        let limit = self.limit.map(u64::from);
        Ok(turn_offset(self.offset.get_or_insert_default(), limit, page.list.len(), page.total))
    }
    fn items(page: &mut Numbers) -> &mut Vec<i64> {
        &mut page.list
    }
}

/// All entries up to the end or the error, and how many requests that took.
fn entries<O: Paged>(world: &mut World, op: O) -> (Vec<O::Item>, Option<Error>, u64) {
    let (api, mut items, mut all) = (api(), Pages::new(op).items(), Vec::new());
    let error = loop {
        match world.run(&api, &mut items) {
            Ok(Some(item)) => all.push(item),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
        assert!(all.len() < 10_000, "no end");
    };
    (all, error, world.visits().len() as u64)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Whatever a server does with offset, limit and page number, and whatever it says is the total: no entry is lost
    /// without a word, none comes again and again, and one request more than needed is the most.
    #[test]
    fn odd_servers_lose_nothing(
        count in 0..60_u64,
        limit in prop::option::of(1..12_u32),
        obeys in prop::sample::select(vec![
            Obeys::Both, Obeys::NoLimit, Obeys::NoOffset, Obeys::Clamps, Obeys::Caps, Obeys::Refuses
        ]),
        total in prop::sample::select(vec![Total::None, Total::All, Total::OfThePage, Total::OfTheRest, Total::Zero]),
        by_number: bool,
    ) {
        let size = u64::from(limit.unwrap_or(10));
        let size = if obeys == Obeys::Caps { size.min(4) } else { size };
        let mut world = odd_server(count, obeys, total, false, by_number);
        let (all, error, requests) = if by_number {
            let mut op = ListByNumber::new(1);
            op.page_size = limit;
            entries(&mut world, op)
        } else {
            let mut op = ListByOffset::new();
            op.limit = limit;
            entries(&mut world, op)
        };
        let pages = if obeys == Obeys::NoLimit { 1 } else { count.div_ceil(size).max(1) };
        let expected: Vec<i64> = (0..i64::try_from(count).unwrap()).collect();
        // Pages of one entry without an id may be different ones, though they are alike.
        let repeated = match obeys {
            Obeys::NoOffset => count.min(size),
            Obeys::Clamps if count > 0 => (count - 1) % size + 1,
            _ => 0,
        };
        let alike = repeated == 1;
        // Without a total, a page that comes again may have been moved by new entries, so it is skipped once.
        let more = match obeys {
            _ if alike => 8,
            Obeys::Clamps if total == Total::None => 2,
            _ => 1,
        };
        prop_assert!(requests <= pages + more, "{} of {}", requests, pages);
        match (&error, obeys) {
            _ if alike => {}
            // A short page whose total is its own: that is what the only page of an honest server looks like.
            (None, Obeys::Caps) if total == Total::OfThePage && all.len() == 4 => {}
            (None, Obeys::NoOffset) => {
                // Nothing in the answers tells this from a server that has no more.
                let complete = count <= size;
                prop_assert!(complete || matches!(total, Total::OfThePage | Total::Zero), "{:?}", all);
                prop_assert_eq!(&all[..], &expected[..all.len()]);
            }
            (None, _) => prop_assert_eq!(all, expected),
            (Some(error), _) => {
                prop_assert_eq!(error.kind(), ErrorKind::Decode);
                prop_assert!(error.to_string().ends_with("the server answered the same page again, not the next one"), "{}", error);
                // Everything that the server ever gives has come once.
                prop_assert_eq!(&all[..], &expected[..all.len()]);
                prop_assert!(matches!(obeys, Obeys::NoOffset | Obeys::Clamps));
            }
        }
    }
}

/// Jobs that change while they are listed, by a server that ignores the offset; and pages that alternate, though the
/// cursor counts on.
#[test]
fn entries_are_known_by_their_ids() {
    let mut time = 0;
    let mut world = World::new(move |_| {
        time += 1;
        let jobs: Vec<Json> = (0..10).map(|id| json!({"taskId": id.to_string(), "progress": time + id})).collect();
        Reply::ok(json!({"data": jobs}).to_string())
    });
    let (jobs, error, requests) = entries(&mut world, ListJobs::new(0, 10));
    assert_eq!((jobs.len(), error.unwrap().kind(), requests), (10, ErrorKind::Decode, 2));

    let mut page = 0;
    let mut world = World::new(move |_| {
        page += 1;
        let tasks = json!([{"taskId": format!("{}a", page % 2)}, {"taskId": format!("{}b", page % 2)}]);
        Reply::ok(json!({"taskList": tasks, "nextCursor": page.to_string()}).to_string())
    });
    let (tasks, error, requests) = entries(&mut world, ListTasks::new());
    assert!(error.unwrap().to_string().ends_with("the server answered the same page again, not the next one"));
    assert!(tasks.len() <= 8 && requests <= 5, "{} {requests}", tasks.len());
}

/// As many new entries as a page has come in between two requests: the page that comes again is left out.
#[test]
fn entries_that_come_in_meanwhile() {
    let mut new = 0;
    let mut world = World::new(move |visit| {
        let offset: usize = asked(visit, "offset").unwrap().parse().unwrap();
        let all: Vec<usize> = (0..new).map(|id| 1_000 + id).rev().chain(0..30).collect();
        let page: Vec<Json> =
            all[offset.min(all.len())..(offset + 10).min(all.len())].iter().map(|id| json!({"userId": id})).collect();
        let total = all.len();
        new += if offset == 10 { 10 } else { 0 };
        Reply::ok(json!({"code": 0, "data": page, "total": total}).to_string())
    });
    let (users, error, _) = entries(&mut world, GetSpaceUsageByUser::new().limit(10).offset(0));
    let users: Vec<String> = users.into_iter().map(|user| user.user_id.unwrap().as_str().to_owned()).collect();
    assert!(error.is_none(), "{error:?}");
    assert_eq!(users, (0..30).map(|id| id.to_string()).collect::<Vec<_>>());
}

/// A server that leaves out entries after it has made the pages: some are empty.
#[test]
fn empty_pages_by_number() {
    let mut world = World::new(|visit| {
        let page: u64 = asked(visit, "pageNum").unwrap().parse().unwrap();
        let list: Vec<u64> = if page == 2 { Vec::new() } else { ((page - 1) * 10..(page * 10).min(30)).collect() };
        Reply::ok(json!({"list": list, "total": 30}).to_string())
    });
    let (all, error, _) = entries(&mut world, ListByNumber::new(1).page_size(10));
    assert!(all.len() == 20 && error.is_none(), "{all:?} {error:?}");
}

/// Honest pages that look alike, since their entries have no ids.
#[test]
fn honest_pages_that_look_alike() {
    for pages in
        [vec![vec![7], vec![7], vec![8]], vec![vec![1, 2], vec![], vec![1, 2]], vec![vec![1], vec![2], vec![1]]]
    {
        let expected: Vec<i64> = pages.concat();
        let mut world = World::new(move |visit| {
            let at = asked(visit, "pageCursor").map_or(0, |cursor| cursor.parse::<usize>().unwrap());
            let next = (at + 1 < pages.len()).then(|| (at + 1).to_string());
            Reply::ok(json!({"list": pages[at], "nextCursor": next}).to_string())
        });
        let (all, error, _) = entries(&mut world, ListByNumberedCursor::new());
        assert!(error.is_none(), "{error:?}");
        assert_eq!(all, expected);
    }
}

/// A page that was only requested to make sure may be refused, but not for the token, for a limit of calls, or by
/// trouble.
#[test]
fn a_page_beyond_the_last_may_be_refused() {
    let own = r#"{"code": 99999999}"#;
    for (status, body, ends) in [
        (400, own, true),
        (404, "", true),
        (416, own, true),
        // Nothing of KooDrive's own.
        (400, r#"{"error_code": "APIGW.0201"}"#, false),
        (404, "<html>", false),
        (401, own, false),
        (403, own, false),
        (429, own, false),
        (503, own, false),
    ] {
        let mut world = World::new(move |visit| match asked(visit, "offset").as_deref() {
            Some("0") => Reply::ok(json!({"list": [1, 2], "total": 2}).to_string()),
            _ => Reply::status(status, body),
        });
        let (all, error, _) = entries(&mut world, ListByOffset::new().offset(0).limit(2));
        assert_eq!((all.len(), error.is_none()), (2, ends), "{status} {body}");
    }
    // A page that has to be there may not.
    let mut world = World::new(|visit| match asked(visit, "offset").as_deref() {
        Some("0") => Reply::ok(json!({"list": [1, 2], "total": 3}).to_string()),
        _ => Reply::status(400, ""),
    });
    assert!(entries(&mut world, ListByOffset::new().offset(0).limit(2)).1.is_some());
}

/// Entries that can't be told apart, such as those of a summary: equal pages may be different ones.
#[test]
fn entries_that_are_all_alike() {
    for total in [Total::None, Total::OfThePage, Total::OfTheRest, Total::All, Total::Zero] {
        for by_number in [false, true] {
            let mut world = odd_server(25, Obeys::Both, total, true, by_number);
            let (all, error, requests) = if by_number {
                entries(&mut world, ListByNumber::new(1).page_size(10))
            } else {
                entries(&mut world, ListByOffset::new().limit(10))
            };
            assert!(all.len() == 25 && error.is_none() && requests <= 4, "{total:?} {by_number}: {all:?} {error:?}");
        }
    }
    // But not without end.
    let (all, error, _) = entries(&mut odd_server(25, Obeys::NoOffset, Total::None, true, false), ListByOffset::new());
    assert_eq!((all.len(), error.unwrap().kind()), (80, ErrorKind::Decode));
    // Nor do pages without an entry.
    let mut number = 0;
    let mut world = World::new(move |_| {
        number += 1;
        Reply::ok(json!({"list": [], "nextCursor": number.to_string()}).to_string())
    });
    let (all, error, requests) = entries(&mut world, ListByNumberedCursor::new());
    assert!(all.is_empty() && error.unwrap().to_string().ends_with("1000 pages in a row were empty"));
    assert_eq!(requests, 1_001);
}

proptest! {
    /// Cursors that go round in a circle of any length, after a way of any length: each page comes, the listing ends
    /// with an error, and soon.
    #[test]
    fn cursors_that_go_round_in_a_circle(way in 0..40_u64, length in 1..40_u64) {
        let mut world = World::new(move |visit| {
            let at = asked(visit, "pageCursor").map_or(0, |cursor| cursor.parse::<u64>().unwrap() - 1);
            let next = if at + 1 == way + length { way } else { at + 1 };
            Reply::ok(json!({"list": [at], "nextCursor": (next + 1).to_string()}).to_string())
        });
        let (all, error, requests) = entries(&mut world, ListByNumberedCursor::new());
        let error = error.unwrap();
        prop_assert_eq!(error.kind(), ErrorKind::Decode);
        let same = error.to_string().ends_with("the server answered the same page again, not the next one");
        prop_assert!(same || error.to_string().contains("cursor of the next page"), "{}", error);
        for page in 0..(way + length) {
            prop_assert!(all.contains(&i64::try_from(page).unwrap()), "{}", page);
        }
        prop_assert!(requests <= 4 * (way + length) + 2, "{}", requests);
    }
}

/// A cursor that is no text and no number: the listing doesn't end as if it were complete.
#[test]
fn a_cursor_that_is_none() {
    for cursor in ["[]", "{\"a\": 1}", "[1, 2]"] {
        let body = format!(r#"{{"files": [{{"id": "1"}}], "nextPageCursor": {cursor}}}"#);
        let mut world = World::new(move |_| Reply::ok(body.clone()));
        let op = SearchFiles::new(SearchType::Personal, SearchPage::new(100, ""));
        let (all, error, requests) = entries(&mut world, op);
        assert_eq!((all.len(), requests), (1, 1), "{cursor}");
        assert!(error.unwrap().to_string().ends_with("the cursor of the next page can't be read"), "{cursor}");
    }
}

/// No more pages than asked for; the listing says where to go on.
#[test]
fn at_most_so_many_pages() {
    let (api, mut world) = (api(), by_offset(25, 100, false));
    let mut pages = Pages::new(ListJobs::new(0, 10)).at_most(2);
    for _ in 0..2 {
        assert_eq!(world.run(&api, &mut pages).unwrap().unwrap().len(), 10);
    }
    for _ in 0..2 {
        assert!(world.run(&api, &mut pages).unwrap().is_none());
    }
    assert_eq!((pages.request().unwrap().offset, world.visits().len()), (20, 2));
    let op = pages.request().unwrap().clone();
    assert_eq!(entries(&mut world, op).0.len(), 5);
    // What fails is no page.
    let mut world = World::script([Reply::status(400, ""), Reply::ok("{}"), Reply::ok("{}")]);
    let mut pages = Pages::new(ListJobs::new(0, 10)).at_most(1);
    assert!(world.run(&api, &mut pages).is_err());
    assert!(world.run(&api, &mut pages).is_ok());
    assert!(Pages::new(ListJobs::new(0, 10)).at_most(0).request().is_some());
    // A listing that can't go on isn't complete.
    let mut world = World::new(|_| Reply::ok(r#"{"list": [1], "nextCursor": "none of a number"}"#));
    let mut pages = Pages::new(ListByNumberedCursor::new()).at_most(1);
    assert!(world.run(&api, &mut pages).unwrap().is_some());
    assert!(world.run(&api, &mut pages).is_err());
    assert!(world.run(&api, &mut Pages::new(ListJobs::new(0, 10)).at_most(0)).unwrap().is_none());
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
