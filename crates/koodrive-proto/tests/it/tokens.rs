//! Tokens that end, and who renews them: in virtual time.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use koodrive_proto::auth::Renew;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeDelta, Utc};
use koodrive_proto::flow::{Cause, Event, Now, Reached, Step};
use koodrive_proto::ops::accounts::{AuthType, Login};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType, UpdateSpace};
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, ErrorKind, Flow, Refresh, RetryPolicy, Sent, http};
use proptest::prelude::*;

const MINUTE: Duration = Duration::from_secs(60);

fn session(token: &str) -> Credentials {
    Credentials::token(AccessToken::as_issued(token), "7").refresh(Refresh::session("the session"))
}

fn api(credentials: Credentials) -> Api {
    Api::new("https://h", credentials).unwrap()
}

fn token(visit: &Visit) -> String {
    visit.request.headers()["authorization"].to_str().unwrap().to_owned()
}

fn answer(status: u16, body: &'static str) -> Event {
    let mut response = http::Response::new(Bytes::from_static(body.as_bytes()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    Event::Response(response)
}

/// A service that takes one token, and gives the next one to whoever refreshes it.
#[derive(Clone, Default)]
struct Service {
    number: Arc<AtomicU32>,
    refreshes: Arc<AtomicU32>,
}

impl Service {
    fn world(&self) -> World {
        let service = self.clone();
        World::new(move |visit| service.reply(visit))
    }

    fn reply(&self, visit: &Visit) -> Reply {
        let number = self.number.load(Ordering::Relaxed);
        match visit.operation.name {
            "RefreshSession" => {
                assert_eq!(visit.request.headers()["x-session-id"], "the session");
                self.refreshes.fetch_add(1, Ordering::Relaxed);
                let next = self.number.fetch_add(1, Ordering::Relaxed) + 1;
                Reply::ok(format!(r#"{{"code": 0, "accessToken": "Bearer {next}"}}"#)).after(Duration::from_millis(300))
            }
            _ if token(visit) == format!("Bearer {number}") => Reply::ok(r#"{"code": 0, "data": {}}"#),
            _ => Reply::status(401, r#"{"error_code": "APIGW.0301"}"#),
        }
    }

    /// What was the token is refused from now on.
    fn expire(&self) {
        self.number.fetch_add(1, Ordering::Relaxed);
    }

    fn refreshes(&self) -> u32 {
        self.refreshes.load(Ordering::Relaxed)
    }
}

fn names(world: &World) -> Vec<&str> {
    world.visits().iter().map(|visit| visit.operation.name).collect()
}

fn overview(world: &mut World, api: &Api) -> Result<(), Error> {
    world.run(api, &mut Call::new(&GetSpaceUsageOverview::new())).map(drop)
}

/// A refused token is renewed and the call sent again, also one that runs once: it didn't run.
#[test]
fn a_refused_token_is_renewed() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    let mut world = service.world();
    overview(&mut world, &api).unwrap();
    service.expire();
    world.run(&api, &mut Call::new(&DeleteSpace::new("1", SpaceType::Individual))).unwrap();
    overview(&mut world, &api).unwrap();
    let expected = ["GetSpaceUsageOverview", "DeleteSpace", "RefreshSession", "DeleteSpace", "GetSpaceUsageOverview"];
    assert_eq!(names(&world), expected);
    assert_eq!(token(&world.visits()[2]), "Bearer 0", "the old token goes with the refresh");
    // To be kept for the next start.
    let credentials = api.credentials().unwrap();
    assert_eq!(credentials.access_token().unwrap().as_str(), "Bearer 2");
    assert_eq!(credentials.refresh_secret().unwrap().as_str(), "the session");
    assert!(
        !format!("{credentials:?} {api:?}").contains("Bearer") && !format!("{credentials:?}").contains("the session")
    );
}

/// A thousand calls and one expired token: one refresh.
#[test]
fn a_thousand_calls_refresh_once() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let op = GetSpaceUsageOverview::new();
    let mut world = service.world();
    let results = world.run_all(&api, (0..1_000).map(|_| Call::new(&op)));
    assert!(results.iter().all(Result::is_ok));
    assert_eq!((service.refreshes(), world.visits().len()), (1, 2_001));
}

/// Ends without a result as soon as the inner flow sends a refresh: a driver that drops what it drives.
struct DropsTheRefresh<F>(Option<F>);

impl<F: Flow> Flow for DropsTheRefresh<F> {
    type Output = F::Output;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<F::Output, Error>> {
        let Some(flow) = &mut self.0 else { panic!("dropped") };
        match flow.resume(api, now, event) {
            Step::Send(outgoing) if outgoing.operation.name == "RefreshSession" => {
                self.0 = None;
                Step::Done(Err(Error::misuse("dropped")))
            }
            step => step,
        }
    }
}

/// The leader is dropped while it refreshes: the next one takes over, and nobody hangs.
#[test]
fn a_leader_that_is_dropped() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let op = GetSpaceUsageOverview::new();
    let mut world = service.world();
    let flows = (0..1_000).map(|number| -> Box<dyn Flow<Output = _>> {
        match number {
            0 => Box::new(DropsTheRefresh(Some(Call::new(&op)))),
            _ => Box::new(Call::new(&op)),
        }
    });
    let results = world.run_all(&api, flows);
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 999);
    assert_eq!(service.refreshes(), 1);
    assert!(world.now().elapsed < Duration::from_secs(1), "{:?}", world.now());
}

/// The leader is kept but driven no more: its right ends with the timeout of its attempt.
#[test]
fn a_leader_that_nobody_drives() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let (op, mut world) = (GetSpaceUsageOverview::new(), service.world());
    let mut kept = Call::new(&op).attempt_timeout(Duration::from_secs(5));
    let _ = kept.resume(&api, world.now(), Event::Start);
    let step = kept.resume(&api, world.now(), answer(401, ""));
    assert!(matches!(step, Step::Send(outgoing) if outgoing.operation.name == "RefreshSession"));
    overview(&mut world, &api).unwrap();
    assert_eq!(service.refreshes(), 1);
    // Of its own timeout, a refresh takes no less than the usual one: it is for all.
    assert!(world.now().elapsed >= MINUTE / 2 && world.now().elapsed < MINUTE / 2 + Duration::from_secs(2));
    // It comes back, finds the new token, and refreshes no more.
    world.run(&api, &mut kept).unwrap();
    assert_eq!(names(&world), ["RefreshSession", "GetSpaceUsageOverview", "GetSpaceUsageOverview"]);
}

/// A refresh that fails is the error of all that waited for it; a later call tries again.
#[test]
fn a_refresh_that_fails() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let op = GetSpaceUsageOverview::new();
    let inner = service.clone();
    let mut refreshes = 0;
    let mut world = World::new(move |visit| {
        if visit.operation.name == "RefreshSession" {
            refreshes += 1;
            if refreshes == 1 {
                return Reply::status(400, r#"{"code": 13000102, "msg": "no such session"}"#).after(MINUTE / 60);
            }
        }
        inner.reply(visit)
    });
    let results = world.run_all(&api, (0..1_000).map(|_| Call::new(&op)));
    for result in results {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Credentials, 1));
        let expected = "GetSpaceUsageOverview: the token could not be renewed: RefreshSession: HTTP 400, code 13000102: no such session";
        assert!(error.to_string().starts_with(expected), "{error}");
    }
    assert_eq!(world.visits().len(), 1_001);
    overview(&mut world, &api).unwrap();
    assert_eq!(service.refreshes(), 1);
}

/// Whatever its message is made of, a refusal is understood.
#[test]
fn a_refusal_in_another_encoding() {
    for (before, message) in [
        (&b""[..], &b"\xbf\xd5\xbc\xe4"[..]),
        (b"", b"\xe7\xa9"),
        (b"\xef\xbb\xbf", b"no"),
        (b"", br"no \ud83d"),
        (b"", b"\n"),
    ] {
        let refusal = [before, br#"{"error_msg":""#, message, br#"","error_code":"APIGW.0307"}"#].concat();
        let (service, api) = (Service::default(), api(session("Bearer 0")));
        service.expire();
        let inner = service.clone();
        let mut world = World::new(move |visit| match inner.reply(visit) {
            _ if token(visit) == "Bearer 0" && visit.operation.name != "RefreshSession" => {
                Reply::status(403, refusal.clone())
            }
            reply => reply,
        });
        overview(&mut world, &api).unwrap();
        assert_eq!(service.refreshes(), 1);
    }
}

/// A new token, or a secret for the next one, in which something couldn't be read is never sent.
#[test]
fn tokens_that_could_not_be_read() {
    let mut world = World::new(|visit| match visit.operation.name {
        "RefreshSession" => Reply::ok(r#"{"accessToken": "Bearer \udc00"}"#),
        _ => Reply::status(401, ""),
    });
    let error = overview(&mut world, &api(session("Bearer 0"))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials);

    let mut world = World::new(|visit| match visit.operation.name {
        "RefreshToken" => Reply::ok(r#"{"data": {"accessToken": "AT 2", "refreshToken": "next\udc00"}}"#),
        _ if token(visit) == "AT 2" => Reply::ok(r#"{"data": {}}"#),
        _ => Reply::status(401, ""),
    });
    let api = api(Credentials::token(AccessToken::as_issued("AT 1"), "7").refresh(Refresh::token("first")));
    overview(&mut world, &api).unwrap();
    assert_eq!(api.credentials().unwrap().refresh_secret().unwrap().as_str(), "first");
}

/// The refresh is a call like others: it is sent again where that helps, within what is left of the call.
#[test]
fn a_refresh_has_attempts_and_a_deadline() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let inner = service.clone();
    let mut refreshes = 0;
    let mut world = World::new(move |visit| {
        refreshes += u32::from(visit.operation.name == "RefreshSession");
        match (visit.operation.name, refreshes) {
            ("RefreshSession", 1) => Reply::status(503, ""),
            ("RefreshSession", 2) => Reply::failed(Reached::Maybe, Cause::Network),
            _ => inner.reply(visit),
        }
    });
    overview(&mut world, &api).unwrap();
    assert_eq!(service.refreshes(), 1);

    let api = self::api(session("Bearer 0"));
    let mut world = World::new(|visit| match visit.operation.name {
        "RefreshSession" => Reply::silence(),
        _ => Reply::status(401, ""),
    });
    let op = GetSpaceUsageOverview::new();
    let error = world.run(&api, &mut Call::new(&op).deadline(Duration::from_secs(3))).unwrap_err();
    assert_eq!((error.kind(), world.now().elapsed), (ErrorKind::Deadline, Duration::from_secs(3)));
    assert_eq!((error.attempts(), error.was_sent()), (1, Sent::No), "refused, so it had no effect");
    assert!(
        error.to_string().starts_with("GetSpaceUsageOverview: while the token was renewed: RefreshSession: "),
        "{error}"
    );

    // The Api's policy is that of the refresh.
    for (most, requests) in [(1, 2), (3, 4)] {
        let api = self::api(session("Bearer 0")).retry(RetryPolicy::default().max_attempts(most));
        let mut world = World::new(|visit| match visit.operation.name {
            "RefreshSession" => Reply::status(503, ""),
            _ => Reply::status(401, ""),
        });
        let error = world.run(&api, &mut Call::new(&op).retry(RetryPolicy::none())).unwrap_err();
        assert_eq!((error.kind(), world.visits().len()), (ErrorKind::Credentials, requests));
    }
}

/// The leader's options are its own: that it is impatient doesn't fail the others.
#[test]
fn an_impatient_leader() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let op = GetSpaceUsageOverview::new();
    let mut world = service.world();
    let flows = (0..100).map(|number| match number {
        0 => Call::new(&op).attempt_timeout(Duration::from_millis(100)).retry(RetryPolicy::none()),
        _ => Call::new(&op),
    });
    assert!(world.run_all(&api, flows).iter().all(Result::is_ok));
    assert_eq!(service.refreshes(), 1);
}

/// New calls keep coming while a refresh fails again and again: nobody waits longer than for the one that he waited for.
#[test]
fn nobody_starves() {
    /// Starts later, and ends with how long it took from there.
    struct Later<F>(Duration, F, Option<Duration>);
    impl<F: Flow> Flow for Later<F> {
        type Output = Duration;
        fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Duration, Error>> {
            if self.2.is_none() && now.elapsed < self.0 {
                return Step::Wait(self.0);
            }
            let first = self.2.is_none();
            let begun = *self.2.get_or_insert(now.elapsed);
            let event = if first { Event::Start } else { event };
            let took = now.elapsed.saturating_sub(begun);
            self.1.resume(api, now, event).map(|result| {
                assert_eq!(result.map(drop).unwrap_err().kind(), ErrorKind::Credentials);
                Ok(took)
            })
        }
    }
    let api = api(session("Bearer 0"));
    let mut refreshes = 0;
    let mut world = World::new(move |visit| match visit.operation.name {
        "RefreshSession" => {
            refreshes += 1;
            Reply::status(400, format!(r#"{{"code": 13000102, "msg": "number {refreshes}"}}"#)).after(MINUTE / 60)
        }
        _ => Reply::status(401, ""),
    });
    let op = GetSpaceUsageOverview::new();
    let flows = (0..3_000).map(|number| Later(Duration::from_millis(10 * number), Call::new(&op), None));
    let results = world.run_all(&api, flows);
    let longest = results.iter().map(|result| *result.as_ref().unwrap()).max().unwrap();
    assert!(longest < MINUTE / 60 * 3, "{longest:?}");
}

/// A call whose own time is over doesn't fail the others: one of them takes over.
#[test]
fn a_leader_whose_time_is_over() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let op = GetSpaceUsageOverview::new();
    let mut world = service.world();
    let results =
        world.run_all(&api, [Call::new(&op).deadline(Duration::from_millis(50)), Call::new(&op), Call::new(&op)]);
    assert_eq!(results[0].as_ref().unwrap_err().kind(), ErrorKind::Deadline);
    assert!(results[1].is_ok() && results[2].is_ok());
}

/// Without a way to renew it, a refused token is an error, until somebody brings another.
#[test]
fn tokens_from_elsewhere() {
    let service = Service::default();
    let api = api(Credentials::token(AccessToken::as_issued("Bearer 0"), "7"));
    let mut world = service.world();
    overview(&mut world, &api).unwrap();
    service.expire();
    let error = overview(&mut world, &api).unwrap_err();
    assert!(error.is_unauthorized() && error.attempts() == 1);
    api.set_credentials(Credentials::token(AccessToken::as_issued("Bearer 1"), "7")).unwrap();
    overview(&mut world, &api).unwrap();
    // Brought while the old one is refused: the call goes on with the new one.
    service.expire();
    let (op, mut call_world) = (GetSpaceUsageOverview::new(), service.world());
    let mut call = Call::new(&op);
    let _ = call.resume(&api, world.now(), Event::Start);
    api.set_credentials(Credentials::token(AccessToken::as_issued("Bearer 2"), "7")).unwrap();
    assert!(matches!(call.resume(&api, world.now(), answer(401, "")), Step::Send(_)));
    overview(&mut call_world, &api).unwrap();
    assert!(api.set_credentials(Credentials::token(AccessToken::as_issued(""), "7")).is_err());
}

/// Once per call: a service that refuses every token is believed.
#[test]
fn a_service_that_refuses_every_token() {
    let api = api(session("Bearer 0"));
    let mut world = World::new(|visit| match visit.operation.name {
        "RefreshSession" => Reply::ok(r#"{"accessToken": "Bearer x"}"#),
        _ => Reply::status(401, ""),
    });
    let error = overview(&mut world, &api).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), error.was_sent()), (ErrorKind::Api, 2, Sent::Yes));
    assert_eq!(world.visits().len(), 3);
}

/// A wrong clock and an expired token at once: each is mended once.
#[test]
fn with_a_wrong_clock() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let mut world = service.world().server_ahead(TimeDelta::days(-2));
    overview(&mut world, &api).unwrap();
    assert_eq!(names(&world).len(), 4);
}

/// Known lives: early, and no earlier.
#[test]
fn early() {
    // 20 minutes after the last call, by the manual.
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    let mut world = service.world();
    for (idle, refreshes) in [(0, 0), (18, 0), (18, 0), (18, 0), (20, 1), (18, 1), (19, 2), (600, 3)] {
        world.pass(MINUTE * idle);
        overview(&mut world, &api).unwrap();
        assert_eq!(service.refreshes(), refreshes);
        assert_eq!(world.visits().iter().filter(|visit| visit.attempt > 1).count(), 0, "never refused");
    }
    // From the first call on.
    let token = AccessToken::as_issued("Bearer 0").valid_for(MINUTE * 30);
    let credentials = Credentials::token(token, "7").refresh(Refresh::session("the session"));
    let (service, api) = (Service::default(), self::api(credentials));
    let mut world = service.world();
    for (pass, refreshes) in [(100, 0), (14, 0), (14, 0), (2, 1)] {
        world.pass(MINUTE * pass);
        overview(&mut world, &api).unwrap();
        assert_eq!(service.refreshes(), refreshes);
    }
}

/// Early and in vain: the token works a little longer, and is used.
#[test]
fn early_in_vain() {
    let token = AccessToken::as_issued("Bearer 0").valid_for(MINUTE * 30);
    let api = api(Credentials::token(token, "7").refresh(Refresh::session("the session")));
    let mut world = World::new(|visit| match visit.operation.name {
        "RefreshSession" => Reply::status(400, ""),
        _ => Reply::ok(r#"{"data": {}}"#),
    });
    overview(&mut world, &api).unwrap();
    world.pass(MINUTE * 29 + MINUTE / 2);
    let op = GetSpaceUsageOverview::new();
    assert!(world.run_all(&api, (0..100).map(|_| Call::new(&op))).iter().all(Result::is_ok));
    assert_eq!(world.visits().len(), 102, "one tries, all go on");
    // Past its known life it is for the service to say.
    world.pass(MINUTE * 30);
    overview(&mut world, &api).unwrap();
    let mut world = World::new(|visit| match visit.operation.name {
        "RefreshSession" => Reply::status(400, ""),
        _ => Reply::status(401, ""),
    });
    let error = overview(&mut world, &api).unwrap_err();
    assert_eq!((error.kind(), names(&world).len()), (ErrorKind::Credentials, 2));
    assert!(error.is_unauthorized());
    let source = std::error::Error::source(&error).unwrap().downcast_ref::<Arc<Error>>().unwrap();
    assert_eq!((source.operation().unwrap().name, source.status().unwrap().as_u16()), ("RefreshSession", 400));
}

/// Early and slow: the others go on with what they have, and the one that renews doesn't wait for long.
#[test]
fn early_and_slow() {
    let token = AccessToken::as_issued("Bearer 0").valid_for(MINUTE * 30);
    let api = api(Credentials::token(token, "7").refresh(Refresh::session("the session")));
    let mut world = World::new(|visit| match visit.operation.name {
        "RefreshSession" => Reply::silence(),
        _ => Reply::ok(r#"{"data": {}}"#),
    });
    overview(&mut world, &api).unwrap();
    world.pass(MINUTE * 29 + MINUTE / 12);
    let (op, begun) = (GetSpaceUsageOverview::new(), world.now().elapsed);
    assert!(world.run_all(&api, (0..10).map(|_| Call::new(&op))).iter().all(Result::is_ok));
    assert!(world.now().elapsed <= begun + Duration::from_secs(11), "{:?}", world.now().elapsed);
    let first = Duration::from_millis(100);
    assert_eq!(world.visits().iter().filter(|visit| visit.sent > begun + first).count(), 1, "only one waited");
}

/// A token that took another's place lives as long, unless the answer says otherwise.
#[test]
fn lives_are_handed_on() {
    for token in
        [AccessToken::as_issued("Bearer 0").valid_for(MINUTE), AccessToken::as_issued("Bearer 0").sliding(MINUTE)]
    {
        let (service, api) =
            (Service::default(), api(Credentials::token(token, "7").refresh(Refresh::session("the session"))));
        let mut world = service.world();
        for _ in 0..6 {
            overview(&mut world, &api).unwrap();
            world.pass(Duration::from_secs(58));
        }
        assert_eq!(service.refreshes(), 5);
    }
    // A short life isn't all early.
    let token = AccessToken::as_issued("Bearer 0").valid_for(MINUTE / 2);
    let (service, api) =
        (Service::default(), api(Credentials::token(token, "7").refresh(Refresh::session("the session"))));
    let mut world = service.world();
    for seconds in [0, 5, 20] {
        world.pass(MINUTE / 60 * seconds);
        overview(&mut world, &api).unwrap();
    }
    assert_eq!(service.refreshes(), 0);
}

/// Each renewal is told, with what has to be kept.
#[test]
fn a_listener_is_told() {
    let kept: Arc<Mutex<Vec<String>>> = Arc::default();
    let told = Arc::clone(&kept);
    let refresh = Refresh::token("r0").on_renewal(move |credentials| {
        let (token, secret) = (credentials.access_token().unwrap(), credentials.refresh_secret().unwrap());
        told.lock().unwrap().push(format!("{} {}", token.as_str(), secret.as_str()));
    });
    let api = api(Credentials::token(AccessToken::as_issued("AT 0"), "7").refresh(refresh));
    let mut number = 0;
    let mut world = World::new(move |visit| match visit.operation.name {
        "RefreshToken" => {
            number += 1;
            Reply::ok(format!(
                r#"{{"data": {{"accessToken": "AT {number}", "refreshToken": "r{number}", "expiresIn": 60}}}}"#
            ))
        }
        _ if token(visit) == "AT 0" => Reply::status(401, ""),
        _ => Reply::ok(r#"{"data": {}}"#),
    });
    for _ in 0..3 {
        overview(&mut world, &api).unwrap();
        world.pass(MINUTE);
    }
    assert_eq!(*kept.lock().unwrap(), ["AT 1 r1", "AT 2 r2", "AT 3 r3"]);
}

/// What needs no token cares for none, and a refresh that is refused is not refreshed.
#[test]
fn what_needs_no_token() {
    let api = api(session("Bearer 0")).agent_name("standard").unwrap();
    let mut world = World::new(|_| Reply::status(401, ""));
    overview(&mut world, &api).unwrap_err();
    assert_eq!(names(&world), ["GetSpaceUsageOverview", "RefreshSession"]);
    let error = world.run(&api, &mut Call::new(&Login::new("me", AuthType::Password))).unwrap_err();
    assert_eq!((error.kind(), error.attempts(), world.visits().len()), (ErrorKind::Api, 1, 3));
}

/// A renewal counts for no attempt.
#[test]
fn a_renewal_is_no_attempt() {
    let api = api(session("Bearer 0"));
    let mut calls = 0;
    let mut world = World::new(move |visit| {
        if visit.operation.name == "RefreshSession" {
            return Reply::ok(r#"{"accessToken": "Bearer 1"}"#);
        }
        calls += 1;
        match calls {
            1 => Reply::status(401, ""),
            2 => Reply::status(503, ""),
            _ => Reply::ok(r#"{"data": {}}"#),
        }
    });
    let op = GetSpaceUsageOverview::new();
    world.run(&api, &mut Call::new(&op).retry(RetryPolicy::default().max_attempts(2))).unwrap();
}

/// A refresh that waits as the service asks it to keeps its right, and a follower keeps its deadline.
#[test]
fn a_refresh_that_has_to_wait() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let inner = service.clone();
    let mut refreshes = 0;
    let mut world = World::new(move |visit| {
        refreshes += u32::from(visit.operation.name == "RefreshSession");
        match (visit.operation.name, refreshes) {
            ("RefreshSession", 1) => Reply::status(503, "").header("retry-after", "5"),
            _ => inner.reply(visit),
        }
    });
    let op = GetSpaceUsageOverview::new();
    let flows = (0..100).map(|number| match number {
        99 => Call::new(&op).deadline(Duration::from_millis(1_003)),
        _ => Call::new(&op),
    });
    let results = world.run_all(&api, flows);
    assert!(results[..99].iter().all(Result::is_ok));
    let refreshes: Vec<_> = world.visits().iter().filter(|visit| visit.operation.name == "RefreshSession").collect();
    assert_eq!(refreshes.len(), 2);
    assert!(refreshes[1].sent >= Duration::from_secs(5), "nobody takes over meanwhile");
    assert_eq!(results[99].as_ref().unwrap_err().kind(), ErrorKind::Deadline);
}

/// A leader that comes back late finds that another one has seen to it, and its own good answer counts if none has.
#[test]
fn a_late_leader() {
    let op = GetSpaceUsageOverview::new();
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let mut world = service.world();
    let mut late = Call::new(&op);
    let _ = late.resume(&api, world.now(), Event::Start);
    let _ = late.resume(&api, world.now(), answer(401, ""));
    assert!(matches!(late.resume(&api, world.now(), answer(503, "")), Step::Wait(_)));
    world.pass(MINUTE);
    overview(&mut world, &api).unwrap();
    let Step::Send(outgoing) = late.resume(&api, world.now(), Event::Elapsed) else { panic!("no request") };
    assert_eq!(outgoing.operation.name, "GetSpaceUsageOverview");

    // Its right has ended, and nobody has taken it.
    let api = self::api(session("Bearer 0"));
    let mut late = Call::new(&op);
    let _ = late.resume(&api, world.now(), Event::Start);
    let _ = late.resume(&api, world.now(), answer(401, ""));
    world.pass(MINUTE);
    let step = late.resume(&api, world.now(), answer(200, r#"{"accessToken": "Bearer late"}"#));
    assert!(matches!(step, Step::Send(outgoing) if outgoing.request.headers()["authorization"] == "Bearer late"));

    // Another has taken it, and has no answer yet: the good one counts, whoever has it.
    let api = self::api(session("Bearer 0"));
    let (mut late, mut other) = (Call::new(&op), Call::new(&op));
    let _ = late.resume(&api, world.now(), Event::Start);
    let _ = late.resume(&api, world.now(), answer(401, ""));
    world.pass(MINUTE);
    assert!(
        matches!(other.resume(&api, world.now(), Event::Start), Step::Send(outgoing) if outgoing.operation.name == "RefreshSession")
    );
    let step = late.resume(&api, world.now(), answer(200, r#"{"accessToken": "Bearer late"}"#));
    assert!(matches!(step, Step::Send(outgoing) if outgoing.request.headers()["authorization"] == "Bearer late"));

    // Others were pushed meanwhile: its answer is too old, good or bad.
    for old in [answer(200, r#"{"accessToken": "Bearer old"}"#), answer(400, "")] {
        let api = self::api(session("Bearer 0"));
        let mut late = Call::new(&op);
        let _ = late.resume(&api, world.now(), Event::Start);
        let _ = late.resume(&api, world.now(), answer(401, ""));
        api.set_credentials(session("Bearer pushed")).unwrap();
        let step = late.resume(&api, world.now(), old);
        assert!(matches!(step, Step::Send(outgoing) if outgoing.request.headers()["authorization"] == "Bearer pushed"));
        assert_eq!(api.credentials().unwrap().access_token().unwrap().as_str(), "Bearer pushed");
    }

    // A push ends the turn of a leader that is kept: who needs a token next leads at once.
    let (service, api) = (Service::default(), self::api(session("Bearer x")));
    let mut kept = Call::new(&op);
    let _ = kept.resume(&api, world.now(), Event::Start);
    let _ = kept.resume(&api, world.now(), answer(401, ""));
    api.set_credentials(session("Bearer y")).unwrap();
    let mut world = service.world();
    overview(&mut world, &api).unwrap();
    assert!(world.now().elapsed < MINUTE / 60);
}

/// Followers look again after 20 ms, or when their time is over; and one whose leader is dropped takes over, though the
/// leader before that failed.
#[test]
fn followers() {
    let api = api(session("Bearer 0"));
    let (op, world) = (GetSpaceUsageOverview::new(), World::script([]));
    let now = world.now();
    let is_refresh =
        |step: Step<_>| matches!(step, Step::Send(outgoing) if outgoing.operation.name == "RefreshSession");
    let mut first = Call::new(&op);
    let _ = first.resume(&api, now, Event::Start);
    assert!(is_refresh(first.resume(&api, now, answer(401, "")).map(drop)));
    assert!(matches!(first.resume(&api, now, answer(400, "")), Step::Done(Err(_))));

    let (mut second, mut follower) = (Call::new(&op), Call::new(&op));
    assert!(is_refresh(second.resume(&api, now, Event::Start).map(drop)));
    let twenty = Duration::from_millis(20);
    assert!(matches!(follower.resume(&api, now, Event::Start), Step::Wait(time) if time == twenty));
    let mut short = Call::new(&op).deadline(twenty / 4);
    assert!(matches!(short.resume(&api, now, Event::Start), Step::Wait(time) if time == twenty / 4));
    drop(second);
    assert!(is_refresh(follower.resume(&api, now, Event::Elapsed).map(drop)));
}

/// What became of an old token says nothing of the one that was pushed: it is renewed early.
#[test]
fn a_push_begins_anew() {
    let op = GetSpaceUsageOverview::new();
    let pushed = || {
        let token = AccessToken::as_issued("Bearer pushed").valid_for(MINUTE * 30);
        Credentials::token(token, "7").refresh(Refresh::session("the session"))
    };
    for pushed_before_the_failure in [false, true] {
        let api = api(session("Bearer 0"));
        let mut world = World::new(|visit| match visit.operation.name {
            "RefreshSession" => Reply::ok(r#"{"accessToken": "Bearer renewed"}"#),
            _ => Reply::ok(r#"{"data": {}}"#),
        });
        let mut first = Call::new(&op);
        let _ = first.resume(&api, world.now(), Event::Start);
        let _ = first.resume(&api, world.now(), answer(401, ""));
        if pushed_before_the_failure {
            api.set_credentials(pushed()).unwrap();
        }
        let _ = first.resume(&api, world.now(), answer(400, ""));
        if !pushed_before_the_failure {
            api.set_credentials(pushed()).unwrap();
        }
        overview(&mut world, &api).unwrap();
        world.pass(MINUTE * 29 + MINUTE / 2);
        overview(&mut world, &api).unwrap();
        assert_eq!(names(&world), ["GetSpaceUsageOverview", "RefreshSession", "GetSpaceUsageOverview"]);
    }
}

/// A leader that is driven wrongly spoils only its own call.
#[test]
fn a_leader_that_is_driven_wrongly() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    service.expire();
    let (op, mut world) = (GetSpaceUsageOverview::new(), service.world());
    let mut wrong = Call::new(&op);
    let _ = wrong.resume(&api, world.now(), Event::Start);
    let _ = wrong.resume(&api, world.now(), answer(401, ""));
    let Step::Done(Err(error)) = wrong.resume(&api, world.now(), Event::Elapsed) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
    overview(&mut world, &api).unwrap();
    assert_eq!(service.refreshes(), 1);
    // Also where its token still works: a wrong event is an error, and nothing to go on after.
    world.pass(MINUTE * 20);
    let mut wrong = Call::new(&op);
    let step = wrong.resume(&api, world.now(), Event::Start);
    assert!(matches!(step, Step::Send(outgoing) if outgoing.operation.name == "RefreshSession"));
    let Step::Done(Err(error)) = wrong.resume(&api, world.now(), Event::Elapsed) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
}

/// A token that lives no time at all is used once, and makes no circle.
#[test]
fn a_token_without_a_life() {
    let token = AccessToken::as_issued("Bearer 0").valid_for(Duration::ZERO);
    let api = api(Credentials::token(token, "7").refresh(Refresh::token("first")));
    let mut world = World::new(|visit| match visit.operation.name {
        "RefreshToken" => {
            Reply::ok(r#"{"code": 0, "data": {"accessToken": "AT 1", "expiresIn": 0, "refreshToken": "r"}}"#)
        }
        _ => Reply::ok(r#"{"data": {}}"#),
    });
    for _ in 0..3 {
        overview(&mut world, &api).unwrap();
    }
    assert_eq!(world.visits().len(), 5);
}

/// The carrier edition: the refresh token changes each time, and the answer says how long the token lives.
#[test]
fn refresh_tokens() {
    let credentials = Credentials::token(AccessToken::as_issued("AT 0"), "7").refresh(Refresh::token("r0"));
    let (api, mut number) = (api(credentials), 0);
    let mut world = World::new(move |visit| match visit.operation.name {
        "RefreshToken" => {
            let koodrive_proto::flow::Body::Bytes(body) = visit.request.body() else { panic!("no body") };
            assert_eq!(*body, format!(r#"{{"refreshToken":"r{number}"}}"#));
            assert_eq!(token(visit), format!("AT {number}"));
            number += 1;
            Reply::ok(format!(
                r#"{{"data": {{"sessionInfo": {{"accessToken": "AT {number}", "expiresIn": 1800, "refreshToken": "r{number}"}}}}}}"#
            ))
        }
        _ if token(visit) == "AT 0" => Reply::status(401, ""),
        _ => Reply::ok(r#"{"data": {}}"#),
    });
    overview(&mut world, &api).unwrap();
    assert_eq!(api.credentials().unwrap().refresh_secret().unwrap().as_str(), "r1");
    world.pass(MINUTE * 28);
    overview(&mut world, &api).unwrap();
    world.pass(MINUTE);
    overview(&mut world, &api).unwrap();
    let expected = [1, 2, 3, 0, 0].map(|which| {
        ["GetSpaceUsageOverview", "GetSpaceUsageOverview", "RefreshToken", "GetSpaceUsageOverview"][which]
    });
    assert_eq!(names(&world)[..5], [expected[0], expected[1], expected[2], expected[3], "RefreshToken"]);
    assert_eq!(api.credentials().unwrap().access_token().unwrap().as_str(), "AT 2");
}

/// A refresh token may be used up: a refresh that was cut off is not repeated, and says so.
#[test]
fn a_refresh_token_is_not_used_twice() {
    let credentials = Credentials::token(AccessToken::as_issued("AT 0"), "7").refresh(Refresh::token("r0"));
    let api = api(credentials);
    let mut world = World::new(|visit| match visit.operation.name {
        "RefreshToken" => Reply::failed(Reached::Maybe, Cause::Network),
        _ => Reply::status(401, ""),
    });
    let error = overview(&mut world, &api).unwrap_err();
    assert_eq!((error.kind(), world.visits().len()), (ErrorKind::Credentials, 2));
    // Cancelled in the middle of it.
    let op = GetSpaceUsageOverview::new();
    let mut call = Call::new(&op);
    assert!(matches!(call.resume(&api, world.now(), Event::Start), Step::Send(_)));
    let Step::Done(Err(error)) = call.resume(&api, world.now(), Event::Start) else { panic!("no error") };
    assert_eq!(error.kind(), ErrorKind::Interrupted);
}

/// A request of the caller's own, to another host.
#[derive(Clone, Default)]
struct Elsewhere(Arc<Mutex<Vec<String>>>);

impl Renew for Elsewhere {
    fn request(&self, token: &AccessToken, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
        self.0.lock().unwrap().push(format!("{} {now}", token.as_str()));
        http::Request::post("https://id.example/token?x=y").body(Bytes::from_static(b"grant")).map_err(Error::build)
    }

    fn parse(&self, response: &http::Response<Bytes>, _: DateTime<Utc>) -> Result<Credentials, Error> {
        if !response.status().is_success() {
            return Err(Error::build(format!("the identity provider says {}", response.status())));
        }
        let token = String::from_utf8_lossy(response.body()).into_owned();
        Ok(Credentials::token(AccessToken::as_issued(token), "7").refresh(Refresh::by(self.clone())))
    }
}

#[test]
fn a_refresh_of_the_callers_own() {
    let elsewhere = Elsewhere::default();
    let credentials = Credentials::token(AccessToken::as_issued("old"), "7").refresh(Refresh::by(elsewhere.clone()));
    let api = api(credentials);
    let mut world = World::new(|visit| match visit.operation.name {
        // Another host's clock tells nothing of KooDrive's.
        "RenewToken" => Reply::ok("new").header("date", "Mon, 03 Nov 2025 01:00:00 GMT"),
        _ if token(visit) == "new" => Reply::ok(r#"{"data": {}}"#),
        _ => Reply::status(401, ""),
    });
    overview(&mut world, &api).unwrap();
    assert_eq!(api.clock_offset(), TimeDelta::zero());
    assert_eq!(*elsewhere.0.lock().unwrap(), ["old 2025-11-03 07:01:40.010 UTC"]);
    let request = &world.visits()[1].request;
    let headers: Vec<_> = request.headers().keys().map(http::HeaderName::as_str).collect();
    assert_eq!(headers, ["host", "content-length"], "none of ours goes to another host");
    assert_eq!(request.headers()["host"], "id.example");

    // Its refusal is the call's error, with what the caller's own parser said.
    api.set_credentials(Credentials::token(AccessToken::as_issued("old"), "7").refresh(Refresh::by(elsewhere)))
        .unwrap();
    let mut world = World::new(|_| Reply::status(401, "no"));
    let error = overview(&mut world, &api).unwrap_err();
    let expected = "GetSpaceUsageOverview: the token could not be renewed: RenewToken: the identity provider says 401 Unauthorized";
    assert_eq!((error.to_string().as_str(), error.kind()), (expected, ErrorKind::Credentials));
}

/// A request of the caller's own that is throttled is sent again, whatever the caller's parser makes of the answer; and it is
/// complete for every transport.
#[test]
fn a_refresh_of_the_callers_own_that_is_throttled() {
    struct Empty;
    impl Renew for Empty {
        fn request(&self, _: &AccessToken, now: DateTime<Utc>) -> Result<http::Request<Bytes>, Error> {
            let request = http::Request::post("http://id.example:81/").header("now", now.to_rfc3339());
            request.body(Bytes::new()).map_err(Error::build)
        }
        fn parse(&self, response: &http::Response<Bytes>, _: DateTime<Utc>) -> Result<Credentials, Error> {
            let error = || Error::build("no token");
            let token = response.status().is_success().then(|| AccessToken::as_issued("new")).ok_or_else(error)?;
            Ok(Credentials::token(token, "7"))
        }
    }
    let api = api(Credentials::token(AccessToken::as_issued("old"), "7").refresh(Refresh::by(Empty)));
    api.set_clock_offset(TimeDelta::hours(1));
    let mut refreshes = 0;
    let mut world = World::new(move |visit| {
        refreshes += u32::from(visit.operation.name == "RenewToken");
        match visit.operation.name {
            "RenewToken" if refreshes == 1 => Reply::status(429, "").without_date(),
            "RenewToken" => Reply::ok("").without_date(),
            _ if token(visit) == "new" => Reply::ok(r#"{"data": {}}"#).without_date(),
            _ => Reply::status(401, "").without_date(),
        }
    });
    overview(&mut world, &api).unwrap();
    let headers = world.visits()[1].request.headers();
    let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    assert_eq!(headers, ["now: 2025-11-03T08:01:40.010+00:00", "host: id.example:81", "content-length: 0"]);
}

/// What can't be sent is refused before anything is renewed for it.
#[test]
fn parameters_go_first() {
    let (service, api) = (Service::default(), api(session("Bearer 0")));
    let mut world = service.world();
    overview(&mut world, &api).unwrap();
    world.pass(MINUTE * 60);
    let op = UpdateSpace::new("1", SpaceType::Individual).capacity(0);
    let error = world.run(&api, &mut Call::new(&op)).unwrap_err();
    assert_eq!((error.kind(), world.visits().len()), (ErrorKind::Param, 1));
}

/// Another user on the same Api: another token, the same clock and settings.
#[test]
fn other_callers() {
    let first = api(session("Bearer 0")).retry(RetryPolicy::none());
    let second = first.with_credentials(Credentials::token(AccessToken::as_issued("Bearer 9"), "8")).unwrap();
    let mut world = World::new(|visit| {
        let user = visit.request.headers()["x-user-id"].to_str().unwrap();
        Reply::status(if user == "8" { 503 } else { 401 }, "")
    })
    .server_ahead(TimeDelta::hours(1));
    let error = overview(&mut world, &second).unwrap_err();
    assert_eq!((error.attempts(), token(&world.visits()[0]).as_str()), (1, "Bearer 9"));
    assert!((first.clock_offset() - TimeDelta::hours(1)).abs() <= TimeDelta::seconds(1));
    second.set_credentials(Credentials::anonymous()).unwrap();
    assert!(second.credentials().is_none() && first.credentials().is_some());
    assert_eq!(overview(&mut world, &second).unwrap_err().kind(), ErrorKind::Credentials);
}

#[derive(Debug, Clone)]
enum Act {
    Resume(usize, u8),
    Drop(usize),
    Pass(u64),
    Push,
}

fn any_act() -> impl Strategy<Value = Act> {
    prop_oneof![
        6 => (0..4usize, any::<u8>()).prop_map(|(flow, event)| Act::Resume(flow, event)),
        1 => (0..4usize).prop_map(Act::Drop),
        1 => (0..40_000u64).prop_map(Act::Pass),
        1 => Just(Act::Push),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Flows that are driven in any order, dropped and forgotten: no panic, and afterwards a call still works.
    #[test]
    fn nothing_gets_stuck(acts in prop::collection::vec(any_act(), 1..60)) {
        let (service, api) = (Service::default(), api(session("Bearer 0")));
        service.expire();
        let op = GetSpaceUsageOverview::new();
        let mut world = service.world();
        let mut flows: Vec<Call<'_, _>> = (0..4).map(|_| Call::new(&op)).collect();
        for act in acts {
            match act {
                Act::Resume(flow, event) => {
                    let event = match event % 6 {
                        0 => Event::Start,
                        1 => Event::Elapsed,
                        2 => Event::Response(http::Response::new(Bytes::from_static(br#"{"accessToken": "Bearer z"}"#))),
                        3 => Event::Failed(koodrive_proto::flow::Failure::new(Reached::Maybe, Cause::Timeout, "cut")),
                        _ => {
                            answer(401, "")
                        }
                    };
                    let _ = flows[flow].resume(&api, world.now(), event);
                }
                Act::Drop(flow) => flows[flow] = Call::new(&op),
                Act::Pass(millis) => world.pass(Duration::from_millis(millis)),
                Act::Push => api.set_credentials(session("Bearer 0")).unwrap(),
            }
        }
        let begun = world.now().elapsed;
        // The others are kept and driven no more.
        prop_assert!(overview(&mut world, &api).is_ok());
        prop_assert!(world.now().elapsed < begun + MINUTE);
    }
}
