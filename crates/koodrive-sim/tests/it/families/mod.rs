//! What the service does, family by family, without sockets: calls of the client's own types against one state.

mod access;
mod accounts;
mod albums;
mod archives;
mod audit_log;
mod backup;
mod benefits;
mod departments;
mod favorites;
mod files;
mod groups;
mod invitations;
mod jobs;
mod messages;
mod moderation;
mod permissions;
mod portal;
mod previews;
mod reconciliation;
mod revisions;
mod service;
mod sessions;
mod share_links;
mod shared_folders;
mod shares;
mod shelf;
mod spaces;
mod tasks;
mod users;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{DateTime, TimeDelta, TimeZone, Utc};
use koodrive_proto::http::{Request, Response};
use koodrive_proto::ops::departments::{CreateDepartment, ListDepartments};
use koodrive_proto::schema::Auth;
use koodrive_proto::{AccessToken, Api, Credentials, Error, Operation};
use koodrive_sim::{Simulator, facts};
use serde_json::Value as Json;

/// A user who may use the drive from the beginning.
pub(crate) const ADMIN: &str = "7";

/// A drive with a clock of its own.
pub(crate) struct Drive {
    pub(crate) simulator: Simulator,
    pub(crate) now: DateTime<Utc>,
}

impl Drive {
    pub(crate) fn new() -> Self {
        let now = Utc.with_ymd_and_hms(2025, 11, 20, 7, 0, 0).unwrap();
        Self { simulator: Simulator::new().token(&token(ADMIN), ADMIN).app("app", "secret", ADMIN), now }
    }

    /// Lets another user in, with a token and a space of their own.
    pub(crate) fn user(mut self, id: &str) -> Self {
        self.simulator = self.simulator.token(&token(id), id);
        self
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now += TimeDelta::seconds(seconds);
    }

    /// Calls an operation as a user, who may be nobody: an empty id.
    pub(crate) fn call<O: Operation>(&self, user: &str, operation: &O) -> Result<O::Output, Error> {
        O::parse(&self.answer(user, operation).map(|json| json.to_string()))
    }

    /// Calls an operation as a user, with a token that a call issued, and returns the code if it is refused.
    pub(crate) fn with<O: Operation>(&self, token: &str, user: &str, operation: &O) -> Result<O::Output, String> {
        let answer = self.send(Credentials::token(AccessToken::as_issued(token), user), operation);
        let answer = O::parse(&answer.map(|json| json.to_string()));
        answer.map_err(|error| error.code().map_or_else(|| panic!("{error}"), str::to_owned))
    }

    /// Calls an operation with any credentials.
    pub(crate) fn with_credentials<O: Operation>(
        &self,
        credentials: Credentials,
        operation: &O,
    ) -> Result<O::Output, Error> {
        O::parse(&self.send(credentials, operation).map(|json| json.to_string()))
    }

    /// Calls an operation as the first user, and expects success.
    #[track_caller]
    pub(crate) fn ok<O: Operation>(&self, operation: &O) -> O::Output {
        self.call(ADMIN, operation).unwrap()
    }

    /// Calls an operation as the first user, and returns the code with which it is refused.
    #[track_caller]
    pub(crate) fn code<O: Operation>(&self, operation: &O) -> String {
        self.code_for(ADMIN, operation)
    }

    #[track_caller]
    pub(crate) fn code_for<O: Operation>(&self, user: &str, operation: &O) -> String {
        match self.call(user, operation) {
            Ok(_) => panic!("{} was not refused", O::META.name),
            Err(error) => error.code().map_or_else(|| panic!("{error}"), str::to_owned),
        }
    }

    /// Calls an operation, and returns the answer as it was sent.
    pub(crate) fn answer<O: Operation>(&self, user: &str, operation: &O) -> Response<Json> {
        let credentials = match user {
            "" => Credentials::anonymous(),
            user if O::META.auth == Auth::App => Credentials::app("app", "secret", user),
            user => Credentials::token(AccessToken::as_issued(token(user)), user),
        };
        self.send(credentials, operation)
    }

    /// Calls an operation with any credentials, and returns the answer as it was sent, which has only what is
    /// documented.
    pub(crate) fn send<O: Operation>(&self, credentials: Credentials, operation: &O) -> Response<Json> {
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

/// The id of nothing and nobody.
pub(crate) const NOBODY: &str = "404";

/// The id of the root department.
pub(crate) fn root(drive: &Drive) -> String {
    drive.ok(&ListDepartments::new()).departments.remove(0).id.unwrap().as_str().to_owned()
}

/// Creates a department, and returns its id.
pub(crate) fn department(drive: &Drive, name: &str, parent_id: &str) -> String {
    drive.ok(&CreateDepartment::new(name, parent_id)).id.unwrap().as_str().to_owned()
}
