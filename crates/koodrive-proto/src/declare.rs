//! The declaration language: [`operation!`](crate::operation!) for calls, [`choices!`](crate::choices!) for listed values.
//!
//! A declaration is turned into a struct, its `new` and setters, its [`Meta`](crate::Meta) and one walk over the
//! parameters that are set. Everything else is plain functions over that walk.

/// Declares an operation.
///
/// ```
/// use koodrive_proto::ops::spaces::{Space, SpaceType};
/// use koodrive_proto::operation;
///
/// operation! {
///     /// `PUT /koodrive/ose/v1/example/{ownerId}`: what it does.
///     PUT "/koodrive/ose/v1/example/{ownerId}" UpdateExample -> Space as data;
///     AppOrToken, Idempotent, Carrier Full, Enterprise Partial;
///     path {
///         /// Whose it is.
///         owner_id: String = "ownerId",
///     }
///     body {
///         /// Required ones stand before the semicolon.
///         kind: SpaceType [0..=1] = "type";
///         /// Optional ones after it. In GB, 1 to 1024.
///         size: u64 [1..=1024, "GB"],
///         /// Only one of the manuals lists this one.
///         remark: String [0..=255] => Enterprise,
///     }
/// }
///
/// let op = UpdateExample::new("1289173650183882753", SpaceType::Individual).size(10);
/// # let _ = op;
/// ```
///
/// - First line: method, path, name, and the type of the answer: `-> T as data` is what stands under `data`, `-> T` is
///   everything beside `code` and `msg`, `-> ()` is nothing. Where the manual's name differs, it stands behind the name:
///   `Name = "ManualName"`.
/// - Second line: [`Auth`](crate::Auth), [`Safety`](crate::Safety), then each manual with how much of it was read.
/// - Sections `path`, `query` and `body`: required parameters, then a semicolon and the optional ones, so that a section
///   of optional ones begins with `{;`. Each is `name: Type`, then the limit `[smallest..=largest]` with the unit of a number,
///   then `= "wireName"` where it differs, then `=> Edition` if only one manual lists it.
///
/// What can't be right doesn't compile: a template whose placeholders are not just the path parameters, a name that stands
/// twice in one place, a path parameter that is optional or a list, a limit on what has no measure.
///
/// ```compile_fail,E0080
/// koodrive_proto::operation! {
///     /// Braces hold wire names: this should be {ownerId}.
///     GET "/koodrive/ose/v1/example/{owner}" GetExample -> ();
///     AppOrToken, ReadOnly, Carrier Full;
///     path {
///         /// Whose it is.
///         owner_id: String = "ownerId",
///     }
/// }
/// ```
#[macro_export]
macro_rules! operation {
    (
        $(#[$doc:meta])*
        $method:ident $path:literal $name:ident $(= $($manual:literal)|+)? -> $output:ty $(as $data:ident)?;
        $auth:ident, $safety:ident $(, $edition:ident $facts:ident)*;
        $($place:ident {
            $($(#[$rdoc:meta])* $rname:ident : $rty:ty $([$rmin:literal ..= $rmax:literal $(, $runit:literal)?])?
                $(= $rwire:literal)? $(=> $ronly:ident)?),* $(,)?
            $(; $($(#[$odoc:meta])* $oname:ident : $oty:ty $([$omin:literal ..= $omax:literal $(, $ounit:literal)?])?
                $(= $owire:literal)? $(=> $oonly:ident)?),* $(,)?)?
        })*
    ) => {
        $(#[$doc])*
        $($(#[doc(alias = $manual)])+)?
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $($($(#[$rdoc])* pub $rname: $rty,)*)*
            $($($($(#[$odoc])* pub $oname: ::core::option::Option<$oty>,)*)?)*
        }

        #[allow(clippy::new_without_default, clippy::too_many_arguments)]
        impl $name {
            /// With the required parameters; the optional ones have setters.
            pub fn new($($($rname: impl $crate::param::IntoParam<$rty>,)*)*) -> Self {
                Self {
                    $($($rname: $crate::param::IntoParam::into_param($rname),)*)*
                    $($($($oname: ::core::option::Option::None,)*)?)*
                }
            }

            $($($(
                $(#[$odoc])*
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
                let mut fields = <Self as $crate::Operation>::META.params.iter();
                $($(
                    if let ::core::option::Option::Some(field) = fields.next() {
                        visit(field, $crate::param::Param::value(&self.$rname));
                    }
                )*)*
                $($($(
                    if let (::core::option::Option::Some(field), ::core::option::Option::Some(value)) =
                        (fields.next(), &self.$oname)
                    {
                        visit(field, $crate::param::Param::value(value));
                    }
                )*)?)*
            }
        }

        impl $crate::Operation for $name {
            type Output = $output;

            const META: &'static $crate::Meta = &$crate::Meta::new(
                ::core::stringify!($name),
                $crate::declare::last_segment(::core::module_path!()),
                $crate::http::Method::$method,
                $path,
                $crate::Auth::$auth,
                $crate::Safety::$safety,
            )
            .answer($crate::__answer!($($data)?))
            .params(&[
                $($($crate::Field::new(
                    $crate::__wire!($rname $($rwire)?),
                    $crate::__place!($place),
                    true,
                    <$rty as $crate::param::Param>::KIND,
                )
                $(.limit($rmin, $rmax, ::core::concat!($($runit)?)))?
                $(.only($crate::Edition::$ronly))?,)*)*
                $($($($crate::Field::new(
                    $crate::__wire!($oname $($owire)?),
                    $crate::__place!($place),
                    false,
                    <$oty as $crate::param::Param>::KIND,
                )
                $(.limit($omin, $omax, ::core::concat!($($ounit)?)))?
                $(.only($crate::Edition::$oonly))?,)*)?)*
            ])
            .editions(&[$(($crate::Edition::$edition, $crate::Facts::$facts)),*])
            .manual_names($crate::__manual!($name $($($manual)+)?));

            fn check(&self) -> ::core::result::Result<(), $crate::InvalidParam> {
                $crate::declare::check(self)
            }

            fn path_and_query(&self, out: &mut ::std::string::String) {
                $crate::param::path_and_query(Self::META, self, out);
            }

            fn headers(&self, _: &mut $crate::http::HeaderMap) -> ::core::result::Result<(), $crate::Error> {
                ::core::result::Result::Ok(())
            }

            fn body(&self) -> ::core::result::Result<::core::option::Option<$crate::bytes::Bytes>, $crate::Error> {
                $crate::param::body(Self::META, self)
            }
        }

        // Evaluated even if nobody calls the operation, so that a wrong declaration never compiles.
        const _: &$crate::Meta = <$name as $crate::Operation>::META;
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
        }

        impl $crate::param::IntoParam<$crate::Quoted<Self>> for $name {
            fn into_param(self) -> $crate::Quoted<Self> {
                $crate::Quoted(self)
            }
        }

        $crate::__choices_serde!($name, i64);
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
        }

        $crate::__choices_serde!($name, ::std::string::String);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __choices_serde {
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

#[doc(hidden)]
#[macro_export]
macro_rules! __place {
    (path) => {
        $crate::Place::Path
    };
    (query) => {
        $crate::Place::Query
    };
    (body) => {
        $crate::Place::Body
    };
    ($other:ident) => {
        ::core::compile_error!(::core::concat!("`", ::core::stringify!($other), "` is no section: path, query or body"))
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

/// ```compile_fail,E0080
/// koodrive_proto::operation! {
///     /// A path parameter is required.
///     GET "/a/{id}" Optional -> (); AppOrToken, ReadOnly;
///     path {; /** Id. */ id: String }
/// }
/// ```
/// ```compile_fail,E0080
/// koodrive_proto::operation! {
///     /// A path parameter is one segment.
///     GET "/a/{id}" List -> (); AppOrToken, ReadOnly;
///     path { /** Id. */ id: Vec<String> }
/// }
/// ```
/// ```compile_fail,E0080
/// koodrive_proto::operation! {
///     /// The path names each parameter once.
///     GET "/a/{id}/{id}" Twice -> (); AppOrToken, ReadOnly;
///     path { /** Id. */ id: String }
/// }
/// ```
/// ```compile_fail,E0080
/// koodrive_proto::operation! {
///     /// The path names every parameter.
///     GET "/a/{id}" Unnamed -> (); AppOrToken, ReadOnly;
///     path { /** Id. */ id: String, /** Other. */ other: String }
/// }
/// ```
/// ```compile_fail,E0080
/// koodrive_proto::operation! {
///     /// A query is declared, not written into the path.
///     GET "/a/{id}?b=1" Query -> (); AppOrToken, ReadOnly;
///     path { /** Id. */ id: String }
/// }
/// ```
/// ```compile_fail,E0080
/// koodrive_proto::operation! {
///     /// Two parameters of one place need two names.
///     GET "/a" Names -> (); AppOrToken, ReadOnly;
///     query { /** A. */ a: String = "x"; /** B. */ b: String = "x" }
/// }
/// ```
/// ```compile_fail,E0080
/// koodrive_proto::operation! {
///     /// A flag has no measure.
///     GET "/a" Flag -> (); AppOrToken, ReadOnly;
///     query { /** A. */ a: bool [0..=1] }
/// }
/// ```
/// ```compile_fail,E0080
/// koodrive_proto::operation! {
///     /// Nothing is within this limit.
///     GET "/a" Empty -> (); AppOrToken, ReadOnly;
///     query { /** A. */ a: u32 [2..=1] }
/// }
/// ```
/// And without the mistakes:
/// ```
/// koodrive_proto::operation! {
///     /// Of each the right form.
///     GET "/a/{id}" Right -> (); AppOrToken, ReadOnly;
///     path { /** Id. */ id: String }
///     query { /** A. */ a: bool; /** B. */ b: u32 [1..=2] }
/// }
/// ```
#[cfg(doctest)]
pub struct Mistakes;

/// What [`operation!`](crate::operation!) calls.
#[doc(hidden)]
pub fn check(params: &dyn crate::Params) -> Result<(), crate::InvalidParam> {
    crate::check::params(params)
}

/// The name of a field on the wire: `r#type` is `type`.
#[doc(hidden)]
pub const fn wire_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', rest @ ..] => match core::str::from_utf8(rest) {
            Ok(rest) => rest,
            Err(_) => name,
        },
        _ => name,
    }
}

/// The last part of a module's path.
#[doc(hidden)]
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "at starts at the length and only falls")]
pub const fn last_segment(path: &'static str) -> &'static str {
    let bytes = path.as_bytes();
    let mut at = bytes.len();
    while at > 0 && bytes[at - 1] != b':' {
        at -= 1;
    }
    match core::str::from_utf8(bytes.split_at(at).1) {
        Ok(segment) => segment,
        Err(_) => path,
    }
}
