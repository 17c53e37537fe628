//! `choices!` and `text!`: types of parameters that go both ways, into requests and out of answers. `answer!`: what
//! only comes out of them.

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

        impl $crate::wire::Readable for $name {
            fn read(cursor: $crate::wire::Cursor<'_>) -> ::core::option::Option<Self> {
                <i64 as $crate::wire::Readable>::read(cursor).map(Self::from)
            }
        }

        $crate::__wire_type!($name);

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

        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($value => Self::$variant,)+
                    other => Self::Other(::core::convert::From::from(other)),
                }
            }
        }

        impl ::core::convert::From<::std::string::String> for $name {
            fn from(text: ::std::string::String) -> Self {
                text.as_str().into()
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
                match value {
                    $crate::param::Value::Text(text) => ::core::option::Option::Some(text.into()),
                    _ => ::core::option::Option::None,
                }
            }
        }

        impl $crate::wire::Readable for $name {
            fn read(cursor: $crate::wire::Cursor<'_>) -> ::core::option::Option<Self> {
                cursor.listed().map(|text| Self::from(&*text))
            }
        }

        $crate::__wire_type!($name);

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
/// Members are named in camel case unless `= "wireName"` says otherwise; where the manual has two names, both are read
/// (`= "taskList" | "taskListDtos"`) and the first is written. Unknown members are ignored, missing ones are their
/// default, and what is the default is not written. A member is an `Option` for one value, a `Vec` for a list, or a
/// `BTreeMap<String, _>`; what is nothing, and what doesn't fit, [`Cursor`](crate::wire::Cursor) says.
#[macro_export]
macro_rules! answer {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$fdoc:meta])* $field:ident : $ty:ty $(= $wire:literal $(| $also:literal)*)?),* $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Default)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$fdoc])*
                pub $field: $ty,
            )*
        }

        const _: () = {
            /// The wire names, where they can't meet a variable of the same name.
            struct __Wire;

            #[allow(non_upper_case_globals)]
            impl __Wire {
                $(const $field: &'static str = $crate::__member!($field $($wire)?);)*
            }

            const _: () = $crate::declare::names(&[$(__Wire::$field $($(, $also)*)?),*]);

            impl $crate::wire::Members for $name {
                fn member(&mut self, name: &str, cursor: $crate::wire::Cursor<'_>) {
                    match name {
                        $(__Wire::$field $($(| $also)*)? => $crate::wire::Member::fill(&mut self.$field, cursor),)*
                        _ => {}
                    }
                }
            }

            impl $crate::serde::Serialize for $name {
                fn serialize<S: $crate::serde::Serializer>(
                    &self,
                    serializer: S,
                ) -> ::core::result::Result<S::Ok, S::Error> {
                    let members = 0 $(+ usize::from(!$crate::declare::is_default(&self.$field)))*;
                    let mut object = $crate::serde::Serializer::serialize_struct(
                        serializer,
                        ::core::stringify!($name),
                        members,
                    )?;
                    $(if !$crate::declare::is_default(&self.$field) {
                        $crate::serde::ser::SerializeStruct::serialize_field(&mut object, __Wire::$field, &self.$field)?;
                    })*
                    $crate::serde::ser::SerializeStruct::end(object)
                }
            }
        };

        $crate::__deserialize!($name);
    };
}

/// The wire name of a member.
#[doc(hidden)]
#[macro_export]
macro_rules! __member {
    ($field:ident) => {{
        const NAME: $crate::declare::Camel = $crate::declare::Camel::of(::core::stringify!($field));
        NAME.as_str()
    }};
    ($field:ident $wire:literal) => {
        $wire
    };
}

/// Read by serde, it is what it is in an answer.
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

        impl $crate::wire::Readable for $name {
            fn read(cursor: $crate::wire::Cursor<'_>) -> ::core::option::Option<Self> {
                <::std::string::String as $crate::wire::Readable>::read(cursor).map(Self::from)
            }
        }

        $crate::__wire_type!($name);
    };
}

/// A value that goes both ways: into requests and out of answers.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_type {
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
