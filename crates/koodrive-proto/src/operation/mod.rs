//! The [`Operation`] trait: what a call sends, and how its answer is read.

mod answer;
mod example;
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
pub use example::example;
pub use form::{Form, Part};
pub use paged::{Paged, Turn, turn_cursor, turn_number, turn_offset};
pub use received::Received;
pub use with_head::{Headed, WithHead};
pub use write::{body, headers, path_and_query};

/// One call of the API: what it sends, and what comes back.
///
/// [`operation!`](crate::operation!) declares most operations. You can also write one by hand, for a call that the
/// manual doesn't show. `check`, `path_and_query`, `headers` and `body` only describe the request: the
/// [`Api`](crate::Api) adds credentials, date and signature.
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

    /// Appends the path and the query, percent-encoded. These exact bytes are signed and sent.
    fn path_and_query(&self, out: &mut String);

    /// Adds the operation's own headers.
    fn headers(&self, out: &mut HeaderMap) -> Result<(), Error>;

    /// Returns the body, if there is one.
    fn body(&self) -> Result<Option<Bytes>, Error>;

    /// Reads an answer.
    ///
    /// Success is a 2xx status with `code` 0 or no `code`. That is decided before anything else is read, and a failing
    /// code counts, whatever surrounds it. A 2xx answer without a body has no content. Everything else is an [`Error`]
    /// that keeps the status, the headers and the first 64 KiB of the body, even if the answer isn't JSON at all.
    ///
    /// JSON is limited as in `serde_json`: numbers beyond 1e308 and more than 128 levels are errors, wherever they are.
    /// If an answer is cut off in the middle of a code, the rest of the code counts as the code.
    fn parse(response: &http::Response<impl AsRef<[u8]>>) -> Result<Self::Output, Error>
    where
        Self: Sized,
    {
        parse::<Self>(response.status(), response.headers(), response.body().as_ref(), None)
    }

    /// Reads the content of a successful answer; [`parse`](Self::parse) and the flows use it.
    ///
    /// Implement it only for operations written by hand: by default, serde reads the content. If the output is a
    /// declared type ([`answer!`](crate::answer!)), return `content.read()`, which notes what doesn't fit. An operation
    /// that wraps another one passes the content on to it.
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
