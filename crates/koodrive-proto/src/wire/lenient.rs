use std::fmt;
use std::iter::empty;

use serde::de::value::{MapAccessDeserializer, SeqDeserializer, StrDeserializer};
use serde::de::{
    self, DeserializeSeed, Deserializer, EnumAccess, Expected, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;

use crate::wire::member::{PEEK, Peek};

/// Reads what the service answers where it differs from what its tables say.
///
/// - A number may come as a text (`"43"`), a text as a number, a bool as either.
/// - A list may come as the one value that it would hold, as an empty text or as `null`, an object as a list of one.
/// - Errors say what kind of value was met and not which, since answers hold tokens.
///
/// Everything below the value that is read this way is read this way too, but for what is below `#[serde(flatten)]`.
///
/// ```
/// use koodrive_proto::wire::Lenient;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Entry { size: u64, name: String }
///
/// let mut json = serde_json::Deserializer::from_str(r#"{"size": "10", "name": 7}"#);
/// let entries = Vec::<Entry>::deserialize(Lenient(&mut json)).unwrap();
/// assert_eq!((entries[0].size, entries[0].name.as_str()), (10, "7"));
/// ```
#[derive(Debug)]
pub struct Lenient<D>(
    /// A deserializer of a self-describing format such as JSON.
    pub D,
);

/// How an error begins that quotes nothing of what was read.
pub(crate) const UNREADABLE: &str = "unreadable: ";

/// With serde_json's feature arbitrary_precision, which any crate of the build may turn on, a number comes as an object
/// with this one key.
pub(crate) const ARBITRARY_NUMBER: &str = "$serde_json::private::Number";

/// What the Rust type asks for.
#[derive(Clone, Copy)]
enum Want {
    Any,
    Integer,
    Float,
    Bool,
    Text,
    List,
    Object,
}

macro_rules! want {
    ($($method:ident => $want:ident),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.deserialize_any(Reader { visitor, want: Want::$want })
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Lenient<D> {
    type Error = D::Error;

    want! {
        deserialize_any => Any,
        deserialize_i8 => Integer, deserialize_i16 => Integer, deserialize_i32 => Integer, deserialize_i64 => Integer,
        deserialize_u8 => Integer, deserialize_u16 => Integer, deserialize_u32 => Integer, deserialize_u64 => Integer,
        deserialize_i128 => Integer, deserialize_u128 => Integer,
        deserialize_f32 => Float, deserialize_f64 => Float,
        deserialize_bool => Bool,
        deserialize_char => Text, deserialize_str => Text, deserialize_string => Text,
        deserialize_seq => List,
        deserialize_map => Object,
    }

    forward_to_deserialize_any! { bytes byte_buf }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_option(Reader { visitor, want: Want::Any })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(IgnoredAny)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        match name {
            PEEK => self.0.deserialize_any(Peek(visitor)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, Reader { visitor, want: Want::Any })
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_identifier(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_ignored_any(visitor)
    }
}

/// Stands before the visitor of the Rust type and hands it what it wants.
struct Reader<V> {
    visitor: V,
    want: Want,
}

/// Whole numbers up to here are exact in an f64.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl<'de, V: Visitor<'de>> Reader<V> {
    fn text<E: de::Error>(self, text: &str) -> Result<V::Value, E> {
        let Self { visitor, want } = self;
        let trimmed = text.trim();
        match want {
            Want::Integer => {
                if let Ok(number) = trimmed.parse() {
                    return visitor.visit_u64(number).map_err(hide);
                }
                if let Ok(number) = trimmed.parse() {
                    return visitor.visit_i64(number).map_err(hide);
                }
                match trimmed.split_once('.') {
                    Some((whole, zeros)) if !whole.is_empty() && zeros.bytes().all(|byte| byte == b'0') => {
                        Self { visitor, want }.text(whole)
                    }
                    _ => Err(unreadable("expected a whole number, got a text that is none")),
                }
            }
            Want::Float => match trimmed.parse::<f64>() {
                Ok(number) if number.is_finite() => visitor.visit_f64(number).map_err(hide),
                _ => Err(unreadable("expected a number, got a text that is none")),
            },
            Want::Bool => match trimmed {
                "true" | "1" => visitor.visit_bool(true).map_err(hide),
                "false" | "0" => visitor.visit_bool(false).map_err(hide),
                _ => Err(unreadable("expected true or false, got another text")),
            },
            Want::List if text.is_empty() => visitor.visit_seq(Single::<Lenient<StrDeserializer<'_, E>>>(None)),
            Want::List => visitor.visit_seq(Single(Some(Lenient(StrDeserializer::new(text))))),
            Want::Any | Want::Text | Want::Object => visitor.visit_str(text).map_err(hide),
        }
    }

    fn float<E: de::Error>(self, number: f64) -> Result<V::Value, E> {
        match self.want {
            #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
            Want::Integer if number.fract() == 0.0 && number.abs() < EXACT => {
                self.visitor.visit_i64(number as i64).map_err(hide)
            }
            Want::Text if number.abs() >= EXACT => Err(unreadable("a number with more digits than can be read")),
            Want::Text => self.visitor.visit_string(number.to_string()).map_err(hide),
            Want::List => self.visitor.visit_seq(Single(Some(Lenient(number.into_deserializer())))),
            _ => self.visitor.visit_f64(number).map_err(hide),
        }
    }
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Reader<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.want {
            Want::Integer => f.write_str("a whole number"),
            Want::Float => f.write_str("a number"),
            Want::Bool => f.write_str("true or false"),
            Want::Text => f.write_str("a text"),
            Want::Any | Want::List | Want::Object => self.visitor.expecting(f),
        }
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<V::Value, E> {
        match self.want {
            Want::Text => self.visitor.visit_string(flag.to_string()).map_err(hide),
            Want::List => self.visitor.visit_seq(Single(Some(Lenient(flag.into_deserializer())))),
            _ => self.visitor.visit_bool(flag).map_err(hide),
        }
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<V::Value, E> {
        match self.want {
            Want::Text => self.visitor.visit_string(number.to_string()).map_err(hide),
            Want::List => self.visitor.visit_seq(Single(Some(Lenient(number.into_deserializer())))),
            _ => self.visitor.visit_i64(number).map_err(hide),
        }
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<V::Value, E> {
        match (self.want, number) {
            (Want::Text, _) => self.visitor.visit_string(number.to_string()).map_err(hide),
            (Want::List, _) => self.visitor.visit_seq(Single(Some(Lenient(number.into_deserializer())))),
            (Want::Bool, 0 | 1) => self.visitor.visit_bool(number == 1).map_err(hide),
            _ => self.visitor.visit_u64(number).map_err(hide),
        }
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<V::Value, E> {
        self.float(number)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<V::Value, E> {
        self.text(text)
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<V::Value, E> {
        match self.want {
            Want::Any | Want::Text => self.visitor.visit_borrowed_str(text).map_err(hide),
            _ => self.text(text),
        }
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<V::Value, E> {
        match self.want {
            Want::Any | Want::Text => self.visitor.visit_string(text).map_err(hide),
            _ => self.text(&text),
        }
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        match self.want {
            Want::List => self.visitor.visit_seq(SeqDeserializer::<_, Hidden>::new(empty::<()>())).map_err(hide),
            _ => self.visitor.visit_unit().map_err(hide),
        }
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none().map_err(hide)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Lenient(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Lenient(deserializer))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_enum(access)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<V::Value, A::Error> {
        match self.want {
            Want::Object => {
                let mut visitor = Some(self.visitor);
                let object = seq.next_element_seed(OnlyItem(&mut visitor))?;
                match (object, visitor) {
                    (Some(object), _) if seq.next_element::<IgnoredAny>()?.is_none() => Ok(object),
                    (Some(_), _) => Err(unreadable("expected an object, got a list of several")),
                    (None, Some(visitor)) => visitor.visit_unit().map_err(hide),
                    (None, None) => Err(unreadable("expected an object")),
                }
            }
            Want::Any | Want::List => self.visitor.visit_seq(Below(seq)),
            _ => Err(hide(de::Error::invalid_type(Unexpected::Seq, &self))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        match self.want {
            Want::Integer | Want::Float | Want::Text => match map.next_entry::<String, String>() {
                Ok(Some((key, number))) if key == ARBITRARY_NUMBER => self.text(&number),
                _ => Err(hide(de::Error::invalid_type(Unexpected::Map, &self))),
            },
            Want::List => self.visitor.visit_seq(Single(Some(Lenient(MapAccessDeserializer::new(map))))),
            Want::Any | Want::Object => self.visitor.visit_map(Below(map)),
            Want::Bool => Err(hide(de::Error::invalid_type(Unexpected::Map, &self))),
        }
    }
}

/// Hands leniency down to what a list or object holds.
struct Below<T>(T);

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Below<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Below(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Below<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Below(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Below<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        self.0.deserialize(Lenient(deserializer))
    }
}

/// Reads the only item of a list with the visitor of an object.
struct OnlyItem<'a, V>(&'a mut Option<V>);

impl<'de, V: Visitor<'de>> DeserializeSeed<'de> for OnlyItem<'_, V> {
    type Value = V::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        match self.0.take() {
            // Not again through a list: that would let a list of lists recurse.
            Some(visitor) => deserializer.deserialize_map(Item(visitor)),
            None => Err(unreadable("expected an object")),
        }
    }
}

struct Item<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for Item<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Below(map))
    }
}

/// A list of one.
struct Single<D>(Option<D>);

impl<'de, D: Deserializer<'de>> SeqAccess<'de> for Single<D> {
    type Error = D::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, D::Error> {
        self.0.take().map(|item| seed.deserialize(item)).transpose()
    }
}

/// An error that says what kind of value was met, and not which.
#[derive(Debug)]
pub(super) struct Hidden(String);

impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{UNREADABLE}{}", self.0)
    }
}

impl std::error::Error for Hidden {}

impl de::Error for Hidden {
    /// Somebody else's words may quote what was read; our own come with their mark.
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        Self(message.strip_prefix(UNREADABLE).unwrap_or("a value that does not fit its type").to_owned())
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let kind = match unexpected {
            Unexpected::Bool(_) => "true or false",
            Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
            Unexpected::Float(_) => "a number with a fraction",
            Unexpected::Char(_) | Unexpected::Str(_) => "a text",
            Unexpected::Unit | Unexpected::Option => "null",
            Unexpected::Seq => "a list",
            Unexpected::Map => "an object",
            _ => "something else",
        };
        Self(format!("expected {expected}, got {kind}"))
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let Self(message) = Self::invalid_type(unexpected, expected);
        Self(format!("{message} outside its range"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(format!("a value that is none of {expected:?}"))
    }
}

fn hide<E: de::Error>(error: Hidden) -> E {
    E::custom(error)
}

fn unreadable<E: de::Error>(problem: &str) -> E {
    hide(Hidden(problem.to_owned()))
}
