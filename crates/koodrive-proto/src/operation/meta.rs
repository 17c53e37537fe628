use http::Method;

use crate::param::Kind;

/// The table of one operation: for validation, docs, retries, logs and tools.
///
/// [`ops::ALL`](crate::ops::ALL) has one for each operation of this crate.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// Its name, which is also that of its type.
    pub name: &'static str,
    /// The module of [`ops`](crate::ops) that holds it.
    pub module: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path; `{braces}` hold the names of path parameters.
    pub path: &'static str,
    /// Which credentials the manual allows.
    pub auth: Auth,
    /// Whether it may be sent twice.
    pub safety: Safety,
    /// Where a successful answer has its content.
    pub answer: Answer,
    /// Its parameters: the required ones first.
    pub params: &'static [Field],
    /// The manuals that describe it, and how much of their pages could be read.
    pub editions: &'static [(Edition, Facts)],
    /// The manual's own names for it, typing errors included.
    pub manual_names: &'static [&'static str],
}

impl Meta {
    /// An operation without parameters, whose answer is everything beside `code` and `msg`.
    pub const fn new(
        name: &'static str,
        module: &'static str,
        method: Method,
        path: &'static str,
        auth: Auth,
        safety: Safety,
    ) -> Self {
        Self {
            name,
            module,
            method,
            path,
            auth,
            safety,
            answer: Answer::Whole,
            params: &[],
            editions: &[],
            manual_names: &[],
        }
    }

    /// Sets where a successful answer has its content.
    #[must_use]
    pub const fn answer(mut self, answer: Answer) -> Self {
        self.answer = answer;
        self
    }

    /// Sets the parameters.
    ///
    /// # Panics
    /// At compile time, if the path's placeholders are not just the path parameters, or if a name stands twice.
    #[must_use]
    pub const fn params(mut self, params: &'static [Field]) -> Self {
        assert_params(self.path, params);
        self.params = params;
        self
    }

    /// Sets the manuals that describe the operation.
    #[must_use]
    pub const fn editions(mut self, editions: &'static [(Edition, Facts)]) -> Self {
        self.editions = editions;
        self
    }

    /// Sets the manual's own names.
    #[must_use]
    pub const fn manual_names(mut self, names: &'static [&'static str]) -> Self {
        self.manual_names = names;
        self
    }
}

/// One parameter of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field {
    /// Its name on the wire.
    pub name: &'static str,
    /// Where it goes.
    pub place: Place,
    /// Whether the operation needs it.
    pub required: bool,
    /// What it looks like on the wire.
    pub kind: Kind,
    /// What is allowed, where the manual says so.
    pub limit: Option<Limit>,
    /// The one manual that lists it; `None` where every manual of the operation does.
    pub only: Option<Edition>,
}

impl Field {
    /// A parameter without limits.
    pub const fn new(name: &'static str, place: Place, required: bool, kind: Kind) -> Self {
        Self { name, place, required, kind, limit: None, only: None }
    }

    /// Sets the limit: of the value of a number, of the characters of a text, of the entries of a list.
    ///
    /// # Panics
    /// At compile time, if the kind has nothing to measure or the limit is empty.
    #[must_use]
    pub const fn limit(mut self, min: i128, max: i128, unit: &'static str) -> Self {
        assert!(self.kind.has_measure(), "a limit on what has no measure: only numbers, texts and lists have one");
        assert!(min <= max, "the limit allows nothing: write [smallest..=largest]");
        self.limit = Some(Limit { min, max, unit });
        self
    }

    /// Notes that only one of the manuals lists it.
    #[must_use]
    pub const fn only(mut self, edition: Edition) -> Self {
        self.only = Some(edition);
        self
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
pub enum Place {
    /// Into the path, as one segment.
    Path,
    /// Into the query.
    Query,
    /// Into the JSON body.
    Body,
}

/// Which credentials an operation allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// A signature or a token.
    AppOrToken,
    /// A signature only.
    App,
    /// A token only.
    Token,
    /// None is needed.
    None,
}

/// Whether an operation may be sent twice. Nothing else decides whether to repeat a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// Changes nothing.
    ReadOnly,
    /// A second run has the same effect as the first.
    Idempotent,
    /// A second run could do something again: sent again only if the server can't have seen it.
    Once,
}

impl Safety {
    /// What the method alone promises: `GET` changes nothing, `PUT` and `DELETE` may be repeated, everything else not.
    ///
    /// [`ops::SAFETY_EXCEPTIONS`](crate::ops::SAFETY_EXCEPTIONS) has the operations that differ, with the reason.
    pub fn of(method: &Method) -> Self {
        match *method {
            Method::GET => Self::ReadOnly,
            Method::PUT | Method::DELETE => Self::Idempotent,
            _ => Self::Once,
        }
    }
}

/// Where a successful answer has its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Under `data`.
    Data,
    /// Beside `code` and `msg`.
    Whole,
}

/// The manual that describes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edition {
    /// `api-koodrive-carrier`.
    Carrier,
    /// `api-koodrive`.
    Enterprise,
}

/// How much of a manual's page could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Facts {
    /// All of it.
    Full,
    /// A part; the operation's docs say what is missing.
    Partial,
}

/// Panics at compile time if placeholders and path parameters differ or a name stands twice in one place.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn assert_params(path: &str, params: &[Field]) {
    let mut i = 0;
    let mut path_params = 0;
    while i < params.len() {
        if matches!(params[i].place, Place::Path) {
            path_params += 1;
            assert!(params[i].required, "a path parameter is always required");
            assert!(!matches!(params[i].kind, Kind::List(_)), "a path parameter is one segment, not a list");
        }
        let mut j = i + 1;
        while j < params.len() {
            let same = same_text(params[i].name.as_bytes(), params[j].name.as_bytes());
            assert!(
                !(same && params[i].place as u8 == params[j].place as u8),
                "two parameters of one place share a name"
            );
            j += 1;
        }
        i += 1;
    }

    let bytes = path.as_bytes();
    assert!(!bytes.is_empty() && bytes[0] == b'/', "the path must begin with a slash");
    let mut placeholders = 0;
    let mut at = 0;
    while at < bytes.len() {
        assert!(bytes[at].is_ascii_graphic(), "the path must be visible ASCII, percent-encoded");
        assert!(!matches!(bytes[at], b'?' | b'#' | b'}'), "the path has a ?, a # or a stray closing brace");
        if bytes[at] == b'{' {
            let start = at + 1;
            while at < bytes.len() && bytes[at] != b'}' {
                at += 1;
            }
            assert!(at < bytes.len(), "the path has an opening brace without a closing one");
            let (_, tail) = bytes.split_at(start);
            let (name, tail) = tail.split_at(at - start);
            assert!(
                is_path_param(params, name),
                "the path has a placeholder that is no path parameter: braces hold wire names"
            );
            assert!(!contains(tail, name), "the path names a parameter twice");
            placeholders += 1;
        }
        at += 1;
    }
    assert!(placeholders == path_params, "the path must name each path parameter once, by its wire name in braces");
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn is_path_param(params: &[Field], name: &[u8]) -> bool {
    let mut i = 0;
    while i < params.len() {
        if matches!(params[i].place, Place::Path) && same_text(params[i].name.as_bytes(), name) {
            return true;
        }
        i += 1;
    }
    false
}

/// Whether `{name}` stands in the rest of a path.
#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn contains(rest: &[u8], name: &[u8]) -> bool {
    let mut at = 0;
    while at + name.len() + 1 < rest.len() {
        let (_, tail) = rest.split_at(at + 1);
        let (head, tail) = tail.split_at(name.len());
        if rest[at] == b'{' && same_text(head, name) && tail[0] == b'}' {
            return true;
        }
        at += 1;
    }
    false
}

#[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "runs in the compiler only")]
const fn same_text(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}
