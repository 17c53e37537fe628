//! Reads the space usage overview through one of the stacks.
//!
//! Set `KOODRIVE_ENDPOINT`, `KOODRIVE_USER_ID`, `KOODRIVE_APP_ID` and `KOODRIVE_APP_SECRET`. Then run
//! `cargo run --manifest-path crates/koodrive-stacks/Cargo.toml -- STACK`, where STACK is `std`, `reqwest`, `curl` or
//! `tower`; with `--features tls` before the `--`, all but `std` also know https://.

use std::env;
use std::process::ExitCode;
use std::time::Instant;

use koodrive_proto::error::BoxError;
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{Api, Call, Credentials};
use koodrive_stacks::{std_net, with_curl, with_reqwest, with_tower};

fn main() -> ExitCode {
    match overview() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // With what it comes from.
            eprintln!("koodrive-stacks: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn overview() -> Result<(), BoxError> {
    let get = |name: &str| env::var(name).map_err(|_| format!("set {name}"));
    let user_id = get("KOODRIVE_USER_ID")?;
    let credentials = Credentials::app(get("KOODRIVE_APP_ID")?, get("KOODRIVE_APP_SECRET")?, user_id);
    // A seed that differs from program to program, so that not all of them pause alike.
    let api = Api::new(get("KOODRIVE_ENDPOINT")?, credentials)?.or_random_seed(std::process::id().into());
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let op = GetSpaceUsageOverview::new();
    let mut call = Call::new(&op);
    let usage = match env::args().nth(1).as_deref() {
        Some("std") => std_net::run(&api, started, &mut call)?,
        Some("curl") => with_curl::run(&api, started, &mut call)?,
        Some("reqwest") => runtime.block_on(with_reqwest::run(&with_reqwest::client()?, &api, started, &mut call))?,
        Some("tower") => runtime.block_on(async { with_tower::client(api, 5).run(&mut call).await })?,
        _ => return Err("name a stack: std, reqwest, curl or tower".into()),
    };
    println!("{:?} KB used", usage.total_used);
    Ok(())
}
