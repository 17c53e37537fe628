//! Parameters: what a value looks like, how it is measured, and how it is written.
//!
//! Each parameter of an operation has a type that implements [`Param`]. Its [`Kind`] says what the wire form is, so that
//! the same table serves validation, docs and the simulator; its [`Value`] is the borrowed content, which is all that
//! checking and writing need.

mod encode;
mod headers;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub(crate) use encode::percent_encode_bytes;
pub use encode::{body, path_and_query, percent_encode};
pub use headers::{Language, TraceId};

/// What a parameter looks like on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text: a JSON string in a body.
    Text,
    /// A whole number between the two bounds of its Rust type.
    Number {
        /// The smallest number that the type holds.
        min: i128,
        /// The largest number that the type holds.
        max: i128,
    },
    /// `true` or `false`.
    Bool,
    /// One of a few listed values.
    Choice(&'static [Choice]),
    /// A number or a choice of numbers that a body carries as a JSON string.
    Quoted(&'static Self),
    /// A list: a JSON array in a body, the name repeated in a query.
    List(&'static Self),
}

impl Kind {
    /// Whether a limit makes sense: numbers by value, texts by characters, lists by entries, but not flags and listed texts.
    pub const fn has_measure(&self) -> bool {
        match self {
            Self::Text | Self::Number { .. } | Self::List(_) => true,
            Self::Bool => false,
            Self::Choice(choices) => !matches!(choices, [Choice { wire: Wire::Text(_), .. }, ..]),
            Self::Quoted(inner) => inner.has_measure(),
        }
    }
}

/// One listed value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Its name in Rust.
    pub name: &'static str,
    /// What is sent for it.
    pub wire: Wire,
}

/// The wire form of a [`Choice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// A number.
    Number(i64),
    /// A text.
    Text(&'static str),
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}

/// The content of a parameter, borrowed.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Text.
    Text(&'a str),
    /// A number. `i128` holds every `u64`, so that a limit can't be passed by a wrap.
    Number(i128),
    /// A number written as a JSON string.
    Quoted(i128),
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(&'a dyn Items),
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i128(number),
            Self::Quoted(number) => serializer.collect_str(&number),
            Self::Bool(flag) => serializer.serialize_bool(flag),
            Self::List(items) => serializer.collect_seq((0..items.count()).filter_map(|at| items.item(at))),
        }
    }
}

/// The items of a list parameter.
pub trait Items: fmt::Debug {
    /// How many there are.
    fn count(&self) -> usize;
    /// The item at that place, if there is one.
    fn item(&self, at: usize) -> Option<Value<'_>>;
}

impl<T: Param> Items for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, at: usize) -> Option<Value<'_>> {
        self.get(at).map(Param::value)
    }
}

/// A type that can be a parameter of an operation.
pub trait Param: fmt::Debug {
    /// What it looks like on the wire.
    const KIND: Kind;
    /// Its content.
    fn value(&self) -> Value<'_>;
}

/// What a setter accepts for a parameter of type `T`, so that literals need no suffix or conversion.
///
/// ```
/// use koodrive_proto::ops::spaces::{GetSpaceUsageByUser, SpaceType, UpdateSpace};
///
/// UpdateSpace::new("1289173650183882753", SpaceType::Individual).capacity(10);
/// GetSpaceUsageByUser::new().user_ids(["232323", "34343434"]);
/// ```
pub trait IntoParam<T> {
    /// The parameter.
    fn into_param(self) -> T;
}

impl Param for String {
    const KIND: Kind = Kind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl IntoParam<Self> for String {
    fn into_param(self) -> Self {
        self
    }
}

impl IntoParam<String> for &str {
    fn into_param(self) -> String {
        self.to_owned()
    }
}

impl IntoParam<String> for &String {
    fn into_param(self) -> String {
        self.clone()
    }
}

impl Param for bool {
    const KIND: Kind = Kind::Bool;

    fn value(&self) -> Value<'_> {
        Value::Bool(*self)
    }
}

impl IntoParam<Self> for bool {
    fn into_param(self) -> Self {
        self
    }
}

macro_rules! numbers {
    ($($number:ident)*) => {$(
        impl Param for $number {
            const KIND: Kind = Kind::Number { min: $number::MIN as i128, max: $number::MAX as i128 };

            fn value(&self) -> Value<'_> {
                Value::Number(i128::from(*self))
            }
        }

        impl IntoParam<Self> for $number {
            fn into_param(self) -> Self {
                self
            }
        }

        impl IntoParam<Quoted<Self>> for $number {
            fn into_param(self) -> Quoted<Self> {
                Quoted(self)
            }
        }
    )*};
}

numbers!(u32 u64 i32 i64);

/// A number that the manual types as a String: a JSON string on the wire, a number in Rust.
///
/// Reading takes a number as well, since the manual's own examples send one where its tables say String.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quoted<T>(
    /// The number.
    pub T,
);

impl<T: Param> Param for Quoted<T> {
    const KIND: Kind = Kind::Quoted(&T::KIND);

    fn value(&self) -> Value<'_> {
        match self.0.value() {
            Value::Number(number) => Value::Quoted(number),
            other => other,
        }
    }
}

impl<T> IntoParam<Self> for Quoted<T> {
    fn into_param(self) -> Self {
        self
    }
}

impl<T: Param> Serialize for Quoted<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Quoted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(crate::wire::Lenient(deserializer)).map(Self)
    }
}

impl<T: Param> Param for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    fn value(&self) -> Value<'_> {
        Value::List(self)
    }
}

impl<T, U: IntoParam<T>> IntoParam<Vec<T>> for Vec<U> {
    fn into_param(self) -> Vec<T> {
        self.into_iter().map(IntoParam::into_param).collect()
    }
}

impl<T, U: IntoParam<T>, const N: usize> IntoParam<Vec<T>> for [U; N] {
    fn into_param(self) -> Vec<T> {
        self.into_iter().map(IntoParam::into_param).collect()
    }
}

impl<T, U: Clone + IntoParam<T>> IntoParam<Vec<T>> for &Vec<U> {
    fn into_param(self) -> Vec<T> {
        self.as_slice().into_param()
    }
}

impl<T, U: Clone + IntoParam<T>> IntoParam<Vec<T>> for &[U] {
    fn into_param(self) -> Vec<T> {
        self.iter().cloned().map(IntoParam::into_param).collect()
    }
}
