//! What can't be right in a declaration stops the compiler.

use crate::schema::{Choice, Edition, Facts, Field, Kind, Place, Wire};

/// Panics at compile time if a name stands twice in one place, or if a place can't hold a value.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_table(fields: &[Field]) {
    let mut i = 0;
    while i < fields.len() {
        assert!(
            fits(fields[i].place, fields[i].kind),
            "a path parameter is one segment, a header one line: no lists or objects; a query has no objects; an agent's name \
             is a header"
        );
        if matches!(fields[i].place, Place::Header) {
            assert_header(fields[i].name.as_bytes());
        }
        let mut j = i + 1;
        while j < fields.len() {
            let (a, b) = (fields[i].name.as_bytes(), fields[j].name.as_bytes());
            // Headers are the same in capitals.
            let same = same_text(a, b) || (matches!(fields[i].place, Place::Header) && same_header(a, b));
            assert!(
                !(same && fields[i].place as u8 == fields[j].place as u8),
                "two parameters of one place share a name: look at the `= \"wireName\"`s"
            );
            j += 1;
        }
        i += 1;
    }
}

/// Panics at compile time if placeholders and path parameters differ.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_path(path: &str, params: &[Field]) {
    let mut i = 0;
    let mut path_params = 0;
    while i < params.len() {
        if matches!(params[i].place, Place::Path) {
            path_params += 1;
            assert!(params[i].required, "a path parameter is always required: it stands before the semicolon");
        }
        i += 1;
    }

    let bytes = path.as_bytes();
    assert!(!bytes.is_empty() && bytes[0] == b'/', "the path must begin with a slash");
    let mut placeholders = 0;
    let mut at = 0;
    while at < bytes.len() {
        assert!(bytes[at].is_ascii_graphic(), "the path must be visible ASCII, percent-encoded");
        assert!(!matches!(bytes[at], b'?' | b'#' | b'}'), "the path has a ?, a # or a stray closing brace");
        if bytes[at] == b'{' {
            let start = at + 1;
            while at < bytes.len() && bytes[at] != b'}' {
                at += 1;
            }
            assert!(at < bytes.len(), "the path has an opening brace without a closing one");
            let (_, tail) = bytes.split_at(start);
            let (name, tail) = tail.split_at(at - start);
            assert!(
                is_path_param(params, name),
                "the path has a placeholder that is no path parameter: braces hold wire names"
            );
            assert!(!contains(tail, name), "the path names a parameter twice");
            placeholders += 1;
        }
        at += 1;
    }
    assert!(placeholders == path_params, "the path must name each path parameter once, by its wire name in braces");
}

/// Panics at compile time if a parameter is noted as one manual's only, and there is but one, or another.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_editions(params: &[Field], editions: &[(Edition, Facts)]) {
    let mut i = 0;
    while i < params.len() {
        if let Some(only) = params[i].only {
            let mut listed = false;
            let mut j = 0;
            while j < editions.len() {
                listed |= editions[j].0 as u8 == only as u8;
                j += 1;
            }
            assert!(listed && editions.len() > 1, "`=> Edition` names one of several manuals of the operation");
        }
        i += 1;
    }
}

/// Headers that follow from the request itself; no operation and no caller may set them.
pub(crate) const OWN_HEADERS: [&str; 14] = [
    "host",
    "authorization",
    "content-length",
    "language",
    "x-date",
    "x-traceid",
    "x-user-id",
    // And these change how an answer is sent or read.
    "accept-encoding",
    "connection",
    "expect",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn assert_header(name: &[u8]) {
    let mut i = 0;
    while i < name.len() {
        assert!(
            name[i].is_ascii_alphanumeric() || matches!(name[i], b'-' | b'_'),
            "a header's name is letters, digits, - and _"
        );
        i += 1;
    }
    let mut i = 0;
    while i < OWN_HEADERS.len() {
        assert!(!same_header(name, OWN_HEADERS[i].as_bytes()), "a header that every request has of its own");
        i += 1;
    }
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn same_header(a: &[u8], b: &[u8]) -> bool {
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i].eq_ignore_ascii_case(&b[i]) {
        i += 1;
    }
    i == a.len() && i == b.len()
}

/// Whether a limit is one that values of a kind can reach.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn reachable(kind: Kind, min: i128, max: i128) -> bool {
    match kind {
        Kind::Number { min: least, max: most } => least <= min && max <= most,
        Kind::Quoted(inner) => reachable(*inner, min, max),
        Kind::Choice(choices) => {
            let mut i = 0;
            while i < choices.len() {
                if let Wire::Number(number) = choices[i].wire {
                    if min <= number as i128 && number as i128 <= max {
                        return true;
                    }
                }
                i += 1;
            }
            false
        }
        _ => 0 <= min,
    }
}

/// Panics at compile time if a kind doesn't list one of these values.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_among(kind: Kind, values: &[Wire]) {
    let mut i = 0;
    while i < values.len() {
        let choices = match kind {
            Kind::Choice(_) => true,
            Kind::Quoted(inner) => matches!(inner, Kind::Choice(_)),
            _ => false,
        };
        assert!(choices && holds(kind, values[i]), "`[1 | 2]` names values that the type lists");
        i += 1;
    }
}

/// Panics at compile time if a value is listed twice.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(crate) const fn assert_choices(choices: &[Choice]) {
    let mut i = 0;
    while i < choices.len() {
        let mut j = i + 1;
        while j < choices.len() {
            assert!(!same_wire(choices[i].wire, choices[j].wire), "two choices have the same value");
            j += 1;
        }
        i += 1;
    }
}

const fn same_wire(a: Wire, b: Wire) -> bool {
    match (a, b) {
        (Wire::Number(a), Wire::Number(b)) => a == b,
        (Wire::Text(a), Wire::Text(b)) => same_text(a.as_bytes(), b.as_bytes()),
        _ => false,
    }
}

/// Whether a literal is a value of a kind.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn holds(kind: Kind, wire: Wire) -> bool {
    match (kind, wire) {
        (Kind::Number { .. }, Wire::Number(_))
        | (Kind::Bool, Wire::Bool(_))
        | (Kind::Text | Kind::Rule(_), Wire::Text(_)) => true,
        (Kind::Quoted(inner), wire) => holds(*inner, wire),
        (Kind::Choice(choices), wire) => {
            let mut i = 0;
            while i < choices.len() {
                if same_wire(choices[i].wire, wire) {
                    return true;
                }
                i += 1;
            }
            false
        }
        _ => false,
    }
}

/// Whether a place can hold such a value.
const fn fits(place: Place, kind: Kind) -> bool {
    match (place, kind) {
        (Place::Path | Place::Query | Place::Body | Place::Form, Kind::AgentName)
        | (Place::Path | Place::Header, Kind::List(_) | Kind::Joined(..))
        | (Place::Path | Place::Header | Place::Query, Kind::Object(_))
        | (Place::Path | Place::Header | Place::Query | Place::Body, Kind::File(_)) => false,
        (_, Kind::Joined(_, item)) | (Place::Query, Kind::List(item)) => {
            !matches!(item, Kind::List(_) | Kind::Joined(..) | Kind::Object(_))
        }
        _ => true,
    }
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn is_path_param(params: &[Field], name: &[u8]) -> bool {
    let mut i = 0;
    while i < params.len() {
        if matches!(params[i].place, Place::Path) && same_text(params[i].name.as_bytes(), name) {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether `{name}` stands in the rest of a path.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn contains(rest: &[u8], name: &[u8]) -> bool {
    let mut at = 0;
    while at + name.len() + 1 < rest.len() {
        let (_, tail) = rest.split_at(at + 1);
        let (head, tail) = tail.split_at(name.len());
        if rest[at] == b'{' && same_text(head, name) && tail[0] == b'}' {
            return true;
        }
        at += 1;
    }
    false
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(crate) const fn same_text(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
