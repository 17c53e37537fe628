//! Listings and polls through the clients: pages, entries, streams.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use futures_core::Stream;
use futures_core::stream::FusedStream;
use koodrive_proto::flow::{Pages, Until};
use koodrive_proto::ops::jobs::{GetJob, JobDetail};
use koodrive_proto::ops::spaces::{GetSpaceUsageByQuota, GetSpaceUsageByUser, SpaceType};
use koodrive_proto::{ErrorKind, RetryPolicy, TraceId};
use koodrive_sim::{Fault, Faults, Server};

use crate::common::{api, simulator};

/// 25 spaces of different sizes beside the 5 that are always there, which are of 1 GB each.
fn server() -> Server {
    let simulator =
        (2..27).fold(simulator(), |simulator, size| simulator.space(&size.to_string(), SpaceType::Group, size));
    Server::start(simulator).unwrap()
}

fn listing() -> GetSpaceUsageByQuota {
    GetSpaceUsageByQuota::new().limit(10)
}

#[test]
fn blocking() {
    let server = server();
    let drive = koodrive_ureq::Client::new(api(&server.endpoint()));
    let sizes: Vec<_> = drive.pages(listing()).map(|page| page.unwrap().groups.len()).collect();
    assert_eq!(sizes, [10, 10, 6]);
    let quotas: Vec<_> = drive.pages(listing()).items().map(|group| group.unwrap().quota.unwrap()).collect();
    assert_eq!(quotas, (1..27).collect::<Vec<_>>());
    // Only what is wanted is asked for.
    let before = server.ledger().len();
    assert_eq!(drive.pages(listing()).items().take(3).count(), 3);
    assert_eq!(server.ledger().len(), before + 1);
    // Put away and taken up.
    let mut pages = drive.pages(listing());
    pages.next().unwrap().unwrap();
    let request = pages.request().unwrap().clone();
    assert_eq!(drive.pages(request).items().count(), 16);
    // Options go with each request.
    let trace_id = TraceId::from_bytes([3; 29]);
    drive.pages(Pages::new(listing()).trace_id(trace_id.clone())).for_each(drop);
    assert_eq!(server.ledger().iter().filter(|entry| entry.trace_id.as_deref() == Some(trace_id.as_str())).count(), 4);

    // An error is the last of it, and tells where to go on.
    let mut pages = drive.pages(Pages::new(listing()).retry(RetryPolicy::none()));
    pages.next().unwrap().unwrap();
    server.simulator().set_faults(Some(Faults::new(1).rate(Fault::Unavailable, 1.0)));
    assert_eq!(pages.next().unwrap().unwrap_err().kind(), ErrorKind::Api);
    server.simulator().set_faults(None);
    assert!(pages.next().is_none() && pages.next().is_none());
    assert_eq!(pages.request().unwrap().offset, Some(10));
    assert!(format!("{pages:?}").contains("offset"));

    // The documented example of a job is one that is over.
    let job = drive.until(&GetJob::new("7"), Duration::from_secs(60), JobDetail::is_over).unwrap();
    assert!(job.is_over());
    let mut asked = 0;
    let mut third = Until::new(GetJob::new("7"), Duration::from_secs(60), |_| {
        asked += 1;
        asked == 3
    })
    .pauses(Duration::ZERO, Duration::ZERO);
    drive.run(&mut third).unwrap();
    let never = drive.until(&GetJob::new("7"), Duration::from_millis(10), |_| false).unwrap_err();
    assert_eq!(never.kind(), ErrorKind::Deadline);
}

/// All entries of a stream.
async fn collect<S: Stream + Unpin>(mut stream: S) -> Vec<S::Item> {
    let mut all = Vec::new();
    while let Some(item) = poll_fn(|cx| Pin::new(&mut stream).poll_next(cx)).await {
        all.push(item);
    }
    all
}

fn sendable<T: Send + 'static>(value: T) -> T {
    value
}

#[test]
fn asynchronous() {
    let server = server();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let drive = koodrive_hyper::Client::new(api(&server.endpoint()));
        let mut pages = sendable(drive.pages(listing()));
        let mut sizes = Vec::new();
        while let Some(page) = pages.next().await {
            sizes.push(page.unwrap().groups.len());
        }
        assert_eq!(sizes, [10, 10, 6]);
        let mut items = drive.pages(listing()).items();
        assert_eq!(items.next().await.unwrap().unwrap().quota, Some(1));

        let quotas = collect(sendable(drive.pages(listing()).items().into_stream())).await;
        let quotas: Vec<_> = quotas.into_iter().map(|group| group.unwrap().quota.unwrap()).collect();
        assert_eq!(quotas, (1..27).collect::<Vec<_>>());
        let mut stream = sendable(drive.pages(GetSpaceUsageByUser::new().limit(2)).into_stream());
        assert!(!stream.is_terminated());
        assert_eq!(collect(&mut stream).await.len(), 2);
        assert!(stream.is_terminated() && collect(stream).await.is_empty());

        // Dropped while a page is under way, the listing goes on with that page.
        let mut pages = drive.pages(listing());
        server.simulator().set_faults(Some(Faults::new(1).rate(Fault::Slow, 1.0).slow_by(Duration::from_secs(3600))));
        let before = server.ledger().len();
        tokio::select! {
            page = pages.next() => panic!("{page:?}"),
            () = async { while server.ledger().len() == before { tokio::time::sleep(Duration::from_millis(1)).await; } } => {}
        }
        server.simulator().set_faults(None);
        assert_eq!(pages.next().await.unwrap().unwrap().groups[0].quota, Some(1));
        assert_eq!(pages.next().await.unwrap().unwrap().groups[0].quota, Some(11));

        // An error ends it.
        server.simulator().set_faults(Some(Faults::new(1).rate(Fault::Garbage, 1.0)));
        assert_eq!(pages.next().await.unwrap().unwrap_err().kind(), ErrorKind::Decode);
        server.simulator().set_faults(None);
        assert!(pages.next().await.is_none());

        let job = drive.until(&GetJob::new("7"), Duration::from_secs(60), JobDetail::is_over).await.unwrap();
        assert!(job.is_over());
        let never = sendable(drive.clone());
        let never = never.until(&GetJob::new("7"), Duration::from_millis(10), |_| false).await.unwrap_err();
        assert_eq!(never.kind(), ErrorKind::Deadline);
    });
}
