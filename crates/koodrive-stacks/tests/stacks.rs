//! The stacks keep the contract, but for what they declare; and all of them do calls.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Cause, Failure, Outgoing, Reached};
use koodrive_proto::http::{Request, Response};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::schema::Target;
use koodrive_proto::{Api, Call, Credentials, Error, RetryPolicy};
use koodrive_sim::{CheckTransport, Fault, Faults, Lack, OneRequest, Server, Simulator, check_transport_async};
use koodrive_stacks::{std_net, with_curl, with_reqwest, with_tower};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn std_net_keeps_the_contract() {
    let report = CheckTransport::new().lacks(Lack::Reuse).run(std_net::exchange);
    println!("{report}");
    report.assert_ok();
}

#[test]
fn reqwest_keeps_the_contract() {
    let client = with_reqwest::client().unwrap();
    let report = runtime().block_on(check_transport_async(|outgoing| with_reqwest::exchange(&client, outgoing)));
    println!("{report}");
    report.assert_ok();
}

#[test]
fn curl_keeps_the_contract() {
    let report = CheckTransport::new().lacks(Lack::Reuse).run(with_curl::exchange);
    println!("{report}");
    report.assert_ok();
}

#[test]
fn tower_keeps_the_contract() {
    let report = runtime().block_on(async {
        let drive = with_tower::client(Api::new("http://localhost", Credentials::anonymous()).unwrap(), 1000);
        check_transport_async(async |outgoing| {
            let mut flow = OneRequest::new(outgoing);
            let result = drive.run(&mut flow).await;
            flow.answer(result)
        })
        .await
    });
    println!("{report}");
    report.assert_ok();
}

/// What `std_net` makes of one answer.
fn from_std_net(answer: &'static str) -> Result<Response<Bytes>, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        // Up to the end: what is left unread would make the connection end with RST.
        stream.shutdown(Shutdown::Write).unwrap();
        stream.read_to_end(&mut Vec::new()).unwrap();
    });
    let request = Request::get(url).body(Bytes::new()).unwrap();
    let outgoing = Outgoing::new(request, Target::Elsewhere("the test"), 1, Duration::from_secs(10), 1000);
    let answer = std_net::exchange(outgoing);
    server.join().unwrap();
    answer
}

/// Where it isn't clear what the answer is, there is none.
#[test]
fn std_net_guesses_no_lengths() {
    let body = |headers| from_std_net(headers).map(Response::into_body);
    assert_eq!(body("HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 2\r\n\r\n{}").unwrap(), "{}");
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: +2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ncontent-length: two\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n+2\r\n{}\r\n0\r\n\r\n",
    ] {
        let failure = body(answer).unwrap_err();
        assert_eq!((failure.reached, failure.cause), (Reached::Maybe, Cause::Network), "{answer}: {failure:?}");
    }
}

/// Zero is a timeout that is over, and not what connecting or the system can't do.
#[test]
fn no_time_at_all() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let outgoing = || {
        let request = Request::get(format!("http://{}/", listener.local_addr().unwrap())).body(Bytes::new()).unwrap();
        Outgoing::new(request, Target::Elsewhere("the test"), 1, Duration::ZERO, 1000)
    };
    assert_eq!(std_net::exchange(outgoing()).unwrap_err().cause, Cause::Timeout);
    assert_eq!(with_curl::exchange(outgoing()).unwrap_err().cause, Cause::Timeout);
    let client = with_reqwest::client().unwrap();
    let failure = runtime().block_on(with_reqwest::exchange(&client, outgoing())).unwrap_err();
    assert_eq!(failure.cause, Cause::Timeout);
}

/// The words name what happened, and not the address, whose query may be a secret.
#[test]
fn reqwest_says_what_happened() {
    let client = with_reqwest::client().unwrap();
    let failure = |url: &str| {
        let request = Request::get(url).body(Bytes::new()).unwrap();
        let outgoing = Outgoing::new(request, Target::Elsewhere("the test"), 1, Duration::from_secs(10), 1000);
        let failure = runtime().block_on(with_reqwest::exchange(&client, outgoing)).unwrap_err();
        assert!(!format!("{failure:?}").contains("secret"), "{failure:?}");
        Error::from(failure).to_string()
    };
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = failure(&format!("http://{address}/?secret"));
    assert!(refused.ends_with("was not reached: it refused the connection"), "{refused}");
    // A label is never longer than 63 bytes.
    let unknown = failure(&format!("http://{}.invalid/?secret", "koodrive-".repeat(8)));
    assert!(unknown.contains("failed to lookup address"), "{unknown}");
}

/// A server that fails every other call in one way or another.
fn server() -> Server {
    let faults = Faults::new(7).rate(Fault::ResetBefore, 0.3).rate(Fault::Truncate, 0.2);
    Server::start(Simulator::new().app("my-app", "my-secret", "1505084218764547200").faults(faults)).unwrap()
}

fn api(server: &Server) -> Api {
    let credentials = Credentials::app("my-app", "my-secret", "1505084218764547200");
    let policy = RetryPolicy::default().max_attempts(20).first_pause(Duration::from_millis(1));
    Api::new(server.endpoint(), credentials).unwrap().retry(policy).or_random_seed(42)
}

#[test]
fn calls() {
    let server = server();
    let (api, started, op) = (api(&server), Instant::now(), GetSpaceUsageOverview::new());
    let (runtime, client) = (runtime(), with_reqwest::client().unwrap());
    for _ in 0..10 {
        std_net::run(&api, started, &mut Call::new(&op)).unwrap();
        with_curl::run(&api, started, &mut Call::new(&op)).unwrap();
        runtime.block_on(with_reqwest::run(&client, &api, started, &mut Call::new(&op))).unwrap();
    }
    assert!(server.ledger().len() > 30);
}

#[test]
fn calls_through_tower() {
    let server = server();
    runtime().block_on(async {
        let drive = with_tower::client(api(&server), 1000);
        for _ in 0..10 {
            drive.call(&GetSpaceUsageOverview::new()).await.unwrap();
        }
    });
    assert!(server.ledger().len() >= 10);
}
