//! The rules for parameters, in one place: for typed operations before they are sent, and for untyped input where a
//! simulator or gateway receives it.

mod shown;
mod untyped;

use std::borrow::Cow;
use std::fmt;

use crate::schema::{Bounds, Choice, Entries, Field, Kind, Limit, Params, Place, Value};

pub(crate) use shown::{Shown, counted};
pub use untyped::{FromParams, Untyped};

/// A parameter that the manual doesn't allow. The request was not sent.
///
/// ```
/// use koodrive_proto::Operation;
/// use koodrive_proto::ops::spaces::{SpaceType, UpdateSpace};
///
/// let error = UpdateSpace::new("1289173650183882753", SpaceType::Individual).capacity(0).check().unwrap_err();
/// assert_eq!(error.to_string(), "capacity: got 0, allowed: 1 to 104857600 GB");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: got {}, allowed: {}", Shown(.name), Shown(.got), Shown(.allowed))]
pub struct InvalidParam {
    name: Cow<'static, str>,
    got: Cow<'static, str>,
    allowed: Cow<'static, str>,
}

impl InvalidParam {
    /// Creates an error from the parameter's name, what it got, and what is allowed, with the unit.
    ///
    /// Keep contents that might be secret out of `got`; a length is enough.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        got: impl Into<Cow<'static, str>>,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { name: name.into(), got: got.into(), allowed: allowed.into() }
    }

    /// Returns the parameter's name on the wire, with the place inside lists and objects: `multiParts[1].partNumber`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns what the parameter got: the value of a number, the length of a text or list.
    pub fn got(&self) -> &str {
        &self.got
    }

    /// Returns what is allowed.
    pub fn allowed(&self) -> &str {
        &self.allowed
    }
}

/// Checks each parameter, and that all required ones are set: [`Operation::check`](crate::Operation::check) without the
/// rules between parameters.
pub fn params(params: &dyn Params) -> Result<(), InvalidParam> {
    fields(params, Bounds::NONE, None)
}

fn fields(params: &dyn Params, bounds: Bounds, outer: Option<&At<'_>>) -> Result<(), InvalidParam> {
    let mut result = Ok(());
    let mut given = 0_usize;
    params.walk(&mut |field, value| {
        given = given.saturating_add(field.is_asked_for().into());
        if result.is_ok() {
            result = bounds.narrow(field).check(value, outer);
        }
    });
    result?;
    if given < params.fields().iter().filter(|field| field.is_asked_for()).count() {
        missing(params, bounds, outer)
    } else {
        Ok(())
    }
}

/// Reports the first required parameter that isn't set.
fn missing(params: &dyn Params, bounds: Bounds, outer: Option<&At<'_>>) -> Result<(), InvalidParam> {
    let missing = params.fields().iter().find(|field| field.is_asked_for() && !is_given(params, field));
    missing.map_or(Ok(()), |field| bounds.narrow(field).missing("", outer))
}

fn is_given(params: &dyn Params, wanted: &Field) -> bool {
    let mut given = false;
    params.walk(&mut |field, _| given |= field == wanted);
    given
}

/// Refuses optional parameters that are missing though another one requires them: for rules between parameters.
///
/// `names` are their names on the wire, and `with` says what requires them, for the error: `with taskType 0`.
///
/// ```
/// use koodrive_proto::check::require;
/// use koodrive_proto::ops::tasks::CreateTask;
///
/// let error = require(&CreateTask::new(), &["srcUserId"], "with taskType 0").unwrap_err();
/// assert_eq!(error.to_string(), "srcUserId: got nothing, allowed: a text; it is required with taskType 0");
/// ```
pub fn require(params: &dyn Params, names: &[&str], with: &str) -> Result<(), InvalidParam> {
    for name in names {
        let matching = || params.fields().iter().filter(|field| field.name == *name);
        // What is required anyway may have the same name in another place.
        match matching().find(|field| !field.required).or_else(|| matching().next()) {
            Some(field) if is_given(params, field) => {}
            Some(field) => return field.missing(with, None),
            // A rule with a typing error would never refuse anything.
            None => return Err(InvalidParam::new((*name).to_owned(), "a rule about it", "a name in the table")),
        }
    }
    Ok(())
}

impl Field {
    /// Checks one value against its kind, its limit and its place.
    fn check(&self, value: Value<'_>, outer: Option<&At<'_>>) -> Result<(), InvalidParam> {
        let at = At { outer, hop: Hop::Name(self.name) };
        check_kind(&self.kind, self.bounds(), value, &at)?;
        self.check_limit(value, &at)?;
        check_place(self.place, value, &at)
    }

    fn check_limit(&self, value: Value<'_>, at: &At<'_>) -> Result<(), InvalidParam> {
        let Some(limit) = self.limit else { return Ok(()) };
        // A length never exceeds i128.
        let (measure, one, many) = match value {
            Value::Number(number) | Value::Quoted(number) => (number, limit.unit, limit.unit),
            Value::Text(text) => (text.chars().count() as i128, "character", "characters"),
            Value::List(items) | Value::Joined(_, items) => (items.count() as i128, "entry", "entries"),
            Value::Bool(_) | Value::Object(_) | Value::File { .. } => return Ok(()),
        };
        if (limit.min..=limit.max).contains(&measure) {
            return Ok(());
        }
        let got = match value {
            Value::Number(_) | Value::Quoted(_) => measure.to_string(),
            _ => counted(measure, one, many),
        };
        at.wrong(got, allowed(limit, if limit.max == 1 { one } else { many }))
    }

    fn missing<T>(&self, with: &str, outer: Option<&At<'_>>) -> Result<T, InvalidParam> {
        let at = At { outer, hop: Hop::Name(self.name) };
        let allowed = format!("{}; it is required {with}", expected(&self.kind, self.bounds()));
        at.wrong("nothing", allowed.trim_end().to_owned())
    }
}

/// A path parameter is one segment: it is never empty, and never one that a proxy would fold away. A header is one
/// line. An empty list would leave no trace in a query.
fn check_place(place: Place, value: Value<'_>, at: &At<'_>) -> Result<(), InvalidParam> {
    match (place, value) {
        (Place::Path, Value::Text(text @ ("" | "." | ".."))) => {
            let got = if text.is_empty() { "an empty text".to_owned() } else { format!("`{text}`") };
            at.wrong(got, "one path segment: not empty, not `.`, not `..`")
        }
        (Place::Header, Value::Text(text))
            if text.is_empty()
                || text.trim_matches(' ') != text
                || !text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) =>
        {
            let got = if text.is_empty() { "an empty text" } else { "a text that no header can carry" };
            at.wrong(got, "visible ASCII characters, with blanks only between them")
        }
        (Place::Query, Value::List(items)) if items.count() == 0 => {
            at.wrong("0 entries", "1 or more entries in a query")
        }
        _ => Ok(()),
    }
}

fn check_kind(kind: &Kind, bounds: Bounds, value: Value<'_>, at: &At<'_>) -> Result<(), InvalidParam> {
    match (kind, value) {
        (Kind::Quoted(inner), value) => check_kind(inner, bounds, value, at),
        (Kind::Choice(choices), Value::Number(_) | Value::Quoted(_) | Value::Text(_)) => {
            match choices.iter().find(|choice| choice.value.is(value)) {
                Some(choice) if bounds.allow(choice) => Ok(()),
                Some(choice) => at.wrong(choice.to_string(), listed(choices, bounds)),
                None => at.wrong(unlisted(value), listed(choices, bounds)),
            }
        }
        (Kind::Fixed(constant), value) => {
            if constant.is(value) {
                Ok(())
            } else {
                at.wrong(unlisted(value), constant.to_string())
            }
        }
        (Kind::Rule(rule), Value::Text(text)) => (rule.check)(text).or_else(|problem| at.wrong(problem, rule.allowed)),
        (Kind::List(inner), Value::List(items)) => check_items(inner, bounds.of_items(), None, items, at),
        (Kind::Joined(separator, inner), Value::Joined(_, items)) => {
            // An empty text would be read as one empty entry.
            if items.count() == 0 && bounds.limit.is_none_or(|limit| limit.min <= 0) {
                return at.wrong("0 entries", "1 or more entries");
            }
            check_items(inner, Bounds::NONE, Some(*separator), items, at)
        }
        (Kind::Object(_), Value::Object(params)) => fields(params, bounds, Some(at)),
        (Kind::Text | Kind::AgentName, Value::Text(_))
        | (Kind::Number { .. }, Value::Number(_) | Value::Quoted(_))
        | (Kind::Bool, Value::Bool(_)) => Ok(()),
        (Kind::File(ends), Value::File { name, .. }) => {
            let name = name.to_ascii_lowercase();
            if ends.iter().any(|end| name.ends_with(end)) {
                Ok(())
            } else {
                at.wrong("a file with another name", format!("a file whose name ends in {}", ends.join(" or ")))
            }
        }
        (kind, value) => at.wrong(describe(value), expected(kind, bounds)),
    }
}

/// The limit of a list applies to the list, not to its items.
fn check_items(
    kind: &Kind,
    bounds: Bounds,
    separator: Option<char>,
    items: &dyn Entries,
    at: &At<'_>,
) -> Result<(), InvalidParam> {
    for (index, item) in (0..items.count()).filter_map(|index| items.item(index).map(|item| (index, item))) {
        let at = At { outer: Some(at), hop: Hop::Item(index) };
        check_kind(kind, bounds, item, &at)?;
        if let (Some(separator), Value::Text(text)) = (separator, item) {
            if text.is_empty() {
                return at.wrong("an empty text", "a text that isn't empty");
            }
            if text.contains(separator) {
                let allowed = format!("a text without `{separator}`, which separates");
                return at.wrong(format!("a text with `{separator}` in it"), allowed);
            }
        }
    }
    Ok(())
}

/// Describes a value that isn't listed. A text isn't quoted: it could be a secret in the wrong place.
fn unlisted(value: Value<'_>) -> String {
    match value {
        Value::Number(number) | Value::Quoted(number) => number.to_string(),
        Value::Text(text) => {
            format!("a text of {} that is not listed", counted(text.chars().count(), "character", "characters"))
        }
        value => describe(value).to_owned(),
    }
}

fn allowed(limit: Limit, unit: &str) -> String {
    let text = if limit.min == limit.max {
        format!("exactly {} {unit}", limit.min)
    } else {
        format!("{} to {} {unit}", limit.min, limit.max)
    };
    text.trim_end().to_owned()
}

fn listed(choices: &[Choice], bounds: Bounds) -> String {
    let allowed = choices.iter().filter(|choice| bounds.allow(choice));
    allowed.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn expected(kind: &Kind, bounds: Bounds) -> Cow<'static, str> {
    match kind {
        Kind::Text | Kind::AgentName => "a text".into(),
        Kind::Rule(rule) => rule.allowed.into(),
        Kind::Number { .. } => "a whole number".into(),
        Kind::Bool => "true or false".into(),
        Kind::Choice(choices) => listed(choices, bounds).into(),
        Kind::Fixed(constant) => constant.to_string().into(),
        Kind::Quoted(inner) => expected(inner, bounds),
        Kind::List(_) => "a list".into(),
        Kind::Joined(separator, _) => format!("entries with `{separator}` between them").into(),
        Kind::Object(_) => "an object".into(),
        Kind::File(_) => "a file".into(),
    }
}

fn describe(value: Value<'_>) -> &'static str {
    match value {
        Value::Text(_) => "a text",
        Value::Number(_) | Value::Quoted(_) => "a number",
        Value::Bool(_) => "true or false",
        Value::List(_) | Value::Joined(..) => "a list",
        Value::Object(_) => "an object",
        Value::File { .. } => "a file",
    }
}

/// Where in the parameters the check is: `multiParts[1].partNumber`. Formatted only if something is wrong there.
#[derive(Clone, Copy)]
struct At<'a> {
    outer: Option<&'a Self>,
    hop: Hop,
}

#[derive(Clone, Copy)]
enum Hop {
    Name(&'static str),
    Item(usize),
}

impl At<'_> {
    fn wrong<T>(
        &self,
        got: impl Into<Cow<'static, str>>,
        allowed: impl Into<Cow<'static, str>>,
    ) -> Result<T, InvalidParam> {
        Err(InvalidParam::new(self.to_string(), got, allowed))
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outer) = self.outer {
            outer.fmt(f)?;
        }
        match self.hop {
            Hop::Name(name) if self.outer.is_some() => write!(f, ".{name}"),
            Hop::Name(name) => f.write_str(name),
            Hop::Item(index) => write!(f, "[{index}]"),
        }
    }
}
