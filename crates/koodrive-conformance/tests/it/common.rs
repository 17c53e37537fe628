//! What the tests share: time that stands still, a server that records what it gets, and certificates.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use koodrive_proto::chrono::{TimeZone, Utc};
use koodrive_proto::flow::Now;
use koodrive_proto::schema::Auth;
use koodrive_proto::{AccessToken, Api, Credentials, Meta};
use koodrive_sim::rustls;
use koodrive_sim::rustls::pki_types::CertificateDer;
use koodrive_sim::rustls::{ServerConnection, StreamOwned};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

pub(crate) const USER: &str = "1505084218764547200";
pub(crate) const OWNER: &str = "1289173650183882753";

pub(crate) fn api(endpoint: &str) -> Api {
    Api::new(endpoint, Credentials::app("my-app", "my-secret", USER)).unwrap()
}

/// One that every operation fits, which an agent's name is set for.
pub(crate) fn api_for(meta: &Meta, endpoint: &str) -> Api {
    let api = match meta.auth {
        Auth::Token | Auth::TokenAlone => {
            Api::new(endpoint, Credentials::token(AccessToken::as_issued("Bearer 6ebb6266"), USER)).unwrap()
        }
        _ => api(endpoint),
    };
    api.agent_name("standard").unwrap()
}

pub(crate) fn simulator() -> koodrive_sim::Simulator {
    koodrive_sim::Simulator::new().app("my-app", "my-secret", USER).token("Bearer 6ebb6266", USER)
}

/// 2025-11-03 07:01:40, always.
pub(crate) fn noon() -> Now {
    Now { utc: Utc.with_ymd_and_hms(2025, 11, 3, 7, 1, 40).unwrap(), elapsed: Duration::ZERO }
}

/// A server that gives the same reply to every request, and hands over what it got.
pub(crate) struct Recorder {
    address: SocketAddr,
    requests: Receiver<Vec<u8>>,
}

impl Recorder {
    /// `reply` gets the connection once the request is read.
    pub(crate) fn start(reply: impl Fn(&mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, requests) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read_request(&mut stream);
                if sender.send(request).is_err() {
                    return;
                }
                reply(&mut stream);
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
        Self { address, requests }
    }

    pub(crate) fn replying(reply: impl Into<Vec<u8>>) -> Self {
        let reply = reply.into();
        Self::start(move |stream| drop(stream.write_all(&reply)))
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What came since the last look.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.try_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect()
    }
}

/// Head, and as much body as it announces; empty if the connection was closed instead.
fn read_request(stream: &mut (impl Read + ?Sized)) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
        bytes.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&bytes).to_lowercase();
    assert!(!head.contains("transfer-encoding"), "many gateways refuse chunked bodies: {head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    bytes.extend(body);
    bytes
}

/// A connection, with TLS or without.
pub(crate) trait Stream: Read + Write {}

impl<T: Read + Write> Stream for T {}

/// A server that keeps connections, and counts them.
pub(crate) struct Keeper {
    endpoint: String,
    connections: Arc<AtomicUsize>,
    requests: Arc<AtomicUsize>,
}

impl Keeper {
    /// `reply` gets the number of the request, counted from 0, and the connection, and says whether to keep it.
    pub(crate) fn start(
        tls: Option<rustls::ServerConfig>,
        reply: impl Fn(usize, &mut dyn Stream) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::serve(tls, false, reply)
    }

    /// The same with TLS, which is ended in an orderly way.
    pub(crate) fn saying_goodbye(
        tls: rustls::ServerConfig,
        reply: impl Fn(usize, &mut dyn Stream) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self::serve(Some(tls), true, reply)
    }

    fn serve(
        tls: Option<rustls::ServerConfig>,
        goodbye: bool,
        reply: impl Fn(usize, &mut dyn Stream) -> bool + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let endpoint = format!("{scheme}://{}", listener.local_addr().unwrap());
        let server = Self { endpoint, connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (Arc::clone(&server.connections), Arc::clone(&server.requests));
        let (tls, reply) = (tls.map(Arc::new), Arc::new(reply));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                connections.fetch_add(1, SeqCst);
                let (requests, tls, reply) = (Arc::clone(&requests), tls.clone(), Arc::clone(&reply));
                let serve = move |stream: &mut dyn Stream| {
                    while !read_request(&mut *stream).is_empty() && reply(requests.fetch_add(1, SeqCst), &mut *stream) {
                    }
                };
                std::thread::spawn(move || match tls {
                    Some(tls) => {
                        let mut stream = StreamOwned::new(ServerConnection::new(tls).unwrap(), stream);
                        serve(&mut stream);
                        if goodbye {
                            stream.conn.send_close_notify();
                            let _ = stream.flush();
                        }
                    }
                    None => serve(&mut stream),
                });
            }
        });
        server
    }

    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }
}

/// A reply with its length, after which the connection is closed.
pub(crate) fn reply(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

/// A certificate authority of our own, and a server that it vouches for.
pub(crate) struct Authority {
    pub(crate) root: CertificateDer<'static>,
    pub(crate) server: rustls::ServerConfig,
}

pub(crate) fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &ca).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let server = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key.serialize_der().try_into().unwrap())
        .unwrap();
    Authority { root: ca.der().clone(), server }
}

/// What trusts that authority alone, for hyper.
pub(crate) fn trusting(root: &CertificateDer<'static>) -> rustls::ClientConfig {
    trusting_all(&[root])
}

/// What trusts these authorities.
pub(crate) fn trusting_all(trusted: &[&CertificateDer<'static>]) -> rustls::ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    for root in trusted {
        roots.add((*root).clone()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

/// The same for ureq.
pub(crate) fn ureq_trusting(root: &CertificateDer<'static>) -> ureq::tls::TlsConfig {
    ureq_trusting_all(&[root])
}

pub(crate) fn ureq_trusting_all(trusted: &[&CertificateDer<'static>]) -> ureq::tls::TlsConfig {
    let roots: Vec<_> = trusted.iter().map(|root| ureq::tls::Certificate::from_der(root).to_owned()).collect();
    ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::Specific(Arc::new(roots))).build()
}

/// An error and its sources, as whoever reports errors writes them. No text is in two of them.
pub(crate) fn chain(error: &koodrive_proto::Error) -> Vec<String> {
    let mut texts = Vec::new();
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(part) = next {
        texts.push(part.to_string());
        next = part.source();
    }
    for (number, text) in texts.iter().enumerate() {
        assert!(!text.contains("io: "), "{texts:#?}");
        let twice = texts.iter().enumerate().any(|(other, longer)| other != number && longer.contains(&**text));
        assert!(!twice, "{texts:#?}");
    }
    texts
}
