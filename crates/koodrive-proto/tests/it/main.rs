//! The tests of the core, in one program: each would be linked for itself otherwise.

mod answers;
mod api;
mod clock;
mod codes;
mod common;
mod contract;
mod declare;
mod every_operation;
mod flows;
mod folders;
mod forms;
mod grammar;
mod links;
mod messages;
mod ops;
mod pages;
mod parameters;
mod polls;
mod proxy;
mod resolve;
mod retries;
mod signing;
mod tokens;
mod transfer;
mod x_date;
mod zips;
