//! Reads the members of an answer, where the service puts an empty text or `null` for what isn't there.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use crate::wire::lenient::{Hidden, Lenient};

/// A part of an answer whose members no page shows. It is kept as it came, and `Debug` hides it: it may hold links.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unseen(
    /// The JSON.
    pub serde_json::Value,
);

impl fmt::Debug for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unseen(..)")
    }
}

/// What a member of an answer can be: an `Option` of a value, a `Vec`, or a map by texts.
///
/// `answer!` reads its members so: an empty text is nothing where the value isn't a text, and a `null` among the entries of a
/// list or map is left out.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a member of an answer",
    label = "any member may be missing: an `Option`, a `Vec` or a `BTreeMap<String, _>`"
)]
pub trait Member<'de>: Sized {
    /// What it is where nothing is.
    fn nothing() -> Self;
    /// What an empty text is.
    fn empty_text() -> Self;
    /// Reads a value that isn't `null`.
    fn some<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

impl<'de, T: Deserialize<'de>> Member<'de> for Option<T> {
    fn nothing() -> Self {
        None
    }

    fn empty_text() -> Self {
        T::deserialize(Lenient(StrDeserializer::<Hidden>::new(""))).ok()
    }

    fn some<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Some)
    }
}

impl<'de, T: Deserialize<'de>> Member<'de> for Vec<T> {
    fn nothing() -> Self {
        Self::new()
    }

    fn empty_text() -> Self {
        Self::new()
    }

    fn some<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<Entry<T>>::deserialize(deserializer)?.into_iter().filter_map(|Entry(value)| value).collect())
    }
}

impl<'de, T: Deserialize<'de>> Member<'de> for BTreeMap<String, T> {
    fn nothing() -> Self {
        Self::new()
    }

    fn empty_text() -> Self {
        Self::new()
    }

    fn some<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = BTreeMap::<String, Entry<T>>::deserialize(deserializer)?;
        Ok(entries.into_iter().filter_map(|(name, Entry(value))| Some((name, value?))).collect())
    }
}

/// An entry of a list or map, or `null`.
struct Entry<T>(Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Entry<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        member(deserializer).map(Self)
    }
}

/// By this name [`Lenient`] is asked to say what there is before a type is chosen.
pub(super) const PEEK: &str = "$koodrive_proto::private::Member";

/// Reads a member: what [`answer!`](crate::answer!) gives to serde, as `deserialize_with`.
pub fn member<'de, D: Deserializer<'de>, M: Member<'de>>(deserializer: D) -> Result<M, D::Error> {
    deserializer.deserialize_newtype_struct(PEEK, MemberVisitor(PhantomData))
}

struct MemberVisitor<M>(PhantomData<M>);

impl<'de, M: Member<'de>> Visitor<'de> for MemberVisitor<M> {
    type Value = M;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member of an answer")
    }

    fn visit_none<E>(self) -> Result<M, E> {
        Ok(M::nothing())
    }

    fn visit_unit<E>(self) -> Result<M, E> {
        Ok(M::nothing())
    }

    /// Only an empty one is given as it is.
    fn visit_str<E>(self, _: &str) -> Result<M, E> {
        Ok(M::empty_text())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<M, D::Error> {
        M::some(deserializer)
    }

    /// Not [`Lenient`], but some other deserializer.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<M, D::Error> {
        deserializer.deserialize_option(self)
    }
}

/// Stands before a [`MemberVisitor`] and says what there is.
pub(super) struct Peek<V>(pub(super) V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Peek<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<V::Value, E> {
        self.0.visit_some(Lenient(flag.into_deserializer()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<V::Value, E> {
        self.0.visit_some(Lenient(number.into_deserializer()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<V::Value, E> {
        self.0.visit_some(Lenient(number.into_deserializer()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<V::Value, E> {
        self.0.visit_some(Lenient(number.into_deserializer()))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<V::Value, E> {
        match text {
            "" => self.0.visit_str(text),
            text => self.0.visit_some(Lenient(StrDeserializer::new(text))),
        }
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<V::Value, E> {
        match text {
            "" => self.0.visit_str(text),
            text => self.0.visit_some(Lenient(BorrowedStrDeserializer::new(text))),
        }
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<V::Value, E> {
        match text.as_str() {
            "" => self.0.visit_str(""),
            _ => self.0.visit_some(Lenient(text.into_deserializer())),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.0.visit_some(Lenient(SeqAccessDeserializer::new(seq)))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_some(Lenient(MapAccessDeserializer::new(map)))
    }
}
