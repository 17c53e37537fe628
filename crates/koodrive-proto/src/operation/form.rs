use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use sha2::{Digest, Sha256};

use crate::error::Error;
use crate::wire::hex;

/// One part of a [`Form`]: a field, or a file with its name and type.
#[derive(Clone, PartialEq, Eq)]
pub struct Part<'a> {
    /// The name of the field.
    pub name: Cow<'a, str>,
    /// The name of the file, if the part is one.
    pub file_name: Option<Cow<'a, str>>,
    /// The media type of the content; without one it is plain text.
    pub content_type: Option<Cow<'a, str>>,
    /// The content.
    pub content: Cow<'a, [u8]>,
}

impl<'a> Part<'a> {
    /// Creates a field with a text.
    pub fn field(name: &'a str, text: &'a str) -> Self {
        Self { name: name.into(), file_name: None, content_type: None, content: text.as_bytes().into() }
    }

    /// Creates a file.
    pub fn file(name: &'a str, file_name: &'a str, content_type: &'a str, content: &'a [u8]) -> Self {
        Self {
            name: name.into(),
            file_name: Some(file_name.into()),
            content_type: Some(content_type.into()),
            content: content.into(),
        }
    }
}

impl fmt::Debug for Part<'_> {
    /// Shows only the length of the content, which can be secret, or large.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("name", &self.name)
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .field("content_bytes", &self.content.len())
            .finish()
    }
}

/// The boundary of a `multipart/form-data` body (RFC 7578), with which it is written.
///
/// The boundary is derived from the content, so the same form always has the same bytes, and needs no randomness.
///
/// ```
/// use koodrive_proto::operation::{Form, Part};
///
/// let parts = [Part::field("billingCycle", "2025-07"), Part::file("data", "a.xlsx", "text/plain", b"\r\n--x")];
/// let form = Form::new(&parts);
/// let kind = form.content_type()?;
/// let body = form.body(&parts);
/// assert!(body.starts_with(b"--koodrive-"));
/// assert_eq!(Form::read(kind.to_str().unwrap(), &body).unwrap(), parts);
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    boundary: String,
}

impl Form {
    /// Chooses a boundary that none of the parts contains.
    pub fn new(parts: &[Part<'_>]) -> Self {
        let mut digest = Sha256::new();
        for part in parts {
            digest.update(&part.content);
        }
        let mut digest = digest.finalize();
        loop {
            let boundary: String = "koodrive-".chars().chain(hex(&digest).chars().take(32)).collect();
            if parts.iter().all(|part| find(&part.content, boundary.as_bytes()).is_none()) {
                return Self { boundary };
            }
            digest = Sha256::digest(digest);
        }
    }

    /// Returns the value of Content-Type.
    pub fn content_type(&self) -> Result<HeaderValue, Error> {
        HeaderValue::from_str(&format!("multipart/form-data; boundary={}", self.boundary)).map_err(Error::build)
    }

    /// Returns the body with these parts.
    pub fn body(&self, parts: &[Part<'_>]) -> Bytes {
        let mut body = Vec::with_capacity(parts.iter().fold(64, |sum, part| {
            sum.saturating_add(part.content.len()).saturating_add(part.name.len()).saturating_add(256)
        }));
        for part in parts {
            let mut head =
                format!("--{}\r\nContent-Disposition: form-data; name=\"{}\"", self.boundary, quoted(&part.name));
            if let Some(file_name) = &part.file_name {
                head.extend(["; filename=\"", &quoted(file_name), "\""]);
            }
            if let Some(content_type) = &part.content_type {
                head.extend(["\r\nContent-Type: ", content_type]);
            }
            head.push_str("\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(&part.content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        body.into()
    }

    /// Reads the parts of a body, as a server does; returns `None` if it isn't such a form.
    pub fn read<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
        let (kind, parameters) = content_type.split_once(';')?;
        if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
            return None;
        }
        let boundary = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
        let boundary = boundary.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(boundary);
        // The first boundary has no line before it.
        let mut rest = body.strip_prefix(format!("--{boundary}").as_bytes())?;
        let delimiter = format!("\r\n--{boundary}");
        let mut parts = Vec::new();
        while !rest.starts_with(b"--") {
            let (part, after) = split(rest.strip_prefix(b"\r\n")?, delimiter.as_bytes())?;
            let (head, content) = split(part, b"\r\n\r\n")?;
            parts.push(read_part(std::str::from_utf8(head).ok()?, content)?);
            rest = after;
        }
        Some(parts)
    }
}

fn read_part<'a>(head: &'a str, content: &'a [u8]) -> Option<Part<'a>> {
    let header = |wanted: &str| {
        let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
        lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let disposition = header("content-disposition")?;
    let value = |name: &str| disposition.split_once(name)?.1.split_once('"').map(|(value, _)| unquoted(value));
    Some(Part {
        name: value("; name=\"")?.into(),
        file_name: value("; filename=\"").map(Cow::Owned),
        content_type: header("content-type").map(Cow::Borrowed),
        content: content.into(),
    })
}

/// Escapes a name as browsers do: characters that would end the quotes or the line become `%XX`.
fn quoted(text: &str) -> String {
    text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

fn unquoted(text: &str) -> String {
    text.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// Returns what is before and after the first `separator`.
fn split<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let (before, after) = bytes.split_at_checked(find(bytes, separator)?)?;
    Some((before, after.strip_prefix(separator)?))
}
