//! Writes `docs/openapi.json`, the OpenAPI 3.1 description of all operations.

mod answers;
mod bare;
mod examples;
mod parameters;
mod patterns;
mod refusals;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use koodrive_proto::schema::{Auth, Field, Place};
use koodrive_sim::facts;
use serde_json::{Map, Value as Json, json};

use crate::declared::Declared;
use crate::docs::Docs;
use crate::fact::texts;
use crate::operations;

/// Where it is.
pub(crate) const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

/// When the manuals were read, which is the document's version.
const READ_ON: &str = "2026-11-21";

/// Returns what the file should contain.
pub(crate) fn content(declared: &[Declared], docs: &Docs) -> String {
    // A JSON value has a text in any case.
    let mut text = serde_json::to_string_pretty(&document(declared, docs)).unwrap_or_default();
    text.push('\n');
    text
}

/// Returns what is wrong with the document itself, one line each.
pub(crate) fn compare(declared: &[Declared], docs: &Docs) -> Vec<String> {
    let mut differences = bare::compare(&document(declared, docs)["components"]["schemas"]);
    let parameters: Vec<(String, Field)> = declared.iter().flat_map(Declared::parameters).collect();
    differences.extend(patterns::unused(parameters.iter().map(|(_, field)| field)));
    // Two paths that differ only by the names of parameters are one path, by OpenAPI's rules.
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for path in declared.iter().map(|op| op.meta.path) {
        let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
        let other = known.entry(segments.collect::<Vec<_>>().join("/")).or_insert(path);
        if *other != path {
            differences.push(format!("openapi: {path} and {other} are the same path"));
        }
    }
    differences
}

fn document(declared: &[Declared], docs: &Docs) -> Json {
    let mut paths: BTreeMap<&str, Map<String, Json>> = BTreeMap::new();
    let mut schemas = refusals::schemas();
    // Where a page shows no value, another one of the same path may.
    let mut values: BTreeMap<&str, Map<String, Json>> = BTreeMap::new();
    for op in declared {
        let shown = facts::operation(op.meta.name).map(|fact| examples::shown(op, fact)).unwrap_or_default();
        values.entry(op.meta.path).or_default().extend(shown.params);
    }
    for op in declared {
        let Some(fact) = facts::operation(op.meta.name) else { continue };
        let item = paths.entry(op.meta.path).or_default();
        item.insert(op.meta.method.as_str().to_lowercase(), operation(op, fact, values.get(op.meta.path)));
        schemas.insert(format!("{}Answer", op.meta.name), answers::schema(op.meta.name));
        if let Some(schema) = parameters::body(op.meta, fact) {
            schemas.insert(format!("{}Body", op.meta.name), schema);
        }
    }
    let modules: BTreeSet<&str> = declared.iter().map(|op| op.meta.module).collect();
    let tags = modules.into_iter().map(|name| json!({"name": name, "description": words::module(docs.module(name))}));
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://spec.openapis.org/oas/3.1/dialect/base",
        "info": {
            "title": "KooDrive",
            "version": READ_ON,
            "summary": "Huawei Cloud's enterprise drive, as its two public manuals describe it.",
            "description": INFO,
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{
            "url": "https://{host}",
            "description": "The service",
            "variables": {"host": {
                "default": "intl.myhuaweicloud-koodrive.com",
                "description": "`intl.myhuaweicloud-koodrive.com` is AP-Singapore, `cn.myhuaweicloud-koodrive.com` is \
                    CN North-Beijing4. A carrier's customers get theirs from the carrier.",
            }},
        }],
        "tags": tags.collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": refusals::responses(),
            "parameters": parameters::common(),
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": TOKEN},
                "app": {"type": "apiKey", "in": "header", "name": "Authorization", "description": APP},
            },
        },
    })
}

const INFO: &str = "\
Written by `cargo xtask openapi` from the declarations of KooDrive for Rust and from what was read in the two public \
manuals: `carrier` is `api-koodrive-carrier`, `enterprise` is `api-koodrive`. It was never compared with the service.

- Success is a status of 2xx *and* a `code` that is 0 or absent. A call can fail with status 200.
- Where the manuals, or a table and its example, disagree about a type, both are allowed. Any member of an answer but \
`code` and `msg` may be absent or null: no page says which are always there. There may be members that no page lists.
- `x-editions` says which manual describes a call and how much of its page could be read, `x-contradictions` what its \
pages contradict or leave open, `x-manual-names` what they call it, `x-manual-requests` what they show as examples.
- `x-safety` is `ReadOnly` if a call changes nothing, `Idempotent` if a second run has the same effect as the first, \
and `Once` if it must not be repeated unless the service can't have seen it.
- `x-only` and `x-required-by` mean that only this manual lists a parameter, or requires it.
- `x-needed` means that a parameter is needed though its table calls it optional.
- `x-rules` means that there are rules between the parameters, which the schemas can't express.";

const TOKEN: &str = "\
An access token. The value is sent as the sign-in calls return it, with its prefix: `Bearer …` or `Bearer+…` in the \
enterprise edition, `AT …` in the carrier edition. Some pages list X-User-Id and X-Date beside it.";

const APP: &str = "\
An application's signature: `HMAC-SHA256 AppId=<id>,SignedHeaders=<a;b;c>,Signature=<hex>`, with X-User-Id and X-Date. \
The signature is the HMAC-SHA256, with the AppSecret as the key, of two lines: `HMAC-SHA256`, and the SHA-256 in hex \
of the canonical request. That one has the method, the path with a final slash, the sorted query, the signed headers \
each as `name:value`, their names joined by semicolons, and the SHA-256 of the body in hex.";

fn operation(op: &Declared, fact: &Json, values: Option<&Map<String, Json>>) -> Json {
    let meta = op.meta;
    let mut shown = examples::shown(op, fact);
    for field in op.meta.params.iter().filter(|field| field.place == Place::Path) {
        if let Some(value) = values.and_then(|values| values.get(field.name)) {
            shown.params.entry(field.name).or_insert_with(|| value.clone());
        }
    }
    let mut operation = Map::new();
    let mut put = |name: &str, value: Json| operation.insert(name.to_owned(), value);
    put("operationId", meta.name.into());
    put("tags", json!([meta.module]));
    put("summary", fact["summary"].clone());
    put("description", words::operation(op).into());
    put("parameters", parameters::parameters(op, fact, &shown).into());
    if let Some(body) = request_body(op, fact, shown.bodies) {
        put("requestBody", body);
    }
    put("responses", answers::responses(meta, fact));
    put("security", security(meta.auth));
    put("x-safety", operations::safety(meta).into());
    put("x-editions", fact["completeness"].clone());
    put("x-manual-names", fact["manual_names"].clone());
    if !texts(&fact["inconsistencies"]).is_empty() {
        put("x-contradictions", fact["inconsistencies"].clone());
    }
    let requests = fact["request_examples"].as_array().into_iter().flatten();
    // A page without an example has an entry without content.
    let requests: Vec<&Json> =
        requests.filter(|example| ["line", "body", "body_raw"].iter().any(|part| !example[part].is_null())).collect();
    if !requests.is_empty() {
        put("x-manual-requests", json!(requests));
    }
    if meta.rules || RULED.contains(&meta.name) {
        put("x-rules", true.into());
    }
    operation.into()
}

/// Operations with a rule between parameters that isn't declared: one of two has to be there.
const RULED: &[&str] = &["ListUserPermissions"];

fn security(auth: Auth) -> Json {
    match auth {
        Auth::AppOrToken => json!([{"token": []}, {"app": []}]),
        Auth::App => json!([{"app": []}]),
        Auth::Token | Auth::TokenAlone => json!([{"token": []}]),
        // No credentials are needed.
        _ => json!([]),
    }
}

fn request_body(op: &Declared, fact: &Json, shown: Vec<(String, Json)>) -> Option<Json> {
    let meta = op.meta;
    let fields = || meta.params.iter().filter(|field| matches!(field.place, Place::Body | Place::Form));
    let first = fields().next()?;
    let mut content = json!({"schema": {"$ref": format!("#/components/schemas/{}Body", meta.name)}});
    let kind = if first.place == Place::Form {
        "multipart/form-data"
    } else {
        let example = (op.example)();
        let members = fields().filter_map(|field| Some((field.name.to_owned(), example.get(field.name)?.clone())));
        let smallest = json!({"summary": "The least that is needed", "value": members.collect::<Map<_, _>>()});
        let shown = shown.into_iter().map(|(name, body)| {
            let summary = format!(
                "As the {} manual shows it, with the types of the schema",
                name.trim_end_matches(char::is_numeric)
            );
            (name, json!({"summary": summary, "value": body}))
        });
        let examples: Map<String, Json> = shown.chain([("smallest".to_owned(), smallest)]).collect();
        content["examples"] = examples.into();
        "application/json"
    };
    let mut body = json!({"required": fields().any(|field| field.required), "content": {kind: content}});
    if let Some(other) = fact["body_as"].as_str() {
        body["description"] = format!("Read like the body of {other}: this page's own could not be read.").into();
    }
    Some(body)
}

/// Names an example of a manual that has `count` others.
fn numbered(edition: &str, count: usize) -> String {
    if count == 0 { edition.to_owned() } else { format!("{edition}{}", count.saturating_add(1)) }
}
