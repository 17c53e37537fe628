use crate::schema::stop::ensure;
use crate::schema::{Choice, Constant, Edition, Kind, Value, limits, template};

/// One parameter of an operation, or of an object inside its body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// The parameter's name on the wire.
    pub name: &'static str,
    /// The parameter's name in Rust; empty if the caller doesn't give the parameter.
    pub rust: &'static str,
    /// Where in the request the parameter goes.
    pub place: Place,
    /// Whether the operation needs the parameter.
    pub required: bool,
    /// What the value looks like on the wire.
    pub kind: Kind,
    /// The range that is allowed, where the manual names one.
    pub limit: Option<Limit>,
    /// The listed values that are allowed here, if not all of them are; empty otherwise.
    pub among: &'static [Constant],
    /// What this operation allows for the members of an object, where that is less than the object's own table allows.
    pub members: &'static [MemberLimit],
    /// For a required parameter, what is sent unless the caller sets it. For an optional one, what the service assumes
    /// if it is absent.
    pub default: Option<Constant>,
    /// The only manual that lists the parameter; `None` if every manual of the operation does.
    pub only: Option<Edition>,
    /// The only manual that requires the parameter, if the others don't.
    pub required_by: Option<Edition>,
}

impl Field {
    /// Creates a parameter that the operation needs.
    pub const fn required(name: &'static str, place: Place, kind: Kind) -> Self {
        Self {
            name,
            rust: "",
            place,
            required: true,
            kind,
            limit: None,
            among: &[],
            members: &[],
            default: None,
            only: None,
            required_by: None,
        }
    }

    /// Creates a parameter that may be left out.
    pub const fn optional(name: &'static str, place: Place, kind: Kind) -> Self {
        let mut field = Self::required(name, place, kind);
        field.required = false;
        field
    }

    /// Sets the parameter's name in Rust.
    #[must_use]
    pub const fn rust(mut self, name: &'static str) -> Self {
        self.rust = name;
        self
    }

    /// Sets the limit: for the value of a number, the characters of a text, or the entries of a list.
    ///
    /// # Panics
    /// Panics at compile time if the kind has nothing to measure, if the limit is empty or outside of what the type
    /// holds, or if it has a unit although the kind is not a number.
    #[must_use]
    pub const fn limit(mut self, min: i128, max: i128, unit: &'static str) -> Self {
        let limit = Limit { min, max, unit };
        limits::assert_limit(self.name, self.kind, limit);
        self.limit = Some(limit);
        self
    }

    /// Sets which of the listed values are allowed.
    ///
    /// # Panics
    /// Panics at compile time if the kind doesn't list one of them.
    #[must_use]
    pub const fn among(mut self, values: &'static [Constant]) -> Self {
        limits::assert_among(self.name, self.kind, values);
        self.among = values;
        self
    }

    /// Limits the members of an object for this operation; other operations may use the same object without these
    /// limits.
    ///
    /// # Panics
    /// Panics at compile time if the kind is neither an object nor a list of objects, or if one of the limits doesn't
    /// fit its member.
    #[must_use]
    pub const fn members(mut self, limits: &'static [MemberLimit]) -> Self {
        limits::assert_members(self.name, self.kind, limits);
        self.members = limits;
        self
    }

    /// Returns whether this one of the listed values is allowed.
    pub fn allows(&self, choice: &Choice) -> bool {
        self.bounds().allow(choice)
    }

    /// Returns a member of this object or list of objects, with the limits that this operation sets for it.
    #[must_use]
    pub fn member(&self, member: &Self) -> Self {
        self.bounds().narrow(member)
    }

    pub(crate) const fn bounds(&self) -> Bounds {
        Bounds { limit: self.limit, among: self.among, members: self.members }
    }

    /// Sets the default: what is sent unless the caller sets the parameter, or what the service assumes if it is
    /// absent.
    ///
    /// # Panics
    /// Panics at compile time if the parameter can't have this value.
    #[must_use]
    pub const fn default(mut self, default: Constant) -> Self {
        limits::assert_default(&self, default);
        self.default = Some(default);
        self
    }

    /// Notes that only one of the manuals lists the parameter.
    #[must_use]
    pub const fn only(mut self, edition: Edition) -> Self {
        self.only = Some(edition);
        self
    }

    /// Notes that only one of the manuals requires the parameter. No check refuses a request without it, since it isn't
    /// known which of the manuals the caller follows.
    ///
    /// # Panics
    /// Panics at compile time if all manuals require it.
    #[must_use]
    pub const fn required_by(mut self, edition: Edition) -> Self {
        ensure(!self.required, self.name, "`requires` on what every manual requires: it stands behind the semicolon");
        self.required_by = Some(edition);
        self
    }

    /// Returns whether the caller has to give the parameter.
    pub const fn is_asked_for(&self) -> bool {
        self.required && !matches!(self.kind, Kind::Fixed(_) | Kind::AgentName)
    }

    /// Returns what is sent in a request unless the caller gives something else.
    pub fn fallback(&self) -> Option<Value<'static>> {
        match (self.kind, self.default) {
            (Kind::Fixed(constant), _) => Some(constant.value()),
            (_, Some(default)) if self.required => Some(default.value()),
            _ => None,
        }
    }

    /// Checks a table of parameters, and returns it.
    ///
    /// # Panics
    /// Panics at compile time if a name appears twice in one place, or if a place can't hold a value.
    pub const fn table(fields: &'static [Self]) -> &'static [Self] {
        template::assert_table(fields);
        fields
    }
}

/// What a declaration allows for the values of a kind.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) limit: Option<Limit>,
    among: &'static [Constant],
    members: &'static [MemberLimit],
}

impl Bounds {
    pub(crate) const NONE: Self = Self { limit: None, among: &[], members: &[] };

    pub(crate) fn allow(&self, choice: &Choice) -> bool {
        let within = match (choice.value, self.limit) {
            (Constant::Number(number), Some(limit)) => (limit.min..=limit.max).contains(&i128::from(number)),
            _ => true,
        };
        within && (self.among.is_empty() || self.among.contains(&choice.value))
    }

    /// Returns a member of an object, with what these bounds allow for it.
    pub(crate) fn narrow(&self, member: &Field) -> Field {
        let Some(narrower) = self.members.iter().find(|narrower| narrower.name == member.name) else { return *member };
        let among = if narrower.among.is_empty() { member.among } else { narrower.among };
        let unit = |limit: Limit| match (limit.unit, member.limit) {
            ("", Some(own)) => Limit { unit: own.unit, ..limit },
            _ => limit,
        };
        Field { limit: narrower.limit.map(unit).or(member.limit), among, ..*member }
    }

    /// What is allowed for each item, if the kind is a list: limits of members apply to each item, the limit itself to
    /// the list.
    pub(crate) fn of_items(&self) -> Self {
        Self { members: self.members, ..Self::NONE }
    }
}

/// The smallest and the largest value that are allowed, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The smallest value that is allowed.
    pub min: i128,
    /// The largest value that is allowed.
    pub max: i128,
    /// The unit of a number, or empty. Texts are measured in characters, lists in entries.
    pub unit: &'static str,
}

/// What one operation allows for a member of an object that several operations share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberLimit {
    /// The member's name on the wire.
    pub name: &'static str,
    /// The range that is allowed, if the limit is a range.
    pub limit: Option<Limit>,
    /// The listed values that are allowed, if not all of them are; empty otherwise.
    pub among: &'static [Constant],
}

impl MemberLimit {
    /// Limits a member to a range, as [`Field::limit`] does.
    pub const fn range(name: &'static str, min: i128, max: i128, unit: &'static str) -> Self {
        Self { name, limit: Some(Limit { min, max, unit }), among: &[] }
    }

    /// Limits a member to some of its listed values.
    pub const fn among(name: &'static str, values: &'static [Constant]) -> Self {
        Self { name, limit: None, among: values }
    }
}

/// Where in the request a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The path, as one segment.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
    /// The JSON body.
    Body,
    /// A `multipart/form-data` body, as a part.
    Form,
}
