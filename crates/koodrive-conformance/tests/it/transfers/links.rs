//! The object store: links that end on the way, its own certificate, a proxy.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};

use koodrive_conformance::files::Files;
use koodrive_conformance::{Async, Blocking};
use koodrive_files::{Memory, Options};
use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::flow::Download;
use koodrive_proto::{Api, ErrorKind, Sent};
use koodrive_sim::Server;
use koodrive_sim::rustls::pki_types::CertificateDer;

use super::{PART, Place, content, source, space};
use crate::common::{Authority, Keeper, api, authority, chain, simulator, trusting_all, ureq_trusting_all};
use crate::proxy::{OK, Proxy};

/// Two hours pass in the middle, so that every link that was fetched before is refused.
fn links_end_on_the_way<T: Files>() {
    let place = Place::<T>::new();
    let bytes = content(6 * PART, 3);
    let waits = |place: &Place<T>| {
        let (simulator, has_waited) = (place.server.simulator().clone(), AtomicBool::new(false));
        Options::new().parallel(2).on_progress(move |event| {
            if event.parts > 0 && !has_waited.swap(true, SeqCst) {
                simulator.advance(TimeDelta::hours(2));
            }
        })
    };
    let to = place.to().name("film.mp4").instant(false);
    let uploaded = place.drive.upload_source(source(&bytes), &to, &waits(&place)).unwrap();
    assert_eq!(place.executed("PutPart"), 6, "{}", T::NAME);
    let memory = Arc::new(Memory::new());
    let download = place.download(&uploaded.file_id);
    place.drive.download_sink(download, memory.clone(), &waits(&place)).unwrap();
    assert!(memory.take() == bytes, "{}", T::NAME);
    let refused = place.server.ledger().iter().filter(|entry| entry.status.as_u16() == 403).count();
    assert!(refused >= 2, "{}: {refused} links have ended", T::NAME);
}

#[test]
fn links_end_on_the_way_blocking() {
    links_end_on_the_way::<Blocking>();
}

#[test]
fn links_end_on_the_way_async() {
    links_end_on_the_way::<Async>();
}

/// A transport that trusts these authorities, and one that goes through a proxy.
trait Wired: Files {
    fn trusting(api: Api, roots: &[&CertificateDer<'static>]) -> Self;
    fn through(api: Api, proxy: &str) -> Self;
}

impl Wired for Blocking {
    fn trusting(api: Api, roots: &[&CertificateDer<'static>]) -> Self {
        let config = koodrive_ureq::Client::config().tls_config(ureq_trusting_all(roots)).build();
        Self(koodrive_ureq::Client::with_config(api, config))
    }

    fn through(api: Api, proxy: &str) -> Self {
        Self(koodrive_ureq::Client::with_proxy(api, proxy).unwrap())
    }
}

impl Wired for Async {
    fn trusting(api: Api, roots: &[&CertificateDer<'static>]) -> Self {
        let builder = hyper_rustls::HttpsConnectorBuilder::new().with_tls_config(trusting_all(roots));
        let connector = builder.https_or_http().enable_http1().build();
        Self::over(koodrive_hyper::Client::with_connector(api, connector))
    }

    fn through(api: Api, proxy: &str) -> Self {
        Self::over(koodrive_hyper::Client::with_proxy(api, proxy).unwrap())
    }
}

/// The object store has a certificate of its own, which has to be trusted like the service's.
fn the_store_is_verified<T: Wired>() {
    let (service, store) = (authority("127.0.0.1"), authority("127.0.0.1"));
    let Authority { root, server } = service;
    let server = Server::start_tls(simulator(), server).unwrap();
    let drive = T::trusting(api(&server.endpoint()), &[&root]);
    let bytes = content(PART + 1, 5);
    let to = koodrive_files::UploadTo::new(space(&drive)).name("a").part_size(PART);
    let uploaded = drive.upload_source(source(&bytes), &to, &Options::new()).unwrap();
    let download = Download::new(space(&drive), &uploaded.file_id);
    assert!(drive.download_stream(download, &Options::new()).unwrap().1 == bytes);

    let object = "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-6/7\r\ncontent-length: 7\r\n\r\ncontent";
    let other = Keeper::start(Some(store.server), move |_, stream| stream.write_all(object.as_bytes()).is_ok());
    let link = || Download::link(format!("{}/o?X-Amz-Signature=hidden-1", other.endpoint()));
    let error = drive.download_stream(link(), &Options::new()).unwrap_err();
    assert_eq!((error.kind(), error.was_sent()), (ErrorKind::Transport, Sent::No), "{error}");
    assert!(chain(&error).iter().all(|text| !text.contains("hidden")), "{error}");
    assert!(error.to_string().contains("certificate"), "{}: {error}", T::NAME);
    let drive = T::trusting(api(&server.endpoint()), &[&root, &store.root]);
    assert_eq!(drive.download_stream(link(), &Options::new()).unwrap().1, b"content");
}

#[test]
fn the_store_is_verified_blocking() {
    the_store_is_verified::<Blocking>();
}

#[test]
fn the_store_is_verified_async() {
    the_store_is_verified::<Async>();
}

/// Parts go through the proxy as well.
fn a_proxy_carries_files<T: Wired>() {
    let server = Server::start(simulator()).unwrap();
    let proxy = Proxy::start(OK, None);
    let drive = T::through(api(&server.endpoint()), &format!("http://{}", proxy.address));
    let bytes = content(2 * PART, 6);
    let to = koodrive_files::UploadTo::new(space(&drive)).name("a").part_size(PART);
    let uploaded = drive.upload_source(source(&bytes), &to, &Options::new()).unwrap();
    let download = Download::new(space(&drive), &uploaded.file_id).range_size(PART);
    assert!(drive.download_stream(download, &Options::new()).unwrap().1 == bytes);
    let heads = proxy.heads();
    assert!(heads.iter().all(|head| head.starts_with("CONNECT ")) && heads.len() >= 2, "{heads:?}");
}

#[test]
fn a_proxy_carries_files_blocking() {
    a_proxy_carries_files::<Blocking>();
}

#[test]
fn a_proxy_carries_files_async() {
    a_proxy_carries_files::<Async>();
}
