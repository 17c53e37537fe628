use crate::schema::{Choice, Edition, Kind, Wire, template};

/// One parameter of an operation, or of an object inside its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its name in Rust; empty where the caller doesn't give it.
    pub rust: &'static str,
    /// Where it goes.
    pub place: Place,
    /// Whether the operation needs it.
    pub required: bool,
    /// What it looks like on the wire.
    pub kind: Kind,
    /// What is allowed, where the manual says so.
    pub limit: Option<Limit>,
    /// The listed values that it may have, where it may not have all; empty otherwise.
    pub among: &'static [Wire],
    /// What the service takes if it is absent, where the manual says so.
    pub default: Option<Wire>,
    /// The one manual that lists it; `None` where every manual of the operation does.
    pub only: Option<Edition>,
}

impl Field {
    /// A parameter without limits.
    pub const fn new(name: &'static str, place: Place, required: bool, kind: Kind) -> Self {
        Self { name, rust: "", place, required, kind, limit: None, among: &[], default: None, only: None }
    }

    /// Sets its name in Rust.
    #[must_use]
    pub const fn rust(mut self, name: &'static str) -> Self {
        self.rust = name;
        self
    }

    /// Sets the limit: of the value of a number, of the characters of a text, of the entries of a list.
    ///
    /// # Panics
    /// At compile time, if the kind has nothing to measure, or the limit is empty, out of reach, or has a unit and is no
    /// number's.
    #[must_use]
    pub const fn limit(mut self, min: i128, max: i128, unit: &'static str) -> Self {
        assert!(
            self.kind.has_measure(),
            "a limit on what has no measure: only numbers, texts and lists have one, not flags, objects, or choices of \
             texts"
        );
        assert!(min <= max, "the limit allows nothing: write [smallest..=largest]");
        assert!(template::reachable(self.kind, min, max), "the limit is outside of what the type holds");
        assert!(
            unit.is_empty() || self.kind.is_number(),
            "a unit on what is no number: texts count characters, lists entries"
        );
        self.limit = Some(Limit { min, max, unit });
        self
    }

    /// Sets the listed values that it may have.
    ///
    /// # Panics
    /// At compile time, if the kind doesn't list one of them.
    #[must_use]
    pub const fn among(mut self, values: &'static [Wire]) -> Self {
        template::assert_among(self.kind, values);
        self.among = values;
        self
    }

    /// Whether it may have this one of its listed values.
    pub fn allows(&self, choice: &Choice) -> bool {
        self.bounds().allow(choice)
    }

    pub(crate) const fn bounds(&self) -> Bounds {
        Bounds { limit: self.limit, among: self.among }
    }

    /// Sets what the service takes if it is absent.
    ///
    /// # Panics
    /// At compile time, if the parameter is required, or can't have this value.
    #[must_use]
    pub const fn default(mut self, default: Wire) -> Self {
        assert!(!self.required, "a default on a required parameter: it would never be taken");
        assert!(template::holds(self.kind, default), "the default is no value of this type");
        if let (Some(limit), Wire::Number(number)) = (self.limit, default) {
            let number = number as i128;
            assert!(limit.min <= number && number <= limit.max, "the default is outside the limit");
        }
        self.default = Some(default);
        self
    }

    /// Notes that only one of the manuals lists it.
    #[must_use]
    pub const fn only(mut self, edition: Edition) -> Self {
        self.only = Some(edition);
        self
    }

    /// A table of parameters.
    ///
    /// # Panics
    /// At compile time, if a name stands twice in one place, or if a place can't hold a value.
    pub const fn table(fields: &'static [Self]) -> &'static [Self] {
        template::assert_table(fields);
        fields
    }
}

/// What a declaration allows of the values of a kind.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) limit: Option<Limit>,
    among: &'static [Wire],
}

impl Bounds {
    pub(crate) const NONE: Self = Self { limit: None, among: &[] };

    pub(crate) fn allow(&self, choice: &Choice) -> bool {
        let within = match (choice.wire, self.limit) {
            (Wire::Number(number), Some(limit)) => (limit.min..=limit.max).contains(&i128::from(number)),
            _ => true,
        };
        within && (self.among.is_empty() || self.among.contains(&choice.wire))
    }
}

/// The smallest and the largest that is allowed, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The smallest.
    pub min: i128,
    /// The largest.
    pub max: i128,
    /// The unit of a number, or empty; texts count characters, lists count entries.
    pub unit: &'static str,
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// Into the path, as one segment.
    Path,
    /// Into the query.
    Query,
    /// Into a header.
    Header,
    /// Into the JSON body.
    Body,
    /// Into a `multipart/form-data` body, as a part.
    Form,
}
