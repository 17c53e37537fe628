//! Tokens that end, and who renews them: in virtual time.

mod early;
mod followers;
mod identity;
mod leaders;
mod own_renewal;
mod properties;
mod pushed;
mod refresh_tokens;
mod refusals;
mod renewal;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::flow::{Event, Now, Step};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::testing::{Reply, Visit, World};
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, Flow, Refresh, http};

const MINUTE: Duration = Duration::from_secs(60);

fn session(token: &str) -> Credentials {
    renewable(AccessToken::as_issued(token))
}

/// A token, and a session to renew it with.
fn renewable(token: AccessToken) -> Credentials {
    Credentials::token(token, "7").refresh(Refresh::session("the session"))
}

fn api(credentials: Credentials) -> Api {
    Api::new("https://h", credentials).unwrap()
}

/// The token that a request brings.
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

    /// Counts refreshes from 1 on, and has something else happen instead of some.
    fn world_where(&self, mut instead: impl FnMut(u32) -> Option<Reply> + Send + 'static) -> World {
        let (service, mut number) = (self.clone(), 0);
        World::new(move |visit| {
            if visit.target.name() != "RefreshSession" {
                return service.reply(visit);
            }
            number += 1;
            instead(number).unwrap_or_else(|| service.reply(visit))
        })
    }

    fn reply(&self, visit: &Visit) -> Reply {
        let number = self.number.load(Ordering::Relaxed);
        match visit.target.name() {
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

    /// One whose first token has ended.
    fn expired() -> Self {
        let service = Self::default();
        service.expire();
        service
    }

    /// What was the token is refused from now on.
    fn expire(&self) {
        self.number.fetch_add(1, Ordering::Relaxed);
    }

    fn refreshes(&self) -> u32 {
        self.refreshes.load(Ordering::Relaxed)
    }
}

/// The names of what was called, in order.
fn names(world: &World) -> Vec<&str> {
    world.visits().iter().map(|visit| visit.target.name()).collect()
}

fn overview(world: &mut World, api: &Api) -> Result<(), Error> {
    world.run(api, &mut Call::new(&GetSpaceUsageOverview::new())).map(drop)
}

/// Whether a flow sends a refresh.
fn is_refresh<T>(step: &Step<T>) -> bool {
    matches!(step, Step::Send(outgoing) if outgoing.target.name() == "RefreshSession")
}

/// Whether a flow sends a request with this token.
fn sends<T>(step: &Step<T>, token: &str) -> bool {
    matches!(step, Step::Send(outgoing) if outgoing.request.headers()["authorization"] == token)
}

/// Drives a call until it leads: its first request was refused, and it has sent a refresh.
fn lead<F: Flow>(mut call: F, api: &Api, now: Now) -> F {
    assert!(matches!(call.resume(api, now, Event::Start), Step::Send(_)));
    assert!(is_refresh(&call.resume(api, now, answer(401, ""))));
    call
}
