//! The types that can be read from an answer, and in the same way from any other deserializer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserializer};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::wire::by_serde::OURS;
use crate::wire::cursor::Cursor;
use crate::wire::tape::Tape;

/// A type that can be read from a value of an answer.
///
/// These are the types that [`answer!`](crate::answer!), [`choices!`](crate::choices!) and [`text!`](crate::text!)
/// declare; texts, numbers and flags; and lists and maps of all these.
///
/// The macros implement it for the types that they declare. You can implement it for a type of your own, too: if serde
/// can deserialize the type, [`Cursor::by_serde`] is all that it takes. A type that is the whole answer of an operation
/// needs only `Deserialize`; a type that is only `Readable` can be a whole answer once its `Deserialize` is
/// [`deserialize`](crate::wire::deserialize).
///
/// ```
/// use koodrive_proto::wire::{Cursor, Readable};
///
/// /// `"12,34"`.
/// #[derive(Debug, Clone, PartialEq, serde::Serialize)]
/// pub struct Pair(u32, u32);
///
/// impl Readable for Pair {
///     fn read(cursor: Cursor<'_>) -> Option<Self> {
///         let text = cursor.listed()?;
///         let pair = text.split_once(',').and_then(|(a, b)| Some(Self(a.parse().ok()?, b.parse().ok()?)));
///         pair.or_else(|| cursor.unfit())
///     }
/// }
///
/// koodrive_proto::answer! {
///     /// An answer with such a pair.
///     Seats {
///         /// Row and seat.
///         seat: Option<Pair>,
///     }
/// }
/// # fn main() {
/// let seats: Seats = serde_json::from_str(r#"{"seat": "12,34"}"#).unwrap();
/// assert!(matches!(seats.seat, Some(Pair(12, 34))));
/// assert!(serde_json::from_str::<Seats>(r#"{"seat": "12"}"#).unwrap().seat.is_none());
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from an answer",
    label = "`Readable` is missing, which is one line for what serde can deserialize"
)]
pub trait Readable: Sized {
    /// Returns the value for nothing, if the type has one.
    fn nothing() -> Option<Self> {
        None
    }

    /// Reads a value. Returns `None` if it is nothing or doesn't fit; in the latter case the cursor has noted it.
    fn read(cursor: Cursor<'_>) -> Option<Self>;
}

/// An object of an answer, which receives its members one by one.
pub trait Members {
    /// Receives a member; ignores it if the object doesn't know it.
    fn member(&mut self, name: &str, cursor: Cursor<'_>);
}

/// What a member of an answer can be: an `Option` of a value, a `Vec`, or a map whose keys are texts.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a member of an answer",
    label = "any member may be missing: an `Option`, a `Vec` or a `BTreeMap<String, _>`"
)]
pub trait Member {
    /// Takes a value, unless it has one already: if a member appears twice, the first that isn't nothing and fits
    /// counts.
    fn fill(&mut self, cursor: Cursor<'_>);
}

// Not inlined, here and below: otherwise each answer would have a copy.
impl<T: Readable> Member for Option<T> {
    #[inline(never)]
    fn fill(&mut self, cursor: Cursor<'_>) {
        if self.is_none() && !cursor.is_null() {
            *self = T::read(cursor);
        }
    }
}

impl<T: Readable> Member for Vec<T> {
    #[inline(never)]
    fn fill(&mut self, cursor: Cursor<'_>) {
        if self.is_empty() {
            read_list(self, cursor);
        }
    }
}

impl<T: Readable> Member for BTreeMap<String, T> {
    #[inline(never)]
    fn fill(&mut self, cursor: Cursor<'_>) {
        if self.is_empty() {
            read_map(self, cursor);
        }
    }
}

impl<T: Members> Members for Box<T> {
    fn member(&mut self, name: &str, cursor: Cursor<'_>) {
        (**self).member(name, cursor);
    }
}

fn read_list<T: Readable>(list: &mut Vec<T>, cursor: Cursor<'_>) -> bool {
    // Reserves no more than a megabyte in advance: entries that don't fit need no room.
    let most = (1_usize << 20).checked_div(size_of::<T>()).unwrap_or_default();
    list.reserve_exact(cursor.items().take(most).count());
    cursor.list(&mut |item| T::read(item).map(|item| list.push(item)).is_some())
}

fn read_map<T: Readable>(map: &mut BTreeMap<String, T>, cursor: Cursor<'_>) -> bool {
    cursor.map(&mut |name, value| {
        if let Some(value) = T::read(value) {
            map.entry(name.to_owned()).or_insert(value);
        }
    })
}

impl<T: Members + Default> Readable for T {
    fn read(cursor: Cursor<'_>) -> Option<Self> {
        let mut object = T::default();
        cursor.object(&mut object).then_some(object)
    }
}

impl<T: Readable> Readable for Option<T> {
    fn nothing() -> Option<Self> {
        Some(None)
    }

    fn read(cursor: Cursor<'_>) -> Option<Self> {
        if cursor.is_null() { None } else { T::read(cursor).map(Some) }
    }
}

impl<T: Readable> Readable for Vec<T> {
    fn nothing() -> Option<Self> {
        Some(Self::new())
    }

    fn read(cursor: Cursor<'_>) -> Option<Self> {
        let mut list = Self::new();
        read_list(&mut list, cursor).then_some(list)
    }
}

impl<T: Readable> Readable for BTreeMap<String, T> {
    fn nothing() -> Option<Self> {
        Some(Self::new())
    }

    fn read(cursor: Cursor<'_>) -> Option<Self> {
        let mut map = Self::new();
        read_map(&mut map, cursor).then_some(map)
    }
}

/// The value isn't looked at.
impl Readable for () {
    fn nothing() -> Option<Self> {
        Some(())
    }

    fn read(_: Cursor<'_>) -> Option<Self> {
        Some(())
    }
}

impl Readable for String {
    fn read(cursor: Cursor<'_>) -> Option<Self> {
        cursor.text().map(Cow::into_owned)
    }
}

impl Readable for bool {
    fn read(cursor: Cursor<'_>) -> Option<Self> {
        cursor.flag()
    }
}

impl Readable for f64 {
    fn read(cursor: Cursor<'_>) -> Option<Self> {
        cursor.number()
    }
}

macro_rules! whole {
    ($($number:ident)*) => {$(
        impl Readable for $number {
            fn read(cursor: Cursor<'_>) -> Option<Self> {
                cursor.whole_in()
            }
        }
    )*};
}

whole!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

impl Readable for Json {
    fn nothing() -> Option<Self> {
        Some(Self::Null)
    }

    fn read(cursor: Cursor<'_>) -> Option<Self> {
        Some(cursor.json())
    }
}

/// A part of an answer whose members no page of the manuals shows. It is kept unchanged, and `Debug` hides it, since it
/// may hold links.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Unseen(
    /// The value as JSON.
    pub Json,
);

impl Readable for Unseen {
    fn read(cursor: Cursor<'_>) -> Option<Self> {
        (!cursor.is_null()).then(|| Self(cursor.json()))
    }
}

impl fmt::Debug for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unseen(..)")
    }
}

/// Reads from any deserializer of a self-describing format such as JSON, by the same rules as an answer is read.
///
/// Declared types use it as their `Deserialize`.
pub fn deserialize<'de, T: Readable, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let tape = Tape::read_from(deserializer)?;
    let read = T::read(tape.root());
    let problem = match tape.root().refusal(read.is_some()) {
        Some(problem) => problem,
        None => match read.or_else(T::nothing) {
            Some(value) => return Ok(value),
            None => "nothing is there".to_owned(),
        },
    };
    Err(de::Error::custom(format_args!("{OURS}{problem}")))
}

/// Implements `Deserialize` by the rules for answers.
#[doc(hidden)]
#[macro_export]
macro_rules! __deserialize {
    ($name:ident) => {
        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::wire::deserialize(deserializer)
            }
        }
    };
}
