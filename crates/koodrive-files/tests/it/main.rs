//! Sources, sinks, states and progress, without a network.

mod files;
mod names;
mod pace;
#[cfg(unix)]
mod walks;
