//! The simulator without sockets: addresses, parameters, and how it refuses.

use koodrive_proto::bytes::Bytes;
use koodrive_proto::check::FromParams;
use koodrive_proto::chrono::{DateTime, TimeDelta, TimeZone, Utc};
use koodrive_proto::http::{Request, Response};
use koodrive_proto::ops::spaces::{GetSpaceUsageOverview, SpaceType, UpdateSpace};
use koodrive_proto::ops::{self, Visitor};
use koodrive_proto::schema::Auth;
use koodrive_proto::{AccessToken, Api, Credentials, Operation, operation};
use koodrive_sim::{Server, Simulator};
use serde_json::{Value, json};

const TOKEN: &str = "Bearer 6ebb6266";
const OWNER: &str = "1289173650183882753";

fn simulator() -> Simulator {
    Simulator::new().app("app", "secret", "7").token(TOKEN, "7")
}

fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap()
}

fn read(response: &Response<Bytes>) -> (u16, Value) {
    (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
}

fn send(simulator: &Simulator, method: &str, path: &str, body: &str) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header("authorization", TOKEN);
    read(&simulator.handle(request.body(Bytes::from(body.to_owned())).unwrap(), now()))
}

#[test]
fn addresses() {
    let simulator = simulator();
    let code = |method, path| {
        let (status, answer) = send(&simulator, method, path, "{}");
        (status, answer.get("error_code").and_then(Value::as_str).map(str::to_owned))
    };
    let unknown = (404, Some("APIGW.0101".to_owned()));
    assert_eq!(code("GET", "/koodrive/ose/v1/space/usage/overview"), (200, None));
    assert_eq!(code("GET", "/koodrive/ose/v1/space/usage/overview/"), (200, None));
    assert_eq!(code("GET", "/koodrive/ose/v1/space/usage/overview//"), unknown);
    assert_eq!(code("POST", "/koodrive/ose/v1/space/usage/overview"), unknown);
    assert_eq!(code("GET", "/koodrive/ose/v1/space/a/b"), unknown);
    assert_eq!(code("GET", "/"), unknown);
    assert_eq!(code("GET", "/koodrive/ose/v1/space/%FF?type=1"), unknown);
}

/// The requests of the manual's examples, as they stand there.
#[test]
fn documented_examples() {
    let simulator = simulator();
    let path = format!("/koodrive/ose/v1/space/{OWNER}");
    assert_eq!(send(&simulator, "PUT", &path, r#"{"status": 1, "type": 1}"#).0, 200);
    assert_eq!(send(&simulator, "PUT", &path, r#"{"status": 1, "type": 0}"#).0, 200);
    assert_eq!(send(&simulator, "GET", "/koodrive/ose/v1/space/usage/quota", "").0, 200);
    let users = r#"{"limit": 10, "offset": 0, "userIds": ["232323", "34343434"]}"#;
    assert_eq!(send(&simulator, "POST", "/koodrive/ose/v1/space/usage/user", users).1["total"], 2);
    assert_eq!(send(&simulator, "DELETE", &format!("{path}?type=0"), "").0, 200);
    assert_eq!(send(&simulator, "DELETE", &format!("{path}?type=0"), "").1["code"], 13_000_301);
}

#[test]
fn parameters() {
    let simulator = simulator();
    let path = format!("/koodrive/ose/v1/space/{OWNER}");
    for body in [
        "",
        "{",
        "[]",
        "null",
        r#""text""#,
        r#"{"type": 2}"#,
        r#"{"type": 1, "capacity": "0"}"#,
        r#"{"type": 1, "capacity": 104857601}"#,
        r#"{"type": 1, "capacity": "1.5"}"#,
        r#"{"type": 1, "capacity": {}}"#,
        r#"{"type": 1, "status": "2"}"#,
        r#"{"capacity": "1"}"#,
    ] {
        let (status, answer) = send(&simulator, "PUT", &path, body);
        assert_eq!((status, &answer["code"]), (400, &json!(13_000_102)), "{body}");
    }
    // Nothing of that was executed.
    let (_, answer) = send(&simulator, "GET", &format!("{path}?type=1"), "");
    assert_eq!((&answer["data"]["capacity"], &answer["data"]["status"]), (&json!("1"), &json!("0")));
    assert!(
        simulator.ledger().iter().filter(|entry| entry.operation == Some("UpdateSpace")).all(|e| e.refused.is_some())
    );

    for (kind, accepted) in [
        ("text/plain", false),
        ("application/jsonx", false),
        ("application/json", true),
        ("Application/JSON ; charset=utf-8", true),
    ] {
        let request = Request::put(&path).header("authorization", TOKEN).header("content-type", kind);
        let response = simulator.handle(request.body(Bytes::from_static(br#"{"type": 1}"#)).unwrap(), now());
        assert_eq!(answer_code(&response) == 0, accepted, "{kind}");
    }
    for query in ["?type=1&type=0", "?type=+1", "?type=01", "?type=1%00", "?type=", ""] {
        let (_, answer) = send(&simulator, "GET", &format!("{path}{query}"), "");
        assert_eq!(answer["code"], 13_000_102, "{query}");
    }
    // Also for a malformed X-Traceid, and in Chinese where that is asked for.
    let overview = || Request::get("/koodrive/ose/v1/space/usage/overview").header("authorization", TOKEN);
    let response = simulator.handle(overview().header("x-traceid", "short").body(Bytes::new()).unwrap(), now());
    assert_eq!(answer_code(&response), 13_000_102);
    for (date, accepted) in [("garbage", false), ("20200101T000000Z", true)] {
        let response = simulator.handle(overview().header("x-date", date).body(Bytes::new()).unwrap(), now());
        assert_eq!(answer_code(&response) == 0, accepted, "{date}, with a token");
    }
    let response = simulator.handle(overview().header("language", "zh-CN").body(Bytes::new()).unwrap(), now());
    assert_eq!(read(&response).1["msg"], "成功");
}

fn answer_code(response: &Response<Bytes>) -> i64 {
    read(response).1["code"].as_i64().unwrap()
}

/// The window by its own clock, to the second, and that clock in the Date header.
#[test]
fn the_clock() {
    let api = Api::new("http://h", Credentials::app("app", "secret", "7")).unwrap().date_back(TimeDelta::zero());
    for offset in [0, 3600, -3600] {
        let simulator = simulator().clock_offset(TimeDelta::seconds(offset));
        for (age, status) in [(0, 200), (900, 200), (901, 401), (-1, 401)] {
            let sent = now() + TimeDelta::seconds(offset - age);
            let request = api.request(&GetSpaceUsageOverview::new(), sent).unwrap();
            let response = simulator.handle(request, now());
            assert_eq!(response.status(), status, "{age} s old, the clock {offset} s ahead");
            let date = (now() + TimeDelta::seconds(offset)).to_rfc2822().replace("+0000", "GMT");
            // RFC 2822 writes days without a leading zero.
            assert_eq!(response.headers()["date"], date.replace(", 3 ", ", 03 "));
            if status == 401 {
                let text = read(&response).1["error_msg"].to_string();
                assert!(text.contains("signature time:") && text.contains(",server time:"), "{text}");
            }
        }
    }
}

/// It moves for all clones, and no step is too large for it.
#[test]
fn the_clock_moves_on() {
    let simulator = simulator().clock_offset(TimeDelta::seconds(-60));
    let clone = simulator.clone();
    let date = || clone.handle(Request::get("/").body(Bytes::new()).unwrap(), now()).headers()["date"].clone();
    assert_eq!(date(), "Mon, 03 Nov 2025 07:00:40 GMT");
    for (step, expected) in [(3660, "Mon, 03 Nov 2025 08:01:40 GMT"), (-3600, "Mon, 03 Nov 2025 07:01:40 GMT")] {
        simulator.advance(TimeDelta::seconds(step));
        assert_eq!(date(), expected);
    }
    for step in [TimeDelta::MAX, TimeDelta::MAX, TimeDelta::MIN, TimeDelta::MIN, TimeDelta::MIN] {
        simulator.advance(step);
        date();
    }
    assert_eq!(simulator.ledger().pop().unwrap().at.to_rfc3339(), "0000-01-01T00:00:00+00:00");
}

#[test]
fn what_is_missing_is_refused() {
    let simulator = simulator();
    let api = Api::new("http://h", Credentials::app("app", "secret", "7")).unwrap();
    for name in ["authorization", "x-date", "x-user-id", "host"] {
        let mut request = api.request(&GetSpaceUsageOverview::new(), now()).unwrap();
        request.headers_mut().remove(name);
        assert_eq!(simulator.handle(request, now()).status(), 401, "{name}");
    }
    // A changed body breaks the signature before anybody looks at the parameters.
    let mut request = api.request(&UpdateSpace::new(OWNER, SpaceType::Individual).capacity(1), now()).unwrap();
    *request.body_mut() = Bytes::from_static(br#"{"type":1,"capacity":"2"}"#);
    assert_eq!(simulator.handle(request, now()).status(), 401);
}

/// An owner with several spaces must say which.
#[test]
fn several_spaces_of_one_owner() {
    // An app's and a token's user have one space if they are the same.
    let simulator = Simulator::new().app("app", "secret", "7").token(TOKEN, "7");
    let get = |query: &str| send(&simulator, "GET", &format!("/koodrive/ose/v1/space/7?type=1{query}"), "");
    let (status, answer) = get("");
    assert_eq!((status, &answer["data"]["capacity"]), (200, &json!("1")));
    let container = answer["data"]["containerId"].as_str().unwrap();

    let simulator = simulator.clone().space("7", SpaceType::Individual, 5);
    let get = |query: &str| send(&simulator, "GET", &format!("/koodrive/ose/v1/space/7?type=1{query}"), "");
    assert_eq!(get("").1["code"], 13_000_102);
    assert_eq!(get(&format!("&containerId={container}")).1["data"]["capacity"], "1");
    assert_eq!(get("&containerId=1").1["code"], 13_000_301);
    // All of them, by a GET with a body.
    let list = |body: &str| send(&simulator, "GET", "/koodrive/ose/v1/space/batchGetSpace", body).1["data"].clone();
    let sizes = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|space| space["capacity"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(sizes(&list(r#"{"ownerId": "7", "type": "1"}"#)), ["1", "5"]);
    let one = list(&format!(r#"{{"ownerId": "7", "type": "1", "containerId": "{container}"}}"#));
    assert_eq!((sizes(&one), &one[0]["containerId"]), (vec!["1".to_owned()], &json!(container)));
    assert_eq!(list(r#"{"ownerId": "7", "type": "2"}"#), json!([]));
    assert_eq!(send(&simulator, "PUT", "/koodrive/ose/v1/space/7", r#"{"type": 1}"#).1["code"], 13_000_102);
    assert_eq!(send(&simulator, "DELETE", "/koodrive/ose/v1/space/7?type=1", "").1["code"], 13_000_102);

    // Ids stay unique when one of several is gone.
    let delete = format!("/koodrive/ose/v1/space/7?type=1&containerId={container}");
    assert_eq!(send(&simulator, "DELETE", &delete, "").0, 200);
    let simulator = simulator.clone().space("8", SpaceType::Group, 5).space("9", SpaceType::Individual, 5);
    let ids = ["7?type=1", "8?type=2", "9?type=1"].map(|space| {
        send(&simulator, "GET", &format!("/koodrive/ose/v1/space/{space}"), "").1["data"]["containerId"].to_string()
    });
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
}

/// Every operation of the core is executed or refused for a reason of its own, with something that the core reads.
struct Answers(Vec<&'static str>);

impl Visitor for Answers {
    fn operation<O: Operation + FromParams>(&mut self) {
        let mut params = operation::example::<O>();
        if O::META.module == "spaces" {
            params.entry("ownerId").and_modify(|owner| *owner = json!(OWNER));
            params.entry("type").and_modify(|kind| *kind = json!(1));
        }
        let op = O::from_params(&params).unwrap();
        let credentials = match O::META.auth {
            Auth::Token | Auth::TokenAlone => Credentials::token(AccessToken::as_issued(TOKEN), "7"),
            _ => Credentials::app("app", "secret", "7"),
        };
        let api = Api::new("http://h", credentials).unwrap().agent_name("standard").unwrap();
        let simulator = simulator();
        let response = simulator.handle(api.request(&op, now()).unwrap(), now());
        let entry = simulator.ledger().pop().unwrap();
        assert_eq!(entry.operation, Some(O::META.name));
        match O::parse(&response) {
            Ok(_) => assert_eq!(entry.refused, None),
            // What the example is about isn't there.
            Err(error) => {
                let is_own = error.code().is_some_and(|code| code.starts_with("13000"));
                assert!(is_own && entry.status == 400 && entry.refused.is_some(), "{error}");
            }
        }
        // What renews tokens needs something to renew, which isn't set up here; all others have a state.
        assert_eq!(entry.documented, ["RefreshSession", "RefreshToken"].contains(&O::META.name), "{}", O::META.name);
        assert_eq!(entry.user_id.is_some(), O::META.auth != Auth::None);
        self.0.push(O::META.name);
    }
}

#[test]
fn every_operation_is_answered() {
    let mut answers = Answers(Vec::new());
    ops::visit(&mut answers);
    assert_eq!(answers.0.len(), ops::ALL.len());
}

#[test]
fn parameters_at_any_depth_and_in_any_form() {
    let simulator = simulator();
    let jobs = send(&simulator, "GET", "/koodrive/ose/v1/jobs?offset=0&limit=100", "");
    assert_eq!((jobs.0, &jobs.1["data"]), (200, &json!([])));
    assert_eq!(send(&simulator, "GET", "/koodrive/ose/v1/jobs?offset=0&limit=101", "").1["code"], 13_000_102);
    // One segment under v1: a literal one goes before a job's id.
    assert_eq!(send(&simulator, "GET", "/koodrive/ose/v1/7", "").1["code"], 13_000_309);
    let create = |part: &str| {
        let body = format!(
            r#"{{"uploadMode": "multipart", "uploadType": 1, "fileName": "a", "fileType": 15, "parentFolder": ["root"],
                "length": "1", "autoRename": 2, "containerId": "c", "multiParts": [{{"partNumber": 1, {part}}}]}}"#
        );
        send(&simulator, "POST", "/koodrive/ose/v1/files/create", &body)
    };
    assert_eq!(create(r#""partSize": 1"#).1["code"], 13_000_301);
    let refused = create(r#""partSize": 5368709121"#).1["msg"].to_string();
    assert!(refused.contains("multiParts[0].partSize: got 5368709121"), "{refused}");
    // A constant is the caller's to send.
    let folder = |kind: &str| {
        let body = format!(r#"{{{kind} "containerId": "c", "name": "n"}}"#);
        send(&simulator, "POST", "/koodrive/ose/v1/sharefolder/create", &body).1["code"].clone()
    };
    let no_space = || json!(13_000_301);
    assert_eq!((folder(r#""shareType": 0,"#), folder(r#""shareType": "0","#)), (no_space(), no_space()));
    assert_eq!((folder(r#""shareType": 1,"#), folder("")), (json!(13_000_102), json!(13_000_102)));

    // Without credentials, but with the agent's name; with and without the final slash.
    let validate = |name: Option<&str>| {
        let mut request = Request::post("/koodrive/ose/v1/verify/code/validate");
        if let Some(name) = name {
            request = request.header("X-Hw-AgentName", name);
        }
        let body = Bytes::from_static(br#"{"requestId": "a", "codeType": "1", "code": "1"}"#);
        answer_code(&simulator.handle(request.body(body).unwrap(), now()))
    };
    assert_eq!((validate(Some("standard")), validate(Some("")), validate(None)), (0, 13_000_102, 13_000_102));
    for path in ["/koodrive/ose/v1/session/", "/koodrive/ose/v1/session"] {
        let request = Request::post(path).body(Bytes::from_static(br#"{"code": "7"}"#)).unwrap();
        assert_eq!(answer_code(&simulator.handle(request, now())), 0, "{path}");
    }
    let lock = Request::patch("/koodrive/ose/v1/backup/lock").header("authorization", TOKEN);
    assert_eq!(answer_code(&simulator.handle(lock.body(Bytes::new()).unwrap(), now())), 13_000_102);
    let form = |kind: &str, body: &'static str| {
        let request = Request::post("/koodrive/ose/v1/reconciliation/data/verify").header("authorization", TOKEN);
        answer_code(&simulator.handle(request.header("content-type", kind).body(body.into()).unwrap(), now()))
    };
    let body = "--b\r\ncontent-disposition: form-data; name=\"data\"; filename=\"a.xls\"\r\n\r\nx\r\n\
                --b\r\ncontent-disposition: form-data; name=\"billingCycle\"\r\n\r\n2025-07\r\n--b--";
    assert_eq!(form("multipart/form-data; boundary=b", body), 0);
    assert_eq!(form("multipart/form-data; boundary=c", body), 13_000_102);
    assert_eq!(form("application/json", "{}"), 13_000_102);
}

/// Each request is told of once it is in the ledger.
#[test]
fn entries_are_told_of() {
    use std::sync::{Arc, Mutex};

    let inner = simulator();
    let told = Arc::new(Mutex::new(Vec::new()));
    let (ledger, list) = (inner.clone(), Arc::clone(&told));
    let simulator = inner.on_entry(move |entry| {
        assert_eq!(ledger.ledger().last(), Some(entry));
        list.lock().unwrap().push(entry.to_string());
    });
    send(&simulator, "GET", "/koodrive/ose/v1/space/usage/overview", "");
    send(&simulator.clone(), "GET", "/a\u{9b}b?secret", "");
    let unknown = "The API does not exist or has not been published in the environment.";
    assert_eq!(
        *told.lock().unwrap(),
        [
            "20251103T070140Z GET /koodrive/ose/v1/space/usage/overview GetSpaceUsageOverview 200, user 7".to_owned(),
            format!("20251103T070140Z GET /a\\u{{9b}}b - 404, refused: {unknown}"),
        ]
    );
}

/// Inside another runtime, and gone when it is dropped; what is too large is in the ledger too.
#[tokio::test]
async fn a_server_in_an_async_test() {
    use std::io::{Read, Write};

    let server = Server::start(simulator().clock_offset(TimeDelta::days(365))).unwrap();
    let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
    write!(
        stream,
        "PUT /koodrive/ose/v1/space/{OWNER} HTTP/1.1\r\nhost: h\r\ncontent-length: 17000000\r\nconnection: close\r\n\r\n"
    )
    .unwrap();
    // It stops reading at its limit.
    let _ = stream.write_all(&vec![b' '; 17_000_000]);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let entry = server.ledger().pop().unwrap();
    assert_eq!(entry.status, 413);
    assert!(entry.refused.unwrap().contains("16 MiB"));
    assert!(entry.at > Utc::now() + TimeDelta::days(300));
    let address = server.address();
    drop(server);
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn a_drive_is_put_back_to_its_beginning() {
    let simulator = simulator();
    let path = format!("/koodrive/ose/v1/space/{OWNER}");
    let capacity = || send(&simulator, "GET", &format!("{path}?type=1"), "").1["data"]["capacity"].clone();
    simulator.reset();
    assert_eq!(capacity(), "1", "a drive that nobody used is not changed by it");
    for _ in 0..2 {
        assert_eq!(send(&simulator, "PUT", &path, r#"{"type": 1, "capacity": 5}"#).0, 200);
        assert_eq!(capacity(), "5");
        simulator.reset();
        assert_eq!(capacity(), "1");
    }
    assert_eq!(simulator.ledger().len(), 7);
    simulator.clear_ledger();
    assert_eq!((simulator.ledger().len(), capacity()), (0, "1".into()));
}
