//! Connections are used again, and one that the server has closed meanwhile loses or repeats nothing.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;
use koodrive_conformance::{AnyFlow, Async, Blocking, Transport, Untold};
use koodrive_proto::flow::{Attempt, Cause, Observer, Outcome, Pages, Reached};
use koodrive_proto::http::StatusCode;
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageByQuota, SpaceType};
use koodrive_proto::schema::Safety;
use koodrive_proto::{Api, Call, ErrorKind, Operation, RetryPolicy, Sent};
use koodrive_sim::rustls::pki_types::CertificateDer;

use crate::common::{Authority, Keeper, Stream, api, authority, trusting, ureq_trusting};
use crate::proxy::{OK, Proxied, Proxy};

/// One of 21 entries, on a page of its own; an empty page afterwards.
fn page(number: usize, stream: &mut dyn Stream) -> bool {
    let entry = if number < 21 { format!(r#"{{"quota": {number}}}"#) } else { String::new() };
    let body = format!(r#"{{"code": 0, "data": [{entry}], "total": 21}}"#);
    let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(reply.as_bytes()).and_then(|()| stream.flush()).is_ok()
}

/// Keeps the first requests waiting until there are so many of them.
fn gate(count: usize) -> impl Fn(usize) {
    let state = (Mutex::new(0), Condvar::new());
    move |number| {
        if number < count {
            let mut here = state.0.lock().unwrap();
            *here += 1;
            state.1.notify_all();
            drop(state.1.wait_while(here, |here| *here < count).unwrap());
        }
    }
}

/// How many connections it takes: for calls in a row, with a body in the answer and without, for a listing, for
/// eight at a time.
fn count<T: Transport>(tls: Option<&Authority>, create: impl Fn(Api) -> T) {
    let config = || tls.map(|authority| authority.server.clone());
    let op = GetSpaceUsageByQuota::new();
    let patient = || Call::new(&op).attempt_timeout(Duration::from_secs(60)).retry(RetryPolicy::none());

    let server = Keeper::start(config(), page);
    let drive = create(api(server.endpoint()));
    for _ in 0..200 {
        drive.run(patient()).unwrap();
    }
    assert_eq!((server.connections(), server.requests()), (1, 200), "{}", T::NAME);

    // Answers without a body.
    let server = Keeper::start(config(), |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").and_then(|()| stream.flush()).is_ok()
    });
    let drive = create(api(server.endpoint()));
    for _ in 0..200 {
        drive.run(Call::new(&once()).attempt_timeout(Duration::from_secs(60))).unwrap();
    }
    assert_eq!((server.connections(), server.requests()), (1, 200), "{}", T::NAME);

    let server = Keeper::start(config(), page);
    let drive = create(api(server.endpoint()));
    let mut pages = Pages::new(GetSpaceUsageByQuota::new().limit(1));
    let mut count = 0;
    while drive.run(&mut pages).unwrap().is_some() {
        count += 1;
    }
    assert_eq!((server.connections(), count), (1, 21), "{}", T::NAME);

    let gate = gate(8);
    let server = Keeper::start(config(), move |number, stream| {
        gate(number);
        page(number, stream)
    });
    let drive = create(api(server.endpoint()));
    let flows = (0..200).map(|_| -> AnyFlow<'_, ()> { Box::new(Untold(patient())) }).collect();
    let results = drive.run_all(flows, 8);
    assert!(results.iter().all(Result::is_ok), "{:?}", results.iter().find(|result| result.is_err()));
    assert_eq!((server.connections(), server.requests()), (8, 200), "{}", T::NAME);
}

fn config(root: &CertificateDer<'static>) -> ureq::config::Config {
    koodrive_ureq::Client::config().tls_config(ureq_trusting(root)).build()
}

#[test]
fn blocking_calls_share_connections() {
    let ca = authority("127.0.0.1");
    count(None, Blocking::new);
    for tls in [None, Some(&ca)] {
        count(tls, |api| Blocking(koodrive_ureq::Client::with_config(api, config(&ca.root))));
        count(tls, |api| Blocking(koodrive_ureq::Client::with_agent(api, config(&ca.root).new_agent())));
    }
    // What such an agent calls itself doesn't matter, since requests have a name of their own.
    let plain = || koodrive_ureq::Client::config().user_agent("mine").build();
    count(None, |api| Blocking(koodrive_ureq::Client::with_agent(api, plain().new_agent())));
    count(None, |api| Blocking(koodrive_ureq::Client::with_config(api, plain())));
}

#[test]
fn async_calls_share_connections() {
    let ca = authority("127.0.0.1");
    count(None, Async::new);
    for tls in [None, Some(&ca)] {
        count(tls, |api| {
            let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(trusting(&ca.root));
            let connector = builder.https_or_http().enable_http1().build();
            Async::over(koodrive_hyper::Client::with_connector(api, connector))
        });
    }
    count(None, |api| Async::over(koodrive_hyper::Client::with_connector(api, HttpConnector::new())));
}

#[test]
fn tunnels_are_shared() {
    fn script<T: Proxied>() {
        let ca = authority("127.0.0.1");
        let proxy = Proxy::start(OK, None);
        let address = format!("http://{}", proxy.address);
        count(None, |api| T::through(api, &address).unwrap());
        count(Some(&ca), |api| T::trusting(api, &address, &ca.root));
        assert_eq!(proxy.heads().len(), 2 * (1 + 1 + 1 + 8));
    }
    script::<Blocking>();
    script::<Async>();
}

/// How attempts ended.
#[derive(Clone, Default)]
struct Ends(Arc<Mutex<Vec<Outcome>>>);

impl Observer for Ends {
    fn ended(&self, _: &Attempt, outcome: &Outcome, _: Duration) {
        self.0.lock().unwrap().push(*outcome);
    }
}

/// A call that runs only once.
fn once() -> DeleteSpace {
    assert_eq!(DeleteSpace::META.safety, Safety::Once);
    DeleteSpace::new("1", SpaceType::Individual)
}

/// The server keeps the connection, and closes it when the next request comes: that request may have run.
#[test]
fn closed_when_the_next_request_comes() {
    fn script<T: Transport>() {
        let second = |number, stream: &mut dyn Stream| number != 1 && page(number, stream);
        let op = GetSpaceUsageByQuota::new();

        let server = Keeper::start(None, second);
        let ends = Ends::default();
        let drive = T::new(api(server.endpoint()).observer(ends.clone()));
        drive.run(Call::new(&op)).unwrap();
        drive.run(Call::new(&op)).unwrap();
        let (fine, broken) = (Outcome::Answered(StatusCode::OK), Outcome::Failed(Reached::Maybe, Cause::Network));
        assert_eq!(*ends.0.lock().unwrap(), [fine, broken, fine], "{}", T::NAME);
        assert_eq!((server.connections(), server.requests()), (2, 3));

        let server = Keeper::start(None, second);
        let drive = T::new(api(server.endpoint()));
        drive.run(Call::new(&op)).unwrap();
        let error = drive.run(Call::new(&once())).unwrap_err();
        assert_eq!((error.kind(), error.was_sent(), error.attempts()), (ErrorKind::Transport, Sent::Maybe, 1));
        assert_eq!((server.connections(), server.requests()), (1, 2), "{}", T::NAME);
    }
    script::<Blocking>();
    script::<Async>();
}

/// The server closes each connection after its answer, without having said so. Whether the pool has noticed when the
/// next request comes is chance: either the request runs, and only once, or it is said that it may have.
#[test]
fn closed_after_the_answer() {
    fn script<T: Transport>() {
        let server = Keeper::start(None, |number, stream| {
            page(number, stream);
            false
        });
        let drive = T::new(api(server.endpoint()));
        let op = GetSpaceUsageByQuota::new();
        for _ in 0..50 {
            drive.run(Call::new(&op)).unwrap();
        }
        assert_eq!((server.connections(), server.requests()), (50, 50), "what can be repeated isn't lost");
        for _ in 0..50 {
            let before = server.requests();
            match drive.run(Call::new(&once())) {
                Ok(()) => assert_eq!(server.requests(), before + 1, "{}", T::NAME),
                Err(error) => {
                    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::Maybe), "{error}");
                    assert_eq!(server.requests(), before, "{}", T::NAME);
                    // That connection is gone.
                    drive.run(Call::new(&op)).unwrap();
                }
            }
        }
    }
    script::<Blocking>();
    script::<Async>();
}
