//! What can't be right in a declaration stops the compiler.

use crate::operation::{Field, Place};
use crate::param::{Kind, Wire};

/// Panics at compile time if a name stands twice in one place.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_names(fields: &[Field]) {
    let mut i = 0;
    while i < fields.len() {
        let mut j = i + 1;
        while j < fields.len() {
            let same = same_text(fields[i].name.as_bytes(), fields[j].name.as_bytes());
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
        assert!(
            fits(params[i].place, params[i].kind),
            "a path parameter is one segment, a header one line: no lists or objects; a query has no objects"
        );
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
                match (choices[i].wire, wire) {
                    (Wire::Number(a), Wire::Number(b)) if a == b => return true,
                    (Wire::Text(a), Wire::Text(b)) if same_text(a.as_bytes(), b.as_bytes()) => return true,
                    _ => i += 1,
                }
            }
            false
        }
        _ => false,
    }
}

/// Whether a place can hold such a value.
const fn fits(place: Place, kind: Kind) -> bool {
    match (place, kind) {
        (Place::Path | Place::Header, Kind::List(_))
        | (Place::Path | Place::Header | Place::Query, Kind::Object(_))
        | (Place::Path | Place::Header | Place::Query | Place::Body, Kind::File) => false,
        (Place::Query, Kind::List(item)) => !matches!(item, Kind::List(_) | Kind::Object(_)),
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
const fn same_text(a: &[u8], b: &[u8]) -> bool {
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
