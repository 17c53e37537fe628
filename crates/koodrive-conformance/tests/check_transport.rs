//! `koodrive_sim::check_transport` passes both transports; and each of its checks finds what is wrong with others.

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Barrier, Mutex};
use std::time::{Duration, Instant};

use koodrive_proto::bytes::Bytes;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::{Body, Cause, Deliver, Event, Failure, Now, Outgoing, Reached, Step};
use koodrive_proto::http::{HeaderValue, Method, Request, Response, header};
use koodrive_proto::{Api, Credentials, Error, Flow};
use koodrive_sim::{CheckTransport, Lack, OneRequest, Report, check_transport, check_transport_async};

type Answer = Result<Response<Bytes>, Failure>;
type Transport = Box<dyn Fn(Outgoing) -> Answer + Send + Sync>;

fn api() -> Api {
    Api::new("http://localhost", Credentials::anonymous()).unwrap()
}

/// koodrive-ureq. What is wrong with the others is mostly put around it.
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

/// The same, by koodrive-hyper.
async fn hyper(drive: &koodrive_hyper::Client, outgoing: Outgoing) -> Answer {
    let mut flow = OneRequest::new(outgoing);
    let result = drive.run(&mut flow).await;
    flow.answer(result)
}

#[test]
fn async_on_any_runtime() {
    let current = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for runtime in [current, multi] {
        let drive = koodrive_hyper::Client::new(api());
        let report = runtime.block_on(check_transport_async(|outgoing| hyper(&drive, outgoing)));
        println!("{report}");
        report.assert_ok();
    }
}

/// Wrong transports, with what the checks that find them are called.
type Wrong = Vec<(&'static [&'static str], Transport)>;

fn sends_again() -> Wrong {
    let mut all = Wrong::new();

    let inner = right();
    let redirects = move |outgoing: Outgoing| {
        let mut again = copy(&outgoing);
        let answer = inner(outgoing)?;
        let Some(place) = answer.headers().get("location") else { return Ok(answer) };
        *again.request.uri_mut() = place.to_str().unwrap().parse().unwrap();
        inner(again)
    };
    all.push((&["redirects"], Box::new(redirects)));

    let inner = right();
    let repeats = move |outgoing: Outgoing| {
        let again = copy(&outgoing);
        inner(outgoing).or_else(|failure| if failure.cause == Cause::Network { inner(again) } else { Err(failure) })
    };
    let breaks: &[&str] =
        &["closed-before-answer", "reset-before-answer", "closed-in-head", "short-body", "reset-in-body", "no-http"];
    all.push((breaks, Box::new(repeats)));

    // HTTP calls these methods idempotent; the service's operations needn't be.
    let inner = right();
    let idempotent = move |outgoing: Outgoing| {
        let again = copy(&outgoing);
        let method = outgoing.request.method().clone();
        let may =
            move |failure: &Failure| failure.cause == Cause::Network && method.is_idempotent() && !method.is_safe();
        inner(outgoing).or_else(|failure| if may(&failure) { inner(again) } else { Err(failure) })
    };
    all.push((&["closed-before-answer", "reset-before-answer", "closed-in-head"], Box::new(idempotent)));
    let inner = right();
    let later = move |outgoing: Outgoing| {
        let again = copy(&outgoing);
        let post = outgoing.request.method() == Method::POST;
        let answer = inner(outgoing)?;
        if post && answer.status() == 503 { inner(again) } else { Ok(answer) }
    };
    all.push((&["statuses"], Box::new(later)));
    let stubborn: &[&[&str]] = &[
        &["silent", "slow-head", "slow-body", "unread-request"],
        &["limit-by-length", "limit-until-close", "limit-in-chunks", "limit-of-head"],
    ];
    for checks in stubborn {
        let inner = right();
        let stubborn = move |outgoing: Outgoing| {
            let again = copy(&outgoing);
            inner(outgoing).or_else(|failure| if failure.cause == Cause::Network { Err(failure) } else { inner(again) })
        };
        all.push((checks, Box::new(stubborn)));
    }

    let inner = right();
    let twice = move |outgoing: Outgoing| {
        let again = copy(&outgoing);
        inner(outgoing).and_then(|_| inner(again))
    };
    all.push((&["request", "statuses", "closed-while-kept"], Box::new(twice)));
    all
}

fn says_what_is_not_so() -> Wrong {
    let mut all = Wrong::new();
    let inner = right();
    let unseen = move |outgoing| inner(outgoing).map_err(|failure| of(failure, Reached::No));
    let unseen_of: &[&str] = &["closed-before-answer", "reset-in-body", "closed-when-reused", "limit-of-head"];
    all.push((unseen_of, Box::new(unseen)));

    let inner = right();
    let seen = move |outgoing| inner(outgoing).map_err(|failure| of(failure, Reached::Maybe));
    all.push((&["nobody-listens", "unknown-host", "https-unreached", "source"], Box::new(seen)));
    let inner = right();
    let whole = move |outgoing| {
        inner(outgoing).or_else(|failure| match failure.cause {
            Cause::Network => Ok(Response::new(Bytes::from("{\"code\":0}"))),
            _ => Err(failure),
        })
    };
    all.push((&["reset-until-close", "cut-chunks", "short-body", "reset-in-body"], Box::new(whole)));
    all
}

fn keeps_no_bounds() -> Wrong {
    let mut all = Wrong::new();
    let timeout =
        |timeout| changed(move |outgoing: &mut Outgoing| (outgoing.timeout, outgoing.idle) = (timeout, timeout));
    let patient: [&[&str]; 5] = [&["silent"], &["slow-head"], &["slow-body"], &["unread-request"], &["silent-tls"]];
    for checks in patient {
        all.push((checks, timeout(Duration::from_secs(3600))));
    }
    all.push((&["in-time"], timeout(Duration::from_secs(3))));
    let whole_milliseconds = changed(|outgoing| {
        if outgoing.timeout.as_millis() == 0 {
            (outgoing.timeout, outgoing.idle) = (Duration::from_secs(3600), Duration::from_secs(3600));
        }
    });
    all.push((&["tiny-timeout"], whole_milliseconds));
    all.push((&["late-answer"], timeout(Duration::from_millis(500))));
    all.push((&["no-bounds"], changed(|outgoing| assert!(Instant::now() + outgoing.timeout > Instant::now()))));

    let greedy = changed(|outgoing| outgoing.limit = u64::MAX);
    all.push((&["limit-by-length", "limit-until-close", "limit-in-chunks"], greedy));
    all.push((&["large-answer"], changed(|outgoing| outgoing.limit -= 1)));
    all
}

fn changes_requests() -> Wrong {
    let mut all = Wrong::new();
    let adds = changed(|outgoing| {
        outgoing.request.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    });
    all.push((&["request", "bodies", "large-request", "ipv6"], adds));
    let closes = changed(|outgoing| {
        outgoing.request.headers_mut().insert("connection", "close".parse().unwrap());
    });
    all.push((&["connection-header", "reuse"], closes));
    let sorts = changed(|outgoing| {
        let headers = std::mem::take(outgoing.request.headers_mut());
        let mut pairs: Vec<_> = headers.iter().collect();
        pairs.sort_by_key(|(name, _)| name.as_str());
        outgoing.request.headers_mut().extend(pairs.into_iter().map(|(name, value)| (name.clone(), value.clone())));
    });
    all.push((&["header-order"], sorts));
    all.push((&["source"], changed(|outgoing| *outgoing.request.body_mut() = Body::Bytes(Bytes::new()))));
    all.push((&["sink"], changed(|outgoing| outgoing.deliver = Deliver::Memory)));
    let in_the_clear = |outgoing: &mut Outgoing| {
        let http = outgoing.request.uri().to_string().replace("https://", "http://");
        *outgoing.request.uri_mut() = http.parse().unwrap();
    };
    all.push((&["https-in-the-clear", "https-unreached"], changed(in_the_clear)));
    let (inner, jar) = (right(), Mutex::new(None));
    let keeps_cookies = move |mut outgoing: Outgoing| {
        let mut jar = jar.lock().unwrap();
        outgoing.request.headers_mut().extend(jar.clone().map(|cookie| (header::COOKIE, cookie)));
        let answer = inner(outgoing)?;
        *jar = answer.headers().get("set-cookie").cloned();
        Ok(answer)
    };
    all.push((&["cookies"], Box::new(keeps_cookies)));
    let (inner, slot, all_are_here) = (right(), Mutex::new(None), Barrier::new(8));
    let mixes_up = move |outgoing: Outgoing| {
        *slot.lock().unwrap() = Some(copy(&outgoing));
        all_are_here.wait();
        let last = copy(slot.lock().unwrap().as_ref().unwrap());
        inner(last)
    };
    all.push((&["together"], Box::new(mixes_up)));
    all
}

fn changes_answers() -> Wrong {
    let mut all = Wrong::new();
    let texts = answering(|answer| {
        let headers = std::mem::take(answer.headers_mut());
        let texts = headers.iter().filter(|(_, value)| value.to_str().is_ok());
        answer.headers_mut().extend(texts.map(|(name, value)| (name.clone(), value.clone())));
        Ok(())
    });
    all.push((&["answer"], texts));
    let strict = |answer: &mut Response<Bytes>| {
        let failed = answer.status().is_client_error() || answer.status().is_server_error();
        if failed { Err(Failure::new(Reached::Maybe, Cause::Network, "refused")) } else { Ok(()) }
    };
    all.push((&["statuses"], answering(strict)));
    let trims = answering(|answer| {
        *answer.body_mut() = Bytes::copy_from_slice(answer.body().trim_ascii());
        Ok(())
    });
    all.push((&["answer"], trims));
    let joins = answering(|answer| {
        let via: Vec<&[u8]> = answer.headers().get_all("via").iter().map(HeaderValue::as_bytes).collect();
        let via = HeaderValue::from_bytes(&via.join(&b", "[..])).unwrap();
        answer.headers_mut().insert("via", via);
        Ok(())
    });
    all.push((&["answer"], joins));
    let excerpts = answering(|answer| {
        if answer.status().is_client_error() {
            answer.body_mut().truncate(4096);
        }
        Ok(())
    });
    all.push((&["statuses"], excerpts));
    let fills = answering(|answer| {
        let body = Some(answer.body().clone()).filter(|body| !body.is_empty());
        *answer.body_mut() = body.unwrap_or_else(|| Bytes::from("{}"));
        Ok(())
    });
    all.push((&["no-body"], fills));
    let unzips = answering(|answer| {
        if answer.headers_mut().remove("content-encoding").is_some() {
            *answer.body_mut() = Bytes::new();
        }
        Ok(())
    });
    all.push((&["compressed"], unzips));
    all
}

fn naive_ones() -> Wrong {
    let mut all = Wrong::new();
    all.push((
        &["ipv6", "reasons", "until-close", "chunked", "cut-chunks", "interim", "limit-of-head", "https-in-the-clear"],
        Box::new(|outgoing| naive(&Pool::default(), outgoing, "1.1", false)),
    ));
    let pool = Pool::default();
    all.push((
        &["leftovers", "after-a-timeout", "after-a-limit"],
        Box::new(move |outgoing| naive(&pool, outgoing, "1.1", false)),
    ));
    all.push((&["pieces"], Box::new(|outgoing| naive(&Pool::default(), outgoing, "1.1", true))));
    all
}

/// What one writes at first: the loop's part is right, and HTTP's is what one remembers of it. Connections are in the
/// pool whatever has happened to them; `once` reads only once.
fn naive(pool: &Pool, outgoing: Outgoing, version: &str, once: bool) -> Answer {
    let (timeout, limit) = (outgoing.timeout, outgoing.limit);
    let request = outgoing.into_memory()?;
    let address = request.uri().authority().unwrap().to_string();
    let (host, port) = (request.uri().host().unwrap(), request.uri().port_u16().unwrap_or(80));
    let mut pool = pool.lock().unwrap();
    if !pool.contains_key(&address) {
        let stream = TcpStream::connect((host, port));
        let stream = stream.map_err(|error| Failure::new(Reached::No, Cause::Network, error))?;
        pool.insert(address.clone(), BufReader::new(stream));
    }
    let stream = pool.get_mut(&address).unwrap();
    stream.get_ref().set_read_timeout(Some(timeout)).unwrap();
    talk(stream, &request, version, limit, once).map_err(|error| Failure::new(Reached::Maybe, Cause::Network, error))
}

type Pool = Mutex<HashMap<String, BufReader<TcpStream>>>;

fn talk(
    stream: &mut BufReader<TcpStream>,
    request: &Request<Bytes>,
    version: &str,
    limit: u64,
    once: bool,
) -> Result<Response<Bytes>, BoxError> {
    let path = request.uri().path_and_query().unwrap();
    let mut head = format!("{} {path} HTTP/{version}\r\n", request.method()).into_bytes();
    for (name, value) in request.headers() {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    stream.get_ref().write_all(&[&head, &b"\r\n"[..], request.body()].concat())?;
    let all: Box<dyn BufRead> = if once { Box::new(stream.fill_buf()?) } else { Box::new(stream) };
    let (mut stream, mut line, mut length) = (all, String::new(), 0);
    stream.read_line(&mut line)?;
    let mut answer = Response::builder().status(line.split(' ').nth(1).unwrap_or_default());
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse()?;
        }
        answer = answer.header(name, value);
    }
    let mut body = Vec::new();
    stream.take(length.min(limit + 1)).read_to_end(&mut body)?;
    Ok(answer.body(body.into())?)
}

/// The right transport, with another request.
fn changed(change: impl Fn(&mut Outgoing) + Send + Sync + 'static) -> Transport {
    let inner = right();
    Box::new(move |mut outgoing| {
        change(&mut outgoing);
        inner(outgoing)
    })
}

/// The right transport, with another answer.
fn answering(change: impl Fn(&mut Response<Bytes>) -> Result<(), Failure> + Send + Sync + 'static) -> Transport {
    let inner = right();
    Box::new(move |outgoing| {
        let mut answer = inner(outgoing)?;
        change(&mut answer).map(|()| answer)
    })
}

fn of(failure: Failure, reached: Reached) -> Failure {
    Failure::new(reached, failure.cause, failure.source)
}

/// The same request; a body from a source is never sent.
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

/// The names that a report has.
fn names(report: &Report) -> BTreeSet<String> {
    let lines = report.to_string().lines().map(str::to_owned).collect::<Vec<_>>();
    let names = lines.iter().filter_map(|line| line.split_whitespace().nth(1).filter(|_| !line.starts_with(' ')));
    names.map(|name| name.trim_end_matches([':', ',']).to_owned()).filter(|name| name != "of").collect()
}

/// Each check finds a transport that is wrong in its way.
#[test]
fn mistakes_are_found() {
    // Some machines have no [::1], and the check skips it there.
    let has_ipv6 = TcpListener::bind("[::1]:0").is_ok();
    let found = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        let all = [sends_again, says_what_is_not_so, keeps_no_bounds, changes_requests, changes_answers, naive_ones];
        for (checks, exchange) in all.into_iter().flat_map(|wrong| wrong()) {
            let found = &found;
            scope.spawn(move || {
                let report = checks.iter().fold(CheckTransport::new(), |check, name| check.only(name)).run(exchange);
                let failures: BTreeSet<&str> = report.failures().into_iter().collect();
                let expected = checks.iter().copied().filter(|name| has_ipv6 || *name != "ipv6").collect();
                assert_eq!(failures, expected, "{report}");
                found.lock().unwrap().extend(checks.iter().map(|name| (*name).to_owned()));
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    // It has a test of its own.
    found.insert("after-a-drop".to_owned());
    let nobody = check_transport(|_| Err(Failure::new(Reached::Maybe, Cause::Local, "not today")));
    assert_eq!(found, names(&nobody), "a check that no wrong transport is for");
}

/// Other requests than the one that got wrong are fine.
#[test]
fn nothing_else_is_found() {
    let adds = changed(|outgoing| {
        outgoing.request.headers_mut().insert("connection", "close".parse().unwrap());
    });
    let report = check_transport(adds);
    assert_eq!(report.failures(), ["connection-header", "reuse"], "{report}");
    let told = "this one added `connection: close`";
    assert!(report.to_string().contains(told), "{report}");
    let lacks = CheckTransport::new().lacks(Lack::ConnectionHeader).lacks(Lack::Reuse).lacks(Lack::Order);
    let report = lacks.only("connection-header").only("reuse").only("header-order").run(changed(|outgoing| {
        outgoing.request.headers_mut().insert("connection", "close".parse().unwrap());
    }));
    report.assert_ok();
    let text = report.to_string();
    assert!(text.contains("lacks   reuse, as declared by Lack::Reuse: made 8 connections for 8 requests"), "{text}");
    assert!(text.contains("ok      header-order, which Lack::Order needn't excuse"), "{text}");
}

#[test]
fn the_report_says_what_happened() {
    let inner = right();
    let unseen = move |outgoing| inner(outgoing).map_err(|failure| of(failure, Reached::No));
    let report = CheckTransport::new().only("closed-before-answer").run(unseen).to_string();
    assert!(
        report.starts_with("FAILED  closed-before-answer\n        the server reads the request, and closes"),
        "{report}"
    );
    assert!(report.contains("\n        a transport says Reached::Maybe and Cause::Network, and sends nothing again\n"));
    assert!(report.contains("\n        this one for a GET said Reached::No and Cause::Network ("));
    assert!(report.contains("), but the server had read ") && report.ends_with("1 of 1 checks failed"), "{report}");
}

#[test]
fn a_check_that_does_not_exist() {
    let report = CheckTransport::new().only("reuse").only("reusse").run(right());
    assert!(!report.is_ok() && report.failures().is_empty(), "{report}");
    assert!(report.to_string().contains("\nno check is named `reusse`; there are request, header-order, "), "{report}");
    let panic = std::panic::catch_unwind(|| report.assert_ok()).unwrap_err();
    assert!(!panic.downcast_ref::<String>().unwrap().contains("contract"));
}

/// A server must not answer HTTP/1.0 with what that doesn't know.
#[test]
fn http_1_0() {
    let names = ["chunked", "interim", "cut-chunks", "limit-in-chunks"];
    let check = names.iter().fold(CheckTransport::new(), |check, name| check.only(name));
    let report = check.run(|outgoing| naive(&Pool::default(), outgoing, "1.0", false));
    report.assert_ok();
    assert_eq!(report.to_string().matches("skipped").count(), names.len(), "{report}");
}

/// Whether a transport can tell that a port doesn't speak TLS depends on its TLS.
#[test]
fn what_could_be_better_is_noted() {
    let inner = right();
    let network = move |outgoing| {
        inner(outgoing).map_err(|failure| Failure::new(failure.reached, Cause::Network, failure.source))
    };
    let report = CheckTransport::new().only("https-unreached").run(network);
    report.assert_ok();
    let noted = "ok      https-unreached, though this one said Reached::No and Cause::Network (";
    assert!(report.to_string().contains(noted), "{report}");
    let inner = right();
    let seen = move |outgoing| inner(outgoing).map_err(|failure| of(failure, Reached::Maybe));
    CheckTransport::new().lacks(Lack::Unreached).only("https-unreached").only("unknown-host").run(seen).assert_ok();
}

/// Futures on one thread can be mixed up like threads.
#[test]
fn futures_that_are_mixed_up() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (drive, slot) = (koodrive_hyper::Client::new(api()), Mutex::new(None));
    let exchange = async |outgoing| {
        *slot.lock().unwrap() = Some(copy(&outgoing));
        tokio::task::yield_now().await;
        let last = copy(slot.lock().unwrap().as_ref().unwrap());
        hyper(&drive, last).await
    };
    let report = runtime.block_on(CheckTransport::new().only("request").only("together").run_async(exchange));
    assert_eq!(report.failures(), ["together"], "{report}");
}

/// A future that was dropped goes on, and the next one gets its answer.
#[test]
fn an_answer_to_another_request() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let drive = koodrive_hyper::Client::new(api());
    let last = Arc::new(tokio::sync::Mutex::new(None::<tokio::task::JoinHandle<Answer>>));
    let exchange = async |outgoing| {
        let mut last = last.lock().await;
        if last.is_none() {
            let drive = drive.clone();
            *last = Some(tokio::spawn(async move { hyper(&drive, outgoing).await }));
        }
        let answer = last.as_mut().unwrap().await.unwrap();
        *last = None;
        answer
    };
    let check = CheckTransport::new().only("after-a-drop").only("request");
    let report = runtime.block_on(check.run_async(exchange));
    assert_eq!(report.failures(), ["after-a-drop"], "{report}");
    assert!(report.to_string().contains("this one returned for the second request: \"first"), "{report}");
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

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let report = runtime.block_on(check_transport_async(async |_| panic!("as is meant here")));
    assert!(report.to_string().contains("this one panicked") && !report.to_string().contains("did not"), "{report}");
    let early = |_| -> std::future::Pending<Answer> { panic!("before there is a future") };
    let report = runtime.block_on(CheckTransport::new().only("together").run_async(early));
    assert!(report.to_string().contains("this one panicked"), "{report}");
}

/// Nobody waits for a request of an exchange that has ended.
#[test]
fn fails_at_once() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let forever = Duration::from_secs(1_000_000);
    let check = CheckTransport::new().patience(forever).only("after-a-drop");
    let nobody = async |_| Err(Failure::new(Reached::Maybe, Cause::Local, "not today"));
    runtime.block_on(check.run_async(nobody)).assert_ok();
}

/// A loop whose clock stands still, one that begins anew, one that goes on after the end, and one that stops before.
#[test]
fn loops_that_are_wrong() {
    let now = |elapsed| Now { utc: koodrive_proto::chrono::Utc::now(), elapsed };
    let outgoing = || Outgoing::new(Request::default(), koodrive_proto::ops::ALL[0], 1, Duration::from_secs(1), 1);
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
    // What it was answered stays its own.
    let mut flow = OneRequest::new(outgoing());
    let token = Event::Response(Response::builder().header("x-token", "s3cr3t").body(Bytes::from("s3cr3t")).unwrap());
    for (time, event) in [(zero, Event::Start), (later, Event::Elapsed), (later, token)] {
        let _: Step<Result<(), Error>> = flow.resume(&api(), now(time), event);
    }
    assert!(!format!("{flow:?}").contains("s3cr3t"));
}
