//! `cargo xtask bench [FILTER]`: what this library takes, divided by what plain libraries take for the same, one figure
//! a line:
//! `bench NAME RATIO goal GOAL ok/SHORT`. Short of a goal is a result like any other: nothing fails.
//!
//! All cases of a round run one after the other, each round in another order, and a ratio is the median of the rounds'
//! ratios: machines are noisy, but they are so for both sides.

mod plain;

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use koodrive_proto::Operation;
use koodrive_proto::http::Response;
use koodrive_proto::ops::files::ListPersonalFiles;
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;

/// One figure: ours and the other side's, and how much more ours may take.
struct Figure {
    name: &'static str,
    goal: f64,
    ours: Box<dyn Fn()>,
    theirs: Box<dyn Fn()>,
}

fn figure(name: &'static str, goal: f64, ours: impl Fn() + 'static, theirs: impl Fn() + 'static) -> Figure {
    Figure { name, goal, ours: Box::new(ours), theirs: Box::new(theirs) }
}

/// What is measured lives as long as the program.
fn answer(status: u16, body: String) -> &'static Response<Vec<u8>> {
    Box::leak(Box::new(Response::builder().status(status).body(body.into_bytes()).expect("a status")))
}

/// Reads an answer as that of an operation.
fn ours<O: Operation>(answer: &'static Response<Vec<u8>>) -> impl Fn() {
    move || drop(black_box(O::parse(black_box(answer))))
}

/// Reads a body as a type that serde derives.
fn plain<T: serde::de::DeserializeOwned>(answer: &'static Response<Vec<u8>>) -> impl Fn() {
    move || drop(black_box(serde_json::from_slice::<T>(black_box(answer.body()))))
}

fn figures() -> Vec<Figure> {
    let overview = answer(200, plain::OVERVIEW.to_owned());
    let list = answer(200, plain::listing());
    // As some services write what is no ASCII, and slashes.
    let escapes = [("/vnd", "\\/vnd"), ("租户管理员", "\\u79df\\u6237\\u7ba1\\u7406\\u5458")];
    let escaped = escapes.into_iter().fold(plain::listing(), |text, (plain, escaped)| text.replace(plain, escaped));
    let escaped = answer(200, escaped);
    vec![
        figure("parse_vs_serde", 1.2, ours::<GetSpaceUsageOverview>(overview), plain::<plain::Overview>(overview)),
        figure("parse_escaped_vs_serde", 1.2, ours::<ListPersonalFiles>(escaped), plain::<plain::List>(escaped)),
        figure("parse_list_vs_serde", 1.0, ours::<ListPersonalFiles>(list), plain::<plain::List>(list)),
    ]
}

const ROUNDS: usize = 201;

/// How often something runs in about half a millisecond.
fn batch(run: &dyn Fn()) -> u32 {
    (0..100).for_each(|_| run());
    let started = Instant::now();
    (0..50).for_each(|_| run());
    let each = started.elapsed().as_nanos().max(1) / 50;
    u32::try_from(500_000 / each.max(1)).unwrap_or(u32::MAX).clamp(2, 20_000)
}

/// Nanoseconds for one run.
fn time(run: &dyn Fn(), times: u32) -> f64 {
    let started = Instant::now();
    (0..times).for_each(|_| run());
    started.elapsed().as_secs_f64() * 1e9 / f64::from(times)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() -> ExitCode {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let figures: Vec<Figure> = figures().into_iter().filter(|figure| figure.name.contains(&filter)).collect();
    if figures.is_empty() {
        eprintln!("no figure has {filter:?} in its name");
        return ExitCode::FAILURE;
    }
    let sides: Vec<&dyn Fn()> = figures.iter().flat_map(|figure| [&*figure.ours, &*figure.theirs]).collect();
    let batches: Vec<u32> = sides.iter().map(|run| batch(run)).collect();
    let mut times = vec![Vec::with_capacity(ROUNDS); sides.len()];
    for round in 0..ROUNDS {
        for at in 0..sides.len() {
            let side = (at + round) % sides.len();
            times[side].push(time(sides[side], batches[side]));
        }
    }
    for (figure, times) in figures.iter().zip(times.chunks(2)) {
        let ratio = median(times[0].iter().zip(&times[1]).map(|(ours, theirs)| ours / theirs).collect());
        let verdict = if ratio <= figure.goal { "ok" } else { "SHORT" };
        let [ours, theirs] = [0, 1].map(|side| median(times[side].clone()));
        println!(
            "bench {} {ratio:.2} goal {:.2} {verdict}    ({ours:.0} ns, {theirs:.0} ns)",
            figure.name, figure.goal
        );
    }
    ExitCode::SUCCESS
}
