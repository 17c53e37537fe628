//! Addresses of HTTP proxies, and which one the environment names, so that all transports read them alike. HTTP
//! libraries read the environment variables differently, and use no proxy at all if they can't read its address.

use std::fmt;
use std::net::IpAddr;

use http::Uri;
use percent_encoding::percent_decode_str;

use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::param::Secret;

/// The address of an HTTP proxy, through which CONNECT makes tunnels.
///
/// ```
/// use koodrive_proto::transport::proxy::ProxyAddress;
///
/// let proxy = ProxyAddress::parse("http://user:p%40ss@proxy.example:3128")?;
/// assert_eq!(proxy.uri(), "http://proxy.example:3128");
/// assert_eq!(proxy.login().map(|(user, password)| (user, password.as_str())), Some(("user", "p@ss")));
/// assert!(ProxyAddress::parse("socks5://proxy.example").is_err());
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Clone)]
pub struct ProxyAddress {
    uri: Uri,
    login: Option<(String, Secret)>,
}

impl ProxyAddress {
    /// Parses `scheme://user:password@host:port`, of which only the host is required.
    ///
    /// The scheme is `http` or `https`, where the latter means TLS to the proxy itself. User and password are
    /// percent-encoded. SOCKS is not supported. The error says what is allowed, and quotes nothing.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).ok_or_else(|| Error::build(WRONG))
    }

    /// Returns the proxy that the environment names for an endpoint, if it names one, much as curl reads it. `var`
    /// looks up a variable.
    ///
    /// The variables are `HTTPS_PROXY` or `HTTP_PROXY`, depending on the endpoint's scheme, and then `ALL_PROXY`. A
    /// name in small letters takes precedence over the same name in capitals. No proxy is used if `NO_PROXY` lists the
    /// endpoint's host: as a name, with or without a dot before it, which covers all names below it as well; as an IP
    /// address or a network such as `10.0.0.0/8`; or as `*`. Each entry is for one port, or for all ports if it has
    /// none. In a CGI program, where `REQUEST_METHOD` is set, `HTTP_PROXY` is not read: there its value is what the
    /// client sent. An address that can't be read is an error, and not the same as no proxy.
    ///
    /// ```
    /// use koodrive_proto::transport::proxy::ProxyAddress;
    ///
    /// let endpoint = "https://drive.example".parse()?;
    /// let var = |name: &str| (name == "HTTPS_PROXY").then(|| "proxy.example:3128".to_owned());
    /// assert_eq!(ProxyAddress::from_env(&endpoint, var)?.unwrap().uri(), "http://proxy.example:3128");
    /// # Ok::<(), koodrive_proto::Error>(())
    /// ```
    pub fn from_env(endpoint: &Endpoint, var: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, Error> {
        let first = |names: &[&'static str]| {
            names.iter().find_map(|name| Some((*name, var(name).filter(|value| !value.trim().is_empty())?)))
        };
        let own: &[_] = if endpoint.is_https() {
            &["https_proxy", "HTTPS_PROXY"]
        } else if var("REQUEST_METHOD").is_none() {
            &["http_proxy", "HTTP_PROXY"]
        } else if cfg!(windows) {
            // On Windows, both names are one variable.
            &[]
        } else {
            // In a CGI program, HTTP_PROXY is what the client sent as its header Proxy.
            &["http_proxy"]
        };
        let Some((name, text)) = first(own).or_else(|| first(&["all_proxy", "ALL_PROXY"])) else { return Ok(None) };
        if first(&["no_proxy", "NO_PROXY"]).is_some_and(|(_, list)| excepts(&list, endpoint)) {
            return Ok(None);
        }
        Self::read(&text).map(Some).ok_or_else(|| Error::build(format!("{name}: {WRONG}")))
    }

    /// Returns `http://` or `https://`, the host, and a port if it isn't the scheme's default.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns user and password, decoded.
    pub fn login(&self) -> Option<(&str, &Secret)> {
        self.login.as_ref().map(|(user, password)| (user.as_str(), password))
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (login, host) = match rest.rsplit_once('@') {
            Some((login, host)) => (Some(self::login(login)?), host),
            None => (None, rest),
        };
        // A proxy's address follows the same rules as an endpoint.
        let endpoint: Endpoint = format!("{scheme}://{host}").parse().ok()?;
        Some(Self { uri: endpoint.to_string().parse().ok()?, login })
    }
}

const WRONG: &str = "a proxy is given as http://host:port or https://host:port, where needed with user:password@ before the \
                     host, percent-encoded; SOCKS is not supported";

impl fmt::Debug for ProxyAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyAddress").field("uri", &self.uri).finish_non_exhaustive()
    }
}

fn login(text: &str) -> Option<(String, Secret)> {
    let decode = |part| percent_decode_str(part).decode_utf8().ok().map(String::from);
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    // If these weren't encoded, they would end the host.
    (!text.contains(['/', '?', '#'])).then_some((decode(user)?, decode(password)?.into()))
}

/// Whether NO_PROXY names the endpoint: as `*`, a host with all names below it, an IP address or a network, each with
/// or without a port.
fn excepts(list: &str, endpoint: &Endpoint) -> bool {
    let standard = if endpoint.is_https() { "443" } else { "80" };
    let host = endpoint.host();
    let (host, port) = with_port(host).unwrap_or((host, standard));
    list.split([',', ' ', '\t']).any(|entry| {
        let (name, own) = with_port(entry).unwrap_or((entry, port));
        own == port && (name == "*" || covers(name, host))
    })
}

/// Splits off the port, if there is one. An IPv6 address is in brackets then.
fn with_port(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once(':').filter(|(host, _)| host.ends_with(']') || !host.contains(':'))
}

fn covers(entry: &str, host: &str) -> bool {
    fn bare(text: &str) -> &str {
        text.trim_start_matches('[').trim_end_matches(']')
    }
    if let Ok(address) = bare(host).parse() {
        let (network, length) = entry.split_once('/').unwrap_or((entry, ""));
        return bare(network).parse().is_ok_and(|network| within(address, network, length));
    }
    let (name, host) = (entry.trim_start_matches('*').trim_matches('.'), host.trim_end_matches('.'));
    let Some(split) = host.len().checked_sub(name.len()).filter(|_| !name.is_empty()) else { return false };
    // Compared as bytes, since a variable may hold anything.
    let (above, tail) = host.as_bytes().split_at(split);
    tail.eq_ignore_ascii_case(name.as_bytes()) && above.last().is_none_or(|byte| *byte == b'.')
}

/// Whether an address is in a network: it begins with as many bits of it as the length says; without a length, with
/// all.
fn within(address: IpAddr, network: IpAddr, length: &str) -> bool {
    let bits = |address| match address {
        IpAddr::V4(address) => (u128::from(u32::from(address)), 32),
        IpAddr::V6(address) => (u128::from(address), 128),
    };
    let ((address, width), (network, of)) = (bits(address), bits(network));
    let length = if length.is_empty() { Ok(width) } else { length.parse::<u32>() };
    width == of
        && length.is_ok_and(|length| {
            width.checked_sub(length).is_some_and(|rest| (address ^ network).checked_shr(rest).unwrap_or(0) == 0)
        })
}
