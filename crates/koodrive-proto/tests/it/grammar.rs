//! What a declaration can say beyond arguments and options: what is required and set by name, what is sent unless it is
//! set, what one operation allows of an object that others use as well, what only one manual requires.

#![allow(missing_docs, reason = "the parameters of a test need none")]

use koodrive_proto::check::{FromParams, require};
use koodrive_proto::http::header::CONTENT_LENGTH;
use koodrive_proto::http::{Method, Request};
use koodrive_proto::operation::Received;
use koodrive_proto::param::{ExtractCode, Quoted};
use koodrive_proto::schema::{Constant, Edition};
use koodrive_proto::{FileId, Operation, choices, object, operation};
use serde_json::{Value as Json, json};

use crate::common::{api, now};

operation! {
    /// A DELETE with a body, at the second version.
    DELETE "/koodrive/ose/v2/odd/{id}" DeleteOdd -> ();
    AppOrToken, Once, Carrier Full, Enterprise Full;
    path { id: String }
    query { { area: Area | 0, size: u32 [1..=100] | 20 = "pageSize" }; states: Vec<u32> = "status" }
    header { { level: Level | "low" = "x-level" } }
    body {
        name: String,
        {
            deep: bool | false = "recursive",
            days: Quoted<u32> [1..=30, "days"] | 7,
            owner: String [1..=5] => Carrier,
            rights: Rights,
        };
        page: Page ["size": 1..=50, "entries"],
        pages: Vec<Page> [1..=2; "number": 0..=7],
        small: Vec<Page> ["size": 1..=2; "number": 0..=0],
        order: Order ["by": 1 | 2],
        shares: Vec<String> [1..=3] => Carrier requires,
    }
}

object! {
    /// Flags, all of which have to be set.
    Rights {{ read: bool, write: bool = "canWrite" }}
}

object! {
    /// An object that two operations use.
    Page {; size: u32 [1..=1000], number: u32 }
}

object! {
    /// Another.
    Order { by: By; level: Level }
}

choices! {
    /// By what.
    pub enum By: number {
        /// The name.
        Name = 1,
        /// The size.
        Size = 2,
        /// The time.
        Time = 3,
    }
}

choices! {
    /// Where.
    pub enum Area: number {
        /// Here.
        Here = 0,
        /// There.
        There = 1,
    }
}

choices! {
    /// A level.
    pub enum Level: text {
        /// Low.
        Low = "low",
    }
}

operation! {
    /// The same object without a limit of its own.
    POST "/koodrive/ose/v1/other" Other -> ();
    AppOrToken, Once, Carrier Full;
    body { page: Page }
}

fn odd() -> DeleteOdd {
    DeleteOdd::new("7", "n").owner("me").rights(Rights::new().read(true).write(false))
}

fn refused(op: &DeleteOdd) -> String {
    op.check().unwrap_err().to_string()
}

#[test]
fn what_is_required_and_set_by_name_is_sent_or_its_default_is() {
    let request = api().request(&odd(), now()).unwrap();
    assert_eq!(request.method(), Method::DELETE);
    assert_eq!(request.uri().path_and_query().unwrap(), "/koodrive/ose/v2/odd/7?area=0&pageSize=20");
    assert_eq!(request.headers()["x-level"], "low");
    let body = r#"{"name":"n","recursive":false,"days":"7","owner":"me","rights":{"read":true,"canWrite":false}}"#;
    assert_eq!(request.body(), body);
    assert_eq!(request.headers()[CONTENT_LENGTH], body.len().to_string().as_str());

    let op = odd().deep(true).days(30).size(1).states([1, 2]).area(Area::There);
    let request = api().request(&op, now()).unwrap();
    assert_eq!(request.uri().path_and_query().unwrap(), "/koodrive/ose/v2/odd/7?area=1&pageSize=1&status=1&status=2");
    assert!(request.body().starts_with(br#"{"name":"n","recursive":true,"days":"30","#));
}

#[test]
fn what_is_missing_is_refused_by_name() {
    let refused = |op: DeleteOdd| (refused(&op), api().request(&op, now()).unwrap_err().to_string());
    let owner = "owner: got nothing, allowed: a text; it is required";
    assert_eq!(
        refused(DeleteOdd::new("7", "n").rights(Rights::new())).0,
        "rights.read: got nothing, allowed: true or false; it is required"
    );
    assert_eq!(
        refused(DeleteOdd::new("7", "n").rights(Rights::new().read(true))).0,
        "rights.canWrite: got nothing, allowed: true or false; it is required"
    );
    let missing = DeleteOdd::new("7", "n").rights(Rights::new().read(true).write(true));
    assert_eq!(refused(missing), (owner.to_owned(), format!("DeleteOdd: {owner}")));
    let mut unset = odd();
    unset.size = None;
    assert_eq!(refused(unset).0, "pageSize: got nothing, allowed: a whole number; it is required");
    // What is wrong comes before what is missing.
    assert_eq!(refused(DeleteOdd::new("7", "n").days(31)).0, "days: got 31, allowed: 1 to 30 days");
}

#[test]
fn an_operation_limits_an_object_that_others_use() {
    let page = || Page::new().size(51);
    assert_eq!(refused(&odd().page(page())), "page.size: got 51, allowed: 1 to 50 entries");
    assert_eq!(odd().page(Page::new().size(50)).check(), Ok(()));
    assert_eq!(odd().pages([page(), page()]).check(), Ok(()));
    assert_eq!(Other::new(Page::new().size(1000)).check(), Ok(()));
    assert_eq!(refused(&odd().pages([Page::new().size(1001)])), "pages[0].size: got 1001, allowed: 1 to 1000");
    assert_eq!(refused(&odd().small([Page::new(), Page::new().size(3)])), "small[1].size: got 3, allowed: 1 to 2");
    assert_eq!(refused(&odd().small([Page::new().number(1)])), "small[0].number: got 1, allowed: exactly 0");
    assert_eq!(refused(&odd().pages([page(), page(), page()])), "pages: got 3 entries, allowed: 1 to 2 entries");
    assert_eq!(refused(&odd().pages([page().number(8)])), "pages[0].number: got 8, allowed: 0 to 7");
    assert_eq!(odd().order(Order::new(By::Size).level(Level::Low)).check(), Ok(()));
    assert_eq!(refused(&odd().order(Order::new(By::Time))), "order.by: got 3 (Time), allowed: 1 (Name), 2 (Size)");
    // As the other side sees it.
    let mut input = params();
    input["page"] = json!({"size": 51});
    assert_eq!(DeleteOdd::META.check(&input).unwrap_err().to_string(), "page.size: got 51, allowed: 1 to 50 entries");
    input["page"] = json!({"size": 50});
    input["small"] = json!([{"number": 1}]);
    assert_eq!(DeleteOdd::META.check(&input).unwrap_err().to_string(), "small[0].number: got 1, allowed: exactly 0");
}

/// Whatever is wrong, the error has the operation's own limit.
#[test]
fn errors_tell_the_narrower_limit() {
    let refused = |name: &str, value: Json| {
        let mut input = params();
        input[name] = value;
        let error = DeleteOdd::META.check(&input).unwrap_err().to_string();
        assert_eq!(DeleteOdd::from_params(&input).and_then(|op| op.check()).unwrap_err().to_string(), error);
        error
    };
    for size in [51, 4_294_967_296_i64] {
        let expected = format!("page.size: got {size}, allowed: 1 to 50 entries");
        assert_eq!(refused("page", json!({"size": size})), expected);
    }
    assert_eq!(refused("pages", json!([{"number": 9}])), "pages[0].number: got 9, allowed: 0 to 7");
    assert_eq!(refused("pages", json!([{"number": -1}])), "pages[0].number: got -1, allowed: 0 to 7");
    let expected = "order.by: got nothing, allowed: 1 (Name), 2 (Size); it is required";
    assert_eq!(refused("order", json!({})), expected);
    assert_eq!(refused("order", json!({"by": 3})), "order.by: got 3 (Time), allowed: 1 (Name), 2 (Size)");
    assert_eq!(
        refused("order", json!({"by": "x"})),
        "order.by: got a text that can't be read as one, allowed: 1 (Name), 2 (Size)"
    );
}

/// A rule about a parameter that isn't there would never refuse anything, so it always does.
#[test]
fn what_one_parameter_requires_of_others() {
    assert_eq!(require(&odd(), &["owner", "name"], "with something"), Ok(()));
    let error = require(&odd(), &["owner", "page"], "with owner").unwrap_err();
    assert_eq!(error.to_string(), "page: got nothing, allowed: an object; it is required with owner");
    assert_eq!(require(&odd(), &["pgae"], "with owner").unwrap_err().name(), "pgae");
}

operation! {
    /// Limits that the examples of kinds don't meet by themselves.
    POST "/koodrive/ose/v1/examples" Examples -> ();
    AppOrToken, Once, Carrier Full;
    body { code: ExtractCode [20..=40], big: u64 [10_000_000_000_000_000_000..=18_000_000_000_000_000_000], ids: Vec<FileId> }
}

#[test]
fn examples_keep_the_limits() {
    let example = Json::from(Examples::META.example());
    assert_eq!(Examples::META.check(&example), Ok(()), "{example}");
    assert_eq!(Examples::from_params(&example).unwrap().check(), Ok(()));
    // One text is a list of one.
    assert_eq!(Examples::new("a".repeat(20), 1, "f").ids, [FileId::from("f")]);
}

fn params() -> Json {
    json!({
        "id": "7", "pageSize": 20, "x-level": "low", "name": "n", "recursive": false, "days": "7", "owner": "me",
        "rights": {"read": true, "canWrite": false},
        "area": 0,
    })
}

/// A tool may leave out what has a default; a server has to be sent it.
#[test]
fn defaults_from_the_outside() {
    assert_eq!(DeleteOdd::META.check(&params()), Ok(()));
    assert_eq!(DeleteOdd::from_params(&params()).unwrap(), odd());
    for name in ["pageSize", "x-level", "recursive", "days", "area"] {
        let mut less = params();
        less.as_object_mut().unwrap().remove(name);
        assert_eq!(DeleteOdd::from_params(&less).unwrap(), odd(), "{name}");
        let error = DeleteOdd::META.check(&less).unwrap_err();
        assert_eq!((error.name(), error.got()), (name, "nothing"));
        assert!(error.allowed().ends_with("; it is required"), "{error}");
    }
    for name in ["owner", "rights", "name"] {
        let mut less = params();
        less.as_object_mut().unwrap().remove(name);
        assert_eq!(DeleteOdd::from_params(&less).unwrap_err().name(), name);
    }
    let (parts, body) = api().request(&odd().shares(["s"]), now()).unwrap().into_parts();
    let received = Received::read(DeleteOdd::META, &parts, &body).unwrap();
    assert_eq!(DeleteOdd::META.check(&received), Ok(()));
    assert_eq!(DeleteOdd::from_params(&received).unwrap(), odd().shares(["s"]));
    let bare = Request::delete("/koodrive/ose/v2/odd/7").body(()).unwrap().into_parts().0;
    let received = Received::read(DeleteOdd::META, &bare, b"").unwrap();
    assert_eq!(DeleteOdd::META.check(&received).unwrap_err().name(), "name");
}

#[test]
fn the_table_has_it() {
    let field = |name: &str| *DeleteOdd::META.params.iter().find(|field| field.name == name).unwrap();
    let size = field("pageSize");
    assert_eq!((size.required, size.default), (true, Some(Constant::Number(20))));
    let shares = field("shares");
    assert_eq!((shares.required, shares.required_by, shares.only), (false, Some(Edition::Carrier), None));
    let owner = field("owner");
    assert_eq!((owner.required, owner.only, owner.default), (true, Some(Edition::Carrier), None));
    let page = field("page").members;
    assert_eq!(
        (page.len(), page[0].name, page[0].limit.map(|limit| (limit.min, limit.max, limit.unit))),
        (1, "size", Some((1, 50, "entries")))
    );
    let names: Vec<_> = DeleteOdd::META.params.iter().map(|field| field.name).collect();
    assert_eq!(
        names,
        [
            "id",
            "name",
            "area",
            "pageSize",
            "x-level",
            "recursive",
            "days",
            "owner",
            "rights",
            "status",
            "page",
            "pages",
            "small",
            "order",
            "shares",
        ],
    );
    let example = Json::from(DeleteOdd::META.example());
    assert_eq!(DeleteOdd::META.check(&example), Ok(()));
}
