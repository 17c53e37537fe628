//! The tests of the transports and of what is declared, in one program: each would be linked for itself otherwise. Only
//! `tests/tracing.rs` needs a process of its own.

mod common;
mod company;
mod connections;
mod documented;
mod examples;
mod listings;
mod loops;
mod mistakes;
mod proxy;
mod script;
mod settings;
mod sharing;
mod storm;
mod table;
mod transfers;
mod trouble;
mod wire;
