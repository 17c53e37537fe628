//! What holds for every operation, found by its table: limits, the way to the wire and back, signatures, no panics.

use std::fmt::Debug;

use koodrive_proto::auth::{Authorization, SigningKey};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeZone, Utc};
use koodrive_proto::http::{Request, Response};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::param::{Choice, Kind, Wire};
use koodrive_proto::wire::Received;
use koodrive_proto::{
    AccessToken, Answer, Api, Auth, Credentials, Error, ErrorKind, Field, FromParams, InvalidParam, Limit, Meta,
    Operation, Place, Untyped,
};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde_json::{Map, Number, Value as Json, json};

/// An operation without its type.
struct Tested {
    meta: &'static Meta,
    check: fn(&dyn Untyped) -> Result<(), InvalidParam>,
    request: fn(&dyn Untyped) -> Result<Request<Bytes>, Error>,
    same: fn(&dyn Untyped, &dyn Untyped) -> bool,
    debug: fn(&dyn Untyped) -> String,
    parse: fn(&Json) -> Result<Json, Error>,
}

struct Collect(Vec<Tested>);

impl Visitor for Collect {
    fn operation<O>(&mut self)
    where
        O: Operation<Output: Serialize> + FromParams + PartialEq + Debug,
    {
        self.0.push(Tested {
            meta: O::META,
            check: |input| O::from_params(input)?.check(),
            request: |input| api(O::META.auth).request(&O::from_params(input)?, now()),
            same: |a, b| O::from_params(a).unwrap() == O::from_params(b).unwrap(),
            debug: |input| format!("{:?}", O::from_params(input).unwrap()),
            parse: |answer| {
                O::parse(&Response::new(answer.to_string())).map(|output| serde_json::to_value(output).unwrap())
            },
        });
    }
}

fn operations() -> Vec<Tested> {
    let mut collect = Collect(Vec::new());
    ops::visit(&mut collect);
    collect.0
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

fn api(auth: Auth) -> Api {
    let credentials = match auth {
        Auth::Token | Auth::TokenAlone => Credentials::token(AccessToken::as_issued("t"), "7"),
        _ => Credentials::app("my-app", "my-secret", "7"),
    };
    Api::new("https://h", credentials).unwrap().agent_name("standard").unwrap()
}

/// From values to a request, whose signature verifies, and from the request back to the same values.
fn round_trip(op: &Tested, input: &Json) -> Result<(), InvalidParam> {
    (op.check)(input)?;
    let request = (op.request)(input).unwrap();
    let (parts, body) = request.into_parts();
    if op.meta.auth == Auth::AppOrToken {
        let authorization = Authorization::parse(parts.headers["authorization"].to_str().unwrap()).unwrap();
        authorization.verify(&parts, &body, &SigningKey::new("my-secret").unwrap()).unwrap();
    }
    assert_eq!(parts.method, op.meta.method);
    let received = Received::read(op.meta, &parts, &body).unwrap();
    op.meta.check(&received).unwrap();
    assert!((op.same)(input, &received), "{}: {input}", op.meta.name);
    let again = (op.request)(&received).unwrap();
    assert_eq!((again.uri(), again.headers(), again.body()), (&parts.uri, &parts.headers, &body));
    Ok(())
}

#[test]
fn the_visitor_sees_what_the_table_lists() {
    let visited: Vec<&Meta> = operations().iter().map(|op| op.meta).collect();
    assert_eq!(visited, ops::ALL);
}

fn example(meta: &Meta) -> Json {
    Json::Object(meta.example())
}

#[test]
fn examples_of_the_tables_are_allowed() {
    for op in operations() {
        let input = example(op.meta);
        assert_eq!(op.meta.check(&input), Ok(()), "{}", op.meta.name);
        assert_eq!(round_trip(&op, &input), Ok(()), "{}", op.meta.name);
    }
}

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
fn valid(place: Place, kind: Kind, field: Option<&'static Field>) -> BoxedStrategy<Json> {
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
            proptest::collection::vec(valid(place, *inner, None), min..=max.min(min + 4)).prop_map(Json::from).boxed()
        }
        Kind::Joined(separator, inner) => {
            let (min, max) = size(limit, (1, 4));
            let entry = valid(place, *inner, None).prop_filter("no entry", move |entry| {
                entry.as_str().is_none_or(|text| !text.is_empty() && !text.contains(separator))
            });
            proptest::collection::vec(entry, min..=max.min(min + 4)).prop_map(Json::from).boxed()
        }
        Kind::Object(fields) => object(fields),
        Kind::File(_) => ("[^%]{0,9}\\.(xls|XLSX)", any::<String>())
            .prop_map(|(name, content)| json!({"fileName": name, "content": content}))
            .boxed(),
        other => Just(other.example()).boxed(),
    }
}

fn allowed(choices: &'static [Choice], field: Option<&Field>) -> Vec<Wire> {
    let allowed = choices.iter().filter(|choice| field.is_none_or(|field| field.allows(choice)));
    allowed.map(|choice| choice.wire).collect()
}

fn number(number: i128) -> Json {
    // Beyond 64 bits serde_json has no exact numbers; as a text they are read all the same.
    i64::try_from(number)
        .map(Number::from)
        .or_else(|_| u64::try_from(number).map(Number::from))
        .map_or_else(|_| Json::String(number.to_string()), Json::Number)
}

fn object(fields: &'static [Field]) -> BoxedStrategy<Json> {
    let members: Vec<BoxedStrategy<Option<(String, Json)>>> = fields
        .iter()
        .map(|field| {
            let value = valid(field.place, field.kind, Some(field)).prop_map(|value| (field.name.to_owned(), value));
            if field.required { value.prop_map(Some).boxed() } else { proptest::option::of(value).boxed() }
        })
        .collect();
    members.prop_map(|members| Json::Object(members.into_iter().flatten().collect())).boxed()
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn whatever_the_table_allows_goes_to_the_wire_and_back() {
    for op in operations() {
        let mut sent = 0;
        let mut runner = TestRunner::new(cases(1));
        for _ in 0..64 {
            let input = object(op.meta.params).new_tree(&mut runner).unwrap().current();
            assert_eq!(op.meta.check(&input), Ok(()), "{} {input}", op.meta.name);
            match round_trip(&op, &input) {
                Ok(()) => sent += 1,
                // A rule between parameters, of which the table knows nothing.
                Err(error) => assert!(op.meta.rules, "{} {input}: {error}", op.meta.name),
            }
        }
        assert!(sent >= 10, "{}: {sent} of 64 were sent", op.meta.name);
    }
}

/// One step into an input.
#[derive(Clone, Copy, Debug)]
enum Step {
    Name(&'static str),
    First,
}

/// Every field at any depth, with the way to it and its name in errors.
fn walk(fields: &'static [Field], way: &[Step], found: &mut Vec<(Vec<Step>, &'static Field)>) {
    for field in fields {
        let way = [way, &[Step::Name(field.name)]].concat();
        match field.kind {
            Kind::Object(inner) => walk(inner, &way, found),
            Kind::List(Kind::Object(inner)) => walk(inner, &[&way[..], &[Step::First]].concat(), found),
            _ => {}
        }
        found.push((way, field));
    }
}

fn name(way: &[Step]) -> String {
    way.iter().fold(String::new(), |name, step| match step {
        Step::Name(step) if name.is_empty() => (*step).to_owned(),
        Step::Name(step) => format!("{name}.{step}"),
        Step::First => format!("{name}[0]"),
    })
}

/// The input with another value at the end of a way, and everything on the way.
fn with(input: &Json, fields: &'static [Field], way: &[Step], value: Json) -> Json {
    let (Some(Step::Name(first)), rest) = (way.first(), &way[1..]) else { panic!("a way begins with a name") };
    let field = fields.iter().find(|field| field.name == *first).unwrap();
    let mut changed = input.clone();
    if !changed.is_object() {
        return changed;
    }
    changed[*first] = match (rest, field.kind) {
        ([], _) => value,
        ([Step::First, rest @ ..], Kind::List(Kind::Object(inner))) => {
            let item = input.get(*first).and_then(|list| list.get(0)).cloned();
            let item = item.unwrap_or_else(|| Kind::Object(inner).example());
            json!([with(&item, inner, rest, value)])
        }
        (rest, Kind::Object(inner)) => {
            let object = input.get(*first).cloned().unwrap_or_else(|| field.kind.example());
            with(&object, inner, rest, value)
        }
        _ => panic!("no way through {first}"),
    };
    changed
}

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
        let base = example(op.meta);
        let mut fields = Vec::new();
        walk(op.meta.params, &[], &mut fields);
        for (way, field) in fields {
            let name = name(&way);
            let put = |value| with(&base, op.meta.params, &way, value);
            if let Some(limit) = field.limit {
                seen += 1;
                for size in [limit.min, limit.max] {
                    let input = put(sized(field, field.kind, size).unwrap());
                    assert_eq!(op.meta.check(&input), Ok(()), "{} {name} {size}", op.meta.name);
                    assert_eq!(round_trip(&op, &input), Ok(()), "{} {name} {size}", op.meta.name);
                }
                for beyond in [limit.min - 1, limit.max + 1] {
                    if let Some(value) = sized(field, field.kind, beyond) {
                        // An empty text of an optional number would count as absent, but there is none among these.
                        refused(&op, &put(value), &name);
                    }
                }
            }
            let kind = if let Kind::Quoted(inner) = field.kind { *inner } else { field.kind };
            match kind {
                Kind::Choice(choices) => {
                    let allowed = allowed(choices, Some(field));
                    for choice in choices {
                        let input = put(choice.wire.into());
                        assert_eq!(
                            op.meta.check(&input).is_ok(),
                            allowed.contains(&choice.wire),
                            "{} {name}",
                            op.meta.name
                        );
                    }
                    for choice in choices.iter().filter(|choice| !field.allows(choice)) {
                        refused(&op, &put(choice.wire.into()), &name);
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
                        refused(&op, &put(json!(vec![number(i128::from(i64::MAX)); size])), &format!("{name}[0]"));
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
            if field.required && !matches!(field.kind, Kind::Fixed(_) | Kind::AgentName) {
                refused(&op, &put(Json::Null), &name);
            }
        }
    }
    // If the declarations lost their limits, nothing above would tell.
    assert!(seen >= 22, "{seen} limits");
}

#[test]
fn debug_hides_what_is_secret_and_nothing_else() {
    let mut secrets = Vec::new();
    for op in operations() {
        let mut fields = Vec::new();
        walk(op.meta.params, &[], &mut fields);
        for (way, field) in fields {
            if !matches!(field.kind, Kind::Text | Kind::Rule(_)) || field.place == Place::Path {
                continue;
            }
            let Some(text) = ["hunter20", "2026-01-31 23:59:00", "2025-09"].into_iter().find(|text| {
                let Kind::Rule(rule) = field.kind else { return true };
                (rule.check)(text).is_ok()
            }) else {
                panic!("no text for {}", name(&way))
            };
            let input = with(&example(op.meta), op.meta.params, &way, json!(text));
            assert_eq!((op.debug)(&input).contains(text), !field.kind.is_secret(), "{} {}", op.meta.name, name(&way));
            if field.kind.is_secret() {
                secrets.push(format!("{} {}", op.meta.name, name(&way)));
            }
        }
    }
    for secret in [
        "Login password",
        "Login captchaToken",
        "RefreshToken refreshToken",
        "CreateJob password",
        "CreateShare extractCode",
        "CreateSession code",
        "RefreshSession x-session-id",
    ] {
        assert!(secrets.iter().any(|found| found == secret), "{secret}");
    }
}

fn any_json() -> BoxedStrategy<Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        (-2..12i64).prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
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
        let mut fields = Vec::new();
        walk(op.meta.params, &[], &mut fields);
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
                    // A fixed value isn't the caller's to give: a server looks at it, from_params doesn't.
                    let fixed = untyped.as_ref().err().is_some_and(|error| {
                        fields.iter().any(|(way, field)| {
                            matches!(field.kind, Kind::Fixed(_) | Kind::AgentName) && name(way) == error.name()
                        })
                    });
                    prop_assert!(untyped.is_ok() || fixed, "{:?}", untyped);
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
                    let again = if op.meta.answer == Answer::Data { json!({"data": output}) } else { output.clone() };
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
