//! The declaration language: [`operation!`](crate::operation!) for calls, [`object!`](crate::object!) for the objects
//! inside their bodies, [`choices!`](crate::choices!) for listed values, [`text!`](crate::text!) for texts with a rule,
//! [`id!`](crate::id!) for ids, [`answer!`](crate::answer!) for what comes back.
//!
//! A declaration becomes a struct with `new` and setters, its table, and one function that walks over the parameters
//! that are set. Everything else is plain functions that use this walk.

mod answer;
mod notes;
mod operation;
mod params;

use std::marker::PhantomData;
use std::slice::Iter;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::error::Error;
use crate::operation::{Content, FromResponse};
use crate::param::Param;
use crate::schema::{Constant, Field, Kind, Params, Value, ensure, same_text};
use crate::wire::Readable;

/// A literal of a declaration; its type decides how it is sent.
#[derive(Debug)]
pub struct Literal<T>(
    /// The literal.
    pub T,
);

impl Literal<i64> {
    /// A number.
    pub const fn constant(self) -> Constant {
        Constant::Number(self.0)
    }
}

impl Literal<&'static str> {
    /// A text.
    pub const fn constant(self) -> Constant {
        Constant::Text(self.0)
    }
}

impl Literal<bool> {
    /// A flag.
    pub const fn constant(self) -> Constant {
        Constant::Bool(self.0)
    }
}

/// A walk over the parameters that are set, in the order of the table.
#[expect(missing_debug_implementations, reason = "it holds a closure, and only macros see it")]
pub struct Walk<'v, 'a> {
    fields: Iter<'static, Field>,
    visit: &'v mut dyn FnMut(&'static Field, Value<'a>),
}

impl<'v, 'a> Walk<'v, 'a> {
    /// Begins a walk.
    pub fn new(fields: &'static [Field], visit: &'v mut dyn FnMut(&'static Field, Value<'a>)) -> Self {
        Self { fields: fields.iter(), visit }
    }

    /// Visits a fixed value, but not the name of an agent, which the Api adds.
    pub fn fixed(&mut self, _: &str) {
        if let Some((field, Kind::Fixed(constant))) = self.fields.next().map(|field| (field, field.kind)) {
            (self.visit)(field, constant.value());
        }
    }

    /// Visits a parameter that is always set.
    pub fn argument<T: Param>(&mut self, param: &'a T) {
        if let Some(field) = self.fields.next() {
            (self.visit)(field, param.value());
        }
    }

    /// Visits a parameter if it is set.
    pub fn other<T: Param>(&mut self, param: &'a Option<T>) {
        if let (Some(field), Some(param)) = (self.fields.next(), param) {
            (self.visit)(field, param.value());
        }
    }
}

/// Takes the values of parameters from others, in the order of the table.
#[expect(missing_debug_implementations, reason = "parameters have no Debug, and only macros see it")]
pub struct Take<'a> {
    fields: Iter<'static, Field>,
    params: &'a dyn Params,
    /// Whether all values so far had the right type.
    pub fits: bool,
}

impl<'a> Take<'a> {
    /// Begins with the first parameter.
    pub fn new(fields: &'static [Field], params: &'a dyn Params) -> Self {
        Self { fields: fields.iter(), params, fits: true }
    }

    /// Skips a fixed value.
    pub fn fixed(&mut self, _: &str) {
        self.fields.next();
    }

    /// Takes a parameter, if it is there.
    pub fn argument<T: Param>(&mut self) -> Option<T> {
        let wanted = self.fields.next()?;
        let mut taken = None;
        self.params.walk(&mut |field, value| {
            if field.place == wanted.place && field.name == wanted.name {
                taken = T::from_value(value);
                self.fits &= taken.is_some();
            }
        });
        taken
    }

    /// Takes a parameter, or its initial value if it isn't there.
    pub fn other<T: Param>(&mut self, initial: Option<T>) -> Option<T> {
        self.argument().or(initial)
    }
}

/// Returns what a parameter is unless it is set.
pub fn initial<T: Param>(constant: Constant) -> Option<T> {
    T::from_value(constant.value())
}

/// Checks the arguments of a `new`: each with its name, its kind, and its default, or an empty text if it has none.
///
/// # Panics
/// Panics at compile time if there are more than four, if one has a default, or if callers could mix up two flags.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub const fn arguments(arguments: &[(&'static str, Kind, &'static str)]) {
    let mut i = 0;
    while i < arguments.len() {
        let (name, kind, default) = arguments[i];
        ensure(default.is_empty(), name, "a default on an argument of `new`: it stands in braces");
        ensure(i < 4, name, "`new` has four arguments at most: what else is required stands in braces");
        let flags = i > 0 && matches!((arguments[i - 1].1, kind), (Kind::Bool, Kind::Bool));
        ensure(!flags, name, "two flags next to each other are mixed up easily: they stand in braces");
        i += 1;
    }
}

/// Returns whether a member of an answer has another value than its default, and so is written.
pub fn is_written<T: Default + PartialEq>(value: &T) -> bool {
    *value != T::default()
}

/// Writes the members of an answer. After an error, it writes no more.
#[derive(Debug)]
pub struct Write<S: SerializeStruct> {
    object: Result<S, S::Error>,
}

impl<S: SerializeStruct> Write<S> {
    /// Begins an object with so many of its members written.
    pub fn new<Z>(serializer: Z, name: &'static str, written: &[bool]) -> Self
    where
        Z: Serializer<SerializeStruct = S, Error = S::Error>,
    {
        let count = written.iter().filter(|written| **written).count();
        Self { object: serializer.serialize_struct(name, count) }
    }

    /// Writes a member, unless it has its default value.
    pub fn member<T: Default + PartialEq + Serialize>(&mut self, name: &'static str, value: &T) {
        if let Ok(object) = &mut self.object {
            if is_written(value) {
                if let Err(error) = object.serialize_field(name, value) {
                    self.object = Err(error);
                }
            }
        }
    }

    /// Ends the object.
    pub fn end(self) -> Result<S::Ok, S::Error> {
        self.object?.end()
    }
}

/// Reads an answer by the first trait that its type has: declared types are [`Readable`], all others are read by serde.
#[derive(Debug)]
pub struct Reading<T>(PhantomData<T>);

impl<T: Readable> Reading<T> {
    /// Takes precedence over the function of [`BySerde`] for types that are [`Readable`].
    pub fn read(content: &Content<'_>) -> Result<T, Error> {
        content.read()
    }
}

/// How types are read that aren't [`Readable`].
pub trait BySerde<T> {
    /// Reads the content by serde.
    fn read(content: &Content<'_>) -> Result<T, Error>;
}

impl<T: FromResponse> BySerde<T> for Reading<T> {
    fn read(content: &Content<'_>) -> Result<T, Error> {
        T::from_response(content)
    }
}

/// Checks that the wire names of an answer are all different.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
pub const fn names(names: &[&str]) {
    let mut i = 0;
    while i < names.len() {
        let mut j = i + 1;
        while j < names.len() {
            ensure(!same_text(names[i].as_bytes(), names[j].as_bytes()), names[i], "two members have this name");
            j += 1;
        }
        i += 1;
    }
}

/// The name of a member in camel case.
#[derive(Debug)]
pub struct Camel {
    bytes: [u8; 64],
    len: usize,
}

impl Camel {
    /// Converts the name of a field of at most 64 bytes; `r#type` becomes `type`.
    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler")]
    pub const fn of(field: &'static str) -> Self {
        let name = wire_name(field).as_bytes();
        ensure(name.len() <= 64, field, "the name of a member has at most 64 letters");
        let mut camel = Self { bytes: [0; 64], len: 0 };
        let (mut at, mut upper) = (0, false);
        while at < name.len() {
            if name[at] == b'_' {
                upper = camel.len > 0;
            } else {
                camel.bytes[camel.len] = if upper { name[at].to_ascii_uppercase() } else { name[at] };
                camel.len += 1;
                upper = false;
            }
            at += 1;
        }
        camel
    }

    /// Returns the name as text.
    pub const fn as_str(&'static self) -> &'static str {
        text(self.bytes.split_at(self.len).0, "")
    }
}

/// Returns the wire name of a parameter whose declaration gives none.
///
/// # Panics
/// Panics at compile time if the name is a raw identifier, which the docs would show as the wire name.
pub const fn own_name(name: &'static str) -> &'static str {
    ensure(!matches!(name.as_bytes(), [b'r', b'#', ..]), name, "a raw identifier needs its wire name: `= \"type\"`");
    name
}

/// Returns the name of a field on the wire; `r#type` becomes `type`.
const fn wire_name(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', rest @ ..] => match core::str::from_utf8(rest) {
            Ok(rest) => rest,
            Err(_) => name,
        },
        _ => name,
    }
}

/// Returns the module of an operation: the segment after `ops`, even if the module is a folder; without `ops`, the last
/// segment.
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
