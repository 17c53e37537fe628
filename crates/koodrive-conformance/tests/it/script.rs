//! One script against the simulator on real sockets, for every transport, with plain HTTP and with TLS.

use std::io::{Read, Write};
use std::marker::PhantomData;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use koodrive_conformance::{Async, Blocking, Transport};
use koodrive_proto::check::FromParams;
use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::ops::spaces::{
    DeleteSpace, GetSpace, GetSpaceUsageByQuota, GetSpaceUsageByUser, GetSpaceUsageOverview, SpaceStatus, SpaceType,
    UpdateSpace,
};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::{
    AccessToken, Api, Call, Credentials, Error, ErrorKind, Language, Operation, Sent, TraceId, operation,
};
use koodrive_sim::rustls::pki_types::CertificateDer;
use koodrive_sim::{Fault, Faults, Server, rustls};

use crate::common::{OWNER, USER, api, api_for, authority, simulator, trusting, ureq_trusting};

fn call<O: Operation>(transport: &impl Transport, op: &O) -> Result<O::Output, Error> {
    transport.run(Call::new(op))
}

/// All six operations, with the state that they share.
fn spaces(drive: &impl Transport) {
    let individual = GetSpace::new(OWNER, SpaceType::Individual);
    let space = call(drive, &individual).unwrap();
    assert_eq!(space.owner_id.as_deref(), Some(OWNER));
    assert_eq!((space.kind, space.capacity), (Some(SpaceType::Individual), Some(1)));
    let before = call(drive, &GetSpaceUsageOverview::new()).unwrap();

    let update = UpdateSpace::new(OWNER, SpaceType::Individual);
    call(drive, &update.clone().capacity(104_857_600).status(SpaceStatus::Disabled)).unwrap();
    let space = call(drive, &individual).unwrap();
    assert_eq!((space.capacity, space.status), (Some(104_857_600), Some(SpaceStatus::Disabled)));
    call(drive, &update.clone().capacity(1)).unwrap();
    let space = call(drive, &individual.clone().container_id(space.container_id.as_ref().unwrap())).unwrap();
    assert_eq!((space.capacity, space.status), (Some(1), Some(SpaceStatus::Disabled)), "what isn't set stays");
    assert_eq!(call(drive, &GetSpaceUsageOverview::new()).unwrap(), before);

    let groups = call(drive, &GetSpaceUsageByQuota::new()).unwrap();
    assert_eq!((groups.groups.len(), groups.total), (1, Some(1)));
    assert_eq!(groups.groups[0].total_allocation, before.total_allocation);
    assert!(call(drive, &GetSpaceUsageByQuota::new().offset(1)).unwrap().groups.is_empty());
    let users = call(drive, &GetSpaceUsageByUser::new().user_ids([OWNER, "232323", "nobody"])).unwrap();
    assert_eq!(users.users.iter().filter_map(|user| user.user_id.as_ref()).collect::<Vec<_>>(), [OWNER, "232323"]);
    assert_eq!(users.users[0].used, Some(654_777.0));
    let page = call(drive, &GetSpaceUsageByUser::new().limit(2).offset(1)).unwrap();
    assert_eq!((page.users.len(), page.total), (2, Some(4)));

    call(drive, &DeleteSpace::new(OWNER, SpaceType::Individual)).unwrap();
    let error = call(drive, &individual).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("13000301")));
    assert_eq!(error.status().map(|status| status.as_u16()), Some(400));
    assert!(error.is_not_found());
    assert_eq!(error.message(), Some("Space not found."));
    // The department of the same id is another owner.
    call(drive, &GetSpace::new(OWNER, SpaceType::Department)).unwrap();
}

/// Every operation with its smallest request, which arrives, and whose answer is read. What it is about may not exist.
struct Everything<'a, T>(&'a Server, PhantomData<T>);

impl<T: Transport> Visitor for Everything<'_, T> {
    fn operation<O: Operation + FromParams>(&mut self) {
        let mut params = operation::example::<O>();
        if O::META.module == "spaces" {
            params.insert("ownerId".to_owned(), OWNER.into());
            // The department's is deleted, the user's is read and changed.
            params.insert("type".to_owned(), i32::from(O::META.name != "DeleteSpace").into());
        }
        let op = O::from_params(&params).unwrap();
        if let Err(error) = call(&T::new(api_for(O::META, &self.0.endpoint())), &op) {
            assert!(error.code().is_some_and(|code| code.starts_with("13000")), "{error}");
        }
    }
}

fn everything<T: Transport>(server: &Server) {
    ops::visit(&mut Everything::<T>(server, PhantomData));
    let ledger = server.ledger();
    let arrived: Vec<_> = ledger.iter().map(|entry| entry.operation.unwrap()).collect();
    assert_eq!(arrived, ops::ALL.iter().map(|meta| meta.name).collect::<Vec<_>>());
}

fn refusals<T: Transport>(server: &Server) {
    let overview = GetSpaceUsageOverview::new();
    let unauthorized = |api: Api, code: &str, text: &str| {
        let error = call(&T::new(api), &overview).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some(code)), "{error}");
        assert_eq!(error.status().map(|status| status.as_u16()), Some(401));
        assert!(error.is_unauthorized() && error.to_string().contains(text), "{error}");
        assert_eq!((error.was_sent(), error.attempts()), (Sent::Yes, 1));
    };
    let with = |credentials| Api::new(server.endpoint(), credentials).unwrap();
    unauthorized(with(Credentials::app("my-app", "another", USER)), "APIGW.0303", "does not match");
    unauthorized(with(Credentials::app("other-app", "my-secret", USER)), "APIGW.0303", "AppId");
    unauthorized(with(Credentials::app("my-app", "my-secret", "7")), "APIGW.0303", "X-User-Id");
    unauthorized(with(Credentials::token(AccessToken::as_issued("Bearer other"), USER)), "APIGW.0301", "token");
    unauthorized(with(Credentials::token(AccessToken::as_issued("Bearer 6ebb6266"), "7")), "APIGW.0301", "X-User-Id");
    unauthorized(api(&server.endpoint()).date_back(TimeDelta::minutes(16)), "APIGW.0303", "signature expired");
    unauthorized(api(&server.endpoint()).date_back(TimeDelta::minutes(-1)), "APIGW.0303", "signature expired");

    // A token works, also where host isn't signed.
    call(&T::new(with(Credentials::token(AccessToken::as_issued("Bearer 6ebb6266"), USER))), &overview).unwrap();
    let names = ["x-date", "x-user-id"].map(|name| name.parse().unwrap());
    call(&T::new(api(&server.endpoint()).signed_headers(names).unwrap()), &overview).unwrap();

    // What the core refuses never gets there.
    let seen = server.ledger().len();
    let drive = T::new(api(&server.endpoint()));
    for capacity in [0, 104_857_601, u64::MAX] {
        let op = UpdateSpace::new(OWNER, SpaceType::Individual).capacity(capacity);
        let error = call(&drive, &op).unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Param, Sent::No));
    }
    let anonymous = T::new(with(Credentials::anonymous()));
    assert_eq!(call(&anonymous, &overview).unwrap_err().kind(), ErrorKind::Credentials);
    assert_eq!(server.ledger().len(), seen);

    // Trace id and language arrive.
    let trace_id = TraceId::from_bytes([0xfe; 29]);
    let op = GetSpace::new("nobody", SpaceType::Individual);
    let error = drive.run(Call::new(&op).trace_id(trace_id.clone()).language(Language::ZH_CN)).unwrap_err();
    assert_eq!(error.trace_id(), Some(&trace_id));
    assert_eq!(server.ledger().last().unwrap().trace_id.as_deref(), Some(trace_id.as_str()));
}

#[test]
fn plain_http() {
    fn script<T: Transport>() {
        let server = Server::start(simulator()).unwrap();
        spaces(&T::new(api(&server.endpoint())));
        refusals::<T>(&server);
        let server = Server::start(simulator()).unwrap();
        everything::<T>(&server);
    }
    script::<Blocking>();
    script::<Async>();
}

/// A clock that runs a little ahead is what dating back is for; one that is off further costs one round trip, and
/// without correction the call.
#[test]
fn clocks() {
    const MINUTE: i64 = 60;
    const DAY: i64 = 24 * 60 * MINUTE;
    fn script<T: Transport>() {
        for (ahead, inside) in [
            (0, true),
            (-20, true),
            (-MINUTE, false),
            (800, true),
            (15 * MINUTE, false),
            (-5 * 60 * MINUTE, false),
            (DAY, false),
            (-365 * DAY, false),
            (200 * 365 * DAY, false),
            (-20 * 365 * DAY, false),
        ] {
            let server = Server::start(simulator().clock_offset(TimeDelta::seconds(ahead))).unwrap();
            let uncorrected = T::new(api(&server.endpoint()).clock_correction(false));
            let result = call(&uncorrected, &GetSpaceUsageOverview::new());
            assert_eq!(result.is_ok(), inside, "{ahead} s: {result:?}");

            let drive = T::new(api(&server.endpoint()));
            let requests = |before: usize| server.ledger().len() - before;
            let before = server.ledger().len();
            // What was refused for its date didn't run: also what runs once is sent again.
            call(&drive, &DeleteSpace::new(OWNER, SpaceType::Individual)).unwrap();
            assert_eq!(requests(before), if inside { 1 } else { 2 }, "{ahead} s");
            let before = server.ledger().len();
            call(&drive, &GetSpaceUsageOverview::new()).unwrap();
            assert_eq!(requests(before), 1, "{ahead} s: from then on at once");
        }
    }
    script::<Blocking>();
    script::<Async>();
}

fn blocking(api: Api, root: &CertificateDer<'static>) -> Blocking {
    let config = ureq::Agent::config_builder().tls_config(ureq_trusting(root)).proxy(None).build();
    Blocking(koodrive_ureq::Client::with_config(api, config))
}

fn asynchronous(api: Api, root: &CertificateDer<'static>) -> Async {
    let tls = trusting(root);
    let connector = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1().build();
    Async::over(koodrive_hyper::Client::with_connector(api, connector))
}

#[test]
fn tls_with_an_authority_of_our_own() {
    let authority = authority("127.0.0.1");
    let server = Server::start_tls(simulator(), authority.server.clone()).unwrap();
    assert!(server.endpoint().starts_with("https://"));
    spaces(&blocking(api(&server.endpoint()), &authority.root));
    let server = Server::start_tls(simulator(), authority.server).unwrap();
    spaces(&asynchronous(api(&server.endpoint()), &authority.root));
}

/// Nothing was sent, and nobody waited for a timeout.
fn distrusts(drive: &impl Transport, server: &Server) {
    let started = Instant::now();
    let error = call(drive, &GetSpaceUsageOverview::new()).unwrap_err();
    assert!(started.elapsed() < Duration::from_secs(20), "it waits for no timeout");
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
    assert!(!error.is_timeout() && error.to_string().contains("certificate"), "{error}");
    assert!(server.ledger().is_empty());
}

#[test]
fn tls_refuses_what_it_cannot_trust_at_once() {
    let (ours, other, misnamed) = (authority("127.0.0.1"), authority("127.0.0.1"), authority("127.0.0.2"));
    let server = Server::start_tls(simulator(), ours.server).unwrap();
    let to = || api(&server.endpoint());
    // The authority of someone else, and Mozilla's, which are the default.
    distrusts(&blocking(to(), &other.root), &server);
    distrusts(&asynchronous(to(), &other.root), &server);
    distrusts(&Blocking::new(to()), &server);
    distrusts(&Async::new(to()), &server);
    // The right authority for another host.
    let server = Server::start_tls(simulator(), misnamed.server).unwrap();
    let to = || api(&server.endpoint());
    distrusts(&blocking(to(), &misnamed.root), &server);
    distrusts(&asynchronous(to(), &misnamed.root), &server);
}

/// Faults break the connection under TLS as well, and refuse it before there is any.
#[test]
fn tls_breaks_too() {
    let authority = authority("127.0.0.1");
    let client = Arc::new(trusting(&authority.root));
    let server = Server::start_tls(simulator(), authority.server).unwrap();
    let send = |fault| {
        server.simulator().set_faults(Some(Faults::new(1).rate(fault, 1.0)));
        let session = rustls::ClientConnection::new(client.clone(), "127.0.0.1".try_into().unwrap()).unwrap();
        let mut stream = rustls::StreamOwned::new(session, TcpStream::connect(server.address()).unwrap());
        let mut answer = Vec::new();
        let sent = stream.write_all(b"GET /nowhere HTTP/1.1\r\nhost: h\r\n\r\n");
        let result = sent.and_then(|()| stream.read_to_end(&mut answer).map(drop));
        (String::from_utf8(answer).unwrap(), result.map_err(|error| error.kind()))
    };
    let (answer, result) = send(Fault::Refuse);
    assert!(answer.is_empty() && result.is_err() && server.ledger().is_empty());
    assert_eq!(send(Fault::ResetAfter), (String::new(), Err(std::io::ErrorKind::ConnectionReset)));
    let (answer, result) = send(Fault::Truncate);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let length: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    assert!(result.is_ok() && body.len() == length / 2, "{answer}");
    assert_eq!(server.ledger().len(), 2);
}

/// One client, many threads or tasks.
#[test]
fn clients_are_shared() {
    let server = Server::start(simulator()).unwrap();
    let drive = koodrive_ureq::Client::new(api(&server.endpoint()));
    std::thread::scope(|scope| {
        for _ in 0..32 {
            scope.spawn(|| drive.call(&GetSpaceUsageOverview::new()).unwrap());
        }
    });
    let drive = koodrive_hyper::Client::new(api(&server.endpoint()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..32)
            .map(|_| {
                let drive = drive.clone();
                // Spawning needs the future to be Send.
                tokio::spawn(async move { drive.call(&GetSpaceUsageOverview::new()).await.unwrap() })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
    assert_eq!(server.ledger().iter().filter(|entry| entry.refused.is_none()).count(), 64);
}

#[test]
fn the_demo() {
    let mut out = Vec::new();
    koodrive_conformance::demo::run(&mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(!out.contains("Signature=") && !out.contains("demo-secret"), "secrets are hidden");
    assert_eq!(out.matches("PUT /koodrive/ose/v1/space/1289173650183882753").count(), 2);
}
