//! Proxies on real sockets, for every transport: what goes through them, what doesn't, and what fails.

mod common;

use std::net::{SocketAddr, TcpListener};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{OWNER, Recorder, api, authority, noon, reply, simulator};
use koodrive_conformance::{Async, At, Blocking, Transport};
use koodrive_proto::flow::{Event, Now, Step};
use koodrive_proto::ops::spaces::{GetSpaceUsageOverview, SpaceType, UpdateSpace};
use koodrive_proto::transport::proxy::ProxyAddress;
use koodrive_proto::{Api, Call, Error, ErrorKind, Flow, RetryPolicy, Sent};
use koodrive_sim::{Server, rustls};
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// A proxy that records the heads that it gets.
struct Proxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

/// What it says to a CONNECT.
#[derive(Clone, Copy)]
enum Says {
    /// And tunnels, if it says that it is established.
    This(&'static str),
    /// Never an end.
    More,
}

const OK: Says = Says::This("HTTP/1.1 200 Connection established\r\n\r\n");

impl Proxy {
    fn start(says: Says, tls: Option<rustls::ServerConfig>) -> Self {
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
    fn heads(&self) -> Vec<String> {
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
trait Proxied: Transport {
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
        let roots = vec![ureq::tls::Certificate::from_der(root).to_owned()];
        let tls = ureq::tls::TlsConfig::builder().root_certs(ureq::tls::RootCerts::Specific(Arc::new(roots))).build();
        let proxy = ureq::Proxy::new(proxy).unwrap();
        let config = ureq::Agent::config_builder().tls_config(tls).proxy(Some(proxy)).user_agent("").build();
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
        let mut roots = rustls::RootCertStore::empty();
        roots.add(root.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let https = || hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
        let tunnel = koodrive_hyper::ProxyConnector::new(proxy, https().enable_http1().build()).unwrap();
        let connector = https().enable_http1().wrap_connector(tunnel);
        Self::over(koodrive_hyper::Client::with_connector(api, connector))
    }
}

/// Gives the runtime, if there is one, time to put connections back.
struct Pause;

impl Flow for Pause {
    type Output = ();

    fn resume(&mut self, _: &Api, _: Now, event: Event) -> Step<Result<(), Error>> {
        if matches!(event, Event::Start) { Step::Wait(Duration::from_millis(1)) } else { Step::Done(Ok(())) }
    }
}

fn call(drive: &impl Transport) -> Result<(), Error> {
    let op = GetSpaceUsageOverview::new();
    drive.run(Call::new(&op).attempt_timeout(Duration::from_secs(60)).retry(RetryPolicy::none())).map(drop)
}

/// Two calls, one tunnel.
fn two_calls(drive: &impl Transport, proxy: &Proxy, server: &Server) {
    for _ in 0..2 {
        call(drive).unwrap();
        drive.run(Pause).unwrap();
    }
    let heads = proxy.heads();
    assert_eq!(heads.len(), 1, "{heads:?}");
    assert!(heads[0].starts_with(&format!("CONNECT {} HTTP/1.1\r\n", server.address())), "{heads:?}");
    // Nothing of ours, and not who asks.
    let names = heads[0].trim_end().lines().skip(1).map(|line| line.split_once(": ").unwrap().0.to_lowercase());
    let others: Vec<_> = names.filter(|name| !matches!(&**name, "host" | "proxy-connection")).collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn tunnels() {
    fn script<T: Proxied>() {
        let ca = authority("127.0.0.1");
        let http = Proxy::start(OK, None);
        let https = Proxy::start(OK, Some(ca.server.clone()));
        let server = Server::start(simulator()).unwrap();
        let tls = Server::start_tls(simulator(), ca.server.clone()).unwrap();
        let plain = T::through(api(&server.endpoint()), &format!("http://{}", http.address)).unwrap();
        two_calls(&plain, &http, &server);
        for server in [&server, &tls] {
            for (scheme, proxy) in [("http", &http), ("https", &https)] {
                let address = format!("{scheme}://{}", proxy.address);
                two_calls(&T::trusting(api(&server.endpoint()), &address, &ca.root), proxy, server);
            }
        }
    }
    script::<Blocking>();
    script::<Async>();
}

/// Behind a proxy the service gets what it gets without one.
#[test]
fn the_same_bytes() {
    fn script<T: Proxied>() {
        let recorder = Recorder::replying(reply("200 OK", "", r#"{"code": 0, "data": {}}"#));
        let proxy = Proxy::start(OK, None);
        let to = || api(&recorder.endpoint());
        for drive in [T::new(to()), T::through(to(), &format!("http://user:password@{}", proxy.address)).unwrap()] {
            let op = UpdateSpace::new(OWNER, SpaceType::Individual).capacity(10);
            drive.run(At(noon(), Call::new(&op))).unwrap();
            drive.run(At(noon(), Call::new(&GetSpaceUsageOverview::new()))).unwrap();
        }
        let requests = recorder.requests();
        assert_eq!(requests.len(), 4);
        assert_eq!(requests[..2], requests[2..]);
        assert_eq!(proxy.heads().len(), 2);
    }
    script::<Blocking>();
    script::<Async>();
}

#[test]
fn passwords() {
    fn script<T: Proxied>() {
        let server = Server::start(simulator()).unwrap();
        let proxy = Proxy::start(OK, None);
        for (login, expected) in [
            ("user:password@", "Basic dXNlcjpwYXNzd29yZA=="),
            // "us@r" and "p:ä/%"
            ("us%40r:p:%C3%A4%2F%25@", "Basic dXNAcjpwOsOkLyU="),
            ("user@", "Basic dXNlcjo="),
        ] {
            call(&T::through(api(&server.endpoint()), &format!("{login}{}", proxy.address)).unwrap()).unwrap();
            let head = proxy.heads().remove(0);
            let value = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("proxy-authorization").then_some(value)
            });
            assert_eq!(value, Some(expected), "{head}");
        }
        assert!(server.ledger().iter().all(|entry| entry.refused.is_none()));
    }
    script::<Blocking>();
    script::<Async>();
}

/// It and its sources.
fn all_of(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}");
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(part) = next {
        text = format!("{text}\n{part}\n{part:?}");
        next = part.source();
    }
    text
}

#[test]
fn refusals() {
    fn script<T: Proxied>() {
        let server = Server::start(simulator()).unwrap();
        for (says, expected) in [
            ("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n", "407"),
            ("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 3\r\n\r\nno!", "502"),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", "403"),
            ("HTTP/1.1 204 No Content\r\n\r\n", "204"),
            ("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n", "302"),
            ("", "no tunnel"),
            ("HTTP/1.1 20", "no tunnel"),
            ("220 mail ready\r\n\r\n", "no tunnel"),
        ] {
            let proxy = Proxy::start(Says::This(says), None);
            let address = format!("http://user:hidden@{}", proxy.address);
            for endpoint in [server.endpoint(), server.endpoint().replace("http", "https")] {
                let error = call(&T::through(api(&endpoint), &address).unwrap()).unwrap_err();
                assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
                assert!(!error.is_timeout(), "{says:?} {error}");
                let text = error.to_string();
                assert!(text.contains(&format!("proxy {}", proxy.address)) && text.contains(expected), "{text}");
                assert!(!all_of(&error).contains("hidden"), "{error}");
            }
            assert_eq!(proxy.heads().len(), 2);
        }
        assert!(server.ledger().is_empty());
    }
    script::<Blocking>();
    script::<Async>();
}

/// The port that the scheme stands for is named, and the proxy finds the host.
#[test]
fn targets() {
    fn script<T: Proxied>() {
        let proxy = Proxy::start(Says::This("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n"), None);
        for (endpoint, target) in [
            ("http://koodrive.invalid", "koodrive.invalid:80"),
            ("https://koodrive.invalid", "koodrive.invalid:443"),
            ("https://koodrive.invalid:80", "koodrive.invalid:80"),
            ("https://[::1]", "[::1]:443"),
        ] {
            call(&T::through(api(endpoint), &format!("http://{}", proxy.address)).unwrap()).unwrap_err();
            let head = proxy.heads().remove(0).to_lowercase();
            assert!(head.starts_with(&format!("connect {target} http/1.1\r\nhost: {target}\r\n")), "{head}");
        }
    }
    script::<Blocking>();
    script::<Async>();
}

#[test]
fn nobody_listens() {
    fn script<T: Proxied>() {
        let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let proxy = format!("http://user:hidden@{nobody}");
        let error = call(&T::through(api("http://127.0.0.1:1"), &proxy).unwrap()).unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
        let text = error.to_string();
        assert!(text.contains(&format!("proxy {nobody}")) && text.contains("refused"), "{text}");
        assert!(!all_of(&error).contains("hidden"), "{error}");
    }
    script::<Blocking>();
    script::<Async>();
}

#[test]
fn certificates_are_verified() {
    fn script<T: Proxied>() {
        let (ca, other) = (authority("127.0.0.1"), authority("127.0.0.1"));
        let server = Server::start_tls(simulator(), ca.server.clone()).unwrap();
        let http = Proxy::start(OK, None);
        let https = Proxy::start(OK, Some(ca.server.clone()));
        let refused = |drive: T, whose: &str| {
            let error = call(&drive).unwrap_err();
            assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
            let text = error.to_string();
            assert!(text.contains("stopped on this side") && text.contains("certificate"), "{text}");
            assert_eq!(text.contains("proxy"), whose == "proxy's", "{text}");
        };
        let to = || api(&server.endpoint());
        let (http, https_) = (format!("http://{}", http.address), format!("https://{}", https.address));
        refused(T::through(to(), &http).unwrap(), "service's");
        refused(T::trusting(to(), &http, &other.root), "service's");
        refused(T::through(to(), &https_).unwrap(), "proxy's");
        refused(T::trusting(to(), &https_, &other.root), "proxy's");
        assert!(server.ledger().is_empty() && https.heads().is_empty());
        // No TLS there.
        let drive = T::through(to(), &http.replace("http", "https")).unwrap();
        let error = call(&drive).unwrap_err();
        assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
    }
    script::<Blocking>();
    script::<Async>();
}

/// The timeout of the attempt is for the tunnel as well, however the proxy spends it.
#[test]
fn proxies_that_take_their_time() {
    fn script<T: Proxied>() {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let slow = Proxy::start(Says::More, None);
        let tunnel = Proxy::start(OK, None);
        let plain = |address: SocketAddr| format!("http://{address}");
        let endpoint = |scheme: &str| format!("{scheme}://{}", silent.local_addr().unwrap());
        for (endpoint, proxy) in [
            (endpoint("http"), plain(silent.local_addr().unwrap())),
            (endpoint("http"), plain(silent.local_addr().unwrap()).replace("http", "https")),
            (endpoint("http"), plain(slow.address)),
            (endpoint("https"), plain(slow.address)),
            // It is the service that keeps silent.
            (endpoint("https"), plain(tunnel.address)),
        ] {
            let op = GetSpaceUsageOverview::new();
            let call = Call::new(&op).attempt_timeout(Duration::from_millis(50)).retry(RetryPolicy::none());
            let error = T::through(api(&endpoint), &proxy).unwrap().run(call).unwrap_err();
            assert!(error.is_timeout() && error.was_sent() == Sent::No, "{endpoint} through {proxy}: {error:?}");
        }
    }
    script::<Blocking>();
    script::<Async>();
}

#[test]
fn addresses() {
    let read = |text: &str| {
        ProxyAddress::parse(text).map(|proxy| {
            let (uri, login) = (proxy.uri(), proxy.login());
            let login = login.map(|(user, password)| format!("{user} {} ", password.as_str()));
            format!("{}{}://{}", login.unwrap_or_default(), uri.scheme_str().unwrap(), uri.authority().unwrap())
        })
    };
    for (text, expected) in [
        ("http://proxy:3128", "http://proxy:3128"),
        ("https://proxy", "https://proxy"),
        ("HTTP://Proxy:80/", "http://proxy"),
        (" proxy:3128 ", "http://proxy:3128"),
        ("http://[::1]:3128", "http://[::1]:3128"),
        ("user:pass:word@proxy:3128", "user pass:word http://proxy:3128"),
        ("https://us%40er:p%2Fw@proxy:3128", "us@er p/w https://proxy:3128"),
        ("http://user:p@ssword@proxy", "user p@ssword http://proxy"),
    ] {
        assert_eq!(read(text).unwrap(), expected);
    }
    for text in [
        "",
        "http://",
        "socks5://user:hidden@proxy:1080",
        "socks5h://proxy",
        "ftp://proxy",
        "http://user:hidden@",
        "http://user:hidden@proxy:0",
        "http://user:hidden@proxy:65536",
        "http://user:hidden@proxy/path",
        "http://user:hid/den@proxy",
        "http://proxy/hidden@elsewhere",
        "http://user:%ffhidden@proxy",
        "http://user:hidden@pro xy",
    ] {
        let errors = [
            read(text).unwrap_err(),
            Blocking::through(api("http://h"), text).unwrap_err(),
            Async::through(api("http://h"), text).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Build, "{text}");
            assert!(!all_of(&error).contains("hid"), "{error}");
            assert!(error.to_string().contains("http://host:port") && error.to_string().contains("SOCKS"), "{error}");
        }
    }
    for debug in [
        format!("{:?}", ProxyAddress::parse("http://user:hidden@proxy")),
        format!("{:?}", Blocking::through(api("http://h"), "http://user:hidden@proxy")),
        format!("{:?}", Async::through(api("http://h"), "http://user:hidden@proxy")),
        format!("{:?}", koodrive_hyper::ProxyConnector::new("http://user:hidden@proxy", ())),
    ] {
        assert!(!debug.contains("hidden") && !debug.contains("aGlkZGVu"), "{debug}");
    }
}

/// What `child` runs in, and its marker.
const ENDPOINT: &str = "KOODRIVE_TEST_ENDPOINT";

/// Not a test of its own: `environment` runs it as a process with variables of its own.
#[test]
fn child() {
    fn script<T: Proxied>(endpoint: &str) {
        // Asked or not, it may read the environment only when asked.
        call(&T::new(api(endpoint))).unwrap();
        let result = T::from_env(api(endpoint)).and_then(|drive| call(&drive));
        println!(
            "outcome: {}",
            result.map_or_else(|error| format!("{:?}: {error}", error.kind()), |()| "ok".to_owned())
        );
    }
    if let Ok(endpoint) = std::env::var(ENDPOINT) {
        script::<Blocking>(&endpoint);
        script::<Async>(&endpoint);
    }
}

/// The outcomes of the child, and how many tunnels it had.
fn environment_of(variables: &[(&str, &str)], endpoint: &str, proxy: &Proxy) -> (Vec<String>, usize) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "child", "--nocapture"]).env(ENDPOINT, endpoint);
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method"] {
        command.env_remove(name).env_remove(name.to_uppercase());
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let outcomes = text.lines().filter_map(|line| Some(line.split_once("outcome: ")?.1.to_owned()));
    (outcomes.collect(), proxy.heads().len())
}

#[test]
fn environment() {
    let server = Server::start(simulator()).unwrap();
    let proxy = Proxy::start(OK, None);
    let address = format!("http://user:hidden@{}", proxy.address);
    for (variables, tunnels) in [
        (&[][..], 0),
        (&[("HTTP_PROXY", &*address)], 2),
        (&[("http_proxy", &*address)], 2),
        (&[("ALL_PROXY", &*address), ("NO_PROXY", "example.com,127.0.0.2")], 2),
        (&[("ALL_PROXY", &*address), ("NO_PROXY", "127.0.0.0/8")], 0),
        (&[("HTTPS_PROXY", &*address)], 0),
        (&[("HTTP_PROXY", &*address), ("REQUEST_METHOD", "POST")], 0),
    ] {
        let (outcomes, seen) = environment_of(variables, &server.endpoint(), &proxy);
        assert_eq!((&*outcomes, seen), (&["ok".to_owned(), "ok".to_owned()][..], tunnels), "{variables:?}");
    }
    let (outcomes, _) = environment_of(&[("HTTP_PROXY", "socks5://user:hidden@h")], &server.endpoint(), &proxy);
    assert_eq!(outcomes.len(), 2);
    for outcome in outcomes {
        assert!(outcome.starts_with("Build: HTTP_PROXY: ") && !outcome.contains("hidden"), "{outcome}");
    }
}
