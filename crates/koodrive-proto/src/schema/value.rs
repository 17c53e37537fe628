use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::schema::{Params, Place};

/// The value of a parameter, borrowed.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// A number. `i128` holds every `u64` and `i64`, so no value can wrap around past a limit.
    Number(i128),
    /// A number written as a JSON string.
    Quoted(i128),
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(&'a dyn Entries),
    /// A list as one text, with this character between its entries.
    Joined(char, &'a dyn Entries),
    /// An object.
    Object(&'a dyn Params),
    /// A file.
    File {
        /// The file's name.
        name: &'a str,
        /// The file's content.
        content: &'a [u8],
    },
}

impl Value<'_> {
    /// Writes the value as it appears in a path, a query or a header; writes nothing if they can't hold it.
    pub(crate) fn write_plain(&self, write: impl FnOnce(&str)) {
        match self {
            Self::Text(text) => write(text),
            Self::Number(number) | Self::Quoted(number) => write(&number.to_string()),
            Self::Bool(flag) => write(if *flag { "true" } else { "false" }),
            Self::Joined(separator, items) => write(&join(*separator, *items)),
            Self::List(_) | Self::Object(_) | Self::File { .. } => {}
        }
    }
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match *self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_i128(number),
            Self::Quoted(number) => serializer.collect_str(&number),
            Self::Bool(flag) => serializer.serialize_bool(flag),
            Self::List(items) => serializer.collect_seq((0..items.count()).filter_map(|at| items.item(at))),
            Self::Joined(separator, items) => serializer.serialize_str(&join(separator, items)),
            Self::Object(params) => {
                let mut map = serializer.serialize_map(None)?;
                let mut result = Ok(());
                params.walk(&mut |field, value| {
                    if field.place == Place::Body && result.is_ok() {
                        result = map.serialize_entry(field.name, &value);
                    }
                });
                result?;
                map.end()
            }
            Self::File { content, .. } => serializer.serialize_bytes(content),
        }
    }
}

impl fmt::Debug for Value<'_> {
    /// Shows only the length of a text, since it could be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({} characters)", text.chars().count()),
            Self::Number(number) => write!(f, "Number({number})"),
            Self::Quoted(number) => write!(f, "Quoted({number})"),
            Self::Bool(flag) => write!(f, "Bool({flag})"),
            Self::List(items) | Self::Joined(_, items) => write!(f, "List({} entries)", items.count()),
            Self::Object(_) => f.write_str("Object(..)"),
            Self::File { name, content } => write!(f, "File({name:?}, {} bytes)", content.len()),
        }
    }
}

/// The items of a list parameter.
pub trait Entries {
    /// Returns how many items there are.
    fn count(&self) -> usize;
    /// Returns the item at this index, if there is one.
    fn item(&self, at: usize) -> Option<Value<'_>>;
}

/// Joins the entries into one text.
fn join(separator: char, items: &dyn Entries) -> String {
    let mut text = String::new();
    for (at, item) in (0..items.count()).filter_map(|at| items.item(at)).enumerate() {
        if at > 0 {
            text.push(separator);
        }
        item.write_plain(|item| text.push_str(item));
    }
    text
}
