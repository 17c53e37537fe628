//! What becomes of a request: it is executed, refused, or meets a fault, and is entered in the ledger.

use std::sync::MutexGuard;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use koodrive_proto::operation::Received;
use koodrive_proto::wire::XDate;
use koodrive_proto::{InvalidParam, TraceId, http};

use crate::call::Call;
use crate::families::audit_log;
use crate::families::files::upload;
use crate::ledger::Entry;
use crate::reply::{Refusal, Reply};
use crate::state::State;
use crate::storage::{self, Links, Room};
use crate::{Fault, Simulator, auth, call, families, faults, reply, route};

impl Simulator {
    pub(crate) fn execute(
        &self,
        request: http::Request<Bytes>,
        fault: Option<Fault>,
        now: DateTime<Utc>,
    ) -> http::Response<Bytes> {
        let now = self.now(now);
        let (parts, body) = request.into_parts();
        let mut entry = Entry::new(now, &parts);
        entry.fault = fault;
        let result = self.answer(&parts, &body, now, &mut entry);
        self.finish(&parts, entry, result)
    }

    /// Answers a request that is not executed because of a fault.
    pub(crate) fn skip(
        &self,
        parts: &http::request::Parts,
        hit: faults::Hit,
        now: DateTime<Utc>,
    ) -> http::Response<Bytes> {
        let mut entry = self.entry(parts, now);
        entry.fault = Some(hit.fault);
        entry.refused = Some(format!("fault: {}", hit.fault));
        let state = self.state();
        let number = state.ledger.next_number();
        let instead = if storage::http::is_object(parts.uri.path()) {
            hit.instead_of_object(number)
        } else {
            hit.instead(number)
        };
        let response = reply::date(instead, entry.at);
        entry.status = response.status();
        self.enter(state, entry);
        response
    }

    /// Notes a request that is not executed.
    fn entry(&self, parts: &http::request::Parts, now: DateTime<Utc>) -> Entry {
        let mut entry = Entry::new(self.now(now), parts);
        entry.operation = route::name(parts);
        entry
    }

    /// Whether a new connection is refused.
    pub(crate) fn refuses_connection(&self) -> bool {
        self.state().faults.as_mut().is_some_and(faults::Progress::connection)
    }

    pub(crate) fn draw_fault(&self, parts: &http::request::Parts) -> Option<faults::Hit> {
        let trace_id = parts.headers.get("x-traceid").map(http::HeaderValue::as_bytes);
        self.state().faults.as_mut()?.request(route::name(parts), trace_id)
    }

    /// Answers a request that can't be handled at all.
    pub(crate) fn refuse(
        &self,
        parts: &http::request::Parts,
        refusal: Refusal,
        now: DateTime<Utc>,
    ) -> http::Response<Bytes> {
        self.finish(parts, self.entry(parts, now), Err(refusal))
    }

    /// Answers what can't even be read as a request.
    pub(crate) fn refuse_unread(&self, refusal: Refusal, now: DateTime<Utc>) -> http::Response<Bytes> {
        let mut parts = http::Request::new(()).into_parts().0;
        parts.method = http::Method::from_bytes(b"-").unwrap_or_default();
        let mut entry = Entry::new(self.now(now), &parts);
        "-".clone_into(&mut entry.path);
        entry.refused = Some(refusal.reason.clone());
        let state = self.state();
        let response = reply::date(refusal.into_response(state.ledger.next_number()), entry.at);
        entry.status = response.status();
        self.enter(state, entry);
        response
    }

    fn finish(
        &self,
        parts: &http::request::Parts,
        mut entry: Entry,
        result: Result<Reply, Refusal>,
    ) -> http::Response<Bytes> {
        let now = entry.at;
        let chinese = parts.headers.get("language").is_some_and(|language| language.as_bytes().starts_with(b"zh"));
        let state = self.state();
        let number = state.ledger.next_number();
        let response = match result {
            Ok(reply) => {
                entry.documented = reply.documented;
                entry.failure.clone_from(&reply.failure);
                reply.into_response(chinese)
            }
            Err(mut refusal) => {
                entry.refused = Some(refusal.reason.clone());
                entry.explained = refusal.explained.as_ref().map(ToString::to_string);
                refusal.explained = refusal.explained.filter(|_| self.explain);
                refusal.into_response(number)
            }
        };
        let response = match &state.quirks {
            Some(quirks) => quirks.apply(entry.operation.unwrap_or_default(), number, response),
            None => response,
        };
        entry.status = response.status();
        self.enter(state, entry);
        reply::date(response, now)
    }

    pub(crate) fn enter(&self, mut state: MutexGuard<'_, State>, entry: Entry) {
        let shown = self.on_entry.as_ref().map(|_| entry.clone());
        state.ledger.push(entry);
        drop(state);
        if let (Some(on_entry), Some(entry)) = (&self.on_entry, shown) {
            on_entry(&entry);
        }
    }

    fn answer(
        &self,
        parts: &http::request::Parts,
        body: &Bytes,
        now: DateTime<Utc>,
        entry: &mut Entry,
    ) -> Result<Reply, Refusal> {
        let meta = route::find(&parts.method, parts.uri.path())?;
        entry.operation = Some(meta.name);
        entry.user_id = self.authenticate(meta, parts, body, now)?;
        if let Some(date) = parts.headers.get("x-date") {
            if String::from_utf8_lossy(date.as_bytes()).parse::<XDate>().is_err() {
                let form = "yyyyMMdd'T'HHmmss'Z', as 20251103T070140Z";
                return Err(Refusal::parameter(&InvalidParam::new("X-Date", "another form", form)));
            }
        }
        if let Some(trace_id) = parts.headers.get("x-traceid") {
            let text = String::from_utf8_lossy(trace_id.as_bytes());
            TraceId::new(text).map_err(|invalid| Refusal::parameter(&invalid))?;
        }
        let received = Received::read(meta, parts, body).map_err(|invalid| Refusal::parameter(&invalid))?;
        meta.check(&received).map_err(|invalid| families::refuse(meta, &received, &invalid))?;
        call::check_texts(meta, &received)?;
        let user_id = entry.user_id.as_deref().unwrap_or_default();
        let mut state = self.state();
        state.settle(self.limits.objects, now);
        let mut joined = None;
        if storage::completes(meta.name) {
            upload::may_complete(&state.store, user_id, meta, &received)?;
            drop(state);
            joined = self.join(meta, &received)?;
            state = self.state();
        }
        let State { store, settings, .. } = &mut *state;
        let token = auth::text(parts, "authorization").unwrap_or_default();
        let is_signed = auth::signature(parts).is_some();
        let proof_origin = if is_signed { auth::text(parts, "x-user-id").unwrap_or_default() } else { token };
        let (scheme, host) = storage::origin(parts);
        let links = Links { key: &self.storage_key, to: (scheme, &host), seconds: settings.link_seconds, now };
        let room = Room { blobs: &self.blobs, limit: self.limits.objects };
        let mut call = Call { meta, received, user_id, token, now, settings, proof_origin, links, room, joined, store };
        let answer = families::run(&mut call);
        // What is refused has no effect, however far it came.
        if answer.is_err() {
            state.undo();
            return answer;
        }
        audit_log::note(&mut call);
        let saved = state.save();
        saved.map_err(|error| Refusal::new("13000201", format!("the state can't be saved: {error}"))).and(answer)
    }
}
