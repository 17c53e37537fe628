//! What a call does: the [`Operation`] trait, how its request is written and its answer read.

mod answer;
mod form;
mod paged;
mod received;
mod with_head;
mod write;

use bytes::Bytes;
use http::HeaderMap;

use crate::check::InvalidParam;
use crate::error::Error;
use crate::schema::Meta;

pub(crate) use answer::parse;
pub use answer::{Content, FromResponse};
pub use form::{Form, Part};
pub use paged::{Paged, turn_cursor, turn_number, turn_offset};
pub use received::Received;
pub use with_head::{Headed, WithHead};
pub use write::{body, headers, path_and_query};

/// One call of the API: what it sends, and what comes back.
///
/// [`operation!`](crate::operation!) declares most of them; anyone may write one by hand, for a call that the manual
/// doesn't show. `check`, `path_and_query`, `headers` and `body` only describe the request: the [`Api`](crate::Api)
/// adds credentials, date and signature.
///
/// ```
/// use koodrive_proto::{Error, InvalidParam, Meta, Operation};
/// use koodrive_proto::schema::{Auth, Safety};
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
    /// Success is a 2xx status with `code` 0 or no `code`; that is decided before anything else is read, and a code
    /// that fails wins over whatever stands around it. A 2xx answer without a body has no content. Everything else is
    /// an [`Error`] that keeps status, headers and body (its first 64 KiB), also where the answer isn't JSON at all.
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
