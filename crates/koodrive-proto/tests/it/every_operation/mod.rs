//! What holds for every operation, found by its table: limits, the way to the wire and back, signatures, no panics.

mod limits;
mod panics;
mod values;

use std::collections::BTreeSet;
use std::fmt::Debug;

use koodrive_proto::auth::{Authorization, SigningKey};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::{FromParams, Untyped};
use koodrive_proto::http::{Request, Response};
use koodrive_proto::operation::{Received, example};
use koodrive_proto::ops::spaces::{GetSpaceUsageOverview, UpdateSpace};
use koodrive_proto::ops::{self, ALL, SAFETY_EXCEPTIONS, Visitor};
use koodrive_proto::schema::{Auth, Field, Kind, Place, Safety};
use koodrive_proto::{AccessToken, Api, Credentials, Error, InvalidParam, Meta, Operation};
use serde::Serialize;
use serde_json::{Value as Json, json};

use crate::common::now;

/// An operation without its type.
struct Tested {
    meta: &'static Meta,
    /// The smallest input.
    example: Json,
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
            example: example::<O>().into(),
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
    assert_eq!(visited, ALL);
}

#[test]
fn the_table_of_all_operations_is_consistent() {
    assert!(ALL.iter().map(|meta| (meta.module, meta.name)).is_sorted(), "by module and name");
    let unique: BTreeSet<_> = ALL.iter().map(|meta| (meta.method.as_str(), meta.path)).collect();
    assert_eq!(unique.len(), ALL.len());
    for meta in ALL {
        assert!(meta.path.starts_with("/koodrive/ose/"), "{}", meta.name);
        assert!(!meta.editions.is_empty() && !meta.manual_names.is_empty(), "{}", meta.name);
        let exception = SAFETY_EXCEPTIONS.iter().find(|(name, ..)| *name == meta.name);
        let expected = exception.map_or_else(|| Safety::of(&meta.method), |(_, safety, _)| *safety);
        assert_eq!(meta.safety, expected, "{}", meta.name);
        assert!(exception.is_none_or(|(_, safety, _)| *safety != Safety::of(&meta.method)), "{}", meta.name);
    }
    assert_eq!(GetSpaceUsageOverview::META.manual_names, ["GetSpaceUsageByOverview"]);
    let capacity = UpdateSpace::META.params.iter().find(|field| field.name == "capacity").unwrap();
    assert_eq!((capacity.place, capacity.required), (Place::Body, false));
    assert_eq!(capacity.limit.map(|limit| (limit.min, limit.max, limit.unit)), Some((1, 104_857_600, "GB")));
}

#[test]
fn examples_of_the_tables_are_allowed() {
    for op in operations() {
        let input = op.example.clone();
        assert_eq!(op.meta.check(&input), Ok(()), "{}", op.meta.name);
        assert_eq!(round_trip(&op, &input), Ok(()), "{}", op.meta.name);
    }
}

/// One step into an input.
#[derive(Clone, Copy, Debug)]
enum Step {
    Name(&'static str),
    First,
}

/// Every field at any depth, with the way to it and its name in errors.
fn fields(meta: &Meta) -> Vec<(Vec<Step>, Field)> {
    let mut found = Vec::new();
    walk(meta.params, None, &[], &mut found);
    found
}

/// Members of objects as the operation allows them.
fn walk(fields: &[Field], outer: Option<&Field>, way: &[Step], found: &mut Vec<(Vec<Step>, Field)>) {
    for field in fields {
        let way = [way, &[Step::Name(field.name)]].concat();
        let field = outer.map_or(*field, |outer| outer.member(field));
        match field.kind {
            Kind::Object(inner) => walk(inner, Some(&field), &way, found),
            Kind::List(Kind::Object(inner)) => walk(inner, Some(&field), &[&way[..], &[Step::First]].concat(), found),
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

#[test]
fn debug_hides_what_is_secret_and_nothing_else() {
    let mut secrets = Vec::new();
    for op in operations() {
        for (way, field) in fields(op.meta) {
            if !matches!(field.kind, Kind::Text | Kind::Rule(_)) || field.place == Place::Path {
                continue;
            }
            // The rule's own example if it wants another form.
            let text = match field.kind {
                Kind::Rule(rule) => {
                    let fits = |text: &&str| (rule.check)(text).is_ok();
                    ["hunter20", "/hunter20"].into_iter().find(fits).unwrap_or(rule.example)
                }
                _ => "hunter20",
            };
            let input = with(&op.example, op.meta.params, &way, json!(text));
            let shown = (op.debug)(&input).contains(&text.escape_debug().to_string());
            assert_eq!(shown, !field.kind.is_secret(), "{} {}", op.meta.name, name(&way));
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
