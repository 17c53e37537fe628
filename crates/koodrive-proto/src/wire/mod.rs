//! The wire formats: dates, hexadecimal digits, and how an answer is read.

mod answer;
pub(crate) mod http_date;
mod lenient;
mod member;
mod received;
mod x_date;

pub use answer::FromResponse;
pub use lenient::Lenient;
pub use member::{Member, Unseen, member};
pub use received::Received;
pub use x_date::{DateError, XDate};

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
