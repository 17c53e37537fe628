//! Compile-time checks of names and places: the path's template, the parameters of a table, headers, manuals.

use crate::schema::limits::assert_place;
use crate::schema::stop::{ensure, same_text, text};
use crate::schema::{Edition, Facts, Field, Kind, Place};

/// Panics at compile time if a name appears twice in one place, or if a place can't hold a value.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_table(fields: &[Field]) {
    let mut i = 0;
    while i < fields.len() {
        let (name, place) = (fields[i].name, fields[i].place);
        ensure(
            fits(place, fields[i].kind),
            name,
            "a path parameter is one segment, a header one line: no lists or objects; a query has no objects; an agent's name \
             is a header",
        );
        if matches!(place, Place::Header) {
            assert_header(name);
        }
        if let Kind::Fixed(value) = fields[i].kind {
            assert_place(&fields[i], value);
        }
        if let Kind::Choice(choices) = fields[i].kind {
            let mut c = 0;
            while c < choices.len() {
                assert_place(&fields[i], choices[c].value);
                c += 1;
            }
        }
        ensure(!name.is_empty(), "parameter", "its name is empty: look at the `= \"wireName\"`s");
        let mut j = i + 1;
        while j < fields.len() {
            let (a, b) = (name.as_bytes(), fields[j].name.as_bytes());
            // Header names are case-insensitive.
            let same = same_text(a, b) || (matches!(place, Place::Header) && same_header(a, b));
            let both = same && place as u8 == fields[j].place as u8;
            ensure(!both, name, "two parameters of one place share this name: look at the `= \"wireName\"`s");
            j += 1;
        }
        i += 1;
    }
}

/// Panics at compile time if the path's placeholders and the path parameters differ.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_path(path: &str, params: &[Field]) {
    let mut i = 0;
    let mut path_params = 0;
    while i < params.len() {
        if matches!(params[i].place, Place::Path) {
            path_params += 1;
            let problem = "a path parameter is always required: it stands before the semicolon";
            ensure(params[i].required, params[i].name, problem);
        }
        i += 1;
    }

    let bytes = path.as_bytes();
    ensure(!bytes.is_empty() && bytes[0] == b'/', path, "the path must begin with a slash");
    ensure(!has_dot_segment(bytes), path, "the path has a segment `.` or `..`");
    let mut placeholders = 0;
    let mut at = 0;
    while at < bytes.len() {
        ensure(!matches!(bytes[at], b'?' | b'#' | b'}'), path, "the path has a ?, a # or a stray closing brace");
        let allowed =
            bytes[at].is_ascii_alphanumeric() || matches!(bytes[at], b'-' | b'.' | b'_' | b'~' | b'/' | b'%' | b'{');
        ensure(allowed, path, "the path has letters, digits, - . _ ~ and %XX for everything else");
        let is_escape = at + 2 < bytes.len() && bytes[at + 1].is_ascii_hexdigit() && bytes[at + 2].is_ascii_hexdigit();
        ensure(bytes[at] != b'%' || is_escape, path, "the path has a % that begins no %XX");
        if bytes[at] == b'{' {
            let problem = "a placeholder is a segment of its own: `/{name}/`";
            ensure(bytes[at - 1] == b'/', path, problem);
            let start = at + 1;
            while at < bytes.len() && bytes[at] != b'}' {
                at += 1;
            }
            ensure(at < bytes.len(), path, "the path has an opening brace without a closing one");
            ensure(at + 1 == bytes.len() || matches!(bytes[at + 1], b'/' | b'?' | b'#'), path, problem);
            let (_, tail) = bytes.split_at(start);
            let (name, tail) = tail.split_at(at - start);
            let problem = "the path has a placeholder that is no path parameter: braces hold wire names";
            ensure(is_path_param(params, name), text(name), problem);
            ensure(!contains(tail, name), text(name), "the path names a parameter twice");
            placeholders += 1;
        }
        at += 1;
    }
    let problem = "the path must name each path parameter once, by its wire name in braces";
    ensure(placeholders == path_params, path, problem);
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn has_dot_segment(path: &[u8]) -> bool {
    let (mut start, mut at) = (0, 0);
    while at <= path.len() {
        if at == path.len() || path[at] == b'/' {
            let dots = at - start;
            if (dots == 1 || dots == 2) && path[start] == b'.' && path[at - 1] == b'.' {
                return true;
            }
            start = at + 1;
        }
        at += 1;
    }
    false
}

/// Panics at compile time if a parameter is noted as one manual's, and that manual isn't one of several here.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_editions(params: &[Field], editions: &[(Edition, Facts)]) {
    let mut i = 0;
    while i < editions.len() {
        let mut j = 0;
        while j < i {
            ensure(editions[i].0 as u8 != editions[j].0 as u8, "editions", "a manual appears twice");
            j += 1;
        }
        i += 1;
    }
    let mut i = 0;
    while i < params.len() {
        let problem = "`=> Edition` names one of several manuals of the operation";
        ensure(is_one_of_several(params[i].only, editions), params[i].name, problem);
        ensure(is_one_of_several(params[i].required_by, editions), params[i].name, problem);
        i += 1;
    }
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn is_one_of_several(edition: Option<Edition>, editions: &[(Edition, Facts)]) -> bool {
    let Some(edition) = edition else { return true };
    let mut i = 0;
    while i < editions.len() {
        if editions[i].0 as u8 == edition as u8 {
            return editions.len() > 1;
        }
        i += 1;
    }
    false
}

/// Headers that the request or its connection determines, and why no operation and no caller may set them.
pub(crate) const OWN_HEADERS: &[(&str, &str)] = &[
    ("host", "the endpoint determines it"),
    ("authorization", "the credentials determine it"),
    ("content-length", "the body determines it"),
    ("language", "it has a setting of its own"),
    ("x-date", "the time of the request determines it"),
    ("x-traceid", "it has a setting of its own"),
    ("x-user-id", "the credentials determine it"),
    ("accept-encoding", "nothing decompresses the answer"),
    ("expect", BY_TRANSPORT),
    ("connection", BY_TRANSPORT),
    ("http2-settings", BY_TRANSPORT),
    ("keep-alive", BY_TRANSPORT),
    ("te", BY_TRANSPORT),
    ("trailer", BY_TRANSPORT),
    ("transfer-encoding", BY_TRANSPORT),
    ("upgrade", BY_TRANSPORT),
    ("proxy-authenticate", FOR_PROXY),
    ("proxy-authentication-info", FOR_PROXY),
    ("proxy-authorization", FOR_PROXY),
    ("proxy-connection", FOR_PROXY),
];

const BY_TRANSPORT: &str = "it belongs to the connection, which the transport handles";
const FOR_PROXY: &str = "it belongs to the connection to a proxy, which the transport handles";

const PART: &str = "a part of an answer can't be read";

/// Headers that only an operation may set, and why.
pub(crate) const OPERATIONS_HEADERS: &[(&str, &str)] = &[
    ("content-encoding", "the body is sent as the operation writes it"),
    ("content-type", "the body determines it"),
    ("content-range", "the body is sent whole"),
    ("if-range", PART),
    ("range", PART),
    ("request-range", PART),
];

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn assert_header(name: &str) {
    let bytes = name.as_bytes();
    ensure(!bytes.is_empty(), "header", "its name is empty: look at the `= \"wireName\"`s");
    ensure(!same_header(bytes, b"content-type"), name, "the body has its own type");
    let mut i = 0;
    while i < bytes.len() {
        let allowed = bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'-' | b'_');
        ensure(allowed, name, "a header's name is letters, digits, - and _");
        i += 1;
    }
    let mut i = 0;
    while i < OWN_HEADERS.len() {
        ensure(!same_header(bytes, OWN_HEADERS[i].0.as_bytes()), name, "a header that every request has of its own");
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

/// Whether a place can hold a value of this kind.
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

/// Whether `{name}` appears in the rest of a path.
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
