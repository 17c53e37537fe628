//! The declaration language: [`operation!`](crate::operation!) for calls, [`object!`](crate::object!) for the objects inside
//! their bodies, [`choices!`](crate::choices!) for listed values, [`text!`](crate::text!) for texts with a rule.
//!
//! A declaration is turned into a struct, its `new` and setters, its table and one walk over the parameters that are set.
//! Everything else is plain functions over that walk.

/// Declares an operation.
///
/// ```
/// use koodrive_proto::ops::spaces::{Space, SpaceType};
/// use koodrive_proto::operation;
///
/// operation! {
///     /// What it does. The docs begin with method and path of their own.
///     PUT "/koodrive/ose/v1/example/{ownerId}" UpdateExample -> Space as data;
///     AppOrToken, Idempotent, Carrier Full, Enterprise Partial;
///     path {
///         /// Whose it is.
///         owner_id: String = "ownerId",
///     }
///     body {
///         "mode" = "simple",
///         /// Required ones stand before the semicolon.
///         kind: SpaceType [0..=1] = "type";
///         /// Optional ones after it.
///         size: u64 [1..=1024, "GB"] | 10,
///         /// Only one of the manuals lists this one.
///         remark: String [0..=255] => Enterprise,
///     }
/// }
///
/// let op = UpdateExample::new("1289173650183882753", SpaceType::Individual).size(20);
/// # let _ = op;
/// ```
///
/// - First line: method, path, name, and the type of the answer: `-> T as data` is what stands under `data`, `-> T` is
///   everything beside `code` and `msg`, `-> ()` is nothing. Where the manual's name differs, it stands behind the name:
///   `Name = "ManualName"`.
/// - Second line: [`Auth`](crate::Auth), [`Safety`](crate::Safety), then each manual with how much of it was read.
/// - Sections `path`, `query`, `header` and `body`: required parameters, then a semicolon and the optional ones, so that a
///   section of optional ones begins with `{;`. Each is `name: Type`, and behind it, where it applies and in this order,
///   the limit `[smallest..=largest]` with the unit of a number, `| default`, `= "wireName"`, and `=> Edition` if only one
///   manual lists it.
/// - Fixed values come first: `"wireName" = value,`. The value `agent` is the name that
///   [`Api::agent_name`](crate::Api::agent_name) sets; behind the semicolon it is sent only if it is set.
/// - `&& function` at the end names a `fn(&Self) -> Result<(), InvalidParam>`, for rules between parameters.
///
/// What can't be right doesn't compile: a template whose placeholders are not just the path parameters, a name that stands
/// twice in one place, a path parameter that is optional or a list, a limit on what has no measure, a default on what is
/// required.
#[macro_export]
macro_rules! operation {
    (
        $(#[$doc:meta])*
        $method:ident $path:literal $name:ident $(= $($manual:literal)|+)? -> $output:ty $(as $data:ident)?;
        $auth:ident, $safety:ident $(, $edition:ident $facts:ident)*;
        $($place:ident { $($fields:tt)* })*
        $(&& $rule:path)?
    ) => {
        $crate::__params! {
            #[doc = ::core::concat!("`", ::core::stringify!($method), " ", $path, "`:")]
            $(#[$doc])*
            #[doc = ::core::concat!(
                "\n\nCredentials: `", ::core::stringify!($auth), "`. Sent again: `", ::core::stringify!($safety), "`. Manuals:"
                $(, " `", ::core::stringify!($edition), "` (", ::core::stringify!($facts), ")")*, ".",
            )]
            $($(#[doc(alias = $manual)])+)?
            $name { $($place { $($fields)* })* }
        }

        impl $crate::Operation for $name {
            type Output = $output;

            const META: &'static $crate::Meta = &$crate::Meta::new(
                ::core::stringify!($name),
                $crate::declare::module_name(::core::module_path!()),
                $crate::http::Method::$method,
                $path,
                $crate::Auth::$auth,
                $crate::Safety::$safety,
            )
            .answer($crate::__answer!($($data)?))
            .params(<Self as $crate::FromParams>::FIELDS)
            .editions(&[$(($crate::Edition::$edition, $crate::Facts::$facts)),*])
            .manual_names($crate::__manual!($name $($($manual)+)?));

            fn check(&self) -> ::core::result::Result<(), $crate::InvalidParam> {
                $crate::declare::check(self)?;
                $($rule(self)?;)?
                ::core::result::Result::Ok(())
            }

            fn path_and_query(&self, out: &mut ::std::string::String) {
                $crate::param::path_and_query(Self::META, self, out);
            }

            fn headers(&self, out: &mut $crate::http::HeaderMap) -> ::core::result::Result<(), $crate::Error> {
                $crate::param::headers(Self::META, self, out)
            }

            fn body(&self) -> ::core::result::Result<::core::option::Option<$crate::bytes::Bytes>, $crate::Error> {
                $crate::param::body(Self::META, self)
            }
        }

        // Evaluated even if nobody calls the operation, so that a wrong declaration never compiles.
        const _: &$crate::Meta = <$name as $crate::Operation>::META;
    };
}

/// Declares an object inside the body of an operation, with the grammar of a section of [`operation!`](crate::operation!).
///
/// ```
/// use koodrive_proto::{Operation, object, operation};
///
/// object! {
///     /// A part of an example.
///     ExamplePart = "ManualName" {
///         /// Its number.
///         number: u32 [1..=100] = "partNumber";
///         /// Its size.
///         size: u64 [1..=5, "MB"],
///     }
/// }
///
/// operation! {
///     /// Cuts an example.
///     POST "/koodrive/ose/v1/example" CutExample -> ();
///     AppOrToken, Once, Enterprise Full;
///     body {
///         /// The parts.
///         parts: Vec<ExamplePart> [1..=10],
///     }
/// }
///
/// let op = CutExample::new([ExamplePart::new(1), ExamplePart::new(2).size(6)]);
/// assert_eq!(op.check().unwrap_err().to_string(), "parts[1].size: got 6, allowed: 1 to 5 MB");
/// ```
#[macro_export]
macro_rules! object {
    ($(#[$doc:meta])* $name:ident $(= $($manual:literal)|+)? { $($fields:tt)* }) => {
        $crate::__params! {
            $(#[$doc])*
            $($(#[doc(alias = $manual)])+)?
            $name { body { $($fields)* } }
        }

        impl $crate::param::Param for $name {
            const KIND: $crate::param::Kind = $crate::param::Kind::Object(<Self as $crate::FromParams>::FIELDS);

            fn value(&self) -> $crate::param::Value<'_> {
                $crate::param::Value::Object(self)
            }

            fn from_value(value: $crate::param::Value<'_>) -> ::core::option::Option<Self> {
                match value {
                    $crate::param::Value::Object(params) => <Self as $crate::FromParams>::take(params),
                    _ => ::core::option::Option::None,
                }
            }
        }

        impl $crate::param::IntoParam<Self> for $name {
            fn into_param(self) -> Self {
                self
            }
        }

        const _: &[$crate::Field] = <$name as $crate::FromParams>::FIELDS;
    };
}

/// What operations and objects share: the struct, `new`, setters, the table, and the way from and to it.
#[doc(hidden)]
#[macro_export]
macro_rules! __params {
    (
        $(#[$attribute:meta])*
        $name:ident {
            $($place:ident {
                $($fixed:literal = $fixed_value:tt $(=> $fixed_only:ident)? ,)*
                $($(#[$rdoc:meta])* $rname:ident : $rty:ty $([$rmin:literal ..= $rmax:literal $(, $runit:literal)?])?
                    $(| $rdefault:literal)? $(= $rwire:literal)? $(=> $ronly:ident)?),* $(,)?
                $(;
                    $($set:literal = $set_value:tt $(=> $set_only:ident)? ,)*
                    $($(#[$odoc:meta])* $oname:ident : $oty:ty $([$omin:literal ..= $omax:literal $(, $ounit:literal)?])?
                        $(| $odefault:literal)? $(= $owire:literal)? $(=> $oonly:ident)?),* $(,)?
                )?
            })*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($(
                $(#[$rdoc])*
                #[doc = $crate::__note!($place $rname [$($rwire)?] [$($rmin, $rmax $(, $runit)?)?] [$($rdefault)?] $($ronly)?)]
                pub $rname: $rty,
            )*)*
            $($($(
                $(#[$odoc])*
                #[doc = $crate::__note!($place $oname [$($owire)?] [$($omin, $omax $(, $ounit)?)?] [$($odefault)?] $($oonly)?)]
                pub $oname: ::core::option::Option<$oty>,
            )*)?)*
        }

        #[allow(clippy::new_without_default, clippy::too_many_arguments)]
        impl $name {
            /// With what is required. Setters take the rest, and change what is set.
            pub fn new($($($rname: impl $crate::param::IntoParam<$rty>,)*)*) -> Self {
                Self {
                    $($($rname: $crate::param::IntoParam::into_param($rname),)*)*
                    $($($($oname: ::core::option::Option::None,)*)?)*
                }
            }

            $($(
                $(#[$rdoc])*
                #[doc = $crate::__note!($place $rname [$($rwire)?] [$($rmin, $rmax $(, $runit)?)?] [$($rdefault)?] $($ronly)?)]
                #[must_use]
                pub fn $rname(mut self, $rname: impl $crate::param::IntoParam<$rty>) -> Self {
                    self.$rname = $crate::param::IntoParam::into_param($rname);
                    self
                }
            )*)*

            $($($(
                $(#[$odoc])*
                #[doc = $crate::__note!($place $oname [$($owire)?] [$($omin, $omax $(, $ounit)?)?] [$($odefault)?] $($oonly)?)]
                #[must_use]
                pub fn $oname(mut self, $oname: impl $crate::param::IntoParam<$oty>) -> Self {
                    self.$oname = ::core::option::Option::Some($crate::param::IntoParam::into_param($oname));
                    self
                }
            )*)?)*
        }

        impl $crate::Params for $name {
            #[allow(unused_variables, unused_mut, unused_assignments)]
            fn walk<'a>(&'a self, visit: &mut dyn ::core::ops::FnMut(&'static $crate::Field, $crate::param::Value<'a>)) {
                let mut fields = <Self as $crate::FromParams>::FIELDS.iter();
                $($($crate::declare::visit_fixed($fixed, fields.next(), visit);)*)*
                $($($crate::declare::visit(fields.next(), ::core::option::Option::Some(&self.$rname), visit);)*)*
                $($($($crate::declare::visit_fixed($set, fields.next(), visit);)*)?)*
                $($($($crate::declare::visit(fields.next(), self.$oname.as_ref(), visit);)*)?)*
            }
        }

        impl $crate::FromParams for $name {
            const FIELDS: &'static [$crate::Field] = $crate::Field::table(&[
                $($($crate::__fixed!($fixed $place true $fixed_value) $(.only($crate::Edition::$fixed_only))?,)*)*
                $($($crate::Field::new(
                    $crate::__wire!($rname $($rwire)?),
                    $crate::__place!($place),
                    true,
                    <$rty as $crate::param::Param>::KIND,
                )
                $(.limit($rmin, $rmax, ::core::concat!($($runit)?)))?
                $(.default($crate::declare::Literal($rdefault).wire()))?
                $(.only($crate::Edition::$ronly))?,)*)*
                $($($($crate::__fixed!($set $place false $set_value) $(.only($crate::Edition::$set_only))?,)*)?)*
                $($($($crate::Field::new(
                    $crate::__wire!($oname $($owire)?),
                    $crate::__place!($place),
                    false,
                    <$oty as $crate::param::Param>::KIND,
                )
                $(.limit($omin, $omax, ::core::concat!($($ounit)?)))?
                $(.default($crate::declare::Literal($odefault).wire()))?
                $(.only($crate::Edition::$oonly))?,)*)?)*
            ]);

            #[allow(unused_variables, unused_mut, unused_assignments)]
            fn take(params: &dyn $crate::Params) -> ::core::option::Option<Self> {
                let mut fields = <Self as $crate::FromParams>::FIELDS.iter();
                $($($crate::declare::skip_fixed($fixed, &mut fields);)*)*
                $($(let $rname = $crate::declare::take(fields.next()?, params)??;)*)*
                $($($($crate::declare::skip_fixed($set, &mut fields);)*)?)*
                $($($(let $oname = $crate::declare::take(fields.next()?, params)?;)*)?)*
                ::core::option::Option::Some(Self { $($($rname,)*)* $($($($oname,)*)?)* })
            }
        }
    };
}

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
            const KIND: $crate::param::Kind = $crate::param::Kind::Choice(&[$($crate::param::Choice {
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
            const KIND: $crate::param::Kind = $crate::param::Kind::Choice(&[$($crate::param::Choice {
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

/// A section and the place of its parameters.
#[doc(hidden)]
#[macro_export]
macro_rules! __place {
    (path) => {
        $crate::Place::Path
    };
    (query) => {
        $crate::Place::Query
    };
    (header) => {
        $crate::Place::Header
    };
    (body) => {
        $crate::Place::Body
    };
    ($other:ident) => {
        ::core::compile_error!(::core::concat!(
            "`",
            ::core::stringify!($other),
            "` is no section: path, query, header or body"
        ))
    };
}

/// A parameter that the caller doesn't give.
#[doc(hidden)]
#[macro_export]
macro_rules! __fixed {
    ($name:literal $place:ident $required:literal agent) => {
        $crate::Field::new($name, $crate::__place!($place), $required, $crate::param::Kind::AgentName)
    };
    ($name:literal $place:ident $required:literal $value:literal) => {
        $crate::Field::new(
            $name,
            $crate::__place!($place),
            $required,
            $crate::param::Kind::Fixed($crate::declare::Literal($value).wire()),
        )
    };
    ($name:literal $place:ident $required:literal $other:tt) => {
        ::core::compile_error!("a fixed value is a number, a text, true or false, or `agent`")
    };
}

/// The line that is added to the docs of a parameter.
#[doc(hidden)]
#[macro_export]
macro_rules! __note {
    (
        $place:ident $name:ident [$($wire:literal)?]
        [$($min:literal, $max:literal $(, $unit:literal)?)?] [$($default:literal)?] $($only:ident)?
    ) => {
        ::core::concat!(
            "\n\n*",
            $crate::__either!([$($wire)?] ::core::stringify!($name)),
            "* in the ",
            ::core::stringify!($place)
            $(, ", ", $min, " to ", $max $(, " ", $unit)?)?
            $(, ", by default `", $default, "`")?
            $(, ", ", ::core::stringify!($only), " manual only")?,
            ".",
        )
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __either {
    ([] $otherwise:expr) => {
        $otherwise
    };
    ([$given:literal] $otherwise:expr) => {
        $given
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __wire {
    ($name:ident) => {
        $crate::declare::wire_name(::core::stringify!($name))
    };
    ($name:ident $wire:literal) => {
        $wire
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __answer {
    () => {
        $crate::Answer::Whole
    };
    (data) => {
        $crate::Answer::Data
    };
    ($other:ident) => {
        ::core::compile_error!("an answer is `-> T as data`, `-> T` or `-> ()`")
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __manual {
    ($name:ident) => {
        &[::core::stringify!($name)]
    };
    ($name:ident $($manual:literal)+) => {
        &[$($manual),+]
    };
}

pub use zeroize::Zeroizing;

use std::slice::Iter;

use crate::operation::{Field, Params};
use crate::param::{Kind, Param, Value, Wire};

/// A literal of a declaration, whose type decides how it is sent.
#[derive(Debug)]
pub struct Literal<T>(
    /// The literal.
    pub T,
);

impl Literal<i64> {
    /// A number.
    pub const fn wire(self) -> Wire {
        Wire::Number(self.0)
    }
}

impl Literal<&'static str> {
    /// A text.
    pub const fn wire(self) -> Wire {
        Wire::Text(self.0)
    }
}

impl Literal<bool> {
    /// A flag.
    pub const fn wire(self) -> Wire {
        Wire::Bool(self.0)
    }
}

/// Visits a parameter if it is set.
pub fn visit<'a, T: Param>(
    field: Option<&'static Field>,
    param: Option<&'a T>,
    visit: &mut dyn FnMut(&'static Field, Value<'a>),
) {
    if let (Some(field), Some(param)) = (field, param) {
        visit(field, param.value());
    }
}

/// Visits a fixed value; an agent's name is the Api's to add.
pub fn visit_fixed<'a>(_: &str, field: Option<&'static Field>, visit: &mut dyn FnMut(&'static Field, Value<'a>)) {
    if let Some((field, Kind::Fixed(wire))) = field.map(|field| (field, field.kind)) {
        visit(field, wire.value());
    }
}

/// Passes a fixed value.
pub fn skip_fixed(_: &str, fields: &mut Iter<'_, Field>) {
    fields.next();
}

/// The value of a parameter: `None` if it doesn't fit, `Some(None)` if it is absent.
pub fn take<T: Param>(wanted: &Field, params: &dyn Params) -> Option<Option<T>> {
    let mut taken = Some(None);
    params.walk(&mut |field, value| {
        if field.place == wanted.place && field.name == wanted.name {
            taken = T::from_value(value).map(Some);
        }
    });
    taken
}

/// Checks the limits.
pub fn check(params: &dyn Params) -> Result<(), crate::InvalidParam> {
    crate::check::params(params)
}

/// The name of a field on the wire: `r#type` is `type`.
pub const fn wire_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', rest @ ..] => match core::str::from_utf8(rest) {
            Ok(rest) => rest,
            Err(_) => name,
        },
        _ => name,
    }
}

/// The module of an operation: the segment behind `ops`, also where the module is a folder, or the last one.
pub const fn module_name(path: &'static str) -> &'static str {
    let mut rest = path.as_bytes();
    let mut last = rest;
    while let [_, after @ ..] = rest {
        if let [b':', b':', name @ ..] = rest {
            last = name;
        }
        if let [b':', b':', b'o', b'p', b's', b':', b':', name @ ..] = rest {
            return text(until_colon(name), path);
        }
        rest = after;
    }
    text(last, path)
}

#[expect(clippy::arithmetic_side_effects, reason = "at is below the length")]
const fn until_colon(name: &[u8]) -> &[u8] {
    let mut at = 0;
    let mut rest = name;
    while let [byte, after @ ..] = rest {
        if *byte == b':' {
            break;
        }
        at += 1;
        rest = after;
    }
    name.split_at(at).0
}

const fn text<'a>(bytes: &'a [u8], otherwise: &'a str) -> &'a str {
    match core::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => otherwise,
    }
}
