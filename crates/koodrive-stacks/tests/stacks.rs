//! The stacks keep the contract, but for what they declare; and all of them do calls.

use std::time::Instant;

use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{Api, Call, Credentials, RetryPolicy};
use koodrive_sim::{CheckTransport, Fault, Faults, Lack, OneRequest, Server, Simulator, check_transport_async};
use koodrive_stacks::{std_net, with_curl, with_reqwest, with_tower};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn std_net_keeps_the_contract() {
    let report = CheckTransport::new().lacks(Lack::Reuse).run(std_net::exchange);
    println!("{report}");
    report.assert_ok();
}

#[test]
fn reqwest_keeps_the_contract() {
    let client = with_reqwest::client().unwrap();
    let report = runtime().block_on(check_transport_async(|outgoing| with_reqwest::exchange(&client, outgoing)));
    println!("{report}");
    report.assert_ok();
}

#[test]
fn curl_keeps_the_contract() {
    let report = CheckTransport::new().lacks(Lack::Reuse).run(with_curl::exchange);
    println!("{report}");
    report.assert_ok();
}

#[test]
fn tower_keeps_the_contract() {
    let report = runtime().block_on(async {
        let drive = with_tower::client(Api::new("http://localhost", Credentials::anonymous()).unwrap(), 1000);
        check_transport_async(async |outgoing| {
            let mut flow = OneRequest::new(outgoing);
            let result = drive.run(&mut flow).await;
            flow.answer(result)
        })
        .await
    });
    println!("{report}");
    report.assert_ok();
}

/// A server that fails every other call in one way or another.
fn server() -> Server {
    let faults = Faults::new(7).rate(Fault::ResetBefore, 0.3).rate(Fault::Truncate, 0.2);
    Server::start(Simulator::new().app("my-app", "my-secret", "1505084218764547200").faults(faults)).unwrap()
}

fn api(server: &Server) -> Api {
    let credentials = Credentials::app("my-app", "my-secret", "1505084218764547200");
    let policy = RetryPolicy::default().max_attempts(20).first_pause(std::time::Duration::from_millis(1));
    Api::new(server.endpoint(), credentials).unwrap().retry(policy).or_random_seed(42)
}

#[test]
fn calls() {
    let server = server();
    let (api, started, op) = (api(&server), Instant::now(), GetSpaceUsageOverview::new());
    let (runtime, client) = (runtime(), with_reqwest::client().unwrap());
    for _ in 0..10 {
        std_net::run(&api, started, &mut Call::new(&op)).unwrap();
        with_curl::run(&api, started, &mut Call::new(&op)).unwrap();
        runtime.block_on(with_reqwest::run(&client, &api, started, &mut Call::new(&op))).unwrap();
    }
    assert!(server.ledger().len() > 30);
}

#[test]
fn calls_through_tower() {
    let server = server();
    runtime().block_on(async {
        let drive = with_tower::client(api(&server), 1000);
        for _ in 0..10 {
            drive.call(&GetSpaceUsageOverview::new()).await.unwrap();
        }
    });
    assert!(server.ledger().len() >= 10);
}
