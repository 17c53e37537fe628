use crate::schema::template::{self, ensure};
use crate::schema::{Choice, Constant, Edition, Kind, Value};

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
    pub among: &'static [Constant],
    /// What this operation allows of the members of an object, where that is less than the object's own table does.
    pub members: &'static [MemberLimit],
    /// If it is required: what is sent unless the caller sets it. Otherwise: what the service takes if it is absent.
    pub default: Option<Constant>,
    /// The one manual that lists it; `None` where every manual of the operation does.
    pub only: Option<Edition>,
    /// The one manual that requires it, where the others don't.
    pub required_by: Option<Edition>,
}

impl Field {
    /// A parameter that the operation needs.
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

    /// A parameter that may be left out.
    pub const fn optional(name: &'static str, place: Place, kind: Kind) -> Self {
        let mut field = Self::required(name, place, kind);
        field.required = false;
        field
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
    /// At compile time, if the kind has nothing to measure, or the limit is empty, out of reach, or has a unit and is
    /// no number's.
    #[must_use]
    pub const fn limit(mut self, min: i128, max: i128, unit: &'static str) -> Self {
        let limit = Limit { min, max, unit };
        template::assert_limit(self.name, self.kind, limit);
        self.limit = Some(limit);
        self
    }

    /// Sets the listed values that it may have.
    ///
    /// # Panics
    /// At compile time, if the kind doesn't list one of them.
    #[must_use]
    pub const fn among(mut self, values: &'static [Constant]) -> Self {
        template::assert_among(self.name, self.kind, values);
        self.among = values;
        self
    }

    /// Sets what is allowed of the members of an object, which other operations may use without these limits.
    ///
    /// # Panics
    /// At compile time, if the kind is no object or list of objects, or one of the limits doesn't fit the member.
    #[must_use]
    pub const fn members(mut self, limits: &'static [MemberLimit]) -> Self {
        template::assert_members(self.name, self.kind, limits);
        self.members = limits;
        self
    }

    /// Whether it may have this one of its listed values.
    pub fn allows(&self, choice: &Choice) -> bool {
        self.bounds().allow(choice)
    }

    /// One of its members, if it is an object or a list of objects, as this operation allows it.
    #[must_use]
    pub fn member(&self, member: &Self) -> Self {
        self.bounds().narrow(member)
    }

    pub(crate) const fn bounds(&self) -> Bounds {
        Bounds { limit: self.limit, among: self.among, members: self.members }
    }

    /// Sets what is sent unless the caller sets it, or what the service takes if it is absent.
    ///
    /// # Panics
    /// At compile time, if the parameter can't have this value.
    #[must_use]
    pub const fn default(mut self, default: Constant) -> Self {
        ensure(template::holds(self.kind, default), self.name, "the default is no value of this type");
        if let (Some(limit), Constant::Number(number)) = (self.limit, default) {
            let number = number as i128;
            ensure(limit.min <= number && number <= limit.max, self.name, "the default is outside the limit");
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

    /// Notes that only one of the manuals requires it.
    ///
    /// # Panics
    /// At compile time, if all require it.
    #[must_use]
    pub const fn required_by(mut self, edition: Edition) -> Self {
        ensure(!self.required, self.name, "`requires` on what every manual requires: it stands behind the semicolon");
        self.required_by = Some(edition);
        self
    }

    /// Whether the caller has to give it.
    pub const fn is_asked_for(&self) -> bool {
        self.required && !matches!(self.kind, Kind::Fixed(_) | Kind::AgentName)
    }

    /// What stands for it in a request unless the caller gives something else.
    pub fn fallback(&self) -> Option<Value<'static>> {
        match (self.kind, self.default) {
            (Kind::Fixed(constant), _) => Some(constant.value()),
            (_, Some(default)) if self.required => Some(default.value()),
            _ => None,
        }
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

    /// A member of an object as it allows it.
    pub(crate) fn narrow(&self, member: &Field) -> Field {
        let Some(narrower) = self.members.iter().find(|narrower| narrower.name == member.name) else { return *member };
        let among = if narrower.among.is_empty() { member.among } else { narrower.among };
        Field { limit: narrower.limit.or(member.limit), among, ..*member }
    }

    /// What it allows of the items, if the kind is a list: what it says of members holds for each, its limit for the
    /// list.
    pub(crate) fn of_items(&self) -> Self {
        Self { members: self.members, ..Self::NONE }
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

/// What one operation allows of a member of an object that several operations share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MemberLimit {
    /// The member's name on the wire.
    pub name: &'static str,
    /// What is allowed, if it is a range.
    pub limit: Option<Limit>,
    /// The listed values that it may have, if it may not have all; empty otherwise.
    pub among: &'static [Constant],
}

impl MemberLimit {
    /// A range, as in [`Field::limit`].
    pub const fn range(name: &'static str, min: i128, max: i128, unit: &'static str) -> Self {
        Self { name, limit: Some(Limit { min, max, unit }), among: &[] }
    }

    /// Some of the listed values.
    pub const fn among(name: &'static str, values: &'static [Constant]) -> Self {
        Self { name, limit: None, among: values }
    }
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
