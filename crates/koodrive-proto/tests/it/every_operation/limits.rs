//! Limits and listed values: exact at both ends, and refused beyond.

use koodrive_proto::schema::{Field, Kind, Place};
use serde_json::{Value as Json, json};

use super::values::{allowed, number};
use super::{Tested, fields, name, operations, round_trip, with};

/// A value of that size; `None` where there is none.
fn sized(field: &Field, kind: Kind, size: i128) -> Option<Json> {
    match kind {
        Kind::Quoted(inner) => sized(field, *inner, size),
        Kind::Number { .. } | Kind::Choice(_) => Some(number(size)),
        Kind::List(inner) | Kind::Joined(_, inner) => Some(vec![inner.example(); usize::try_from(size).ok()?].into()),
        // By characters, not bytes.
        Kind::Text if matches!(field.place, Place::Body | Place::Query) => {
            Some("ü".repeat(size.try_into().ok()?).into())
        }
        // The rule's own example over and over, which keeps to what a text begins with and to its characters.
        Kind::Rule(rule) => Some(rule.example.chars().cycle().take(size.try_into().ok()?).collect::<String>().into()),
        _ => Some("a".repeat(size.try_into().ok()?).into()),
    }
}

/// Refused by the type and without types, with this name.
fn refused(op: &Tested, input: &Json, name: &str) {
    for result in [(op.check)(input), op.meta.check(input)] {
        let error = result.expect_err(&format!("{}: {input}", op.meta.name));
        assert_eq!(error.name(), name, "{}: {error}", op.meta.name);
    }
    assert!((op.request)(input).is_err());
}

#[test]
fn every_limit_is_exact_at_both_ends_and_beyond() {
    let mut seen = 0;
    for op in operations() {
        let base = op.example.clone();
        for (way, field) in fields(op.meta) {
            let name = name(&way);
            let put = |value| with(&base, op.meta.params, &way, value);
            if let Some(limit) = field.limit {
                seen += 1;
                for size in [limit.min, limit.max] {
                    let input = put(sized(&field, field.kind, size).unwrap());
                    assert_eq!(op.meta.check(&input), Ok(()), "{} {name} {size}", op.meta.name);
                    let sent = round_trip(&op, &input);
                    // Empty is within the limit, and yet a rule between parameters may want one of several not to be;
                    // and it may want all entries of a list to differ.
                    let is_special = size == 0 || size > 1 && matches!(field.kind, Kind::List(_));
                    let ruled = is_special && op.meta.rules && sent.as_ref().is_err_and(|error| error.name() != name);
                    assert!(sent.is_ok() || ruled, "{} {name} {size}: {sent:?}", op.meta.name);
                }
                for beyond in [limit.min - 1, limit.max + 1] {
                    if let Some(value) = sized(&field, field.kind, beyond) {
                        // An empty text of an optional number would count as absent, but there is none among these.
                        refused(&op, &put(value), &name);
                    }
                }
            }
            let kind = if let Kind::Quoted(inner) = field.kind { *inner } else { field.kind };
            match kind {
                Kind::Choice(choices) => {
                    let allowed = allowed(choices, Some(&field));
                    for choice in choices {
                        let input = put(choice.value.into());
                        assert_eq!(
                            op.meta.check(&input).is_ok(),
                            allowed.contains(&choice.value),
                            "{} {name}",
                            op.meta.name
                        );
                    }
                    for choice in choices.iter().filter(|choice| !field.allows(choice)) {
                        refused(&op, &put(choice.value.into()), &name);
                    }
                    refused(&op, &put(json!("99999")), &name);
                }
                Kind::Fixed(_) => {
                    refused(&op, &put(json!("99999")), &name);
                }
                Kind::Object(_) => refused(&op, &put(json!([])), &name),
                Kind::List(inner) => {
                    refused(&op, &put(json!({})), &name);
                    if matches!(inner, Kind::Choice(_) | Kind::Number { .. }) {
                        let size = field.limit.map_or(1, |limit| usize::try_from(limit.min).unwrap());
                        refused(&op, &put(json!(vec!["x"; size])), &format!("{name}[0]"));
                        let beyond = if let Kind::Number { max, .. } = inner { max + 1 } else { i128::from(i64::MAX) };
                        refused(&op, &put(json!(vec![number(beyond); size])), &format!("{name}[0]"));
                    }
                }
                Kind::Number { min, max } if field.limit.is_none() => {
                    for number in [min, max].map(number) {
                        assert_eq!(op.meta.check(&put(number.clone())), Ok(()), "{} {name}", op.meta.name);
                        let sent = round_trip(&op, &put(number));
                        assert!(sent.is_ok() || op.meta.rules, "{} {name}: {sent:?}", op.meta.name);
                    }
                    refused(&op, &put(number(min - 1)), &name);
                    refused(&op, &put(number(max + 1)), &name);
                }
                _ => {}
            }
            // What is required is missed by its name, unless a rule between parameters speaks first.
            if field.is_asked_for() && field.default.is_none() {
                refused(&op, &put(Json::Null), &name);
            }
        }
    }
    // If the declarations lost their limits, nothing above would tell.
    assert!(seen >= 22, "{seen} limits");
}

/// Also by rules for texts, which the compiler can't ask.
#[test]
fn defaults_are_allowed() {
    let mut seen = 0;
    for op in operations() {
        let base = op.example.clone();
        for (way, field) in fields(op.meta) {
            if let Some(default) = field.default {
                seen += 1;
                let input = with(&base, op.meta.params, &way, default.into());
                assert_eq!(op.meta.check(&input), Ok(()), "{} {}", op.meta.name, name(&way));
            }
        }
    }
    assert!(seen >= 4, "{seen} defaults");
}
