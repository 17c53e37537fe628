//! One client, shared: many calls at once, one token for all, and calls that are dropped half-way.

use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use koodrive_conformance::{AnyFlow, Async, Blocking, Transport, Untold};
use koodrive_proto::flow::{Event, Now, Step};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpaceUsageOverview, SpaceType};
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, ErrorKind, Flow, Refresh, Sent, http};
use koodrive_sim::{Fault, Faults, Server};
use tokio::net::TcpStream;

use crate::common::{USER, api, simulator};

const CALLS: usize = 1_000;

/// A thousand connections, both ends of them in this process: more files than many systems allow unless asked.
fn many_connections() {
    rlimit::increase_nofile_limit(16_384).unwrap();
}

fn session(endpoint: &str) -> Api {
    let token = AccessToken::as_issued("Bearer expired");
    Api::new(endpoint, Credentials::token(token, USER).refresh(Refresh::session("a session"))).unwrap()
}

fn expired() -> Server {
    let server = Server::start(simulator().session("Bearer expired", USER, "a session")).unwrap();
    server.simulator().expire_tokens();
    server
}

fn refreshes(server: &Server) -> usize {
    server.ledger().iter().filter(|entry| entry.operation == Some("RefreshSession")).count()
}

/// When the driver of the first refresh is dropped.
#[derive(Clone, Copy, PartialEq)]
enum Dropped {
    Never,
    /// Before it sends the refresh.
    Before,
    /// With the answer to it.
    After,
}

/// A flow that may be dropped at its refresh, if it's the first.
struct Unlucky<'a, F> {
    flow: Option<F>,
    dropped: Dropped,
    /// Nobody was dropped yet.
    first: &'a AtomicBool,
    doomed: bool,
}

impl<F: Flow> Flow for Unlucky<'_, F> {
    type Output = ();

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<(), Error>> {
        let flow = self.flow.as_mut().filter(|_| !self.doomed);
        let step = flow.map(|flow| flow.resume(api, now, event).map(|result| result.map(drop)));
        if let Some(Step::Send(outgoing)) = &step {
            let refreshes = outgoing.target.name() == "RefreshSession";
            self.doomed = refreshes && self.dropped != Dropped::Never && self.first.swap(false, Ordering::SeqCst);
        }
        match step {
            Some(step) if !self.doomed || self.dropped == Dropped::After => step,
            _ => {
                self.flow = None;
                Step::Done(Err(Error::misuse("dropped")))
            }
        }
    }
}

/// A thousand calls at once with one expired token: one refresh, and at most two if its driver is dropped.
fn one_refresh<T: Transport>() {
    many_connections();
    for (dropped, most) in [(Dropped::Never, 1), (Dropped::Before, 1), (Dropped::After, 2)] {
        let server = expired();
        let drive = T::new(session(&server.endpoint()));
        let (op, first) = (GetSpaceUsageOverview::new(), AtomicBool::new(true));
        let flows = (0..CALLS).map(|_| -> AnyFlow<'_, ()> {
            Box::new(Unlucky { flow: Some(Call::new(&op)), dropped, first: &first, doomed: false })
        });
        let results = drive.run_all(flows.collect(), CALLS);
        let fine = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!(
            fine,
            if dropped == Dropped::Never { CALLS } else { CALLS - 1 },
            "{:?}",
            results.iter().find(|r| r.is_err())
        );
        assert!((1..=most).contains(&refreshes(&server)), "{}: {}", T::NAME, refreshes(&server));
        // Nothing is left behind: the next call goes at once.
        let before = server.ledger().len();
        drive.run(Call::new(&op)).unwrap();
        assert_eq!(server.ledger().len(), before + 1);
    }
}

#[test]
fn one_refresh_for_a_thousand_calls_blocking() {
    one_refresh::<Blocking>();
}

#[test]
fn one_refresh_for_a_thousand_calls_async() {
    one_refresh::<Async>();
}

/// A thousand calls at once, with a wrong clock on top.
fn a_thousand_at_once<T: Transport>() {
    many_connections();
    let server = Server::start(simulator().clock_offset(koodrive_proto::chrono::TimeDelta::hours(3))).unwrap();
    let drive = T::new(api(&server.endpoint()));
    let op = GetSpaceUsageOverview::new();
    let flows = (0..CALLS).map(|_| -> AnyFlow<'_, ()> { Box::new(Untold(Call::new(&op))) }).collect();
    let results = drive.run_all(flows, CALLS);
    assert!(results.iter().all(Result::is_ok), "{:?}", results.iter().find(|result| result.is_err()));
    let executed = server.ledger().iter().filter(|entry| entry.refused.is_none()).count();
    assert_eq!(executed, CALLS);
    assert!(server.ledger().len() <= 2 * CALLS, "corrected once each, at most");
}

#[test]
fn a_thousand_calls_at_once() {
    a_thousand_at_once::<Blocking>();
    a_thousand_at_once::<Async>();
}

/// Clients of other callers share connections and clock, and have tokens of their own.
#[test]
fn clients_for_other_callers() {
    let simulator = simulator().token("Bearer a", "1").token("Bearer b", "2");
    let server = Server::start(simulator.clock_offset(koodrive_proto::chrono::TimeDelta::days(-1))).unwrap();
    let token = |token: &str, user: &str| Credentials::token(AccessToken::as_issued(token), user);
    let op = GetSpaceUsageOverview::new();

    let blocking = koodrive_ureq::Client::new(api(&server.endpoint()));
    blocking.call(&op).unwrap();
    assert_eq!(server.ledger().len(), 2, "the clock is corrected once");
    let (first, second) = (
        blocking.with_credentials(token("Bearer a", "1")).unwrap(),
        blocking.with_credentials(token("Bearer b", "2")).unwrap(),
    );
    first.call(&op).unwrap();
    second.call(&op).unwrap();
    let wrong = blocking.with_credentials(token("Bearer a", "2")).unwrap();
    assert!(wrong.call(&op).unwrap_err().is_unauthorized());
    blocking.with_credentials(Credentials::app("my-app", "my-secret", USER)).unwrap().call(&op).unwrap();
    let users: Vec<_> = server.ledger()[2..].iter().map(|entry| entry.user_id.clone()).collect();
    let user = |id: &str| Some(id.to_owned());
    assert_eq!(users, [user("1"), user("2"), None, user(USER)]);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = koodrive_hyper::Client::new(api(&server.endpoint()));
        let other = client.with_credentials(token("Bearer a", "1")).unwrap();
        other.call(&op).await.unwrap();
        // Pushed from elsewhere, for all that share this client.
        other.api().set_credentials(token("Bearer b", "2")).unwrap();
        other.clone().call(&op).await.unwrap();
        client.call(&op).await.unwrap();
    });
    let ledger = server.ledger();
    assert_eq!(ledger.last().unwrap().user_id, user(USER));
}

/// Connections that are counted while they are open.
#[derive(Clone)]
struct Counting(HttpConnector, Arc<AtomicUsize>);

struct Counted(TokioIo<TcpStream>, Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

impl tower_service::Service<http::Uri> for Counting {
    type Response = Counted;
    type Error = Box<dyn std::error::Error + Send + Sync>;
    type Future = Pin<Box<dyn Future<Output = Result<Counted, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, uri: http::Uri) -> Self::Future {
        let (connecting, count) = (self.0.call(uri), Arc::clone(&self.1));
        Box::pin(async move {
            let stream = connecting.await?;
            count.fetch_add(1, Ordering::SeqCst);
            Ok(Counted(stream, count))
        })
    }
}

impl Connection for Counted {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl hyper::rt::Read for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl hyper::rt::Write for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Polls a future so often at most, and then drops it.
async fn dropped_after<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let (mut future, mut count) = (pin!(future), 0);
    poll_fn(|cx| {
        if count == polls {
            return Poll::Ready(None);
        }
        count += 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if count == polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Calls with an expired token under faults, each dropped at another point: the refresh, its waiting, a pause, an
/// answer. Afterwards nothing is locked, and no connection stays open without its client.
#[test]
fn dropped_at_any_point() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let server = expired();
        let faults = Faults::new(3).rate(Fault::ResetBefore, 0.1).rate(Fault::Slow, 0.2).rate(Fault::Throttle, 0.1);
        server.simulator().set_faults(Some(faults.slow_by(Duration::from_millis(5)).retry_after(Duration::ZERO)));
        let open = Arc::new(AtomicUsize::new(0));
        let connector = Counting(HttpConnector::new(), Arc::clone(&open));
        let client = koodrive_hyper::Client::with_connector(session(&server.endpoint()), connector);
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..500 {
            if number % 50 == 0 {
                server.simulator().expire_tokens();
            }
            let client = client.clone();
            tasks.spawn(async move {
                let op = GetSpaceUsageOverview::new();
                dropped_after(client.call(&op), number % 25).await
            });
        }
        let results = tasks.join_all().await;
        assert!(results.iter().any(Option::is_none) && results.iter().any(Option::is_some));
        server.simulator().set_faults(None);

        // Nothing is stuck: a call works, and needs no more than a leader's time.
        let op = GetSpaceUsageOverview::new();
        client.call(&op).await.unwrap();
        drop(client);
        // It ends once they are closed, and never if one is left.
        while open.load(Ordering::SeqCst) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
}

/// A call that is kept when its driver is dropped goes on, or says that it can't.
#[test]
fn dropped_and_driven_again() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        // Later than anybody waits.
        let slow = || Faults::new(1).rate(Fault::Slow, 1.0).slow_by(Duration::from_secs(3600));
        let server = Server::start(simulator().faults(slow())).unwrap();
        let client = koodrive_hyper::Client::new(api(&server.endpoint()));
        let executed = |count: usize| {
            let server = &server;
            async move {
                while server.ledger().len() < count {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
        };

        let op = GetSpaceUsageOverview::new();
        let mut call = Call::new(&op);
        tokio::select! {
            result = client.run(&mut call) => panic!("{result:?}"),
            () = executed(1) => {}
        }
        server.simulator().set_faults(None);
        client.run(&mut call).await.unwrap();
        assert_eq!(server.ledger().len(), 2);

        server.simulator().set_faults(Some(slow()));
        let op = DeleteSpace::new(USER, SpaceType::Individual);
        let mut call = Call::new(&op);
        tokio::select! {
            result = client.run(&mut call) => panic!("{result:?}"),
            () = executed(3) => {}
        }
        let error = client.run(&mut call).await.unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Interrupted, Sent::Maybe));
        assert_eq!(server.ledger().len(), 3);
    });
}
