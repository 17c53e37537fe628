use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use koodrive_proto::http::{Request, Response};
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::faults::{self, Broken};
use crate::reply::Refusal;
use crate::{Entry, Fault, Simulator};

/// The size of the largest request that is read.
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// A [`Simulator`] on a socket.
///
/// It runs on its own thread, so it serves blocking and async tests alike. It stops when it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    simulator: Simulator,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1.
    pub fn start(simulator: Simulator) -> io::Result<Self> {
        Self::bind(simulator, (Ipv4Addr::LOCALHOST, 0).into())
    }

    /// Starts a server on an address of your choice; port 0 takes a free one.
    pub fn bind(simulator: Simulator, address: SocketAddr) -> io::Result<Self> {
        Self::run(simulator, address, "http", |stream| async { Ok(stream) })
    }

    /// Like [`start`](Self::start), with TLS.
    #[cfg(feature = "tls")]
    pub fn start_tls(simulator: Simulator, config: crate::rustls::ServerConfig) -> io::Result<Self> {
        let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config));
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        Self::run(simulator, address, "https", move |stream| acceptor.clone().accept(stream))
    }

    /// Returns the address to give to [`Api::new`](koodrive_proto::Api::new): `http://127.0.0.1:PORT`.
    pub fn endpoint(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Returns the address on which the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the simulator, for example to let tokens expire or to set faults while the server runs.
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }

    /// Returns the latest 100,000 requests, oldest first.
    pub fn ledger(&self) -> Vec<Entry> {
        self.simulator.ledger()
    }

    fn run<A, F, S>(simulator: Simulator, address: SocketAddr, scheme: &'static str, accept: A) -> io::Result<Self>
    where
        A: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: Socket,
    {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let state = simulator.clone();
        // The runtime is created and dropped on its own thread: the caller may be inside another runtime.
        let thread = std::thread::Builder::new().name("koodrive-sim".to_owned()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(error))),
            };
            runtime.block_on(async {
                let listener = match TcpListener::from_std(listener) {
                    Ok(listener) => listener,
                    Err(error) => return drop(ready.send(Err(error))),
                };
                let _ = ready.send(Ok(()));
                tokio::select! {
                    () = serve(&listener, &state, accept) => {}
                    _ = stopped => {}
                }
            });
        })?;
        is_ready.recv().unwrap_or_else(|_| Err(io::Error::other("the simulator's thread has ended")))?;
        Ok(Self { address, scheme, simulator, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // This fails only if the thread has ended already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve<A, F, S>(listener: &TcpListener, simulator: &Simulator, accept: A)
where
    A: Fn(TcpStream) -> F,
    F: Future<Output = io::Result<S>> + Send + 'static,
    S: Socket,
{
    // Connections end with the server.
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Most likely there are no file descriptors left; other connections will close.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        if simulator.refuses_connection() {
            reset(&stream);
            continue;
        }
        let _ = stream.set_nodelay(true);
        let accepted = accept(stream);
        let simulator = simulator.clone();
        connections.spawn(async move {
            let Ok(stream) = accepted.await else { return };
            let service = service_fn(|request| answer(&simulator, request));
            let mut connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(Duration::from_secs(60))
                .serve_connection(TokioIo::new(stream), service);
            // An error is a fault, or means that the client has left.
            if let Err(error) = (&mut connection).await {
                if let Some(broken) = error.source().and_then(|source| source.downcast_ref()) {
                    end(connection.into_parts().io.into_inner(), broken).await;
                }
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(simulator: &Simulator, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Broken> {
    let (parts, body) = request.into_parts();
    let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
        let refusal = Refusal::new("APIGW.0201", "the body is larger than 16 MiB, or breaks off");
        return Ok(simulator.refuse(&parts, refusal, Utc::now()).map(Full::new));
    };
    let hit = simulator.draw_fault(&parts);
    let request = Request::from_parts(parts, body.to_bytes());
    let Some(hit) = hit else { return Ok(simulator.handle(request, Utc::now()).map(Full::new)) };
    let response = if hit.fault.executes() {
        simulator.execute(request, Some(hit.fault), Utc::now())
    } else {
        simulator.skip(&request.into_parts().0, hit, Utc::now())
    };
    if hit.fault == Fault::Slow && response.status().is_success() {
        tokio::time::sleep(hit.slow_by).await;
    }
    faults::spoil(hit.fault, response).map(|response| response.map(Full::new))
}

/// A connection with or without TLS.
trait Socket: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    fn tcp(&self) -> &TcpStream;
}

impl Socket for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

#[cfg(feature = "tls")]
impl Socket for tokio_rustls::server::TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Ends a connection as a fault demands.
async fn end(mut stream: impl Socket, broken: &Broken) {
    match broken {
        Broken::Reset => reset(&stream),
        Broken::Bytes(bytes) => {
            // This fails only if the client has left.
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
    }
}

/// Makes the connection end with RST instead of FIN when it is dropped.
fn reset(stream: &impl Socket) {
    // Where this isn't supported, the connection still ends.
    let _ = SockRef::from(stream.tcp()).set_linger(Some(Duration::ZERO));
}
