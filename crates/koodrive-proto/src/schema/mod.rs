//! The tables that describe operations ([`Meta`]) and their parameters ([`Field`]), and what the values of parameters
//! look like ([`Kind`]) and contain ([`Value`]).
//!
//! Each operation's declaration fills its table, and everything else reads it: checks, requests, docs, simulators and
//! tools. This module knows nothing of errors and does no I/O.

mod example;
mod field;
mod kind;
mod meta;
mod params;
mod target;
mod template;
mod value;

pub(crate) use field::Bounds;
pub use field::{Field, Limit, MemberLimit, Place};
pub use kind::{Choice, Constant, Kind, Rule};
pub use meta::{Auth, Edition, Envelope, Facts, Meta, Safety};
pub use params::Params;
pub use target::Target;
pub(crate) use template::{OWN_HEADERS, ensure, same_text};
pub use value::{Entries, Value};
