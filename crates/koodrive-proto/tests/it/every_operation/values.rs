//! Values that a table allows, and their way to the wire and back.

use koodrive_proto::schema::{Choice, Constant, Field, Kind, Limit, Place};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Number, Value as Json, json};

use super::{operations, round_trip};

/// Texts that fit a place, and some that only look as if they didn't.
fn text(place: Place, min: usize, max: usize) -> BoxedStrategy<String> {
    let max = max.min(min + 20);
    match place {
        // Blanks are allowed inside a header only.
        Place::Header => proptest::string::string_regex("[!-~]([ -~]{0,10}[!-~])?").unwrap().boxed(),
        Place::Path => {
            any::<String>().prop_map(|text| if ["", ".", ".."].contains(&&*text) { "%2e".into() } else { text }).boxed()
        }
        _ => proptest::collection::vec(any::<char>(), min..=max).prop_map(String::from_iter).boxed(),
    }
}

fn bound(limit: Option<Limit>, default: (i128, i128)) -> (i128, i128) {
    limit.map_or(default, |limit| (limit.min, limit.max))
}

fn size(limit: Option<Limit>, default: (usize, usize)) -> (usize, usize) {
    limit.map_or(default, |limit| (limit.min.try_into().unwrap(), limit.max.try_into().unwrap()))
}

/// Values that a kind and a limit allow.
fn valid(place: Place, kind: Kind, field: Option<&Field>) -> BoxedStrategy<Json> {
    let limit = field.and_then(|field| field.limit);
    match kind {
        Kind::Text => {
            let (min, max) = size(limit, (0, 20));
            text(place, min, max).prop_map(Json::from).boxed()
        }
        Kind::Rule(rule) => {
            let (min, max) = size(limit, (0, 20));
            // Most arbitrary texts break a strict rule.
            let fits = move |text: String| if (rule.check)(&text).is_ok() { text } else { rule.example.to_owned() };
            text(place, min, max).prop_map(fits).prop_map(Json::from).boxed()
        }
        Kind::Number { min, max } => {
            let (min, max) = bound(limit, (min, max));
            prop_oneof![Just(min), Just(max), min..=max].prop_map(number).boxed()
        }
        Kind::Bool => any::<bool>().prop_map(Json::from).boxed(),
        Kind::Choice(choices) => select(allowed(choices, field)).prop_map(Json::from).boxed(),
        Kind::Quoted(inner) => valid(place, *inner, field),
        Kind::List(inner) => {
            // An empty list leaves no trace in a query.
            let (min, max) = size(limit, (usize::from(place == Place::Query), 4));
            let item = match (inner, field) {
                (Kind::Object(fields), outer) => members(fields, outer),
                _ => valid(place, *inner, None),
            };
            proptest::collection::vec(item, min..=max.min(min + 4)).prop_map(Json::from).boxed()
        }
        Kind::Joined(separator, inner) => {
            let (min, max) = size(limit, (1, 4));
            let entry = valid(place, *inner, None).prop_filter("no entry", move |entry| {
                entry.as_str().is_none_or(|text| !text.is_empty() && !text.contains(separator))
            });
            proptest::collection::vec(entry, min..=max.min(min + 4)).prop_map(Json::from).boxed()
        }
        Kind::Object(fields) => members(fields, field),
        Kind::File(_) => ("[^%]{0,9}\\.(xls|XLSX)", any::<String>())
            .prop_map(|(name, content)| json!({"fileName": name, "content": content}))
            .boxed(),
        other => Just(other.example()).boxed(),
    }
}

pub(super) fn allowed(choices: &'static [Choice], field: Option<&Field>) -> Vec<Constant> {
    let allowed = choices.iter().filter(|choice| field.is_none_or(|field| field.allows(choice)));
    allowed.map(|choice| choice.value).collect()
}

pub(super) fn number(number: i128) -> Json {
    // Beyond 64 bits serde_json has no exact numbers; as a text they are read all the same.
    i64::try_from(number)
        .map(Number::from)
        .or_else(|_| u64::try_from(number).map(Number::from))
        .map_or_else(|_| Json::String(number.to_string()), Json::Number)
}

pub(super) fn object(fields: &[Field]) -> BoxedStrategy<Json> {
    members(fields, None)
}

fn members(fields: &[Field], outer: Option<&Field>) -> BoxedStrategy<Json> {
    let members: Vec<BoxedStrategy<Option<(String, Json)>>> = fields
        .iter()
        .map(|field| {
            let field = outer.map_or(*field, |outer| outer.member(field));
            let value = valid(field.place, field.kind, Some(&field));
            let value = value.prop_map(move |value| (field.name.to_owned(), value));
            if field.required { value.prop_map(Some).boxed() } else { proptest::option::of(value).boxed() }
        })
        .collect();
    members.prop_map(|members| Json::Object(members.into_iter().flatten().collect())).boxed()
}

pub(super) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn whatever_the_table_allows_goes_to_the_wire_and_back() {
    for op in operations() {
        let mut runner = TestRunner::new(cases(1));
        for _ in 0..64 {
            let input = object(op.meta.params).new_tree(&mut runner).unwrap().current();
            assert_eq!(op.meta.check(&input), Ok(()), "{} {input}", op.meta.name);
            if let Err(error) = round_trip(&op, &input) {
                // A rule between parameters, of which the table knows nothing.
                assert!(op.meta.rules, "{} {input}: {error}", op.meta.name);
            }
        }
    }
}
