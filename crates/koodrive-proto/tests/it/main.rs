//! The tests of the core, in one program: each would be linked for itself otherwise.

mod answers;
mod clock;
mod declare;
mod every_operation;
mod flows;
mod operations;
mod pages;
mod polls;
mod proxy;
mod retries;
mod signing;
mod tokens;
mod wire_forms;
mod x_date;
