//! Refusals of the object store, in the XML of S3.

use std::fmt::Write;

use bytes::Bytes;
use koodrive_proto::http::header::{CONTENT_TYPE, HeaderName};
use koodrive_proto::http::{HeaderValue, Response, StatusCode};

/// A refusal: a code of S3, and what it says about it.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// More elements.
    more: Vec<(&'static str, String)>,
    header: Option<(HeaderName, String)>,
}

/// The statuses of the codes.
const CODES: [(&str, u16); 18] = [
    ("AccessDenied", 403),
    ("AuthorizationQueryParametersError", 400),
    ("EntityTooLarge", 400),
    ("IncompleteBody", 400),
    ("InsufficientStorage", 507),
    ("InternalError", 500),
    ("InvalidAccessKeyId", 403),
    ("InvalidArgument", 400),
    ("InvalidRange", 416),
    ("MethodNotAllowed", 405),
    ("MissingContentLength", 411),
    ("NoSuchKey", 404),
    ("NoSuchUpload", 404),
    ("PreconditionFailed", 412),
    ("RequestTimeout", 400),
    ("ServiceUnavailable", 503),
    ("SignatureDoesNotMatch", 403),
    ("SlowDown", 503),
];

impl Refused {
    /// Creates a refusal; `code` is one of the codes above.
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), more: Vec::new(), header: None }
    }

    pub(crate) fn signature(to_sign: String, canonical: String) -> Self {
        let text = "The request signature we calculated does not match the signature you provided. Check your key and \
                    signing method.";
        Self {
            more: vec![("StringToSign", to_sign), ("CanonicalRequest", canonical)],
            ..Self::new("SignatureDoesNotMatch", text)
        }
    }

    /// Adds a header.
    pub(crate) fn header(mut self, name: HeaderName, value: String) -> Self {
        self.header = Some((name, value));
        self
    }

    fn status(&self) -> StatusCode {
        let status = CODES.iter().find(|(code, _)| *code == self.code).map_or(500, |(_, status)| *status);
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    pub(crate) fn into_response(self, number: u64) -> Response<Bytes> {
        let status = self.status();
        let id = format!("{number:016X}");
        let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>".to_owned();
        let elements = [("Code", self.code.to_owned()), ("Message", self.message)];
        for (name, text) in elements.into_iter().chain(self.more).chain([("RequestId", id.clone())]) {
            // Writing to a text doesn't fail.
            let _ = write!(xml, "<{name}>{}</{name}>", escape(&text));
        }
        xml.push_str("</Error>");
        let mut response = Response::new(xml.into());
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        for (name, value) in self.header.into_iter().chain([(HeaderName::from_static("x-amz-request-id"), id)]) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Leaves out what no document may have, and escapes what is markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' | '\t' => out.push(char),
            char if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            char => out.push(char),
        }
    }
    out
}
