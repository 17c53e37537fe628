//! Credentials, and the signature that proves them.
//!
//! A signed request carries
//!
//! ```text
//! Authorization: HMAC-SHA256 AppId=<appId>,SignedHeaders=host;x-date;x-user-id,Signature=<64 hex digits>
//! X-User-Id: <the KooDrive user that is acted for>
//! X-Date: 20251103T070140Z
//! ```
//!
//! where the signature is the HMAC-SHA256, keyed with the AppSecret, of two lines: `HMAC-SHA256`, and the SHA-256 of
//! the [`CanonicalRequest`].
//!
//! This follows the enterprise manual's appendix (koodrive_05_0029 to _0035). The page is cut off after the canonical
//! headers: that the signed headers are sorted, and that the payload is hashed as hexadecimal SHA-256, is our reading,
//! which reproduces the published examples of Huawei's sibling scheme. None of it could be tried on the service itself.

mod canonical;
mod credentials;
mod refresh;
mod signature;

pub(crate) use canonical::check_signed;
pub use canonical::{CanonicalRequest, SignError};
pub use credentials::{AccessToken, Credentials};
pub(crate) use credentials::{Prepared, token_header};
pub(crate) use refresh::{Left, Way};
pub use refresh::{Refresh, Renew};
pub use signature::{Authorization, SigningKey, VerifyError};

/// The name of the signature scheme, in the Authorization header and in the string to sign.
pub const SCHEME: &str = "HMAC-SHA256";

/// The headers that are signed unless [`Api::signed_headers`](crate::Api::signed_headers) says otherwise.
pub const SIGNED_HEADERS: &[&str] = &["host", "x-date", "x-user-id"];
