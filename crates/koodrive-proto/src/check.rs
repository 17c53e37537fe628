//! The one rule book for parameters: limits of typed operations before they are sent, and of untyped input where a
//! simulator or gateway receives it.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value as Json;

use crate::operation::{Field, Limit, Meta, Params, Place};
use crate::param::{Choice, Kind, Value, Wire};

/// A parameter that the manual doesn't allow. Nothing was sent.
///
/// ```
/// use koodrive_proto::Operation;
/// use koodrive_proto::ops::spaces::{SpaceType, UpdateSpace};
///
/// let error = UpdateSpace::new("1289173650183882753", SpaceType::Individual).capacity(0).check().unwrap_err();
/// assert_eq!(error.to_string(), "capacity: got 0, allowed: 1 to 104857600 GB");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: got {got}, allowed: {allowed}")]
pub struct InvalidParam {
    name: Cow<'static, str>,
    got: Cow<'static, str>,
    allowed: Cow<'static, str>,
}

impl InvalidParam {
    /// Says which parameter, what it got, and what is allowed, in what unit.
    ///
    /// Keep contents out of `got` where they might be secret: a length will do.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        got: impl Into<Cow<'static, str>>,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { name: name.into(), got: got.into(), allowed: allowed.into() }
    }

    /// The parameter's name on the wire, with the place inside a list: `userIds[3]`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it got: the value of a number, the length of a text or list.
    pub fn got(&self) -> &str {
        &self.got
    }

    /// What is allowed.
    pub fn allowed(&self) -> &str {
        &self.allowed
    }
}

/// Checks all parameters that are set.
pub(crate) fn params(params: &dyn Params) -> Result<(), InvalidParam> {
    let mut result = Ok(());
    params.walk(&mut |field, value| {
        if result.is_ok() {
            result = field.check(value);
        }
    });
    result
}

impl Field {
    /// Checks one value against kind and limit.
    pub(crate) fn check(&self, value: Value<'_>) -> Result<(), InvalidParam> {
        if self.place == Place::Path {
            self.check_segment(value)?;
        }
        self.check_kind(&self.kind, value, Spot::Top)?;
        let (measure, what) = match value {
            Value::Number(number) | Value::Quoted(number) => (number, ""),
            // A length never exceeds i128.
            Value::Text(text) if self.limit.is_some() => (text.chars().count() as i128, "characters"),
            Value::List(items) => (items.count() as i128, "entries"),
            Value::Text(_) | Value::Bool(_) => return Ok(()),
        };
        match self.limit {
            Some(limit) if !(limit.min..=limit.max).contains(&measure) => {
                let unit = if what.is_empty() { limit.unit } else { what };
                let got = choice(&self.kind, value).map_or_else(
                    || if what.is_empty() { measure.to_string() } else { format!("{measure} {what}") },
                    ToString::to_string,
                );
                Err(InvalidParam::new(self.name, got, allowed(&self.kind, limit, unit)))
            }
            _ => Ok(()),
        }
    }

    /// A path parameter is one segment: never empty, and never one that a proxy would fold away.
    fn check_segment(&self, value: Value<'_>) -> Result<(), InvalidParam> {
        let got = match value {
            Value::Text("") => "an empty text",
            Value::Text(".") => "`.`",
            Value::Text("..") => "`..`",
            _ => return Ok(()),
        };
        Err(InvalidParam::new(self.name, got, "one path segment: not empty, not `.`, not `..`"))
    }

    fn check_kind(&self, kind: &Kind, value: Value<'_>, spot: Spot) -> Result<(), InvalidParam> {
        let wrong = |got: String, allowed: String| Err(InvalidParam::new(format!("{}{spot}", self.name), got, allowed));
        // The limit of a list is about the list.
        let own_limit = self.limit.filter(|_| matches!(spot, Spot::Top));
        match (kind, value) {
            (Kind::Quoted(inner), value) => self.check_kind(inner, value, spot),
            (Kind::Number { min, max }, Value::Number(number) | Value::Quoted(number)) => {
                if (*min..=*max).contains(&number) {
                    return Ok(());
                }
                let limit = own_limit.unwrap_or(Limit { min: *min, max: *max, unit: "" });
                wrong(number.to_string(), allowed(kind, limit, limit.unit))
            }
            (Kind::Choice(choices), Value::Number(_) | Value::Quoted(_) | Value::Text(_)) => {
                if choice(kind, value).is_some() {
                    return Ok(());
                }
                let got = match value {
                    Value::Number(number) | Value::Quoted(number) => number.to_string(),
                    Value::Text(text) => format!("a text of {} characters that is not listed", text.chars().count()),
                    Value::Bool(_) | Value::List(_) => String::new(),
                };
                wrong(got, listed(choices, own_limit))
            }
            (Kind::List(inner), Value::List(items)) => (0..items.count())
                .filter_map(|at| items.item(at).map(|item| (at, item)))
                .try_for_each(|(at, item)| self.check_kind(inner, item, Spot::Item(at))),
            (Kind::Text, Value::Text(_)) | (Kind::Bool, Value::Bool(_)) => Ok(()),
            (kind, value) => wrong(describe(value).to_owned(), expected(kind).to_owned()),
        }
    }
}

/// The listed value that is meant, if the kind lists values.
fn choice(kind: &Kind, value: Value<'_>) -> Option<&'static Choice> {
    match (kind, value) {
        (Kind::Quoted(inner), value) => choice(inner, value),
        (Kind::Choice(choices), value) => choices.iter().find(|choice| match (choice.wire, value) {
            (Wire::Number(listed), Value::Number(number) | Value::Quoted(number)) => i128::from(listed) == number,
            (Wire::Text(listed), Value::Text(text)) => listed == text,
            _ => false,
        }),
        _ => None,
    }
}

fn allowed(kind: &Kind, limit: Limit, unit: &str) -> String {
    match kind {
        Kind::Quoted(inner) => allowed(inner, limit, unit),
        Kind::Choice(choices) => listed(choices, Some(limit)),
        _ => format!("{} to {} {unit}", limit.min, limit.max).trim_end().to_owned(),
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.wire, self.name)
    }
}

fn listed(choices: &[Choice], limit: Option<Limit>) -> String {
    let inside = |choice: &&Choice| match (choice.wire, limit) {
        (Wire::Number(number), Some(limit)) => (limit.min..=limit.max).contains(&i128::from(number)),
        _ => true,
    };
    choices.iter().filter(inside).map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn expected(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Number { .. } | Kind::Quoted(_) => "a whole number",
        Kind::Bool => "true or false",
        Kind::Choice(_) => "a listed value",
        Kind::List(_) => "a list",
    }
}

fn describe(value: Value<'_>) -> &'static str {
    match value {
        Value::Text(_) => "a text",
        Value::Number(_) | Value::Quoted(_) => "a number",
        Value::Bool(_) => "true or false",
        Value::List(_) => "a list",
    }
}

/// Where in the parameter the check is.
#[derive(Clone, Copy)]
enum Spot {
    Top,
    Item(usize),
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Top => Ok(()),
            Self::Item(at) => write!(f, "[{at}]"),
        }
    }
}

/// Parameters that come from outside, for [`Meta::check`]: what a server finds in path, query and body.
pub trait Untyped {
    /// The value of a parameter, `None` if it is absent.
    fn get(&self, field: &Field) -> Option<Cow<'_, Json>>;
}

impl Meta {
    /// Checks untyped input as a server would: required parameters are there, each has its kind and is within its limit.
    ///
    /// Lenient where the manual contradicts itself: a number may come as a text and the other way round. `null` counts as
    /// absent, and parameters that the table doesn't know are ignored.
    ///
    /// ```
    /// use std::borrow::Cow;
    /// use koodrive_proto::ops::spaces::UpdateSpace;
    /// use koodrive_proto::{Field, Operation, Untyped};
    ///
    /// struct Input(serde_json::Value);
    /// impl Untyped for Input {
    ///     fn get(&self, field: &Field) -> Option<Cow<'_, serde_json::Value>> {
    ///         self.0.get(field.name).map(Cow::Borrowed)
    ///     }
    /// }
    ///
    /// let input = Input(serde_json::json!({"ownerId": "1", "type": 1, "capacity": "104857601"}));
    /// let error = UpdateSpace::META.check(&input).unwrap_err();
    /// assert_eq!(error.to_string(), "capacity: got 104857601, allowed: 1 to 104857600 GB");
    /// ```
    pub fn check(&self, input: &dyn Untyped) -> Result<(), InvalidParam> {
        self.params.iter().try_for_each(|field| match input.get(field).as_deref() {
            None | Some(Json::Null) if field.required => {
                Err(InvalidParam::new(field.name, "nothing", format!("{}; it is required", expected(&field.kind))))
            }
            None | Some(Json::Null) => Ok(()),
            Some(json) => check_json(field, json),
        })
    }
}

fn check_json(field: &Field, json: &Json) -> Result<(), InvalidParam> {
    let wrong = || Err(InvalidParam::new(field.name, describe_json(json), expected(&field.kind)));
    match (field.kind, json) {
        (Kind::List(inner), Json::Array(items)) => {
            let read = |(at, item)| {
                Scalar::read(inner, item).ok_or_else(|| {
                    InvalidParam::new(format!("{}[{at}]", field.name), describe_json(item), expected(inner))
                })
            };
            let scalars: Vec<Scalar> = items.iter().enumerate().map(read).collect::<Result<_, _>>()?;
            field.check(Value::List(&scalars))
        }
        (kind, json) => Scalar::read(&kind, json).map_or_else(wrong, |scalar| field.check(scalar.value())),
    }
}

/// A JSON scalar read as a kind asks.
#[derive(Debug)]
enum Scalar {
    Text(String),
    Number(i128),
    Bool(bool),
}

impl Scalar {
    fn read(kind: &Kind, json: &Json) -> Option<Self> {
        match kind {
            Kind::Quoted(inner) => Self::read(inner, json),
            Kind::Choice([Choice { wire: Wire::Number(_), .. }, ..]) | Kind::Number { .. } => match json {
                Json::Number(number) => number.as_i128(),
                // As it would be written: no plus, no leading zeros, no blanks.
                Json::String(text) => text.parse().ok().filter(|number: &i128| number.to_string() == *text),
                _ => None,
            }
            .map(Self::Number),
            Kind::Choice(_) | Kind::Text => match json {
                Json::String(text) => Some(Self::Text(text.clone())),
                Json::Number(number) => Some(Self::Text(number.to_string())),
                _ => None,
            },
            Kind::Bool => match json {
                Json::Bool(flag) => Some(*flag),
                Json::String(text) => text.parse().ok(),
                _ => None,
            }
            .map(Self::Bool),
            Kind::List(_) => None,
        }
    }

    fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(text),
            Self::Number(number) => Value::Number(*number),
            Self::Bool(flag) => Value::Bool(*flag),
        }
    }
}

impl crate::param::Items for Vec<Scalar> {
    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, at: usize) -> Option<Value<'_>> {
        self.get(at).map(Scalar::value)
    }
}

fn describe_json(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text that can't be read as one",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}
