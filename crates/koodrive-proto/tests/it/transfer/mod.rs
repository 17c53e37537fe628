//! Transfers.

mod harness;
mod pure;
mod uploads;
