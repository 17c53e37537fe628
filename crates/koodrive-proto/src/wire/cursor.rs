//! All rules of lenient reading: what the service answers may differ from what its tables say.

use std::borrow::Cow;
use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::wire::notes::{Note, Notes, Want};
use crate::wire::read::Members;
use crate::wire::tape::{Node, Tape};

/// A value of an answer, for types that read it by hand: see [`Readable`](crate::wire::Readable).
///
/// Its methods read what a type wants, however the service wrote it:
///
/// - A value counts as nothing if it is `null`; for types that aren't texts, also if it is a blank text or `[]`.
/// - A number may be a text (`" 12 "`, `"1e3"`, `"12.0"`). A flag may be `0`, `1` or a text in any capitals. A text may
///   be a number or a flag.
/// - A single value stands for a list of one, `{}` for an empty list, and a list of one object for that object. Entries
///   that are nothing are left out.
/// - If a member appears twice, the first that isn't nothing and fits counts. (A list of which nothing fits is an error
///   all the same.)
///
/// A value that is nothing is read as `None`. So is a value that doesn't fit, which is noted as well: see
/// [`Notes`](crate::wire::Notes).
#[derive(Clone, Copy)]
pub struct Cursor<'t> {
    tape: &'t Tape<'t>,
    at: usize,
    role: Role,
    /// Whether the value is inside a list or map.
    inner: bool,
}

/// What a value is to the value that contains it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Value,
    /// An entry of a list. If it is a list itself, it doesn't stand for its only entry: a list of lists isn't one of
    /// objects.
    Entry,
    /// A value that stands for a list of one, and so can't stand for another list.
    Lone,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(tape: &'t Tape<'t>, at: usize) -> Self {
        Self { tape, at, role: Role::Value, inner: false }
    }

    pub(super) fn node(self) -> Node<'t> {
        self.tape.nodes.get(self.at).copied().unwrap_or(Node::Null)
    }

    pub(super) fn at(self) -> usize {
        self.at
    }

    pub(super) fn tape(self) -> &'t Tape<'t> {
        self.tape
    }

    /// The text, unchanged.
    pub(super) fn as_str(self) -> Option<&'t str> {
        self.tape.text(self.at)
    }

    /// Returns whether the value is `null`.
    pub fn is_null(self) -> bool {
        matches!(self.node(), Node::Null)
    }

    /// Returns whether the value counts as nothing for types that aren't texts: `null`, a blank text, `[]`.
    pub fn is_nothing(self) -> bool {
        match self.node() {
            Node::Null => true,
            Node::Text(_) | Node::Owned(_) => self.as_str().is_none_or(|text| text.trim().is_empty()),
            Node::List { .. } => self.end() == self.at.saturating_add(1),
            _ => false,
        }
    }

    /// Returns whether the value is an object.
    pub fn is_object(self) -> bool {
        matches!(self.node(), Node::Object { .. })
    }

    /// The index after this value and everything in it.
    fn end(self) -> usize {
        match self.node() {
            Node::List { end } | Node::Object { end } => end.min(self.tape.nodes.len()),
            _ => self.at.saturating_add(1),
        }
    }

    /// Reads a text, or a number or flag in its usual form.
    pub fn text(self) -> Option<Cow<'t, str>> {
        Some(match self.node() {
            Node::Text(_) | Node::Owned(_) => {
                self.note_repaired();
                Cow::Borrowed(self.as_str()?)
            }
            Node::Int(number) => Cow::Owned(number.to_string()),
            Node::UInt(number) => Cow::Owned(number.to_string()),
            // Larger numbers would lose digits.
            Node::Float(number) if number.abs() < EXACT => Cow::Owned(number.to_string()),
            Node::Bool(flag) => Cow::Borrowed(if flag { "true" } else { "false" }),
            Node::Null => return None,
            Node::Float(_) | Node::List { .. } | Node::Object { .. } => return self.misfit(Want::Text),
        })
    }

    /// Reads one of several listed values: a text that isn't blank.
    pub fn listed(self) -> Option<Cow<'t, str>> {
        if self.is_nothing() { None } else { self.text() }
    }

    /// A text or number that is no part of what is read, so nothing is noted.
    pub(crate) fn word(self) -> Option<Cow<'t, str>> {
        match self.node() {
            Node::Int(0) => Some(Cow::Borrowed("0")),
            Node::Int(number) => Some(Cow::Owned(number.to_string())),
            Node::UInt(number) => Some(Cow::Owned(number.to_string())),
            Node::Float(number) => Some(Cow::Owned(number.to_string())),
            _ => self.as_str().map(Cow::Borrowed),
        }
    }

    /// Reads a whole number.
    pub fn whole(self) -> Option<i128> {
        let read = match self.node() {
            Node::Int(number) => return Some(number.into()),
            Node::UInt(number) => return Some(number.into()),
            #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
            Node::Float(number) if number.fract() == 0.0 && number.abs() < EXACT => return Some(number as i128),
            Node::Float(number) => Err(if number.fract() == 0.0 { Want::InRange } else { Want::Whole }),
            _ => self.as_str().map_or(Err(Want::Number), whole),
        };
        read.map_or_else(|want| self.misfit(want), Some)
    }

    /// Reads a whole number that its type can hold.
    pub(super) fn whole_in<T: TryFrom<i128>>(self) -> Option<T> {
        let number = self.whole()?;
        T::try_from(number).ok().or_else(|| self.misfit(Want::InRange))
    }

    /// Reads a number that may have a fraction. Numbers of more than 15 digits may be rounded.
    pub fn number(self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "said in the docs")]
        let number = match self.node() {
            Node::Int(number) => number as f64,
            Node::UInt(number) => number as f64,
            Node::Float(number) => number,
            _ => self.as_str().and_then(|text| text.trim().parse().ok()).unwrap_or(f64::NAN),
        };
        let digits = || self.as_str().is_some_and(|text| text.contains(|char: char| char.is_ascii_digit()));
        match number {
            number if number.is_finite() => Some(number),
            number if number.is_infinite() && digits() => self.misfit(Want::InRange),
            _ => self.misfit(Want::Number),
        }
    }

    /// Reads a flag.
    pub fn flag(self) -> Option<bool> {
        let is = |text: &str, word: &str| text.trim().eq_ignore_ascii_case(word);
        match (self.node(), self.as_str()) {
            (Node::Bool(flag), _) => Some(flag),
            (Node::Int(number @ (0 | 1)), _) => Some(number == 1),
            (_, Some(text)) if is(text, "true") || is(text, "1") => Some(true),
            (_, Some(text)) if is(text, "false") || is(text, "0") => Some(false),
            _ => self.misfit(Want::Flag),
        }
    }

    /// Passes all members of an object to `into`; returns whether the value is an object.
    pub fn object(self, into: &mut dyn Members) -> bool {
        let Some(object) = self.one_object() else { return false };
        object.entries().for_each(|(name, value)| into.member(name, value));
        true
    }

    /// Passes the members of an object whose names are content to `each`; returns whether the value is an object.
    pub fn map(self, each: &mut dyn FnMut(&'t str, Self)) -> bool {
        let Some(object) = self.one_object() else { return false };
        object.unnamed(|| {
            for (name, value) in object.entries() {
                each(name, Self { inner: true, ..value });
            }
        });
        true
    }

    /// Reads an object whose names are content: notes about values below it don't tell these names.
    pub(super) fn unnamed<T>(self, read: impl FnOnce() -> T) -> T {
        let (before, count) = (self.tape.notes.borrow().len(), self.tape.noted.get());
        self.entries().for_each(|(_, value)| value.name().note_repaired());
        let read = read();
        self.tape.notes.borrow_mut().iter_mut().skip(before).for_each(|note| *note = note.below(self.at));
        if self.tape.noted.get() > count {
            self.tape.last.set(self.tape.last.get().map(|note| note.below(self.at)));
        }
        read
    }

    /// Passes the entries of a list to `each`, which says whether it could read one. Returns false if the list has
    /// entries and none could be read, or if the value is no list.
    ///
    /// An entry that doesn't fit is noted. But if none fits, the whole answer is refused: a page is never empty because
    /// it couldn't be read. (If the list is itself inside a list or map, it counts as nothing in that case, like any
    /// member that doesn't fit.)
    pub fn list(self, each: &mut dyn FnMut(Self) -> bool) -> bool {
        let (mut fit, mut problem) = (false, None);
        if self.is_alone() {
            self.misfit::<()>(Want::List);
            return false;
        }
        for item in self.items() {
            let before = self.tape.noted.get();
            if each(item) {
                fit = true;
                continue;
            }
            if self.tape.noted.get() == before {
                item.unfit::<()>();
            }
            if self.tape.noted.get() > before {
                problem = problem.or_else(|| self.tape.last.get());
            }
        }
        if !fit && !self.inner {
            self.tape.refused.set(self.tape.refused.get().or(problem));
        }
        fit || problem.is_none()
    }

    /// Returns the value as JSON, unchanged. Nothing is `Null`.
    pub fn json(self) -> Json {
        if (self.at..self.end()).any(|at| self.tape.is_repaired(at)) {
            self.note(Want::Readable);
        }
        self.to_json()
    }

    fn to_json(self) -> Json {
        match self.node() {
            Node::Null => Json::Null,
            Node::Bool(flag) => Json::Bool(flag),
            Node::Int(number) => Json::from(number),
            Node::UInt(number) => Json::from(number),
            Node::Float(number) => Json::from(number),
            Node::Text(_) | Node::Owned(_) => Json::from(self.as_str()),
            Node::List { .. } => self.children().map(Self::to_json).collect(),
            Node::Object { .. } => self.entries().map(|(name, value)| (name.to_owned(), value.to_json())).collect(),
        }
    }

    /// Reads an object, which may be the only entry of a list.
    pub(super) fn one_object(self) -> Option<Self> {
        match self.node() {
            Node::Object { .. } => Some(self),
            Node::List { .. } if self.role != Role::Entry => {
                let mut items = self.children().filter(|item| !item.is_nothing());
                match (items.next(), items.next()) {
                    (None, _) => None,
                    (Some(item), None) if item.is_object() => Some(Self { at: item.at, ..self }),
                    (Some(_), None) => self.misfit(Want::Object),
                    (Some(_), Some(_)) => self.misfit(Want::OneObject),
                }
            }
            _ => self.misfit(Want::Object),
        }
    }

    /// The entries of a list that aren't `null`. Nothing, or an object without members, is an empty list; any other
    /// value is a list of itself.
    pub(super) fn items(self) -> impl Iterator<Item = Self> + Clone {
        let alone = Items { next: Self { role: Role::Lone, inner: true, ..self }, end: self.end() };
        let items = match self.node() {
            Node::List { .. } => self.children(),
            _ if self.is_nothing() || self.is_object() && self.end() == self.at.saturating_add(1) => {
                Items { end: 0, ..alone }
            }
            _ => alone,
        };
        items.filter(|item| !item.is_null())
    }

    /// All entries of a list, `null` included.
    pub(super) fn children(self) -> Items<'t> {
        let first = Self { at: self.at.saturating_add(1), role: Role::Entry, inner: true, ..self };
        Items { next: first, end: self.end() }
    }

    /// The members of an object.
    pub(crate) fn entries(self) -> impl Iterator<Item = (&'t str, Self)> + Clone {
        let first = Self { at: self.at.saturating_add(1), role: Role::Value, ..self };
        let mut items = Items { next: first, end: self.end() };
        // If the last name has no value, the answer breaks off there.
        std::iter::from_fn(move || Some((items.next()?.as_str()?, items.next()?)))
    }

    /// Whether the value already stands for a list, and so can't do it again.
    pub(super) fn is_alone(self) -> bool {
        self.role == Role::Lone
    }

    /// The name of this member.
    pub(super) fn name(self) -> Self {
        Self { at: self.at.saturating_sub(1), ..self }
    }

    /// Notes a text that has U+FFFD in place of something that couldn't be read.
    pub(super) fn note_repaired(self) {
        if self.tape.is_repaired(self.at) {
            self.note(Want::Readable);
        }
    }

    /// Notes that the value doesn't fit a type of your own, and returns `None`.
    pub fn unfit<T>(self) -> Option<T> {
        self.misfit(Want::Other)
    }

    /// Reads a type that serde can deserialize. If the value doesn't fit, it is noted, and the result is `None`.
    ///
    /// Don't use it for a type whose `Deserialize` is [`deserialize`](crate::wire::deserialize), which would lead back
    /// here.
    pub fn by_serde<T: DeserializeOwned>(self) -> Option<T> {
        let before = (self.tape.notes.borrow().len(), self.tape.noted.get());
        T::deserialize(self).ok().or_else(|| {
            // One note is enough.
            self.tape.notes.borrow_mut().truncate(before.0);
            self.tape.noted.set(before.1);
            self.unfit()
        })
    }

    /// Notes that the value doesn't fit, unless it is nothing.
    #[cold]
    pub(super) fn misfit<T>(self, want: Want) -> Option<T> {
        let nothing = if want == Want::Text { self.is_null() } else { self.is_nothing() };
        if !nothing {
            self.note(want);
        }
        None
    }

    fn note(self, want: Want) {
        let note = Note::new(self.tape, self.at, want);
        self.tape.last.set(Some(note));
        self.tape.noted.set(self.tape.noted.get().saturating_add(1));
        let mut notes = self.tape.notes.borrow_mut();
        if notes.len() < Notes::LIMIT {
            notes.push(note);
        }
    }

    /// Why a value that was read completely has to be refused, if it has to be. `fits` says whether reading had a
    /// result.
    pub(crate) fn refusal(self, fits: bool) -> Option<String> {
        let problem = match self.tape.refused.get() {
            None if fits || self.is_nothing() => return None,
            None => {
                let own = self.tape.notes.borrow().iter().find(|note| note.at == self.at).copied();
                own.unwrap_or_else(|| Note::new(self.tape, self.at, Want::Other))
            }
            Some(problem) => problem,
        };
        Some(self.tape.problem_at(problem.at, problem.below, &problem))
    }
}

/// Whole numbers below this one are exact in an f64.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a whole number from a text: `" 12 "`, `"1e3"`, `"12.0"`. It is exact, however long it is.
fn whole(text: &str) -> Result<i128, Want> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return Ok(number.into());
    }
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let (sign, unsigned) = match whole.strip_prefix(['-', '+']) {
        Some(unsigned) => (whole.split_at(1).0, unsigned),
        None => ("", whole),
    };
    let exponent_digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if unsigned.is_empty()
        || exponent_digits.is_empty()
        || ![unsigned, fraction, exponent_digits].into_iter().all(digits)
    {
        return Err(Want::Number);
    }
    let fraction = fraction.trim_end_matches('0');
    let significant = [unsigned, fraction].concat();
    if significant.bytes().all(|digit| digit == b'0') {
        return Ok(0);
    }
    // Beyond every exponent that could matter, the exact value doesn't matter.
    let far = if exponent.starts_with('-') { i32::MIN } else { i32::MAX };
    let exponent: i32 = exponent.parse().unwrap_or(far);
    let shift = exponent.saturating_sub_unsigned(fraction.len().try_into().unwrap_or(u32::MAX));
    let number = match usize::try_from(shift) {
        Ok(zeros @ 0..=40) => [sign, &significant, &"0".repeat(zeros)].concat(),
        Ok(_) => return Err(Want::InRange),
        Err(_) => {
            let whole = significant.len().checked_sub(shift.unsigned_abs().try_into().unwrap_or(usize::MAX));
            match whole.and_then(|whole| significant.split_at_checked(whole)) {
                Some((whole, zeros)) if zeros.bytes().all(|digit| digit == b'0') => [sign, whole].concat(),
                _ => return Err(Want::Whole),
            }
        }
    };
    number.parse().map_err(|_| Want::InRange)
}

/// The entries of a list.
#[derive(Clone)]
pub(super) struct Items<'t> {
    next: Cursor<'t>,
    end: usize,
}

impl<'t> Iterator for Items<'t> {
    type Item = Cursor<'t>;

    fn next(&mut self) -> Option<Cursor<'t>> {
        let item = self.next;
        (item.at < self.end).then(|| {
            self.next.at = item.end();
            item
        })
    }
}

impl fmt::Debug for Cursor<'_> {
    /// Shows no content.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(..)")
    }
}
