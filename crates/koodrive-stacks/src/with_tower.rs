//! [`koodrive_hyper`] with layers of [`tower`] below it: here at most some requests per second, for all clones.

use std::time::Duration;

use hyper_util::client::legacy::Client as Pool;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use koodrive_hyper::Client;
use koodrive_proto::Api;
use tower::ServiceBuilder;

/// Creates a client that sends at most `rate` requests per second. It must be used inside a tokio runtime.
pub fn client(api: Api, rate: u64) -> Client {
    #[cfg(feature = "tls")]
    let connector = hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_webpki_roots(rustls::crypto::ring::default_provider())
        .expect("ring supports TLS 1.2 and 1.3")
        .https_or_http()
        .enable_http1()
        .build();
    #[cfg(not(feature = "tls"))]
    let connector = hyper_util::client::legacy::connect::HttpConnector::new();
    let pool = Pool::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        // Whether a request may be sent again depends on the operation.
        .retry_canceled_requests(false)
        .build(connector);
    // The buffer makes of the limited service one that can be cloned.
    let service = ServiceBuilder::new().buffer(64).rate_limit(rate, Duration::from_secs(1)).service(pool);
    Client::with_service(api, service)
}
