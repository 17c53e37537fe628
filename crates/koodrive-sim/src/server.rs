use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use chrono::Utc;
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use koodrive_proto::http::header::{CONTENT_ENCODING, TRANSFER_ENCODING};
use koodrive_proto::http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot, watch};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::timeout;

use crate::faults::{self, Broken};
use crate::reply::Refusal;
use crate::socket::{Socket, Stream, reset};
use crate::storage::http::{Arriving, Begun};
use crate::storage::{self, Object, Scheme};
use crate::{Entry, Fault, Simulator, auth, route};

/// The size of the largest head and body of a request that are read.
const HEAD_LIMIT: usize = 64 * 1024;
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// The size of a body from which on a request isn't executed between others.
const LARGE: usize = 64 * 1024;

/// How many such requests are executed at a time, and how long their end is waited for when nobody wants the answers.
const THREADS: usize = 4;
const LAST: Duration = Duration::from_secs(2);

/// A [`Simulator`] on a socket.
///
/// It runs on its own thread, so it serves blocking and async tests alike. It stops when it is dropped, and with it all
/// connections; [`stop`](Self::stop) lets them end.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    scheme: &'static str,
    simulator: Simulator,
    stop: Option<oneshot::Sender<Duration>>,
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
        let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
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

    /// Stops accepting connections, lets running requests end for at most `limit`, and returns when all connections are
    /// closed.
    pub fn stop(mut self, limit: Duration) {
        self.end(limit);
    }

    fn end(&mut self, limit: Duration) {
        if let Some(stop) = self.stop.take() {
            // This fails only if the thread has ended already.
            let _ = stop.send(limit);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }

    fn run<A, F, S>(simulator: Simulator, address: SocketAddr, scheme: &'static str, accept: A) -> io::Result<Self>
    where
        A: Fn(TcpStream) -> F + Send + 'static,
        F: Future<Output = io::Result<S>> + Send + 'static,
        S: Stream,
    {
        let listener = std::net::TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let (ready, is_ready) = std::sync::mpsc::channel();
        let state = simulator.clone();
        // The runtime is created and dropped on its own thread: the caller may be inside another runtime.
        let thread = std::thread::Builder::new().name("koodrive-sim".to_owned()).spawn(move || {
            let mut builder = tokio::runtime::Builder::new_current_thread();
            let runtime = match builder.max_blocking_threads(THREADS).enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(error))),
            };
            runtime.block_on(async {
                let listener = match TcpListener::from_std(listener) {
                    Ok(listener) => listener,
                    Err(error) => return drop(ready.send(Err(error))),
                };
                let _ = ready.send(Ok(()));
                let mut connections = JoinSet::new();
                let (keep, kept) = watch::channel(());
                let limit = tokio::select! {
                    () = serve(listener, scheme, &state, accept, &mut connections, &kept) => return,
                    limit = stopped => limit.unwrap_or_default(),
                };
                drop(keep);
                // What hasn't ended by then is cut off.
                let _ = timeout(limit, async { while connections.join_next().await.is_some() {} }).await;
            });
            runtime.shutdown_timeout(LAST);
        })?;
        is_ready.recv().unwrap_or_else(|_| Err(io::Error::other("the simulator's thread has ended")))?;
        Ok(Self { address, scheme, simulator, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

/// Serves connections until this future is dropped, and with it the listener. Connections that have begun end when
/// their current request is answered once `kept` is closed.
async fn serve<A, F, S>(
    listener: TcpListener,
    scheme: &'static str,
    simulator: &Simulator,
    accept: A,
    connections: &mut JoinSet<()>,
    kept: &watch::Receiver<()>,
) where
    A: Fn(TcpStream) -> F,
    F: Future<Output = io::Result<S>> + Send + 'static,
    S: Stream,
{
    let places = Arc::new(Semaphore::new(simulator.limits.connections));
    let room = Arc::new(Semaphore::new(simulator.limits.bodies));
    loop {
        // This fails only if the semaphore is closed, which nobody does.
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
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
        let accepted = timeout(simulator.limits.head, accept(stream));
        let (simulator, room, kept) = (simulator.clone(), Arc::clone(&room), kept.clone());
        connections.spawn(async move {
            if let Ok(Ok(stream)) = accepted.await {
                converse(stream, Scheme(scheme), &simulator, &room, kept).await;
            }
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Answers the requests of one connection, one after the other.
async fn converse<S: Stream>(
    stream: S,
    scheme: Scheme,
    simulator: &Simulator,
    room: &Semaphore,
    mut kept: watch::Receiver<()>,
) {
    let is_opaque = Arc::new(AtomicBool::new(false));
    let socket = Socket::new(stream, simulator.clone(), Arc::clone(&is_opaque));
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(scheme);
        let is_object = storage::http::is_object(request.uri().path());
        if is_object {
            is_opaque.store(true, Ordering::Relaxed);
        }
        async move {
            if is_object { answer_object(simulator, request).await } else { answer(simulator, room, request).await }
        }
    });
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(simulator.limits.head)
        .max_header_size(HEAD_LIMIT)
        .max_buf_size(HEAD_LIMIT)
        .serve_connection(TokioIo::new(socket), service);
    let ended = tokio::select! {
        result = &mut connection => Some(result),
        _ = kept.changed() => None,
    };
    let result = if let Some(result) = ended {
        result
    } else {
        Pin::new(&mut connection).graceful_shutdown();
        (&mut connection).await
    };
    let parts = connection.into_parts();
    let (socket, unread) = (parts.io.into_inner(), parts.read_buf);
    let end = async {
        match result {
            Ok(()) => socket.end().await,
            Err(error) => match error.source().and_then(|source| source.downcast_ref()) {
                Some(broken) => socket.break_off(broken).await,
                // Half a head, of which no more came.
                None if error.is_timeout() && !unread.is_empty() => socket.refuse(StatusCode::REQUEST_TIMEOUT).await,
                None if error.is_parse() || error.is_incomplete_message() && !unread.is_empty() => {
                    socket.refuse(StatusCode::BAD_REQUEST).await;
                }
                // The client has left, or does nothing any more.
                None => {}
            },
        }
    };
    tokio::select! {
        // What there is to say is said first.
        biased;
        () = end => {}
        _ = kept.changed() => {}
    }
}

async fn answer(
    simulator: &Simulator,
    room: &Semaphore,
    request: Request<Incoming>,
) -> Result<Response<Object>, Broken> {
    let (parts, body) = request.into_parts();
    let read = timeout(simulator.limits.body, read(room, &parts.headers, body)).await;
    let late = (StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time");
    // Its place is held until the request is answered.
    let (body, _place) = match read.unwrap_or(Err(late)) {
        Ok(body) => body,
        Err((status, detail)) => {
            let refusal = Refusal::new("APIGW.0201", detail).with_status(status);
            return Ok(simulator.refuse(&parts, refusal, Utc::now()).map(Object::from));
        }
    };
    let hit = simulator.draw_fault(&parts);
    let method = parts.method.clone();
    let request = Request::from_parts(parts, body);
    let Some(hit) = hit else {
        return execute(simulator, request, None).await.map(|response| response.map(Object::from));
    };
    let response = if hit.fault.executes() {
        execute(simulator, request, Some(hit.fault)).await?
    } else {
        simulator.skip(&request.into_parts().0, hit, Utc::now())
    };
    suffer(hit, &method, response.map(Object::from)).await
}

/// Lets a fault happen to an answer.
async fn suffer(hit: faults::Hit, method: &Method, response: Response<Object>) -> Result<Response<Object>, Broken> {
    if hit.fault == Fault::Slow && response.status().is_success() {
        tokio::time::sleep(hit.slow_by).await;
    }
    faults::spoil(hit.fault, method, response)
}

/// Answers a request to the object store. A part is stored as its bytes arrive; what is refused by its head, or isn't
/// executed because of a fault, isn't read.
async fn answer_object(simulator: &Simulator, request: Request<Incoming>) -> Result<Response<Object>, Broken> {
    let (parts, body) = request.into_parts();
    let hit = simulator.draw_fault(&parts);
    if let Some(hit) = hit.filter(|hit| !hit.fault.executes()) {
        return suffer(hit, &parts.method, simulator.skip(&parts, hit, Utc::now()).map(Object::from)).await;
    }
    let response = match simulator.begin_object(&parts, hit.map(|hit| hit.fault), Utc::now()) {
        Begun::Done(response) => response,
        Begun::Part(part) => store(simulator, *part, body).await,
    };
    match hit {
        Some(hit) => suffer(hit, &parts.method, response).await,
        None => Ok(response),
    }
}

/// Stores a part as it arrives.
async fn store(simulator: &Simulator, mut part: Arriving, mut body: Incoming) -> Response<Object> {
    loop {
        match timeout(simulator.limits.body, body.frame()).await {
            Ok(None) => return simulator.keep_part(part),
            Ok(Some(Ok(frame))) => {
                if let Err(error) = frame.into_data().map_or(Ok(()), |bytes| part.take(&bytes)) {
                    return simulator.fail_part(part, &error);
                }
            }
            Ok(Some(Err(_))) => return simulator.lose_part(part, false),
            Err(_) => return simulator.lose_part(part, true),
        }
    }
}

/// Reads a body. What is refused by its head alone isn't read at all.
async fn read<'a>(
    room: &'a Semaphore,
    headers: &HeaderMap,
    mut body: Incoming,
) -> Result<(Bytes, Option<SemaphorePermit<'a>>), (StatusCode, &'static str)> {
    let too_large = (StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 16 MiB");
    let listed = |name: HeaderName, plain: &str| {
        let values = headers.get_all(name).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
        values.into_iter().all(|value| value.trim_ascii().eq_ignore_ascii_case(plain.as_bytes()))
    };
    if !listed(TRANSFER_ENCODING, "chunked") {
        return Err((StatusCode::BAD_REQUEST, "the body has a Transfer-Encoding other than chunked"));
    }
    if !listed(CONTENT_ENCODING, "identity") {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body has a Content-Encoding, but must be plain"));
    }
    if body.size_hint().lower() > BODY_LIMIT as u64 {
        return Err(too_large);
    }
    let mut bytes = Vec::new();
    let mut place: Option<SemaphorePermit<'_>> = None;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| (StatusCode::BAD_REQUEST, "the body breaks off, or its chunks are malformed"))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > BODY_LIMIT {
            return Err(too_large);
        }
        bytes.extend_from_slice(&data);
        // Small bodies always find room: there are only so many connections.
        let held = place.as_ref().map_or(LARGE, SemaphorePermit::num_permits);
        if let Some(more) = bytes.len().checked_sub(held).filter(|more| *more > 0) {
            let more = if place.is_none() { bytes.len() } else { more };
            let more = room.try_acquire_many(u32::try_from(more).unwrap_or(u32::MAX));
            let more = more.map_err(|_| (StatusCode::SERVICE_UNAVAILABLE, "too many large bodies arrive at once"))?;
            match &mut place {
                Some(place) => place.merge(more),
                None => place = Some(more),
            }
        }
    }
    Ok((bytes.into(), place))
}

/// Executes a request; on another thread if others would wait too long while a large body is hashed and read, while
/// mistakes are looked for, or while an upload is checked.
async fn execute(
    simulator: &Simulator,
    request: Request<Bytes>,
    fault: Option<Fault>,
) -> Result<Response<Bytes>, Broken> {
    let (parts, body) = request.into_parts();
    let is_quick = body.len() < LARGE
        && !(simulator.explain && auth::signature(&parts).is_some())
        && !route::name(&parts).is_some_and(storage::completes);
    let request = Request::from_parts(parts, body);
    if is_quick {
        return Ok(simulator.execute(request, fault, Utc::now()));
    }
    let simulator = simulator.clone();
    // This fails only if the server ends before it has begun.
    spawn_blocking(move || simulator.execute(request, fault, Utc::now())).await.map_err(|_| Broken::Reset)
}
