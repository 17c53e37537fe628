//! The project's commands; `cargo xtask` lists them.

mod guide;
mod layers;
mod openapi;
mod style;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo      runs the main job on a simulator, through both transports, and prints every request and result
  coverage  compares every declared operation with the facts, and prints each difference with its reason;
            --write writes the files of translated anew, to be read
  table     writes docs/operations.md; `coverage` fails if it is not what is declared
  guide     runs the commands of docs/simulator.md, and compares what they print; --write writes it into the page, to be
            read
  openapi   writes docs/openapi.json; `coverage` fails if it is not what the declarations and the facts say
  layers    checks that no module of the core needs one that stands below it
  size      measures the machine code that reading answers takes, per declared answer; needs binutils
  bench     measures performance beside plain libraries, one figure a line; a word picks the figures that have it in
            their names
  ci        what CI runs; needs cargo-deny, curl, and Python with venv. Names of steps pick these: demo, test, guide,
            transfer, stacks, coverage, openapi, environment, layers, format, lints, features, docs, size, dependencies
  long      what takes too long for CI. Names of parts pick these: botocore, schemathesis, transfers, endurance";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["demo"] => demo(),
        ["coverage"] => coverage(),
        ["coverage", "--write"] => cargo(["run", "--locked", "--package", "koodrive-coverage", "--", "--write"]),
        ["table"] => cargo(["run", "--locked", "--package", "koodrive-coverage", "--", "--table"]),
        ["guide"] => guide::run(false),
        ["guide", "--write"] => guide::run(true),
        ["openapi"] => cargo(["run", "--locked", "--package", "koodrive-coverage", "--", "--openapi"]),
        ["layers"] => layers(),
        ["size"] => size(),
        ["bench"] => bench(""),
        ["bench", filter] => bench(filter),
        ["ci", ref wanted @ ..] => steps(STEPS, wanted),
        ["long", ref wanted @ ..] => steps(LONG, wanted),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => Err(format!("no such command: {}\n\n{USAGE}", arguments.join(" "))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn demo() -> Result<(), String> {
    cargo(["run", "--locked", "--package", "koodrive-conformance", "--bin", "demo"])
}

/// Moves a file of 300 MB to the simulator and back.
fn transfer() -> Result<(), String> {
    cargo(["run", "--locked", "--package", "koodrive-sim", "--example", "transfer"])
}

fn coverage() -> Result<(), String> {
    cargo(["run", "--locked", "--package", "koodrive-coverage"])
}

/// The benchmarks are a workspace of their own.
const BENCH: &str = "crates/koodrive-bench/Cargo.toml";

fn bench(filter: &str) -> Result<(), String> {
    cargo(["run", "--release", "--locked", "--quiet", "--manifest-path", BENCH, "--", filter])
}

/// So are the examples over other HTTP stacks.
const STACKS: &str = "crates/koodrive-stacks/Cargo.toml";

fn stacks() -> Result<(), String> {
    cargo(["test", "--locked", "--manifest-path", STACKS])?;
    cargo(["clippy", "--all-targets", "--locked", "--manifest-path", STACKS, "--", "-D", "warnings"])
}

/// A step of CI, or a part of what takes longer.
type Step = (&'static str, fn() -> Result<(), String>);

const STEPS: &[Step] = &[
    ("demo", demo),
    ("test", || cargo(["test", "--workspace", "--locked"])),
    ("transfer", transfer),
    ("guide", || guide::run(false)),
    ("stacks", stacks),
    ("coverage", coverage),
    ("openapi", openapi::check),
    ("environment", environment),
    ("layers", layers),
    ("format", || {
        style::format(&["Cargo.toml", BENCH, STACKS])?;
        style::comments()?;
        style::operations()
    }),
    ("lints", || {
        cargo(["clippy", "--workspace", "--all-targets", "--all-features", "--locked", "--", "-D", "warnings"])?;
        // The benchmarks aren't run here, but they have to compile.
        cargo(["clippy", "--manifest-path", BENCH, "--locked", "--", "-D", "warnings"])
    }),
    ("features", features),
    ("docs", docs),
    ("size", size),
    ("dependencies", dependencies),
];

const LONG: &[Step] = &[
    ("botocore", openapi::botocore),
    ("schemathesis", openapi::schemathesis),
    ("transfers", || {
        cargo(["run", "--release", "--locked", "--package", "koodrive-conformance", "--bin", "transfers"])
    }),
    ("endurance", || {
        cargo(["run", "--release", "--locked", "--package", "koodrive-conformance", "--bin", "endurance"])
    }),
];

/// Runs all steps, or only the wanted ones.
fn steps(steps: &[Step], wanted: &[&str]) -> Result<(), String> {
    if let Some(unknown) = wanted.iter().find(|wanted| steps.iter().all(|(name, _)| name != *wanted)) {
        let names: Vec<&str> = steps.iter().map(|(name, _)| *name).collect();
        return Err(format!("no such step: {unknown}; there are {}", names.join(", ")));
    }
    let started = Instant::now();
    let mut report = Vec::new();
    let mut result = Ok(());
    for (name, step) in steps.iter().filter(|(name, _)| wanted.is_empty() || wanted.contains(name)) {
        println!("\n=== {name}");
        let begun = Instant::now();
        result = step().map_err(|error| format!("{name}: {error}"));
        report.push(format!("{:6.1} min  {name}", begun.elapsed().as_secs_f64() / 60.0));
        if result.is_err() {
            break;
        }
    }
    println!("\n{}\n{:6.1} min  in all", report.join("\n"), started.elapsed().as_secs_f64() / 60.0);
    result
}

/// The variables by which programs find a proxy.
const PROXIES: [&str; 6] = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// Checks that the transports read no proxy from the environment: the same tests pass if it names a proxy that doesn't
/// exist.
fn environment() -> Result<(), String> {
    let mut command = Command::new(cargo_program());
    let tests = ["test", "--offline", "--package", "koodrive-conformance", "--test", "it", "--"];
    command.args(tests).args(["script::", "trouble::", "proxy::"]);
    for name in PROXIES {
        command.env(name, "http://127.0.0.1:9");
    }
    command.env_remove("no_proxy").env_remove("NO_PROXY");
    run(command)
}

/// Checks that every library builds alone, as its users build it: with its default features, without them, and with
/// each of the others. Also checks that answers are read the same with a feature of serde_json that another crate may
/// turn on.
fn features() -> Result<(), String> {
    let arbitrary = ["test", "--locked", "--package", "koodrive-proto", "--features", "serde_json/arbitrary_precision"];
    // Leaves out the tests that read numbers with serde_json for comparison, and the one that counts its allocations.
    let skipped = ["serde_reads", "codes_are_found", "one_more"].iter().flat_map(|test| ["--skip", test]);
    cargo(arbitrary.into_iter().chain(["--test", "it", "--", "answers::", "ops::"]).chain(skipped))?;
    for package in ["koodrive-proto", "koodrive-files", "koodrive-hyper", "koodrive-ureq", "koodrive-sim"] {
        // Without the features that the dependencies of its tests turn on.
        cargo(["check", "--locked", "--package", package])?;
        let no_features = ["--package", package, "--all-targets", "--no-default-features"];
        cargo(["clippy", "--locked"].iter().chain(&no_features).chain(&["--", "-D", "warnings"]))?;
    }
    for (package, features) in FEATURES {
        for feature in *features {
            let one = ["check", "--locked", "--package", package, "--no-default-features", "--features", feature];
            cargo(one)?;
        }
    }
    Ok(())
}

/// The features of each library that are not on by default.
const FEATURES: &[(&str, &[&str])] = &[
    ("koodrive-proto", &["testing", "tracing"]),
    ("koodrive-hyper", &["stream", "tracing"]),
    ("koodrive-ureq", &["tracing"]),
    ("koodrive-sim", &["tls"]),
];

/// Builds the docs with all features, as docs.rs does, and without, as users may.
fn docs() -> Result<(), String> {
    for features in [&["--all-features"][..], &[]] {
        let mut command = Command::new(cargo_program());
        command.args(["doc", "--workspace", "--no-deps", "--locked"]).args(features).env("RUSTDOCFLAGS", "-D warnings");
        run(command)?;
    }
    Ok(())
}

fn layers() -> Result<(), String> {
    layers::check(&root().join("crates/koodrive-proto/src"))
}

/// The most machine code that reading may take for each declared answer, in bytes.
const ANSWER_SIZE: usize = 6 * 1024;

/// Compares two programs that have all operations, of which only one reads their answers.
fn size() -> Result<(), String> {
    let examples = ["--example", "size_all", "--example", "size_none"];
    cargo(["build", "--release", "--locked", "--package", "koodrive-proto"].iter().chain(&examples))?;
    let sizes = ["size_all", "size_none"].map(|example| {
        let program = built().join("release/examples").join(example);
        let output = Command::new("size").arg(program).output().map_err(|error| format!("can't run size: {error}"))?;
        // After a line of names, the first number is the size of what is loaded and not written to.
        let text = String::from_utf8_lossy(&output.stdout);
        let first = text.lines().nth(1).and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
        first.ok_or_else(|| format!("size says: {text}{}", String::from_utf8_lossy(&output.stderr)))
    });
    let [all, none] = sizes;
    let bytes = all?.saturating_sub(none?);
    let answers = count_answers(&root().join("crates/koodrive-proto/src/ops")).map_err(|error| error.to_string())?;
    let each = bytes / answers.max(1);
    println!("reading {answers} answers takes {bytes} bytes, {each} each; at most {ANSWER_SIZE} are allowed");
    if answers > 0 && bytes > 0 && each <= ANSWER_SIZE { Ok(()) } else { Err("answers take too much code".to_owned()) }
}

fn count_answers(folder: &Path) -> std::io::Result<usize> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        count += if path.is_dir() {
            count_answers(&path)?
        } else {
            std::fs::read_to_string(&path)?.lines().filter(|line| *line == "answer! {").count()
        };
    }
    Ok(count)
}

/// The most crates that the core may build, including itself.
const CORE_CRATES: usize = 33;

fn dependencies() -> Result<(), String> {
    const CHECKS: [&str; 6] = ["check", "--deny", "warnings", "bans", "licenses", "sources"];
    cargo(["deny"].iter().chain(&CHECKS))?;
    let core =
        ["deny", "--manifest-path", "crates/koodrive-proto/Cargo.toml", "--config", "crates/koodrive-proto/deny.toml"];
    cargo(core.iter().chain(&CHECKS))?;

    let tree =
        ["tree", "--locked", "--package", "koodrive-proto", "--edges", "normal", "--prefix", "none", "--format", "{p}"];
    let output =
        Command::new(cargo_program()).args(tree).current_dir(root()).output().map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut crates: Vec<&str> = text.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    crates.sort_unstable();
    crates.dedup();
    println!("koodrive-proto builds {} crates, at most {CORE_CRATES} are allowed", crates.len());
    if output.status.success() && (1..=CORE_CRATES).contains(&crates.len()) {
        Ok(())
    } else {
        Err(format!("the core's dependencies:\n{}", crates.join("\n")))
    }
}

fn cargo(arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Result<(), String> {
    let mut command = Command::new(cargo_program());
    command.args(arguments);
    run(command)
}

fn run(mut command: Command) -> Result<(), String> {
    let status = command.current_dir(root()).status().map_err(|error| format!("can't run {command:?}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{command:?} failed")) }
}

fn cargo_program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}

/// The directory where cargo puts what it builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |target| root().join(target))
}

/// The directory where cargo puts each profile's programs, which has a level more if a target is named.
fn built() -> PathBuf {
    let target = target();
    std::env::var_os("CARGO_BUILD_TARGET").map_or_else(|| target.clone(), |triple| target.join(triple))
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
