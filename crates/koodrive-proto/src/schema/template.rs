//! Compile-time checks of declarations: a mistake stops the compiler, with the name of what is wrong.

use crate::schema::{Choice, Constant, Edition, Facts, Field, Kind, Limit, MemberLimit, Place};

/// Stops the compiler unless `right`.
pub(crate) const fn ensure(right: bool, name: &str, problem: &str) {
    if !right {
        fail(name, problem);
    }
}

/// Stops the compiler with `name: problem`. The message is put together by hand, since const code can't format.
#[expect(clippy::panic, reason = "runs in the compiler only")]
const fn fail(name: &str, problem: &str) -> ! {
    let mut message = [0; 512];
    let mut len = 0;
    append(&mut message, &mut len, name);
    append(&mut message, &mut len, ": ");
    append(&mut message, &mut len, problem);
    panic!("{}", text(message.split_at(len).0))
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn append(message: &mut [u8], len: &mut usize, text: &str) {
    let mut i = 0;
    while i < text.len() && *len < message.len() {
        message[*len] = text.as_bytes()[i];
        *len += 1;
        i += 1;
    }
}

const fn text(bytes: &[u8]) -> &str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => "the declaration",
    }
}

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
    let mut placeholders = 0;
    let mut at = 0;
    while at < bytes.len() {
        ensure(bytes[at].is_ascii_graphic(), path, "the path must be visible ASCII, percent-encoded");
        ensure(!matches!(bytes[at], b'?' | b'#' | b'}'), path, "the path has a ?, a # or a stray closing brace");
        if bytes[at] == b'{' {
            let start = at + 1;
            while at < bytes.len() && bytes[at] != b'}' {
                at += 1;
            }
            ensure(at < bytes.len(), path, "the path has an opening brace without a closing one");
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

/// Panics at compile time if a parameter is noted as one manual's, and that manual isn't one of several here.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_editions(params: &[Field], editions: &[(Edition, Facts)]) {
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

/// Headers that the request itself determines; no operation and no caller may set them.
pub(crate) const OWN_HEADERS: [&str; 14] = [
    "host",
    "authorization",
    "content-length",
    "language",
    "x-date",
    "x-traceid",
    "x-user-id",
    // These change how an answer is sent or read.
    "accept-encoding",
    "connection",
    "expect",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn assert_header(name: &str) {
    let bytes = name.as_bytes();
    let mut i = 0;
    while i < bytes.len() {
        let allowed = bytes[i].is_ascii_alphanumeric() || matches!(bytes[i], b'-' | b'_');
        ensure(allowed, name, "a header's name is letters, digits, - and _");
        i += 1;
    }
    let mut i = 0;
    while i < OWN_HEADERS.len() {
        ensure(!same_header(bytes, OWN_HEADERS[i].as_bytes()), name, "a header that every request has of its own");
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

/// Panics at compile time if a kind can't have such a limit.
pub(super) const fn assert_limit(name: &str, kind: Kind, limit: Limit) {
    let Limit { min, max, unit } = limit;
    ensure(
        kind.has_measure(),
        name,
        "a limit on what has no measure: only numbers, texts and lists have one, not flags, objects, or choices of texts",
    );
    ensure(min <= max, name, "the limit allows nothing: write [smallest..=largest]");
    ensure(reachable(kind, min, max), name, "the limit is outside of what the type holds");
    let problem = "a unit on what is no number: texts count characters, lists entries";
    ensure(unit.is_empty() || kind.is_number(), name, problem);
}

/// Panics at compile time if the limits don't fit the members of an object.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_members(name: &str, kind: Kind, limits: &[MemberLimit]) {
    let fields = match kind {
        Kind::Object(fields) => fields,
        Kind::List(Kind::Object(fields)) => *fields,
        _ => fail(name, "limits of members on what is no object"),
    };
    let mut i = 0;
    while i < limits.len() {
        let mut found = false;
        let mut j = 0;
        while j < fields.len() {
            if same_text(fields[j].name.as_bytes(), limits[i].name.as_bytes()) {
                found = true;
                if let Some(limit) = limits[i].limit {
                    assert_limit(limits[i].name, fields[j].kind, limit);
                    if let Some(own) = fields[j].limit {
                        let narrower = own.min <= limit.min && limit.max <= own.max;
                        ensure(narrower, limits[i].name, "the object's own limit is narrower");
                    }
                }
                assert_among(limits[i].name, fields[j].kind, limits[i].among);
            }
            j += 1;
        }
        ensure(found, limits[i].name, "the object has no such member");
        i += 1;
    }
}

/// Whether values of a kind can reach the limit.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn reachable(kind: Kind, min: i128, max: i128) -> bool {
    match kind {
        Kind::Number { min: least, max: most } => least <= min && max <= most,
        Kind::Quoted(inner) => reachable(*inner, min, max),
        Kind::Choice(choices) => {
            let mut i = 0;
            while i < choices.len() {
                if let Constant::Number(number) = choices[i].value {
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
pub(super) const fn assert_among(name: &str, kind: Kind, values: &[Constant]) {
    let mut i = 0;
    while i < values.len() {
        let choices = match kind {
            Kind::Choice(_) => true,
            Kind::Quoted(inner) => matches!(inner, Kind::Choice(_)),
            _ => false,
        };
        ensure(choices && holds(kind, values[i]), name, "`[1 | 2]` names values that the type lists");
        i += 1;
    }
}

/// Panics at compile time if a value is listed twice.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_choices(choices: &[Choice]) {
    let mut i = 0;
    while i < choices.len() {
        let mut j = i + 1;
        while j < choices.len() {
            ensure(!same_wire(choices[i].value, choices[j].value), choices[j].name, "two choices have the same value");
            j += 1;
        }
        i += 1;
    }
}

const fn same_wire(a: Constant, b: Constant) -> bool {
    match (a, b) {
        (Constant::Number(a), Constant::Number(b)) => a == b,
        (Constant::Text(a), Constant::Text(b)) => same_text(a.as_bytes(), b.as_bytes()),
        _ => false,
    }
}

/// Whether a literal is a value of a kind.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn holds(kind: Kind, constant: Constant) -> bool {
    match (kind, constant) {
        (Kind::Number { .. }, Constant::Number(_))
        | (Kind::Bool, Constant::Bool(_))
        | (Kind::Text | Kind::Rule(_), Constant::Text(_)) => true,
        (Kind::Quoted(inner), constant) => holds(*inner, constant),
        (Kind::Choice(choices), constant) => {
            let mut i = 0;
            while i < choices.len() {
                if same_wire(choices[i].value, constant) {
                    return true;
                }
                i += 1;
            }
            false
        }
        _ => false,
    }
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
