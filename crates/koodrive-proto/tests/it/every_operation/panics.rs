//! No input and no answer makes anything panic.

use koodrive_proto::ErrorKind;
use koodrive_proto::schema::{Envelope, Kind};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value as Json, json};

use super::values::{cases, object};
use super::{fields, name, operations, round_trip, with};

fn any_json() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        (-2..12i64).prop_map(Json::from),
        // serde_json reads other fractions not to the last bit.
        any::<i32>().prop_map(|number| (f64::from(number) / 16.0).into()),
        select(vec![1e300, -1e-300, 0.5]).prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        "[-+0-9]{0,20}".prop_map(Json::from),
        select(vec!["", ".", "..", "root", "true", " ", "\n", "\u{0}", "ü", "2026-02-30 00:00:00", "%2e"])
            .prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            proptest::collection::btree_map("[a-z]{0,3}", inner, 0..4)
                .prop_map(|members| Json::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
    .boxed()
}

/// Input of any kind anywhere is refused or sent, typed as well as untyped, and never panics.
#[test]
fn no_input_panics() {
    for op in operations() {
        let fields = fields(op.meta);
        if fields.is_empty() {
            continue;
        }
        let changes = proptest::collection::vec((any::<Index>(), any_json()), 1..3);
        TestRunner::new(cases(200))
            .run(&(object(op.meta.params), changes), |(mut input, changes)| {
                for (at, value) in changes {
                    let (way, _) = at.get(&fields);
                    input = with(&input, op.meta.params, way, value);
                }
                let (typed, untyped) = ((op.check)(&input), op.meta.check(&input));
                if typed.is_ok() {
                    // What the caller needn't give, because something else is sent then, a server has to get.
                    let filled_in = untyped.as_ref().err().is_some_and(|error| {
                        fields.iter().any(|(way, field)| {
                            (field.fallback().is_some() || field.kind == Kind::AgentName) && name(way) == error.name()
                        })
                    });
                    prop_assert!(untyped.is_ok() || filled_in, "{:?}", untyped);
                    prop_assert_eq!(round_trip(&op, &input), Ok(()));
                } else {
                    prop_assert!(untyped.is_err() || op.meta.rules, "{:?}", typed);
                }
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{}: {error}", op.meta.name));
    }
}

/// Any answer is read or refused; what was read and written is read again as the same.
#[test]
fn no_answer_panics() {
    for op in operations() {
        let names = select(vec!["data", "files", "jobInfo", "messages", "shareLink", "multiParts", "list", "id"]);
        let members = proptest::collection::btree_map(names, any_json(), 0..4);
        TestRunner::new(cases(100))
            .run(&members, |members| {
                let answer = json!(members);
                for answer in [json!({"code": 0, "data": answer}), answer] {
                    let Ok(output) = (op.parse)(&answer) else { continue };
                    let again =
                        if op.meta.envelope == Envelope::Data { json!({"data": output}) } else { output.clone() };
                    if again.is_object() {
                        prop_assert_eq!((op.parse)(&again).unwrap(), output);
                    }
                }
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{}: {error}", op.meta.name));
    }
    // A type that holds itself, deeper than anybody's stack.
    let job = operations().into_iter().find(|op| op.meta.name == "GetJob").unwrap();
    let deep = |depth| (0..depth).fold(json!({"type": 1}), |inner, _| json!({"subFileList": inner}));
    let nested = |depth| (job.parse)(&json!({"data": {"uncompressedFileList": deep(depth)}}));
    assert!(nested(20).is_ok());
    assert_eq!(nested(2000).unwrap_err().kind(), ErrorKind::Decode);
}
