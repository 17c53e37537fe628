use std::fmt;

use crate::schema::{Field, Value, limits};

/// What a parameter looks like on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A text; in a body, a JSON string.
    Text,
    /// A text with a rule beyond its length.
    Rule(&'static Rule),
    /// A whole number between the bounds of its Rust type.
    Number {
        /// The smallest number that the type holds.
        min: i128,
        /// The largest number that the type holds.
        max: i128,
    },
    /// `true` or `false`.
    Bool,
    /// One of a few listed values.
    Choice(&'static [Choice]),
    /// A fixed value, which the caller doesn't give.
    Fixed(Constant),
    /// The name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name) sets.
    AgentName,
    /// A number, or one of several listed numbers, that a body carries as a JSON string.
    Quoted(&'static Self),
    /// A list: in a body a JSON array, in a query the name repeated.
    List(&'static Self),
    /// A list as one text, with this character between its entries.
    Joined(char, &'static Self),
    /// A JSON object with parameters of its own.
    Object(&'static [Field]),
    /// A file in a form, whose name ends in one of these, in small or capital letters. As JSON it is an object with
    /// `fileName` and `content`, where `content` is a text or a list of bytes.
    File(&'static [&'static str]),
}

impl Kind {
    /// Creates a kind from its listed values.
    ///
    /// # Panics
    /// Panics at compile time if two of them have the same value.
    pub const fn choices(choices: &'static [Choice]) -> Self {
        limits::assert_choices(choices);
        Self::Choice(choices)
    }

    /// Returns whether a limit makes sense for this kind.
    ///
    /// Numbers are measured by value, texts by characters, lists by entries. Listed texts, flags, fixed values, objects
    /// and files have no measure.
    pub const fn has_measure(&self) -> bool {
        match self {
            Self::Text | Self::Rule(_) | Self::Number { .. } | Self::List(_) | Self::Joined(..) => true,
            Self::Bool | Self::Fixed(_) | Self::AgentName | Self::Object(_) | Self::File(_) => false,
            Self::Choice(choices) => !matches!(choices, [Choice { value: Constant::Text(_), .. }, ..]),
            Self::Quoted(inner) => inner.has_measure(),
        }
    }

    /// Returns whether the value is a number, or one of several listed numbers.
    pub const fn is_number(&self) -> bool {
        match self {
            Self::Number { .. } => true,
            Self::Choice(choices) => matches!(choices, [Choice { value: Constant::Number(_), .. }, ..]),
            Self::Quoted(inner) => inner.is_number(),
            _ => false,
        }
    }

    /// Returns whether the value is one that nobody may see: a password, a code, a token.
    pub const fn is_secret(&self) -> bool {
        match self {
            Self::Rule(rule) => rule.secret,
            Self::List(inner) | Self::Joined(_, inner) => inner.is_secret(),
            _ => false,
        }
    }
}

/// A rule for texts, beyond their length.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Rule {
    /// What is allowed, as errors and docs say it: for example "8 letters or digits".
    pub allowed: &'static str,
    /// A text that the rule allows.
    pub example: &'static str,
    /// Whether the text is one that nobody may see.
    pub secret: bool,
    /// Says what is wrong with a text, without quoting it.
    pub check: fn(&str) -> Result<(), &'static str>,
}

impl Rule {
    /// Creates a rule; `check` says what is wrong with a text, for example "a text with a line end in it".
    pub const fn new(
        allowed: &'static str,
        example: &'static str,
        check: fn(&str) -> Result<(), &'static str>,
    ) -> Self {
        Self { allowed, example, secret: false, check }
    }

    /// Marks the texts as secret.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

/// Two rules are equal if they allow the same, have the same example, and are equally secret; `check` isn't compared.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        (self.allowed, self.example, self.secret) == (other.allowed, other.example, other.secret)
    }
}

impl Eq for Rule {}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("allowed", &self.allowed).field("secret", &self.secret).finish_non_exhaustive()
    }
}

/// One listed value of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// The value's name in Rust.
    pub name: &'static str,
    /// What is sent for it.
    pub value: Constant,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.value, self.name)
    }
}

/// A value that a declaration spells out: a [`Choice`], a default, or a fixed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// A number.
    Number(i64),
    /// A text.
    Text(&'static str),
    /// `true` or `false`.
    Bool(bool),
}

impl Constant {
    /// Returns the constant as a [`Value`], in which form it is checked and written.
    pub fn value(self) -> Value<'static> {
        match self {
            Self::Number(number) => Value::Number(number.into()),
            Self::Text(text) => Value::Text(text),
            Self::Bool(flag) => Value::Bool(flag),
        }
    }

    /// Returns whether a parameter's value equals this constant.
    pub fn is(self, value: Value<'_>) -> bool {
        match (self, value) {
            (Self::Number(own), Value::Number(number) | Value::Quoted(number)) => i128::from(own) == number,
            (Self::Text(own), Value::Text(text)) => own == text,
            (Self::Bool(own), Value::Bool(flag)) => own == flag,
            _ => false,
        }
    }
}

impl fmt::Display for Constant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
            Self::Bool(flag) => flag.fmt(f),
        }
    }
}
