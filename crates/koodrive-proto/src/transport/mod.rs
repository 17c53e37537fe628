//! What transports share: where a proxy is, and traces.

pub mod proxy;
#[cfg(feature = "tracing")]
pub mod trace;
