//! What is secret is neither in explanations nor in the ledger.

use koodrive_proto::bytes::Bytes;
use koodrive_proto::http::{Method, Request};
use koodrive_proto::schema::{Auth, Place};
use koodrive_proto::{Meta, ops};
use koodrive_sim::{Entry, Simulator};

use super::{Client, DATE, PATH, SECRET, client, findings, now};

/// Whatever is sent in the wrong place is not shown again. However, a secret is not looked for, since what is missing
/// would tell it to whoever guesses.
#[test]
fn secrets_are_not_shown() {
    let right = client(PATH);
    for authorization in [
        format!("HMAC-SHA256 my-app:{SECRET}"),
        format!("HMAC-SHA256 AppId={SECRET},SignedHeaders=host;x-date;x-user-id,Signature=00"),
        format!("HMAC-SHA256 AppId=my-app,SignedHeaders=host;{SECRET};x-date;x-user-id,Signature=00"),
        format!(
            "HMAC-SHA256 AppId=my-app,SignedHeaders=host;my-secret-4711;x-date;x-user-id,Signature={}",
            "0".repeat(64)
        ),
        format!("HMAC-SHA256-{SECRET} AppId=my-app"),
        format!("Bearer HMAC-SHA256 {SECRET}"),
        format!("HMAC-SHA256 AppId=my-app,{SECRET}=1"),
    ] {
        let (status, answer, simulator) = right.send_as(&authorization);
        assert_eq!(status, 401);
        let shown = format!("{answer} {:?}", simulator.ledger()).to_ascii_lowercase();
        assert!(!shown.contains(&SECRET.to_ascii_lowercase()), "{authorization}: {shown}");
    }
    // Not even an unknown one is repeated.
    for authorization in ["HMAC-SHA256 my-app:un-known", "Bearer HMAC-SHA256 un-known", "HMAC-SHA256 AppId=un-known"] {
        let (_, answer, simulator) = right.send_as(authorization);
        assert!(!format!("{answer} {:?}", simulator.ledger()).contains("un-known"), "{answer}");
    }
}

/// Sends a request to an operation with a signature that isn't right, and returns what is entered of it.
fn entry(simulator: &Simulator, meta: &Meta, query: &str, session: &str, signature: &str) -> Entry {
    let path: Vec<&str> = meta.path.split('/').map(|part| if part.starts_with('{') { "1" } else { part }).collect();
    let request = Request::builder().method(&meta.method).uri(format!("{}?{query}", path.join("/")));
    let request = request.header("x-session-id", session).header("x-date", DATE).header("x-user-id", "7");
    let listed = "host;x-date;x-session-id;x-user-id";
    let signed = format!("HMAC-SHA256 AppId=my-app,SignedHeaders={listed},Signature={signature}");
    let request = request.header("host", "h").header("authorization", signed);
    simulator.handle(request.body(Bytes::new()).unwrap(), now());
    simulator.ledger().pop().unwrap()
}

/// No secret parameter of any call is shown, in whatever form, and nothing else is hidden.
#[test]
fn secret_parameters_are_not_shown() {
    for explain in [true, false] {
        let simulator = Simulator::new().app("my-app", SECRET, "7").explain(explain);
        let fields = ops::ALL.iter().flat_map(|meta| meta.params).filter(|field| field.kind.is_secret());
        let mut names: Vec<&str> = fields.filter(|field| field.place == Place::Query).map(|field| field.name).collect();
        names.extend(["access_token", "Authorization", "sessionId", "%70assword"]);
        let secrets = ["val%2Fue", "a%26bc", "a/b;c", "1"];
        let query: Vec<String> =
            names.iter().zip(secrets.into_iter().cycle()).map(|(name, secret)| format!("{name}={secret}")).collect();
        let query = format!("moduleCode=contacts&{}&b=2", query.join("&"));
        let mut explained = 0;
        for meta in ops::ALL.iter().filter(|meta| meta.auth != Auth::None) {
            // For the short one, no mistake is looked for.
            let signature = if explain { "00".to_owned() } else { "0".repeat(64) };
            let Some(text) = entry(&simulator, meta, &query, "ab;cd", &signature).explained else { continue };
            explained += 1;
            let shown = text.lines().find(|line| line.contains("moduleCode")).unwrap();
            let mut items: Vec<&str> = shown.trim().split('&').collect();
            items.retain(|item| !item.ends_with("=~secret~"));
            assert_eq!(items, ["b=2", "moduleCode=contacts"], "{text}");
            assert!(text.contains("x-session-id:~secret~\n") && !text.contains("ab;cd"), "{text}");
            // The hash would tell whether a guess is right.
            assert!(text.contains("HMAC-SHA256\n    (the hash of the canonical request with its secrets)"), "{text}");
        }
        assert!(explained > 20, "{explained}");
    }
    // Neither in what the client has signed, whatever its mistake was.
    let address = "/koodrive/ose/v1/space/7?kdstoken=ab%2Fxz&b=2%2F&password=a%26b";
    for change in [
        (|c: &mut Client| c.query = "b=2/&kdstoken=ab/xz&password=a&b".into()) as fn(&mut Client),
        |c| c.query = "kdstoken=ab%2Fxz&b=2%2F&password=a%26b".into(),
        |c| c.query = "b=2%2f&kdstoken=ab%2fxz&password=a%26b".into(),
        |c| c.path = c.address.to_owned(),
    ] {
        let mut client = client(address);
        client.query = "b=2%2F&kdstoken=ab%2Fxz&password=a%26b".into();
        change(&mut client);
        let (_, answer, simulator) = client.send();
        assert!(findings(&answer)[0].starts_with("The signature is the one that results if the "), "{answer}");
        assert!(answer["explain"]["signed"].is_object(), "{answer}");
        let shown = format!("{answer} {:?}", simulator.ledger());
        assert!(!shown.contains("xz") && !shown.contains("a&b") && !shown.contains("a%26b"), "{shown}");
    }
}

/// Debug, like the log, shows no code of a link.
#[test]
fn entries_hide_link_codes() {
    let simulator = Simulator::new();
    let path = "/koodrive/ose/v1/files/preview/share/short-secret";
    for path in [path.to_owned(), format!("{path}/"), path.replace("share/", "share%2F"), path.replace("share/", "")] {
        // With POST, some are the address of an operation whose parameters they aren't.
        for method in [Method::GET, Method::POST] {
            let request = Request::builder().method(method).uri(&path).body(Bytes::new()).unwrap();
            simulator.handle(request, now());
        }
    }
    assert!(simulator.ledger().iter().any(|entry| entry.operation == Some("ListGroupFiles")));
    let shown = format!("{:?}", simulator.ledger());
    assert!(shown.contains("/files/preview/share/{shortcode}") && !shown.contains("short-secret"), "{shown}");
}
