//! What holds for any answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use koodrive_proto::http::{Response, StatusCode};
use koodrive_proto::ops::spaces::{
    GetSpace, GetSpaceUsageByQuota, GetSpaceUsageByUser, GetSpaceUsageOverview, UpdateSpace,
};
use koodrive_proto::{Operation, answer, operation};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::common::{noted, parse};

fn parse_all(status: StatusCode, body: &[u8]) {
    fn one<O: Operation>(status: StatusCode, body: &[u8]) {
        let mut response = Response::new(body);
        *response.status_mut() = status;
        if let Err(error) = O::parse(&response) {
            let _ = format!("{error} {error:?}");
            assert_eq!(error.body(), &body[..body.len().min(65_536)]);
        }
    }
    one::<GetSpace>(status, body);
    one::<UpdateSpace>(status, body);
    one::<GetSpaceUsageOverview>(status, body);
    one::<GetSpaceUsageByQuota>(status, body);
    one::<GetSpaceUsageByUser>(status, body);
    one::<All>(status, body);
}

const EXAMPLES: [&str; 3] = [
    r#"{"code": 0, "msg": "success", "data": {"type": "1", "status": "0", "ownerId": "7", "capacity": "10"}}"#,
    r#"{"data": {"totalAllocation": 43, "totalCapacity": 1051187, "totalUsed": 33085606}, "code": 0}"#,
    r#"{"data": [{"quota": "1048576", "userId": "1", "used": 1.5, "createTime": null}], "total": 1, "code": 0}"#,
];

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(status in 100..600u16, body in prop::collection::vec(any::<u8>(), 0..200)) {
        parse_all(StatusCode::from_u16(status).unwrap(), &body);
    }

    #[test]
    fn damaged_examples_never_panic(
        example in 0..EXAMPLES.len(),
        cut in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        token in prop::sample::select(vec!["null", "{}", "[]", "1e400", "-1", "\"\"", "[[[]]]", "18446744073709551616", "\\"]),
    ) {
        let example = EXAMPLES[example].as_bytes();
        parse_all(StatusCode::OK, &example[..cut.index(example.len())]);
        let mut damaged = example.to_vec();
        damaged[at.index(example.len())] = byte;
        parse_all(StatusCode::OK, &damaged);
        let mut spliced = example.to_vec();
        let (from, to) = (at.index(example.len()), cut.index(example.len()));
        spliced.splice(from.min(to)..from.max(to), token.bytes());
        parse_all(StatusCode::OK, &spliced);
    }

    #[test]
    fn any_json_never_panics(json in any_json()) {
        let text = json.to_string();
        parse_all(StatusCode::OK, text.as_bytes());
        parse_all(StatusCode::OK, format!(r#"{{"code": 0, "data": {text}}}"#).as_bytes());
        parse_all(StatusCode::OK, format!(r#"{{"code": {text}, "data": {{"capacity": {text}}}}}"#).as_bytes());
    }
}

pub(super) fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".{0,8}".prop_map(Into::into),
    ];
    let key = prop_oneof![Just("type"), Just("quota"), Just("data"), Just("code"), Just("used"), Just("x")];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Into::into),
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..4)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

answer! {
    /// Something of each kind.
    Whole {
        /// A text.
        text: Option<String>,
        /// A number.
        number: Option<i64>,
        /// A number without a sign.
        unsigned: Option<u64>,
        /// A number with a fraction.
        fraction: Option<f64>,
        /// A flag.
        is_set: Option<bool>,
        /// An object.
        part: Option<Part>,
        /// Objects.
        part_list: Vec<Part>,
        /// Texts.
        names: Vec<String>,
        /// Numbers.
        sizes: Vec<u32>,
        /// A map.
        map: BTreeMap<String, String>,
        /// A map of objects.
        parts: BTreeMap<String, Part>,
    }
}

answer! {
    /// A part.
    Part {
        /// Its kind.
        kind: Option<String> = "type",
        /// Its size.
        size: Option<i32>,
        /// Its parts.
        parts: Vec<Part>,
    }
}

operation! {
    /// Answers all that.
    GET "/all" All -> Whole;
    None, ReadOnly;
}

operation! {
    /// Answers all that, as data.
    GET "/all/data" AllData -> Whole as data;
    None, ReadOnly;
}

/// The same for serde alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct PlainWhole {
    #[serde(skip_serializing_if = "is_default")]
    text: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    number: Option<i64>,
    #[serde(skip_serializing_if = "is_default")]
    unsigned: Option<u64>,
    #[serde(skip_serializing_if = "is_default")]
    fraction: Option<f64>,
    #[serde(skip_serializing_if = "is_default")]
    is_set: Option<bool>,
    #[serde(skip_serializing_if = "is_default")]
    part: Option<PlainPart>,
    #[serde(skip_serializing_if = "is_default")]
    part_list: Vec<PlainPart>,
    #[serde(skip_serializing_if = "is_default")]
    names: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    sizes: Vec<u32>,
    #[serde(skip_serializing_if = "is_default")]
    map: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "is_default")]
    parts: BTreeMap<String, PlainPart>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct PlainPart {
    #[serde(rename = "type", skip_serializing_if = "is_default")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "is_default")]
    size: Option<i32>,
    #[serde(skip_serializing_if = "is_default")]
    parts: Vec<Self>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn any_part() -> impl Strategy<Value = PlainPart> {
    let leaf = (any::<Option<String>>(), any::<Option<i32>>()).prop_map(|(kind, size)| PlainPart {
        kind,
        size,
        parts: vec![],
    });
    leaf.prop_recursive(3, 8, 3, |inner| {
        (any::<Option<String>>(), any::<Option<i32>>(), prop::collection::vec(inner, 0..3))
            .prop_map(|(kind, size, parts)| PlainPart { kind, size, parts })
    })
}

fn any_whole() -> impl Strategy<Value = PlainWhole> {
    let finite = prop::option::of(any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()));
    let scalars = (any::<Option<String>>(), any::<Option<i64>>(), any::<Option<u64>>(), finite, any::<Option<bool>>());
    let lists = (
        prop::option::of(any_part()),
        prop::collection::vec(any_part(), 0..3),
        prop::collection::vec(any::<String>(), 0..3),
        prop::collection::vec(any::<u32>(), 0..3),
    );
    let map = prop::collection::btree_map(any::<String>(), any::<String>(), 0..3);
    let parts = prop::collection::btree_map(any::<String>(), any_part(), 0..3);
    (scalars, lists, map, parts).prop_map(|(scalars, lists, map, parts)| {
        let (text, number, unsigned, fraction, is_set) = scalars;
        let (part, part_list, names, sizes) = lists;
        PlainWhole { text, number, unsigned, fraction, is_set, part, part_list, names, sizes, map, parts }
    })
}

/// JSON as somebody else may write it: with blanks, and escapes where none are needed.
fn write_json(json: &Json, choose: &mut dyn FnMut() -> u8, out: &mut String) {
    out.push_str(["", "", " ", "\n", "\r\n\t"][usize::from(choose() % 5)]);
    match json {
        Json::String(text) => {
            out.push('"');
            for char in text.chars() {
                if choose() % 4 == 0 {
                    char.encode_utf16(&mut [0; 2]).iter().for_each(|unit| write!(out, "\\u{unit:04x}").unwrap());
                } else {
                    let quoted = Json::from(char.to_string()).to_string();
                    out.push_str(&quoted[1..quoted.len() - 1]);
                }
            }
            out.push('"');
        }
        Json::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "[" } else { "," });
                write_json(item, choose, out);
            }
            out.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Json::Object(members) => {
            for (at, (name, value)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "{" } else { "," });
                write_json(&Json::from(name.as_str()), choose, out);
                out.push(':');
                write_json(value, choose, out);
            }
            out.push_str(if members.is_empty() { "{}" } else { "}" });
        }
        scalar => out.push_str(&scalar.to_string()),
    }
    out.push_str(["", "", " ", "\n", "\r\n\t"][usize::from(choose() % 5)]);
}

fn written(json: &Json, choices: &[u8]) -> String {
    let (mut out, mut at) = (String::new(), 0);
    write_json(
        json,
        &mut || {
            at += 1;
            choices[at % choices.len()]
        },
        &mut out,
    );
    out
}

proptest! {
    /// What serde_json reads into a plain typed struct, ours reads alike, however it is written; and so does serde
    /// itself.
    #[test]
    fn what_serde_reads(whole in any_whole(), choices in prop::collection::vec(any::<u8>(), 1..200)) {
        let text = written(&serde_json::to_value(&whole).unwrap(), &choices);
        let plain: PlainWhole = serde_json::from_str(&text).unwrap();
        let (ours, notes) = noted::<All>(&text);
        prop_assert_eq!(notes, Vec::<String>::new());
        prop_assert_eq!(serde_json::to_value(&ours).unwrap(), serde_json::to_value(plain).unwrap());
        prop_assert_eq!(&ours, &parse::<AllData>(&format!(r#"{{"data": {text}, "code": 0}}"#)).unwrap());
        prop_assert_eq!(&ours, &serde_json::from_str::<Whole>(&text).unwrap());
    }

    /// What one member doesn't fit costs no other one.
    #[test]
    fn damage_stays_where_it_is(whole in any_whole(), at in any::<prop::sample::Index>(), junk in any_junk()) {
        let mut json = serde_json::to_value(&whole).unwrap();
        let names: Vec<String> = json.as_object().unwrap().keys().cloned().collect();
        prop_assume!(!names.is_empty());
        let name = at.get(&names);
        let is_list = json[name].is_array();
        json[name] = junk;
        let damaged = parse::<All>(&json.to_string());
        json.as_object_mut().unwrap().remove(name);
        let expected = parse::<All>(&json.to_string()).unwrap();
        match damaged {
            Ok(damaged) => {
                // It may fit all the same.
                let (read, expected) = (serde_json::to_value(&damaged).unwrap(), serde_json::to_value(&expected).unwrap());
                for other in names.iter().filter(|other| *other != name) {
                    prop_assert_eq!(read.get(other), expected.get(other));
                }
            }
            Err(error) => prop_assert!(is_list && error.to_string().contains(&format!(" {name}")), "{}", error),
        }
    }
}

fn any_junk() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(serde_json::json!([[[]]])),
        Just(serde_json::json!([{}, 7, "a"])),
        Just(serde_json::json!({"a": {"b": []}})),
        any::<bool>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        any_json(),
    ]
}
