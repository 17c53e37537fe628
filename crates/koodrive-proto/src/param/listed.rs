//! The macro `choices!`, for parameters and members of answers with a few listed values.

/// Declares an enum for a parameter, or a member of an answer, that has a few listed values, sent as numbers or as
/// texts.
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
/// With `: text` the values are texts, and `Other` holds a `String`. [`Operation::check`](crate::Operation::check)
/// refuses values that aren't listed.
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
            /// Returns the number on the wire.
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
            const KIND: $crate::schema::Kind = $crate::schema::Kind::choices(&[$($crate::schema::Choice {
                name: ::core::stringify!($variant),
                value: $crate::schema::Constant::Number($value),
            }),+]);

            fn value(&self) -> $crate::schema::Value<'_> {
                $crate::schema::Value::Number(::core::convert::From::from(self.number()))
            }

            fn from_value(value: $crate::schema::Value<'_>) -> ::core::option::Option<Self> {
                <i64 as $crate::param::Param>::from_value(value).map(<Self as ::core::convert::From<i64>>::from)
            }
        }

        impl $crate::param::IntoParam<$crate::param::Quoted<Self>> for $name {
            fn into_param(self) -> $crate::param::Quoted<Self> {
                $crate::param::Quoted(self)
            }
        }

        impl $crate::wire::Readable for $name {
            fn read(cursor: $crate::wire::Cursor<'_>) -> ::core::option::Option<Self> {
                <i64 as $crate::wire::Readable>::read(cursor).map(<Self as ::core::convert::From<i64>>::from)
            }
        }

        $crate::__both_ways!($name);

        const _: $crate::schema::Kind = <$name as $crate::param::Param>::KIND;
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
            /// Returns the text on the wire.
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
                ::core::convert::Into::into(text.as_str())
            }
        }

        $crate::__text_param!($name: $crate::schema::Kind::choices(&[$($crate::schema::Choice {
            name: ::core::stringify!($variant),
            value: $crate::schema::Constant::Text($value),
        }),+]));

        impl $crate::wire::Readable for $name {
            fn read(cursor: $crate::wire::Cursor<'_>) -> ::core::option::Option<Self> {
                cursor.listed().map(|text| <Self as ::core::convert::From<&str>>::from(&*text))
            }
        }

        $crate::__both_ways!($name);

        const _: $crate::schema::Kind = <$name as $crate::param::Param>::KIND;
    };
}
