//! Both transports put the same bytes on the wire: what the core has signed, and nothing else.

use std::marker::PhantomData;

use koodrive_conformance::{Async, At, Blocking, Transport};
use koodrive_proto::auth::{Authorization, Renew, SCHEME, SigningKey};
use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::FromParams;
use koodrive_proto::chrono::{DateTime, Utc};
use koodrive_proto::http::{Request, Response};
use koodrive_proto::ops::files::{SearchFiles, SearchPageInfo, SearchType};
use koodrive_proto::ops::spaces::{GetSpace, GetSpaceUsageByUser, SpaceStatus, SpaceType, UpdateSpace};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::schema::Auth;
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, Language, Operation, Refresh, TraceId, operation};

use crate::common::{OWNER, Recorder, api, api_for, noon, reply};

/// All operations, and some with difficult values, with and without options, at one moment.
fn bytes<T: Transport>(recorder: &Recorder) -> Vec<String> {
    let mut send = Send::<T>(recorder.endpoint(), PhantomData);
    ops::visit(&mut send);
    send.call(&GetSpace::new(OWNER, SpaceType::Individual).container_id("ü/ +*~"));
    send.call(&UpdateSpace::new(OWNER, SpaceType::Individual).capacity(10).status(SpaceStatus::Normal));
    send.call(&GetSpaceUsageByUser::new().user_ids(["项目", "\"\\\n"]));
    send.call(&SearchFiles::new(SearchType::Personal, SearchPageInfo::new(1, "")).share_folder_id("a b~"));
    recorder.requests()
}

struct Send<T>(String, PhantomData<T>);

impl<T: Transport> Send<T> {
    fn call<O: Operation>(&self, op: &O) {
        let call = Call::new(op).trace_id(TraceId::from_bytes([7; 29])).language(Language::ZH_CN);
        let drive = T::new(api_for(O::META, &self.0));
        for call in [Call::new(op), call] {
            // The answer doesn't fit every operation; only what was sent counts here.
            let _ = drive.run(At(noon(), call));
        }
    }
}

impl<T: Transport> Visitor for Send<T> {
    fn operation<O: Operation + FromParams>(&mut self) {
        self.call(&O::from_params(&operation::example::<O>()).unwrap());
    }
}

#[test]
fn both_transports_send_the_same_bytes() {
    let recorder = Recorder::replying(reply("200 OK", "", r#"{"code": 0, "data": {}}"#));
    let blocking = bytes::<Blocking>(&recorder);
    let async_ = bytes::<Async>(&recorder);
    assert_eq!(blocking.len(), 2 * (ops::ALL.len() + 4));
    assert_eq!(blocking, async_);
    // What was signed is what is on the wire.
    assert_eq!(blocking.iter().filter(|request| verify(request)).count(), 2 * (signed() + 4));
}

/// A renewal of the caller's own goes out as it was written, without a header of ours.
struct Elsewhere(String);

impl Renew for Elsewhere {
    fn request(&self, _: &AccessToken, _: DateTime<Utc>) -> Result<Request<Bytes>, Error> {
        Request::post(&self.0).header("x-own", "1").body(Bytes::new()).map_err(Error::build)
    }
    fn parse(&self, _: &Response<Bytes>, _: DateTime<Utc>) -> Result<Credentials, Error> {
        Ok(Credentials::token(AccessToken::as_issued("new"), "7"))
    }
}

#[test]
fn a_renewal_elsewhere() {
    fn script<T: Transport>(create: impl Fn(Api) -> T) {
        let service = Recorder::replying(reply("401 Unauthorized", "", ""));
        let elsewhere = Recorder::replying(reply("200 OK", "", ""));
        let refresh = Refresh::by(Elsewhere(format!("{}/token?x=y", elsewhere.endpoint())));
        let credentials = Credentials::token(AccessToken::as_issued("old"), "7").refresh(refresh);
        let drive = create(Api::new(service.endpoint(), credentials).unwrap());
        drive.run(Call::new(&GetSpace::new(OWNER, SpaceType::Individual))).unwrap_err();
        let host = elsewhere.endpoint().replace("http://", "");
        let expected = format!("POST /token?x=y HTTP/1.1\r\nx-own: 1\r\nhost: {host}\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(elsewhere.requests(), [expected], "{}", T::NAME);
        assert_eq!(service.requests().len(), 2);
    }
    script(Blocking::new);
    script(Async::new);
    // Whatever such an agent calls itself.
    let config = || koodrive_ureq::Client::config().user_agent("mine").build();
    script(|api| Blocking(koodrive_ureq::Client::with_agent(api, config().new_agent())));
    script(|api| Blocking(koodrive_ureq::Client::with_config(api, config())));
}

fn signed() -> usize {
    ops::ALL.iter().filter(|meta| matches!(meta.auth, Auth::AppOrToken | Auth::App)).count()
}

/// The unusual ones: a DELETE and a GET with a body, a PATCH without one, a form, a path that ends with a slash, no
/// credentials.
#[test]
fn unusual_requests() {
    let recorder = Recorder::replying(reply("200 OK", "", r#"{"code": 0, "data": {}}"#));
    for requests in [bytes::<Blocking>(&recorder), bytes::<Async>(&recorder)] {
        let find = |line: &str| {
            let line = format!("{line} HTTP/1.1\r\n");
            requests.iter().find(|request| request.starts_with(&line)).unwrap_or_else(|| panic!("{line}"))
        };
        let delete = find("DELETE /koodrive/ose/v1/message/batchDelete");
        assert!(delete.contains("\r\ncontent-length: 13\r\n") && delete.ends_with("\r\n\r\n{\"ids\":[\"1\"]}"));
        let list = find("GET /koodrive/ose/v1/space/batchGetSpace");
        assert!(
            list.contains("\r\ncontent-length: 26\r\n") && list.ends_with("\r\n\r\n{\"ownerId\":\"1\",\"type\":\"0\"}")
        );
        let renew = find("PATCH /koodrive/ose/v1/backup/lock");
        assert!(renew.contains("\r\ncontent-length: 0\r\n") && renew.contains("\r\nx-backup-lock-id: 1\r\n"));
        let form = find("POST /koodrive/ose/v1/reconciliation/data/verify");
        assert!(form.contains("\r\ncontent-type: multipart/form-data; boundary=koodrive-"));
        let session = find("POST /koodrive/ose/v1/session/");
        assert!(!session.contains("authorization") && !session.contains("x-user-id") && !session.contains("x-date"));
        assert!(find("POST /koodrive/ose/v1/auth/login").contains("\r\nx-hw-agentname: standard\r\n"));
    }
}

/// Takes a request from the wire apart, and checks its signature if there is one.
fn verify(request: &str) -> bool {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let mut line = lines.next().unwrap().split(' ');
    let mut parsed = Request::builder().method(line.next().unwrap()).uri(line.next().unwrap());
    for header in lines {
        let (name, value) = header.split_once(": ").unwrap();
        parsed = parsed.header(name, value);
    }
    let (parts, ()) = parsed.body(()).unwrap().into_parts();
    let Some(authorization) = parts.headers.get("authorization") else { return false };
    let authorization = authorization.to_str().unwrap();
    if !authorization.starts_with(SCHEME) {
        // A token.
        return false;
    }
    let authorization = Authorization::parse(authorization).unwrap();
    authorization.verify(&parts, body.as_bytes(), &SigningKey::new("my-secret").unwrap()).unwrap();
    true
}

/// The very bytes of one request.
#[test]
fn these_bytes() {
    let recorder = Recorder::replying(reply("200 OK", "", r#"{"code": 0}"#));
    let op = UpdateSpace::new(OWNER, SpaceType::Individual).capacity(1).status(SpaceStatus::Normal);
    for request in [sent::<Blocking>(&recorder, &op), sent::<Async>(&recorder, &op)] {
        let host = recorder.endpoint().replace("http://", "");
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let (head, _) = head.rsplit_once("\r\nauthorization: HMAC-SHA256 AppId=my-app,SignedHeaders=").unwrap();
        let expected = format!(
            "PUT /koodrive/ose/v1/space/1289173650183882753 HTTP/1.1\r\n\
             host: {host}\r\n\
             user-agent: koodrive-rust/0.1.0\r\n\
             accept: application/json\r\n\
             content-type: application/json\r\n\
             content-length: 38\r\n\
             x-user-id: 1505084218764547200\r\n\
             x-date: 20251103T070110Z"
        );
        assert_eq!(head, expected);
        assert_eq!(body, r#"{"type":1,"capacity":"1","status":"0"}"#);
        assert!(verify(&request));
    }
}

fn sent<T: Transport>(recorder: &Recorder, op: &UpdateSpace) -> String {
    T::new(api(&recorder.endpoint())).run(At(noon(), Call::new(op))).unwrap();
    recorder.requests().remove(0)
}
