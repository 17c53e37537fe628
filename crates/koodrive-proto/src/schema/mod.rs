//! The tables that describe operations ([`Meta`]) and their parameters ([`Field`]), and what the values of parameters
//! look like ([`Kind`]) and contain ([`Value`]).
//!
//! Each operation's declaration fills its table, and everything else reads it: checks, requests, docs, simulators and
//! tools. This module knows nothing of errors and does no I/O.

mod example;
mod field;
mod kind;
mod limits;
mod meta;
mod params;
mod stop;
mod target;
mod template;
mod value;

pub(crate) use field::Bounds;
pub use field::{Field, Limit, MemberLimit, Place};
pub use kind::{Choice, Constant, Kind, Rule};
pub use meta::{Auth, Edition, Envelope, Facts, Meta, Safety};
pub use params::Params;
pub(crate) use stop::{ensure, same_text};
pub use target::Target;
pub(crate) use template::{OPERATIONS_HEADERS, OWN_HEADERS};
pub use value::{Entries, Value};
