//! The lines that a declaration adds to the docs: wire name, place, limit, default and manual.

/// The line that is added to the docs of a struct for a parameter that the caller doesn't give.
#[doc(hidden)]
#[macro_export]
macro_rules! __fixed_note {
    ($name:literal $place:ident $role:ident $value:tt [$($only:ident)?]) => {
        ::core::concat!(
            "\n\n",
            $crate::__when!($role $value $($only)?),
            ": *",
            $name,
            "* in the ",
            ::core::stringify!($place),
            ", ",
            $crate::__value_note!($value),
            $crate::__only_note!($($only)?),
            ".",
        )
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __when {
    // A manual that doesn't list it has no agents: a call without the name is not refused.
    (required agent $only:ident) => {
        "If it is set"
    };
    (required $($value:tt)+) => {
        "Always"
    };
    (optional $($value:tt)+) => {
        "If it is set"
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __value_note {
    (agent) => {
        "the name of the operator's agent"
    };
    ($value:tt) => {
        ::core::concat!("`", $value, "`")
    };
}

/// The line that is added to the docs of a parameter.
#[doc(hidden)]
#[macro_export]
macro_rules! __note {
    (
        $place:ident $role:ident $name:ident
        [$($wire:literal)?] [$($limit:tt)*] [$($default:literal)?] [$($only:ident)*]
    ) => {
        ::core::concat!(
            "\n\n*",
            $crate::__either!([$($wire)?] ::core::stringify!($name)),
            "* in the ",
            ::core::stringify!($place),
            $crate::__limit_note!($($limit)*),
            $crate::__default_note!($role $($default)?),
            $crate::__only_note!($($only)*),
            ".",
        )
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __limit_note {
    () => {
        ""
    };
    ($min:literal ..= $max:literal $(, $unit:literal)?) => {
        ::core::concat!(", ", $min, " to ", $max $(, " ", $unit)?)
    };
    ($min:literal ..= $max:literal; $($members:tt)+) => {
        ::core::concat!(", ", $min, " to ", $max, $crate::__limit_note!($($members)+))
    };
    ($($value:literal)|+) => {
        ::core::concat!(", one of" $(, " `", $value, "`")+)
    };
    ($(
        $member:literal : $first:literal $(..= $max:literal)? $(, $unit:literal)? $(| $more:literal)*
    );+ $(;)?) => {
        ::core::concat!($(", *", $member, "*", $crate::__member_note!($first $(..= $max)? $(, $unit)? $(| $more)*)),+)
    };
    ($($other:tt)+) => {
        ""
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __member_note {
    ($min:literal ..= $max:literal $(, $unit:literal)?) => {
        ::core::concat!(" ", $min, " to ", $max $(, " ", $unit)?)
    };
    ($($value:literal)|+) => {
        ::core::concat!(" one of" $(, " `", $value, "`")+)
    };
    ($($other:tt)+) => {
        ""
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __default_note {
    (required) => {
        ""
    };
    (required $default:literal) => {
        ::core::concat!(", `", $default, "` unless set")
    };
    (optional) => {
        ""
    };
    (optional $default:literal) => {
        ::core::concat!(", by default `", $default, "`")
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __only_note {
    () => {
        ""
    };
    ($edition:ident) => {
        ::core::concat!(", ", ::core::stringify!($edition), " manual only")
    };
    ($edition:ident $requires:ident) => {
        ::core::concat!(", required by the ", ::core::stringify!($edition), " manual")
    };
}
