//! `choices!` and `text!`: types of parameters that go both ways, into requests and out of answers. `answer!`: what only comes
//! out of them.

/// Declares a parameter or field that has a few listed values, sent as numbers or as texts.
///
/// ```
/// koodrive_proto::choices! {
///     /// The kind of an example.
///     pub enum ExampleType: number {
///         /// The first.
///         First = 0,
///         /// The second.
///         Second = 1,
///     }
/// }
///
/// // A value that a later version of the service answers survives.
/// let future: ExampleType = serde_json::from_str("7").unwrap();
/// assert_eq!(future, ExampleType::Other(7));
/// assert_eq!(serde_json::to_string(&future).unwrap(), "7");
/// ```
///
/// With `: text` the values are texts, and `Other` holds a `String`. In a request, what isn't listed is refused by
/// [`Operation::check`](crate::Operation::check).
#[macro_export]
macro_rules! choices {
    ($(#[$doc:meta])* $vis:vis enum $name:ident: number { $($(#[$vdoc:meta])* $variant:ident = $value:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $vis enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A number that is not listed: only the service may use it.
            Other(i64),
        }

        impl $name {
            /// The number on the wire.
            pub const fn number(&self) -> i64 {
                match self {
                    $(Self::$variant => $value,)+
                    Self::Other(number) => *number,
                }
            }
        }

        impl ::core::convert::From<i64> for $name {
            fn from(number: i64) -> Self {
                match number {
                    $($value => Self::$variant,)+
                    other => Self::Other(other),
                }
            }
        }

        impl $crate::param::Param for $name {
            const KIND: $crate::param::Kind = $crate::declare::choices(&[$($crate::param::Choice {
                name: ::core::stringify!($variant),
                wire: $crate::param::Wire::Number($value),
            }),+]);

            fn value(&self) -> $crate::param::Value<'_> {
                $crate::param::Value::Number(::core::convert::From::from(self.number()))
            }

            fn from_value(value: $crate::param::Value<'_>) -> ::core::option::Option<Self> {
                <i64 as $crate::param::Param>::from_value(value).map(Self::from)
            }
        }

        impl $crate::param::IntoParam<$crate::Quoted<Self>> for $name {
            fn into_param(self) -> $crate::Quoted<Self> {
                $crate::Quoted(self)
            }
        }

        $crate::__wire_type!($name, i64);

        const _: $crate::param::Kind = <$name as $crate::param::Param>::KIND;
    };
    ($(#[$doc:meta])* $vis:vis enum $name:ident: text { $($(#[$vdoc:meta])* $variant:ident = $value:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        $vis enum $name {
            $($(#[$vdoc])* $variant,)+
            /// A text that is not listed: only the service may use it.
            Other(::std::string::String),
        }

        impl $name {
            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $value,)+
                    Self::Other(text) => text,
                }
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                match text.as_str() {
                    $($value => Self::$variant,)+
                    _ => Self::Other(text),
                }
            }
        }

        impl $crate::param::Param for $name {
            const KIND: $crate::param::Kind = $crate::declare::choices(&[$($crate::param::Choice {
                name: ::core::stringify!($variant),
                wire: $crate::param::Wire::Text($value),
            }),+]);

            fn value(&self) -> $crate::param::Value<'_> {
                $crate::param::Value::Text(self.as_str())
            }

            fn from_value(value: $crate::param::Value<'_>) -> ::core::option::Option<Self> {
                <::std::string::String as $crate::param::Param>::from_value(value).map(Self::from)
            }
        }

        $crate::__wire_type!($name, ::std::string::String);

        const _: $crate::param::Kind = <$name as $crate::param::Param>::KIND;
    };
}

/// Declares what an answer holds: a plain struct, each of whose members may be missing.
///
/// ```
/// koodrive_proto::answer! {
///     /// An example.
///     Example {
///         /// Its size in bytes.
///         size: Option<i64>,
///         /// What it is.
///         kind: Option<String> = "type",
///         /// Its parts.
///         part_list: Vec<Example>,
///     }
/// }
/// # fn main() {
/// let example: Example = serde_json::from_str(r#"{"type": "a", "partList": [{"size": 7}], "new": 1}"#).unwrap();
/// assert_eq!((example.kind.as_deref(), example.part_list[0].size), (Some("a"), Some(7)));
/// assert_eq!(serde_json::to_string(&example).unwrap(), r#"{"type":"a","partList":[{"size":7}]}"#);
/// # }
/// ```
///
/// Members are named in camel case unless `= "wireName"` says otherwise. Unknown ones are ignored, missing ones are their
/// default, and what is the default is not written. A member is an `Option` for one value, a `Vec` for a list, or a
/// `BTreeMap<String, _>`; the [`Member`](crate::wire::Member) trait says what counts as nothing.
#[macro_export]
macro_rules! answer {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident : $ty:ty $(= $wire:literal)?),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default, $crate::serde::Serialize, $crate::serde::Deserialize)]
        #[serde(crate = "koodrive_proto::serde", rename_all = "camelCase", default)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$fdoc])*
                $(#[serde(rename = $wire)])?
                #[serde(
                    deserialize_with = "koodrive_proto::wire::member",
                    skip_serializing_if = "koodrive_proto::declare::is_default"
                )]
                pub $field: $ty,
            )*
        }
    };
}

/// Declares a text with a rule beyond its length.
///
/// ```
/// use koodrive_proto::param::Rule;
///
/// koodrive_proto::text! {
///     /// The name of an album: ASCII letters, digits and underscores.
///     pub struct AlbumName: Rule::new("ASCII letters, digits and _", "my_album", |name| {
///         let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
///         if name.bytes().all(allowed) { Ok(()) } else { Err("a text with another character") }
///     });
/// }
/// # fn main() {
/// assert_eq!(AlbumName::from("summer").as_str(), "summer");
/// # }
/// ```
///
/// The rule is checked with the limits of the operation, by [`Operation::check`](crate::Operation::check). What a rule
/// calls [`secret`](crate::param::Rule::secret) is hidden by `Debug`. All are wiped from memory when they are dropped.
#[macro_export]
macro_rules! text {
    ($(#[$doc:meta])* $vis:vis struct $name:ident: $rule:expr;) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        $vis struct $name($crate::declare::Zeroizing<::std::string::String>);

        impl $name {
            const RULE: $crate::param::Rule = $rule;

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                if Self::RULE.secret {
                    f.write_str(::core::concat!(::core::stringify!($name), "(..)"))
                } else {
                    f.debug_tuple(::core::stringify!($name)).field(&self.as_str()).finish()
                }
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                Self($crate::declare::Zeroizing::new(text))
            }
        }

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                ::std::string::String::from(text).into()
            }
        }

        impl $crate::param::IntoParam<$name> for ::std::string::String {
            fn into_param(self) -> $name {
                self.into()
            }
        }

        impl $crate::param::IntoParam<$name> for &str {
            fn into_param(self) -> $name {
                self.into()
            }
        }

        impl $crate::param::IntoParam<$name> for &::std::string::String {
            fn into_param(self) -> $name {
                self.as_str().into()
            }
        }

        impl $crate::param::Param for $name {
            const KIND: $crate::param::Kind = $crate::param::Kind::Rule(&Self::RULE);

            fn value(&self) -> $crate::param::Value<'_> {
                $crate::param::Value::Text(&self.0)
            }

            fn from_value(value: $crate::param::Value<'_>) -> ::core::option::Option<Self> {
                match value {
                    $crate::param::Value::Text(text) => ::core::option::Option::Some(text.into()),
                    _ => ::core::option::Option::None,
                }
            }
        }

        $crate::__wire_type!($name, ::std::string::String);
    };
}

/// A value that goes both ways: into requests and out of answers.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_type {
    ($name:ident, $wire:ty) => {
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

        impl<'de> $crate::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                <$wire as $crate::serde::Deserialize>::deserialize($crate::wire::Lenient(deserializer)).map(Self::from)
            }
        }
    };
}
