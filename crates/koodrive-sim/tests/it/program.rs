//! The program: what it prints, what it takes, what it refuses, and how it ends.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::{fs, thread};

use crate::hostile::LONG;

const PROGRAM: &str = env!("CARGO_BIN_EXE_koodrive-sim");

/// A running program, and its address.
struct Program(Child, String);

impl Program {
    fn start(arguments: &[&str]) -> Self {
        Self::run(Command::new(PROGRAM).args(arguments).stderr(Stdio::piped()))
    }

    /// Starts it so that its files can't become larger than so many blocks.
    #[cfg(unix)]
    fn start_limited(blocks: u32, arguments: &[&str]) -> Self {
        let limited = format!("ulimit -f {blocks} && exec \"$0\" \"$@\"");
        Self::run(Command::new("sh").args(["-c", &limited, PROGRAM]).args(arguments).stderr(Stdio::piped()))
    }

    fn run(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
        Self(child, address)
    }

    fn get(&self, path: &str, headers: &str) -> String {
        self.send("GET", path, headers, "").unwrap()
    }

    /// Returns the answer, or an error if there was none because the program has ended.
    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(&self.1)?;
        stream.set_read_timeout(Some(LONG))?;
        let length = body.len();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}", self.1);
        stream.write_all(format!("{head}content-length: {length}\r\n\r\n{body}").as_bytes())?;
        io::read_to_string(stream)
    }

    fn kill(&self) {
        let kill = Command::new("sh").args(["-c", &format!("kill -KILL {}", self.0.id())]).status().unwrap();
        assert!(kill.success());
    }

    /// Ends it with signals; returns its exit code, and what it has printed to stderr.
    fn end(mut self, signals: &[&str]) -> (Option<i32>, String) {
        let kills = signals.iter().map(|signal| format!("kill -{signal} {}", self.0.id()));
        let kill = Command::new("sh").args(["-c", &kills.collect::<Vec<_>>().join(" && ")]).status().unwrap();
        assert!(kill.success());
        let code = self.0.wait().unwrap().code();
        let mut printed = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut printed).unwrap();
        (code, printed)
    }
}

/// Sends a request on a connection that is kept, and returns the body of the answer.
fn converse(stream: &mut BufReader<TcpStream>, line: &str, headers: &str, body: &str) -> io::Result<String> {
    let length = body.len();
    let request = format!("{line} HTTP/1.1\r\nhost: h\r\n{headers}content-length: {length}\r\n\r\n{body}");
    stream.get_mut().write_all(request.as_bytes())?;
    let mut length = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if line == "\r\n" {
            break;
        }
        if let Some(announced) = line.strip_prefix("content-length: ") {
            length = announced.trim_end().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok(String::from_utf8(body).unwrap())
}

/// A test that fails leaves no program behind.
impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const OVERVIEW: &str = "/koodrive/ose/v1/space/usage/overview";

#[test]
fn options() {
    let program = Program::start(&[
        "--listen",
        "127.0.0.1:0",
        "--app",
        "my-app:with:colons:7",
        "--token",
        "Bearer a:b:7",
        "--session",
        "Bearer c:d:7:the-session",
        "--link-lifetime",
        "60",
        "--storage-key",
        "AKEXAMPLE:with:colons",
        "--token-lifetime",
        "3600",
        "--clock-offset",
        "-3600",
    ]);
    // VALUE is everything up to the last colon.
    assert!(program.get(OVERVIEW, "authorization: Bearer a:b\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(program.get(OVERVIEW, "authorization: Bearer c:d\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    let refused = program.get(OVERVIEW, "authorization: Bearer a\r\n");
    assert!(refused.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
    assert!(refused.contains(r#""error_code":"APIGW.0301""#));
    // Nothing is printed unless it is asked for.
    assert_eq!(program.end(&["TERM"]), (Some(0), String::new()));
}

/// Each message says what is allowed instead.
#[test]
fn bad_usage() {
    for (arguments, message) in [
        (&["--app", "id:secret"][..], "--app takes ID:SECRET:USER, none of them empty, as "),
        (&["--app", "id::user"], "--app takes ID:SECRET:USER, none of them empty, as "),
        (&["--token", "value"], "--token takes VALUE:USER, neither of them empty, as "),
        (&["--token", ":user"], "--token takes VALUE:USER, neither of them empty, as "),
        (&["--session", "value:user"], "--session takes VALUE:USER:SESSION, none of them empty, as "),
        (&["--session", "value::session"], "--session takes VALUE:USER:SESSION, none of them empty, as "),
        (&["--token", "a:7", "--session", "a:7:s"], "--token and --session take each VALUE only once"),
        (&["--token-lifetime", "0"], "--token-lifetime takes a whole number of seconds, from 1 on, as "),
        (&["--link-lifetime", "604801"], "--link-lifetime takes a whole number of seconds, from 1 to 604800"),
        (&["--storage-key", "AK:"], "--storage-key takes ACCESS:SECRET, neither of them empty, ACCESS of "),
        (&["--token-lifetime", "soon"], "--token-lifetime takes a whole number of seconds, from 1 on, as "),
        (&["--fault", "all=30"], "--fault: all: got `30`, allowed: 0% to 100%"),
        (&["--fault", "slow=5%,reset=5%"], "--fault: fault: got `reset`, allowed: refuse, "),
        (&["--quirk", "all"], "--quirk: quirk: got `all`, allowed: NAME=VALUE"),
        (&["--fault", "slow=5%", "--fault", "seed=3"], "--fault can't be given twice: join the specs by a comma"),
        (&["--quirk", "all=5%", "--quirk", "seed=3"], "--quirk can't be given twice: join the specs by a comma"),
        (&["--data", ""], "--data takes a directory; . is the current one"),
        (&["--app", "a,b:secret:7"], "--app takes an ID and a USER of visible ASCII characters, the ID without"),
        (&["--app", "a :secret:7"], "--app takes an ID and a USER of visible ASCII characters, the ID without"),
        (&["--app", "a:secret:7 "], "--app takes an ID and a USER of visible ASCII characters, the ID without"),
        (&["--app", "a:b:7", "--app", "a:c:8"], "--app takes each ID only once"),
        (&["--token", "Bearer é:7"], "--token and --session take visible ASCII characters, and no VALUE that"),
        (&["--token", "Bearer a:é"], "--token and --session take visible ASCII characters, and no VALUE that"),
        (&["--token", " Bearer a:7"], "--token and --session take visible ASCII characters, and no VALUE that"),
        (&["--token", "HMAC-SHA256 a:7"], "--token and --session take visible ASCII characters, and no VALUE that"),
        (&["--session", "Bearer a\n:7:8"], "--token and --session take visible ASCII characters, and no VALUE that"),
        (&["--session", "Bearer a:7: 8"], "--token and --session take visible ASCII characters, and no VALUE that"),
        (&["--session", "a:7:s", "--session", "b:8:s"], "--session takes each SESSION only once"),
        (&["--listen", "127.0.0.1:0", "--listen", "127.0.0.1:0"], "--listen can't be given twice"),
        (&["--clock-offset", "1", "--clock-offset", "1"], "--clock-offset can't be given twice"),
        (&["--listen", "nowhere"], "--listen takes IP:PORT, as "),
        (&["--listen", "localhost:0"], "--listen takes IP:PORT, as "),
        (&["--clock-offset", "soon"], "--clock-offset takes a whole number of seconds, as "),
        (&["--clock-offset", "9223372036854775807"], "--clock-offset leaves the years 0000 to 9999: take "),
        (&["--clock-offset", "9000000000000"], "--clock-offset leaves the years 0000 to 9999: take "),
        (&["--clock-offset", "-70000000000"], "--clock-offset leaves the years 0000 to 9999: take "),
        (&["--data", "/dev/null"], "--data /dev/null: "),
        (&["--seed-data", "/no/such/file"], "--seed-data /no/such/file: No such file"),
        (&["--unknown"], "invalid option '--unknown'"),
        (&["--app"], "missing argument for option '--app'"),
        (&["more"], "unexpected argument \"more\""),
    ] {
        let output = Command::new(PROGRAM).args(arguments).output().unwrap();
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]), "{arguments:?}");
        assert!(printed.starts_with(&format!("koodrive-sim: {message}")), "{arguments:?}: {printed}");
        assert!(printed.ends_with("\n\nTry koodrive-sim --help.\n"), "{printed}");
    }
    // A token that the seed data gives to somebody else.
    let seed = std::env::temp_dir().join(format!("koodrive-sim-usage-{}.json", std::process::id()));
    fs::write(&seed, SEED).unwrap();
    for arguments in [["--token", "Bearer of-7:8"], ["--session", "Bearer of-7:8:s"]] {
        let output = Command::new(PROGRAM).arg("--seed-data").arg(&seed).args(arguments).output().unwrap();
        let printed = String::from_utf8(output.stderr).unwrap();
        let message = "koodrive-sim: --token and --session give user 8 a VALUE that user 7 has already, by --seed-data";
        assert!(printed.starts_with(message) && output.status.code() == Some(2), "{printed}");
    }
    fs::remove_file(seed).unwrap();
    // An address that is taken.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let output = Command::new(PROGRAM).args(["--listen", &taken.local_addr().unwrap().to_string()]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("choose another address with --listen"));
    // A simulator for nobody.
    let (code, printed) = Program::start(&[]).end(&["TERM"]);
    assert_eq!((code, &*printed), (Some(0), "koodrive-sim: nobody may call: let somebody in with --token or --app\n"));
}

/// The commands that --help shows work.
#[test]
fn help() {
    let output = Command::new(PROGRAM).arg("--help").output().unwrap();
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    let command = |begin: &str| help.lines().find_map(|line| line.strip_prefix(begin)).unwrap().to_owned();
    let start = command("  koodrive-sim --listen 127.0.0.1:8087 --verbose --token ");
    let program = Program::start(&["--token", start.strip_prefix('\'').unwrap().strip_suffix('\'').unwrap()]);
    let curl = command("  curl -H '");
    let (header, path) = curl.split_once("' http://127.0.0.1:8087").unwrap();
    assert!(program.get(path, &format!("{header}\r\n")).starts_with("HTTP/1.1 200 OK\r\n"));
}

#[test]
fn what_it_logs() {
    let program = Program::start(&[
        "--verbose",
        "--explain",
        "--app",
        "my-app:my-secret:7",
        "--token",
        "Bearer 1:7",
        "--fault",
        "unavailable=100%",
    ]);
    program.get("/koodrive/ose/v1/space/7?type=secret", "authorization: Bearer 1\r\n");
    let (code, printed) = program.end(&["INT"]);
    assert_eq!(code, Some(0));
    let line = printed.split_once(' ').unwrap();
    assert_eq!(line.0.len(), "20251103T070140Z".len());
    assert_eq!(line.1, "GET /koodrive/ose/v1/space/7 GetSpace 503, fault unavailable, refused: fault: unavailable\n");

    let program = Program::start(&["--verbose", "--explain", "--app", "my-app:my-secret:7", "--token", "Bearer 1:7"]);
    program.get("/koodrive/ose/v1/space/7?type=1", "authorization: Bearer 1\r\n");
    program.get("/koodrive/ose/v1/space/7?type=secret", "authorization: Bearer 1\r\n");
    program.get("/koodrive/ose/v1/space/7", "authorization: Bearer secret\r\n");
    program.get("/nowhere", "");
    let short_code = "/koodrive/ose/v1/files/preview/share/short-secret";
    let signature = "0".repeat(64);
    let signed = format!(
        "authorization: HMAC-SHA256 AppId=my-app,SignedHeaders=x-date;x-user-id,Signature={signature}\r\n\
         x-user-id: 7\r\nx-date: 20200101T000000Z\r\n"
    );
    let answer = program.get("/koodrive/ose/v1/space/7?type=1", &signed);
    assert!(answer.contains(r#""explain":{"expected":{"canonicalRequest":"GET\n/koodrive/"#), "{answer}");
    program.get(short_code, "");
    let (code, printed) = program.end(&["TERM"]);
    assert_eq!(code, Some(0));
    let lines: Vec<&str> = printed.lines().map(|line| line.split_once("Z ").map_or(line, |(_, line)| line)).collect();
    assert_eq!(lines[0], "GET /koodrive/ose/v1/space/7 GetSpace 200, user 7");
    assert!(lines[1].starts_with("GET /koodrive/ose/v1/space/7 GetSpace 400, user 7, refused: type: "), "{}", lines[1]);
    assert_eq!(lines[2], "GET /koodrive/ose/v1/space/7 GetSpace 401, refused: the token is not known");
    assert_eq!(
        lines[3],
        "GET /nowhere - 404, refused: The API does not exist or has not been published in the environment."
    );
    assert!(lines[4].starts_with("GET /koodrive/ose/v1/space/7 GetSpace 401, refused: the signature does not match"));
    assert_eq!(lines[5], "GET /koodrive/ose/v1/space/7 was refused:");
    assert!(lines[6].starts_with("- The signature does not match, and no usual mistake leads to it"));
    assert!(lines[7].starts_with("- X-Date is "), "{}", lines[7]);
    assert_eq!(lines[8..11], ["expected canonical request:", "    GET", "    /koodrive/ose/v1/space/7/"]);
    let last = "GET /koodrive/ose/v1/files/preview/share/{shortcode} GetShareFilePreviewUrl ";
    assert!(lines.last().unwrap().starts_with(last), "{printed}");
    assert!(!printed.contains("secret"), "{printed}");
}

/// A second signal doesn't wait for what is running.
#[test]
fn two_signals() {
    let program = Program::start(&["--verbose", "--token", "Bearer 1:7"]);
    // A request whose body doesn't end; the server has begun to read it once it has asked for the body.
    let mut stream = TcpStream::connect(&program.1).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    let head = "PUT /koodrive/ose/v1/space/7 HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\ncontent-length: 9\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert_eq!(go_on, *b"HTTP/1.1 100 Continue\r\n\r\n");
    let (code, printed) = program.end(&["TERM", "INT"]);
    assert_eq!(code, Some(1));
    assert_eq!(printed, "koodrive-sim: ended by a second signal; what was running is cut off\n");
}

/// What can't be said because nothing can be written to stderr changes nothing else.
#[cfg(target_os = "linux")]
#[test]
fn a_full_stderr() {
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = Command::new(PROGRAM).arg("--unknown").stderr(full()).status().unwrap();
    assert_eq!(status.code(), Some(2));
    // It has nobody to let in, and can't say so.
    let program = Program::run(Command::new(PROGRAM).args(["--verbose", "--explain"]).stderr(full()));
    assert!(program.get("/koodrive/ose/v1/space/usage/overview", "").starts_with("HTTP/1.1 401 "));
}

/// A program whose stderr nobody reads serves and ends all the same; what is missing is counted where it is missing.
#[test]
fn a_log_that_nobody_reads() {
    let filler = "x".repeat(60_000);
    let send = |program: &Program, number: usize| {
        let path = format!("/koodrive/ose/v1/space/{number}{filler}");
        assert!(program.get(&path, "authorization: Bearer 1\r\n").starts_with("HTTP/1.1 "));
    };
    let program = Program::start(&["--verbose", "--token", "Bearer 1:7"]);
    (0..10).for_each(|number| send(&program, number));
    assert!(program.end(&["TERM"]).0 == Some(0));

    let mut program = Program::start(&["--verbose", "--token", "Bearer 1:7"]);
    (0..100).for_each(|number| send(&program, number));
    let stderr = BufReader::new(program.0.stderr.take().unwrap());
    let (found, is_found) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut seen = Vec::new();
        for line in stderr.lines().map(Result::unwrap) {
            let number = line.split_once("/space/").map(|(_, rest)| rest.split('x').next().unwrap().parse::<usize>());
            let is_last = number.is_some() && seen.last().is_some_and(Result::is_err);
            seen.push(number.transpose().unwrap().ok_or(line));
            if is_last {
                break;
            }
        }
        found.send(seen).unwrap();
    });
    // Once it is read again, calls are logged again.
    let mut count = 100;
    let seen = loop {
        send(&program, count);
        count += 1;
        match is_found.try_recv() {
            Ok(seen) => break seen,
            Err(_) => assert!(count < 10_000, "nothing is said to be missing"),
        }
    };
    reader.join().unwrap();
    let [before @ .., Ok(last), Err(note), Ok(next)] = &seen[..] else { panic!("{seen:?}") };
    assert!(before.iter().enumerate().all(|(at, number)| *number == Ok(at)), "{before:?}");
    let missing = next - last - 1;
    assert_eq!(*note, format!("koodrive-sim: {missing} calls are missing here: stderr was full"));
    assert!(missing > 0);
}

/// Link codes are in no line, and in no explanation, whatever is wrong with the address.
#[test]
fn link_codes_are_not_logged() {
    let program = Program::start(&["--verbose", "--explain", "--app", "my-app:my-password:7"]);
    let path = "/koodrive/ose/v1/files/preview/share/short-secret";
    let signed = "authorization: HMAC-SHA256 AppId=my-app\r\n";
    for (method, path) in [
        ("GET", path.to_owned()),
        ("POST", path.to_owned()),
        ("GET", format!("{path}/more")),
        ("GET", format!("{path}/")),
        ("GET", path.replace("/koodrive", "")),
        ("GET", path.replace("/share/", "/share//")),
        ("GET", path.replace("/share/", "/SHARE/x/")),
    ] {
        program.send(method, &path, signed, "").unwrap();
    }
    // Neither are those of requests that are refused because of their bodies, or that are none.
    let mut stream = TcpStream::connect(&program.1).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\nx\r\n").unwrap();
    assert!(io::read_to_string(stream).unwrap().starts_with("HTTP/1.1 400 "));
    let mut stream = TcpStream::connect(&program.1).unwrap();
    write!(stream, "GET {path}\r\n\r\n").unwrap();
    let refused = io::read_to_string(stream).unwrap();
    assert!(refused.contains(&format!("\"request_id\":\"{:032x}\"", 9)), "{refused}");
    let (_, printed) = program.end(&["TERM"]);
    assert!(!printed.contains("secret"), "{printed}");
    assert_eq!(printed.matches("/share/{").count() + printed.matches("/SHARE/{").count(), 8, "{printed}");
    assert!(printed.ends_with("Z - - - 400, refused: this is not a valid request of HTTP/1.1\n"), "{printed}");
}

const SEED: &str = r#"{"users": [{"id": "7", "token": "Bearer of-7"}], "files": [{"owner": "7", "path": "/kept/"}]}"#;

/// Whatever was answered before a kill is there after it, and nothing is there by half.
#[test]
fn a_kill_loses_nothing_that_was_answered() {
    let directory = std::env::temp_dir().join(format!("koodrive-sim-program-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    fs::create_dir_all(&directory).unwrap();
    let (seed, data) = (directory.join("seed.json"), directory.join("data"));
    fs::write(&seed, SEED).unwrap();
    let arguments = ["--data", data.to_str().unwrap(), "--seed-data", seed.to_str().unwrap()];
    let token = "authorization: Bearer of-7\r\n";
    let space = |program: &Program| {
        let space = program.get("/koodrive/ose/v1/space/7?type=1", token);
        space.split("\"containerId\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let create =
        |name: &str, space: &str| format!(r#"{{"fileName": "{name}", "fileType": "10", "containerId": "{space}"}}"#);
    let mut answered = vec!["kept".to_owned()];
    let mut cut_off = Vec::new();
    for round in 0..3 {
        let mut program = Program::start(&arguments);
        let space = space(&program);
        // Three clients work until their connections break, which happens only because the program is killed.
        let work = |client: usize, mut stream: BufReader<TcpStream>, told: &mpsc::Sender<String>| {
            for number in 0.. {
                let name = format!("{round}-{client}-{number}");
                match converse(&mut stream, "POST /koodrive/ose/v1/directory", token, &create(&name, &space)) {
                    Ok(answer) => {
                        assert!(answer.contains("\"code\":0"), "{name}: {answer}");
                        // This fails only if the test has failed.
                        let _ = told.send(name);
                    }
                    Err(error) => {
                        let kinds = [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
                        assert!(kinds.contains(&error.kind()), "{name}: {error}");
                        return name;
                    }
                }
            }
            unreachable!("there are always more numbers")
        };
        let streams: Vec<_> = (0..3).map(|_| TcpStream::connect(&program.1).unwrap()).collect();
        let (told, names) = mpsc::channel();
        cut_off.extend(thread::scope(|scope| {
            let mut clients = Vec::new();
            for (client, stream) in streams.into_iter().enumerate() {
                stream.set_read_timeout(Some(LONG)).unwrap();
                let (work, told) = (&work, told.clone());
                clients.push(scope.spawn(move || work(client, BufReader::new(stream), &told)));
            }
            drop(told);
            answered.extend((0..100).map(|_| names.recv_timeout(LONG).expect("an answer")));
            program.0.kill().unwrap();
            clients.into_iter().map(|client| client.join().unwrap()).collect::<Vec<_>>()
        }));
        answered.extend(names);
    }
    assert_eq!((cut_off.len(), answered.len() > 300), (9, true));
    let program = Program::start(&arguments);
    let space = space(&program);
    let stats = program.get(&format!("/koodrive/ose/v1/files/statsDir?fileId=root&containerId={space}"), token);
    let count: usize =
        stats.split("\"subDirCount\":").nth(1).unwrap().split([',', '}']).next().unwrap().parse().unwrap();
    let exists = |name: &String| {
        let body = create(name, &space).replace('}', r#", "renameMode": 3}"#);
        let again = program.send("POST", "/koodrive/ose/v1/directory", token, &body).unwrap();
        let exists = again.contains("13000405");
        assert!(exists || again.contains("\"code\":0"), "{name}: {again}");
        exists
    };
    let lost: Vec<&String> = answered.iter().filter(|name| !exists(name)).collect();
    assert!(lost.is_empty(), "{lost:?}");
    // Calls without an answer were executed or not.
    assert_eq!(count, answered.len() + cut_off.iter().filter(|name| exists(name)).count());
    // Another one can't use the directory meanwhile.
    let output = Command::new(PROGRAM).args(arguments).output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("another simulator uses the directory"));
    drop(program);
    fs::remove_dir_all(&directory).unwrap();
}

/// A file that can't grow is like a full disk: nothing can be changed, but all can be read, also after a restart.
#[cfg(unix)]
#[test]
fn a_full_disk() {
    let directory = std::env::temp_dir().join(format!("koodrive-sim-full-{}", std::process::id()));
    let _ = fs::remove_dir_all(&directory);
    let arguments = ["--data", directory.to_str().unwrap(), "--token", "Bearer of-7:7"];
    let token = "authorization: Bearer of-7\r\n";
    let create = |program: &Program, number: usize| {
        let space = program.get("/koodrive/ose/v1/space/7?type=1", token);
        let space = space.split("\"containerId\":\"").nth(1).unwrap().split('"').next().unwrap();
        let name = format!("{number}-{}", "x".repeat(200));
        let body = format!(r#"{{"fileName": "{name}", "fileType": "10", "containerId": "{space}"}}"#);
        program.send("POST", "/koodrive/ose/v1/directory", token, &body).unwrap()
    };
    let program = Program::start_limited(64, &arguments);
    let created = (0..1000).take_while(|number| create(&program, *number).contains("\"code\":0")).count();
    assert!((5..1000).contains(&created), "{created}");
    assert!(create(&program, created).contains("13000201"));
    program.kill();
    drop(program);
    let program = Program::start_limited(1, &arguments);
    assert!(create(&program, created).contains("13000201"));
    program.kill();
    drop(program);
    let program = Program::start(&arguments);
    for number in 0..created {
        assert!(create(&program, number).contains("13000405"), "{number}");
    }
    assert!(create(&program, created).contains("\"code\":0"));
    drop(program);
    fs::remove_dir_all(&directory).unwrap();
}
