//! Types that know nothing of this crate, as the answer of an operation.

use std::collections::BTreeMap;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::http::{HeaderMap, Method};
use koodrive_proto::operation::Content;
use koodrive_proto::ops::files::FilePage;
use koodrive_proto::ops::spaces::{GetSpace, Space, SpaceStatus};
use koodrive_proto::schema::{Auth, Safety};
use koodrive_proto::wire::{Cursor, Readable};
use koodrive_proto::{Error, InvalidParam, Meta, Operation, operation};
use serde::{Deserialize, Deserializer};

use crate::common::{noted, parse};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(unreachable_pub, reason = "an operation is public")]
pub struct Own {
    closed: Option<Closed>,
    quoting: Option<Quoting>,
    map: BTreeMap<String, u8>,
    texts: BTreeMap<String, String>,
    blob: Option<Blob>,
    list: Vec<Entry>,
    flag: bool,
    text: String,
    ratio: f32,
    unit: (),
    pair: Option<(u8, Option<u8>)>,
    space: Option<Space>,
    any: serde_json::Value,
    shape: Option<Shape>,
    page: Option<FilePage>,
    pages: BTreeMap<String, FilePage>,
    tree: Tree,
}

/// JSON in a text.
#[derive(Debug)]
struct Blob;

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        serde_json::from_str::<FilePage>(&text).map(|_| Self).map_err(serde::de::Error::custom)
    }
}

/// A list of itself, which any value could stand for without end.
#[derive(Debug, Default, Deserialize)]
struct Tree(Vec<Self>);

#[derive(Debug, Deserialize)]
struct Entry {
    size: u64,
    #[serde(default)]
    page: FilePage,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Closed {
    Known,
    Wrapped(u8),
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Shape {
    Number(i64),
    Object { side: i64 },
}

#[derive(Debug)]
struct Quoting;

impl<'de> Deserialize<'de> for Quoting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Err(serde::de::Error::custom(format!("unreadable: {text}")))
    }
}

/// An operation by hand.
struct ByHand;

impl Operation for ByHand {
    type Output = Own;
    const META: &'static Meta = &Meta::new("ByHand", "test", Method::GET, "/op", Auth::None, Safety::ReadOnly);

    fn check(&self) -> Result<(), InvalidParam> {
        Ok(())
    }
    fn path_and_query(&self, _: &mut String) {}
    fn headers(&self, _: &mut HeaderMap) -> Result<(), Error> {
        Ok(())
    }
    fn body(&self) -> Result<Option<Bytes>, Error> {
        Ok(None)
    }
}

operation! {
    /// A declared one.
    GET "/declared" Declared -> Vec<Own> as data;
    None, ReadOnly;
}

operation! {
    /// One that needs content.
    GET "/one" One -> Own as data;
    None, ReadOnly;
}

operation! {
    /// Any JSON.
    GET "/any" Anything -> serde_json::Value as data;
    None, ReadOnly;
}

/// By the same rules as what is declared.
#[test]
fn they_are_read_leniently() {
    let body = r#"{"closed": "known", "map": [{"a": "1"}], "list": {"size": "1e3"}, "flag": "TRUE", "text": 7, "ratio": "0.5",
        "unit": {"x": 1}, "pair": [1, null], "space": {"capacity": " 5 ", "status": "", "type": "x"}, "any": {"a": [1.5, "\u0041"]},
        "shape": {"side": 2}, "new": 1}"#;
    let own = parse::<ByHand>(body).unwrap();
    assert!(matches!(own.closed, Some(Closed::Known)));
    assert_eq!((own.map["a"], own.list[0].size, own.flag, own.text.as_str()), (1, 1000, true, "7"));
    assert_eq!((own.ratio, own.unit, own.pair), (0.5, (), Some((1, None))));
    let space = own.space.unwrap();
    assert_eq!((space.capacity, space.status, space.kind), (Some(5), None::<SpaceStatus>, None));
    assert_eq!(own.any, serde_json::json!({"a": [1.5, "A"]}));
    assert!(matches!(own.shape, Some(Shape::Object { side: 2 })));
    assert!(own.quoting.is_none());

    let own =
        parse::<Declared>(r#"{"data": [null, {"closed": {"wrapped": "7"}, "shape": 3, "list": null, "map": ""}]}"#)
            .unwrap();
    assert!(matches!(own[0], Own { closed: Some(Closed::Wrapped(7)), shape: Some(Shape::Number(3)), .. }));
    assert!(own[0].list.is_empty() && own[0].map.is_empty());
    assert!(parse::<Declared>("{}").unwrap().is_empty());
    // The first of members that stand twice; one object in a list.
    let own = parse::<ByHand>(
        r#"{"list": [{"size": null, "size": 1, "size": 2}], "map": {"a": 1, "a": 2, "b": null}, "space": [null, {"capacity": 3}],
            "flag": null, "flag": true, "tree": [[], [[], []]]}"#,
    )
    .unwrap_err();
    assert!(own.to_string().contains("map.*"), "null is no u8: {own}");
    let own = parse::<ByHand>(
        r#"{"list": [{"size": null, "size": 1, "size": 2}], "map": {"a": 1, "a": 2}, "space": [null, {"capacity": 3}],
            "flag": null, "flag": true, "tree": [[], [[], []]]}"#,
    )
    .unwrap();
    assert_eq!((own.list[0].size, own.map["a"], own.flag), (1, 1, true));
    assert_eq!(own.list[0].page, FilePage::default());
    assert_eq!((own.space.unwrap().capacity, own.tree.0[1].0.len()), (Some(3), 2));
    // Headed by either.
    assert!(noted::<ByHand>("{}").1.is_empty());
    assert_eq!(noted::<Declared>(r#"{"data": {"text": ""}}"#).0.len(), 1);
}

#[test]
fn any_json() {
    let json = r#"{"a": [null, true, -1, 18446744073709551615, 1.5, "b\n", {}]}"#;
    let expected: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(parse::<Anything>(&format!(r#"{{"data": {json}}}"#)).unwrap(), expected);
    assert_eq!(parse::<Anything>("{}").unwrap(), serde_json::Value::Null);
}

/// An error says where, and shows no content.
#[test]
fn their_errors_have_a_path() {
    for (body, expected) in [
        (r#"{"closed": "tops3cret"}"#, r#"closed: a value that is none of ["known", "wrapped"]"#),
        (r#"{"quoting": "tops3cret"}"#, "quoting: a value that does not fit its type"),
        (r#"{"map": {"tops3cret": {}}}"#, "map.*: expected a number, got an object"),
        (r#"{"map": {"tops3cret": 256}}"#, "map.*: expected u8, got a whole number outside its range"),
        (r#"{"list": [{"size": 1}, {"size": "tops3cret"}]}"#, "list[1].size: expected a number, got a text"),
        (r#"{"list": [{"size": 1}, {}]}"#, "list[1]: missing field `size`"),
        (r#"{"pair": [1, 2, 3]}"#, "pair: a value that does not fit its type"),
        (r#"{"page": {"files": [7, "tops3cret"]}}"#, "page.files[0]: expected an object, got a number"),
        (r#"{"pages": {"tops3cret": {"files": [7]}}}"#, "pages.*.files[0]: expected an object, got a number"),
        (
            r#"{"list": [{"size": 1, "page": {"files": [7]}}]}"#,
            "list[0].page.files[0]: expected an object, got a number",
        ),
        (r#"{"map": {"tops3cret": 1}, "blob": "{\"files\": [7]}"}"#, "blob.files[0]: expected an object, got a number"),
        (r#"{"list": [""]}"#, "list[0]: expected struct Entry, got nothing"),
        (r#"{"tree": 7}"#, "tree: expected a list, got a number"),
        (r#"{"tree": [[], 7]}"#, "tree[1]: expected a list, got a number"),
        (r#"{"list": "tops3cret"}"#, "list: expected an object, got a text"),
        (r#"{"flag": "tops3cret"}"#, "flag: expected true or false, got a text"),
        (r#"{"text": {"tops3cret": 1}}"#, "text: expected a text, got an object"),
        (r#"{"shape": {"tops3cret": 1}}"#, "shape: a value that does not fit its type"),
        (r#"{"space": "tops3cret"}"#, "space: expected an object, got a text"),
        (r#"{"pair": [1, "tops3cret"]}"#, "pair[1]: expected a number, got a text"),
    ] {
        let error = parse::<ByHand>(body).unwrap_err();
        assert_eq!(error.to_string(), format!("ByHand: {expected} (HTTP 200, {} bytes)", body.len()));
        assert!(!format!("{error:?}").contains("tops3cret"));
        let data = format!(r#"{{"data": {body}}}"#);
        let error = parse::<Declared>(&data).unwrap_err().to_string();
        assert!(error.contains(&format!("Declared: data.{expected}")), "{error}");
    }
    let error = parse::<One>(r#"{"data": 7}"#).unwrap_err();
    assert!(error.to_string().contains("data: expected an object, got a number"), "{error}");
    for nothing in ["{}", r#"{"data": ""}"#, r#"{"data": []}"#, r#"{"data": null}"#] {
        let error = parse::<One>(nothing).unwrap_err();
        assert!(error.to_string().contains("data is missing"), "{error}");
    }
}

/// What can't be read is noted here, too; what doesn't fit, where a type of one's own asks for that.
#[test]
fn what_is_noted() {
    let note = |path: &str| vec![format!("{path}: has characters that can't be read")];
    assert_eq!(noted::<ByHand>(r#"{"text": "a\udc00"}"#).1, note("text"));
    // Of maps, and of what may be one, no name is told.
    assert_eq!(noted::<ByHand>(r#"{"any": {"tops3cret": ["\udc00"]}}"#).1, note("any.*"));
    assert_eq!(noted::<ByHand>(r#"{"texts": {"tops3cret": "\udc00"}}"#).1, note("texts.*"));
    assert_eq!(noted::<ByHand>(r#"{"texts": {"\udc00": "a"}}"#).1, note("texts.*"));
    // A name that nobody knows is read by nobody.
    assert_eq!(noted::<ByHand>(r#"{"\udc00": 1, "text": "\udc00"}"#).1, note("text"));
    assert_eq!(noted::<Anything>(r#"{"data": {"tops3cret": "\udc00"}}"#).1, note("data"));

    koodrive_proto::answer! {
        /// An answer that holds types of one's own.
        Holder {
            /// By serde.
            own: Option<Held>,
            /// By serde, too.
            all: Vec<Held>,
            /// Itself.
            inner: Option<Box<Holder>>,
        }
    }
    #[derive(Debug, Clone, PartialEq, serde::Serialize, Deserialize)]
    struct Held(u8, u8);
    impl Readable for Held {
        fn read(cursor: Cursor<'_>) -> Option<Self> {
            cursor.by_serde()
        }
    }
    operation! {
        /// Answers that.
        GET "/holder" Hold -> Holder;
        None, ReadOnly;
    }
    let _ = Hold::new();
    let body = r#"{"own": [1], "all": [[1, "2"], null, [3, "tops3cret"]], "inner": {"own": [4, 5]}}"#;
    let (holder, notes) = noted::<Hold>(body);
    assert_eq!((holder.own, holder.all), (None, vec![Held(1, 2)]));
    assert_eq!(holder.inner.unwrap().own, Some(Held(4, 5)));
    assert_eq!(notes, ["own: a list does not fit its type", "all[2]: a list does not fit its type"]);
}

/// One answer, read as one type and then as another.
#[test]
fn read_again() {
    struct Either;

    impl Operation for Either {
        type Output = Option<Space>;
        const META: &'static Meta = ByHand::META;

        fn check(&self) -> Result<(), InvalidParam> {
            Ok(())
        }
        fn path_and_query(&self, _: &mut String) {}
        fn headers(&self, _: &mut HeaderMap) -> Result<(), Error> {
            Ok(())
        }
        fn body(&self) -> Result<Option<Bytes>, Error> {
            Ok(None)
        }
        fn read(content: &Content<'_>) -> Result<Self::Output, Error> {
            content.read::<FilePage>().map(|_| None).or_else(|_| content.read().map(Some))
        }
    }

    let body = r#"{"files": [7], "category": {}, "capacity": 1, "type": "x"}"#;
    let (space, notes) = noted::<Either>(body);
    assert_eq!((space.unwrap().capacity, notes), (Some(1), vec!["type: expected a number, got a text".to_owned()]));
}

/// An operation around another one hands its answer on.
#[test]
fn wrapped_operations() {
    struct Around<O>(O);

    thread_local!(static READ: std::cell::Cell<usize> = const { std::cell::Cell::new(0) });

    impl<O: Operation> Operation for Around<O> {
        type Output = O::Output;
        const META: &'static Meta = O::META;

        fn check(&self) -> Result<(), InvalidParam> {
            self.0.check()
        }
        fn path_and_query(&self, out: &mut String) {
            self.0.path_and_query(out);
        }
        fn headers(&self, out: &mut HeaderMap) -> Result<(), Error> {
            self.0.headers(out)
        }
        fn body(&self) -> Result<Option<Bytes>, Error> {
            self.0.body()
        }
        fn read(content: &Content<'_>) -> Result<Self::Output, Error> {
            READ.set(READ.get() + content.body().len());
            O::read(content)
        }
    }

    let _ = Around(Anything::new());
    assert_eq!(parse::<Around<&Anything>>(r#"{"data": 7}"#).unwrap(), 7);
    let (space, notes) = noted::<Around<GetSpace>>(r#"{"data": {"capacity": "x"}}"#);
    assert_eq!((space, notes), (Space::default(), vec!["data.capacity: expected a number, got a text".to_owned()]));
    assert_eq!(READ.get(), 11 + 27);
}
