//! Each fault as a client sees it, byte by byte, and what the ledger has of it.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::Utc;
use koodrive_proto::http::Request;
use koodrive_sim::{Entry, Fault, Faults, Server, Simulator};

use crate::hostile::{LONG, connect};

const OVERVIEW: &str = "GET /koodrive/ose/v1/space/usage/overview";
const UPDATE: &str = "PUT /koodrive/ose/v1/space/1289173650183882753";

fn simulator(faults: Faults) -> Simulator {
    Simulator::new().token("Bearer 1", "7").faults(faults)
}

fn start(faults: Faults) -> Server {
    Server::start(simulator(faults)).unwrap()
}

/// What a fault alone makes of each request.
fn always(fault: Fault) -> Server {
    start(Faults::new(1).rate(fault, 1.0).slow_by(Duration::from_millis(50)))
}

fn request(line: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("{line} HTTP/1.1\r\nhost: h\r\nauthorization: Bearer 1\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

/// All that comes until the connection ends, and how it ends.
fn read_to_end(mut stream: &TcpStream) -> (String, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let error = stream.read_to_end(&mut bytes).err().map(|error| error.kind());
    assert!(matches!(error, None | Some(ErrorKind::ConnectionReset)), "{error:?}: it doesn't end");
    (String::from_utf8_lossy(&bytes).into_owned(), error)
}

fn send(server: &Server, line: &str, headers: &str, body: &str) -> (String, Option<ErrorKind>) {
    let mut stream = connect(server);
    stream.write_all(request(line, headers, body).as_bytes()).unwrap();
    read_to_end(&stream)
}

/// Head and body of an answer, after which the client asks for the end.
fn answer(server: &Server, line: &str, body: &str) -> (String, String) {
    let (text, error) = send(server, line, "connection: close\r\n", body);
    assert_eq!(error, None, "an orderly end");
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

fn length(head: &str) -> usize {
    head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap()
}

fn last(server: &Server) -> Entry {
    server.ledger().pop().unwrap()
}

/// What the body of the overview is.
fn overview() -> String {
    let request = Request::get("/koodrive/ose/v1/space/usage/overview").header("authorization", "Bearer 1");
    let response = Simulator::new().token("Bearer 1", "7").handle(request.body(Bytes::new()).unwrap(), Utc::now());
    String::from_utf8(response.into_body().to_vec()).unwrap()
}

#[test]
fn resets() {
    for fault in [Fault::ResetBefore, Fault::ResetAfter] {
        let server = always(fault);
        assert_eq!(
            send(&server, UPDATE, "", r#"{"type": 1, "capacity": "7"}"#),
            (String::new(), Some(ErrorKind::ConnectionReset))
        );
        let entry = last(&server);
        assert_eq!((entry.fault, entry.operation), (Some(fault), Some("UpdateSpace")));
        let executed = fault == Fault::ResetAfter;
        assert_eq!(entry.refused.as_deref(), (!executed).then_some("fault: reset-before"));
        assert_eq!((entry.status.as_u16(), entry.user_id.is_some()), if executed { (200, true) } else { (444, false) });
        // It did what the ledger says.
        server.simulator().set_faults(None);
        let (_, space) = answer(&server, &UPDATE.replace("PUT", "GET").replace("753", "753?type=1"), "");
        assert!(space.contains(if executed { r#""capacity":"7""# } else { r#""capacity":"1""# }), "{space}");
        assert_eq!(last(&server).fault, None);
    }
}

/// Before anything is read: nothing is in the ledger.
#[test]
fn refuse() {
    let server = always(Fault::Refuse);
    for _ in 0..3 {
        let mut stream = connect(&server);
        // It may be reset before or after this.
        let _ = stream.write_all(request(OVERVIEW, "", "").as_bytes());
        let end = stream.read(&mut [0]).map_err(|error| error.kind());
        assert!(matches!(end, Ok(0) | Err(ErrorKind::ConnectionReset)), "{end:?}");
    }
    assert!(server.ledger().is_empty());
    server.simulator().set_faults(None);
    assert!(answer(&server, OVERVIEW, "").0.starts_with("http/1.1 200 ok\r\n"));
}

#[test]
fn throttle_and_unavailable() {
    for (delay, header) in [(0, "0"), (1000, "1"), (1001, "2")] {
        let faults = Faults::new(1).rate(Fault::Throttle, 1.0).retry_after(Duration::from_millis(delay));
        let server = start(faults);
        let (head, body) = answer(&server, OVERVIEW, "");
        assert!(head.starts_with("http/1.1 429 too many requests\r\n"), "{head}");
        assert!(head.contains(&format!("\r\nretry-after: {header}\r\n")) && head.contains("\r\ndate: "), "{head}");
        assert!(body.contains(r#""error_code":"APIGW.0308""#), "{body}");
        assert_eq!(length(&head), body.len());
        let entry = last(&server);
        assert_eq!((entry.fault, entry.refused.as_deref()), (Some(Fault::Throttle), Some("fault: throttle")));
        assert_eq!((entry.status.as_u16(), entry.operation), (429, Some("GetSpaceUsageOverview")));
    }
    let server = always(Fault::Unavailable);
    let (head, body) = answer(&server, OVERVIEW, "");
    assert!(head.starts_with("http/1.1 503 service unavailable\r\n") && head.contains("text/html"), "{head}");
    assert!(body.starts_with("<html>") && length(&head) == body.len());
    assert_eq!(last(&server).refused.as_deref(), Some("fault: unavailable"));
}

/// Executed at once, answered later, and nobody else waits.
#[test]
fn slow() {
    // Of these ids only some are slow.
    let server = start("slow=50%,slow-by=20ms,seed=1".parse().unwrap());
    let probe = |id: &str| {
        let trace_id = format!("x-traceid: {id:0>58}\r\nconnection: close\r\n");
        let started = Instant::now();
        let (text, error) = send(&server, OVERVIEW, &trace_id, "");
        assert!(error.is_none() && text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
        let fault = server.ledger().iter().rfind(|entry| entry.trace_id == Some(format!("{id:0>58}"))).unwrap().fault;
        assert!(fault.is_none() || started.elapsed() >= Duration::from_millis(20));
        fault
    };
    let slow = (0..20).filter(|id| probe(&id.to_string()).is_some()).count();
    assert!((1..20).contains(&slow), "{slow} of 20");

    // The server says when it has executed something.
    let (entered, entries) = mpsc::channel();
    let simulator = simulator("slow=100%,slow-by=1000000s".parse().unwrap());
    let server = Server::start(simulator.on_entry(move |entry| entered.send(entry.clone()).unwrap())).unwrap();
    let mut waiting = connect(&server);
    waiting.write_all(request(OVERVIEW, "", "").as_bytes()).unwrap();
    let entry = entries.recv_timeout(LONG).expect("a call that is executed");
    assert_eq!((entry.fault, entry.refused, entry.status.as_u16()), (Some(Fault::Slow), None, 200));
    // What is refused isn't kept waiting, and neither is anybody else.
    assert!(answer(&server, "GET /nowhere", "").0.starts_with("http/1.1 404 not found\r\n"));
    server.simulator().set_faults(None);
    assert!(answer(&server, OVERVIEW, "").0.starts_with("http/1.1 200 ok\r\n"));
    // One thread serves all connections, so an answer at once would have come before these two.
    waiting.set_nonblocking(true).unwrap();
    assert_eq!(waiting.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    waiting.set_nonblocking(false).unwrap();
    // It ends with the server.
    drop(server);
    assert_eq!(read_to_end(&waiting).0, "");
}

/// As it is without a fault, but not all of it, or not as long as announced.
#[test]
fn lengths() {
    let whole = overview();
    let server = always(Fault::Truncate);
    // The client doesn't ask for the end.
    let (text, error) = send(&server, OVERVIEW, "", "");
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.contains("content-type: application/json\r\n"), "{head}");
    assert_eq!((length(head), body, error), (whole.len(), &whole[..whole.len() / 2], None));
    assert_eq!(
        (last(&server).fault, last(&server).refused, last(&server).status.as_u16()),
        (Some(Fault::Truncate), None, 200)
    );

    let server = always(Fault::WrongLength);
    let (text, error) = send(&server, OVERVIEW, "", "");
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("connection: close"), "{head}");
    assert_eq!((length(head), body, error), (whole.len() / 2, &*whole, None));
    assert_eq!((last(&server).fault, last(&server).refused), (Some(Fault::WrongLength), None));
    // A refusal is executed in the same way.
    let (text, _) = send(&server, "GET /nowhere", "", "");
    assert!(text.starts_with("HTTP/1.1 404 Not Found\r\n") && text.contains("APIGW.0101"), "{text}");
    assert!(last(&server).refused.is_some());
}

#[test]
fn garbage() {
    let server = always(Fault::Garbage);
    let (text, error) = send(&server, OVERVIEW, "connection: close\r\n", "");
    assert!(error.is_none() && text.starts_with("HTTP/1.1 200 OK\r\n") && text.contains("\u{fffd}"), "{text}");
    assert_eq!((last(&server).fault, last(&server).refused), (Some(Fault::Garbage), None));
    answer(&server, "GET /nowhere", "");
    assert_eq!(last(&server).status, 404);
}

#[test]
fn gateway_timeout() {
    let server = always(Fault::GatewayTimeout);
    let (text, error) = send(&server, OVERVIEW, "connection: close\r\n", "");
    assert!(
        error.is_none() && text.starts_with("HTTP/1.1 504 Gateway Timeout\r\n") && text.contains("\r\ndate: "),
        "{text}"
    );
    assert_eq!((last(&server).fault, last(&server).refused), (Some(Fault::GatewayTimeout), None));
}

/// The connection serves on where a fault leaves it whole.
#[test]
fn kept_connections() {
    for fault in [Fault::Throttle, Fault::Unavailable, Fault::Slow, Fault::Garbage, Fault::GatewayTimeout] {
        let server = always(fault);
        let mut stream = connect(&server);
        for headers in ["", "connection: close\r\n"] {
            stream.write_all(request(OVERVIEW, headers, "").as_bytes()).unwrap();
        }
        let (text, error) = read_to_end(&stream);
        assert_eq!((text.matches("HTTP/1.1 ").count(), error), (2, None), "{fault}: {text}");
    }
}

/// The same requests meet the same faults, whatever else happens, and another seed brings others.
#[test]
fn the_same_seed() {
    let run = |seed: u64, threads: u32| {
        let faults = Faults::new(seed).all(0.8).rate(Fault::Refuse, 0.0).slow_by(Duration::ZERO);
        let server = start(faults);
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let server = &server;
                scope.spawn(move || {
                    for number in (thread..40).step_by(threads as usize) {
                        let trace_id = format!("x-traceid: {number:058}\r\nconnection: close\r\n");
                        for _ in 0..2 {
                            send(server, OVERVIEW, &trace_id, "");
                        }
                    }
                });
            }
        });
        let mut faults: Vec<_> = server.ledger().into_iter().map(|entry| (entry.trace_id, entry.fault)).collect();
        // Twice the same id, one after the other.
        faults.sort_by(|a, b| a.0.cmp(&b.0));
        faults
    };
    let alone = run(7, 1);
    assert_eq!(run(7, 4), alone);
    assert_ne!(run(8, 1), alone);
    let kinds: std::collections::BTreeSet<_> = alone.iter().map(|(_, fault)| *fault).collect();
    assert!(kinds.len() > 5, "{kinds:?}");
}

/// Without sockets nothing goes wrong, and a plan begins anew when it is set again.
#[test]
fn plans() {
    let faults = Faults::new(3).rate(Fault::Throttle, 0.5);
    let server = start(faults.clone());
    let run = || (0..20).map(|_| answer(&server, OVERVIEW, "").0.contains(" 429 ")).collect::<Vec<_>>();
    let first = run();
    assert!(first.contains(&true) && first.contains(&false));
    assert_ne!(run(), first);
    server.simulator().set_faults(Some(faults));
    assert_eq!(run(), first);
    let request = || Request::get("/nowhere").body(Bytes::new()).unwrap();
    assert!((0..20).all(|_| server.simulator().handle(request(), Utc::now()).status() == 404));
}
