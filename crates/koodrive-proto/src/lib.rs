//! The protocol of [Huawei Cloud KooDrive](https://www.huaweicloud.com/product/koodrive.html), an enterprise cloud
//! drive, without any I/O: this crate builds [`http::Request`]s, validated, dated and signed, and reads
//! [`http::Response`]s. It has no socket, clock, thread, randomness or environment. You bring the HTTP client, blocking
//! or async.
//!
//! # By hand, with any HTTP client
//!
//! ```
//! use koodrive_proto::ops::spaces::{SpaceType, UpdateSpace};
//! use koodrive_proto::{Api, Credentials, Operation, chrono::Utc, http};
//!
//! let credentials = Credentials::app("my-app", "my-secret", "1505084218764547200");
//! let api = Api::new("https://intl.myhuaweicloud-koodrive.com", credentials)?;
//!
//! let op = UpdateSpace::new("1289173650183882753", SpaceType::Individual).capacity(10); // GB, 1 to 104857600
//! let request: http::Request<koodrive_proto::bytes::Bytes> = api.request(&op, Utc::now())?;
//! # let _ = request;
//!
//! // Send it unchanged, without following redirects. Then:
//! let response = http::Response::new(r#"{"code": 0, "msg": "Success."}"#);
//! UpdateSpace::parse(&response)?;
//! # Ok::<(), koodrive_proto::Error>(())
//! ```
//!
//! # Blocking or async
//!
//! ```text
//! let drive = koodrive_ureq::Client::new(api);                // blocking
//! let usage = drive.call(&GetSpaceUsageOverview::new())?;
//!
//! let drive = koodrive_hyper::Client::new(api);               // async
//! let usage = drive.call(&GetSpaceUsageOverview::new()).await?;
//! ```
//!
//! Calls are retried where that is safe ([`retry`] has the table), a wrong clock is corrected by the service's answers,
//! and tokens are renewed. A transport of your own is a loop of ten lines: see [`flow`].
//!
//! # Where things are
//!
//! - [`ops`] has the operations, in one module for each family of the manual, and lists all of them [as a
//!   table](ops::ALL) and [as types](ops::visit).
//! - [`Api`] is one KooDrive as one caller sees it; [`Credentials`] say who calls; [`auth`] has the signature and its
//!   verifier.
//! - [`Call`] has the options of a single call: language, trace id, deadline, timeouts, retries, headers. [`WithHead`]
//!   also returns the status, the headers and the body of the answer.
//! - [`flow`] has what takes more than one request: [`Pages`](flow::Pages) reads a listing, [`Until`](flow::Until)
//!   polls until a job has ended, [`Resolve`](flow::Resolve) turns a path of names into ids, [`Links`](flow::Links)
//!   fetches links for downloads, and [`Zip`](flow::Zip) has folders packed. [`RetryPolicy`] and [`Refresh`] say how
//!   calls are retried and how tokens are renewed, and an [`Observer`](flow::Observer) is told of every attempt.
//! - [`flow::Upload`] and [`flow::Download`] move files, to be run by [a driver](flow#transfers); [`transfer`] has what
//!   they compute.
//! - [`Error`] says what to do about a call that failed.
//! - [`operation!`] declares an operation that isn't here yet; [`object!`], [`choices!`], [`text!`], [`id!`] and
//!   [`answer!`] declare the types that it uses, and [`schema`] has the tables that all of them fill.
//! - `testing` (a feature) is a world in virtual time, for tests without a network and without waiting.
//! - [`Meta::check`], [`FromParams`](check::FromParams) and [`Received`](operation::Received) are for the other side:
//!   simulators, gateways, tools.
//!
//! # What is certain
//!
//! The manuals are public, but the service could not be reached while this was written. The crate implements what the
//! manuals say. Where they contradict themselves or are silent, the docs of the item say so; reading is lenient there,
//! and writing is strict. The signature is checked against an independent implementation of the manual's rules, and
//! those rules against the published examples of Huawei's sibling scheme, but not against the service.
//!
//! # Requirements and features
//!
//! The crate needs Rust 1.85. No feature is on by default: `testing` adds the module of that name, and `tracing` adds
//! the module `transport::trace`.

#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

// None of these modules imports one below it, in the order that `cargo xtask layers` has and checks.
mod api;
pub mod auth;
pub mod check;
#[doc(hidden)]
pub mod declare;
mod endpoint;
pub mod error;
pub mod flow;
mod observer;
pub mod operation;
pub mod ops;
pub mod param;
pub mod retry;
pub mod schema;
#[cfg(feature = "testing")]
pub mod testing;
mod time;
pub mod transfer;
pub mod transport;
pub mod wire;

pub use bytes;
pub use chrono;
pub use http;
#[doc(hidden)]
pub use serde;
pub use serde_json;

pub use api::Api;
pub use auth::{AccessToken, Credentials, Refresh};
pub use check::InvalidParam;
pub use endpoint::Endpoint;
pub use error::{Error, ErrorKind, Sent};
pub use flow::{Call, Flow};
pub use operation::{Operation, WithHead};
pub use param::{DepartmentId, FileId, GroupId, Language, Secret, SpaceId, TraceId, UserId};
pub use retry::RetryPolicy;
pub use schema::Meta;
