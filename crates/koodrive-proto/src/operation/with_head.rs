use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use crate::check::InvalidParam;
use crate::error::Error;
use crate::operation::{Content, FromResponse, Operation};
use crate::schema::Meta;
use crate::wire::Notes;

/// An operation whose answer comes with its status, its headers, its unchanged body, and notes on what didn't fit.
///
/// The body is copied, so use it for small answers. An [`Error`] has the status, the headers and the body of its answer
/// anyway.
///
/// ```
/// use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
/// use koodrive_proto::{Operation, WithHead, http};
///
/// # type Head = WithHead<GetSpaceUsageOverview>;
/// // let answer = drive.call(&WithHead(GetSpaceUsageOverview::new()))?;
/// let body = r#"{"data": {"totalUsed": 1, "more": 2}}"#;
/// let response = http::Response::builder().header("x-request-id", "7").body(body);
/// let answer = Head::parse(&response.unwrap())?;
/// assert_eq!(answer.output.total_used, Some(1));
/// assert_eq!(answer.headers["x-request-id"], "7");
/// assert!(answer.body.ends_with(br#""more": 2}}"#));
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct WithHead<O>(
    /// The operation.
    pub O,
);

impl<O: Operation> Operation for WithHead<O> {
    type Output = Headed<O::Output>;
    const META: &'static Meta = O::META;

    fn check(&self) -> Result<(), InvalidParam> {
        self.0.check()
    }

    fn path_and_query(&self, out: &mut String) {
        self.0.path_and_query(out);
    }

    fn headers(&self, out: &mut HeaderMap) -> Result<(), Error> {
        self.0.headers(out)
    }

    fn body(&self) -> Result<Option<Bytes>, Error> {
        self.0.body()
    }

    fn read(content: &Content<'_>) -> Result<Self::Output, Error> {
        O::read(content).map(|output| Headed::new(output, content))
    }
}

/// The answer to a [`WithHead`] operation.
#[derive(Clone)]
#[non_exhaustive]
pub struct Headed<T> {
    /// The status, which is 2xx.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unchanged.
    pub body: Bytes,
    /// What was read from the body.
    pub output: T,
    /// What didn't fit, and was left out of the output.
    pub notes: Notes,
}

impl<T> Headed<T> {
    fn new(output: T, content: &Content<'_>) -> Self {
        Self {
            status: content.status(),
            headers: content.headers().clone(),
            body: Bytes::copy_from_slice(content.body()),
            output,
            notes: content.notes(),
        }
    }
}

impl<T: FromResponse> FromResponse for Headed<T> {
    fn from_response(content: &Content<'_>) -> Result<Self, Error> {
        T::from_response(content).map(|output| Self::new(output, content))
    }
}

impl<T: std::fmt::Debug> std::fmt::Debug for Headed<T> {
    /// Shows only the names of the headers and the length of the body: both can hold tokens.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Headed")
            .field("status", &self.status)
            .field("headers", &self.headers.keys().collect::<Vec<_>>())
            .field("body_bytes", &self.body.len())
            .field("output", &self.output)
            .field("notes", &self.notes)
            .finish()
    }
}
