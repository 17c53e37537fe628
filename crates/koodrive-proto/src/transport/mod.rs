//! What transports share: the address of a proxy, and tracing.

pub mod proxy;
#[cfg(feature = "tracing")]
pub mod trace;
