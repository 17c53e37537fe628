//! A session is one identity: a flow belongs to the user whose `Api` it began with.

use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Body, Cause, Event, Failure, Now, Outgoing, Pages, Reached, Step, Until};
use koodrive_proto::ops::jobs::{GetJob, JobDetail, ListJobs};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType, SpaceUsage};
use koodrive_proto::testing::{Reply, World};
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, ErrorKind, Flow, Refresh, Sent, http};
use proptest::prelude::*;

use super::{MINUTE, answer, lead};

fn user(name: char, token: u32) -> Credentials {
    let credentials = Credentials::token(AccessToken::as_issued(format!("Bearer {name}{token}")), name.to_string());
    credentials.refresh(Refresh::session(format!("{name}-session")))
}

/// Two users of one KooDrive, as a server for many has them.
fn two_users() -> [Api; 2] {
    let first = Api::new("https://h", user('a', 0)).unwrap();
    let second = first.with_credentials(user('b', 0)).unwrap();
    [first, second]
}

fn token_of(api: &Api) -> String {
    api.credentials().unwrap().access_token().unwrap().as_str().to_owned()
}

/// Everything in a request that belongs to one user.
fn identities(request: &http::Request<Body>) -> Vec<String> {
    ["x-user-id", "authorization", "x-session-id"]
        .iter()
        .filter_map(|name| Some(request.headers().get(*name)?.to_str().unwrap().replace("Bearer ", "")))
        .collect()
}

#[track_caller]
fn misused<T>(step: Step<Result<T, Error>>) -> Error {
    let Step::Done(Err(error)) = step else { panic!("it went on") };
    assert_eq!(error.kind(), ErrorKind::Misuse);
    assert!(error.to_string().ends_with("this flow began with another Api, and can't go on with this one"), "{error}");
    error
}

/// In every state that a flow can be in.
#[test]
fn a_flow_that_meets_another_users_api_is_misused() {
    let [a, b] = two_users();
    let (op, once) = (GetSpaceUsageOverview::new(), DeleteSpace::new("1", SpaceType::Individual));
    let now = World::script([]).now();
    let renewed = || answer(200, r#"{"accessToken": "Bearer a1"}"#);

    // Its answer is outstanding, and may have been seen.
    let mut outstanding = Call::new(&once);
    assert!(matches!(outstanding.resume(&a, now, Event::Start), Step::Send(_)));
    let error = misused(outstanding.resume(&b, now, Event::Start));
    assert_eq!((error.was_sent(), error.operation().unwrap().name), (Sent::Maybe, "DeleteSpace"));

    // It waits for another attempt, or for another flow's renewal, or renews by itself.
    let mut waiting = Call::new(&op);
    assert!(matches!(waiting.resume(&a, now, Event::Start), Step::Send(_)));
    assert!(matches!(waiting.resume(&a, now, answer(503, "")), Step::Wait(_)));
    misused(waiting.resume(&b, now, Event::Elapsed));
    let mut leader = lead(Call::new(&op), &a, now);
    let mut follower = Call::new(&op);
    assert!(matches!(follower.resume(&a, now, Event::Start), Step::Wait(_)));
    misused(follower.resume(&b, now, Event::Elapsed));
    // Even if the other user renews at the same time.
    let mut others = lead(Call::new(&op), &b, now);
    misused(leader.resume(&b, now, renewed()));
    assert_eq!((token_of(&a), token_of(&b)), ("Bearer a0".to_owned(), "Bearer b0".to_owned()));
    assert!(matches!(others.resume(&b, now, answer(200, r#"{"accessToken": "Bearer b1"}"#)), Step::Send(_)));
    assert_eq!(token_of(&b), "Bearer b1");
    // The lease that the misused flow held is free at once.
    let _ = lead(Call::new(&op), &a, now);

    // Listings and polls, between two requests as well; a listing goes on with the right one.
    let [a, b] = two_users();
    let mut world = World::new(|_| Reply::ok(r#"{"code": 0, "data": [{"taskId": "1"}, {"taskId": "2"}]}"#));
    let mut pages = Pages::new(ListJobs::new(0, 2));
    assert!(world.run(&a, &mut pages).unwrap().is_some());
    misused(pages.resume(&b, now, Event::Start));
    assert_eq!(pages.request().unwrap().offset, 2);
    assert!(matches!(pages.resume(&a, now, Event::Start), Step::Send(_)));
    let mut until = Until::new(GetJob::new("7"), MINUTE, JobDetail::is_over);
    assert!(matches!(until.resume(&a, now, Event::Start), Step::Send(_)));
    assert!(matches!(until.resume(&a, now, answer(200, r#"{"data": {}}"#)), Step::Wait(_)));
    let later = Now { elapsed: now.elapsed + MINUTE / 20, ..now };
    misused(until.resume(&b, later, Event::Elapsed));
}

/// Options of the `Api` don't make it another one.
#[test]
fn the_same_users_api_with_other_options_is_the_same() {
    let [a, _] = two_users();
    let (op, now) = (GetSpaceUsageOverview::new(), World::script([]).now());
    let mut call = Call::new(&op);
    assert!(matches!(call.resume(&a, now, Event::Start), Step::Send(_)));
    let a = a.random_seed(1).clock_correction(false);
    assert!(matches!(call.resume(&a, now, answer(200, r#"{"data": {}}"#)), Step::Done(Ok(_))));
}

#[derive(Debug, Clone)]
enum Act {
    /// Drives a flow: its own user's `Api` unless the second is true.
    Drive(usize, bool, Happens),
    Drop(usize),
    Pass(u64),
    Push(usize, u32),
}

#[derive(Debug, Clone, Copy)]
enum Happens {
    Nothing,
    Good,
    Refused,
    Denied,
    Cut,
}

fn any_act() -> impl Strategy<Value = Act> {
    let happens = prop_oneof![
        Just(Happens::Nothing),
        Just(Happens::Good),
        Just(Happens::Refused),
        Just(Happens::Denied),
        Just(Happens::Cut)
    ];
    prop_oneof![
        12 => (0..6_usize, prop::bool::weighted(0.1), happens).prop_map(|(flow, wrong, what)| Act::Drive(flow, wrong, what)),
        1 => (0..6_usize).prop_map(Act::Drop),
        1 => (0..40_000_u64).prop_map(Act::Pass),
        1 => (0..2_usize, 100..200_u32).prop_map(|(user, number)| Act::Push(user, number)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Two users with three flows each: refused, renewed, cut, dropped, taken up again and driven by the wrong client,
    /// in any order. Nobody ever sends, sees or sets what belongs to the other.
    #[test]
    fn no_user_ever_gets_what_is_anothers(acts in prop::collection::vec(any_act(), 1..80)) {
        let (apis, op) = (two_users(), GetSpaceUsageOverview::new());
        let (names, mut world, mut renewals) = (['a', 'b'], World::script([]), 0);
        let mut flows: Vec<(Call<'_, _>, Option<Outgoing>, bool)> =
            (0..6).map(|_| (Call::new(&op), None, false)).collect();
        for act in acts {
            match act {
                Act::Drive(number, wrong, what) => {
                    let user = number % 2;
                    let (flow, asked, begun) = &mut flows[number];
                    let event = match (asked.take(), what) {
                        (None, _) if *begun => Event::Elapsed,
                        (None, _) | (Some(_), Happens::Nothing) => Event::Start,
                        (Some(outgoing), Happens::Good) => {
                            renewals += 1;
                            // Whoever is asked answers the one who asks.
                            let name = identities(&outgoing.request)[0].chars().next().unwrap();
                            let body = format!(r#"{{"accessToken": "Bearer {name}{renewals}", "data": {{}}}}"#);
                            Event::Response(http::Response::new(Bytes::from(body)))
                        }
                        (Some(_), Happens::Refused) => answer(401, ""),
                        (Some(_), Happens::Denied) => answer(400, ""),
                        (Some(_), Happens::Cut) => Event::Failed(Failure::new(Reached::Maybe, Cause::Network, "cut")),
                    };
                    let wrong = wrong && *begun;
                    let before = apis.each_ref().map(token_of);
                    let step = flow.resume(&apis[if wrong { 1 - user } else { user }], world.now(), event);
                    *begun = true;
                    if wrong {
                        prop_assert!(matches!(&step, Step::Done(Err(error)) if error.kind() == ErrorKind::Misuse));
                        prop_assert_eq!(apis.each_ref().map(token_of), before);
                    }
                    match step {
                        Step::Send(outgoing) => {
                            for identity in identities(&outgoing.request) {
                                prop_assert!(identity.starts_with(names[user]), "{}: {}", names[user], identity);
                            }
                            *asked = Some(outgoing);
                        }
                        Step::Wait(_) => {}
                        Step::Done(_) => flows[number] = (Call::new(&op), None, false),
                    }
                }
                Act::Drop(number) => flows[number] = (Call::new(&op), None, false),
                Act::Pass(millis) => world.pass(Duration::from_millis(millis)),
                Act::Push(number, token) => apis[number].set_credentials(user(names[number], token)).unwrap(),
            }
            for (api, name) in apis.iter().zip(names) {
                let own = format!("Bearer {name}");
                prop_assert!(token_of(api).starts_with(&own));
            }
        }
        // And each can still call, whatever happened.
        drop(flows);
        for (api, name) in apis.iter().zip(names) {
            let mut world = World::new(move |visit| match visit.target.name() {
                "RefreshSession" => Reply::ok(format!(r#"{{"accessToken": "Bearer {name}999"}}"#)),
                _ if identities(&visit.request).iter().all(|identity| identity.starts_with(name)) => {
                    Reply::ok(r#"{"data": {}}"#)
                }
                _ => Reply::status(400, "another user's"),
            });
            world.pass(MINUTE * 60);
            let usage: Result<SpaceUsage, Error> = world.run(api, &mut Call::new(&op));
            prop_assert!(usage.is_ok(), "{:?}", usage);
        }
    }
}
