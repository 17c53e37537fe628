//! What is about koodrive-hyper alone. What both transports have to do is checked in koodrive-conformance.

mod landing;
mod timer;
#[cfg(feature = "rustls")]
mod transfers;
