//! Compile-time checks of what a declaration allows: limits, listed values, defaults.

use crate::schema::stop::{ensure, fail, same_text};
use crate::schema::{Choice, Constant, Field, Kind, Limit, MemberLimit, Place};

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

/// Panics at compile time if the limits don't fit the members of an object, or allow more than the object does.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub(super) const fn assert_members(name: &str, kind: Kind, limits: &[MemberLimit]) {
    let fields = match kind {
        Kind::Object(fields) => fields,
        Kind::List(Kind::Object(fields)) => *fields,
        _ => fail(name, "limits of members on what is no object"),
    };
    let mut i = 0;
    while i < limits.len() {
        let name = limits[i].name;
        let mut j = 0;
        while j < i {
            ensure(!same_text(limits[j].name.as_bytes(), name.as_bytes()), name, "two limits for one member");
            j += 1;
        }
        let mut j = 0;
        while j < fields.len() && !same_text(fields[j].name.as_bytes(), name.as_bytes()) {
            j += 1;
        }
        ensure(j < fields.len(), name, "the object has no such member");
        assert_narrower(fields[j], limits[i]);
        i += 1;
    }
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn assert_narrower(member: Field, limit: MemberLimit) {
    let wider = "an operation can't allow more than the object's own limit does";
    if let Some(range) = limit.limit {
        assert_limit(member.name, member.kind, range);
        if let Some(own) = member.limit {
            ensure(own.min <= range.min && range.max <= own.max, member.name, wider);
        }
        let mut left = member.among.is_empty();
        let mut i = 0;
        while i < member.among.len() {
            left |= within(member.among[i], range);
            i += 1;
        }
        ensure(left, member.name, "the limit allows none of the object's own values");
    }
    assert_among(member.name, member.kind, limit.among);
    let mut i = 0;
    while i < limit.among.len() {
        let own = member.among.is_empty() || lists(member.among, limit.among[i]);
        ensure(own && is_within(limit.among[i], member.limit), member.name, wider);
        i += 1;
    }
    if let Some(default) = member.default {
        let kept = is_within(default, limit.limit) && (limit.among.is_empty() || lists(limit.among, default));
        ensure(kept, member.name, "the object's own default isn't allowed");
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
                if within(choices[i].value, Limit { min, max, unit: "" }) {
                    return true;
                }
                i += 1;
            }
            false
        }
        _ => 0 <= min,
    }
}

/// Panics at compile time if a kind doesn't list one of these values, or if one appears twice.
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
        let (before, _) = values.split_at(i);
        ensure(!lists(before, values[i]), name, "`[1 | 2]` names each value once");
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
            ensure(!same(choices[i].value, choices[j].value), choices[j].name, "two choices have the same value");
            j += 1;
        }
        i += 1;
    }
}

/// Panics at compile time if a parameter can't have this default. A rule for texts can't be asked here.
pub(super) const fn assert_default(field: &Field, default: Constant) {
    ensure(holds(field.kind, default), field.name, "the default is no value of this type");
    let within = is_within(default, field.limit);
    ensure(within, field.name, "the default is outside the limit");
    let listed = field.among.is_empty() || lists(field.among, default);
    ensure(listed, field.name, "the default is none of the values in brackets");
    assert_place(field, default);
}

/// Panics at compile time if a place can't hold a value that the declaration spells out.
pub(super) const fn assert_place(field: &Field, value: Constant) {
    let Constant::Text(text) = value else { return };
    let problem = match field.place {
        Place::Path if is_folded(text.as_bytes()) => "a path parameter is never empty, `.` or `..`",
        Place::Header if !is_header(text.as_bytes()) => {
            "a header has visible ASCII characters, with blanks only between them"
        }
        _ => "",
    };
    ensure(problem.is_empty(), field.name, problem);
}

const fn is_folded(text: &[u8]) -> bool {
    matches!(text, b"" | b"." | b"..")
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn is_header(text: &[u8]) -> bool {
    let mut i = 0;
    while i < text.len() {
        let inside = i > 0 && i + 1 < text.len();
        if !(text[i].is_ascii_graphic() || inside && text[i] == b' ') {
            return false;
        }
        i += 1;
    }
    !text.is_empty()
}

/// Whether a literal is a value of a kind.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn holds(kind: Kind, constant: Constant) -> bool {
    match (kind, constant) {
        (Kind::Number { min, max }, Constant::Number(number)) => min <= number as i128 && number as i128 <= max,
        (Kind::Bool, Constant::Bool(_)) | (Kind::Text | Kind::Rule(_), Constant::Text(_)) => true,
        (Kind::Quoted(inner), constant) => holds(*inner, constant),
        (Kind::Choice(choices), constant) => {
            let mut i = 0;
            while i < choices.len() {
                if same(choices[i].value, constant) {
                    return true;
                }
                i += 1;
            }
            false
        }
        _ => false,
    }
}

/// Whether a number, or the characters of a text, are within a range.
const fn within(constant: Constant, limit: Limit) -> bool {
    let measure = match constant {
        Constant::Number(number) => number as i128,
        Constant::Text(text) => characters(text.as_bytes()),
        Constant::Bool(_) => return true,
    };
    limit.min <= measure && measure <= limit.max
}

const fn is_within(constant: Constant, limit: Option<Limit>) -> bool {
    match limit {
        Some(limit) => within(constant, limit),
        None => true,
    }
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn characters(text: &[u8]) -> i128 {
    let (mut count, mut i) = (0, 0);
    while i < text.len() {
        // Bytes that continue a character don't count.
        if text[i] & 0b1100_0000 != 0b1000_0000 {
            count += 1;
        }
        i += 1;
    }
    count
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn lists(values: &[Constant], wanted: Constant) -> bool {
    let mut i = 0;
    while i < values.len() {
        if same(values[i], wanted) {
            return true;
        }
        i += 1;
    }
    false
}

const fn same(a: Constant, b: Constant) -> bool {
    match (a, b) {
        (Constant::Number(a), Constant::Number(b)) => a == b,
        (Constant::Text(a), Constant::Text(b)) => same_text(a.as_bytes(), b.as_bytes()),
        _ => false,
    }
}
