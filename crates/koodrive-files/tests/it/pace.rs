//! Rates, progress and stopping, with times that are arguments.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use koodrive_files::{CHUNK, Files, Meter, Options, ProgressEvent, RateLimit, Reporter, Stop, Stopped};
use koodrive_proto::flow::{Stage, Transfer, Upload};
use koodrive_proto::ops::files::{CreateFile, FileType};

#[test]
fn a_limit_is_kept_over_time_by_all_who_share_it() {
    let limit = RateLimit::new(1_000_000);
    let other = limit.clone();
    let start = Instant::now();
    let (mut now, mut moved) = (start, 0);
    while now < start + Duration::from_secs(10) {
        let chunk = limit.chunk();
        let waits = limit.take(chunk, now).max(other.take(chunk, now));
        moved += 2 * chunk;
        now += waits;
    }
    let rate = moved as u128 * 1000 / (now - start).as_millis();
    assert!((950_000..1_100_000).contains(&rate), "{rate}");
    // Time that passes unused isn't made up for.
    let later = now + Duration::from_secs(3600);
    assert_eq!(limit.take(1_000_000, later), Duration::ZERO);
    assert_eq!(limit.take(1, later), Duration::from_secs(1));

    assert_eq!((RateLimit::new(0).parts(), RateLimit::new(0).chunk()), (1, 4096));
    assert_eq!(RateLimit::new(u64::MAX).chunk(), CHUNK);
    assert_eq!(Options::new().parallel(16).rate_limit(RateLimit::new(200_000)).slots(), 3);
    assert_eq!(Options::new().parallel(0).slots(), 1);
}

#[test]
fn progress_is_told_at_times_and_counts_what_counts() {
    let told = Arc::new(Mutex::new(Vec::<ProgressEvent>::new()));
    let list = Arc::clone(&told);
    let mut reporter = Reporter::new(&Options::new().on_progress(move |event| list.lock().unwrap().push(*event)));
    assert!(reporter.is_on() && !Reporter::new(&Options::new()).is_on());
    let upload = Upload::new(CreateFile::new("a", FileType::Picture, "root", 1_000_000));
    let (files, start) = (Files { done: 0, total: 1 }, Instant::now());
    let mut progress = upload.progress();
    let mut tell =
        |progress: &_, under_way, ms| reporter.tell(progress, under_way, files, start + Duration::from_millis(ms));

    progress.stage = Stage::Moving;
    for step in 0..=1000 {
        tell(&progress, step * 500, step * 10);
    }
    progress.parts = 1;
    tell(&progress, 500_000, 10_001);
    progress.stage = Stage::Completing;
    progress.moved = 1_000_000;
    tell(&progress, 0, 10_001);

    let events = std::mem::take(&mut *told.lock().unwrap());
    assert_eq!(events.len(), 103);
    let moving = events[100];
    assert_eq!((moving.moved, moving.total, moving.rate), (500_000, Some(1_000_000), 50_000));
    assert_eq!(moving.left, Some(Duration::from_secs(10)));
    assert_eq!((events[0].rate, events[0].left), (0, None));
    assert_eq!((events[101].stage, events[101].parts), (Stage::Moving, 1));
    assert_eq!((events[102].stage, events[102].moved), (Stage::Completing, 1_000_000));

    // An attempt that is made anew counts once.
    let meter = Arc::new(Meter::default());
    let (first, second) = (meter.begin(), meter.begin());
    first.add(5);
    second.add(7);
    first.reset();
    first.add(2);
    assert_eq!(meter.under_way(), 9);
    drop(first);
    assert_eq!(meter.under_way(), 7);
}

#[test]
fn whoever_waits_is_stopped() {
    let stop = Stop::new();
    assert!(!stop.wait(Duration::from_millis(1)));
    let waits = {
        let stop = stop.clone();
        std::thread::spawn(move || stop.wait(Duration::MAX))
    };
    let mut stopped = stop.stopped();
    let mut cx = Context::from_waker(Waker::noop());
    let poll = |stopped: &mut Stopped, cx: &mut _| Pin::new(stopped).poll(cx);
    assert_eq!(poll(&mut stopped, &mut cx), Poll::Pending);
    stop.clone().stop();
    assert_eq!(poll(&mut stopped, &mut cx), Poll::Ready(()));
    assert!(waits.join().unwrap() && stop.is_stopped());
}
