//! The macro `answer!`, which declares what comes back.

/// Declares what an answer contains: a plain struct, each of whose members may be missing.
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
/// Members have camel-case names on the wire, unless `= "wireName"` says otherwise. If the manual has two names, both
/// are read (`= "taskList" | "taskListDtos"`), and the first is written. Unknown members are ignored, missing members
/// have their default value, and members with their default value aren't written. A member is an `Option` for one
/// value, a `Vec` for a list, or a `BTreeMap<String, _>`. [`Cursor`](crate::wire::Cursor) says which values count as
/// nothing, and what fits.
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
            /// The wire names, in a place where they can't clash with a variable of the same name.
            struct __Names;

            #[allow(non_upper_case_globals)]
            impl __Names {
                $(const $field: &'static str = $crate::__member!($field $($wire)?);)*
            }

            const _: () = $crate::declare::names(&[$(__Names::$field $($(, $also)*)?),*]);

            impl $crate::wire::Members for $name {
                fn member(&mut self, name: &str, cursor: $crate::wire::Cursor<'_>) {
                    match name {
                        $(__Names::$field $($(| $also)*)? => $crate::wire::Member::fill(&mut self.$field, cursor),)*
                        _ => {}
                    }
                }
            }

            impl $crate::serde::Serialize for $name {
                fn serialize<S: $crate::serde::Serializer>(
                    &self,
                    serializer: S,
                ) -> ::core::result::Result<S::Ok, S::Error> {
                    let written = [$($crate::declare::is_written(&self.$field)),*];
                    let mut write = $crate::declare::Write::new(serializer, ::core::stringify!($name), &written);
                    $(write.member(__Names::$field, &self.$field);)*
                    write.end()
                }
            }
        };

        $crate::__deserialize!($name);
    };
}

/// Gives the wire name of a member.
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
