use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use http::request::Parts;
use sha2::Sha256;

use crate::auth::{CanonicalRequest, SCHEME, SignError};
use crate::wire::{hex, unhex};

/// The AppSecret, prepared for signing. `Debug` hides it, and it is wiped from memory when it is dropped.
///
/// ```
/// # use koodrive_proto::auth::{Authorization, CanonicalRequest, SIGNED_HEADERS, SigningKey};
/// # let host = "https://intl.myhuaweicloud-koodrive.com";
/// # let (parts, ()) = koodrive_proto::http::Request::get(format!("{host}/koodrive/ose/v1/service"))
/// #     .header("host", "intl.myhuaweicloud-koodrive.com")
/// #     .header("x-user-id", "1505084218764547200")
/// #     .header("x-date", "20240909T033325Z").body(()).unwrap().into_parts();
/// let key = SigningKey::new("test-app-secret").unwrap();
/// let canonical = CanonicalRequest::new(&parts.method, &parts.uri, &parts.headers, SIGNED_HEADERS, b"").unwrap();
/// assert_eq!(key.sign(&canonical), "bd4edc38c2cbe06fb5a1609fed2a74d339ce661662a3aa3b7b155ebc7d443e29");
///
/// // The other side:
/// let header = key.authorization("my-app", &canonical);
/// let authorization = Authorization::parse(&header).unwrap();
/// assert_eq!(authorization.app_id(), "my-app");
/// authorization.verify(&parts, b"", &key).unwrap();
/// ```
#[derive(Clone)]
pub struct SigningKey(Hmac<Sha256>);

impl SigningKey {
    /// Prepares a secret; returns `None` if it is empty.
    pub fn new(app_secret: impl AsRef<[u8]>) -> Option<Self> {
        let secret = app_secret.as_ref();
        // HMAC takes keys of any length, so only the empty key is refused.
        Hmac::new_from_slice(secret).ok().filter(|_| !secret.is_empty()).map(Self)
    }

    /// Returns the signature: 64 hexadecimal digits in lower case.
    pub fn sign(&self, canonical: &CanonicalRequest) -> String {
        hex(&self.mac(canonical).finalize().into_bytes())
    }

    /// Returns the value of the Authorization header.
    pub fn authorization(&self, app_id: &str, canonical: &CanonicalRequest) -> String {
        let (signed, signature) = (canonical.signed_headers(), self.sign(canonical));
        format!("{SCHEME} AppId={app_id},SignedHeaders={signed},Signature={signature}")
    }

    fn mac(&self, canonical: &CanonicalRequest) -> Hmac<Sha256> {
        self.0.clone().chain_update(canonical.string_to_sign())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// The parts of a signed request's Authorization header, for the side that verifies it.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization {
    app_id: String,
    signed_headers: Vec<String>,
    signature: [u8; 32],
}

/// Why a signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The header doesn't have the form `HMAC-SHA256 AppId=…,SignedHeaders=…,Signature=…`.
    #[error("Authorization must be HMAC-SHA256 AppId=<id>,SignedHeaders=<names;…>,Signature=<64 hex digits>")]
    Malformed,
    /// The request has no canonical form with these signed headers.
    #[error(transparent)]
    Canonical(#[from] SignError),
    /// The signature doesn't match: the secret is wrong, or something was changed on the way.
    #[error("the signature does not match: wrong AppSecret, or the request was changed on its way")]
    Mismatch(
        /// What should have been signed; compare it with what the other side has.
        Box<CanonicalRequest>,
    ),
}

impl Authorization {
    /// Parses the header.
    pub fn parse(header: &str) -> Result<Self, VerifyError> {
        let parse = || {
            let (mut app_id, mut signed_headers, mut signature) = (None, None, None);
            for part in header.strip_prefix(SCHEME)?.strip_prefix(' ')?.split(',') {
                let (name, value) = part.trim().split_once('=')?;
                let slot = match name {
                    "AppId" => &mut app_id,
                    "SignedHeaders" => &mut signed_headers,
                    "Signature" => &mut signature,
                    _ => return None,
                };
                if slot.replace(value).is_some() {
                    return None;
                }
            }
            Some(Self {
                app_id: app_id.filter(|id| !id.is_empty())?.to_owned(),
                signed_headers: signed_headers?.split(';').map(str::to_owned).collect(),
                signature: unhex(signature?)?,
            })
        };
        parse().ok_or(VerifyError::Malformed)
    }

    /// Returns the AppId, by which to look up the secret.
    pub fn app_id(&self) -> &str {
        &self.app_id
    }

    /// Returns the names of the signed headers.
    pub fn signed_headers(&self) -> impl Iterator<Item = &str> {
        self.signed_headers.iter().map(String::as_str)
    }

    /// Computes the signature again and compares it in constant time. Returns the canonical request, for logs.
    ///
    /// This says nothing about the date, which [`XDate::check`](crate::wire::XDate::check) checks.
    pub fn verify(&self, request: &Parts, body: &[u8], key: &SigningKey) -> Result<CanonicalRequest, VerifyError> {
        let signed: Vec<&str> = self.signed_headers().collect();
        let canonical = CanonicalRequest::new(&request.method, &request.uri, &request.headers, &signed, body)?;
        match key.mac(&canonical).verify_slice(&self.signature) {
            Ok(()) => Ok(canonical),
            Err(_) => Err(VerifyError::Mismatch(Box::new(canonical))),
        }
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization")
            .field("app_id", &self.app_id)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use sha2::Sha256;
    use zeroize::ZeroizeOnDrop;

    /// A prepared key consists of two SHA-256 states. They are wiped only with the zeroize features of sha2 and hmac.
    #[test]
    fn keys_are_wiped() {
        fn wiped<T: ZeroizeOnDrop>() {}
        wiped::<Sha256>();
    }
}
