//! What an operation is: the [`Operation`] trait and the table behind it, [`Meta`].

mod answer;
mod example;
mod field;
mod meta;
mod template;
mod with_head;

use bytes::Bytes;
use http::HeaderMap;

use crate::check::{InvalidParam, Untyped};
use crate::error::Error;
use crate::param::Value;

pub(crate) use answer::parse;
pub use answer::{Content, FromResponse};
pub(crate) use field::Bounds;
pub use field::{Field, Limit, Place};
pub use meta::{Answer, Auth, Edition, Facts, Meta, Safety};
pub(crate) use template::{OWN_HEADERS, assert_choices, same_text};
pub use with_head::{Headed, WithHead};

/// One call of the API: what it sends, and what comes back.
///
/// [`operation!`](crate::operation!) declares most of them; anyone may write one by hand, for a call that the manual
/// doesn't show. `check`, `path_and_query`, `headers` and `body` only describe the request: the [`Api`](crate::Api) adds
/// credentials, date and signature.
///
/// ```
/// use koodrive_proto::{Auth, Error, InvalidParam, Meta, Operation, Safety};
/// use koodrive_proto::bytes::Bytes;
/// use koodrive_proto::http::{HeaderMap, Method};
///
/// struct Ping;
///
/// impl Operation for Ping {
///     type Output = serde_json::Value;
///     const META: &'static Meta =
///         &Meta::new("Ping", "example", Method::GET, "/koodrive/ose/v1/ping", Auth::AppOrToken, Safety::ReadOnly);
///
///     fn check(&self) -> Result<(), InvalidParam> {
///         Ok(())
///     }
///     fn path_and_query(&self, out: &mut String) {
///         out.push_str(Self::META.path);
///     }
///     fn headers(&self, _: &mut HeaderMap) -> Result<(), Error> {
///         Ok(())
///     }
///     fn body(&self) -> Result<Option<Bytes>, Error> {
///         Ok(None)
///     }
/// }
///
/// let answer = koodrive_proto::http::Response::new(r#"{"code": 0, "msg": "success", "pong": true}"#);
/// assert_eq!(Ping::parse(&answer).unwrap()["pong"], true);
/// ```
pub trait Operation {
    /// What a successful answer is read into: anything that serde can deserialize.
    type Output: FromResponse;

    /// Everything that is known about the operation before it is called.
    const META: &'static Meta;

    /// Checks every parameter against its limits, before anything is built.
    fn check(&self) -> Result<(), InvalidParam>;

    /// Appends the path and the query, percent-encoded: the very bytes that are signed and sent.
    fn path_and_query(&self, out: &mut String);

    /// Adds headers of the operation's own.
    fn headers(&self, out: &mut HeaderMap) -> Result<(), Error>;

    /// The body, if there is one.
    fn body(&self) -> Result<Option<Bytes>, Error>;

    /// Reads an answer.
    ///
    /// Success is a 2xx status with `code` 0 or no `code`; that is decided before anything else is read, and a code that
    /// fails wins over whatever stands around it. A 2xx answer without a body has no content. Everything else is an
    /// [`Error`] that keeps status, headers and body (its first 64 KiB), also where the answer isn't JSON at all.
    ///
    /// JSON ends where `serde_json` ends: numbers beyond 1e308 and more than 128 levels are errors wherever they stand.
    /// Where an answer is cut in the middle of a code, the code is what is left of it.
    fn parse(response: &http::Response<impl AsRef<[u8]>>) -> Result<Self::Output, Error>
    where
        Self: Sized,
    {
        parse::<Self>(response.status(), response.headers(), response.body().as_ref(), None)
    }

    /// Reads the content of a successful answer: [`parse`](Self::parse) and the flows do it by this.
    ///
    /// For operations written by hand: unless you say otherwise, serde reads it. Where the output is a declared type
    /// ([`answer!`](crate::answer!)), say `content.read()`, which notes what doesn't fit; an operation around another
    /// one hands the content on to that.
    fn read(content: &Content<'_>) -> Result<Self::Output, Error>
    where
        Self: Sized,
    {
        Self::Output::from_response(content)
    }
}

impl<O: Operation> Operation for &O {
    type Output = O::Output;
    const META: &'static Meta = O::META;

    fn check(&self) -> Result<(), InvalidParam> {
        (**self).check()
    }

    fn path_and_query(&self, out: &mut String) {
        (**self).path_and_query(out);
    }

    fn headers(&self, out: &mut HeaderMap) -> Result<(), Error> {
        (**self).headers(out)
    }

    fn body(&self) -> Result<Option<Bytes>, Error> {
        (**self).body()
    }

    fn read(content: &Content<'_>) -> Result<O::Output, Error> {
        O::read(content)
    }
}

/// The parameters of an operation or of an object inside its body, visited in the order of their table.
pub trait Params {
    /// Calls `visit` for each parameter that is set.
    fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, Value<'a>));
}

/// An operation, or an object inside its body, made from values that are not typed: for tests, recorded examples, tools.
///
/// ```
/// use koodrive_proto::FromParams;
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
    /// Its table.
    const FIELDS: &'static [Field];

    /// Takes the values of the table's parameters; `None` if a required one is missing or a value doesn't fit its type.
    fn take(params: &dyn Params) -> Option<Self>;

    /// Reads each parameter as its kind asks. Limits are left to [`Operation::check`].
    ///
    /// Lenient as [`Meta::check`] is. A fixed value need not be there, but if it is, it must be that one; parameters that the
    /// table doesn't know are ignored.
    fn from_params(input: &dyn Untyped) -> Result<Self, InvalidParam> {
        crate::check::from_params(input)
    }
}
