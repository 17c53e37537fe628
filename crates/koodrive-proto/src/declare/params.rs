//! What `operation!` and `object!` share: the struct, `new`, setters, the table, and the conversions from and to it.
//!
//! There are two macros. `__params!` knows how sections are written, and puts the parameters into three lists;
//! `__struct!` knows only these lists, so that each part of the code is written once. Three facts explain how they
//! look:
//!
//! - After a type, macros may have only certain tokens: `[`, `|`, `=`, `=>`, `,`, `;`, `:`, `>`, `{`, `as` and `where`.
//!   So a limit has brackets, a default a bar, and a wire name an equals sign. They come in a fixed order, since a
//!   macro can't try several.
//! - The table, `walk` and `take` correspond by position: all three are generated from the same lists in the same
//!   order, so the first field of the table is what `walk` visits first. No name is looked up.
//! - A repetition has to name something that repeats. That is why `fixed` takes the name of a fixed value and ignores
//!   it.

/// Sorts the parameters of all sections into three lists: fixed values, arguments of `new`, and all others.
#[doc(hidden)]
#[macro_export]
macro_rules! __params {
    (
        $(#[$attribute:meta])*
        $name:ident {
            $($place:ident {
                $($fixed:literal = $fixed_value:tt $(=> $fixed_only:ident)? ,)*
                $($(#[$adoc:meta])* $argument:ident : $aty:ty $([$($alimit:tt)+])?
                    $(| $adefault:literal)? $(= $awire:literal)? $(=> $aonly:ident $($arequires:ident)?)?),* $(,)?
                $({
                    $($(#[$ndoc:meta])* $named:ident : $nty:ty $([$($nlimit:tt)+])?
                        $(| $ndefault:literal)? $(= $nwire:literal)? $(=> $nonly:ident $($nrequires:ident)?)?),* $(,)?
                })?
                $(;
                    $($set:literal = $set_value:tt $(=> $set_only:ident)? ,)*
                    $($(#[$odoc:meta])* $optional:ident : $oty:ty $([$($olimit:tt)+])?
                        $(| $odefault:literal)? $(= $owire:literal)? $(=> $oonly:ident $($orequires:ident)?)?),* $(,)?
                )?
            })*
        }
    ) => {
        $crate::__struct! {
            $(#[$attribute])*
            $name
            fixed {
                $($($fixed $place required $fixed_value [$($fixed_only)?];)*)*
                $($($($set $place optional $set_value [$($set_only)?];)*)?)*
            }
            arguments {
                $($(
                    $(#[$adoc])*
                    $argument: $aty, $place required [$($($alimit)+)?] [$($adefault)?] [$($awire)?] [$($aonly $($arequires)?)?];
                )*)*
            }
            others {
                $($($(
                    $(#[$ndoc])*
                    $named: $nty, $place required [$($($nlimit)+)?] [$($ndefault)?] [$($nwire)?] [$($nonly $($nrequires)?)?];
                )*)?)*
                $($($(
                    $(#[$odoc])*
                    $optional: $oty, $place optional [$($($olimit)+)?] [$($odefault)?] [$($owire)?]
                        [$($oonly $($orequires)?)?];
                )*)?)*
            }
        }
    };
}

/// Generates the code from the three lists.
#[doc(hidden)]
#[macro_export]
macro_rules! __struct {
    (
        $(#[$attribute:meta])*
        $name:ident
        fixed { $($fixed:literal $fplace:ident $frole:ident $fvalue:tt [$($fonly:ident)?];)* }
        arguments {
            $($(#[$adoc:meta])* $argument:ident : $aty:ty, $aplace:ident $arole:ident
                [$($alimit:tt)*] [$($adefault:literal)?] [$($awire:literal)?] [$($aonly:ident)*];)*
        }
        others {
            $($(#[$odoc:meta])* $other:ident : $oty:ty, $oplace:ident $orole:ident
                [$($olimit:tt)*] [$($odefault:literal)?] [$($owire:literal)?] [$($oonly:ident)*];)*
        }
    ) => {
        $(#[$attribute])*
        $(#[doc = $crate::__fixed_note!($fixed $fplace $frole $fvalue [$($fonly)?])])*
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$adoc])*
                #[doc = $crate::__note!($aplace $arole $argument [$($awire)?] [$($alimit)*] [] [$($aonly)*])]
                pub $argument: $aty,
            )*
            $(
                $(#[$odoc])*
                #[doc = $crate::__note!($oplace $orole $other [$($owire)?] [$($olimit)*] [$($odefault)?] [$($oonly)*])]
                pub $other: ::core::option::Option<$oty>,
            )*
        }

        #[allow(clippy::new_without_default)]
        impl $name {
            /// Creates it with these parameters. Setters set the others, and can change these.
            pub fn new($($argument: impl $crate::param::IntoParam<$aty>,)*) -> Self {
                Self {
                    $($argument: $crate::param::IntoParam::into_param($argument),)*
                    $($other: $crate::__initial!($oty, $orole [$($odefault)?]),)*
                }
            }

            $(
                $(#[$adoc])*
                #[doc = $crate::__note!($aplace $arole $argument [$($awire)?] [$($alimit)*] [] [$($aonly)*])]
                #[must_use]
                pub fn $argument(mut self, $argument: impl $crate::param::IntoParam<$aty>) -> Self {
                    self.$argument = $crate::param::IntoParam::into_param($argument);
                    self
                }
            )*

            $(
                $(#[$odoc])*
                #[doc = $crate::__note!($oplace $orole $other [$($owire)?] [$($olimit)*] [$($odefault)?] [$($oonly)*])]
                #[must_use]
                pub fn $other(mut self, $other: impl $crate::param::IntoParam<$oty>) -> Self {
                    self.$other = ::core::option::Option::Some($crate::param::IntoParam::into_param($other));
                    self
                }
            )*
        }

        const _: () = $crate::declare::arguments(&[
            $((::core::stringify!($argument), <$aty as $crate::param::Param>::KIND, ::core::stringify!($($adefault)?))),*
        ]);

        impl $crate::schema::Params for $name {
            fn fields(&self) -> &'static [$crate::schema::Field] {
                <Self as $crate::check::FromParams>::FIELDS
            }

            #[allow(unused_variables, unused_mut)]
            fn walk<'a>(
                &'a self,
                visit: &mut dyn ::core::ops::FnMut(&'static $crate::schema::Field, $crate::schema::Value<'a>),
            ) {
                let mut walk = $crate::declare::Walk::new(<Self as $crate::check::FromParams>::FIELDS, visit);
                $(walk.fixed($fixed);)*
                $(walk.argument(&self.$argument);)*
                $(walk.other(&self.$other);)*
            }
        }

        impl $crate::check::FromParams for $name {
            const FIELDS: &'static [$crate::schema::Field] = $crate::schema::Field::table(&[
                $($crate::__fixed!($fixed $fplace $frole $fvalue) $(.only($crate::schema::Edition::$fonly))?,)*
                $($crate::__field!(
                    $argument: $aty, $aplace $arole [$($alimit)*] [] [$($awire)?] [$($aonly)*]
                ),)*
                $($crate::__field!(
                    $other: $oty, $oplace $orole [$($olimit)*] [$($odefault)?] [$($owire)?] [$($oonly)*]
                ),)*
            ]);

            #[allow(unused_variables, unused_mut)]
            fn take(params: &dyn $crate::schema::Params) -> ::core::option::Option<Self> {
                let mut take = $crate::declare::Take::new(<Self as $crate::check::FromParams>::FIELDS, params);
                $(take.fixed($fixed);)*
                $(let $argument = take.argument()?;)*
                $(let $other = take.other($crate::__initial!($oty, $orole [$($odefault)?]));)*
                if take.fits { ::core::option::Option::Some(Self { $($argument,)* $($other,)* }) } else { ::core::option::Option::None }
            }
        }
    };
}

/// A row of the table.
#[doc(hidden)]
#[macro_export]
macro_rules! __field {
    (
        $name:ident: $ty:ty, $place:ident $role:ident
        [$($limit:tt)*] [$($default:literal)?] [$($wire:literal)?] [$($only:ident)*]
    ) => {
        $crate::__only!(
            $crate::__limit!($name;
                $crate::schema::Field::$role(
                    $crate::__either!([$($wire)?] $crate::declare::own_name(::core::stringify!($name))),
                    $crate::__place!($place),
                    <$ty as $crate::param::Param>::KIND,
                )
                .rust(::core::stringify!($name));
                $($limit)*
            )
            $(.default($crate::declare::Literal($default).constant()))?;
            $($only)*
        )
    };
}

/// What `new` sets for a parameter that isn't one of its arguments.
#[doc(hidden)]
#[macro_export]
macro_rules! __initial {
    ($ty:ty, required [$default:literal]) => {
        $crate::declare::initial::<$ty>($crate::declare::Literal($default).constant())
    };
    ($ty:ty, $role:ident [$($default:literal)?]) => {
        ::core::option::Option::None
    };
}

/// Gives the place of a section's parameters.
#[doc(hidden)]
#[macro_export]
macro_rules! __place {
    (path) => {
        $crate::schema::Place::Path
    };
    (query) => {
        $crate::schema::Place::Query
    };
    (header) => {
        $crate::schema::Place::Header
    };
    (body) => {
        $crate::schema::Place::Body
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
    ($name:literal $place:ident $role:ident agent) => {
        $crate::schema::Field::$role($name, $crate::__place!($place), $crate::schema::Kind::AgentName)
    };
    ($name:literal $place:ident optional $value:literal) => {
        ::core::compile_error!(::core::concat!($name, ": a fixed value is always sent: it stands before the semicolon"))
    };
    ($name:literal $place:ident $role:ident $value:literal) => {
        $crate::schema::Field::$role(
            $name,
            $crate::__place!($place),
            $crate::schema::Kind::Fixed($crate::declare::Literal($value).constant()),
        )
    };
    ($name:literal $place:ident $role:ident $other:tt) => {
        ::core::compile_error!(::core::concat!($name, ": a fixed value is a number, a text, true or false, or `agent`"))
    };
}

/// Adds to a parameter what its brackets say.
#[doc(hidden)]
#[macro_export]
macro_rules! __limit {
    ($name:ident; $field:expr;) => {
        $field
    };
    ($name:ident; $field:expr; $min:literal ..= $max:literal $(, $unit:literal)?) => {
        $field.limit($min, $max, ::core::concat!($($unit)?))
    };
    ($name:ident; $field:expr; $member:literal : $($limit:tt)+) => {
        $field.members($crate::__members!($member : $($limit)+))
    };
    ($name:ident; $field:expr; $min:literal ..= $max:literal; $($members:tt)+) => {
        $field.limit($min, $max, "").members($crate::__members!($($members)+))
    };
    ($name:ident; $field:expr; $($value:literal)|+) => {
        $field.among(&[$($crate::declare::Literal($value).constant()),+])
    };
    ($name:ident; $field:expr; $($other:tt)+) => {
        ::core::compile_error!(::core::concat!(
            ::core::stringify!($name),
            ": a limit is `[smallest..=largest]`, with the unit of a number behind a comma, or `[1 | 2 | 4]`; for members of \
             an object `[\"member\": limit; ..]`, for those of a list of objects `[limit; \"member\": limit; ..]`"
        ))
    };
}

/// Gives the limits of an object's members.
#[doc(hidden)]
#[macro_export]
macro_rules! __members {
    ($(
        $member:literal : $first:literal $(..= $max:literal)? $(, $unit:literal)? $(| $more:literal)*
    );+ $(;)?) => {
        &[$($crate::__member_limit!($member: $first $(..= $max)? $(, $unit)? $(| $more)*)),+]
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __member_limit {
    ($member:literal : $min:literal ..= $max:literal $(, $unit:literal)?) => {
        $crate::schema::MemberLimit::range($member, $min, $max, ::core::concat!($($unit)?))
    };
    ($member:literal : $($value:literal)|+) => {
        $crate::schema::MemberLimit::among($member, &[$($crate::declare::Literal($value).constant()),+])
    };
}

/// Notes that only one of the manuals has a parameter, or that only one requires it.
#[doc(hidden)]
#[macro_export]
macro_rules! __only {
    ($field:expr;) => {
        $field
    };
    ($field:expr; $edition:ident) => {
        $field.only($crate::schema::Edition::$edition)
    };
    ($field:expr; $edition:ident requires) => {
        $field.required_by($crate::schema::Edition::$edition)
    };
    ($field:expr; $($other:tt)+) => {
        ::core::compile_error!("`=> Edition` or `=> Edition requires`")
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
