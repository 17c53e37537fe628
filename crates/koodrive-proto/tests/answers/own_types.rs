//! Types that know nothing of this crate, as the answer of an operation.

use std::collections::BTreeMap;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::http::{HeaderMap, Method};
use koodrive_proto::ops::spaces::{GetSpace, Space, SpaceStatus};
use koodrive_proto::{Auth, Content, Error, InvalidParam, Meta, Operation, Safety, operation};
use serde::{Deserialize, Deserializer};

use crate::{noted, parse};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
#[allow(unreachable_pub, reason = "an operation is public")]
pub struct Own {
    closed: Option<Closed>,
    quoting: Option<Quoting>,
    map: BTreeMap<String, u8>,
    list: Vec<Entry>,
    flag: bool,
    text: String,
    ratio: f32,
    unit: (),
    pair: Option<(u8, Option<u8>)>,
    space: Option<Space>,
    any: serde_json::Value,
    shape: Option<Shape>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    size: u64,
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
        Err(serde::de::Error::custom(format!("bad {text}")))
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
        (r#"{"list": [{"size": 1, "size": 2}]}"#, "list[0]: duplicate field `size`"),
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
    let error = parse::<One>("{}").unwrap_err();
    assert!(error.to_string().contains("data is missing"), "{error}");
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
