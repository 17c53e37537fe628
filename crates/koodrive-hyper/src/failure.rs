use std::error::Error as StdError;
use std::io;

use hyper_util::client::legacy::Error as PoolError;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Cause, Failure, Reached, Trouble};

use crate::proxy::Untunnelled;
use crate::watch::{Flooded, Watch};

/// Decides from an error whether the server can have seen the request, and what the cause was.
///
/// `head` says whether the head of the answer was there.
pub(crate) fn classify(error: BoxError, limit: u64, head: bool, watch: &Watch) -> Failure {
    let parts = || links(&*error);
    if head && parts().any(<dyn StdError>::is::<Flooded>) {
        return Failure::of(Trouble::Flood, error);
    }
    // hyper says the same of a Content-Length close to the largest number.
    let is_large = |part: &(dyn StdError + 'static)| part.downcast_ref().is_some_and(hyper::Error::is_parse_too_large);
    if !watch.may_be_large() && parts().any(is_large) {
        return Failure::too_large(limit);
    }
    let connecting = parts().any(|part| part.downcast_ref().is_some_and(PoolError::is_connect));
    let unwritten = connecting || parts().any(|part| part.downcast_ref().is_some_and(hyper::Error::is_canceled));
    let tunnel = parts().find_map(|part| part.downcast_ref::<Untunnelled>());
    let trouble = trouble(&*error, connecting);
    let (cause, words) = if connecting && parts().any(is_unfit) {
        (Cause::Local, Some("the connector makes no connections of the endpoint's kind".to_owned()))
    } else if connecting && parts().any(is_own_timeout) {
        (Cause::Timeout, Some("the connector's own timeout is over".to_owned()))
    } else {
        (trouble.map_or(Cause::Network, Trouble::cause), words(&*error, connecting))
    };
    let words = tunnel.map(Untunnelled::words).or(words);
    let reached = if unwritten { Reached::No } else { trouble.map_or(Reached::Maybe, Trouble::reached) };
    // The pool says only that something failed; what it was is said by the error that was first.
    let first = || parts().last().filter(|_| error.is::<PoolError>()).map(ToString::to_string);
    match words.or_else(first) {
        Some(words) => Failure::new(reached, cause, error).because(words),
        None => Failure::new(reached, cause, error),
    }
}

/// What happened, in words, if that is known.
pub(crate) fn words(error: &(dyn StdError + 'static), connecting: bool) -> Option<String> {
    match (trouble(error, connecting)?, refused_certificate(error)) {
        (Trouble::Untrusted, Some(why)) => Some(format!("{}: {why}", Trouble::Untrusted)),
        (trouble, _) => Some(trouble.to_string()),
    }
}

fn trouble(error: &(dyn StdError + 'static), connecting: bool) -> Option<Trouble> {
    if refused_certificate(error).is_some() {
        return Some(Trouble::Untrusted);
    }
    let closed = || links(error).any(is_end).then_some(Trouble::Closed);
    links(error).find_map(|part| of_part(part, connecting)).or_else(|| Trouble::of_system(error)).or_else(closed)
}

fn of_part(part: &(dyn StdError + 'static), connecting: bool) -> Option<Trouble> {
    if part.is::<Flooded>() {
        return Some(Trouble::LargeHead);
    }
    if connecting && is_no_tls(part) {
        return Some(Trouble::NoTls);
    }
    // hyper-util has no other sign of it.
    if connecting && part.to_string() == "dns error" {
        return Some(Trouble::Unresolved);
    }
    let error: &hyper::Error = part.downcast_ref()?;
    if error.is_parse_too_large() {
        return Some(Trouble::LargeHead);
    }
    if error.is_parse() {
        return Some(Trouble::NotHttp);
    }
    if error.is_incomplete_message() {
        return Some(Trouble::Closed);
    }
    // A malformed body is an io::Error of hyper's own, whose text alone says whether a limit was exceeded.
    let body = error.source()?.downcast_ref::<io::Error>()?;
    match (body.kind(), body.to_string()) {
        (io::ErrorKind::InvalidData, text) if text.contains("over limit") || text.contains("count overflow") => {
            Some(Trouble::Flood)
        }
        (io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput, _) if !is_tls(body) => Some(Trouble::NotHttp),
        _ => None,
    }
}

/// Whether the connector is for `http://` and the endpoint isn't, or the reverse. These errors have no other sign.
fn is_unfit(part: &(dyn StdError + 'static)) -> bool {
    let text = part.to_string();
    text == "invalid URL, scheme is not http" || text.starts_with("unsupported scheme ")
}

/// Whether a connector with a timeout of its own gave up. The system's errors have a number.
fn is_own_timeout(part: &(dyn StdError + 'static)) -> bool {
    let io = part.downcast_ref::<io::Error>();
    io.is_some_and(|io| io.kind() == io::ErrorKind::TimedOut && io.raw_os_error().is_none())
}

/// Whether the connection ended too early. hyper and rustls have words of their own for that.
fn is_end(part: &(dyn StdError + 'static)) -> bool {
    part.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::UnexpectedEof)
}

/// An error and its sources. An `io::Error` passes over the error that it wraps when it is asked for its source.
fn links<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&part| match part.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => part.source(),
    })
}

/// Why the server's certificate was refused, if it was. This happens before anything is sent.
#[cfg(feature = "rustls")]
fn refused_certificate(error: &(dyn StdError + 'static)) -> Option<String> {
    links(error).find_map(|part| match part.downcast_ref() {
        Some(rustls::Error::InvalidCertificate(why)) => Some(why.to_string()),
        _ => None,
    })
}

#[cfg(feature = "rustls")]
fn is_no_tls(part: &(dyn StdError + 'static)) -> bool {
    matches!(part.downcast_ref(), Some(rustls::Error::InvalidMessage(_)))
}

#[cfg(feature = "rustls")]
fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    links(error).any(<dyn StdError>::is::<rustls::Error>)
}

#[cfg(not(feature = "rustls"))]
fn refused_certificate(_: &(dyn StdError + 'static)) -> Option<String> {
    None
}

#[cfg(not(feature = "rustls"))]
fn is_no_tls(_: &(dyn StdError + 'static)) -> bool {
    false
}

#[cfg(not(feature = "rustls"))]
fn is_tls(_: &(dyn StdError + 'static)) -> bool {
    false
}
