//! The object store behind the links: over sockets, and without them where time and clocks matter.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::{TimeDelta, Utc};
use koodrive_proto::http::{Method, Request, Response};
use koodrive_proto::ops::files::{
    CompleteFile, CreateFile, CreatedFile, FileArea, FileType, GetDownloadUrls, GetFile, GetUploadUrls,
    ListPersonalFiles, NewPart, OnConflict,
};
use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
use koodrive_proto::ops::spaces::{GetSpaces, SpaceType};
use koodrive_proto::transfer::{Digest, Hasher, Midstate, proof_range};
use koodrive_proto::{AccessToken, Api, Credentials, Operation};
use koodrive_sim::{Fault, Faults, Limits, Server, Simulator};

use crate::families::{ADMIN, Drive};
use crate::hostile::connect;

const MIB: u64 = 1 << 20;

/// Bytes that differ from each other and from those of another seed.
fn bytes(length: u64, seed: u8) -> Vec<u8> {
    (0..length).map(|at| at.to_le_bytes()[..3].iter().fold(seed, |byte, part| byte ^ part)).collect()
}

fn create(drive: &Drive, name: &str, length: u64) -> CreateFile {
    CreateFile::new(name, FileType::Miscellaneous, "root", length)
        .auto_rename(OnConflict::Refuse)
        .container_id(drive.space_of(ADMIN))
}

fn link(created: &CreatedFile, at: usize) -> String {
    created.multi_parts[at].upload_url.as_ref().unwrap().as_str().to_owned()
}

/// The link to a file.
fn download(drive: &Drive, id: &str) -> String {
    let links = drive.ok(&GetDownloadUrls::new(drive.space_of(ADMIN), [id]));
    links.downloads[0].url.as_ref().unwrap().as_str().to_owned()
}

fn get(drive: &Drive, link: &str) -> Response<Bytes> {
    drive.to_link(&Method::GET, link, &[], b"")
}

/// The code in an answer's XML.
#[track_caller]
fn code(response: &Response<Bytes>) -> String {
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert_eq!(response.headers()["content-type"], "application/xml", "{text}");
    text.split_once("<Code>").unwrap().1.split_once("</Code>").unwrap().0.to_owned()
}

/// Uploads a file in one part, and returns its id.
fn upload(drive: &Drive, name: &str, content: &[u8]) -> String {
    let length = content.len() as u64;
    let created = drive.ok(&create(drive, name, length).multi_parts([NewPart::new(1, length)]));
    drive.send_parts(&created.multi_parts, content);
    let id = created.file_id.unwrap();
    drive.ok(&CompleteFile::new(id.clone()));
    id.to_string()
}

#[test]
fn what_was_sent_comes_back() {
    let drive = Drive::new();
    let content = bytes(1000, 1);
    let id = upload(&drive, "a b.txt", &content);
    let link = download(&drive, &id);
    let whole = get(&drive, &link);
    assert_eq!((whole.status().as_u16(), &whole.body()[..]), (200, &content[..]));
    let header = |response: &Response<Bytes>, name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(&whole, "content-disposition"), "attachment; filename=\"a%20b.txt\"");
    assert_eq!(header(&whole, "last-modified"), "Thu, 20 Nov 2025 07:00:00 GMT");
    assert_eq!(
        (header(&whole, "accept-ranges"), header(&whole, "content-type")),
        ("bytes".into(), "binary/octet-stream".into())
    );
    let tag = header(&whole, "etag");

    let ask = |headers: &[(&str, &str)]| drive.to_link(&Method::GET, &link, headers, b"");
    let part = ask(&[("range", "bytes=10-19"), ("if-range", &tag)]);
    assert_eq!((part.status().as_u16(), header(&part, "content-range")), (206, "bytes 10-19/1000".to_owned()));
    assert_eq!((&part.body()[..], header(&part, "etag")), (&content[10..20], tag.clone()));
    let outside = ask(&[("range", "bytes=1000-")]);
    assert_eq!((outside.status().as_u16(), code(&outside)), (416, "InvalidRange".to_owned()));
    assert_eq!(header(&outside, "content-range"), "bytes */1000");
    let another = ask(&[("if-match", "\"another\"")]);
    assert_eq!((another.status().as_u16(), code(&another)), (412, "PreconditionFailed".to_owned()));
    let same = ask(&[("if-none-match", &tag)]);
    assert_eq!((same.status().as_u16(), same.body().len()), (304, 0));
    // Another content has another tag, and what nobody has sent has bytes as well.
    let other = get(&drive, &download(&drive, &upload(&drive, "b", &bytes(1000, 2))));
    assert_ne!(header(&other, "etag"), tag);
    let files = r#"{"files": [
        {"owner": "7", "path": "c", "size": 70000}, {"owner": "7", "path": "d", "text": "Grüße"}
    ]}"#;
    drive.simulator.seed(files).unwrap();
    let list = ListPersonalFiles::new(FileArea::Space, drive.space_of(ADMIN), "root");
    for file in drive.ok(&list).files {
        let seeded = get(&drive, &download(&drive, file.id.unwrap().as_str()));
        assert_eq!(i64::try_from(seeded.body().len()).ok(), file.size);
        assert!(file.file_name.as_deref() != Some("d") || &seeded.body()[..] == "Grüße".as_bytes());
    }
}

#[test]
fn only_a_link_opens_the_store() {
    let mut drive = Drive::new();
    let content = bytes(70, 1);
    let created = drive.ok(&create(&drive, "a", 70).multi_parts([NewPart::new(1, 70)]));
    let put = link(&created, 0);
    let id = upload(&drive, "b", &content);
    let got = download(&drive, &id);
    let ask = |method: &Method, link: &str, headers: &[(&str, &str)], bytes: &[u8]| {
        let answer = drive.to_link(method, link, headers, bytes);
        (answer.status().as_u16(), code(&answer))
    };
    let mismatch = (403, "SignatureDoesNotMatch".to_owned());
    let (path, query) = got.split_once('?').unwrap();
    for (refused, link) in [
        (mismatch.clone(), got.replace("X-Amz-Expires=3600", "X-Amz-Expires=3601")),
        (mismatch.clone(), format!("{got}&more=1")),
        (mismatch.clone(), format!("{path}0?{query}")),
        ((400, "AuthorizationQueryParametersError".to_owned()), got.replace("%2Fregion%2F", "%2Fother%2F")),
        ((400, "AuthorizationQueryParametersError".to_owned()), got.replace("X-Amz-Expires=3600", "X-Amz-Expires=0")),
        ((403, "AccessDenied".to_owned()), path.to_owned()),
    ] {
        assert_eq!(ask(&Method::GET, &link, &[], b""), refused, "{link}");
    }
    assert_eq!(ask(&Method::PUT, &put, &[], &content[1..]), mismatch);
    assert_eq!(ask(&Method::GET, &put, &[], b""), mismatch);
    assert_eq!(ask(&Method::DELETE, &got, &[], b""), (405, "MethodNotAllowed".to_owned()));
    let bare = Request::put(&put).header("host", "127.0.0.1").body(Bytes::new()).unwrap();
    let bare = drive.simulator.handle(bare, drive.now);
    assert_eq!((bare.status().as_u16(), code(&bare)), (411, "MissingContentLength".to_owned()));
    // What KooDrive alone may know is refused, and noted.
    for header in ["authorization", "X-User-Id", "x-date", "X-Traceid", "x-hw-share-folder-id"] {
        assert_eq!(ask(&Method::GET, &got, &[(header, "1")], b""), (400, "InvalidArgument".to_owned()), "{header}");
    }
    let noted = drive.simulator.ledger().pop().unwrap();
    assert_eq!(noted.operation, Some("GetObject"));
    assert!(noted.refused.unwrap().contains("x-hw-share-folder-id is KooDrive's own"));

    let text = |drive: &Drive| String::from_utf8_lossy(get(drive, &got).body()).into_owned();
    drive.pass(3600);
    assert_eq!(get(&drive, &got).status(), 200);
    drive.pass(1);
    assert!(text(&drive).contains("<Code>AccessDenied</Code><Message>Request has expired</Message>"));
    drive.pass(-3601 - 15 * 60);
    assert_eq!(get(&drive, &got).status(), 200);
    drive.pass(-1);
    assert!(text(&drive).contains("<Message>Request is not valid yet</Message>"));
    drive.pass(15 * 60 + 1);
    drive.simulator = drive.simulator.link_lifetime(Duration::from_secs(5));
    assert!(download(&drive, &id).contains("&X-Amz-Expires=5&"));

    // A link leads to a content as long as anything has it, and to an upload until it ends.
    let space = drive.space_of(ADMIN);
    let gone = TaskInfo::new([JobFile::new(&*id)], &*space);
    drive.ok(&CreateJob::new(JobType::Delete, gone, &*space).action_type(JobAction::Delete));
    drive.pass(2);
    drive.space_of(ADMIN);
    let missing = get(&drive, &got);
    assert_eq!((missing.status().as_u16(), code(&missing)), (404, "NoSuchKey".to_owned()));
    drive.send_parts(&created.multi_parts, &content);
    drive.ok(&CompleteFile::new(created.file_id.unwrap()));
    let ended = drive.to_link(&Method::PUT, &put, &[], &content);
    assert_eq!((ended.status().as_u16(), code(&ended)), (404, "NoSuchUpload".to_owned()));
}

#[test]
fn links_lead_to_nothing_else_after_a_reset() {
    let drive = Drive::new();
    let begin = || drive.ok(&create(&drive, "a", 70).multi_parts([NewPart::new(1, 70)]));
    let got = download(&drive, &upload(&drive, "b", &bytes(70, 1)));
    let put = link(&begin(), 0);
    drive.simulator.reset();
    upload(&drive, "b", &bytes(70, 2));
    begin();
    let late = drive.to_link(&Method::PUT, &put, &[], &bytes(70, 3));
    assert_eq!((late.status().as_u16(), code(&late)), (404, "NoSuchUpload".to_owned()));
    let late = get(&drive, &got);
    assert_eq!((late.status().as_u16(), code(&late)), (404, "NoSuchKey".to_owned()));
}

/// The states of SHA-256 before each part.
fn states(content: &[u8], sizes: &[u64]) -> Vec<Midstate> {
    let mut hasher = Hasher::new();
    let mut rest = content;
    let state = |size: &u64| {
        let state = hasher.midstate().unwrap();
        let (part, after) = rest.split_at(usize::try_from(*size).unwrap());
        hasher.feed(part);
        rest = after;
        state
    };
    sizes.iter().map(state).collect()
}

#[test]
fn no_file_without_its_bytes() {
    let drive = Drive::new();
    let content = bytes(10 * MIB + 100, 3);
    let length = content.len() as u64;
    let sizes = [5 * MIB, 5 * MIB, 100];
    let parts: Vec<NewPart> = states(&content, &sizes)
        .iter()
        .zip(sizes)
        .zip(1..)
        .map(|((state, size), number)| {
            NewPart::new(number, size).part_offset(u64::from(number - 1) * 5 * MIB).hash_ctx(state.words())
        })
        .collect();
    let created = drive.ok(&create(&drive, "a", length).multi_parts(parts.clone()));
    let id = created.file_id.clone().unwrap();
    let hash_ctx = link(&created, 1);
    let hash_ctx = hash_ctx.split_once("X-Amz-Iteration-Hash-Ctx=").unwrap().1.split('&').next().unwrap();
    assert!(hash_ctx.starts_with("eyJtZF9sZW4iOjMyLCJudW0iOjAsImgiOl"), "{hash_ctx}");
    let complete = |problem: &str| {
        let error = drive.call(ADMIN, &CompleteFile::new(id.clone())).unwrap_err();
        assert_eq!(error.code(), Some("13000402"), "{error}");
        assert!(error.to_string().contains(problem), "{error}");
    };
    let send = |at: usize, bytes: &[u8]| drive.send_parts(&created.multi_parts[at..=at], bytes);
    let (first, rest) = content.split_at(5 << 20);
    let (second, third) = rest.split_at(5 << 20);
    complete("the parts have 0 of 10485860 bytes");
    send(0, first);
    send(2, third);
    complete("part 2 is missing");
    // As if the first two had been swapped: the hash before the second isn't what was announced.
    send(0, second);
    send(1, first);
    complete("the hash before part 2 isn't its hashCtx");
    send(0, first);
    complete("the hash before part 3 isn't its hashCtx");
    // The latest bytes count.
    send(1, second);
    drive.ok(&GetUploadUrls::new(id.clone(), [NewPart::new(3, 99)]));
    complete("part 3 has 100 bytes, but 99 were announced");
    drive.ok(&GetUploadUrls::new(id.clone(), parts));
    let error = drive.call(ADMIN, &CompleteFile::new(id.clone()).sha256("ab".repeat(32))).unwrap_err();
    assert!(error.to_string().contains(&Digest::of(&content).to_string()), "{error}");
    drive.ok(&CompleteFile::new(id.clone()).sha256(Digest::of(&content).to_string()));
    let link = download(&drive, id.as_str());
    assert!(get(&drive, &link).body() == &content);
    let across = drive.to_link(&Method::GET, &link, &[("range", "bytes=5242870-10485779")], b"");
    assert!(across.body()[..] == content[5_242_870..10_485_780]);
}

#[test]
fn who_proves_to_have_a_content_need_not_send_it() {
    let drive = Drive::new();
    let content = bytes(5000, 4);
    let known = upload(&drive, "a", &content);
    let sha256 = Digest::of(&content).to_string();
    let prove = |origin: &str| {
        let range = proof_range(origin, 5000).unwrap();
        let at = |place| usize::try_from(place).unwrap();
        Digest::of(&content[at(range.start)..at(range.end)]).to_string()
    };
    let order = |name: &str, proof: String| create(&drive, name, 5000).sha256(&*sha256).proof_code(proof);
    let token = "Bearer token-of-7";
    let created = drive.ok(&order("b", prove(token)));
    assert_eq!((created.rapid_upload, created.upload_id), (Some(true), None));
    let again = get(&drive, &download(&drive, created.file_id.unwrap().as_str()));
    assert!(again.body() == &content);
    // A signature is proved by the user.
    let signed = drive.with_credentials(Credentials::app("app", "secret", ADMIN), &order("c", prove(ADMIN)));
    assert_eq!(signed.unwrap().rapid_upload, Some(true));
    // What is proved wrongly, or isn't there, has to be sent.
    for order in [
        order("d", prove(ADMIN)),
        order("e", "ab".repeat(32)),
        create(&drive, "f", 4999).sha256(&*sha256).proof_code(prove(token)),
        create(&drive, "g", 5000).sha256("ab".repeat(32)).proof_code(prove(token)),
    ] {
        assert_eq!(drive.ok(&order).rapid_upload, Some(false), "{order:?}");
    }
    assert!(get(&drive, &download(&drive, &known)).body() == &content);
}

/// The head and the body of an answer, and whether the connection came to an orderly end.
fn read(mut stream: TcpStream) -> (String, Vec<u8>, bool) {
    let mut all = Vec::new();
    let end = stream.read_to_end(&mut all);
    let at = all.windows(4).position(|part| part == b"\r\n\r\n").map_or(0, |at| at + 4);
    let body = all.split_off(at);
    (String::from_utf8(all).unwrap(), body, end.is_ok())
}

/// A server, and calls to it over sockets.
struct Remote {
    server: Server,
    api: Api,
}

impl Remote {
    fn new(simulator: Simulator) -> Self {
        let server = Server::start(simulator.token("Bearer 1", "7")).unwrap();
        let api = Api::new(server.endpoint(), Credentials::token(AccessToken::as_issued("Bearer 1"), "7")).unwrap();
        Self { server, api }
    }

    /// Calls without a socket, but as if over one.
    fn call<O: Operation>(&self, operation: &O) -> O::Output {
        let request = self.api.request(operation, Utc::now()).unwrap();
        O::parse(&self.server.simulator().handle(request, Utc::now())).unwrap()
    }

    /// Begins an upload of one part, and returns its id and its link.
    fn begin(&self, name: &str, length: usize) -> (String, String) {
        let space = self.call(&GetSpaces::new("7", SpaceType::Individual));
        let create = CreateFile::new(name, FileType::Miscellaneous, "root", length as u64);
        let create = create.auto_rename(OnConflict::Rename).container_id(space[0].container_id.clone().unwrap());
        let created = self.call(&create.multi_parts([NewPart::new(1, length as u64)]));
        (created.file_id.as_ref().unwrap().to_string(), link(&created, 0))
    }

    fn link(&self, id: &str) -> String {
        let space = self.call(&GetSpaces::new("7", SpaceType::Individual));
        let links = self.call(&GetDownloadUrls::new(space[0].container_id.clone().unwrap(), [id]));
        links.downloads[0].url.as_ref().unwrap().as_str().to_owned()
    }

    fn upload(&self, name: &str, content: &[u8]) -> String {
        let (id, link) = self.begin(name, content.len());
        assert_eq!(self.send("PUT", &link, &format!("content-length: {}\r\n", content.len()), content).0, 200);
        self.call(&CompleteFile::new(&*id));
        id
    }

    /// Sends a request on a connection of its own, as far as it goes.
    fn open(&self, method: &str, link: &str, headers: &str, body: &[u8]) -> TcpStream {
        let path = link.strip_prefix(&self.server.endpoint()).unwrap();
        let mut stream = connect(&self.server);
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}\r\n", self.server.address());
        // The server may refuse the head at once.
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
        stream
    }

    /// Sends a request, and returns the status, the head and the body of the answer.
    fn send(&self, method: &str, link: &str, headers: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
        let (head, body, _) = read(self.open(method, link, &format!("connection: close\r\n{headers}"), body));
        (head[9..12].parse().unwrap(), head, body)
    }
}

#[test]
fn over_sockets() {
    let remote = Remote::new(Simulator::new());
    // It ends as the server's own refusal of what isn't HTTP does.
    let mut content = bytes(MIB, 5);
    content.extend(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
    let (id, put) = remote.begin("a", content.len());
    let length = format!("content-length: {}\r\n", content.len());

    // What breaks off leaves nothing behind.
    let broken = remote.open("PUT", &put, &length, &content[..1000]);
    broken.shutdown(Shutdown::Write).unwrap();
    let _ = (&broken).read_to_end(&mut Vec::new());
    let part = remote.server.ledger().pop().unwrap();
    assert_eq!((part.operation, part.status.as_u16()), (Some("PutPart"), 400));
    let chunked = remote.send("PUT", &put, "transfer-encoding: chunked\r\n", b"1\r\na\r\n0\r\n\r\n");
    assert_eq!(chunked.0, 411);
    let missing = remote.api.request(&CompleteFile::new(&*id), Utc::now()).unwrap();
    let missing = CompleteFile::parse(&remote.server.simulator().handle(missing, Utc::now())).unwrap_err();
    assert_eq!(missing.code(), Some("13000402"));

    let stored = remote.send("PUT", &put, &length, &content);
    assert!(stored.0 == 200 && stored.1.contains("\netag: \""), "{}", stored.1);
    remote.call(&CompleteFile::new(&*id));
    let link = remote.link(&id);
    let whole = remote.send("GET", &link, "", b"");
    assert!(whole.2 == content, "{}", whole.1);
    let part = remote.send("GET", &link, "range: bytes=-74\r\n", b"");
    assert!((part.0, &part.2[..]) == (206, &content[content.len() - 74..]), "{}", part.1);
    let mut head = String::new();
    remote.open("HEAD", &link, "connection: close\r\n", b"").read_to_string(&mut head).unwrap();
    assert!(head.starts_with("HTTP/1.1 403"), "a link is for one method: {head}");
    assert!(head.ends_with("\r\n\r\n") && !head.contains("content-length: 0"), "{head}");
}

#[test]
fn faults_happen_there_as_well() {
    let remote = Remote::new(Simulator::new());
    let content = bytes(300_000, 6);
    let id = remote.upload("a", &content);
    let link = remote.link(&id);
    let set = |spec: &str| remote.server.simulator().set_faults(Some(spec.parse().unwrap()));
    let get = || read(remote.open("GET", &link, "connection: close\r\n", b""));
    set("throttle@GetObject=100%,retry-after=3s");
    let (head, body, _) = get();
    assert!(head.starts_with("HTTP/1.1 503") && head.contains("retry-after: 3\r\n"), "{head}");
    assert!(String::from_utf8(body).unwrap().contains("<Code>SlowDown</Code>"));
    // Others don't meet it.
    remote.link(&id);
    set("truncate=100%");
    let (head, body, _) = get();
    assert!(head.contains("content-length: 300000\r\n") && body == content[..150_000], "{head}");
    set("wrong-length=100%");
    let (head, body, _) = get();
    assert!(head.contains("content-length: 150000\r\n") && body == content, "{head}");
    // Where no body follows, it is the head that breaks off.
    let (unanswered, put) = remote.begin("c", 10);
    for spec in ["truncate=100%", "wrong-length=100%"] {
        set(spec);
        for (method, link, headers, body, status) in
            [("PUT", &put, "content-length: 10\r\n", &b"0123456789"[..], 200), ("HEAD", &link, "", b"", 403)]
        {
            let mut answer = String::new();
            let _ = remote.open(method, link, headers, body).read_to_string(&mut answer);
            assert!(answer.starts_with("HTTP/1.1 ") && !answer.contains("\r\n\r\n"), "{spec}: {answer}");
            assert_eq!(remote.server.ledger().pop().unwrap().status, status);
        }
    }
    remote.call(&CompleteFile::new(&*unanswered));
    set("reset-before=100%");
    let (head, _, is_orderly) = get();
    assert!(head.is_empty() && !is_orderly);
    let last = remote.server.ledger().pop().unwrap();
    assert_eq!((last.operation, last.fault), (Some("GetObject"), Some(Fault::ResetBefore)));

    // The answer to an upload's end is lost, but the file is there; that to a part is lost, but the part is there.
    remote.server.simulator().set_faults(Some(Faults::new(1).rate_of("CompleteFile", Fault::ResetAfter, 1.0)));
    let (other, put) = remote.begin("b", 10);
    assert_eq!(remote.send("PUT", &put, "content-length: 10\r\n", b"0123456789").0, 200);
    let mut stream = connect(&remote.server);
    let body = format!("{{\"fileId\": \"{other}\"}}");
    let head =
        "POST /koodrive/ose/v1/files/complete HTTP/1.1\r\nhost: h\r\nauthorization: Bearer 1\r\ncontent-length: ";
    stream.write_all(format!("{head}{}\r\n\r\n{body}", body.len()).as_bytes()).unwrap();
    assert!(stream.read_to_end(&mut Vec::new()).is_err());
    assert_eq!(remote.send("GET", &remote.link(&other), "", b"").2, b"0123456789");
}

#[test]
fn memory_has_an_end() {
    let remote = Remote::new(Simulator::new().limits(Limits::new().objects(1000)));
    let first = remote.upload("a", &bytes(600, 7));
    let (_, link) = remote.begin("b", 600);
    let full = remote.send("PUT", &link, "content-length: 600\r\n", &bytes(600, 8));
    let text = String::from_utf8(full.2.clone()).unwrap();
    assert!(full.0 == 507 && text.contains("InsufficientStorage") && text.contains("--data"), "{text}");
    // What is sent again needs no more room.
    remote.upload("c", &bytes(300, 7));
    assert_eq!(remote.send("GET", &remote.link(&first), "", b"").2, bytes(600, 7));
}

#[test]
fn what_is_somebody_elses_stays() {
    let directory = std::env::temp_dir().join(format!("koodrive-sim-foreign-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    let (objects, key) = (directory.join("objects"), directory.join("storage-key"));
    fs::create_dir_all(&objects).unwrap();
    fs::write(objects.join("7"), "a thesis").unwrap();
    let refused = || Simulator::open(&directory).unwrap_err().to_string();
    for _ in 0..2 {
        assert!(refused().ends_with("name another directory for it"), "{}", refused());
    }
    assert_eq!(fs::read_to_string(objects.join("7")).unwrap(), "a thesis");
    fs::remove_file(objects.join("7")).unwrap();
    drop(Simulator::open(&directory).unwrap());
    // What is put there later stays as well, unless it has the name of an object.
    for name in ["thesis.docx", "07", "thesis.new", "7", "7.new"] {
        fs::write(objects.join(name), "a thesis").unwrap();
    }
    drop(Simulator::open(&directory).unwrap());
    let mut left: Vec<_> = fs::read_dir(&objects).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["07", "thesis.docx", "thesis.new"]);
    for other in ["a thesis", "", "A/B:secret", "AK:", ":secret"] {
        fs::write(&key, other).unwrap();
        assert!(refused().contains("storage-key: this is no key"), "{other}: {}", refused());
        assert_eq!(fs::read_to_string(&key).unwrap(), other);
    }
    fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn a_directory_keeps_the_bytes() {
    let directory = std::env::temp_dir().join(format!("koodrive-sim-storage-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    let open =
        || Drive { simulator: Simulator::open(&directory).unwrap().token("Bearer token-of-7", ADMIN), now: Utc::now() };
    let files = || {
        let all = fs::read_dir(directory.join("objects")).unwrap().map(|entry| entry.unwrap().path());
        all.collect::<Vec<PathBuf>>()
    };
    let content = bytes(100_000, 9);
    let drive = open();
    let id = upload(&drive, "a", &content);
    let link = download(&drive, &id);
    let created = drive.ok(&create(&drive, "b", 10).multi_parts([NewPart::new(1, 10)]));
    drive.send_parts(&created.multi_parts, b"0123456789");
    assert_eq!(files().len(), 2);
    drop(drive);
    // Half of something, as a kill leaves it, and something that nothing has any more.
    fs::write(directory.join("objects/77.new"), "half").unwrap();
    fs::write(directory.join("objects/78"), "lost").unwrap();

    let drive = open();
    assert_eq!(files().len(), 2);
    #[cfg(unix)]
    for file in files() {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
    assert!(get(&drive, &link).body() == &content, "links outlive it, too");
    let b = created.file_id.unwrap();
    drive.ok(&CompleteFile::new(b.clone()));
    assert_eq!(&get(&drive, &download(&drive, b.as_str())).body()[..], b"0123456789");

    // Once a file is deleted, so are its bytes, unless the drive is to be put back to a time when they were there.
    let delete = |drive: &Drive, id: &str| {
        let space = drive.space_of(ADMIN);
        let gone = TaskInfo::new([JobFile::new(id)], &*space);
        drive.ok(&CreateJob::new(JobType::Delete, gone, &*space).action_type(JobAction::Delete));
        let later = Drive { simulator: drive.simulator.clone(), now: drive.now + TimeDelta::seconds(9) };
        assert_eq!(later.code(&GetFile::new(id, &*space)), "13000309");
    };
    let c = upload(&drive, "c", b"a third one");
    assert_eq!(files().len(), 3);
    delete(&drive, &c);
    assert_eq!(files().len(), 2);
    assert!(catch_unwind(AssertUnwindSafe(|| drive.simulator.reset())).is_err());
    drop(drive);

    let drive = open();
    let drive = Drive { simulator: drive.simulator.resettable(), ..drive };
    delete(&drive, &id);
    assert_eq!((files().len(), get(&drive, &link).status().as_u16()), (2, 404));
    drive.simulator.reset();
    assert!(get(&drive, &link).body() == &content);
    drop(drive);

    let drive = open();
    assert_eq!(files().len(), 2);
    delete(&drive, &id);
    assert_eq!(files().len(), 1);
    drop(drive);
    // What should be there has to be.
    fs::remove_file(&files()[0]).unwrap();
    let error = Simulator::open(&directory).unwrap_err().to_string();
    assert!(error.ends_with("10 bytes were stored: put them back, or name another directory"), "{error}");
    fs::remove_dir_all(&directory).unwrap();
}
