//! `koodrive_sim::check_transport` passes both transports, and finds what is wrong with others.

use std::io::Read;
use std::net::ToSocketAddrs;
use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Event, Failure, Now, Outgoing, Reached, Step};
use koodrive_proto::http::{Request, Response};
use koodrive_proto::{Api, Credentials, Error, Flow};
use koodrive_sim::{CheckTransport, Lack, OneRequest, Report, check_transport, check_transport_async};

type Answer = Result<Response<Bytes>, Failure>;

fn api() -> Api {
    Api::new("http://localhost", Credentials::anonymous()).unwrap()
}

/// koodrive-ureq, which does everything right. What is wrong with the others is put around it.
fn right() -> impl Fn(Outgoing) -> Answer + Send + Sync + 'static {
    let drive = koodrive_ureq::Client::new(api());
    move |outgoing| {
        let mut flow = OneRequest::new(outgoing);
        let result = drive.run(&mut flow);
        flow.answer(result)
    }
}

#[test]
fn blocking() {
    let report = check_transport(right());
    println!("{report}");
    report.assert_ok();
}

#[test]
fn async_on_any_runtime() {
    for threads in [None, Some(2)] {
        let mut runtime = match threads {
            None => tokio::runtime::Builder::new_current_thread(),
            Some(_) => tokio::runtime::Builder::new_multi_thread(),
        };
        let runtime = runtime.worker_threads(threads.unwrap_or(1)).enable_all().build().unwrap();
        let drive = koodrive_hyper::Client::new(api());
        let report = runtime.block_on(check_transport_async(async |outgoing| {
            let mut flow = OneRequest::new(outgoing);
            let result = drive.run(&mut flow).await;
            flow.answer(result)
        }));
        println!("{report}");
        report.assert_ok();
    }
}

/// The report of a transport that is wrong, and has no other failures than these.
#[track_caller]
fn caught(exchange: impl Fn(Outgoing) -> Answer + Send + Sync + 'static, failures: &[&str]) -> String {
    let report = check_transport(exchange);
    assert_eq!(report.failures(), failures, "{report}");
    assert!(!report.is_ok());
    report.to_string()
}

#[test]
fn follows_redirects() {
    let right = right();
    let follows = move |outgoing: Outgoing| {
        let mut again = copy(&outgoing);
        let answer = right(outgoing)?;
        match answer.headers().get("location") {
            Some(place) => {
                *again.request.uri_mut() = place.to_str().unwrap().parse().unwrap();
                right(again)
            }
            None => Ok(answer),
        }
    };
    let report = caught(follows, &["redirects"]);
    assert!(report.contains("this one followed a 301 to the other server"), "{report}");
}

#[test]
fn repeats() {
    let right = right();
    let repeats = move |outgoing: Outgoing| {
        let again = copy(&outgoing);
        right(outgoing).or_else(|failure| if failure.cause == Cause::Network { right(again) } else { Err(failure) })
    };
    let closed = ["closed-before-answer", "reset-before-answer", "closed-in-head", "short-body", "reset-in-body"];
    let others = ["cut-chunks", "no-http", "limit-of-head", "closed-when-reused"];
    let report = check_transport(repeats);
    let known = |name: &&str| closed.contains(name) || others.contains(name);
    assert!(report.failures().iter().all(known), "{report}");
    assert!(closed.iter().all(|name| report.failures().contains(name)), "{report}");
    assert!(report.to_string().contains("this one sent 2 requests instead of 1"), "{report}");
}

#[test]
fn says_that_nothing_was_sent() {
    let right = right();
    let optimist =
        move |outgoing| right(outgoing).map_err(|failure| Failure::new(Reached::No, failure.cause, failure.source));
    let report = check_transport(optimist);
    for name in ["closed-before-answer", "reset-in-body", "cut-chunks", "silent", "closed-when-reused"] {
        assert!(report.failures().contains(&name), "{name}: {report}");
    }
    assert!(!report.failures().contains(&"nobody-listens"), "{report}");
    assert!(report.to_string().contains("Reached::No and Cause::Network"), "{report}");
    assert!(report.to_string().contains(" bytes of the request"), "{report}");
}

#[test]
fn ignores_the_timeout() {
    let right = right();
    let patient = move |mut outgoing: Outgoing| {
        outgoing.timeout = Duration::from_secs(3600);
        right(outgoing)
    };
    caught(patient, &["silent", "slow-head", "slow-body", "unread-request"]);
}

#[test]
fn ignores_the_limit() {
    let right = right();
    let greedy = move |mut outgoing: Outgoing| {
        outgoing.limit = u64::MAX;
        right(outgoing)
    };
    let report = caught(greedy, &["limit-by-length", "limit-until-close", "limit-in-chunks"]);
    assert!(report.contains("this one went on reading: the server could send 64 MiB"), "{report}");
}

#[test]
fn adds_a_header() {
    let right = right();
    let adds = move |mut outgoing: Outgoing| {
        outgoing.request.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
        right(outgoing)
    };
    let report = caught(adds, &["request", "bodies", "large-request", "ipv6"]);
    assert!(report.contains("this one added `accept-encoding: gzip`"), "{report}");
}

/// What one writes at first: the loop's part is right, and HTTP's is what one remembers of it.
fn naive(outgoing: Outgoing) -> Answer {
    use std::io::{BufRead, BufReader, Write};
    let timeout = outgoing.timeout;
    let request = outgoing.into_memory()?;
    let uri = request.uri();
    let address = (uri.host().unwrap(), uri.port_u16().unwrap_or(80)).to_socket_addrs();
    let connected = address.and_then(|mut addresses| std::net::TcpStream::connect(addresses.next().unwrap()));
    let stream = connected.map_err(|error| Failure::new(Reached::No, Cause::Network, error))?;
    let talk = || -> Result<Response<Bytes>, Box<dyn std::error::Error + Send + Sync>> {
        stream.set_read_timeout(Some(timeout))?;
        let mut head = format!("{} {} HTTP/1.1\r\n", request.method(), uri.path_and_query().unwrap()).into_bytes();
        for (name, value) in request.headers() {
            head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        (&stream).write_all(&[&head, &b"\r\n"[..], request.body()].concat())?;
        let (mut stream, mut line, mut length) = (BufReader::new(&stream), String::new(), None);
        stream.read_line(&mut line)?;
        let mut answer = Response::builder().status(line.split(' ').nth(1).unwrap_or_default());
        loop {
            line.clear();
            stream.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = Some(value.parse()?);
            }
            answer = answer.header(name, value);
        }
        let mut body = Vec::new();
        stream.take(length.unwrap_or(0)).read_to_end(&mut body)?;
        Ok(answer.body(body.into())?)
    };
    talk().map_err(|error| Failure::new(Reached::Maybe, Cause::Network, error))
}

#[test]
fn naive_http() {
    let lacks = [Lack::Reuse, Lack::Deadline];
    let report = lacks.into_iter().fold(CheckTransport::new(), CheckTransport::lacks).run(naive);
    let failures = report.failures();
    for name in ["ipv6", "https-in-the-clear", "chunked", "until-close", "cut-chunks", "silent", "interim"] {
        assert!(failures.contains(&name), "{name}: {report}");
    }
    for name in ["request", "header-order", "bodies", "statuses", "redirects", "closed-before-answer", "reuse"] {
        assert!(!failures.contains(&name), "{name}: {report}");
    }
    assert!(report.to_string().contains("lacks   reuse, as declared by Lack::Reuse: made 8 connections"), "{report}");
}

#[test]
fn never_returns() {
    let check = || CheckTransport::new().patience(Duration::from_millis(20));
    let all = |report: Report| {
        let text = report.to_string();
        assert!(text.lines().filter(|line| line.contains("did not return within 0.02 s")).count() > 40, "{report}");
    };
    all(check().run(|_| {
        loop {
            std::thread::park();
        }
    }));
    // There is no timer here that could end it.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    all(runtime.block_on(check().run_async(|_| std::future::pending())));
}

#[test]
fn panics() {
    let report = check_transport(|_| panic!("as is meant here"));
    assert!(report.failures().contains(&"request") && report.to_string().contains("this one panicked"), "{report}");
    let failed = std::panic::catch_unwind(|| report.assert_ok()).unwrap_err();
    assert!(failed.downcast_ref::<String>().unwrap().contains("FAILED  request"));
}

/// A loop whose clock stands still, one that answers a wait with a failure, and one that goes on after the end.
#[test]
fn loops_that_are_wrong() {
    let now = |elapsed| Now { utc: koodrive_proto::chrono::Utc::now(), elapsed };
    let outgoing = || {
        let request = Request::new(Bytes::new());
        let meta = koodrive_proto::ops::ALL[0];
        Outgoing::new(request, meta, 1, Duration::from_secs(1), 1)
    };
    let mistake = |times: &[Duration], events: Vec<Event>, result: Result<(), Error>| {
        let mut flow = OneRequest::new(outgoing());
        for (time, event) in times.iter().zip(events) {
            let _: Step<Result<(), Error>> = flow.resume(&api(), now(*time), event);
        }
        flow.answer(result).unwrap_err().source.to_string()
    };
    let (zero, later) = (Duration::ZERO, Duration::from_secs(1));
    assert!(mistake(&[zero, zero], vec![Event::Start, Event::Elapsed], Ok(())).contains("stands still"));
    assert!(mistake(&[zero, later], vec![Event::Start, Event::Start], Ok(())).contains("another event"));
    let answer = || Event::Response(Response::new(Bytes::new()));
    let events = vec![Event::Start, Event::Elapsed, answer(), answer()];
    assert!(mistake(&[zero, later, later, later], events, Ok(())).contains("after Step::Done"));
    assert!(mistake(&[zero], vec![Event::Start], Ok(())).contains("before the flow"));
}

/// The same request; `source` is never sent twice.
fn copy(outgoing: &Outgoing) -> Outgoing {
    let body = match outgoing.request.body() {
        Body::Bytes(body) => body.clone(),
        Body::Source { .. } => Bytes::new(),
    };
    let mut request = Request::new(body);
    request.method_mut().clone_from(outgoing.request.method());
    request.uri_mut().clone_from(outgoing.request.uri());
    request.headers_mut().clone_from(outgoing.request.headers());
    Outgoing::new(request, outgoing.target, 1, outgoing.timeout, outgoing.limit)
}
