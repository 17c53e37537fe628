//! Servers that count, repeat, cap or forget in ways of their own: a listing loses nothing without a word, and ends.

use koodrive_proto::ErrorKind;
use koodrive_proto::ops::jobs::ListJobs;
use koodrive_proto::ops::spaces::GetSpaceUsageByUser;
use koodrive_proto::ops::tasks::ListTasks;
use koodrive_proto::testing::{Reply, World};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::{ListByNumber, ListByNumberedCursor, ListByOffset, asked, entries};

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
