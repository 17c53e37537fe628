//! Spans of the `tracing` crate for transports: one for each request, with names and fields by OpenTelemetry's
//! conventions for HTTP clients. Feature `tracing`.
//!
//! | field | value |
//! | --- | --- |
//! | `otel.name` | the method, and the path's template or `koodrive.target` |
//! | `otel.kind` | `client` |
//! | `http.request.method`, `url.scheme` | as in the request |
//! | `url.template` | the template of an operation's path |
//! | `server.address`, `server.port` | the endpoint's, or those of the other server that the request goes to |
//! | `http.request.resend_count` | the number of earlier attempts, from the second attempt on |
//! | `http.response.status_code` | the status of the answer |
//! | `error.type`, `otel.status_code` | set for failures, and for statuses from 400 on |
//! | `koodrive.operation` | the operation's name |
//! | `koodrive.target` | `service`, or the name of the other server: `token server`, `object store` |
//!
//! What isn't as documented in an answer is logged as a warning, once for each operation and path, with
//! `koodrive.operation`; a program logs at most 1000 such warnings.
//!
//! `url.full`, which the conventions ask for, is left out: it contains ids, cursors and temporary tokens.

use bytes::Bytes;
use tracing::{Span, field};

use crate::error::{Cause, Failure, Reached};
use crate::flow::Outgoing;

/// Creates the span of a request, to be entered while the request is sent and its answer is read.
pub fn span(outgoing: &Outgoing) -> Span {
    let (method, uri) = (outgoing.request.method(), outgoing.request.uri());
    let scheme = uri.scheme_str().unwrap_or_default();
    // The path of another server's address says too much: it may be that of a presigned link.
    let path = outgoing.target.operation().map(|operation| operation.path);
    let span = tracing::info_span!(
        "HTTP request",
        otel.name = format_args!("{method} {}", path.unwrap_or_else(|| outgoing.target.name())),
        otel.kind = "client",
        otel.status_code = field::Empty,
        http.request.method = method.as_str(),
        http.request.resend_count = field::Empty,
        http.response.status_code = field::Empty,
        url.scheme = scheme,
        url.template = path,
        server.address = uri.host().unwrap_or_default(),
        server.port = uri.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 }),
        error.type = field::Empty,
        koodrive.operation = outgoing.target.operation().map(|operation| operation.name),
        koodrive.target = if outgoing.target.is_service() { "service" } else { outgoing.target.name() },
    );
    if outgoing.attempt > 1 {
        span.record("http.request.resend_count", outgoing.attempt.saturating_sub(1));
    }
    span
}

/// Records in the span of a request what came of it.
pub fn record(span: &Span, result: &Result<http::Response<Bytes>, Failure>) {
    match result {
        Ok(response) => {
            let status = response.status();
            span.record("http.response.status_code", status.as_u16());
            if status.is_client_error() || status.is_server_error() {
                span.record("error.type", status.as_str());
                span.record("otel.status_code", "ERROR");
            }
        }
        Err(failure) => {
            let kind = match (failure.cause, failure.reached) {
                (Cause::Timeout, _) => "timeout",
                (Cause::Local, _) => "local",
                (Cause::Network, Reached::No) => "connect",
                (Cause::Network, Reached::Maybe) => "connection",
            };
            span.record("error.type", kind);
            span.record("otel.status_code", "ERROR");
        }
    }
}
