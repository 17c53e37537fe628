//! Sources, sinks, states and progress, without a network.

mod files;
mod names;
mod pace;
mod trees;
#[cfg(unix)]
mod walks;
