//! Compares what a parameter may be: limits, listed values, rules for texts, separators.

use std::collections::BTreeSet;

use koodrive_proto::Secret;
use koodrive_proto::param::Param;
use koodrive_proto::schema::{Choice, Field, Kind};

use crate::fact::Row;
use crate::parameter::describe;
use crate::prose::{Interval, Said};

/// Returns every difference, one line each.
pub(crate) fn compare(field: &Field, row: &Row<'_>) -> Vec<String> {
    let ranges = row.ranges();
    let said = all(&ranges);
    let mut quoted: Vec<String> =
        ranges.iter().filter(|(_, range, _)| !range.is_empty()).map(|(_, range, _)| format!("`{range}`")).collect();
    quoted.dedup();
    let quoted = quoted.join(" and ");
    match field.kind {
        Kind::Bool | Kind::AgentName | Kind::Object(_) => Vec::new(),
        Kind::File(ends) => file(ends, &quoted).into_iter().collect(),
        _ => [
            values(field, &said, &ranges),
            interval(field, &said, &quoted),
            rule(field, &said),
            separator(field, &said),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// Combines what all manuals say.
fn all(ranges: &[(&str, String, Said)]) -> Said {
    let mut said = Said::default();
    for (_, _, other) in ranges {
        said.add(other.clone());
    }
    said
}

/// Returns the listed values of a kind, or of what it contains.
pub(crate) fn choices(kind: &Kind) -> &'static [Choice] {
    match kind {
        Kind::Choice(choices) => choices,
        Kind::Quoted(inner) | Kind::List(inner) | Kind::Joined(_, inner) => choices(inner),
        _ => &[],
    }
}

fn innermost(kind: &Kind) -> &Kind {
    match kind {
        Kind::Quoted(inner) | Kind::List(inner) | Kind::Joined(_, inner) => innermost(inner),
        kind => kind,
    }
}

fn values(field: &Field, said: &Said, ranges: &[(&str, String, Said)]) -> Option<String> {
    let declared: BTreeSet<String> = match innermost(&field.kind) {
        Kind::Choice(choices) => {
            choices.iter().filter(|choice| field.allows(choice)).map(|choice| choice.value.to_string()).collect()
        }
        Kind::Fixed(wire) => BTreeSet::from([wire.to_string()]),
        _ => {
            // If one manual has a list and the other doesn't, there is a list.
            let listed: Vec<&str> = said.values.iter().map(|(value, _)| value.as_str()).collect();
            let lists = ranges.iter().any(|(_, _, said)| said.lists()) && !said.open;
            return lists
                .then(|| format!("values: documented {}, declared as {}", listed.join(", "), describe(&field.kind)));
        }
    };
    let mut documented: BTreeSet<String> = said.values.iter().map(|(value, _)| value.clone()).collect();
    if documented.is_empty() {
        let interval = said.interval.iter().filter(|interval| is_of_values(field, interval));
        documented.extend(interval.flat_map(Interval::numbers));
    }
    let lacks: Vec<&str> = documented.difference(&declared).map(String::as_str).collect();
    let excess: Vec<&str> = declared.difference(&documented).filter(|_| !said.open).map(String::as_str).collect();
    let mut parts = Vec::new();
    if !lacks.is_empty() {
        parts.push(format!("{} documented, not declared", lacks.join(", ")));
    }
    if !excess.is_empty() {
        parts.push(format!("{} declared, not documented", excess.join(", ")));
    }
    (!parts.is_empty()).then(|| format!("values: {}", parts.join("; ")))
}

fn interval(field: &Field, said: &Said, quoted: &str) -> Option<String> {
    let declared = declared_interval(field);
    let shown = || {
        declared.as_ref().map_or_else(
            || "none".to_owned(),
            |interval| {
                let bound = |bound: Option<i128>| bound.map_or_else(|| "any".to_owned(), |bound| bound.to_string());
                format!("{} to {}", bound(interval.min), bound(interval.max))
            },
        )
    };
    if !said.unclear.is_empty() {
        return Some(format!("limit: {quoted} is not understood in full, declared {}", shown()));
    }
    let documented = said.interval.clone().filter(|interval| !is_of_values(field, interval));
    match (documented, &declared) {
        (None, _) => {
            let limit = field.limit.filter(|_| {
                matches!(field.kind, Kind::List(_) | Kind::Joined(..)) || choices(&field.kind).is_empty()
            })?;
            Some(format!("limit: documented none, declared {} to {}", limit.min, limit.max))
        }
        (Some(_), None) => Some(format!("limit: documented {quoted}, declared none")),
        (Some(documented), Some(interval)) => {
            // If no minimum is documented, an empty text or list may be refused.
            let least = documented.min.map_or(matches!(interval.min, Some(0 | 1)), |min| interval.min == Some(min));
            let most = documented.max.is_none_or(|max| interval.max == Some(max));
            (!least || !most).then(|| format!("limit: documented {quoted}, declared {}", shown()))
        }
    }
}

/// Whether an interval is one of listed values: those of a choice, or of a list of choices if the interval can't be the
/// number of entries.
fn is_of_values(field: &Field, interval: &Interval) -> bool {
    match field.kind {
        Kind::Choice(_) | Kind::Fixed(_) => true,
        Kind::Quoted(inner) => matches!(inner, Kind::Choice(_)),
        _ => {
            let whole = interval.min.is_some() && interval.max.is_some() && interval.unit.is_empty();
            !choices(&field.kind).is_empty() && field.limit.is_none() && whole
        }
    }
}

/// Returns what the declaration allows; for a number without a limit, what its type can hold.
fn declared_interval(field: &Field) -> Option<Interval> {
    let interval = |min, max| Some(Interval { min: Some(min), max: Some(max), unit: String::new() });
    match (field.limit, &field.kind) {
        (Some(limit), _) => interval(limit.min, limit.max),
        (None, Kind::Number { min, max } | Kind::Quoted(Kind::Number { min, max })) => interval(*min, *max),
        _ => None,
    }
}

fn rule(field: &Field, said: &Said) -> Option<String> {
    let declared = match innermost(&field.kind) {
        Kind::Rule(rule) if Secret::KIND != Kind::Rule(rule) => Some(rule.allowed),
        Kind::Choice(_) | Kind::Fixed(_) => return None,
        _ => None,
    };
    match (said.rules.is_empty(), declared) {
        (false, None) => {
            let rules: Vec<String> = said.rules.iter().map(|rule| format!("`{rule}`")).collect();
            Some(format!("rule: documented {}, declared as {}", rules.join(" and "), describe(&field.kind)))
        }
        (true, Some(rule)) => Some(format!("rule: documented none, declared `{rule}`")),
        _ => None,
    }
}

/// Returns the declared rule next to the documented one, for a reader to compare.
pub(crate) fn rule_words(field: &Field, row: &Row<'_>) -> Option<String> {
    let Kind::Rule(rule) = innermost(&field.kind) else { return None };
    let rules = all(&row.ranges()).rules;
    (!rules.is_empty()).then(|| format!("{} ({})", rule.allowed, rules.join(" | ")))
}

fn separator(field: &Field, said: &Said) -> Option<String> {
    let declared = if let Kind::Joined(separator, _) = field.kind { Some(separator) } else { None };
    let shown =
        |separator: Option<char>| separator.map_or_else(|| "none".to_owned(), |separator| format!("`{separator}`"));
    (said.separator != declared)
        .then(|| format!("separator: documented {}, declared {}", shown(said.separator), shown(declared)))
}

fn file(ends: &[&str], quoted: &str) -> Option<String> {
    let words = quoted.split([' ', ',', ';', '`']);
    let documented: BTreeSet<&str> = words.filter(|word| word.len() > 1 && word.starts_with('.')).collect();
    let declared: BTreeSet<&str> = ends.iter().copied().collect();
    (documented != declared).then(|| format!("files: documented {quoted}, declared {}", ends.join(", ")))
}

/// Returns where the manuals have different limits or lists, or where one has a limit and the other one's page, which
/// was read in full, has none.
pub(crate) fn manuals_differ(row: &Row<'_>, full: impl Fn(&str) -> bool) -> Vec<String> {
    let ranges = row.ranges();
    let [(a_name, a_text, a), (b_name, b_text, b)] = &ranges[..] else { return Vec::new() };
    let mut lines = Vec::new();
    let other = |a: Option<i128>, b: Option<i128>| a.zip(b).is_some_and(|(a, b)| a != b);
    match (&a.interval, &b.interval) {
        (Some(a), Some(b)) if other(a.min, b.min) || other(a.max, b.max) => {
            lines.push(format!("limit: {a_name} `{a_text}`, {b_name} `{b_text}`"));
        }
        (Some(_), None) if full(b_name) && b.values.is_empty() => {
            lines.push(format!("limit: {a_name} `{a_text}`, {b_name} none"));
        }
        (None, Some(_)) if full(a_name) && a.values.is_empty() => {
            lines.push(format!("limit: {a_name} none, {b_name} `{b_text}`"));
        }
        _ => {}
    }
    let set = |said: &Said| said.values.iter().map(|(value, _)| value.clone()).collect::<BTreeSet<String>>();
    let (first, second) = (set(a), set(b));
    if a.lists() && b.lists() && first != second {
        let text = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(", ");
        lines.push(format!("values: {a_name} {}, {b_name} {}", text(first), text(second)));
    }
    lines
}
