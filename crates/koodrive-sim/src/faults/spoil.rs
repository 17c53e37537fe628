//! How faults change answers.

use std::fmt;

use bytes::Bytes;
use koodrive_proto::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use koodrive_proto::http::{HeaderValue, Method, Response, StatusCode};

use super::{Fault, Hit};
use crate::reply::Refusal;
use crate::storage::{Object, Refused};

impl Hit {
    /// The answer that is sent instead of executing the request.
    pub(crate) fn instead(&self, number: u64) -> Response<Bytes> {
        match self.fault {
            Fault::Throttle => {
                let mut response = Refusal::new("APIGW.0308", "").into_response(number);
                response.headers_mut().insert(RETRY_AFTER, self.seconds().into());
                response
            }
            Fault::Unavailable => html(StatusCode::SERVICE_UNAVAILABLE, UNAVAILABLE),
            // Nobody gets this answer; nginx logs this number when it closes a connection without an answer.
            _ => html(StatusCode::from_u16(444).unwrap_or(StatusCode::SERVICE_UNAVAILABLE), b""),
        }
    }
}

impl Hit {
    /// The same for a request to the object store.
    pub(crate) fn instead_of_object(&self, number: u64) -> Response<Bytes> {
        match self.fault {
            Fault::Throttle => {
                let mut response = Refused::new("SlowDown", "Please reduce your request rate.").into_response(number);
                response.headers_mut().insert(RETRY_AFTER, self.seconds().into());
                response
            }
            Fault::Unavailable => {
                Refused::new("ServiceUnavailable", "Service is unable to handle request.").into_response(number)
            }
            _ => self.instead(number),
        }
    }

    /// What Retry-After says.
    fn seconds(&self) -> u64 {
        self.retry_after.as_secs().saturating_add(u64::from(self.retry_after.subsec_nanos() > 0))
    }
}

const UNAVAILABLE: &[u8] = b"<html>\r\n<head><title>503 Service Temporarily Unavailable</title></head>\r\n<body>\r\n\
    <center><h1>503 Service Temporarily Unavailable</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";

/// How a connection ends if a fault breaks it.
#[derive(Debug)]
pub(crate) enum Broken {
    Reset,
    /// It ends after this head and this body.
    Answer(Vec<u8>, Object),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken by a fault")
    }
}

impl std::error::Error for Broken {}

/// Changes an answer as a fault demands. The answer to HEAD goes out without its body.
pub(crate) fn spoil(fault: Fault, method: &Method, mut response: Response<Object>) -> Result<Response<Object>, Broken> {
    let body = response.body().clone();
    let (whole, half) = (body.left(), body.left() / 2);
    let is_bare = whole == 0 || method == Method::HEAD;
    match fault {
        Fault::ResetBefore | Fault::ResetAfter => Err(Broken::Reset),
        Fault::Truncate | Fault::WrongLength if is_bare => {
            let mut head = head(&response, whole);
            head.truncate(head.len() / 2);
            Err(Broken::Answer(head, Object::default()))
        }
        Fault::Truncate => Err(Broken::Answer(head(&response, whole), body.part(0, half))),
        Fault::WrongLength => {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            Err(Broken::Answer(head(&response, half), body))
        }
        Fault::Garbage | Fault::GatewayTimeout => {
            let (status, body) = match fault {
                Fault::Garbage => (StatusCode::OK, GARBAGE),
                _ => (StatusCode::GATEWAY_TIMEOUT, GATEWAY_TIMEOUT),
            };
            *response.status_mut() = status;
            *response.body_mut() = Bytes::from_static(body).into();
            response.headers_mut().insert(CONTENT_TYPE, HTML);
            Ok(response)
        }
        Fault::Refuse | Fault::Throttle | Fault::Unavailable | Fault::Slow => Ok(response),
    }
}

/// The head of an answer as it goes over the wire, with a Content-Length that may be wrong.
pub(crate) fn head<B>(response: &Response<B>, announced: u64) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\ncontent-length: {announced}\r\n", response.status()).into_bytes();
    for (name, value) in response.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes
}

fn html(status: StatusCode, body: &'static [u8]) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HTML);
    response
}

const HTML: HeaderValue = HeaderValue::from_static("text/html");

const GATEWAY_TIMEOUT: &[u8] = b"<html><head><title>504 Gateway Time-out</title></head></html>\r\n";

/// Half a page, and bytes that aren't text.
const GARBAGE: &[u8] = b"<html><body>{\"code\": 0, \xff\xfe\x00\x9f";
