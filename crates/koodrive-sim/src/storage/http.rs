//! What becomes of a request to the object store: the bytes of a part are stored, or those of an object are answered.
//! Only a link allows either.

use std::io;
use std::sync::LazyLock;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use koodrive_proto::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH,
    CONTENT_RANGE, CONTENT_TYPE, ETAG, EXPIRES, HeaderName, LAST_MODIFIED, TRANSFER_ENCODING,
};
use koodrive_proto::http::request::Parts;
use koodrive_proto::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use koodrive_proto::ops;
use koodrive_proto::schema::Place;
use percent_encoding::percent_decode_str;

use super::blobs::Writer;
use super::conditions::{self, Known, Wants};
use super::content::{self, Stored};
use super::error::Refused;
use super::links::FOLDER;
use super::object::Object;
use super::sign;
use crate::ledger::Entry;
use crate::mix::mix;
use crate::{Fault, Simulator, reply};

/// The largest part.
const MOST: u64 = 5 << 30;

/// How requests to the object store are called in the ledger.
pub(crate) const OPERATIONS: [(Method, &str); 3] =
    [(Method::PUT, "PutPart"), (Method::GET, "GetObject"), (Method::HEAD, "HeadObject")];

/// Items of the query that set headers of the answer.
const SET: [(&str, HeaderName); 6] = [
    ("response-cache-control", CACHE_CONTROL),
    ("response-content-disposition", CONTENT_DISPOSITION),
    ("response-content-encoding", CONTENT_ENCODING),
    ("response-content-language", CONTENT_LANGUAGE),
    ("response-content-type", CONTENT_TYPE),
    ("response-expires", EXPIRES),
];

/// Headers that belong to KooDrive: no other server may ever see them.
static KOODRIVE: LazyLock<Vec<String>> = LazyLock::new(|| {
    let fields = ops::ALL.iter().flat_map(|meta| meta.params).filter(|field| field.place == Place::Header);
    let always = ["authorization", "x-user-id", "x-date", "x-traceid", "x-hw-agentname", "language"];
    fields.map(|field| field.name.to_ascii_lowercase()).chain(always.map(str::to_owned)).collect()
});

/// Whether a path is one of the object store.
pub(crate) fn is_object(path: &str) -> bool {
    path.starts_with(FOLDER)
}

/// Returns what a request to the object store is called in the ledger.
pub(crate) fn operation(method: &Method) -> Option<&'static str> {
    OPERATIONS.iter().find(|(known, _)| known == method).map(|(_, name)| *name)
}

/// A request of which the head was read.
pub(crate) enum Begun {
    Done(Response<Object>),
    /// The bytes of a part are to come.
    Part(Box<Arriving>),
}

/// A part that arrives.
pub(crate) struct Arriving {
    entry: Entry,
    part: OpenPart,
}

struct OpenPart {
    upload_id: String,
    number: u32,
    length: u64,
    writer: Writer,
}

impl Arriving {
    /// Takes the next bytes.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.part.writer.write(bytes)
    }
}

impl Simulator {
    /// Answers a request whose body is there.
    pub(crate) fn answer_object(&self, request: Request<Bytes>, now: DateTime<Utc>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let response = match self.begin_object(&parts, None, now) {
            Begun::Done(response) => response,
            Begun::Part(part) if part.part.length != body.len() as u64 => self.lose_part(*part, false),
            Begun::Part(mut part) => match part.take(&body) {
                Ok(()) => self.keep_part(*part),
                Err(error) => self.fail_part(*part, &error),
            },
        };
        let (head, body) = response.into_parts();
        let body = if parts.method == Method::HEAD { Ok(Bytes::new()) } else { body.all() };
        body.map_or_else(|error| unreadable(&error).into_response(0), |body| Response::from_parts(head, body))
    }

    /// Looks at a head, and answers what needs no body.
    pub(crate) fn begin_object(&self, parts: &Parts, fault: Option<Fault>, now: DateTime<Utc>) -> Begun {
        let mut entry = Entry::new(self.now(now), parts);
        entry.operation = operation(&parts.method);
        entry.fault = fault;
        let now = entry.at;
        let result = self.check_object(parts, now).and_then(|key| {
            if parts.method == Method::PUT {
                Ok(Err(self.open_part(parts, &key, now)?))
            } else {
                Ok(Ok(self.read_object(parts, &key)?))
            }
        });
        match result {
            Ok(Err(part)) => Begun::Part(Box::new(Arriving { entry, part })),
            Ok(Ok(response)) => Begun::Done(self.end_object(entry, Ok(response))),
            Err(refused) => Begun::Done(self.end_object(entry, Err(refused))),
        }
    }

    /// Checks what holds for all requests, and returns the key of the object.
    fn check_object(&self, parts: &Parts, now: DateTime<Utc>) -> Result<String, Refused> {
        if let Some(name) = KOODRIVE.iter().find(|name| parts.headers.contains_key(name.as_str())) {
            let text = format!("The header {name} is KooDrive's own, and was sent to the object store.");
            return Err(Refused::new("InvalidArgument", text));
        }
        if operation(&parts.method).is_none() {
            let text = "The specified method is not allowed against this resource.";
            return Err(Refused::new("MethodNotAllowed", text));
        }
        let is_exact = parts.headers.contains_key(CONTENT_LENGTH) && !parts.headers.contains_key(TRANSFER_ENCODING);
        if parts.method == Method::PUT && !is_exact {
            return Err(Refused::new("MissingContentLength", "You must provide the Content-Length HTTP header."));
        }
        self.storage_key.verify(parts, now)?;
        let key = parts.uri.path().strip_prefix(FOLDER).unwrap_or_default();
        Ok(percent_decode_str(key).decode_utf8_lossy().into_owned())
    }

    fn open_part(&self, parts: &Parts, key: &str, now: DateTime<Utc>) -> Result<OpenPart, Refused> {
        let query = sign::query(parts);
        let item = |wanted: &str| query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let Some(upload_id) = item("uploadId") else {
            return Err(Refused::new(
                "MethodNotAllowed",
                "Only the parts of an upload can be sent: uploadId is missing.",
            ));
        };
        let number = item("partNumber").and_then(|number| number.parse().ok());
        let number = number.filter(|number| (1..=10_000).contains(number)).ok_or_else(|| {
            Refused::new("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
        })?;
        let length = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let length: u64 = length.unwrap_or(u64::MAX);
        if length > MOST {
            let text = "Your proposed upload exceeds the maximum allowed size: 5368709120 bytes for a part.";
            return Err(Refused::new("EntityTooLarge", text));
        }
        let mut state = self.state();
        state.settle(self.limits.objects, now);
        find_upload(&state.store, upload_id, key)?;
        drop(state);
        let writer = self.blobs.write(length, self.limits.objects).map_err(|error| unwritable(&error))?;
        Ok(OpenPart { upload_id: upload_id.to_owned(), number, length, writer })
    }

    /// Notes a part whose bytes are all there.
    pub(crate) fn keep_part(&self, arrived: Arriving) -> Response<Object> {
        let Arriving { entry, part } = arrived;
        let OpenPart { upload_id, number, length, writer } = part;
        let mut state = self.state();
        state.settle(self.limits.objects, entry.at);
        // The upload may have ended while the bytes arrived.
        let kept = find_upload(&state.store, &upload_id, "").and_then(|()| {
            let blob = writer.finish().map_err(|error| unwritable(&error))?;
            content::send(&mut state.store, &upload_id, number, Stored::Blob(blob, length));
            state.save().map_err(|error| unwritable(&error)).inspect_err(|_| self.blobs.remove([blob]))?;
            let mut response = Response::new(Object::default());
            set(response.headers_mut(), ETAG, &format!("\"{:016x}{:016x}\"", mix(blob), mix(!blob)))?;
            Ok(response)
        });
        drop(state);
        self.end_object(entry, kept)
    }

    /// Gives up a part that can't be stored.
    pub(crate) fn fail_part(&self, lost: Arriving, error: &io::Error) -> Response<Object> {
        self.end_object(lost.entry, Err(unwritable(error)))
    }

    /// Gives up a part whose bytes didn't all come, or not in time.
    pub(crate) fn lose_part(&self, lost: Arriving, is_late: bool) -> Response<Object> {
        let refused = if is_late {
            let text =
                "Your socket connection to the server was not read from or written to within the timeout period.";
            Refused::new("RequestTimeout", text)
        } else {
            let text = "You did not provide the number of bytes specified by the Content-Length HTTP header.";
            Refused::new("IncompleteBody", text)
        };
        self.end_object(lost.entry, Err(refused))
    }

    fn read_object(&self, parts: &Parts, key: &str) -> Result<Response<Object>, Refused> {
        let missing = || Refused::new("NoSuchKey", "The specified key does not exist.");
        let state = self.state();
        let found = content::resolve(&state.store, key).ok_or_else(missing)?;
        // From here on the bytes stay until they were read.
        let object = content::object(&self.blobs, &found.stored).map_err(|_| missing())?;
        drop(state);
        let (size, tag) = (object.left(), format!("\"{}\"", found.tag));
        let known = Known { size, tag: &tag, since: found.since };
        let mut response = match conditions::wants(&parts.headers, &known) {
            Wants::Whole => Response::new(object),
            Wants::Part(range) => {
                let text = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                let mut response = Response::new(object.part(range.start, range.end - range.start));
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                set(response.headers_mut(), CONTENT_RANGE, &text)?;
                response
            }
            Wants::Nothing => {
                let mut response = Response::new(Object::default());
                *response.status_mut() = StatusCode::NOT_MODIFIED;
                response
            }
            Wants::Another => {
                let text = "At least one of the pre-conditions you specified did not hold";
                return Err(Refused::new("PreconditionFailed", text));
            }
            Wants::Outside => {
                let refused = Refused::new("InvalidRange", "The requested range is not satisfiable");
                return Err(refused.header(CONTENT_RANGE, format!("bytes */{size}")));
            }
        };
        let headers = response.headers_mut();
        set(headers, ACCEPT_RANGES, "bytes")?;
        set(headers, CONTENT_TYPE, "binary/octet-stream")?;
        set(headers, ETAG, &tag)?;
        set(headers, LAST_MODIFIED, &conditions::time(found.since))?;
        for (name, value) in sign::query(parts) {
            if let Some((_, header)) = SET.iter().find(|(known, _)| *known == name) {
                set(headers, header.clone(), &value)?;
            }
        }
        Ok(response)
    }

    /// Enters a request in the ledger.
    fn end_object(&self, mut entry: Entry, result: Result<Response<Object>, Refused>) -> Response<Object> {
        let state = self.state();
        let number = state.ledger.next_number();
        let response = result.unwrap_or_else(|refused| {
            entry.refused = Some(format!("{}: {}", refused.code, refused.message));
            refused.into_response(number).map(Object::from)
        });
        entry.status = response.status();
        let response = reply::date(response, entry.at);
        self.enter(state, entry);
        response
    }
}

/// Finds an upload. Its file is the key of its links; without a key, it is enough that it is there.
fn find_upload(store: &crate::store::Store, upload_id: &str, key: &str) -> Result<(), Refused> {
    let upload = store.multiparts.get(upload_id).filter(|upload| key.is_empty() || upload.file_id == key);
    upload.map(|_| ()).ok_or_else(|| {
        let text = "The specified multipart upload does not exist. The upload ID might be invalid, or the multipart \
                    upload might have been aborted or completed.";
        Refused::new("NoSuchUpload", text)
    })
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Result<(), Refused> {
    let value = HeaderValue::from_str(value);
    let value = value.map_err(|_| Refused::new("InvalidArgument", format!("{name} can't have such a value")))?;
    headers.insert(name, value);
    Ok(())
}

fn unwritable(error: &io::Error) -> Refused {
    let code = if error.kind() == io::ErrorKind::StorageFull { "InsufficientStorage" } else { "InternalError" };
    Refused::new(code, format!("The bytes can't be stored: {error}"))
}

fn unreadable(error: &io::Error) -> Refused {
    Refused::new("InternalError", format!("The bytes can't be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::super::sign::Wanted;
    use super::*;

    /// No call gives a link for HEAD.
    #[test]
    fn a_head_is_that_of_the_range() {
        let (simulator, now) = (Simulator::new(), DateTime::UNIX_EPOCH);
        let path = "/objects/made-100";
        let wanted = Wanted { method: "HEAD", host: "h", path, query: Vec::new(), length: None, seconds: 60 };
        let link = simulator.storage_key.presign(&wanted, now);
        let request = Request::head(link).header("host", "h").header("range", "bytes=10-19");
        let answer = simulator.handle(request.body(Bytes::new()).unwrap(), now);
        assert_eq!((answer.status(), answer.body().len()), (StatusCode::PARTIAL_CONTENT, 0));
        assert_eq!(answer.headers()["content-range"], "bytes 10-19/100");
    }
}
