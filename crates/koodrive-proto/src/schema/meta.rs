use http::Method;

use crate::schema::{Field, template};

/// The table of one operation, which validation, docs, retries, logs and tools read.
///
/// [`ops::ALL`](crate::ops::ALL) has one for each operation of this crate.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// The operation's name, which is also that of its type.
    pub name: &'static str,
    /// The module of [`ops`](crate::ops) that holds it.
    pub module: &'static str,
    /// The HTTP method.
    pub method: Method,
    /// The path, with the wire names of path parameters in `{braces}`.
    pub path: &'static str,
    /// Which credentials the manual allows.
    pub auth: Auth,
    /// Whether the operation may be sent twice.
    pub safety: Safety,
    /// Where a successful answer has its content.
    pub envelope: Envelope,
    /// The parameters, the required ones first.
    pub params: &'static [Field],
    /// Whether there are rules between the parameters. [`Operation::check`](crate::Operation::check) knows them, the
    /// table doesn't.
    pub rules: bool,
    /// The manuals that describe the operation, and how much of their pages could be read.
    pub editions: &'static [(Edition, Facts)],
    /// The manuals' own names for the operation, spelling mistakes included.
    pub manual_names: &'static [&'static str],
}

impl Meta {
    /// Creates the table of an operation without parameters, whose answer is everything beside `code` and `msg`.
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
    /// Panics at compile time if the path's placeholders and the path parameters differ, if a name appears twice in one
    /// place, or if a place can't hold a value.
    #[must_use]
    pub const fn params(mut self, params: &'static [Field]) -> Self {
        template::assert_path(self.path, params);
        self.params = Field::table(params);
        self
    }

    /// Notes whether there are rules between the parameters.
    #[must_use]
    pub const fn rules(mut self, rules: bool) -> Self {
        self.rules = rules;
        self
    }

    /// Sets the manuals that describe the operation.
    ///
    /// # Panics
    /// Panics at compile time if a parameter is noted as listed or required by one manual only, and that manual isn't
    /// one of several here.
    #[must_use]
    pub const fn editions(mut self, editions: &'static [(Edition, Facts)]) -> Self {
        template::assert_editions(self.params, editions);
        self.editions = editions;
        self
    }

    /// Sets the manuals' own names for the operation.
    #[must_use]
    pub const fn manual_names(mut self, names: &'static [&'static str]) -> Self {
        self.manual_names = names;
        self
    }
}

/// Which credentials an operation accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Auth {
    /// A signature or a token.
    AppOrToken,
    /// A signature only.
    App,
    /// A token only.
    Token,
    /// A token only, sent without X-User-Id and X-Date, which the operation's page doesn't list.
    TokenAlone,
    /// No credentials are needed.
    None,
}

/// Whether an operation may be sent twice. Retries consult nothing else about an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Safety {
    /// The operation changes nothing.
    ReadOnly,
    /// The operation is idempotent: a second run has the same effect as the first.
    Idempotent,
    /// A second run could do something again. The call is retried only if the server can't have seen it, or refused it
    /// before it ran.
    Once,
}

impl Safety {
    /// Returns what the method alone promises: `GET` changes nothing, `PUT` and `DELETE` may be repeated, all others
    /// may not.
    ///
    /// [`ops::SAFETY_EXCEPTIONS`](crate::ops::SAFETY_EXCEPTIONS) lists the operations that differ, each with the
    /// reason.
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
    /// The content is under `data`.
    Data,
    /// The content is beside `code` and `msg`.
    Whole,
}

/// One of the manuals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Edition {
    /// The carrier manual, `api-koodrive-carrier`.
    Carrier,
    /// The enterprise manual, `api-koodrive`.
    Enterprise,
}

/// How much of a manual's page could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Facts {
    /// The whole page.
    Full,
    /// A part of the page; the operation's docs say what is missing.
    Partial,
}
