//! The simulator, called by a client that shares no code with it, and by raw requests.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use koodrive_sim::{Server, Simulator};

#[test]
fn a_client_in_python_is_accepted() {
    if Command::new("python3").arg("--version").output().is_err() {
        // Past the test harness, which would keep it to itself.
        let _ = writeln!(
            std::io::stderr(),
            "\n*** SKIPPED: no python3 here, so nothing checked the signature from outside ***\n"
        );
        return;
    }
    let server = Server::start(Simulator::new().app("my-app", "my-secret", "1505084218764547200")).unwrap();
    let output = Command::new("python3")
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/independent_client.py"))
        .args([&server.endpoint(), "my-app", "my-secret", "1505084218764547200"])
        .output()
        .unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{err}");
    assert_eq!(out.trim(), "all as expected");

    let ledger = server.ledger();
    let executed: Vec<_> =
        ledger.iter().filter(|entry| entry.refused.is_none()).filter_map(|entry| entry.operation).collect();
    assert_eq!(executed.iter().filter(|name| **name == "UpdateSpace").count(), 4);
    let wrong_secret = ledger.iter().find(|entry| entry.status == 401).unwrap();
    let reason = wrong_secret.refused.as_deref().unwrap();
    assert!(
        reason.contains("the canonical request here is\nGET\n/koodrive/ose/v1/space/usage/overview/\n"),
        "{reason}"
    );
}

/// The program: what it prints, what it takes, and what it refuses.
#[test]
fn the_program() {
    let program = env!("CARGO_BIN_EXE_koodrive-sim");
    let mut child = Command::new(program)
        .args(["--listen", "127.0.0.1:0", "--app", "my-app:with:colons:7", "--token", "Bearer a:b:7"])
        .args(["--session", "Bearer c:d:7:the-session", "--token-lifetime", "3600", "--clock-offset", "-3600"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();

    let answer = |authorization: &str| {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        write!(
            stream,
            "GET /koodrive/ose/v1/space/usage/overview HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             authorization: {authorization}\r\n\r\n"
        )
        .unwrap();
        std::io::read_to_string(stream).unwrap()
    };
    // VALUE is everything up to the last colon.
    assert!(answer("Bearer a:b").starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(answer("Bearer c:d").starts_with("HTTP/1.1 200 OK\r\n"));
    let refused = answer("Bearer a");
    assert!(refused.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
    assert!(refused.contains(r#""error_code":"APIGW.0301""#));
    child.kill().unwrap();
    child.wait().unwrap();

    for arguments in [
        &["--app", "id:secret"][..],
        &["--app", "id::user"],
        &["--token", "value"],
        &["--token", ":user"],
        &["--session", "value:user"],
        &["--session", "value::session"],
        &["--token-lifetime", "0"],
        &["--token-lifetime", "soon"],
        &["--fault", "all=30"],
        &["--fault", "slow=5%,reset=5%"],
        &["--listen", "nowhere"],
        &["--clock-offset", "soon"],
        &["--clock-offset", "9223372036854775807"],
        &["--clock-offset", "9000000000000"],
        &["--clock-offset", "-70000000000"],
        &["--listen", "localhost:0"],
        &["--unknown"],
        &["--app"],
    ] {
        let output = Command::new(program).args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && String::from_utf8(output.stderr).unwrap().starts_with("koodrive-sim: "));
    }
    assert!(Command::new(program).arg("--help").output().unwrap().status.success());
}
