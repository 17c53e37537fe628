use http::Method;

use crate::schema::{Field, template};

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
    /// The path; `{braces}` hold the wire names of path parameters.
    pub path: &'static str,
    /// Which credentials the manual allows.
    pub auth: Auth,
    /// Whether it may be sent twice.
    pub safety: Safety,
    /// Where a successful answer has its content.
    pub envelope: Envelope,
    /// Its parameters: the required ones first.
    pub params: &'static [Field],
    /// Whether there are rules between its parameters, which [`Operation::check`](crate::Operation::check) knows and
    /// the table doesn't.
    pub rules: bool,
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
            envelope: Envelope::Whole,
            params: &[],
            rules: false,
            editions: &[],
            manual_names: &[],
        }
    }

    /// Sets where a successful answer has its content.
    #[must_use]
    pub const fn envelope(mut self, envelope: Envelope) -> Self {
        self.envelope = envelope;
        self
    }

    /// Sets the parameters.
    ///
    /// # Panics
    /// At compile time, if the path's placeholders are not just the path parameters, if a name stands twice, or if a
    /// place can't hold a value.
    #[must_use]
    pub const fn params(mut self, params: &'static [Field]) -> Self {
        template::assert_path(self.path, params);
        self.params = Field::table(params);
        self
    }

    /// Notes that there are rules between its parameters.
    #[must_use]
    pub const fn rules(mut self, rules: bool) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the manuals that describe the operation.
    ///
    /// # Panics
    /// At compile time, if a parameter is one of another manual only.
    #[must_use]
    pub const fn editions(mut self, editions: &'static [(Edition, Facts)]) -> Self {
        template::assert_editions(self.params, editions);
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
    /// A token only, and neither X-User-Id nor X-Date, which the page doesn't list.
    TokenAlone,
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
    /// A second run could do something again: sent again only if the server can't have seen it, or refused it before it
    /// ran.
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
pub enum Envelope {
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
