//! The simulator, called by a client that shares no code with it.

use std::io::Write;
use std::process::Command;

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
    let expected = wrong_secret.explained.as_deref().unwrap();
    assert!(
        expected.starts_with("expected canonical request:\n    GET\n    /koodrive/ose/v1/space/usage/overview/\n"),
        "{expected}"
    );
}
