//! Texts: plain ones, and the macro `text!` for those with a rule beyond their length.

use crate::param::{IntoParam, Param, has_emoji};
use crate::schema::{Kind, Rule, Value};

/// Declares a newtype for a text with a rule beyond its length.
///
/// ```
/// use koodrive_proto::schema::Rule;
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
/// [`Operation::check`](crate::Operation::check) checks the rule together with the limits of the operation. If the rule
/// is [`secret`](crate::schema::Rule::secret), `Debug` hides the text. All these texts are wiped from memory when they
/// are dropped.
#[macro_export]
macro_rules! text {
    ($(#[$doc:meta])* $vis:vis struct $name:ident: $rule:expr;) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        $vis struct $name($crate::param::Zeroizing<::std::string::String>);

        impl $name {
            const RULE: $crate::schema::Rule = $rule;

            /// Returns the text.
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
                Self($crate::param::Zeroizing::new(text))
            }
        }

        $crate::__text_type!($name: $crate::schema::Kind::Rule(&Self::RULE));
    };
}

/// Implements `Param` for a type whose value is a text, of whatever kind.
#[doc(hidden)]
#[macro_export]
macro_rules! __text_param {
    ($name:ident: $kind:expr) => {
        impl $crate::param::Param for $name {
            const KIND: $crate::schema::Kind = $kind;

            fn value(&self) -> $crate::schema::Value<'_> {
                $crate::schema::Value::Text(self.as_str())
            }

            fn from_value(value: $crate::schema::Value<'_>) -> ::core::option::Option<Self> {
                match value {
                    $crate::schema::Value::Text(text) => {
                        ::core::option::Option::Some(::core::convert::Into::into(text))
                    }
                    _ => ::core::option::Option::None,
                }
            }
        }
    };
}

/// Implements what every newtype of a text has, whatever its content.
#[doc(hidden)]
#[macro_export]
macro_rules! __text_type {
    ($name:ident: $kind:expr) => {
        impl ::core::convert::From<&str> for $name {
            fn from(text: &str) -> Self {
                <Self as ::core::convert::From<::std::string::String>>::from(::core::convert::From::from(text))
            }
        }

        impl $crate::param::IntoParam<$name> for ::std::string::String {
            fn into_param(self) -> $name {
                ::core::convert::Into::into(self)
            }
        }

        impl $crate::param::IntoParam<$name> for &str {
            fn into_param(self) -> $name {
                ::core::convert::Into::into(self)
            }
        }

        impl $crate::param::IntoParam<$name> for &::std::string::String {
            fn into_param(self) -> $name {
                ::core::convert::Into::into(self.as_str())
            }
        }

        impl $crate::param::IntoParam<$name> for &$name {
            fn into_param(self) -> $name {
                ::core::clone::Clone::clone(self)
            }
        }

        $crate::__text_param!($name: $kind);

        impl $crate::wire::Readable for $name {
            fn read(cursor: $crate::wire::Cursor<'_>) -> ::core::option::Option<Self> {
                <::std::string::String as $crate::wire::Readable>::read(cursor)
                    .map(<Self as ::core::convert::From<::std::string::String>>::from)
            }
        }

        $crate::__both_ways!($name);
    };
}

impl Param for String {
    const KIND: Kind = Kind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }

    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text.to_owned()),
            _ => None,
        }
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

/// Becomes a list of one.
impl<T> IntoParam<Vec<T>> for &str
where
    Self: IntoParam<T>,
{
    fn into_param(self) -> Vec<T> {
        vec![self.into_param()]
    }
}

/// Becomes a list of one.
impl<T> IntoParam<Vec<T>> for String
where
    Self: IntoParam<T>,
{
    fn into_param(self) -> Vec<T> {
        vec![self.into_param()]
    }
}

impl IntoParam<String> for &String {
    fn into_param(self) -> String {
        self.clone()
    }
}

text! {
    /// A password, a code, a token or a presigned link, in a request or in an answer.
    ///
    /// `Debug` doesn't show it, and it is wiped from memory when it is dropped. What [`as_str`](Self::as_str) or
    /// serialization gives you is yours to protect.
    ///
    /// ```
    /// use koodrive_proto::Secret;
    ///
    /// let password = Secret::from("123qweASD143");
    /// assert_eq!(format!("{password:?}"), "Secret(..)");
    /// assert_eq!(password.as_str(), "123qweASD143");
    /// ```
    pub struct Secret: Rule::new("any text", "secret", |_| Ok(())).secret();
}

text! {
    /// The name of a file or folder: none of `< > | : " * ? /`, and neither `.` nor `..`.
    ///
    /// The backslash is allowed here: of the manual's pages that list the forbidden characters, only RenameFile's
    /// includes it.
    pub struct FileName: Rule::new("not empty, not `.` or `..`, none of < > | : \" * ? /", "report.docx", file_name);
}

/// The rule of [`FileName`], which other names add to.
pub(crate) fn file_name(name: &str) -> Result<(), &'static str> {
    match name {
        "" => Err("an empty text"),
        "." | ".." => Err("`.` or `..`"),
        _ if name.contains(['<', '>', '|', ':', '"', '*', '?', '/']) => Err("a text with one of < > | : \" * ? /"),
        _ => Ok(()),
    }
}

text! {
    /// The name of a shared folder: a [`FileName`] without emoji, line ends, backspaces and tabs.
    ///
    /// [`has_emoji`] defines what counts as an emoji.
    pub struct SharedFolderName: Rule::new(
        "not empty, not `.` or `..`, none of < > | : * ? \" /, no emoji, line end, backspace or tab",
        "Family photos",
        |name| {
            if name.contains(['\n', '\r', '\u{8}', '\t']) {
                Err("a text with a line end, backspace or tab")
            } else if has_emoji(name) {
                Err("a text with an emoji")
            } else {
                file_name(name)
            }
        },
    );
}

text! {
    /// The access code of a share: ASCII letters and digits. It is hidden everywhere, like a password.
    pub struct ExtractCode: Rule::new("ASCII letters and digits", "a1B2c3D4", |code| {
        if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(())
        } else {
            Err("a text with another character")
        }
    })
    .secret();
}
