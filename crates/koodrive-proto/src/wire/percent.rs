use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};

/// RFC 3986's unreserved characters stay; all others become `%XX`.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Appends `text`, percent-encoded: everything but `A-Z a-z 0-9 - . _ ~` becomes `%XX` for its UTF-8 bytes, in
/// capitals.
///
/// ```
/// let mut out = String::new();
/// koodrive_proto::wire::percent_encode("a b+c/d~é", &mut out);
/// assert_eq!(out, "a%20b%2Bc%2Fd~%C3%A9");
/// ```
pub fn percent_encode(text: &str, out: &mut String) {
    percent_encode_bytes(text.as_bytes(), out);
}

pub(crate) fn percent_encode_bytes(bytes: &[u8], out: &mut String) {
    out.extend(percent_encoding::percent_encode(bytes, RESERVED));
}
