//! Transports for [`koodrive_proto`] over other HTTP stacks, to be copied. Each file stands alone.
//!
//! `koodrive_sim::check_transport` checks them in `tests/stacks.rs`; the README says when to take which.

pub mod std_net;
pub mod with_curl;
pub mod with_reqwest;
pub mod with_tower;
