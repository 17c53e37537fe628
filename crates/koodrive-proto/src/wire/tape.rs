//! A flat copy of an answer's structure, read once by serde_json, before any type is chosen.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::ops::Range;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

use crate::wire::cursor::Cursor;
use crate::wire::notes::Note;
use crate::wire::text::unescape;

/// If serde_json's feature arbitrary_precision is on, which any crate of the build may turn on, a number arrives as an
/// object with this one key.
const ARBITRARY_NUMBER: &str = "$serde_json::private::Number";

/// How deep lists and objects may be nested: as deep as serde_json allows.
const DEPTH: u8 = 128;

/// A value, or the name of a member before its value.
#[derive(Clone, Copy)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(&'a str),
    /// A text that the tape owns.
    Owned(usize),
    /// The entries follow, up to `end`.
    List {
        end: usize,
    },
    /// Names and values follow in turn, up to `end`.
    Object {
        end: usize,
    },
}

/// All values of an answer, each container before its content; and what was found odd while they were read.
#[derive(Default)]
pub(crate) struct Tape<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// Texts that the source doesn't contain literally, and whether they have U+FFFD for half a surrogate pair.
    owned: Vec<(Zeroizing<String>, bool)>,
    /// The original of what was parsed, if that was a mask.
    original: Option<Original<'a>>,
    /// Whether the source has U+FFFD in place of what isn't UTF-8.
    pub(crate) repaired: bool,
    pub(super) notes: RefCell<Vec<Note>>,
    /// How many notes there would be without the limit, and the last of them.
    pub(super) noted: Cell<usize>,
    pub(super) last: Cell<Option<Note>>,
    /// The last value that serde has read, which is where a declared type finds a problem with it. See `by_serde`.
    pub(super) taken: Cell<usize>,
    /// The first list of which no entry fits.
    pub(super) refused: Cell<Option<Note>>,
}

struct Original<'a> {
    text: &'a str,
    mask: &'a str,
    /// A range of bytes without escapes.
    plain: Range<usize>,
}

impl<'a> Tape<'a> {
    /// Reads JSON, up to where it ends or breaks off. If there is a mask, the mask is what is parsed.
    pub(crate) fn read(&mut self, text: &'a str, mask: Option<&'a str>) -> Result<(), serde_json::Error> {
        self.owned.clear();
        // The manual's listings have one node in 15 bytes, and few answers have more than one in 8.
        self.nodes = Vec::with_capacity((text.len() / 8).clamp(30, 1 << 16));
        self.original = mask.map(|mask| Original::new(text, mask));
        let mut json = serde_json::Deserializer::from_str(mask.unwrap_or(text));
        self.fill().deserialize(&mut json)?;
        json.end()
    }

    /// Reads what another deserializer has.
    pub(super) fn read_from<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        let mut tape = Self::default();
        tape.fill().deserialize(deserializer)?;
        Ok(tape)
    }

    /// Reads from a broken JSON object those members that have one of these names and can be read.
    pub(crate) fn salvage(&mut self, text: &'a str, mask: &'a str, names: &[&str]) {
        self.nodes.clear();
        self.original = Some(Original::new(text, mask));
        self.nodes.push(Node::Object { end: OPEN });
        let mut depth = 0_u32;
        let mut rest = mask;
        while let Some(at) = rest.find(['"', '{', '[', '}', ']']) {
            let mut chars = rest.get(at..).unwrap_or_default().chars();
            let bracket = chars.next();
            rest = chars.as_str();
            match bracket {
                Some('{' | '[') => depth = depth.saturating_add(1),
                // Stays inside the object itself: a surplus bracket may be what is broken.
                Some('}' | ']') => depth = depth.saturating_sub(1).max(1),
                _ => {
                    let Some((name, after)) = rest.split_once('"') else { break };
                    rest = after;
                    if let (1, Some(value)) = (depth, rest.trim_start().strip_prefix(':')) {
                        self.add(name, value, names);
                    }
                }
            }
        }
    }

    /// Adds a member, if it has one of these names and can be read.
    fn add(&mut self, name: &'a str, value: &'a str, names: &[&str]) {
        let at = self.nodes.len();
        if self.borrow(name) && self.text(at).is_some_and(|name| names.contains(&name)) {
            let value = value.trim_start();
            let digit = |char: char| char.is_ascii_digit();
            let before = |rest: &str| value.get(..value.len().saturating_sub(rest.len())).unwrap_or_default();
            let number = before(value.trim_start_matches(|char| digit(char) || "+-.eE".contains(char)));
            let value = if number.is_empty() {
                let mut values = serde_json::Deserializer::from_str(value).into_iter::<IgnoredAny>();
                let whole = values.next().is_some_and(|value| value.is_ok());
                let (value, after) = value.split_at_checked(values.byte_offset()).unwrap_or_default();
                // A text before a colon is a name, not a value.
                if whole && !after.trim_start().starts_with(':') { value } else { "" }
            } else if serde_json::from_str::<IgnoredAny>(number).is_ok() {
                number
            } else {
                // What follows the number doesn't matter.
                before(value.strip_prefix('-').unwrap_or(value).trim_start_matches(digit))
            };
            if self.fill().deserialize(&mut serde_json::Deserializer::from_str(value)).is_ok() {
                return;
            }
        }
        self.nodes.truncate(at);
    }

    pub(crate) fn root(&self) -> Cursor<'_> {
        Cursor::new(self, 0)
    }

    /// Forgets the notes of an earlier reading, since the tape is read again.
    pub(crate) fn begin(&self) {
        self.refused.set(None);
        self.noted.set(0);
        self.notes.borrow_mut().clear();
    }

    /// Whether the text at a node has U+FFFD in place of something that can't be read.
    pub(super) fn is_repaired(&self, at: usize) -> bool {
        let lost = || self.text(at).is_some_and(|text| text.contains(char::REPLACEMENT_CHARACTER));
        match self.nodes.get(at) {
            Some(Node::Owned(text)) if self.owned.get(*text).is_some_and(|(_, halves)| *halves) => true,
            Some(Node::Text(_) | Node::Owned(_)) => self.repaired && lost(),
            _ => false,
        }
    }

    /// The text at a node. The name of a member is just before its value.
    pub(super) fn text(&self, at: usize) -> Option<&str> {
        match self.nodes.get(at)? {
            Node::Text(text) => Some(text),
            Node::Owned(text) => self.owned.get(*text).map(|(text, _)| text.as_str()),
            _ => None,
        }
    }

    fn fill(&mut self) -> Fill<'_, 'a> {
        Fill { tape: self, depth: DEPTH }
    }

    fn own(&mut self, text: Zeroizing<String>, halves: bool) -> usize {
        self.owned.push((text, halves));
        self.owned.len().saturating_sub(1)
    }

    /// Adds a text of what is parsed; returns whether it can be read.
    fn borrow(&mut self, parsed: &'a str) -> bool {
        let Some(original) = &mut self.original else {
            self.nodes.push(Node::Text(parsed));
            return true;
        };
        let node = match original.of(parsed) {
            Some((raw, true)) => {
                let Some((text, halves)) = unescape(raw) else { return false };
                Node::Owned(self.own(text, halves))
            }
            Some((raw, false)) => Node::Text(raw),
            None => Node::Text(parsed),
        };
        self.nodes.push(node);
        true
    }
}

impl<'a> Original<'a> {
    fn new(text: &'a str, mask: &'a str) -> Self {
        Self { text, mask, plain: 0..0 }
    }

    /// The same range of the original, if the text is a range of the mask, and whether it has escapes.
    fn of(&mut self, masked: &str) -> Option<(&'a str, bool)> {
        let start = masked.as_ptr().addr().checked_sub(self.mask.as_ptr().addr())?;
        let end = start.checked_add(masked.len())?;
        let raw = self.text.get(start..end)?;
        if start < self.plain.start || self.plain.end < end {
            let length = self.text.get(start..)?.find('\\');
            self.plain = start..length.map_or(self.text.len(), |length| start.saturating_add(length));
        }
        Some((raw, self.plain.end < end))
    }
}

/// The end of a container that breaks off.
const OPEN: usize = usize::MAX;

/// Adds a value to the tape, with its content.
struct Fill<'s, 'a> {
    tape: &'s mut Tape<'a>,
    depth: u8,
}

impl<'a> Fill<'_, 'a> {
    fn push(self, node: Node<'static>) {
        self.tape.nodes.push(node);
    }

    /// Begins a list or object: returns its index, and counts down the depth that is left.
    fn open<E: de::Error>(&mut self, node: Node<'static>) -> Result<usize, E> {
        self.depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("recursion limit exceeded"))?;
        let at = self.tape.nodes.len();
        self.tape.nodes.push(node);
        Ok(at)
    }

    fn inner(&mut self) -> Fill<'_, 'a> {
        Fill { tape: self.tape, depth: self.depth }
    }

    fn close(self, at: usize, node: impl FnOnce(usize) -> Node<'static>) {
        let end = self.tape.nodes.len();
        if let Some(open) = self.tape.nodes.get_mut(at) {
            *open = node(end);
        }
    }
}

impl<'a> DeserializeSeed<'a> for Fill<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Fill<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.push(Node::Null);
        Ok(())
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<(), E> {
        self.push(Node::Bool(flag));
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.push(Node::Int(number));
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.push(i64::try_from(number).map_or(Node::UInt(number), Node::Int));
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "as serde_json reads what 64 bits don't hold")]
    fn visit_i128<E>(self, number: i128) -> Result<(), E> {
        self.push(Node::Float(number as f64));
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "as serde_json reads what 64 bits don't hold")]
    fn visit_u128<E>(self, number: u128) -> Result<(), E> {
        self.push(Node::Float(number as f64));
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.push(Node::Float(number));
        Ok(())
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'a str) -> Result<(), E> {
        if self.tape.borrow(text) { Ok(()) } else { Err(E::custom("invalid escape")) }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<(), E> {
        let text = self.tape.own(Zeroizing::new(text), false);
        self.push(Node::Owned(text));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let at = self.open(Node::List { end: OPEN })?;
        while seq.next_element_seed(self.inner())?.is_some() {}
        self.close(at, |end| Node::List { end });
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        let at = self.open(Node::Object { end: OPEN })?;
        while map.next_key_seed(self.inner())?.is_some() {
            map.next_value_seed(self.inner())?;
        }
        match self.tape.number(at)? {
            Some(number) => {
                self.tape.nodes.truncate(at);
                self.push(number);
            }
            None => self.close(at, |end| Node::Object { end }),
        }
        Ok(())
    }
}

impl Tape<'_> {
    /// If an object is how a number arrived, returns the number: its only member has that name, and a numeric text.
    fn number<E: de::Error>(&self, at: usize) -> Result<Option<Node<'static>>, E> {
        let digits = match self.nodes.get(at.saturating_add(1)..) {
            Some([_, _]) if self.text(at.saturating_add(1)) == Some(ARBITRARY_NUMBER) => {
                self.text(at.saturating_add(2))
            }
            _ => None,
        };
        let digits = digits.filter(|digits| digits.contains(|char: char| char.is_ascii_digit()));
        let Some(digits) = digits else { return Ok(None) };
        match (digits.parse(), digits.parse(), digits.parse()) {
            (Ok(number), ..) => Ok(Some(Node::Int(number))),
            (_, Ok(number), _) => Ok(Some(Node::UInt(number))),
            (.., Ok(number)) if f64::is_finite(number) => Ok(Some(Node::Float(number))),
            (.., Ok(_)) => Err(E::custom("number out of range")),
            _ => Ok(None),
        }
    }
}
