//! A KooDrive on loopback, for the tests of programs that use one: a library to embed, and a program.
//!
//! ```
//! use koodrive_sim::{Server, Simulator};
//!
//! let simulator = Simulator::new().app("my-app", "my-secret", "1505084218764547200");
//! let server = Server::start(simulator)?;
//! println!("{}", server.endpoint()); // http://127.0.0.1:…
//! // ... call it with any client; it stops when `server` is dropped.
//! assert!(server.ledger().is_empty());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! It is written from the manuals, and was never compared with the service. It checks what the service is documented to
//! check:
//!
//! - The token or signature, and a signature's X-Date against the simulator's own clock, which can be set off. It
//!   refuses with HTTP 401.
//! - Parameters against their limits, a malformed X-Traceid or X-Date, and a body that isn't a JSON object. It refuses
//!   with HTTP 400 and code 13000102.
//!
//! With a token, X-Date may be missing or old: the manual's pages list it "for app authentication". Tokens expire
//! ([`Simulator::token_lifetime`], [`Simulator::expire_tokens`]), and are exchanged for new ones if the simulator knows
//! what renews them ([`Simulator::session`], [`Simulator::refresh_token`]). A token that is refused gets HTTP 401 and
//! `APIGW.0301`.
//!
//! The simulator can also imitate what goes wrong between a client and a service that works: connections that are
//! refused or reset, throttling, and answers that are late, cut off or garbage. They occur as often as a plan of
//! [`Faults`] says, and the same seed always brings the same faults ([`Simulator::faults`], [`Simulator::set_faults`]).
//! The [ledger](Entry) tells in any case what was executed.
//!
//! ```
//! use koodrive_sim::{Fault, Faults, Server, Simulator};
//!
//! // Of 100 requests, five are executed without an answer and ten are throttled.
//! let faults = Faults::new(7).rate(Fault::ResetAfter, 0.05).rate(Fault::Throttle, 0.1);
//! let server = Server::start(Simulator::new().app("my-app", "my-secret", "1505084218764547200").faults(faults))?;
//! // ... call it, then look at what was executed:
//! assert_eq!(server.ledger().iter().filter(|entry| entry.refused.is_none()).count(), 0);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Answers can also have [`Quirks`]: other ways to write the same, such as a code that is a text, which a client has to
//! bear.
//!
//! To see what a client does, print each [`Entry`] ([`Simulator::on_entry`]); to see why its signature is refused, see
//! [`Simulator::explain`]. The program has `--verbose` and `--explain` for this, and `docs/simulator.md` in the
//! repository shows how to call it from other languages. How much a [`Server`] bears of clients that are slow, many or
//! hostile is said by [`Limits`].
//!
//! Where the manuals leave something open, the simulator follows the reading that the docs of [`koodrive_proto::ops`]
//! give. Where they contradict themselves, it accepts both: a number may come as a text and the other way round.
//!
//! Whoever writes a transport of their own checks it with [`check_transport`], and with [`check_transfers`] if it moves
//! files, against a server that misbehaves in worse ways than a simulator does.
//!
//! # What it does
//!
//! All operations of [`koodrive_proto::ops`] work on one state: users with their departments and groups; spaces, their
//! quotas and who may do what in them; files and folders with revisions, favourites and a recycle bin; jobs, which take
//! time by the simulator's clock ([`Simulator::job_time`]) and can be cancelled; shares, links to them and what
//! visitors do; shared folders and invitations; sign-in and sessions; messages, albums, backups, moderation and the
//! audit log. A call that is refused changes nothing. Time passes with the real clock, and as much more as a test
//! wants:
//!
//! ```
//! use koodrive_proto::chrono::TimeDelta;
//! use koodrive_sim::{Server, Simulator};
//!
//! let server = Server::start(Simulator::new().app("my-app", "my-secret", "1505084218764547200"))?;
//! // ... share a file for seven days; then:
//! server.simulator().advance(TimeDelta::days(8));
//! // ... the share has expired. And for the next test:
//! server.simulator().reset();
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! `src/families/` has a file for each module of operations, which says what they do. What no page documents is listed
//! in `GUESSES.md` in the crate's folder: programs shouldn't rely on it.
//!
//! Links lead to an object store on the same socket, under `/objects/`, which checks them as S3 does: the bytes of a
//! file are sent there, and an upload can be completed only when they are there and are what was announced. They are
//! kept in memory up to a limit ([`Limits::objects`]), or in the directory of [`Simulator::open`]. Links live an hour
//! ([`Simulator::link_lifetime`]). Its requests are in the ledger, too, as `PutPart`, `GetObject` and `HeadObject`.
//!
//! The documented example is answered by `RefreshSession` alone if no [`Simulator::session`] was set, and by
//! `RefreshToken` if no [`Simulator::refresh_token`] was; [`Entry::documented`] tells. An address of no
//! operation is answered with 404 and `APIGW.0101`, as the gateway does.
//!
//! What a drive has from its beginning can be given as JSON ([`Simulator::seed`]), and its state can be kept in a
//! directory ([`Simulator::open`]).

pub mod facts;

mod auth;
mod call;
mod explain;
mod families;
mod faults;
mod handle;
mod ledger;
mod limits;
mod mix;
mod page;
mod quirks;
mod reply;
mod route;
mod seed;
mod server;
mod simulator;
mod socket;
mod state;
mod storage;
mod store;
mod times;
mod tokens;
mod transport;
mod zips;

pub use families::revisions::RevisionConflict;
pub use faults::{Fault, Faults};
pub use ledger::Entry;
pub use limits::Limits;
pub use quirks::{Quirk, Quirks};
pub use seed::SeedError;
pub use server::Server;
pub use simulator::Simulator;
#[cfg(feature = "tls")]
pub use tokio_rustls::rustls;
pub use transport::{CheckTransport, Ends, Lack, OneRequest, Report};
pub use transport::{check_transfers, check_transfers_async, check_transport, check_transport_async};
