//! Reads types that know nothing of this crate: serde reads them from the same tape, by the same rules.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{self, DeserializeOwned, Deserializer, Expected, IntoDeserializer, Unexpected, Visitor};

use crate::wire::cursor::Cursor;
use crate::wire::notes::{Note, Want};
use crate::wire::tape::Node;

/// The prefix of our own error messages, which quote nothing of what was read.
pub(super) const OURS: &str = "koodrive_proto: ";

/// Reads a type by its `Deserialize`; an error says what doesn't fit, and where.
pub(crate) fn by_serde<T: DeserializeOwned>(cursor: Cursor<'_>) -> Result<T, String> {
    T::deserialize(cursor).map_err(|misfit| {
        let (at, below) = misfit.place.unwrap_or_else(|| (cursor.at(), false));
        cursor.tape().problem_at(at, below, &misfit.problem)
    })
}

/// A value that doesn't fit its type.
#[derive(Debug)]
pub struct Misfit {
    problem: String,
    /// Whether a declared type reported the problem, about the value that it took.
    ours: bool,
    /// The node that doesn't fit; or, with `true`, one that it is somewhere below, under names that are content.
    place: Option<(usize, bool)>,
}

impl Misfit {
    fn new(problem: impl Into<String>) -> Self {
        Self { problem: problem.into(), ours: false, place: None }
    }
}

impl<'t> Cursor<'t> {
    /// Places an error at this value, unless it has a place already.
    fn here<T>(self, result: Result<T, Misfit>) -> Result<T, Misfit> {
        if result.is_ok() {
            self.tape().taken.set(self.at());
        }
        result.map_err(|misfit| {
            let at = if misfit.ours { self.tape().taken.get() } else { self.at() };
            Misfit { place: misfit.place.or(Some((at, false))), ..misfit }
        })
    }

    /// Places an error at this value if its own place is below, under names that are content.
    fn below<T>(self, read: impl FnOnce() -> Result<T, Misfit>) -> Result<T, Misfit> {
        let below = |(at, below)| (self.at(), below || at != self.at());
        self.unnamed(read).map_err(|misfit| Misfit { place: misfit.place.map(below), ..misfit })
    }

    fn wanted<T>(self, value: Option<T>, want: Want) -> Result<T, Misfit> {
        let noted = || self.tape().last.get().filter(|note| note.at == self.at());
        value.ok_or_else(|| Misfit::new(noted().unwrap_or_else(|| Note::new(self.tape(), self.at(), want)).to_string()))
    }

    fn whole_for<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let number = self.wanted(self.whole(), Want::Number);
        self.here(number.and_then(|number| match (i64::try_from(number), u64::try_from(number)) {
            (Ok(number), _) => visitor.visit_i64(number),
            (_, Ok(number)) => visitor.visit_u64(number),
            _ => visitor.visit_i128(number),
        }))
    }

    fn float_for<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.here(self.wanted(self.number(), Want::Number).and_then(|number| visitor.visit_f64(number)))
    }

    fn text_for<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.here(self.wanted(self.text(), Want::Text).and_then(|text| match text {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }))
    }

    fn list_for<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.is_alone() {
            return self.here(self.wanted(None, Want::List));
        }
        self.here(entries_for(self.items(), visitor))
    }

    fn object_for<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let object = self.wanted(self.one_object(), Want::Object);
        self.here(object.and_then(|object| object.members_for(visitor)))
    }

    /// Reads the members of an object. Of a member that appears twice, the first value that isn't `null` counts.
    fn members_for<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let mut places = BTreeMap::new();
        let mut members: Vec<(&str, Self)> = Vec::new();
        for (name, value) in self.entries() {
            let place = *places.entry(name).or_insert(members.len());
            match members.get_mut(place) {
                Some((_, first)) if first.is_null() => *first = value,
                Some(_) => {}
                None => members.push((name, value)),
            }
        }
        visitor.visit_map(MapDeserializer::new(members.into_iter()))
    }
}

fn entries_for<'t, V: Visitor<'t>>(entries: impl Iterator<Item = Cursor<'t>>, visitor: V) -> Result<V::Value, Misfit> {
    let mut entries = SeqDeserializer::new(entries);
    let value = visitor.visit_seq(&mut entries)?;
    entries.end().map(|()| value)
}

/// Methods that all read in the same way.
macro_rules! alike {
    ($($method:ident)* => $read:ident) => {$(
        fn $method<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
            self.$read(visitor)
        }
    )*};
}

impl<'t> Deserializer<'t> for Cursor<'t> {
    type Error = Misfit;

    alike!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 => whole_for);
    alike!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 => whole_for);
    alike!(deserialize_f32 deserialize_f64 => float_for);
    alike!(deserialize_str deserialize_string deserialize_char deserialize_identifier => text_for);
    alike!(deserialize_seq => list_for);
    alike!(deserialize_bytes deserialize_byte_buf => deserialize_any);

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.here(match (self.node(), self.as_str()) {
            (Node::Null, _) => visitor.visit_unit(),
            (Node::Bool(flag), _) => visitor.visit_bool(flag),
            (Node::Int(number), _) => visitor.visit_i64(number),
            (Node::UInt(number), _) => visitor.visit_u64(number),
            (Node::Float(number), _) => visitor.visit_f64(number),
            (Node::List { .. }, _) => entries_for(self.children(), visitor),
            (Node::Object { .. }, _) => self.below(|| self.members_for(visitor)),
            (Node::Text(_) | Node::Owned(_), text) => {
                self.note_repaired();
                visitor.visit_borrowed_str(text.unwrap_or_default())
            }
        })
    }

    fn deserialize_bool<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.here(self.wanted(self.flag(), Want::Flag).and_then(|flag| visitor.visit_bool(flag)))
    }

    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.here(if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) })
    }

    fn deserialize_unit<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.here(visitor.visit_unit())
    }

    fn deserialize_unit_struct<V: Visitor<'t>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'t>>(self, _: &'static str, visitor: V) -> Result<V::Value, Misfit> {
        self.here(visitor.visit_newtype_struct(self))
    }

    fn deserialize_tuple<V: Visitor<'t>>(self, _: usize, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.deserialize_any(visitor)
    }

    fn deserialize_map<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.is_nothing() {
            return self.here(self.members_for(visitor));
        }
        self.below(|| self.object_for(visitor))
    }

    fn deserialize_struct<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if self.is_nothing() {
            return self.deserialize_unit(visitor);
        }
        self.object_for(visitor)
    }

    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if let Some(text) = self.as_str() {
            self.note_repaired();
            return self.here(visitor.visit_enum(BorrowedStrDeserializer::new(text)));
        }
        let object = self.wanted(self.one_object(), Want::Object);
        let members = object.map(|object| MapAccessDeserializer::new(MapDeserializer::new(object.entries())));
        self.here(members.and_then(|members| visitor.visit_enum(members)))
    }
}

impl<'t> IntoDeserializer<'t, Misfit> for Cursor<'t> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

const UNFIT: &str = "a value that does not fit its type";

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    /// Other people's messages may quote what was read; our own have a prefix.
    fn custom<T: fmt::Display>(message: T) -> Self {
        match message.to_string().strip_prefix(OURS) {
            // A path in the message continues the path to this value.
            Some(problem) if problem.contains(": ") && !problem.starts_with('[') => {
                Self { ours: true, ..Self::new(format!(".{problem}")) }
            }
            Some(problem) => Self { ours: true, ..Self::new(problem) },
            None => Self::new(UNFIT),
        }
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let kind = match unexpected {
            Unexpected::Bool(_) => "true or false",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
            Unexpected::Float(_) => "a number with a fraction",
            Unexpected::Char(_) | Unexpected::Str(_) => "a text",
            Unexpected::Unit | Unexpected::Option => "nothing",
            Unexpected::Seq => "a list",
            Unexpected::Map => "an object",
            _ => "something else",
        };
        Self::new(format!("expected {expected}, got {kind}"))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(format!("{} outside its range", Self::invalid_type(unexpected, expected).problem))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("a value that is none of {expected:?}"))
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("a name that is none of {expected:?}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(format!("missing field `{field}`"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::new(format!("duplicate field `{field}`"))
    }
}
