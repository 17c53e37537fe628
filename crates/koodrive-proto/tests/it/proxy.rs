//! Which proxy the environment names, without an environment.

use koodrive_proto::transport::proxy::ProxyAddress;
use koodrive_proto::{Endpoint, Error, ErrorKind};

/// What the environment names, as a host.
fn named(endpoint: &str, environment: &[(&str, &str)]) -> Result<Option<String>, Error> {
    let var = |name: &str| environment.iter().find(|(own, _)| *own == name).map(|(_, value)| (*value).to_owned());
    let endpoint: Endpoint = endpoint.parse().unwrap();
    Ok(ProxyAddress::from_env(&endpoint, var)?.map(|proxy| proxy.uri().host().unwrap().to_owned()))
}

#[test]
fn variables() {
    for (endpoint, environment, expected) in [
        ("https://h", &[][..], None),
        ("https://h", &[("HTTPS_PROXY", "a")], Some("a")),
        ("https://h", &[("HTTPS_PROXY", "a"), ("https_proxy", "b")], Some("b")),
        ("https://h", &[("HTTPS_PROXY", "a"), ("https_proxy", "")], Some("a")),
        ("https://h", &[("HTTPS_PROXY", " ")], None),
        ("https://h", &[("HTTP_PROXY", "a"), ("http_proxy", "b")], None),
        ("http://h", &[("HTTPS_PROXY", "a"), ("https_proxy", "b")], None),
        ("http://h", &[("HTTP_PROXY", "a")], Some("a")),
        ("http://h", &[("HTTP_PROXY", "a"), ("http_proxy", "b"), ("ALL_PROXY", "c")], Some("b")),
        ("http://h", &[("ALL_PROXY", "a")], Some("a")),
        ("https://h", &[("ALL_PROXY", "a"), ("all_proxy", "b")], Some("b")),
        // CGI: the header Proxy of a request becomes HTTP_PROXY.
        ("http://h", &[("HTTP_PROXY", "a"), ("REQUEST_METHOD", "GET")], None),
        ("http://h", &[("HTTP_PROXY", "a"), ("REQUEST_METHOD", ""), ("ALL_PROXY", "b")], Some("b")),
        ("https://h", &[("HTTPS_PROXY", "a"), ("REQUEST_METHOD", "GET")], Some("a")),
        // Not asked for, not read.
        ("http://h", &[("HTTP_PROXY", "socks5://a"), ("NO_PROXY", "h")], None),
        ("http://h", &[("HTTP_PROXY", "a"), ("NO_PROXY", "h"), ("no_proxy", "i")], Some("a")),
    ] {
        assert_eq!(named(endpoint, environment).unwrap().as_deref(), expected, "{endpoint} {environment:?}");
    }
    let cgi = named("http://h", &[("http_proxy", "a"), ("REQUEST_METHOD", "GET")]).unwrap();
    assert_eq!(cgi.as_deref(), if cfg!(windows) { None } else { Some("a") });
    let error = named("https://h", &[("ALL_PROXY", "socks5://user:hidden@a")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Build);
    assert!(error.to_string().starts_with("ALL_PROXY: ") && !format!("{error:?}").contains("hidden"), "{error}");
}

#[test]
fn exceptions() {
    for (endpoint, list, direct) in [
        ("https://drive.example.com", "example.com", true),
        ("https://drive.example.com", ".example.com", true),
        ("https://drive.example.com", "*.example.com", true),
        ("https://drive.example.com", "Drive.Example.COM", true),
        ("https://drive.example.com", "drive.example.com.", true),
        ("https://drive.example.com", "other.com, ,\texample.com", true),
        ("https://drive.example.com", "other.com example.com", true),
        ("https://drive.example.com", "*", true),
        ("https://drive.example.com", "*:443", true),
        ("https://drive.example.com", "example.com:443", true),
        ("https://drive.example.com", "example.com:80", false),
        ("http://drive.example.com", "example.com:80", true),
        ("https://drive.example.com:8443", "example.com:8443", true),
        ("https://drive.example.com:8443", "example.com:443", false),
        ("https://drive.example.com:8443", "example.com", true),
        ("https://example.com", ".example.com", true),
        ("https://myexample.com", "example.com", false),
        ("https://example.com", "drive.example.com", false),
        ("https://example.com", "", false),
        ("https://example.com", ".,:,/,@,[],é,*.", false),
        ("https://drive.example.com", "élé", false),
        ("http://127.0.0.1:8080", "127.0.0.1", true),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", true),
        ("http://127.0.0.1:8080", "127.0.0.1:80", false),
        ("http://127.0.0.1", "0.0.1", false),
        ("http://127.0.0.1", "127.0.0.0/8", true),
        ("http://127.0.0.1", "127.0.0.1/32", true),
        ("http://127.0.0.1", "127.0.0.2/32", false),
        ("http://127.0.0.1", "10.0.0.0/0", true),
        ("http://127.0.0.1", "10.0.0.0/8", false),
        ("http://127.0.0.1", "127.0.0.0/33", false),
        ("http://127.0.0.1", "127.0.0.0/x", false),
        ("http://127.0.0.1", "::/0", false),
        ("http://[fd00::1]:8080", "fd00::1", true),
        ("http://[fd00::1]:8080", "[fd00::1]", true),
        ("http://[fd00::1]:8080", "[fd00::1]:8080", true),
        ("http://[fd00::1]:8080", "[fd00::1]:80", false),
        ("http://[fd00::1]", "fd00::/8", true),
        ("http://[fd00::1]", "fe80::/10", false),
        ("http://[fd00::1]", "::/0", true),
    ] {
        let proxy = named(endpoint, &[("ALL_PROXY", "a"), ("NO_PROXY", list)]).unwrap();
        assert_eq!(proxy.is_none(), direct, "{endpoint}, NO_PROXY={list}");
    }
}
