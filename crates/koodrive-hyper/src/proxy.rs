//! Tunnels through an HTTP proxy.

use std::error::Error as StdError;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{env, fmt};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http_body_util::Empty;
use hyper::client::conn::http1;
use hyper::rt::{Read, Timer, Write};
use hyper_util::rt::TokioTimer;
use koodrive_proto::bytes::Bytes;
use koodrive_proto::error::BoxError;
use koodrive_proto::http::{HeaderValue, Request, StatusCode, Uri, header};
use koodrive_proto::transport::proxy::ProxyAddress;
use koodrive_proto::{Endpoint, Error};
use tower_service::Service;

use crate::failure;
use crate::watch::{Seat, Watch, Watched};

/// A connector that goes through an HTTP proxy, for TLS settings of your own: each connection is a tunnel made with
/// CONNECT.
///
/// It goes below the TLS to the service, and above a connector that reaches the proxy; the latter has to speak TLS if
/// the proxy's address is `https://`. `Client::with_proxy` uses it with the usual settings.
///
/// ```no_run
/// # #[cfg(feature = "rustls")]
/// # fn example(api: koodrive_proto::Api, tls: rustls::ClientConfig) -> Result<(), koodrive_proto::Error> {
/// use hyper_util::client::legacy::connect::HttpConnector;
///
/// let tunnel = koodrive_hyper::ProxyConnector::new("http://user:password@proxy:3128", HttpConnector::new())?;
/// let connector = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1();
/// let drive = koodrive_hyper::Client::with_connector(api, connector.wrap_connector(tunnel));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ProxyConnector<C> {
    connector: C,
    proxy: Uri,
    login: Option<HeaderValue>,
}

impl<C> ProxyConnector<C> {
    /// Creates a connector through this proxy: `http://user:password@host:port`, or `https://` for TLS to the proxy.
    ///
    /// User and password are percent-encoded, and may be left out; so may the port, if it is 80 or 443. SOCKS is not
    /// supported.
    pub fn new(proxy: &str, connector: C) -> Result<Self, Error> {
        Self::through(&ProxyAddress::parse(proxy)?, connector)
    }

    /// Creates a connector through the proxy that the environment names for an endpoint, if it names one:
    /// [`ProxyAddress::from_env`] says how. The variables are read once.
    pub fn from_env(endpoint: &Endpoint, connector: C) -> Result<Option<Self>, Error> {
        let var = |name: &str| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        ProxyAddress::from_env(endpoint, var)?.map(|proxy| Self::through(&proxy, connector)).transpose()
    }

    fn through(proxy: &ProxyAddress, connector: C) -> Result<Self, Error> {
        let login = proxy.login().map(|(user, password)| -> Result<_, Error> {
            let login = BASE64_STANDARD.encode(format!("{user}:{}", password.as_str()));
            let mut value = HeaderValue::try_from(format!("Basic {login}")).map_err(Error::build)?;
            value.set_sensitive(true);
            Ok(value)
        });
        Ok(Self { connector, proxy: proxy.uri().clone(), login: login.transpose()? })
    }
}

impl<C> fmt::Debug for ProxyConnector<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProxyConnector").field("proxy", &self.proxy).finish_non_exhaustive()
    }
}

impl<C> Service<Uri> for ProxyConnector<C>
where
    C: Service<Uri>,
    C::Response: Read + Write + Send + Unpin + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send + 'static,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, service: Uri) -> Self::Future {
        let connecting = self.connector.call(self.proxy.clone());
        let login = self.login.clone();
        let proxy = self.proxy.authority().map(ToString::to_string).unwrap_or_default();
        Box::pin(async move {
            let tunnel = async {
                let connection = connecting.await.map_err(|error| Problem::Failed(error.into()))?;
                tunnel(connection, &service, login).await
            };
            // A connection that is no longer needed is completed in the background, where no call's timeout ends it.
            let (mut tunnel, mut over) = (pin!(tunnel), TokioTimer::new().sleep(LONGEST));
            let made = poll_fn(|cx| match tunnel.as_mut().poll(cx) {
                Poll::Pending => over.as_mut().poll(cx).map(|()| Err(Problem::Late)),
                ready @ Poll::Ready(_) => ready,
            });
            made.await.map_err(|problem| Untunnelled { proxy, problem }.into())
        })
    }
}

/// How long making a tunnel may take, at most.
const LONGEST: Duration = Duration::from_secs(60);

/// Asks a proxy for a tunnel to the service.
async fn tunnel<T>(connection: T, service: &Uri, login: Option<HeaderValue>) -> Result<T, Problem>
where
    T: Read + Write + Send + Unpin + 'static,
{
    let standard = if service.scheme_str() == Some("https") { 443 } else { 80 };
    let host = service.host().unwrap_or_default();
    let host = format!("{host}:{}", service.port_u16().unwrap_or(standard));
    let mut request = Request::connect(&*host).header(header::HOST, &*host).body(Empty::<Bytes>::new())?;
    if let Some(login) = login {
        request.headers_mut().insert(header::PROXY_AUTHORIZATION, login);
    }
    let seat = Seat::default();
    seat.take(&Arc::new(Watch::new(Arc::new(TokioTimer::new()))));
    let (mut sender, connection) = http1::handshake(Watched { io: connection, seat }).await?;
    let mut answer = pin!(sender.send_request(request));
    let mut connection = pin!(connection.without_shutdown());
    let mut parts = None;
    // The answer arrives only while the connection is polled, and the connection ends with it.
    let answer = poll_fn(|cx| {
        if parts.is_none() {
            if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
                parts = Some(ended);
            }
        }
        answer.as_mut().poll(cx)
    })
    .await?;
    // Only status 200 means that there is a tunnel.
    if answer.status() != StatusCode::OK {
        return Err(Problem::Answered(answer.status()));
    }
    let parts = match parts {
        Some(parts) => parts?,
        None => connection.await?,
    };
    if parts.read_buf.is_empty() { Ok(parts.io.io) } else { Err(Problem::SpokeFirst) }
}

/// An error while a tunnel was made.
#[derive(Debug)]
pub(crate) struct Untunnelled {
    proxy: String,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    Answered(StatusCode),
    SpokeFirst,
    Late,
    Failed(BoxError),
}

impl<E: Into<BoxError>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

impl Untunnelled {
    /// What happened, for the one line that the call's error writes.
    pub(crate) fn words(&self) -> String {
        let why = match &self.problem {
            Problem::Answered(status) => format!("it answered {}", status.as_u16()),
            Problem::SpokeFirst => "it sent more than its answer".to_owned(),
            Problem::Late => "it didn't answer".to_owned(),
            Problem::Failed(error) => failure::words(&**error, true).unwrap_or_else(|| error.to_string()),
        };
        format!("no tunnel through the proxy {}: {why}", self.proxy)
    }
}

impl fmt::Display for Untunnelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let proxy = &self.proxy;
        match &self.problem {
            Problem::Answered(status) => write!(f, "the proxy {proxy} answered CONNECT with {status}"),
            Problem::SpokeFirst => write!(f, "the proxy {proxy} sent more than its answer to CONNECT"),
            Problem::Late => write!(f, "the proxy {proxy} didn't answer CONNECT"),
            Problem::Failed(_) => write!(f, "CONNECT failed at the proxy {proxy}"),
        }
    }
}

impl StdError for Untunnelled {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.problem {
            Problem::Failed(error) => Some(&**error),
            _ => None,
        }
    }
}

#[cfg(feature = "rustls")]
mod client {
    use hyper_rustls::HttpsConnector;
    use hyper_util::client::legacy::connect::HttpConnector;
    use koodrive_proto::{Api, Error};

    use super::ProxyConnector;
    use crate::Client;

    impl Client {
        /// Like [`new`](Self::new), through an HTTP proxy: `http://user:password@host:port`, or `https://` for TLS to
        /// the proxy.
        ///
        /// User and password are percent-encoded, and may be left out; so may the port, if it is 80 or 443. Every
        /// connection is a tunnel made with CONNECT, even to `http://` endpoints. So the same bytes reach the service,
        /// and the proxy sees none of them if the endpoint is `https://`. SOCKS is not supported. For TLS settings of
        /// your own, use [`ProxyConnector`].
        pub fn with_proxy(api: Api, proxy: &str) -> Result<Self, Error> {
            Ok(Self::through(api, ProxyConnector::new(proxy, to_proxy())?))
        }

        /// Like [`with_proxy`](Self::with_proxy) with the proxy that the environment names for the endpoint of `api`,
        /// or like [`new`](Self::new) if it names none.
        ///
        /// [`ProxyAddress::from_env`](koodrive_proto::transport::proxy::ProxyAddress::from_env) says which variables
        /// are read, and how. They are read once.
        pub fn with_env_proxy(api: Api) -> Result<Self, Error> {
            match ProxyConnector::from_env(api.endpoint(), to_proxy())? {
                Some(tunnel) => Ok(Self::through(api, tunnel)),
                None => Ok(Self::new(api)),
            }
        }

        fn through(api: Api, tunnel: ProxyConnector<HttpsConnector<HttpConnector>>) -> Self {
            let builder = crate::tls();
            let builder = if api.endpoint().is_https() { builder.https_only() } else { builder.https_or_http() };
            Self::with_connector(api, builder.enable_http1().wrap_connector(tunnel))
        }
    }

    fn to_proxy() -> HttpsConnector<HttpConnector> {
        crate::tls().https_or_http().enable_http1().build()
    }
}
