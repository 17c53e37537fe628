//! Which links to other servers are followed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::Scheme;

use crate::check::InvalidParam;
use crate::endpoint::Endpoint;

/// The hosts that links may lead to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hosts(Option<Vec<String>>);

impl Hosts {
    /// Takes names of hosts, and `*.` with a domain for all hosts below it.
    pub(crate) fn new<S: AsRef<str>>(names: impl IntoIterator<Item = S>) -> Result<Self, InvalidParam> {
        let check = |name: S| {
            let name = name.as_ref().trim_end_matches('.').to_ascii_lowercase();
            let host = name.strip_prefix("*.").unwrap_or(&name);
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
            let uri = format!("http://{host}/").parse::<Uri>();
            let is_host = host.bytes().all(is_plain) && uri.is_ok_and(|uri| uri.host() == Some(host));
            let is_domain = !host.starts_with('[') || host.len() == name.len();
            let allowed = "host names without a port, in ASCII (xn-- for others), or *. and a domain";
            if is_host && is_domain { Ok(name) } else { Err(InvalidParam::new("hosts", name, allowed)) }
        };
        names.into_iter().map(check).collect::<Result<_, _>>().map(Some).map(Self)
    }

    /// Whether a host was named, itself and not its domain.
    fn name(&self, host: &str) -> bool {
        self.0.as_ref().is_some_and(|names| names.iter().any(|name| name == host))
    }

    fn allow(&self, host: &str) -> bool {
        let fits = |name: &String| match name.strip_prefix('*') {
            Some(domain) => host.len() > domain.len() && host.ends_with(domain),
            None => host == name,
        };
        self.0.as_ref().is_none_or(|names| names.iter().any(fits))
    }
}

/// Why a link isn't followed. It says no more of the link than its host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Inadmissible {
    #[error("it is no absolute http or https address without user name and fragment")]
    Address,
    #[error("it isn't https, while the endpoint is")]
    Plain,
    #[error("its host {0} isn't among the allowed ones")]
    Host(String),
    #[error("its host {0} is a loopback or private address, while the endpoint is a public one; name it to allow it")]
    Private(String),
}

impl Endpoint {
    /// Reads a link that the service gave, and decides whether it is followed.
    ///
    /// The name of a host isn't looked up: that it leads to a private address is not seen.
    pub(crate) fn admit(&self, link: &str, hosts: &Hosts) -> Result<(Uri, Self), Inadmissible> {
        let uri: Uri = link.parse().map_err(|_| Inadmissible::Address)?;
        let other = Self::of(&uri).map_err(|_| Inadmissible::Address)?;
        if link.contains('#') || uri.path_and_query().is_none() {
            return Err(Inadmissible::Address);
        }
        let host = other.authority.host().trim_end_matches('.').to_ascii_lowercase();
        if self.is_https() && other.scheme != Scheme::HTTPS {
            return Err(Inadmissible::Plain);
        }
        if !hosts.allow(&host) {
            return Err(Inadmissible::Host(host));
        }
        // Whoever names a host wants it.
        if !hosts.name(&host) && Place::of(&host) != Place::Public && Place::of(self.authority.host()) == Place::Public
        {
            return Err(Inadmissible::Private(host));
        }
        Ok((uri, other))
    }
}

/// What the name of a host says about where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Public,
    /// On this machine or in a network of its own.
    Private,
}

impl Place {
    fn of(host: &str) -> Self {
        let name = host.trim_matches(['[', ']']).trim_end_matches('.');
        // A name without a dot is one of this machine or of its network.
        let ends = [".localhost", ".localdomain", ".local", ".internal"];
        let is_local = !name.contains(['.', ':']) || ends.iter().any(|end| name.ends_with(end));
        let last = name.rsplit('.').next().unwrap_or_default();
        // Resolvers also read 127.1, 0x7f000001 and 2130706433 as addresses.
        let is_number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x");
        let is_private = match name.parse() {
            Ok(address) => is_private(address),
            Err(_) => is_local || is_number || name.contains(':'),
        };
        if is_private { Self::Private } else { Self::Public }
    }
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_private_v4(address),
        IpAddr::V6(address) => {
            let [first, ..] = address.segments();
            // Teredo wraps addresses as well, and 64:ff9b:1:: is for networks of their own.
            let is_wrapped = matches!(address.segments(), [0x2001, 0, ..] | [0x64, 0xff9b, 1, ..]);
            let is_unique = matches!(first & 0xfe00, 0xfc00) || matches!(first & 0xffc0, 0xfe80 | 0xfec0);
            let is_local = is_unique || is_wrapped;
            let is_other = address.is_loopback() || address.is_unspecified() || address.is_multicast();
            is_local || is_other || embedded(address).is_some_and(is_private_v4)
        }
    }
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, or behind NAT64 or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let of = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0, 0, 0, 0, 0xffff, 0, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => Some(of(high, low)),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => Some(of(high, low)),
        _ => None,
    }
}

fn is_private_v4(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    let shared = first == 100 && second & 0xc0 == 64;
    // 192.0.0.0/24 and 198.18.0.0/15 are for protocols and measurements; from 240 on, nothing is assigned.
    let special = matches!((first, second), (0, _) | (198, 18 | 19)) || first >= 240;
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || matches!(address.octets(), [192, 0, 0, _])
        || shared
        || special
}
