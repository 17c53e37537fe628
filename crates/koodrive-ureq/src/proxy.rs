//! Tunnels through an HTTP proxy. ureq makes them.

use std::error::Error as StdError;
use std::{env, fmt, io};

use koodrive_proto::flow::Trouble;
use koodrive_proto::http::StatusCode;
use koodrive_proto::transport::proxy::ProxyAddress;
use koodrive_proto::{Api, Error};
use ureq::unversioned::transport::ConnectionDetails;
use ureq::{Proxy, ProxyProtocol};

use crate::written::SpokeFirst;
use crate::{Client, failure};

impl Client {
    /// Like [`new`](Self::new), through an HTTP proxy: `http://user:password@host:port`, or `https://` for TLS to the
    /// proxy.
    ///
    /// User and password are percent-encoded, and may be left out; so may the port, if it is 80 or 443. Every
    /// connection is a tunnel made with CONNECT, even to `http://` endpoints. So the same bytes reach the service, and
    /// the proxy sees none of them if the endpoint is `https://`. SOCKS is not supported.
    pub fn with_proxy(api: Api, proxy: &str) -> Result<Self, Error> {
        Self::through(api, &ProxyAddress::parse(proxy)?)
    }

    /// Like [`with_proxy`](Self::with_proxy) with the proxy that the environment names for the endpoint of `api`, or
    /// like [`new`](Self::new) if it names none.
    ///
    /// [`ProxyAddress::from_env`] says which variables are read, and how. They are read once.
    pub fn with_env_proxy(api: Api) -> Result<Self, Error> {
        let var = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        match ProxyAddress::from_env(api.endpoint(), var)? {
            Some(proxy) => Self::through(api, &proxy),
            None => Ok(Self::new(api)),
        }
    }

    fn through(api: Api, proxy: &ProxyAddress) -> Result<Self, Error> {
        let (uri, login) = (proxy.uri(), proxy.login());
        let protocol = if uri.scheme_str() == Some("https") { ProxyProtocol::Https } else { ProxyProtocol::Http };
        let mut proxy = Proxy::builder(protocol).host(uri.host().unwrap_or_default());
        if let Some(port) = uri.port_u16() {
            proxy = proxy.port(port);
        }
        if let Some((user, password)) = login {
            proxy = proxy.username(user).password(password.as_str());
        }
        // ureq's error quotes nothing of the address.
        let proxy = proxy.build().map_err(Error::build)?;
        Ok(Self::with_config(api, Self::config().proxy(Some(proxy)).build()))
    }
}

/// Adds to an error in connecting that a proxy is involved, and which one.
///
/// `to_proxy` says whether the connection was meant to be one to the proxy itself.
pub(crate) fn named(error: ureq::Error, details: &ConnectionDetails<'_>, to_proxy: bool) -> ureq::Error {
    use ureq::Error as E;
    let (what, proxy) = match (details.config.proxy(), &error) {
        // These errors need no explanation.
        (_, E::Timeout(_) | E::TlsRequired) => return error,
        (None, _) if to_proxy => ("no tunnel through", details.uri),
        // The proxy is what looks up the service's host.
        (Some(proxy), E::HostNotFound | E::ConnectProxyFailed(_) | E::Protocol(_) | E::Other(_)) => {
            ("no tunnel through", proxy.uri())
        }
        // The service behind the proxy may be the cause. Only if its certificate is refused is it certain that the
        // proxy isn't.
        (Some(proxy), E::Io(io)) if !is_named(io) && failure::refused_certificate(io).is_none() => {
            ("through", proxy.uri())
        }
        _ => return error,
    };
    let kind = if let E::Io(io) = &error { io.kind() } else { io::ErrorKind::Other };
    let authority = proxy.authority().map_or("", |authority| authority.as_str());
    // The host, without user and password.
    let host = authority.rsplit('@').next().unwrap_or_default().to_owned();
    E::Io(io::Error::new(kind, Named { what, host, error }))
}

fn is_named(error: &io::Error) -> bool {
    error.get_ref().and_then(|inner| inner.downcast_ref::<Named>()).is_some()
}

/// An error in connecting, with the name of the proxy.
#[derive(Debug)]
pub(crate) struct Named {
    what: &'static str,
    host: String,
    error: ureq::Error,
}

impl Named {
    pub(crate) fn error(&self) -> &ureq::Error {
        &self.error
    }

    /// The proxy's answer, if it is one.
    fn status(&self) -> Option<StatusCode> {
        // "proxy server responded 407/407"
        let ureq::Error::ConnectProxyFailed(text) = &self.error else { return None };
        text.rsplit_once('/')?.1.parse().ok()
    }

    /// What happened, for the one line that the call's error writes.
    pub(crate) fn words(&self) -> String {
        let why = match &self.error {
            ureq::Error::ConnectProxyFailed(_) => match self.status() {
                Some(status) => format!("it answered {}", status.as_u16()),
                None => Trouble::Closed.to_string(),
            },
            ureq::Error::Other(other) if other.is::<SpokeFirst>() => "it sent more than its answer".to_owned(),
            error => failure::words(error, true).unwrap_or_else(|| match error {
                ureq::Error::Io(io) => io.to_string(),
                other => other.to_string(),
            }),
        };
        format!("{} the proxy {}: {why}", self.what, self.host)
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status() {
            Some(status) => write!(f, "the proxy {} answered CONNECT with {status}", self.host),
            None => write!(f, "CONNECT failed at the proxy {}", self.host),
        }
    }
}

impl StdError for Named {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.error {
            ureq::Error::Io(io) => Some(io),
            ureq::Error::Other(other) => Some(&**other),
            ureq::Error::Protocol(protocol) => Some(protocol),
            ureq::Error::ConnectProxyFailed(_) => None,
            other => Some(other),
        }
    }
}
