use std::borrow::Cow;

use serde_json::{Map, Value as Json};

use crate::check::{At, Hop, InvalidParam, allowed, check_kind, expected, listed};
use crate::schema::{Bounds, Choice, Constant, Entries, Field, Kind, Limit, Meta, Params, Value};

/// Parameters that come from outside: from a request that a server received, or from a file that a tool read.
///
/// A JSON object is such an input, with the parameters under their names. It doesn't distinguish where in a request
/// they go, so a name that two places share has one value. [`Received`](crate::operation::Received) is a request, and
/// does distinguish the places.
pub trait Untyped {
    /// Returns the value of a parameter, or `None` if it is absent.
    fn get(&self, field: &Field) -> Option<Cow<'_, Json>>;
}

impl Untyped for Json {
    fn get(&self, field: &Field) -> Option<Cow<'_, Json>> {
        Self::get(self, field.name).map(Cow::Borrowed)
    }
}

impl Untyped for Map<String, Json> {
    fn get(&self, field: &Field) -> Option<Cow<'_, Json>> {
        Self::get(self, field.name).map(Cow::Borrowed)
    }
}

impl Meta {
    /// Checks untyped input as a server would: every required parameter is there, and each has its kind and is within
    /// its limit.
    ///
    /// The check is lenient where the manual contradicts itself: a number may come as a text and the other way round.
    /// An empty text counts as absent, as `null` does, where an optional number, flag or listed value is expected.
    /// Parameters that the table doesn't know are ignored.
    ///
    /// ```
    /// use koodrive_proto::Operation;
    /// use koodrive_proto::ops::spaces::UpdateSpace;
    ///
    /// let input = serde_json::json!({"ownerId": "1", "type": 1, "capacity": "104857601"});
    /// let error = UpdateSpace::META.check(&input).unwrap_err();
    /// assert_eq!(error.to_string(), "capacity: got 104857601, allowed: 1 to 104857600 GB");
    /// ```
    pub fn check(&self, input: &dyn Untyped) -> Result<(), InvalidParam> {
        self.params.iter().try_for_each(|field| match read_field(field, input, Reader::Server, None)? {
            Some(tree) => field.check(tree.value(), None),
            None => Ok(()),
        })
    }
}

/// An operation, or an object inside its body, made from untyped values: for tests, recorded examples and tools.
///
/// ```
/// use koodrive_proto::check::FromParams;
/// use koodrive_proto::ops::spaces::{SpaceType, UpdateSpace};
///
/// let params = serde_json::json!({"ownerId": "1289173650183882753", "type": 1, "capacity": "10"});
/// let op = UpdateSpace::from_params(&params)?;
/// assert_eq!(op, UpdateSpace::new("1289173650183882753", SpaceType::Individual).capacity(10));
///
/// let error = UpdateSpace::from_params(&serde_json::json!({"ownerId": "1", "type": []})).unwrap_err();
/// assert_eq!(error.to_string(), "type: got a list, allowed: 0 (Department), 1 (Individual)");
/// # Ok::<(), koodrive_proto::InvalidParam>(())
/// ```
pub trait FromParams: Params + Sized {
    /// The table of its parameters.
    const FIELDS: &'static [Field];

    /// Takes the values of the table's parameters. Returns `None` if a required one is missing or a value doesn't fit
    /// its type.
    fn take(params: &dyn Params) -> Option<Self>;

    /// Reads each parameter as its kind demands. Limits are left to [`Operation::check`](crate::Operation::check).
    ///
    /// Reading is as lenient as [`Meta::check`]. A fixed value may be absent; if it is present, it must be the right
    /// one. Parameters that the table doesn't know are ignored.
    fn from_params(input: &dyn Untyped) -> Result<Self, InvalidParam> {
        let table = Table::read(Self::FIELDS, Bounds::NONE, input, Reader::Tool, None)?;
        Self::take(&table).ok_or_else(|| InvalidParam::new("the parameters", "others", "what their table says"))
    }
}

/// Who reads the input.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reader {
    /// A server, to which everything required must have been sent.
    Server,
    /// A tool that builds a request; what the caller of an operation doesn't give may be absent.
    Tool,
}

/// A JSON value, read as its kind demands.
enum Tree {
    Text(String),
    Number(i128),
    Bool(bool),
    List(Vec<Self>),
    Joined(char, Vec<Self>),
    Object(Table),
    File { name: String, content: Vec<u8> },
}

struct Table {
    fields: &'static [Field],
    values: Vec<(&'static Field, Tree)>,
}

impl Tree {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Text(text) => Value::Text(text),
            Self::Number(number) => Value::Number(*number),
            Self::Bool(flag) => Value::Bool(*flag),
            Self::List(items) => Value::List(items),
            Self::Joined(separator, items) => Value::Joined(*separator, items),
            Self::Object(table) => Value::Object(table),
            Self::File { name, content } => Value::File { name, content },
        }
    }
}

impl Entries for Vec<Tree> {
    fn count(&self) -> usize {
        self.len()
    }

    fn item(&self, at: usize) -> Option<Value<'_>> {
        self.get(at).map(Tree::value)
    }
}

impl Params for Table {
    fn fields(&self) -> &'static [Field] {
        self.fields
    }

    fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, Value<'a>)) {
        for (field, tree) in &self.values {
            visit(field, tree.value());
        }
    }
}

impl Table {
    fn read(
        fields: &'static [Field],
        bounds: Bounds,
        input: &dyn Untyped,
        reader: Reader,
        outer: Option<&At<'_>>,
    ) -> Result<Self, InvalidParam> {
        let read = |field: &'static Field| {
            Ok(read_field(&bounds.narrow(field), input, reader, outer)?.map(|tree| (field, tree)))
        };
        let values = fields.iter().filter_map(|field| read(field).transpose()).collect::<Result<_, _>>()?;
        Ok(Self { fields, values })
    }
}

fn read_field(
    field: &Field,
    input: &dyn Untyped,
    reader: Reader,
    outer: Option<&At<'_>>,
) -> Result<Option<Tree>, InvalidParam> {
    let at = At { outer, hop: Hop::Name(field.name) };
    let json = input.get(field);
    let absent = match json.as_deref() {
        None | Some(Json::Null) => true,
        Some(Json::String(text)) => text.is_empty() && !field.required && !takes_empty(&field.kind),
        Some(_) => false,
    };
    match json {
        Some(json) if !absent => read(&field.kind, field.bounds(), &json, reader, &at).map(Some),
        _ if !field.required => Ok(None),
        _ => match field.kind {
            Kind::Fixed(_) | Kind::AgentName if reader == Reader::Tool => Ok(None),
            // It isn't known here which of the manuals the caller follows.
            Kind::AgentName if field.only.is_some() => Ok(None),
            _ if reader == Reader::Tool && field.default.is_some() => Ok(None),
            _ => field.missing("", outer),
        },
    }
}

/// Whether an empty text can be a value.
fn takes_empty(kind: &Kind) -> bool {
    match kind {
        Kind::Quoted(inner) => takes_empty(inner),
        Kind::Choice(choices) => choices.iter().any(|choice| choice.value == Constant::Text("")),
        Kind::Number { .. } | Kind::Bool | Kind::Joined(..) => false,
        _ => true,
    }
}

fn read(kind: &Kind, bounds: Bounds, json: &Json, reader: Reader, at: &At<'_>) -> Result<Tree, InvalidParam> {
    let within = |number: i128, min: i128, max: i128| {
        if (min..=max).contains(&number) {
            return Ok(Tree::Number(number));
        }
        let limit = bounds.limit.unwrap_or(Limit { min, max, unit: "" });
        at.wrong(number.to_string(), allowed(limit, limit.unit))
    };
    let tree = match kind {
        Kind::Quoted(inner) => return read(inner, bounds, json, reader, at),
        Kind::Number { min, max } => match whole(json) {
            Some(number) => return within(number, *min, *max),
            None => None,
        },
        Kind::Choice(choices @ [Choice { value: Constant::Number(_), .. }, ..]) => match whole(json) {
            // The service's own numbers are within the bounds of i64.
            Some(number) if i64::try_from(number).is_err() => {
                return at.wrong(number.to_string(), listed(choices, bounds));
            }
            number => number.map(Tree::Number),
        },
        Kind::Fixed(Constant::Number(_)) => whole(json).map(Tree::Number),
        Kind::Bool | Kind::Fixed(Constant::Bool(_)) => match json {
            Json::Bool(flag) => Some(*flag),
            Json::String(text) => text.parse().ok(),
            _ => None,
        }
        .map(Tree::Bool),
        Kind::Text | Kind::Rule(_) | Kind::AgentName | Kind::Choice(_) | Kind::Fixed(Constant::Text(_)) => match json {
            Json::String(text) => Some(Tree::Text(text.clone())),
            Json::Number(number) => Some(Tree::Text(number.to_string())),
            _ => None,
        },
        Kind::List(inner) => match json {
            Json::Array(items) => Some(Tree::List(read_items(inner, bounds.of_items(), items, reader, at)?)),
            _ => None,
        },
        Kind::Joined(separator, inner) => match json {
            Json::String(text) => {
                let items: Vec<Json> = text.split(*separator).map(Json::from).collect();
                Some(Tree::Joined(*separator, read_items(inner, Bounds::NONE, &items, reader, at)?))
            }
            Json::Array(items) => Some(Tree::Joined(*separator, read_items(inner, Bounds::NONE, items, reader, at)?)),
            _ => None,
        },
        Kind::Object(fields) => match json {
            Json::Object(object) => Some(Tree::Object(Table::read(fields, bounds, object, reader, Some(at))?)),
            _ => None,
        },
        Kind::File(_) => {
            let name = json["fileName"].as_str();
            let content = match &json["content"] {
                Json::String(text) => Some(text.clone().into_bytes()),
                Json::Array(bytes) => bytes.iter().map(|byte| byte.as_u64()?.try_into().ok()).collect(),
                _ => None,
            };
            name.zip(content).map(|(name, content)| Tree::File { name: name.to_owned(), content })
        }
    };
    match (tree, kind) {
        (None, _) => at.wrong(describe_json(json), expected(kind, bounds)),
        // A fixed value may be given, but must be the right one.
        (Some(tree), Kind::Fixed(_)) => check_kind(kind, bounds, tree.value(), at).map(|()| tree),
        (Some(tree), _) => Ok(tree),
    }
}

fn read_items(
    kind: &Kind,
    bounds: Bounds,
    items: &[Json],
    reader: Reader,
    at: &At<'_>,
) -> Result<Vec<Tree>, InvalidParam> {
    let item = |(index, item)| read(kind, bounds, item, reader, &At { outer: Some(at), hop: Hop::Item(index) });
    items.iter().enumerate().map(item).collect()
}

/// A number in its usual form: as a text, without a plus sign, leading zeros or blanks.
fn whole(json: &Json) -> Option<i128> {
    match json {
        Json::Number(number) => number.as_i128(),
        Json::String(text) => text.parse().ok().filter(|number: &i128| number.to_string() == *text),
        _ => None,
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
