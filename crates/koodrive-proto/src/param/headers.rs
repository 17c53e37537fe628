//! The two optional headers that every operation takes.

use std::fmt;

use http::HeaderValue;

use crate::check::{InvalidParam, counted};
use crate::wire::hex;

/// The value of the `X-Traceid` header: exactly 58 characters that the service writes into its logs.
///
/// The manual gives the length ("58 bits" on the English pages, which translates the Chinese 位, a character) but no
/// format. This type takes any 58 visible ASCII characters.
///
/// ```
/// use koodrive_proto::TraceId;
///
/// assert_eq!(TraceId::from_bytes([0xAB; 29]).as_str(), "ab".repeat(29));
/// assert_eq!(
///     TraceId::new("too-short").unwrap_err().to_string(),
///     "X-Traceid: got 9 characters, allowed: 58 visible ASCII characters",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(String);

impl TraceId {
    /// The number of characters.
    pub const LEN: usize = 58;

    /// Creates a trace id from your own text. Fails unless it is 58 visible ASCII characters.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidParam> {
        let id = id.into();
        let allowed = "58 visible ASCII characters";
        match id.chars().count() {
            Self::LEN if id.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Self(id)),
            Self::LEN => Err(InvalidParam::new("X-Traceid", "a blank, control or non-ASCII character", allowed)),
            length => Err(InvalidParam::new("X-Traceid", counted(length, "character", "characters"), allowed)),
        }
    }

    /// Writes 29 bytes, for example random ones, as 58 hexadecimal digits.
    pub fn from_bytes(bytes: [u8; 29]) -> Self {
        Self(hex(&bytes))
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The value of the `language` header: the language of the service's messages. Without it the service uses `en-US`.
///
/// The manual's pages write both `en-US` and `en_us`; the constants use the hyphen, as the documented default does.
///
/// ```
/// use koodrive_proto::Language;
///
/// assert_eq!(Language::ZH_CN.as_str(), "zh-CN");
/// assert_eq!(Language::new("th-TH").unwrap().as_str(), "th-TH");
/// assert!(Language::new("English, please").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language(HeaderValue);

impl Language {
    /// American English.
    pub const EN_US: Self = Self(HeaderValue::from_static("en-US"));
    /// Simplified Chinese.
    pub const ZH_CN: Self = Self(HeaderValue::from_static("zh-CN"));

    /// Creates a language from its code: letters and digits, in parts joined by `-` or `_`, at most 35 characters in
    /// all.
    pub fn new(code: &str) -> Result<Self, InvalidParam> {
        let part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let valid = code.len() <= 35 && code.split(['-', '_']).all(part);
        let value = HeaderValue::from_str(code).ok().filter(|_| valid).ok_or_else(|| {
            let length = counted(code.chars().count(), "character", "characters");
            let got = format!("a text of {length} that is no language code");
            InvalidParam::new("language", got, "a language code such as en-US or zh-CN")
        })?;
        Ok(Self(value))
    }

    /// Returns the code.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(crate) fn to_header(&self) -> HeaderValue {
        self.0.clone()
    }
}
