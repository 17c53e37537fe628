//! Transfers.

mod pure;
