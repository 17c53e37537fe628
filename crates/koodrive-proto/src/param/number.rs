use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::param::{IntoParam, Param};
use crate::schema::{Kind, Value};
use crate::wire::{self, Cursor, Readable};

macro_rules! numbers {
    ($($number:ident)*) => {$(
        impl Param for $number {
            const KIND: Kind = Kind::Number { min: $number::MIN as i128, max: $number::MAX as i128 };

            fn value(&self) -> Value<'_> {
                Value::Number(i128::from(*self))
            }

            fn from_value(value: Value<'_>) -> Option<Self> {
                match value {
                    Value::Number(number) | Value::Quoted(number) => number.try_into().ok(),
                    _ => None,
                }
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
/// A plain number is read as well, since the manual's own examples send one where its tables say String.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quoted<T>(
    /// The number.
    pub T,
);

impl<T: Param> Param for Quoted<T> {
    const KIND: Kind = {
        assert!(T::KIND.is_number(), "`Quoted` is for numbers");
        Kind::Quoted(&T::KIND)
    };

    fn value(&self) -> Value<'_> {
        match self.0.value() {
            Value::Number(number) => Value::Quoted(number),
            other => other,
        }
    }

    fn from_value(value: Value<'_>) -> Option<Self> {
        T::from_value(value).map(Self)
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

impl<T: Param + Readable> Readable for Quoted<T> {
    fn read(cursor: Cursor<'_>) -> Option<Self> {
        const { assert!(T::KIND.is_number(), "`Quoted` is for numbers") }
        T::read(cursor).map(Self)
    }
}

impl<'de, T: Param + Readable> Deserialize<'de> for Quoted<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        wire::deserialize(deserializer)
    }
}
