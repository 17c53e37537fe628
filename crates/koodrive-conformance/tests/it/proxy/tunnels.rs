//! What goes through a tunnel, and how it is asked for.

use std::time::Duration;

use koodrive_conformance::{Async, At, Blocking, Transport};
use koodrive_proto::flow::{Event, Now, Step};
use koodrive_proto::ops::spaces::{GetSpaceUsageOverview, SpaceType, UpdateSpace};
use koodrive_proto::{Api, Call, Error, Flow};
use koodrive_sim::Server;

use super::{OK, Proxied, Proxy, Says, call};
use crate::common::{OWNER, Recorder, api, authority, noon, reply, simulator};

/// Gives the runtime, if there is one, time to put connections back.
struct Pause;

impl Flow for Pause {
    type Output = ();

    fn resume(&mut self, _: &Api, _: Now, event: Event) -> Step<Result<(), Error>> {
        if matches!(event, Event::Start) { Step::Wait(Duration::from_millis(1)) } else { Step::Done(Ok(())) }
    }
}

/// Two calls, one tunnel.
fn two_calls(drive: &impl Transport, proxy: &Proxy, server: &Server) {
    for _ in 0..2 {
        call(drive).unwrap();
        drive.run(Pause).unwrap();
    }
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert!(heads[0].starts_with(&format!("CONNECT {} HTTP/1.1\r\n", server.address())), "{heads:?}");
    // Nothing of ours, and not who asks.
    let names = heads[0].trim_end().lines().skip(1).map(|line| line.split_once(": ").unwrap().0.to_lowercase());
    let others: Vec<_> = names.filter(|name| !matches!(&**name, "host" | "proxy-connection")).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn tunnels() {
    fn script<T: Proxied>() {
        let ca = authority("127.0.0.1");
        let http = Proxy::start(OK, None);
        let https = Proxy::start(OK, Some(ca.server.clone()));
        let server = Server::start(simulator()).unwrap();
        let tls = Server::start_tls(simulator(), ca.server.clone()).unwrap();
        let plain = T::through(api(&server.endpoint()), &format!("http://{}", http.address)).unwrap();
        two_calls(&plain, &http, &server);
        for server in [&server, &tls] {
            for (scheme, proxy) in [("http", &http), ("https", &https)] {
                let address = format!("{scheme}://{}", proxy.address);
                two_calls(&T::trusting(api(&server.endpoint()), &address, &ca.root), proxy, server);
            }
        }
    }
    script::<Blocking>();
    script::<Async>();
}

/// Behind a proxy the service gets what it gets without one.
#[test]
fn the_same_bytes() {
    fn script<T: Proxied>() {
        let recorder = Recorder::replying(reply("200 OK", "", r#"{"code": 0, "data": {}}"#));
        let proxy = Proxy::start(OK, None);
        let to = || api(&recorder.endpoint());
        for drive in [T::new(to()), T::through(to(), &format!("http://user:password@{}", proxy.address)).unwrap()] {
            let op = UpdateSpace::new(OWNER, SpaceType::Individual).capacity(10);
            drive.run(At(noon(), Call::new(&op))).unwrap();
            drive.run(At(noon(), Call::new(&GetSpaceUsageOverview::new()))).unwrap();
        }
        let requests = recorder.requests();
        assert_eq!(requests.len(), 4);
        assert_eq!(requests[..2], requests[2..]);
        assert_eq!(proxy.heads().len(), 2);
    }
    script::<Blocking>();
    script::<Async>();
}

#[test]
fn passwords() {
    fn script<T: Proxied>() {
        let server = Server::start(simulator()).unwrap();
        let proxy = Proxy::start(OK, None);
        for (login, expected) in [
            ("user:password@", "Basic dXNlcjpwYXNzd29yZA=="),
            // "us@r" and "p:ä/%"
            ("us%40r:p:%C3%A4%2F%25@", "Basic dXNAcjpwOsOkLyU="),
            ("user@", "Basic dXNlcjo="),
        ] {
            call(&T::through(api(&server.endpoint()), &format!("{login}{}", proxy.address)).unwrap()).unwrap();
            let head = proxy.heads().remove(0);
            let value = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("proxy-authorization").then_some(value)
            });
            assert_eq!(value, Some(expected), "{head}");
        }
        assert!(server.ledger().iter().all(|entry| entry.refused.is_none()));
    }
    script::<Blocking>();
    script::<Async>();
}

/// The port that the scheme stands for is named, and the proxy finds the host.
#[test]
fn targets() {
    fn script<T: Proxied>() {
        let proxy = Proxy::start(Says::This("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"), None);
        for (endpoint, target) in [
            ("http://koodrive.invalid", "koodrive.invalid:80"),
            ("https://koodrive.invalid", "koodrive.invalid:443"),
            ("https://koodrive.invalid:80", "koodrive.invalid:80"),
            ("https://[::1]", "[::1]:443"),
        ] {
            call(&T::through(api(endpoint), &format!("http://{}", proxy.address)).unwrap()).unwrap_err();
            let head = proxy.heads().remove(0).to_lowercase();
            assert!(head.starts_with(&format!("connect {target} http/1.1\r\nhost: {target}\r\n")), "{head}");
        }
    }
    script::<Blocking>();
    script::<Async>();
}
