//! Turns the bytes of an answer into text: replaces what isn't UTF-8, and resolves escapes.
//!
//! Escapes are resolved here and not by serde_json, whose buffer for that can't be wiped: an answer may hold tokens. So
//! a text that has escapes is parsed in the form of a mask, which has none.

use zeroize::Zeroizing;

/// The text of an answer.
pub(crate) enum Text<'a> {
    /// The text as it came.
    Utf8(&'a str),
    /// The text with U+FFFD in place of what isn't UTF-8, and the first byte that isn't.
    Repaired(Zeroizing<String>, usize),
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let at = match std::str::from_utf8(bytes) {
            Ok(text) => return Self::Utf8(text),
            Err(error) => error.valid_up_to(),
        };
        let mark = |invalid: &[u8]| if invalid.is_empty() { "" } else { "\u{fffd}" };
        let parts = bytes.utf8_chunks().flat_map(|chunk| [chunk.valid(), mark(chunk.invalid())]);
        // Large enough from the start: a buffer that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(parts.clone().map(str::len).sum()));
        text.extend(parts);
        Self::Repaired(text, at)
    }

    /// The text without a byte order mark.
    pub(crate) fn as_str(&self) -> &str {
        let text = match self {
            Self::Utf8(text) => text,
            Self::Repaired(text, _) => text.as_str(),
        };
        text.strip_prefix('\u{feff}').unwrap_or(text)
    }

    pub(crate) fn is_repaired(&self) -> bool {
        matches!(self, Self::Repaired(..))
    }

    /// Says what an answer is that isn't a JSON object, but nothing of what is in it. `bytes` is how it came, and
    /// `encoding` its Content-Encoding.
    pub(crate) fn describe(&self, bytes: &[u8], encoding: Option<&str>, is_json: bool) -> String {
        let text = self.as_str().trim_start();
        let compression = match bytes {
            [0x1f, 0x8b, ..] => Some("gzip"),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
            // Brotli and deflate can't be recognised, and a transport that decompresses may leave the header.
            _ if self.is_repaired() || text.contains(|char: char| char.is_control() && !char.is_whitespace()) => {
                let is = |name: &&str| encoding.is_some_and(|encoding| encoding.trim().eq_ignore_ascii_case(name));
                ["gzip", "br", "zstd", "deflate"].into_iter().find(is)
            }
            _ => None,
        };
        if let Some(compression) = compression {
            return format!("the answer is compressed, although not asked for ({compression})");
        }
        let what = match (bytes, text.chars().next(), self) {
            ([0xff, 0xfe, ..] | [0xfe, 0xff, ..], _, _) => "the answer is UTF-16, not UTF-8",
            (_, None, _) => "the answer is empty",
            (_, Some('<'), _) => "the answer is HTML or XML, not JSON: a proxy or login page?",
            _ if is_json => "the answer is JSON, but not an object",
            (_, _, Self::Utf8(_)) => "the answer is not JSON",
            (_, _, Self::Repaired(_, at)) => {
                return format!("the answer is not JSON, and not UTF-8 from byte {at} on");
            }
        };
        what.to_owned()
    }
}

/// Whether a text has escapes. Always reads to the end, which lets the compiler check many bytes at once.
pub(crate) fn has_escapes(text: &str) -> bool {
    text.bytes().fold(0, |found, byte| found | u8::from(byte == b'\\')) != 0
}

/// A mask: the same JSON, equally long in bytes, with letters in place of escapes. Its texts begin and end where those
/// of the original do.
pub(crate) fn mask_escapes(text: &str) -> Zeroizing<String> {
    let mut mask = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        mask.push_str(before);
        mask.push('x');
        rest = match escape.strip_prefix(|char: char| char.is_ascii()) {
            Some(after) => {
                mask.push('x');
                after
            }
            None => escape,
        };
    }
    mask.push_str(rest);
    mask
}

/// A mask for JSON that is broken, at a third of the speed: replaces only what is inside texts, and also control
/// characters, which JSON requires to be escaped.
pub(crate) fn mask_texts(text: &str) -> Zeroizing<String> {
    let mut bytes = text.as_bytes().to_vec();
    let (mut inside, mut escaped) = (false, false);
    for byte in &mut bytes {
        let masked = escaped && byte.is_ascii() || inside && (*byte == b'\\' || byte.is_ascii_control());
        inside ^= *byte == b'"' && !escaped;
        escaped = inside && !escaped && *byte == b'\\';
        if masked {
            *byte = b'x';
        }
    }
    // ASCII was replaced by ASCII, so it is still UTF-8.
    Zeroizing::new(String::from_utf8(bytes).unwrap_or_default())
}

/// Resolves the escapes of a text; returns also whether it had half a surrogate pair, which is U+FFFD now. Returns
/// `None` for an invalid escape.
pub(crate) fn unescape(raw: &str) -> Option<(Zeroizing<String>, bool)> {
    let mut text = Zeroizing::new(String::with_capacity(raw.len()));
    let mut halves = false;
    let mut rest = raw;
    while let Some((before, escape)) = rest.split_once('\\') {
        text.push_str(before);
        let mut chars = escape.chars();
        text.push(match chars.next()? {
            char @ ('"' | '\\' | '/') => char,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let (first, after) = unit(chars.as_str())?;
                let pair = after.strip_prefix("\\u").and_then(unit);
                let alone = || char::from_u32(first.into()).map(|char| (char, after));
                let paired = || {
                    let (second, after) = pair?;
                    Some((char::decode_utf16([first, second]).next()?.ok()?, after))
                };
                let (char, after) = alone().or_else(paired).unwrap_or_else(|| {
                    halves = true;
                    (char::REPLACEMENT_CHARACTER, after)
                });
                chars = after.chars();
                char
            }
            _ => return None,
        });
        rest = chars.as_str();
    }
    text.push_str(rest);
    Some((text, halves))
}

/// Reads four hexadecimal digits, and returns what follows them as well.
fn unit(text: &str) -> Option<(u16, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    let unit = digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u16::from_str_radix(digits, 16).ok())??;
    Some((unit, after))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::arithmetic_side_effects, reason = "a test")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// In a mask, serde_json finds no escapes, and each text is where it is in the original.
        #[test]
        fn masks_have_no_escapes(texts in prop::collection::vec(any::<String>(), 0..4)) {
            let json = serde_json::to_string(&texts).unwrap();
            for mask in [mask_escapes(&json), mask_texts(&json)] {
                prop_assert_eq!(mask.len(), json.len());
                prop_assert!(!mask.contains('\\'));
                let masked: Vec<&str> = serde_json::from_str(&mask).unwrap();
                for (masked, text) in masked.into_iter().zip(&texts) {
                    let start = masked.as_ptr().addr() - mask.as_ptr().addr();
                    let (read, halves) = unescape(&json[start..start + masked.len()]).unwrap();
                    prop_assert_eq!((read.as_str(), halves), (text.as_str(), false));
                }
            }
        }

        /// Any text has masks, which are as long as the text.
        #[test]
        fn masks_of_anything(text in r#"(["\\\\xu0-9a-fé\n\u{0}]|.){0,40}"#) {
            prop_assert_eq!(mask_escapes(&text).len(), text.len());
            prop_assert_eq!(mask_texts(&text).len(), text.len());
            let read = unescape(&text).map(|(text, _)| text.to_string());
            if let Ok(expected) = serde_json::from_str::<String>(&format!("\"{text}\"")) {
                prop_assert_eq!(read, Some(expected));
            }
        }
    }
}
