//! Listings in every style of the manuals, page by page: in virtual time.

mod driving;
mod odd;
mod styles;

use koodrive_proto::flow::{Body, Pages};
use koodrive_proto::operation::{Paged, Turn, turn_cursor, turn_number, turn_offset};
use koodrive_proto::param::Quoted;
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::{Error, operation};
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
