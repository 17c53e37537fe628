//! The environment is read when it is asked for, and never otherwise.

use std::process::Command;

use koodrive_conformance::{Async, Blocking};
use koodrive_sim::Server;

use super::{OK, Proxied, Proxy, call};
use crate::common::{api, simulator};

/// What `child` runs in, and its marker.
const ENDPOINT: &str = "KOODRIVE_TEST_ENDPOINT";

/// Not a test of its own: `environment` runs it as a process with variables of its own.
#[test]
fn child() {
    fn script<T: Proxied>(endpoint: &str) {
        // Asked or not, it may read the environment only when asked.
        call(&T::new(api(endpoint))).unwrap();
        let result = T::from_env(api(endpoint)).and_then(|drive| call(&drive));
        println!(
            "outcome: {}",
            result.map_or_else(|error| format!("{:?}: {error}", error.kind()), |()| "ok".to_owned())
        );
    }
    if let Ok(endpoint) = std::env::var(ENDPOINT) {
        script::<Blocking>(&endpoint);
        script::<Async>(&endpoint);
    }
}

/// The outcomes of the child, and how many tunnels it had.
fn environment_of(variables: &[(&str, &str)], endpoint: &str, proxy: &Proxy) -> (Vec<String>, usize) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "proxy::environment::child", "--nocapture"]).env(ENDPOINT, endpoint);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let outcomes = text.lines().filter_map(|line| Some(line.split_once("outcome: ")?.1.to_owned()));
    (outcomes.collect(), proxy.heads().len())
}

#[test]
fn environment() {
    let server = Server::start(simulator()).unwrap();
    let proxy = Proxy::start(OK, None);
    let address = format!("http://user:hidden@{}", proxy.address);
    for (variables, tunnels) in [
        (&[][..], 0),
        (&[("HTTP_PROXY", &*address)], 2),
        (&[("http_proxy", &*address)], 2),
        (&[("ALL_PROXY", &*address), ("NO_PROXY", "example.com,127.0.0.2")], 2),
        (&[("ALL_PROXY", &*address), ("NO_PROXY", "127.0.0.0/8")], 0),
        (&[("HTTPS_PROXY", &*address)], 0),
        (&[("HTTP_PROXY", &*address), ("REQUEST_METHOD", "POST")], 0),
    ] {
        let (outcomes, seen) = environment_of(variables, &server.endpoint(), &proxy);
        assert_eq!((&*outcomes, seen), (&["ok".to_owned(), "ok".to_owned()][..], tunnels), "{variables:?}");
    }
    let (outcomes, _) = environment_of(&[("HTTP_PROXY", "socks5://user:hidden@h")], &server.endpoint(), &proxy);
    assert_eq!(outcomes.len(), 2);
    for outcome in outcomes {
        assert!(outcome.starts_with("Build: HTTP_PROXY: ") && !outcome.contains("hidden"), "{outcome}");
    }
}
