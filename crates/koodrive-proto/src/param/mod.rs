//! The Rust types of parameters.
//!
//! Each parameter of an operation has a type that implements [`Param`]. Its [`Kind`] describes the wire form, so that
//! one table serves validation, docs and the simulator. Its [`Value`] is the borrowed content, which is all that
//! checking and writing need.

mod date;
mod emoji;
mod headers;
mod id;
mod joined;
mod listed;
mod number;
mod text;

use crate::schema::{Entries, Kind, Value};

pub use date::{DateTimeText, UtcMillisText, UtcText, YearMonth};
pub use emoji::has_emoji;
pub use headers::{Language, TraceId};
pub use id::{DepartmentId, FileId, GroupId, SpaceId, UserId};
pub use joined::Joined;
pub use number::Quoted;
pub(crate) use text::file_name;
pub use text::{ExtractCode, FileName, Secret, SharedFolderName};
#[doc(hidden)]
pub use zeroize::Zeroizing;

/// A type that can be a parameter of an operation.
///
/// Texts, flags, whole numbers, [`Quoted`] numbers, and lists of these can be parameters.
/// [`choices!`](crate::choices!), [`text!`](crate::text!), [`id!`](crate::id!) and [`object!`](crate::object!) declare
/// more types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a parameter",
    label = "not a text, flag, whole number or list of them",
    note = "`choices!`, `text!`, `id!` and `object!` declare more types; `Quoted<T>` is a number sent as a text"
)]
pub trait Param: Sized {
    /// What the parameter looks like on the wire.
    const KIND: Kind;
    /// Returns the content.
    fn value(&self) -> Value<'_>;
    /// Creates the parameter from its content; `None` if the type can't hold it.
    fn from_value(value: Value<'_>) -> Option<Self>;
}

/// A conversion to a parameter of type `T`, which every setter accepts, so that literals need no suffix or conversion.
///
/// ```
/// use koodrive_proto::ops::spaces::{GetSpaceUsageByUser, SpaceType, UpdateSpace};
///
/// UpdateSpace::new("1289173650183882753", SpaceType::Individual).capacity(10);
/// GetSpaceUsageByUser::new().user_ids(["232323", "34343434"]);
/// ```
pub trait IntoParam<T> {
    /// Converts the value to the parameter.
    fn into_param(self) -> T;
}

impl Param for bool {
    const KIND: Kind = Kind::Bool;

    fn value(&self) -> Value<'_> {
        Value::Bool(*self)
    }

    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }
}

impl IntoParam<Self> for bool {
    fn into_param(self) -> Self {
        self
    }
}

impl<T: Param> Entries for Vec<T> {
    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, at: usize) -> Option<Value<'_>> {
        self.get(at).map(Param::value)
    }
}

impl<T: Param> Param for Vec<T> {
    const KIND: Kind = Kind::List(&T::KIND);

    fn value(&self) -> Value<'_> {
        Value::List(self)
    }

    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::List(items) => (0..items.count()).map(|at| items.item(at).and_then(T::from_value)).collect(),
            _ => None,
        }
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

/// Implements what a value needs that is used in requests and in answers.
#[doc(hidden)]
#[macro_export]
macro_rules! __both_ways {
    ($name:ident) => {
        impl $crate::param::IntoParam<Self> for $name {
            fn into_param(self) -> Self {
                self
            }
        }

        impl $crate::serde::Serialize for $name {
            fn serialize<S: $crate::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::serde::Serialize::serialize(&$crate::param::Param::value(self), serializer)
            }
        }

        $crate::__deserialize!($name);
    };
}
