//! Addresses of proxies, as every transport reads them.

use koodrive_conformance::{Async, Blocking};
use koodrive_proto::ErrorKind;
use koodrive_proto::transport::proxy::ProxyAddress;

use super::{Proxied, all_of};
use crate::common::api;

#[test]
fn addresses() {
    let read = |text: &str| {
        ProxyAddress::parse(text).map(|proxy| {
            let (uri, login) = (proxy.uri(), proxy.login());
            let login = login.map(|(user, password)| format!("{user} {} ", password.as_str()));
            format!("{}{}://{}", login.unwrap_or_default(), uri.scheme_str().unwrap(), uri.authority().unwrap())
        })
    };
    for (text, expected) in [
        ("http://proxy:3128", "http://proxy:3128"),
        ("https://proxy", "https://proxy"),
        ("HTTP://Proxy:80/", "http://proxy"),
        (" proxy:3128 ", "http://proxy:3128"),
        ("http://[::1]:3128", "http://[::1]:3128"),
        ("user:pass:word@proxy:3128", "user pass:word http://proxy:3128"),
        ("https://us%40er:p%2Fw@proxy:3128", "us@er p/w https://proxy:3128"),
        ("http://user:p@ssword@proxy", "user p@ssword http://proxy"),
    ] {
        assert_eq!(read(text).unwrap(), expected);
    }
    for text in [
        "",
        "http://",
        "socks5://user:hidden@proxy:1080",
        "socks5h://proxy",
        "ftp://proxy",
        "http://user:hidden@",
        "http://user:hidden@proxy:0",
        "http://user:hidden@proxy:65536",
        "http://user:hidden@proxy/path",
        "http://user:hid/den@proxy",
        "http://proxy/hidden@elsewhere",
        "http://user:%ffhidden@proxy",
        "http://user:hidden@pro xy",
    ] {
        let errors = [
            read(text).unwrap_err(),
            Blocking::through(api("http://h"), text).unwrap_err(),
            Async::through(api("http://h"), text).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Build, "{text}");
            assert!(!all_of(&error).contains("hid"), "{error}");
            assert!(error.to_string().contains("http://host:port") && error.to_string().contains("SOCKS"), "{error}");
        }
    }
    for debug in [
        format!("{:?}", ProxyAddress::parse("http://user:hidden@proxy")),
        format!("{:?}", Blocking::through(api("http://h"), "http://user:hidden@proxy")),
        format!("{:?}", Async::through(api("http://h"), "http://user:hidden@proxy")),
        format!("{:?}", koodrive_hyper::ProxyConnector::new("http://user:hidden@proxy", ())),
    ] {
        assert!(!debug.contains("hidden") && !debug.contains("aGlkZGVu"), "{debug}");
    }
}
