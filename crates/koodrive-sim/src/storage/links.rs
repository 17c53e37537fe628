//! Links to the object store, as the manual's examples show them.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use koodrive_proto::http::header::HOST;
use koodrive_proto::http::request::Parts;
use koodrive_proto::http::uri::Authority;
use koodrive_proto::transfer::Midstate;
use serde_json::json;

use super::content;
use super::sign::{Key, Wanted, encode};
use crate::families::files::File;

/// Where the objects are. No call has an address like it.
pub(crate) const FOLDER: &str = "/objects/";

/// Whether a link leads to the content that the file had when it was issued, or else to the one that it has when the
/// link is used. No page says.
const PINNED: bool = true;

/// The protocol by which a request came, in its extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scheme(pub(crate) &'static str);

/// Makes the links in the answer to a call.
#[derive(Clone, Copy)]
pub(crate) struct Links<'a> {
    pub(crate) key: &'a Key,
    /// Where the call came to: the scheme and the host.
    pub(crate) to: (&'a str, &'a str),
    /// How long they are valid.
    pub(crate) seconds: u32,
    pub(crate) now: DateTime<Utc>,
}

/// Returns the scheme and the host by which a request came: links name no other host than the one that it named.
pub(crate) fn origin(parts: &Parts) -> (&'static str, String) {
    let scheme = match parts.extensions.get::<Scheme>() {
        Some(scheme) => scheme.0,
        None if parts.uri.scheme_str() == Some("https") => "https",
        None => "http",
    };
    let header = parts.headers.get(HOST).and_then(|host| host.to_str().ok());
    let named = header.and_then(|host| host.parse::<Authority>().ok()).or_else(|| parts.uri.authority().cloned());
    let host = named.filter(|named| !named.as_str().contains('@'));
    // A request that names none can't follow a link anyway.
    let host = host.map_or_else(|| "localhost".to_owned(), |host| host.as_str().to_ascii_lowercase());
    let usual = if scheme == "https" { ":443" } else { ":80" };
    (scheme, host.strip_suffix(usual).map(str::to_owned).unwrap_or(host))
}

impl Links<'_> {
    /// The link for the bytes of a part of an upload.
    pub(crate) fn part(
        &self,
        file_id: &str,
        upload_id: &str,
        number: u32,
        size: u64,
        before: Option<(u64, Midstate)>,
    ) -> String {
        let mut query =
            vec![("partNumber".to_owned(), number.to_string()), ("uploadId".to_owned(), upload_id.to_owned())];
        if let Some((offset, midstate)) = before {
            // The number of bits before the part, in two words.
            let (high, low) = (offset >> 29, (offset << 3) & 0xffff_ffff);
            let words = json!(midstate.words());
            let context = format!(r#"{{"md_len":32,"num":0,"h":{words},"nh":{high},"nl":{low},"hash_type":"sha256"}}"#);
            query.push(("X-Amz-Iteration-Hash-Ctx".to_owned(), BASE64_STANDARD.encode(context)));
        }
        self.presign("PUT", file_id, query, Some(size))
    }

    /// The link for the content of a file.
    pub(crate) fn file(&self, id: &str, file: &File) -> String {
        if PINNED { self.object(&content::key(file), &file.name) } else { self.object(id, &file.name) }
    }

    /// The link for a content under a name, which is encoded twice, as in the example. If there is none with such a
    /// key, the link leads to nothing.
    pub(crate) fn object(&self, key: &str, name: &str) -> String {
        let disposition = format!("attachment; filename=\"{}\"", encode(name));
        self.presign("GET", key, vec![("response-content-disposition".to_owned(), disposition)], None)
    }

    fn presign(&self, method: &str, key: &str, query: Vec<(String, String)>, length: Option<u64>) -> String {
        let (scheme, host) = self.to;
        let path = &format!("{FOLDER}{key}");
        let wanted = Wanted { method, host, path, query, length, seconds: self.seconds };
        format!("{scheme}://{host}{}", self.key.presign(&wanted, self.now))
    }
}

#[cfg(test)]
mod tests {
    use koodrive_proto::http::Request;

    use super::*;

    #[test]
    fn links_lead_to_where_the_call_came() {
        for (host, scheme, wanted) in [
            (Some("127.0.0.1:8087"), "http", ("http", "127.0.0.1:8087")),
            (Some("LocalHost:80"), "http", ("http", "localhost")),
            (Some("localhost:80"), "https", ("https", "localhost:80")),
            (Some("[::1]:443"), "https", ("https", "[::1]")),
            (Some("user@elsewhere"), "http", ("http", "localhost")),
            (Some("a/b?c"), "http", ("http", "localhost")),
            (None, "http", ("http", "localhost")),
        ] {
            let request = host.into_iter().fold(Request::get("/"), |request, host| request.header(HOST, host));
            let request = request.extension(Scheme(scheme)).body(()).unwrap();
            let (scheme, host) = origin(&request.into_parts().0);
            assert_eq!((scheme, &*host), wanted);
        }
    }

    #[test]
    fn the_state_of_the_hash_counts_bits() {
        let key = Key::new("AKEXAMPLE", "secret");
        let links = Links { key: &key, to: ("http", "h"), seconds: 60, now: DateTime::UNIX_EPOCH };
        let link =
            links.part("F1", "7", 46, 10, Some(((3 << 29) + 64, Midstate::from([1, 2, 3, 4, 5, 6, 7, u32::MAX]))));
        let context = r#"{"md_len":32,"num":0,"h":[1,2,3,4,5,6,7,4294967295],"nh":3,"nl":512,"hash_type":"sha256"}"#;
        let context = format!("&X-Amz-Iteration-Hash-Ctx={}&", encode(&BASE64_STANDARD.encode(context)));
        assert!(link.starts_with("http://h/objects/F1?partNumber=46&uploadId=7&") && link.contains(&context), "{link}");
    }
}
