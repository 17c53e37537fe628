//! The wire formats: dates, hexadecimal digits, percent-encoding, and how an answer is read.
//!
//! An answer is put on a flat tape first, because lenience written as serde deserializers would be compiled again for
//! every type and every way to read it. A cursor over the tape has no type, so all answers share its code, one rule
//! holds everywhere, and what precedes the content (a failing code, another encoding) is settled before any type is
//! read. The tape borrows all texts but those with escapes, so this costs hardly a copy.

mod by_serde;
mod cursor;
pub(crate) mod http_date;
mod notes;
mod percent;
mod read;
mod tape;
mod text;
mod x_date;
pub(crate) mod xml;

pub use by_serde::Misfit;
pub(crate) use by_serde::by_serde;
pub use cursor::Cursor;
pub use notes::Notes;
pub use percent::percent_encode;
pub(crate) use percent::percent_encode_bytes;
pub use read::{Member, Members, Readable, Unseen, deserialize};
pub(crate) use tape::Tape;
pub(crate) use text::{Text, has_escapes, mask_escapes, mask_texts};
pub use x_date::{DateError, XDate};

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads exactly 64 hexadecimal digits in lower case.
pub(crate) fn unhex(text: &str) -> Option<[u8; 32]> {
    let digit = |byte: &u8| match byte {
        b'0'..=b'9' => byte.checked_sub(b'0'),
        b'a'..=b'f' => byte.checked_sub(b'a').and_then(|value| value.checked_add(10)),
        _ => None,
    };
    let bytes: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some((digit(high)? << 4) | digit(low)?),
            _ => None,
        })
        .collect();
    bytes?.try_into().ok()
}
