//! The address of the service, and where its links may lead.

mod elsewhere;

use std::fmt;
use std::str::FromStr;

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderValue, Uri};

use crate::error::Error;

pub(crate) use elsewhere::Hosts;

/// The address of a KooDrive: scheme, host, and a port if it isn't the scheme's default.
///
/// The manual names `https://cn.myhuaweicloud-koodrive.com` (CN North-Beijing4) and
/// `https://intl.myhuaweicloud-koodrive.com` (AP-Singapore). A carrier's customers get their address from the carrier.
/// Use plain `http://` only for a simulator on this machine: it shows tokens to everybody on the way.
///
/// ```
/// use koodrive_proto::Endpoint;
///
/// let endpoint: Endpoint = "https://INTL.myhuaweicloud-koodrive.com:443/".parse().unwrap();
/// assert_eq!(endpoint.to_string(), "https://intl.myhuaweicloud-koodrive.com");
///
/// let error = "intl.myhuaweicloud-koodrive.com".parse::<Endpoint>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "the endpoint must start with https:// or http://; did you mean https://intl.myhuaweicloud-koodrive.com?",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    scheme: Scheme,
    authority: Authority,
    host: HeaderValue,
}

const NO_SCHEME: &str = "must start with https:// or http://";

impl FromStr for Endpoint {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = |problem: &'static str| Error::build(format!("the endpoint {problem}"));
        let text = text.trim();
        if let Some(meant) = Self::without_scheme(text) {
            return Err(Error::build(format!("the endpoint {NO_SCHEME}; did you mean {meant}?")));
        }
        let uri: Uri = text.parse().map_err(|_| wrong("is no valid address"))?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() || text.contains('#') {
            return Err(wrong("must have no path, query or fragment: operations bring theirs"));
        }
        Self::of(&uri)
    }
}

impl Endpoint {
    /// What is meant by an address without a scheme: plain http for a simulator on this machine.
    fn without_scheme(text: &str) -> Option<Self> {
        if text.contains("//") {
            return None;
        }
        let https: Self = format!("https://{text}").parse().ok()?;
        let host = https.authority.host();
        let is_here = host == "localhost" || host == "[::1]" || host.starts_with("127.");
        if is_here { format!("http://{text}").parse().ok() } else { Some(https) }
    }

    /// Returns the endpoint of an absolute address, whose path and query are ignored.
    pub fn of(uri: &Uri) -> Result<Self, Error> {
        let wrong = |problem: &'static str| Error::build(format!("the endpoint {problem}"));
        let scheme = uri
            .scheme()
            .filter(|&scheme| *scheme == Scheme::HTTPS || *scheme == Scheme::HTTP)
            .ok_or_else(|| wrong(NO_SCHEME))?;
        let authority = uri.authority().ok_or_else(|| wrong("has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("must have no user name or password"));
        }
        let host = authority.host().to_ascii_lowercase();
        if host.is_empty() {
            return Err(wrong("has no host"));
        }
        let standard = if *scheme == Scheme::HTTPS { 443 } else { 80 };
        let port = match authority.as_str().get(host.len()..).and_then(|rest| rest.strip_prefix(':')) {
            None | Some("") => standard,
            Some(digits) => Some(digits)
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|digits| digits.parse().ok())
                .filter(|port| *port > 0_u16)
                .ok_or_else(|| wrong("has no valid port: 1 to 65535"))?,
        };
        let normal = if port == standard { host } else { format!("{host}:{port}") };
        Ok(Self {
            scheme: scheme.clone(),
            host: HeaderValue::from_str(&normal).map_err(|_| wrong("has no valid host"))?,
            authority: normal.parse().map_err(|_| wrong("has no valid host"))?,
        })
    }

    /// Returns host and port, as the Host header has them.
    pub fn host(&self) -> &str {
        self.authority.as_str()
    }

    /// Returns host and port, also where the port is the scheme's own: what a connection is opened to.
    pub fn host_and_port(&self) -> String {
        match self.authority.port_u16() {
            Some(_) => self.authority.to_string(),
            None => format!("{}:{}", self.authority, if self.is_https() { 443 } else { 80 }),
        }
    }

    /// Returns whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    pub(crate) fn host_header(&self) -> HeaderValue {
        self.host.clone()
    }

    /// The address with a path and query, unchanged.
    pub(crate) fn uri(&self, path_and_query: String) -> Result<Uri, Error> {
        let (path, _) = path_and_query.split_once('?').unwrap_or((&path_and_query, ""));
        let folded = |segment: &str| matches!(segment, "." | "..");
        if !path.starts_with('/') || path.split('/').any(folded) || path_and_query.contains('#') {
            return Err(Error::build("the path must begin with / and have no `.`, `..` or # in it"));
        }
        if !path_and_query.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Error::build("path and query must be percent-encoded"));
        }
        let path: PathAndQuery = path_and_query.try_into().map_err(Error::build)?;
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).map_err(Error::build)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}
