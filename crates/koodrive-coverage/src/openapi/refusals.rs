//! What a refused call is answered with: the statuses and codes that the manuals and the gateway's pages list.

use std::collections::BTreeMap;

use koodrive_proto::error::{Code, codes};
use koodrive_proto::schema::Auth;
use serde_json::{Map, Value as Json, json};

/// A status, its name among the components, and what it means.
const STATUSES: &[(u16, &str, &str)] = &[
    (400, "BadRequest", "KooDrive refuses what was asked; nearly every refusal has this status."),
    (401, "Unauthorized", "The token or signature is refused, usually by the gateway."),
    (403, "Forbidden", "The gateway lets this caller not in."),
    (404, "NotFound", "The gateway knows no such address. What KooDrive doesn't find is answered with 400."),
    (408, "RequestTimeout", "The request did not arrive in time. No page lists this status; the simulator has it."),
    (413, "ContentTooLarge", "The body is too large."),
    (429, "TooManyRequests", "The gateway throttles the caller."),
    (431, "HeadersTooLarge", "The headers are too large. No page lists this status; the simulator has it."),
    (500, "InternalServerError", "A part of the service failed."),
    (503, "ServiceUnavailable", "What stands before the service can't reach it; the call was not executed."),
    (504, "GatewayTimeout", "What stands before the service got no answer; the call may have been executed."),
];

/// Returns the responses of an operation beside its success.
pub(super) fn of(auth: Auth) -> impl Iterator<Item = (String, Json)> {
    let applies = move |status: u16| auth != Auth::None || ![401, 403].contains(&status);
    STATUSES
        .iter()
        .filter(move |(status, ..)| applies(*status))
        .map(|(status, name, _)| (status.to_string(), json!({"$ref": format!("#/components/responses/{name}")})))
}

/// Returns the components.
pub(super) fn responses() -> Json {
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let mut responses = Map::new();
    for (status, name, description) in STATUSES {
        if [503, 504].contains(status) {
            let content = json!({"text/html": {"schema": {"type": "string"}}});
            responses.insert((*name).to_owned(), json!({"description": description, "content": content}));
            continue;
        }
        let schema = match status {
            400 | 401 | 500 => json!({"anyOf": [reference("Refusal"), reference("GatewayRefusal")]}),
            _ => reference("GatewayRefusal"),
        };
        let rows = codes().iter().filter(|row| row.status.unwrap_or(400) == *status);
        let examples: BTreeMap<&str, Json> = rows.map(|row| (row.code, example(row))).collect();
        let mut content = json!({"schema": schema});
        if !examples.is_empty() {
            content["examples"] = json!(examples);
        }
        let mut response = json!({"description": description, "content": {"application/json": content}});
        if *status == 429 {
            let description = "After how many seconds to try again. No page lists it; the simulator sends it.";
            let schema = json!({"type": "integer", "minimum": 0});
            response["headers"] = json!({"Retry-After": {"description": description, "schema": schema}});
        }
        responses.insert((*name).to_owned(), response);
    }
    responses.into()
}

fn example(row: &Code) -> Json {
    let message = row.message.unwrap_or_default();
    let value = match row.code.parse::<u64>() {
        Ok(code) => json!({"code": code, "msg": message}),
        Err(_) => {
            json!({"error_code": row.code, "error_msg": message, "request_id": "4a1b6d0c8c3f4f0f9d1f0a7f0f5b6c7d"})
        }
    };
    let mut example = json!({"summary": row.meaning, "description": row.advice, "value": value});
    if !row.seen {
        example["x-unseen"] = "General knowledge about the gateway; it was not read on a page.".into();
    }
    example
}

/// Returns the schemas of both forms.
pub(super) fn schemas() -> BTreeMap<String, Json> {
    let refusal = json!({
        "type": "object",
        "description": "A refusal by KooDrive.",
        "required": ["code", "msg"],
        "properties": {
            "code": {"type": ["integer", "string"], "description": "Pages type it as a number or as a text."},
            "msg": {"type": "string", "description": "The reason, in the language that was asked for."},
        },
    });
    let gateway = json!({
        "type": "object",
        "description": "A refusal by the gateway in front of KooDrive.",
        "required": ["error_code", "error_msg"],
        "properties": {
            "error_code": {"type": "string", "description": "The code, for example `APIGW.0301`."},
            "error_msg": {"type": "string", "description": "The reason."},
            "request_id": {"type": "string", "description": "What the gateway calls the request."},
        },
    });
    [("Refusal", refusal), ("GatewayRefusal", gateway)].map(|(name, schema)| (name.to_owned(), schema)).into()
}
