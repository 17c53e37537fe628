//! Both transports keep the contract of bodies by source and answers into a sink.

use std::io;

use koodrive_files::{Sink, Source};
use koodrive_proto::flow::Body;
use koodrive_proto::{Api, Credentials};
use koodrive_sim::{Ends, OneRequest, check_transfers, check_transfers_async};

/// The ends of a check, as both transports know them.
struct Checked(Ends);

impl Source for Checked {
    fn length(&self) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn read_at(&self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(position, buffer)
    }
}

impl Sink for Checked {
    fn write_at(&self, position: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_at(position, bytes)
    }
}

/// The address doesn't matter: each request brings its own.
fn nowhere() -> Api {
    Api::new("http://localhost", Credentials::anonymous()).unwrap()
}

#[test]
fn blocking() {
    let client = koodrive_ureq::Client::new(nowhere());
    let report = check_transfers(move |outgoing, ends| {
        let checked = Checked(ends);
        let ends = match outgoing.request.body() {
            Body::Source { .. } => koodrive_ureq::Ends::source(&checked),
            Body::Bytes(_) => koodrive_ureq::Ends::sink(&checked),
        };
        let mut flow = OneRequest::new(outgoing);
        let result = client.run_with(&mut flow, ends);
        flow.answer(result)
    });
    println!("{report}");
    report.assert_ok();
    // A refusal costs no body, and is seen.
    assert!(!report.to_string().contains("though"), "{report}");
}

#[tokio::test]
async fn asynchronous() {
    let client = koodrive_hyper::Client::new(nowhere());
    let report = check_transfers_async(|outgoing, ends| {
        let client = client.clone();
        async move {
            let ends = match outgoing.request.body() {
                Body::Source { .. } => koodrive_hyper::Ends::source(Checked(ends)),
                Body::Bytes(_) => koodrive_hyper::Ends::sink(Checked(ends)),
            };
            let mut flow = OneRequest::new(outgoing);
            let result = client.run_with(&mut flow, ends).await;
            flow.answer(result)
        }
    })
    .await;
    println!("{report}");
    report.assert_ok();
    assert!(!report.to_string().contains("though"), "{report}");
}
