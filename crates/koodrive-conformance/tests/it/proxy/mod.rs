//! Proxies on real sockets, for every transport: what goes through them, what doesn't, and what fails.

mod addresses;
mod environment;
mod failures;
mod tunnels;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use koodrive_conformance::{Async, Blocking, Transport};
use koodrive_proto::ops::spaces::GetSpaceUsageOverview;
use koodrive_proto::{Api, Call, Error, RetryPolicy};
use koodrive_sim::rustls;
use koodrive_sim::rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::common::{trusting, ureq_trusting};

/// A proxy that records the heads that it gets.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

/// What it says to a CONNECT.
#[derive(Clone, Copy)]
pub(crate) enum Says {
    /// And tunnels, if it says that it is established.
    This(&'static str),
    /// Never an end.
    More,
}

pub(crate) const OK: Says = Says::This("HTTP/1.1 200 Connection established\r\n\r\n");

impl Proxy {
    pub(crate) fn start(says: Says, tls: Option<rustls::ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let heads = Arc::<Mutex<Vec<_>>>::default();
        let record = Arc::clone(&heads);
        let acceptor = tls.map(|tls| TlsAcceptor::from(Arc::new(tls)));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    let (record, acceptor) = (Arc::clone(&record), acceptor.clone());
                    tokio::spawn(async move {
                        match acceptor {
                            None => serve(stream, says, &record).await,
                            Some(tls) => serve(tls.accept(stream).await?, says, &record).await,
                        }
                    });
                }
            });
        });
        Self { address, heads }
    }

    /// The heads since the last look.
    pub(crate) fn heads(&self) -> Vec<String> {
        std::mem::take(&mut *self.heads.lock().unwrap())
    }
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    says: Says,
    record: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
        if head[0] != b'C' {
            return Ok(());
        }
    }
    let head = String::from_utf8(head).unwrap();
    let target = head.split(' ').nth(1).unwrap().to_owned();
    record.lock().unwrap().push(head);
    let Says::This(answer) = says else {
        stream.write_all(b"HTTP/1.1 200 OK\r\nx: ").await?;
        loop {
            stream.write_all(b"x").await?;
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    stream.write_all(answer.as_bytes()).await?;
    if answer.ends_with("established\r\n\r\n") {
        copy_bidirectional(&mut stream, &mut TcpStream::connect(target).await?).await?;
    }
    stream.shutdown().await
}

/// A transport that can be told to use a proxy.
pub(crate) trait Proxied: Transport {
    fn through(api: Api, proxy: &str) -> Result<Self, Error>;
    fn from_env(api: Api) -> Result<Self, Error>;
    /// With an authority of our own, for the service and for the proxy.
    fn trusting(api: Api, proxy: &str, root: &CertificateDer<'static>) -> Self;
}

impl Proxied for Blocking {
    fn through(api: Api, proxy: &str) -> Result<Self, Error> {
        koodrive_ureq::Client::with_proxy(api, proxy).map(Self)
    }

    fn from_env(api: Api) -> Result<Self, Error> {
        koodrive_ureq::Client::with_env_proxy(api).map(Self)
    }

    fn trusting(api: Api, proxy: &str, root: &CertificateDer<'static>) -> Self {
        let tls = ureq_trusting(root);
        let proxy = ureq::Proxy::new(proxy).unwrap();
        let config = koodrive_ureq::Client::config().tls_config(tls).proxy(Some(proxy)).build();
        Self(koodrive_ureq::Client::with_config(api, config))
    }
}

impl Proxied for Async {
    fn through(api: Api, proxy: &str) -> Result<Self, Error> {
        koodrive_hyper::Client::with_proxy(api, proxy).map(Self::over)
    }

    fn from_env(api: Api) -> Result<Self, Error> {
        koodrive_hyper::Client::with_env_proxy(api).map(Self::over)
    }

    fn trusting(api: Api, proxy: &str, root: &CertificateDer<'static>) -> Self {
        let tls = trusting(root);
        let https = || hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
        let tunnel = koodrive_hyper::ProxyConnector::new(proxy, https().enable_http1().build()).unwrap();
        let connector = https().enable_http1().wrap_connector(tunnel);
        Self::over(koodrive_hyper::Client::with_connector(api, connector))
    }
}

fn call(drive: &impl Transport) -> Result<(), Error> {
    let op = GetSpaceUsageOverview::new();
    drive.run(Call::new(&op).attempt_timeout(Duration::from_secs(60)).retry(RetryPolicy::none())).map(drop)
}

/// It and its sources.
pub(crate) fn all_of(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}");
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(part) = next {
        text = format!("{text}\n{part}\n{part:?}");
        next = part.source();
    }
    text
}
