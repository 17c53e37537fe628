//! Sources, sinks, states and progress, without a network.

mod files;
mod pace;
