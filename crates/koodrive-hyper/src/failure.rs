use std::error::Error as StdError;

use http_body_util::LengthLimitError;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Cause, Failure, Reached};

/// Decides from an error whether the server can have seen the request, and what the cause was.
pub(crate) fn classify(error: BoxError, limit: u64) -> Failure {
    let mut reached = Reached::Maybe;
    let mut cause = Cause::Network;
    let mut next: Option<&(dyn StdError + 'static)> = Some(&*error);
    while let Some(part) = next {
        let connecting = part.downcast_ref().is_some_and(hyper_util::client::legacy::Error::is_connect);
        let canceled = part.downcast_ref().is_some_and(hyper::Error::is_canceled);
        if connecting || canceled {
            reached = Reached::No;
        }
        let too_large = part.downcast_ref().is_some_and(hyper::Error::is_parse_too_large);
        if part.is::<LengthLimitError>() {
            return Failure::too_large(limit);
        }
        if too_large || is_untrusted(part) {
            cause = Cause::Local;
        }
        next = part.source();
    }
    Failure::new(reached, cause, error)
}

/// Whether the server's certificate was refused, which happens before anything is sent.
#[cfg(feature = "rustls")]
fn is_untrusted(error: &(dyn StdError + 'static)) -> bool {
    matches!(find_tls(error), Some(rustls::Error::InvalidCertificate(_)))
}

/// Finds a TLS error. An `io::Error` skips the error that it wraps when it is asked for its source.
#[cfg(feature = "rustls")]
fn find_tls<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a rustls::Error> {
    match error.downcast_ref::<std::io::Error>() {
        Some(io) => io.get_ref().and_then(|inner| find_tls(inner)),
        None => error.downcast_ref(),
    }
}

#[cfg(not(feature = "rustls"))]
fn is_untrusted(_: &(dyn StdError + 'static)) -> bool {
    false
}
