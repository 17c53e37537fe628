use crate::param::{IntoParam, Param};
use crate::schema::{Kind, Value};

/// A list that the manual types as a String: one text, with a separator between the entries.
///
/// It needs at least one entry; no entry may be empty or contain the separator. A limit counts entries.
///
/// ```
/// use koodrive_proto::param::Joined;
/// use koodrive_proto::{Api, Credentials, Operation, operation};
///
/// operation! {
///     /// Counts files by the ends of their names.
///     GET "/koodrive/ose/v1/example" CountFiles -> ();
///     AppOrToken, ReadOnly, Enterprise Full;
///     query {;
///         /// The ends, 100 at most.
///         extensions: Joined<String> [1..=100],
///         /// Sizes in pixels.
///         sizes: Joined<u32, ';'>,
///     }
/// }
///
/// let op = CountFiles::new().extensions(["jpg", "png"]).sizes([64, 128]);
/// let mut path = String::new();
/// op.path_and_query(&mut path);
/// assert_eq!(path, "/koodrive/ose/v1/example?extensions=jpg%2Cpng&sizes=64%3B128");
/// let error = op.extensions(["a,b"]).check().unwrap_err();
/// let expected = "extensions[0]: got a text with `,` in it, allowed: a text without `,`, which separates";
/// assert_eq!(error.to_string(), expected);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined<T, const SEPARATOR: char = ','>(
    /// The entries.
    pub Vec<T>,
);

impl<T: Param, const SEPARATOR: char> Param for Joined<T, SEPARATOR> {
    const KIND: Kind = {
        let in_numbers = SEPARATOR.is_ascii_digit() || SEPARATOR == '-';
        assert!(!(in_numbers && T::KIND.is_number()), "`Joined`: the separator can be part of a number");
        Kind::Joined(SEPARATOR, &T::KIND)
    };

    fn value(&self) -> Value<'_> {
        Value::Joined(SEPARATOR, &self.0)
    }

    fn from_value(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Joined(_, items) => Vec::from_value(Value::List(items)).map(Self),
            _ => None,
        }
    }
}

impl<T, U, const SEPARATOR: char> IntoParam<Joined<T, SEPARATOR>> for Vec<U>
where
    U: IntoParam<T>,
{
    fn into_param(self) -> Joined<T, SEPARATOR> {
        Joined(self.into_param())
    }
}

impl<T, U: IntoParam<T>, const N: usize, const SEPARATOR: char> IntoParam<Joined<T, SEPARATOR>> for [U; N] {
    fn into_param(self) -> Joined<T, SEPARATOR> {
        Joined(self.into_param())
    }
}

impl<T, U: Clone + IntoParam<T>, const SEPARATOR: char> IntoParam<Joined<T, SEPARATOR>> for &Vec<U> {
    fn into_param(self) -> Joined<T, SEPARATOR> {
        Joined(self.into_param())
    }
}

impl<T, U: Clone + IntoParam<T>, const SEPARATOR: char> IntoParam<Joined<T, SEPARATOR>> for &[U] {
    fn into_param(self) -> Joined<T, SEPARATOR> {
        Joined(self.into_param())
    }
}

impl<T, const SEPARATOR: char> IntoParam<Self> for Joined<T, SEPARATOR> {
    fn into_param(self) -> Self {
        self
    }
}
