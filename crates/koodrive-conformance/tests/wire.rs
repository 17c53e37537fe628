//! Both transports put the same bytes on the wire: what the core has signed, and nothing else.

mod common;

use common::{OWNER, Recorder, api, noon, reply};
use koodrive_conformance::{Async, At, Blocking, Transport};
use koodrive_proto::auth::{Authorization, SigningKey};
use koodrive_proto::http::Request;
use koodrive_proto::ops::spaces::{
    DeleteSpace, GetSpace, GetSpaceUsageByQuota, GetSpaceUsageByUser, GetSpaceUsageOverview, SpaceStatus, SpaceType,
    UpdateSpace,
};
use koodrive_proto::{Call, Language, Operation, TraceId};

/// All operations, with and without options, at one moment.
fn bytes<T: Transport>(recorder: &Recorder) -> Vec<String> {
    let transport = T::new(api(&recorder.endpoint()));
    send(&transport, &GetSpace::new(OWNER, SpaceType::Individual).container_id("ü/ +*~"));
    send(&transport, &UpdateSpace::new(OWNER, SpaceType::Individual).capacity(10).status(SpaceStatus::Normal));
    send(&transport, &DeleteSpace::new(OWNER, SpaceType::Individual));
    send(&transport, &GetSpaceUsageOverview::new());
    send(&transport, &GetSpaceUsageByQuota::new().limit(10));
    send(&transport, &GetSpaceUsageByUser::new());
    send(&transport, &GetSpaceUsageByUser::new().user_ids(["项目", "\"\\\n"]));
    recorder.requests()
}

fn send<T: Transport, O: Operation>(transport: &T, op: &O) {
    let call = Call::new(op).trace_id(TraceId::from_bytes([7; 29])).language(Language::ZH_CN);
    for call in [Call::new(op), call] {
        // The answer doesn't fit every operation; only what was sent counts here.
        let _ = transport.run(At(noon(), call));
    }
}

#[test]
fn both_transports_send_the_same_bytes() {
    let recorder = Recorder::replying(reply("200 OK", "", r#"{"code": 0, "data": {}}"#));
    let blocking = bytes::<Blocking>(&recorder);
    let async_ = bytes::<Async>(&recorder);
    assert_eq!(blocking.len(), 14);
    assert_eq!(blocking, async_);
    // What was signed is what is on the wire.
    for request in &blocking {
        verify(request);
    }
}

/// Takes a request from the wire apart, and checks its signature.
fn verify(request: &str) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.split("\r\n");
    let mut line = lines.next().unwrap().split(' ');
    let mut parsed = Request::builder().method(line.next().unwrap()).uri(line.next().unwrap());
    for header in lines {
        let (name, value) = header.split_once(": ").unwrap();
        parsed = parsed.header(name, value);
    }
    let (parts, ()) = parsed.body(()).unwrap().into_parts();
    let authorization = Authorization::parse(parts.headers["authorization"].to_str().unwrap()).unwrap();
    authorization.verify(&parts, body.as_bytes(), &SigningKey::new("my-secret").unwrap()).unwrap();
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
        verify(&request);
    }
}

fn sent<T: Transport>(recorder: &Recorder, op: &UpdateSpace) -> String {
    T::new(api(&recorder.endpoint())).run(At(noon(), Call::new(op))).unwrap();
    recorder.requests().remove(0)
}
