//! Transfers.

mod downloads;
mod harness;
mod pure;
mod uploads;
