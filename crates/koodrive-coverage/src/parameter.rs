//! Compares one parameter: type, whether it is required, default, manuals, unit, secrecy. Limits and values are in
//! `limits.rs`.

use koodrive_proto::schema::{Choice, Constant, Edition, Field, Kind, Place};
use serde_json::Value as Json;

use crate::declared::Declared;
use crate::docs::Docs;
use crate::fact::{Row, text, texts};
use crate::table::name;
use crate::{limits, secret};

/// Returns every difference, one line each.
pub(crate) fn compare(op: &Declared, field: &Field, row: &Row<'_>, fact: &Json, docs: &Docs) -> Vec<String> {
    let mut differences = Vec::new();
    for kind in row.any("type") {
        if !fits(&field.kind, text(kind), field) {
            differences.push(format!("documented as {}, declared as {}", text(kind), describe(&field.kind)));
        }
    }
    let plain_number =
        matches!(field.kind, Kind::Number { .. }) && row.any("type").iter().any(|kind| text(kind) == "String");
    if plain_number && !is_numeric(row) {
        differences.push("documented as String without a number in it, declared as number".to_owned());
    }
    if depends(row) && !op.meta.rules {
        differences.push("required depending on something else, and no rule is declared".to_owned());
    }
    let required: Vec<bool> = row.any("required").into_iter().filter_map(Json::as_bool).collect();
    let by_one = required_by_one(row);
    if field.required_by.is_some() {
        let declared = field.required_by.map(name);
        if declared != by_one {
            let by = |edition: Option<&'static str>| edition.unwrap_or("all or none");
            differences.push(format!("required: documented by {}, declared by {}", by(by_one), by(declared)));
        }
    } else if !required.is_empty() && required.contains(&true) != field.required {
        differences.push(format!("required: documented {}, declared {}", required.contains(&true), field.required));
    }
    let mut default: Vec<String> = row.any("default").into_iter().map(plain).collect();
    default.dedup();
    let declared: Vec<String> = field.default.iter().map(ToString::to_string).collect();
    if default != declared {
        let text = |default: &[String]| if default.is_empty() { "none".to_owned() } else { default.join(" and ") };
        differences.push(format!("default: documented {}, declared {}", text(&default), text(&declared)));
    }
    let all = texts(&fact["editions"]);
    let only = (row.editions.len() < all.len()).then(|| row.editions.join(", "));
    let declared = field.only.filter(|_| op.meta.editions.len() > 1).map(|edition| name(edition).to_owned());
    if only != declared {
        let text = |only: Option<String>| only.unwrap_or_else(|| "all".to_owned());
        differences.push(format!("manuals: documented {}, declared {}", text(only), text(declared)));
    }
    differences.extend(unit(field, row));
    differences.extend(limits::compare(field, row));
    if let Some(why) = secret::mismatch(secret::parameter(row), field.kind.is_secret()) {
        // What is listed or counted is no secret, whatever its name.
        if matches!(field.kind, Kind::Text | Kind::Rule(_) | Kind::List(_) | Kind::Joined(..)) {
            differences.push(why);
        }
    }

    let mut manuals = limits::manuals_differ(row, |edition| text(&fact["completeness"][edition]).starts_with("full"));
    if let Some(edition) = by_one.filter(|_| field.required_by.is_none()) {
        manuals.push(format!("required: by the {edition} manual only"));
    }
    let variant = |choice: &Choice| match choice.value {
        Constant::Text(text) => format!("{} = \"{text}\"", choice.name),
        wire => format!("{} = {wire}", choice.name),
    };
    let variants: Vec<String> = limits::choices(&field.kind).iter().map(variant).collect();
    if !docs.tell(op.meta.module, op.meta.name, field.rust, &variants) {
        differences
            .extend(manuals.into_iter().map(|what| format!("the manuals differ, the docs don't say so: {what}")));
    }
    differences
}

/// Whether the manual shows that a text is a number: by its range, its default or its listed values.
fn is_numeric(row: &Row<'_>) -> bool {
    let has_digits = |json: &&Json| json.to_string().contains(|char: char| char.is_ascii_digit());
    ["range", "default", "values", "unit"].iter().any(|key| row.any(key).iter().any(has_digits))
}

/// Whether a note says that it is required only if something else is so, which takes a rule.
fn depends(row: &Row<'_>) -> bool {
    let conditions = ["when ", "if ", "for ", "once ", "as soon as "];
    let conditional = |note: &str| {
        let note = note.to_lowercase();
        ["required ", "mandatory ", "needed "].iter().any(|word| {
            note.match_indices(word).any(|(at, _)| {
                let rest = &note[at + word.len()..];
                conditions.iter().any(|condition| rest.starts_with(condition))
            })
        })
    };
    let always = row.any("required").iter().any(|json| json.as_bool() == Some(true));
    !always && row.notes().into_iter().any(conditional)
}

/// Returns the only manual that requires the parameter, if the other one lists it without requiring it.
fn required_by_one(row: &Row<'_>) -> Option<&'static str> {
    let requires = |edition: Edition| {
        row.each("required")
            .into_iter()
            .find(|(listed, _)| *listed == name(edition))
            .and_then(|(_, json)| json.as_bool())
    };
    match (requires(Edition::Carrier), requires(Edition::Enterprise)) {
        (Some(true), Some(false)) => Some(name(Edition::Carrier)),
        (Some(false), Some(true)) => Some(name(Edition::Enterprise)),
        _ => None,
    }
}

/// Compares the unit only if the column has one: a unit that is known from a range or a note isn't there.
fn unit(field: &Field, row: &Row<'_>) -> Option<String> {
    let short = |unit: &str| unit.split(" (").next().unwrap_or_default().trim_end_matches('s').to_owned();
    let documented = row.any("unit").first().map(|documented| short(text(documented)))?;
    let declared = field.limit.map(|limit| short(limit.unit)).unwrap_or_default();
    let shown = if declared.is_empty() { "none" } else { &declared };
    // Without a limit, only the docs can name a unit.
    let differs = field.limit.is_some() && documented != declared;
    differs.then(|| format!("unit: documented {documented}, declared {shown}"))
}

/// Whether a kind is what the manual's type says.
fn fits(kind: &Kind, documented: &str, field: &Field) -> bool {
    // Outside of JSON, a number and its text are the same.
    let plain = matches!(field.place, Place::Path | Place::Query | Place::Header);
    let number = |kind: &Kind| {
        matches!(
            kind,
            Kind::Number { .. }
                | Kind::Fixed(Constant::Number(_))
                | Kind::Choice([Choice { value: Constant::Number(_), .. }, ..])
        )
    };
    match documented {
        "String" => match kind {
            Kind::Text
            | Kind::Rule(_)
            | Kind::AgentName
            | Kind::Quoted(_)
            | Kind::Joined(..)
            | Kind::Fixed(Constant::Text(_)) => true,
            Kind::Choice(_) => plain || !number(kind),
            _ => plain && number(kind),
        },
        "Long" => match kind {
            // An id is never calculated with.
            Kind::Text if plain => field.name.to_ascii_lowercase().ends_with("id"),
            // Without a limit, the type must hold whatever a Long may be.
            Kind::Number { max, .. } => field.limit.is_some() || *max >= i128::from(i64::MAX),
            kind => number(kind),
        },
        "Integer" => number(kind),
        "Boolean" => matches!(kind, Kind::Bool | Kind::Fixed(Constant::Bool(_))),
        "File" => matches!(kind, Kind::File(_)),
        "Array of strings" => matches!(kind, Kind::List(inner) if fits(inner, "String", field) && !number(inner)),
        "Array of longs" | "Array of integers" => matches!(kind, Kind::List(inner) if number(inner)),
        _ if documented.starts_with("Array of ") => matches!(kind, Kind::List(Kind::Object(_))),
        _ => (documented.ends_with("object") || documented.ends_with("Object")) && matches!(kind, Kind::Object(_)),
    }
}

/// Describes a kind in words.
pub(crate) fn describe(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Rule(_) => "text with a rule",
        Kind::Number { .. } => "number",
        Kind::Bool => "flag",
        Kind::Choice(_) => "choice",
        Kind::Fixed(_) => "fixed value",
        Kind::AgentName => "name of the agent",
        Kind::Quoted(_) => "quoted number",
        Kind::List(_) => "list",
        Kind::Joined(..) => "joined list",
        Kind::Object(_) => "object",
        Kind::File(_) => "file",
        _ => "something else",
    }
}

fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}
