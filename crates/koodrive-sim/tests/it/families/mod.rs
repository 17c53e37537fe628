//! What the service does, family by family, without sockets: calls of the client's own types against one state.

mod archives;
mod jobs;
mod revisions;
mod share_links;
mod shares;
mod shelf;
mod spaces;
mod tasks;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeDelta, TimeZone, Utc};
use koodrive_proto::http::Request;
use koodrive_proto::{AccessToken, Api, Credentials, Error, Operation};
use koodrive_sim::{Simulator, facts};
use serde_json::Value as Json;

/// A user who may use the drive from the beginning.
pub const ADMIN: &str = "7";

/// A drive with a clock of its own.
pub struct Drive {
    pub simulator: Simulator,
    pub now: DateTime<Utc>,
}

impl Drive {
    pub fn new() -> Self {
        let now = Utc.with_ymd_and_hms(2025, 11, 20, 7, 0, 0).unwrap();
        Self { simulator: Simulator::new().token(&token(ADMIN), ADMIN), now }
    }

    /// Lets another user in, with a token and a space of their own.
    pub fn user(mut self, id: &str) -> Self {
        self.simulator = self.simulator.token(&token(id), id);
        self
    }

    /// Lets time pass.
    pub fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    /// Calls an operation as a user, who may be nobody: an empty id.
    pub fn call<O: Operation>(&self, user: &str, operation: &O) -> Result<O::Output, Error> {
        O::parse(&self.answer(user, operation).map(|json| json.to_string()))
    }

    /// Calls an operation as the first user, and expects success.
    #[track_caller]
    pub fn ok<O: Operation>(&self, operation: &O) -> O::Output {
        self.call(ADMIN, operation).unwrap()
    }

    /// Calls an operation as the first user, and returns the code with which it is refused.
    #[track_caller]
    pub fn code<O: Operation>(&self, operation: &O) -> String {
        self.code_for(ADMIN, operation)
    }

    #[track_caller]
    pub fn code_for<O: Operation>(&self, user: &str, operation: &O) -> String {
        match self.call(user, operation) {
            Ok(_) => panic!("{} was not refused", O::META.name),
            Err(error) => error.code().map(str::to_owned).unwrap_or_else(|| panic!("{error}")),
        }
    }

    /// Calls an operation, and returns the answer as it was sent, which has only what is documented.
    pub fn answer<O: Operation>(&self, user: &str, operation: &O) -> koodrive_proto::http::Response<Json> {
        let credentials = match user {
            "" => Credentials::anonymous(),
            user => Credentials::token(AccessToken::as_issued(token(user)), user),
        };
        let api = Api::new("http://127.0.0.1", credentials).unwrap().agent_name("standard").unwrap();
        let request: Request<Bytes> = api.request(operation, self.now).unwrap();
        let response = self.simulator.handle(request, self.now).map(|body| serde_json::from_slice(&body).unwrap());
        let (name, answer): (_, &Json) = (O::META.name, response.body());
        assert!(response.status().as_u16() < 500, "{name}: {answer}");
        if response.status().is_success() {
            assert_eq!(facts::shape(name).unwrap().misfits(answer), [""; 0], "{name}: {answer}");
        }
        response
    }
}

fn token(user: &str) -> String {
    format!("Bearer token-of-{user}")
}
