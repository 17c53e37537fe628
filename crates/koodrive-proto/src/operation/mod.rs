//! What an operation is: the [`Operation`] trait and the table behind it, [`Meta`].

mod meta;

use bytes::Bytes;
use http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::check::InvalidParam;
use crate::error::Error;
use crate::param::Value;
use crate::wire;

pub use meta::{Answer, Auth, Edition, Facts, Field, Limit, Meta, Place, Safety};

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
    /// What a successful answer is decoded into.
    type Output: DeserializeOwned;

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
    /// Success is a 2xx status with `code` 0 or no `code`; that is decided before anything else is read. Everything else
    /// is an [`Error`] that keeps status, headers and body (its first 64 KiB), also where the answer isn't JSON at all.
    fn parse(response: &http::Response<impl AsRef<[u8]>>) -> Result<Self::Output, Error>
    where
        Self: Sized,
    {
        wire::parse(Self::META, response.status(), response.headers(), response.body().as_ref())
    }
}

/// The parameters of an operation, visited in the order of its table.
pub trait Params {
    /// Calls `visit` for each parameter that is set.
    fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, Value<'a>));
}
