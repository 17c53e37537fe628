//! Bytes that aren't what JSON should be made of.

use koodrive_proto::ops::accounts::RefreshToken;
use koodrive_proto::ops::files::ListPersonalFiles;
use koodrive_proto::ops::jobs::CreateJob;
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpace, GetSpaceUsageByQuota};
use koodrive_proto::{ErrorKind, Operation, WithHead};

use crate::common::{answer, noted, parse, refused};

const BOM: &[u8] = b"\xef\xbb\xbf";
/// "Space" in GBK, and a character that is cut.
const ODD: [&[u8]; 2] = [b"\xbf\xd5\xbc\xe4", b"\xe7\xa9"];

#[test]
fn a_byte_order_mark_is_skipped() {
    DeleteSpace::parse(&answer(200, [BOM, br#"{"code":0,"msg":"OK"}"#].concat())).unwrap();
    let error = refused::<GetSpace>(400, &[BOM, br#"{"code":13000301,"msg":"no"}"#].concat());
    assert_eq!(error.code(), Some("13000301"));
    // One only, and only there.
    assert_eq!(refused::<GetSpace>(200, &[BOM, BOM, b"{}"].concat()).kind(), ErrorKind::Decode);
}

/// A message in another encoding hides nothing.
#[test]
fn a_message_that_is_not_utf8() {
    for message in ODD {
        for status in [200, 400] {
            for before in [&b""[..], BOM] {
                let body = [before, br#"{"msg":""#, message, br#"","code":13000301}"#].concat();
                let error = refused::<GetSpace>(status, &body);
                assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some("13000301")));
                assert!(error.is_not_found() && error.message().unwrap().contains('\u{fffd}'));
            }
        }
        DeleteSpace::parse(&answer(200, [br#"{"code":0,"msg":""#, message, br#""}"#].concat())).unwrap();
        let body = [br#"{"error_code":"APIGW.0307","error_msg":""#, message, br#""}"#].concat();
        assert!(refused::<GetSpace>(403, &body).is_unauthorized());
    }
}

/// Half a surrogate pair, as a service in UTF-16 writes it that cuts a name in an emoji.
#[test]
fn half_a_surrogate_pair() {
    let error = refused::<GetSpace>(400, br#"{"msg":"no \ud83d","code":13000301}"#);
    assert_eq!((error.code(), error.message()), (Some("13000301"), Some("no \u{fffd}")));
    parse::<DeleteSpace>(r#"{"code":0,"msg":"done \ud83d"}"#).unwrap();

    let names = [r"cut\ud83d", r"\ude00", r"\ud83d\ud83d\ude00", r"\ud83d\u0041", r"\ud83dA", r"\ud83d\n"];
    let read = ["cut\u{fffd}", "\u{fffd}", "\u{fffd}😀", "\u{fffd}A", "\u{fffd}A", "\u{fffd}\n"];
    for (name, read) in names.iter().zip(read) {
        let body =
            format!(r#"{{"files":[{{"id":"1","fileName":"ok"}},{{"id":"2","fileName":"{name}"}}],"nextCursor":"n"}}"#);
        let (page, notes) = noted::<ListPersonalFiles>(&body);
        assert_eq!(page.files[1].file_name.as_deref(), Some(read));
        assert_eq!((page.files[1].id.clone(), page.next_cursor.as_deref()), (Some("2".into()), Some("n")));
        assert_eq!(notes, ["files[1].fileName: has characters that can't be read"]);
    }
}

/// U+FFFD in place of what can't be read is noted wherever it stands in what was read, and nowhere else.
#[test]
fn what_could_not_be_read_is_noted() {
    let bytes = |body: &[u8]| {
        let answer = WithHead::<ListPersonalFiles>::parse(&answer(200, body)).unwrap();
        (serde_json::to_string(&answer.output).unwrap(), answer.notes.paths().to_vec())
    };
    let note = |path: &str| vec![format!("{path}: has characters that can't be read")];
    let (page, notes) = bytes(b"{\"msg\":\"\xff\",\"new\":\"\xff\",\"files\":[{\"id\":\"1\",\"fileName\":\"\xff\"}]}");
    assert_eq!(
        (page, notes),
        ("{\"files\":[{\"id\":\"1\",\"fileName\":\"\u{fffd}\"}]}".into(), note("files[0].fileName"))
    );
    let (_, notes) = bytes(b"{\"nextCursor\":\"\xff\",\"files\":[]}");
    assert_eq!(notes, note("nextCursor"));
    let (_, notes) = bytes(b"{\"files\":[{\"properties\":{\"\xff\":\"a\"}}]}");
    assert_eq!(notes, note("files[0].properties.*"));
    let (_, notes) = bytes(b"{\"files\":[{\"properties\":{\"a\":\"\xff\"}}]}");
    assert_eq!(notes, note("files[0].properties.*"));
    let (_, notes) = bytes(b"{\"files\":[{\"attachments\":[{\"a\":[\"\xff\"]}]}]}");
    assert_eq!(notes, note("files[0].attachments[0]"));
    // One that the service has sent as such is none of these.
    let (page, notes) = bytes("{\"files\":[{\"fileName\":\"\u{fffd}\"}]}".as_bytes());
    assert_eq!((page, notes), ("{\"files\":[{\"fileName\":\"\u{fffd}\"}]}".into(), vec![]));
    // Where all of the answer is one text.
    let (id, notes) = noted::<CreateJob>(r#"{"data": "a\udc00"}"#);
    assert_eq!((id.as_str(), notes), ("a\u{fffd}", note("data")));
    let (token, notes) = noted::<RefreshToken>(r#"{"data": {"accessToken": "\udc00"}}"#);
    assert_eq!((token.access_token.unwrap().as_str(), notes), ("\u{fffd}", note("data.accessToken")));
}

/// JSON wants control characters to be escaped; whoever doesn't is understood all the same.
#[test]
fn control_characters_in_texts() {
    let (page, notes) =
        noted::<ListPersonalFiles>("{\n\"files\": [{\"fileName\": \"a\nb\t\u{1}\\\"\\u0041\"}],\r\n\"code\": 0}");
    assert_eq!((page.files[0].file_name.as_deref(), notes), (Some("a\nb\t\u{1}\"A"), vec![]));
    let error = refused::<GetSpace>(400, b"{\"msg\": \"not\nfound\", \"code\": 13000301}");
    assert_eq!(error.to_string().split(" (").next(), Some(r"GetSpace: HTTP 400, code 13000301: not\nfound"));
}

#[test]
fn other_encodings_are_named() {
    for (body, problem) in [
        (&b"\xff\xfe{\0}\0"[..], "the answer is UTF-16, not UTF-8"),
        (b"\xfe\xff\0{\0}", "the answer is UTF-16, not UTF-8"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "the answer is compressed, although not asked for (gzip)"),
        (b"\xff{}", "the answer is not JSON, and not UTF-8 from byte 0 on"),
    ] {
        let error = refused::<GetSpace>(200, body);
        assert_eq!(error.to_string(), format!("GetSpace: {problem} (HTTP 200, {} bytes)", body.len()));
        assert_eq!(refused::<GetSpace>(502, body).to_string(), format!("GetSpace: HTTP 502; {problem}"));
    }
}

/// Whatever is too much ends in an error, in little stack and time.
#[test]
fn too_much() {
    let test = || {
        let deep = |open: &str, close: &str, times: usize| {
            format!(r#"{{"code": 0, "data": {}1{}}}"#, open.repeat(times), close.repeat(times))
        };
        for body in [
            deep("[", "]", 2_000_000),
            deep("{\"x\":", "}", 400_000),
            deep("[{\"x\":", "}]", 400_000),
            format!(r#"{{"code": 0, "data": {}"#, "[".repeat(2_000_000)),
            format!(r#"{{"code": 0, "data": {}"#, "\"".repeat(2_000_000)),
            format!(r#"{{"code": 0, "data": {}"#, "\\".repeat(2_000_000)),
            format!(r#"{{"code": 0, "data": {}}}"#, "1".repeat(2_000_000)),
            r#"{"code": 0, "data": -1e400}"#.to_owned(),
        ] {
            assert_eq!(parse::<GetSpace>(&body).unwrap_err().kind(), ErrorKind::Decode);
            assert_eq!(parse::<GetSpaceUsageByQuota>(&body).unwrap_err().kind(), ErrorKind::Decode);
        }
        // As deep as serde_json goes.
        let nested = parse::<GetSpaceUsageByQuota>(&deep("[{\"x\":", "}]", 60)).unwrap();
        assert_eq!(nested.groups.len(), 1);
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(test).unwrap().join().unwrap();
}
