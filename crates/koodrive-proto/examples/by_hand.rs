//! Builds the two calls of the front page, prints them as they would go over the wire, and reads an answer, without any
//! HTTP client.
//!
//! Run it with `cargo run -p koodrive-proto --example by_hand`.

#![expect(clippy::disallowed_methods, reason = "an example is a program: it may read the clock")]

use koodrive_proto::ops::spaces::{GetSpaceUsageOverview, SpaceType, UpdateSpace};
use koodrive_proto::{Api, Call, Credentials, Error, Language, Operation, TraceId, bytes::Bytes, chrono::Utc, http};

fn main() -> Result<(), Error> {
    let credentials = Credentials::app("my-app", "my-secret", "1505084218764547200");
    let api = Api::new("https://intl.myhuaweicloud-koodrive.com", credentials)?.language(Language::EN_US);

    // A size of 10 GB.
    let update = UpdateSpace::new("1289173650183882753", SpaceType::Individual).capacity(10);
    print(&api.request(&update, Utc::now())?);

    // A call with options of its own.
    let overview = GetSpaceUsageOverview::new();
    let call = Call::new(&overview).trace_id(TraceId::from_bytes([0x2a; 29]));
    print(&call.request(&api, Utc::now())?);

    // An answer is parsed independently of its request; this one is the manual's example.
    let answer =
        r#"{"data":{"totalAllocation":43,"totalCapacity":1051187,"totalUsed":33085606},"code":0,"msg":"success"}"#;
    let usage = GetSpaceUsageOverview::parse(&http::Response::new(answer))?;
    println!("{usage:#?}");

    // A request that isn't allowed is never built.
    let error = api.request(&update.capacity(0), Utc::now()).unwrap_err();
    println!("{error}");
    Ok(())
}

fn print(request: &http::Request<Bytes>) {
    println!("{} {} HTTP/1.1", request.method(), request.uri().path());
    for (name, value) in request.headers() {
        // Sensitive values, here the signature, are marked and print as `Sensitive`.
        println!("{name}: {value:?}");
    }
    println!("\n{}\n", String::from_utf8_lossy(request.body()));
}
