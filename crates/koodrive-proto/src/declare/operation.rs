//! The macros `operation!` and `object!`.

/// Declares an operation.
///
/// ```
/// use koodrive_proto::ops::spaces::{Space, SpaceType};
/// use koodrive_proto::{Operation, operation};
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
///         /// An argument of `new`.
///         kind: SpaceType [0..=1] = "type",
///         {
///             /// Required as well, and sent as `false` unless it is set.
///             hidden: bool | false,
///         };
///         /// Optional. Without it, the service takes 10 GB.
///         size: u64 [1..=1024, "GB"] | 10,
///         /// Only one of the manuals lists this one.
///         remark: String [0..=255] => Enterprise,
///     }
/// }
///
/// let op = UpdateExample::new("1289173650183882753", SpaceType::Individual).size(2000);
/// assert_eq!(op.check().unwrap_err().to_string(), "size: got 2000, allowed: 1 to 1024 GB");
/// ```
///
/// - The first line has the method, the path, the name, and the type of the answer: `-> T as data` is what is under
///   `data`, `-> T` is everything beside `code` and `msg`, `-> ()` is nothing. If the manual's name differs, it follows
///   the name: `Name = "ManualName"`.
/// - The second line has [`Auth`](crate::schema::Auth), [`Safety`](crate::schema::Safety), then each manual with how
///   much of it was read.
/// - The sections are `path`, `query`, `header` and `body`. In each, the required parameters come first: the arguments
///   of `new`, then in braces those that only have a setter. `new` takes four arguments at most, and no two flags side
///   by side. If a parameter in braces has a default, it is sent with it unless set; otherwise the call is refused with
///   its name if it is missing. The optional parameters follow after a semicolon, so a section that has only these
///   begins with `{;`.
/// - Each parameter is `name: Type`, followed where it applies and in this order by the limit `[smallest..=largest]`,
///   with the unit of a number, or some of the listed values `[1 | 2 | 4]`; by `| default`; by `= "wireName"`; and by
///   `=> Edition` if only one manual lists it, or `=> Edition requires` if one requires it and the others don't.
/// - For an object, `["member": limit; ..]` limits its members for this operation alone; for a list of objects, it is
///   `[limit; "member": limit; ..]`.
/// - Fixed values come first: `"wireName" = value,`. The value `agent` is the name that
///   [`Api::agent_name`](crate::Api::agent_name) sets; after the semicolon it is sent only if it is set.
/// - `&& function` at the end names a `fn(&Self) -> Result<(), InvalidParam>`, for rules between parameters.
///
/// Mistakes don't compile, and the compiler names them: a path whose placeholders and path parameters differ, a name
/// that appears twice in one place, a path parameter that is optional or a list, a limit on something that has no
/// measure, a fifth argument.
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
                $crate::schema::Auth::$auth,
                $crate::schema::Safety::$safety,
            )
            .envelope($crate::__envelope!($($data)?))
            .params(<Self as $crate::check::FromParams>::FIELDS)
            .rules(!::core::stringify!($($rule)?).is_empty())
            .editions(&[$(($crate::schema::Edition::$edition, $crate::schema::Facts::$facts)),*])
            .manual_names($crate::__manual!($name $($($manual)+)?));

            fn check(&self) -> ::core::result::Result<(), $crate::InvalidParam> {
                $crate::check::params(self)?;
                $($rule(self)?;)?
                ::core::result::Result::Ok(())
            }

            fn path_and_query(&self, out: &mut ::std::string::String) {
                $crate::operation::path_and_query(Self::META, self, out);
            }

            fn headers(&self, out: &mut $crate::http::HeaderMap) -> ::core::result::Result<(), $crate::Error> {
                $crate::operation::headers(Self::META, self, out)
            }

            fn body(&self) -> ::core::result::Result<::core::option::Option<$crate::bytes::Bytes>, $crate::Error> {
                $crate::operation::body(Self::META, self)
            }

            fn read(content: &$crate::operation::Content<'_>) -> ::core::result::Result<$output, $crate::Error> {
                #[allow(unused_imports)]
                use $crate::declare::BySerde;
                $crate::declare::Reading::<$output>::read(content)
            }
        }

        // Evaluated even if nobody calls the operation, so that a wrong declaration never compiles.
        const _: &$crate::Meta = <$name as $crate::Operation>::META;
    };
}

/// Declares an object inside the body of an operation, with the grammar of a section of
/// [`operation!`](crate::operation!).
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
            const KIND: $crate::schema::Kind = $crate::schema::Kind::Object(<Self as $crate::check::FromParams>::FIELDS);

            fn value(&self) -> $crate::schema::Value<'_> {
                $crate::schema::Value::Object(self)
            }

            fn from_value(value: $crate::schema::Value<'_>) -> ::core::option::Option<Self> {
                match value {
                    $crate::schema::Value::Object(params) => <Self as $crate::check::FromParams>::take(params),
                    _ => ::core::option::Option::None,
                }
            }
        }

        impl $crate::param::IntoParam<Self> for $name {
            fn into_param(self) -> Self {
                self
            }
        }

        const _: &[$crate::schema::Field] = <$name as $crate::check::FromParams>::FIELDS;
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __envelope {
    () => {
        $crate::schema::Envelope::Whole
    };
    (data) => {
        $crate::schema::Envelope::Data
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
