//! Reads the space usage overview, async, from the real service or a simulator.
//!
//! Set `KOODRIVE_ENDPOINT`, `KOODRIVE_USER_ID`, and either `KOODRIVE_APP_ID` with `KOODRIVE_APP_SECRET` or
//! `KOODRIVE_TOKEN` (the whole value of the Authorization header, as a sign-in call answered it). Then run
//! `cargo run -p koodrive-hyper --example overview_async`.

use std::env;
use std::process::ExitCode;

use koodrive_hyper::proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_hyper::proto::{AccessToken, Api, Credentials};

type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("overview_async: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let drive = koodrive_hyper::Client::new(api()?);
    let usage = drive.call(&GetSpaceUsageOverview::new()).await?;
    println!("allotted: {}", text(usage.total_allocation, "spaces (documented as KB)"));
    println!("capacity: {}", text(usage.total_capacity, "GB (documented as KB)"));
    println!("used:     {}", text(usage.total_used, "KB"));
    Ok(())
}

/// Reads the endpoint and the credentials from the environment.
fn api() -> Result<Api> {
    let get = |name: &str| env::var(name).map_err(|_| format!("set {name}"));
    let user_id = get("KOODRIVE_USER_ID")?;
    let credentials = match env::var("KOODRIVE_TOKEN") {
        Ok(token) => Credentials::token(AccessToken::as_issued(token), user_id),
        Err(_) => Credentials::app(get("KOODRIVE_APP_ID")?, get("KOODRIVE_APP_SECRET")?, user_id),
    };
    Ok(Api::new(get("KOODRIVE_ENDPOINT")?, credentials)?)
}

fn text(value: Option<i64>, unit: &str) -> String {
    value.map_or_else(|| "not answered".to_owned(), |value| format!("{value} {unit}"))
}
