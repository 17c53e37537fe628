//! Method, path and parameters of a declaration against the facts.

use std::collections::BTreeSet;

use koodrive_proto::Meta;
use koodrive_proto::schema::{Auth, Choice, Edition, Facts, Field, Kind, Place, Wire};
use serde_json::Value as Json;

use super::range::Range;

/// Every difference, one line each.
pub(super) fn compare(meta: &Meta, fact: &Json) -> Vec<String> {
    let mut differences = Vec::new();
    let mut same = |what: &str, documented: &str, declared: &str| {
        if documented != declared {
            differences.push(format!("{what}: documented {documented}, declared {declared}"));
        }
    };
    same("module", text(&fact["module"]), meta.module);
    same("method", text(&fact["method"]), meta.method.as_str());
    same("path", text(&fact["path"]), meta.path);
    let auth = match meta.auth {
        Auth::AppOrToken => "app, token",
        Auth::App => "app",
        Auth::Token | Auth::TokenAlone => "token",
        _ => "none",
    };
    same("credentials", &texts(&fact["auth"]).join(", "), auth);
    same("names", &texts(&fact["manual_names"]).join(", "), &meta.manual_names.join(", "));
    let facts = meta.editions.iter().map(|(edition, facts)| {
        format!("{} {}", name(*edition), if *facts == Facts::Full { "full" } else { "partial" })
    });
    let documented = texts(&fact["editions"]).into_iter().map(|edition| {
        let read = text(&fact["completeness"][edition]).starts_with("full");
        format!("{edition} {}", if read { "full" } else { "partial" })
    });
    same("manuals", &documented.collect::<Vec<_>>().join(", "), &facts.collect::<Vec<_>>().join(", "));

    if meta.auth == Auth::Token && !lists_user(fact) {
        differences.push("credentials: a page doesn't list X-User-Id; declared as Token, not TokenAlone".to_owned());
    }

    let mut declared = Vec::new();
    flatten(meta.params, "", &mut declared);
    for (place, row) in rows(fact) {
        let label = format!("{place} {}", text(&row["name"]));
        let found = declared.iter().position(|(name, field)| {
            place == section(field.place)
                && if place == "header" {
                    name.eq_ignore_ascii_case(text(&row["name"]))
                } else {
                    name == text(&row["name"])
                }
        });
        match found {
            Some(at) => parameter(meta, &label, declared.remove(at).1, row, fact, &mut differences),
            None => differences.push(format!("{label}: not declared")),
        }
    }
    differences.extend(declared.iter().map(|(name, field)| format!("{} {name}: not documented", section(field.place))));
    differences
}

/// Whether no note says that X-User-Id is missing on the page.
fn lists_user(fact: &Json) -> bool {
    let headers = fact["headers"].as_array().into_iter().flatten().map(|row| text(&row["notes"]));
    let denied = |note: &str| ["no ", "not ", "only "].iter().any(|word| note.contains(word));
    !headers.chain(texts(&fact["inconsistencies"])).any(|note| note.contains("X-User-Id") && denied(note))
}

/// The documented parameters with their sections. The five common headers and Host are every call's.
pub(super) fn rows(fact: &Json) -> impl Iterator<Item = (&'static str, &Json)> {
    const COMMON: [&str; 6] = ["host", "authorization", "language", "x-traceid", "x-user-id", "x-date"];
    [("path", "path_params"), ("query", "query"), ("header", "headers"), ("body", "body")]
        .into_iter()
        .flat_map(|(place, section)| fact[section].as_array().into_iter().flatten().map(move |row| (place, row)))
        .filter(|(place, row)| {
            let name = text(&row["name"]).to_ascii_lowercase();
            *place != "header" || !(COMMON.contains(&name.as_str()) || name.contains(['/', '(']))
        })
}

/// `multiParts[].partNumber`, as the facts write it.
pub(super) fn flatten(fields: &'static [Field], outer: &str, found: &mut Vec<(String, &'static Field)>) {
    for field in fields {
        let name = format!("{outer}{}", field.name);
        match field.kind {
            Kind::Object(inner) => flatten(inner, &format!("{name}."), found),
            Kind::List(Kind::Object(inner)) => flatten(inner, &format!("{name}[]."), found),
            _ => {}
        }
        found.push((name, field));
    }
}

fn parameter(meta: &Meta, label: &str, field: &Field, row: &Json, fact: &Json, differences: &mut Vec<String>) {
    let mut differ = |what: String| differences.push(format!("{label}: {what}"));
    for kind in said(row, "type") {
        if !fits(&field.kind, text(kind), field) {
            differ(format!("documented as {}, declared as {}", text(kind), describe(&field.kind)));
        }
    }
    let required: Vec<bool> = said(row, "required").into_iter().filter_map(Json::as_bool).collect();
    if !required.is_empty() && required.contains(&true) != field.required {
        differ(format!("required: documented {}, declared {}", required.contains(&true), field.required));
    }
    let mut default: Vec<String> = said(row, "default").into_iter().map(plain).collect();
    default.dedup();
    let declared: Vec<String> = field.default.iter().map(ToString::to_string).collect();
    if default != declared {
        let text = |default: &[String]| if default.is_empty() { "none".to_owned() } else { default.join(" and ") };
        differ(format!("default: documented {}, declared {}", text(&default), text(&declared)));
    }
    let listed = texts(&row["editions"]);
    let all = texts(&fact["editions"]);
    let only = (listed.len() < all.len()).then(|| listed.join(", "));
    let declared = field.only.filter(|_| meta.editions.len() > 1).map(|edition| name(edition).to_owned());
    if only != declared {
        let text = |only: Option<String>| only.unwrap_or_else(|| "all".to_owned());
        differ(format!("manuals: documented {}, declared {}", text(only), text(declared)));
    }
    if let Some(what) = range(field, row) {
        differ(what);
    }
    // `day` and `days` are one.
    let unit = |unit: &str| unit.trim_end_matches('s').to_owned();
    let documented = said(row, "unit").first().map(|documented| unit(text(documented))).unwrap_or_default();
    let declared = field.limit.map(|limit| unit(limit.unit)).unwrap_or_default();
    // A unit that is known from a range or a note is not in the column.
    if documented != declared && !documented.is_empty() {
        differ(format!(
            "unit: documented {documented}, declared {}",
            if declared.is_empty() { "none" } else { &declared }
        ));
    }
}

fn range(field: &Field, row: &Json) -> Option<String> {
    let documented: Vec<&str> = said(row, "range").into_iter().map(text).collect();
    let declared = declared_range(field);
    if documented.is_empty() {
        // Without a range the values may stand in the notes; a choice is compared only where they are listed.
        return field.limit.map(|limit| format!("range: documented none, declared {} to {}", limit.min, limit.max));
    }
    let quoted = || documented.iter().map(|text| format!("`{text}`")).collect::<Vec<_>>().join(" and ");
    let shown = || declared.as_ref().map_or_else(|| describe(&field.kind).to_owned(), ToString::to_string);
    if field.kind == Kind::Bool {
        return None;
    }
    let read: Option<Vec<Range>> = documented.iter().map(|text| Range::read(text)).collect();
    let united = read.and_then(|ranges| ranges.into_iter().map(Some).reduce(|a, b| a?.or(b?)).flatten());
    let same = match (&united, &declared) {
        (Some(Range::Values(a)), Some(Range::Values(b))) => a == b,
        // A documented interval of listed numbers.
        (Some(Range::Interval { min, max }), Some(Range::Values(values))) => {
            let numbers: Vec<i128> = values.iter().filter_map(|value| value.parse().ok()).collect();
            numbers.len() == values.len()
                && numbers.iter().min() == min.as_ref()
                && numbers.iter().max() == max.as_ref()
        }
        (Some(Range::Interval { min, max }), Some(Range::Interval { min: least, max: most })) => {
            // Without a documented minimum: an empty text or list may be refused.
            let least_fits = min.map_or(matches!(least, Some(0 | 1)), |min| *least == Some(min));
            least_fits && max.is_none_or(|max| *most == Some(max))
        }
        _ => false,
    };
    (!same).then(|| format!("range: documented {}, declared {}", quoted(), shown()))
}

fn declared_range(field: &Field) -> Option<Range> {
    let limit = field.limit.map(|limit| Range::Interval { min: Some(limit.min), max: Some(limit.max) });
    let kind = match field.kind {
        Kind::Quoted(inner) => *inner,
        // What a list may hold, if it may hold any number of them.
        Kind::List(inner) if field.limit.is_none() => *inner,
        kind => kind,
    };
    match kind {
        Kind::Choice(choices) => Some(Range::Values(
            choices.iter().filter(|choice| field.allows(choice)).map(|choice| choice.wire.to_string()).collect(),
        )),
        Kind::Fixed(wire) => Some(Range::Values(BTreeSet::from([wire.to_string()]))),
        Kind::Number { min, max } => limit.or(Some(Range::Interval { min: Some(min), max: Some(max) })),
        _ => limit,
    }
}

/// Whether a kind is what the manual's type says.
fn fits(kind: &Kind, documented: &str, field: &Field) -> bool {
    // Outside of JSON a number and its text are the same.
    let plain = matches!(field.place, Place::Path | Place::Query | Place::Header);
    let number = |kind: &Kind| {
        matches!(
            kind,
            Kind::Number { .. }
                | Kind::Fixed(Wire::Number(_))
                | Kind::Choice([Choice { wire: Wire::Number(_), .. }, ..])
        )
    };
    match documented {
        "String" => match kind {
            Kind::Text
            | Kind::Rule(_)
            | Kind::AgentName
            | Kind::Quoted(_)
            | Kind::Joined(..)
            | Kind::Fixed(Wire::Text(_)) => true,
            Kind::Choice(_) => plain || !number(kind),
            _ => plain && number(kind),
        },
        "Long" => match kind {
            // Without a limit, whatever a Long may be.
            Kind::Number { max, .. } => field.limit.is_some() || *max >= i128::from(i64::MAX),
            kind => number(kind),
        },
        "Integer" => number(kind),
        "Boolean" => matches!(kind, Kind::Bool | Kind::Fixed(Wire::Bool(_))),
        "File" => matches!(kind, Kind::File(_)),
        "Array of strings" => matches!(kind, Kind::List(inner) if fits(inner, "String", field) && !number(inner)),
        "Array of longs" | "Array of integers" => matches!(kind, Kind::List(inner) if number(inner)),
        _ if documented.starts_with("Array of ") => matches!(kind, Kind::List(Kind::Object(_))),
        _ => (documented.ends_with("object") || documented.ends_with("Object")) && matches!(kind, Kind::Object(_)),
    }
}

fn describe(kind: &Kind) -> &'static str {
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

/// What a row says, or what each manual says where they differ.
pub(super) fn said<'a>(row: &'a Json, key: &str) -> Vec<&'a Json> {
    let differs = row["differs"].as_object().into_iter().flat_map(|editions| editions.values());
    row.get(key)
        .into_iter()
        .chain(differs.filter_map(|edition| edition.get(key)))
        .filter(|value| !value.is_null())
        .collect()
}

fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

pub(super) fn section(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        _ => "body",
    }
}

fn name(edition: Edition) -> &'static str {
    match edition {
        Edition::Carrier => "carrier",
        _ => "enterprise",
    }
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

fn texts(json: &Json) -> Vec<&str> {
    json.as_array().into_iter().flatten().map(text).collect()
}

#[cfg(test)]
mod tests {
    use koodrive_sim::facts;

    #[test]
    fn pages_without_the_user() {
        let lists = |name| super::lists_user(facts::operation(name).unwrap());
        assert!(["UpdateSpace", "CreateShare"].into_iter().all(lists));
        assert!(!["GetJsSdkInfo", "RefreshSession", "PreverifyUserImport", "Login"].into_iter().any(lists));
    }
}
