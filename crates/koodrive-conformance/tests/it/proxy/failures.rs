//! Proxies that refuse, are not there, can't be trusted, or take their time.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use koodrive_conformance::{Async, Blocking};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{Call, ErrorKind, RetryPolicy, Sent};
use koodrive_sim::Server;

use super::{OK, Proxied, Proxy, Says, all_of, call};
use crate::common::{api, authority, chain, simulator};

#[test]
fn refusals() {
    fn script<T: Proxied>() {
        let server = Server::start(simulator()).unwrap();
        for (says, expected) in [
            ("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", "407"),
            ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nno!", "502"),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", "403"),
            ("HTTP/1.1 204 No Content\r\n\r\n", "204"),
            ("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n", "302"),
            ("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", "it sent more than its answer"),
            ("", "no tunnel"),
            ("HTTP/1.1 20", "no tunnel"),
            ("220 mail ready\r\n\r\n", "no tunnel"),
        ] {
            let proxy = Proxy::start(Says::This(says), None);
            let address = format!("http://user:hidden@{}", proxy.address);
            for endpoint in [server.endpoint(), server.endpoint().replace("http", "https")] {
                let error = call(&T::through(api(&endpoint), &address).unwrap()).unwrap_err();
                assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
                assert!(!error.is_timeout(), "{says:?} {error}");
                let text = error.to_string();
                assert!(text.contains(&format!("proxy {}", proxy.address)) && text.contains(expected), "{text}");
                assert!(!all_of(&error).contains("hidden"), "{error}");
                assert!(chain(&error).iter().all(|part| !part.contains("protocol: ") && !part.contains("407/407")));
            }
            assert_eq!(proxy.heads().len(), 2);
        }
        assert!(server.ledger().is_empty());
    }
    script::<Blocking>();
    script::<Async>();
}

#[test]
fn nobody_listens() {
    fn script<T: Proxied>() {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let proxy = format!("http://user:hidden@{nobody}");
        let error = call(&T::through(api("http://127.0.0.1:1"), &proxy).unwrap()).unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("proxy {nobody}")) && text.contains("refused"), "{text}");
        assert!(!all_of(&error).contains("hidden"), "{error}");
        chain(&error);
    }
    script::<Blocking>();
    script::<Async>();
}

#[test]
fn certificates_are_verified() {
    fn script<T: Proxied>() {
        let (ca, other) = (authority("127.0.0.1"), authority("127.0.0.1"));
        let server = Server::start_tls(simulator(), ca.server.clone()).unwrap();
        let http = Proxy::start(OK, None);
        let https = Proxy::start(OK, Some(ca.server.clone()));
        let refused = |drive: T, whose: &str| {
            let error = call(&drive).unwrap_err();
            assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
            let text = error.to_string();
            assert!(text.contains("was not sent") && text.contains("certificate"), "{text}");
            assert_eq!(text.contains("proxy"), whose == "proxy's", "{text}");
            chain(&error);
        };
        let to = || api(&server.endpoint());
        let (http, https_) = (format!("http://{}", http.address), format!("https://{}", https.address));
        refused(T::through(to(), &http).unwrap(), "service's");
        refused(T::trusting(to(), &http, &other.root), "service's");
        refused(T::through(to(), &https_).unwrap(), "proxy's");
        refused(T::trusting(to(), &https_, &other.root), "proxy's");
        assert!(server.ledger().is_empty() && https.heads().is_empty());
        // No TLS there.
        let drive = T::through(to(), &http.replace("http", "https")).unwrap();
        let error = call(&drive).unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
        let text = error.to_string();
        assert!(text.contains("no tunnel through the proxy"), "{text}");
        chain(&error);
    }
    script::<Blocking>();
    script::<Async>();
}

/// The timeout of the attempt is for the tunnel as well, however the proxy spends it.
#[test]
fn proxies_that_take_their_time() {
    fn script<T: Proxied>() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let slow = Proxy::start(Says::More, None);
        let tunnel = Proxy::start(OK, None);
        let plain = |address: SocketAddr| format!("http://{address}");
        let endpoint = |scheme: &str| format!("{scheme}://{}", silent.local_addr().unwrap());
        for (endpoint, proxy) in [
            (endpoint("http"), plain(silent.local_addr().unwrap())),
            (endpoint("http"), plain(silent.local_addr().unwrap()).replace("http", "https")),
            (endpoint("http"), plain(slow.address)),
            (endpoint("https"), plain(slow.address)),
            // It is the service that keeps silent.
            (endpoint("https"), plain(tunnel.address)),
        ] {
            let op = GetSpaceUsageOverview::new();
            let call = Call::new(&op).attempt_timeout(Duration::from_millis(50)).retry(RetryPolicy::none());
            let error = T::through(api(&endpoint), &proxy).unwrap().run(call).unwrap_err();
            assert!(error.is_timeout() && error.was_sent() == Sent::No, "{endpoint} through {proxy}: {error:?}");
        }
    }
    script::<Blocking>();
    script::<Async>();
}
