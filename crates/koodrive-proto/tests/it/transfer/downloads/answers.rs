//! Answers that fit and answers that do not, and links.

use koodrive_proto::flow::Download;
use koodrive_proto::http::{self, HeaderName, HeaderValue};
use koodrive_proto::transfer::Digest;
use koodrive_proto::{Api, Credentials, Error, ErrorKind, Secret};

use crate::transfer::harness::{ENDPOINT, Ran, api, run_well};

use super::drive::{Drive, SPACE, answer, content, download};

/// Links from elsewhere have nobody to renew them.
#[test]
fn links_from_elsewhere() {
    let bytes = content(2500, 3);
    let link = "https://store.example/o?X-Amz-Signature=5ec2e7d1e5ec2e7d1e5ec2e7d1e";
    let mut drive = Drive::new(bytes.clone(), 1);
    let by_link = || Download::link(Secret::from(link.to_owned())).range_size(1000);
    assert!(!format!("{:?}", by_link()).contains("5ec2e7"));
    assert_eq!(run_well(&api(), &mut drive, 2, by_link()).result.unwrap().length, 2500);
    assert_eq!(drive.seen, ["object store"; 3]);
    drive.refused = 1;
    let Ran { result, stored } = run_well(&api(), &mut drive, 2, by_link());
    let error = result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link);
    assert!(error.to_string().contains("can't be renewed; get a new one: HTTP 403, code AccessDenied"), "{error}");
    // Its state has no link, and needs one.
    drive.refused = 0;
    let error = run_well(&api(), &mut drive, 2, Download::resume(stored.clone()).unwrap()).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Link);
    let resumed = Download::resume(stored).unwrap().with_link(Secret::from(link.to_owned()));
    assert_eq!(run_well(&api(), &mut drive, 2, resumed).result.unwrap().length, 2500);
}

/// Hosts that aren't allowed, addresses of this machine, links without TLS: nothing is sent there, and nothing is told.
#[test]
fn links_that_are_not_followed() {
    let refused = |api: &Api, link: &str| {
        let mut drive = Drive::new(content(10, 3), 1);
        let by_link = Download::link(Secret::from(link.to_owned()));
        let ran = run_well(api, &mut drive, 1, by_link);
        ran.result.err().map(|error| {
            assert_eq!((error.kind(), drive.seen.len()), (ErrorKind::Link, 0), "{link}: {error}");
            assert!(!error.to_string().contains("s3cret"), "{error}");
            error.to_string()
        })
    };
    let public = api();
    for host in [
        "localhost",
        "a.localhost",
        "localhost.",
        "127.0.0.1",
        "localhost.localdomain",
        "localhost6",
        "ip6-localhost",
        "[64:ff9b:1::7f00:1]",
        "[::ffff:0:7f00:1]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.0.1",
        "169.254.169.254",
        "100.64.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[fc00::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
    ] {
        let text = refused(&public, &format!("https://{host}/o?s3cret")).unwrap_or_else(|| panic!("{host}"));
        assert!(text.contains("loopback or private address") || text.contains("no absolute"), "{host}: {text}");
    }
    for link in [
        "http://store.example/o?s3cret",
        "/o?s3cret",
        "ftp://store.example/s3cret",
        "https://u:s3cret@h/",
        "s3cret",
        "https://store.example/o#s3cret",
        "https:///s3cret",
        "",
    ] {
        assert!(refused(&public, link).is_some(), "{link}");
    }
    for host in ["store.example", "8.8.8.8", "[2001:4860:4860::8888]", "172.32.0.1", "100.128.0.1"] {
        assert_eq!(refused(&public, &format!("https://{host}/o")), None, "{host}");
    }
    // A simulator on this machine may point to itself.
    let here = Api::new("http://127.0.0.1:8080", Credentials::app("a", "b", "1")).unwrap();
    assert_eq!(refused(&here, "http://localhost:9/o"), None);
    // Names of this network, unless they are named.
    for host in ["minio", "10.0.0.5", "obs.internal"] {
        assert!(refused(&public, &format!("https://{host}/o?s3cret")).is_some(), "{host}");
        let named = Api::new(ENDPOINT, Credentials::anonymous()).unwrap().object_hosts([host]).unwrap();
        assert_eq!(refused(&named, &format!("https://{host}/o?s3cret")), None, "{host}");
    }
    let chosen = Api::new(ENDPOINT, Credentials::anonymous()).unwrap();
    let chosen = chosen.object_hosts(["*.example.", "OBS.host"]).unwrap();
    for (host, is_allowed) in [
        ("store.example", true),
        ("a.b.example", true),
        ("obs.host", true),
        ("OBS.HOST:444", true),
        ("example", false),
        ("xexample", false),
        ("obs.host.evil", false),
        ("evil", false),
    ] {
        assert_eq!(refused(&chosen, &format!("https://{host}/o")).is_none(), is_allowed, "{host}");
    }
    for bad in ["", "*", "https://h", "h:1", "a b", "*.", "*.[::1]", "bücher.example"] {
        let api = Api::new(ENDPOINT, Credentials::anonymous()).unwrap();
        assert_eq!(api.object_hosts([bad]).unwrap_err().kind(), ErrorKind::Param, "{bad}");
    }
}

/// Answers that don't fit go nowhere, whatever numbers they have.
#[test]
fn odd_answers() {
    let huge = u64::MAX.to_string();
    let half = (1_u64 << 63).to_string();
    let odd = |status: u16, headers: &[(&str, &str)], body: &'static [u8]| {
        let headers: Vec<_> =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), (*value).to_owned())).collect();
        let mut drive = Drive::new(content(10, 3), 1);
        drive.odd = Some(Box::new(move |_| answer(status, &headers, body)));
        let error: Error = run_well(&api(), &mut drive, 2, download().look_up(false)).result.unwrap_err();
        assert_eq!(drive.sink.len(), 0, "{error}");
        assert!(drive.seen.len() < 20);
        error
    };
    for range in [
        "bytes 0-9/*",
        "bytes 0-9",
        "bytes 1-10/20",
        "bytes 9-0/10",
        "bytes 0-9/5",
        "bytes +0-9/10",
        "items 0-9/10",
        "bytes 0-1000/2000",
        "bytes */10",
        "",
        "bytes 0--1/10",
        &format!("bytes 0-{huge}/{huge}"),
        &format!("bytes 0-999/{huge}0"),
        &format!("bytes {half}-{half}/{huge}"),
    ] {
        let error = odd(206, &[("content-range", range)], b"0123456789");
        assert_eq!(error.kind(), ErrorKind::Content, "{range}: {error}");
    }
    let error = odd(206, &[("content-range", "bytes 0-8/9")], b"0123456789");
    assert_eq!(error.kind(), ErrorKind::Content, "another length than the range: {error}");
    let error = odd(206, &[("content-range", "bytes 0-9/10"), ("content-encoding", "gzip")], b"0123456789");
    assert_eq!(error.kind(), ErrorKind::Content, "{error}");
    for (status, kind) in
        [(204, ErrorKind::Content), (203, ErrorKind::Content), (302, ErrorKind::Api), (404, ErrorKind::Api)]
    {
        let error = odd(status, &[("location", "https://evil.example/s3cret")], b"");
        assert_eq!(error.kind(), kind, "{error}");
        assert!(!format!("{error:#?}").contains("s3cret"));
    }
    // The length of the whole is so large that there is no end of it: the ranges come as they are asked for.
    let mut drive = Drive::new(content(10, 3), 1);
    drive.odd = Some(Box::new(|request| {
        let range = request.headers()["range"].to_str().unwrap().strip_prefix("bytes=").unwrap().to_owned();
        let (first, last) = range.split_once('-').unwrap();
        if first != "0" {
            return answer(404, &[], b"<Error><Code>NoSuchKey</Code></Error>");
        }
        let range = format!("bytes {first}-{last}/{}", u64::MAX);
        answer(206, &[(http::header::CONTENT_RANGE, range)], &[7; 1000])
    }));
    let error = run_well(&api(), &mut drive, 4, download().look_up(false)).result.unwrap_err();
    assert_eq!((error.code(), drive.sink.len()), (Some("NoSuchKey"), 1000));
}

/// A server may send less than it is asked for: what is missing is asked for again. But not so little that it has no
/// end.
#[test]
fn short_answers() {
    let bytes = content(500_000, 3);
    for (most, is_fine) in [(70_000, true), (65_536, true), (1_000, false)] {
        for slots in [1, 3] {
            let whole = bytes.clone();
            let mut drive = Drive::new(bytes.clone(), 1);
            drive.odd = Some(Box::new(move |request| {
                let range = request.headers()["range"].to_str().unwrap().strip_prefix("bytes=").unwrap().to_owned();
                let (first, last) = range.split_once('-').unwrap();
                let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
                let last = last.min(whole.len() - 1).min(first + most - 1);
                let range = (http::header::CONTENT_RANGE, format!("bytes {first}-{last}/{}", whole.len()));
                answer(206, &[range, (http::header::ETAG, "\"1\"".to_owned())], &whole[first..=last])
            }));
            let download = Download::new(SPACE, "F1").range_size(200_000);
            match run_well(&api(), &mut drive, slots, download).result {
                Ok(downloaded) => {
                    assert!(is_fine && drive.sink == bytes, "{most}");
                    assert_eq!(downloaded.sha256, Some(Digest::of(&bytes)));
                }
                Err(error) => assert!(!is_fine && error.kind() == ErrorKind::Content, "{most}: {error}"),
            }
        }
    }
    // What breaks off goes on where it was, and as long as that makes progress, no attempt counts.
    let mut drive = Drive::new(bytes.clone(), 5);
    drive.cut = 1;
    let ran = run_well(&api(), &mut drive, 1, Download::new(SPACE, "F1").range_size(400_000));
    assert!(drive.written < 700_000 && ran.result.is_ok() == (drive.sink == bytes), "{}", drive.written);
}

/// Codings that change no byte are none.
#[test]
fn content_encodings() {
    let codings =
        [("identity", true), ("Identity", true), ("", true), ("aws-chunked", true), ("identity, gzip", false)];
    for (coding, is_fine) in codings {
        let mut drive = Drive::new(content(10, 3), 1);
        drive.odd = Some(Box::new(move |_| {
            let range = (http::header::CONTENT_RANGE, "bytes 0-9/10".to_owned());
            answer(206, &[range, (http::header::CONTENT_ENCODING, coding.to_owned())], b"0123456789")
        }));
        match run_well(&api(), &mut drive, 1, download()).result {
            Ok(_) => assert!(is_fine, "{coding}"),
            Err(error) => assert!(!is_fine && error.to_string().contains("Content-Encoding"), "{coding}: {error}"),
        }
    }
}

/// An ETag may have any bytes.
#[test]
fn etags_of_any_bytes() {
    let mut drive = Drive::new(content(2500, 3), 1);
    drive.odd = Some(Box::new(move |request| {
        let range = request.headers()["range"].to_str().unwrap().strip_prefix("bytes=").unwrap().to_owned();
        let (first, last) = range.split_once('-').unwrap();
        let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse::<usize>().unwrap().min(2499));
        assert_eq!(request.headers().contains_key("if-match"), first > 0);
        let range = (http::header::CONTENT_RANGE, format!("bytes {first}-{last}/2500"));
        let mut response = answer(206, &[range], &vec![7; last - first + 1]);
        let tag: &[u8] = if first > 0 { b"\"\xe9t\xe9 2\"" } else { b"\"\xe9t\xe9 1\"" };
        response.headers_mut().insert("etag", HeaderValue::from_bytes(tag).unwrap());
        response
    }));
    let error = run_well(&api(), &mut drive, 1, download()).result.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Content, "another content is taken for the same: {error}");
}

/// A refusal that quotes the link isn't quoted.
#[test]
fn what_a_refusal_tells() {
    let mut drive = Drive::new(content(10, 3), 1);
    drive.odd = Some(Box::new(|request| {
        let query = request.uri().query().unwrap();
        let text = format!("<Error><Code>Bad</Code><Message>no {query} &lt;here&gt;</Message></Error>");
        answer(400, &[(HeaderName::from_static("x-echo"), query.to_owned())], text.as_bytes())
    }));
    let error = run_well(&api(), &mut drive, 1, download()).result.unwrap_err();
    assert_eq!((error.code(), error.message()), (Some("Bad"), None));
    assert!(error.body().is_empty() && !error.headers().is_some_and(|headers| headers.contains_key("x-echo")));
    // Nor decoded, in capitals, or inside a word.
    for echo in [
        "%2535ec2e7d1e5ec2e7d1e5ec2e7d1e",
        "5EC2E7D1E5EC2E7D1E5EC2E7D1E",
        "%35ec2e7d1e5ec2e7d1e5ec2e7d1e",
        "x5ec2e7d1e5ec2e7d1e5ec2e7d1ey",
    ] {
        drive.odd = Some(Box::new(move |_| {
            answer(403, &[], format!("<Error><Code>Bad</Code><Message>{echo}</Message></Error>").as_bytes())
        }));
        assert_eq!(run_well(&api(), &mut drive, 1, download()).result.unwrap_err().message(), None, "{echo}");
    }
    drive.odd =
        Some(Box::new(|_| answer(400, &[], b"<Error><Code>Bad</Code><Message>no &lt;here&gt;</Message></Error>")));
    let error = run_well(&api(), &mut drive, 1, download()).result.unwrap_err();
    assert_eq!(error.message(), Some("no <here>"));
}
