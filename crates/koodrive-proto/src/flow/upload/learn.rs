//! What an upload learns, from its work and from a stored state.

use crate::error::Error;
use crate::flow::Record;
use crate::flow::link::Link;
use crate::flow::record::{Entry, UploadHeader, VERSION, unusable};
use crate::flow::upload::{Doing, How, Recheck, Settings, Upload, Uploaded};
use crate::flow::work::{Created, ReadState, What};
use crate::ops::files::NewPart;
use crate::param::{FileId, Secret};
use crate::transfer::{Digest, Hasher, Part, Plan, PreHash};

/// How many times the identity of the caller may change under the proof.
const PROOFS: u32 = 8;

/// What is sent already is of another content.
const OTHER_CONTENT: &str = "the source has another content than when the upload began; remove the stored state to \
                             begin anew";

impl Upload {
    /// Refuses a stored record that can't be of this upload.
    pub(super) fn check_stored(&self, entry: &Entry) -> Result<(), Error> {
        let length = self.content.length();
        let is_possible = match entry {
            Entry::Hashed { to, .. } => *to <= length && to % 64 == 0,
            Entry::Part(number) => self.plan.is_some_and(|plan| plan.part(*number).is_some()),
            Entry::Completed => self.known.created.is_some(),
            _ => true,
        };
        if is_possible { Ok(()) } else { Err(unusable("it was changed")) }
    }

    /// Forgets the hashes behind the first part whose midstate is missing: they are made anew.
    pub(super) fn heal(&mut self) {
        let Some(plan) = self.plan.filter(|_| !self.settings.in_order) else { return };
        let hashed = if self.known.print.is_some() { plan.length() } else { self.hasher.fed() };
        let is_missing = |part: &Part| part.offset > 0 && !self.known.midstates.contains_key(&part.offset);
        let gap = plan.parts().take_while(|part| part.offset <= hashed).find(is_missing);
        if let Some(part) = gap.filter(|part| part.offset < plan.length()) {
            self.known.print = None;
            self.known.midstates.retain(|at, _| *at < part.offset);
            self.rewind();
        }
    }

    /// The one way in which anything lasting is learned, now or from a stored state.
    pub(super) fn learn(&mut self, entry: Entry) {
        let known = &mut self.known;
        match &entry {
            Entry::Hashed { to, midstate, pre_hash } => {
                known.midstates.insert(*to, *midstate);
                known.pre_hash = known.pre_hash.or(*pre_hash);
                if let Some(hasher) = Hasher::resume(*to, *midstate) {
                    self.hasher = hasher;
                }
            }
            Entry::Fingerprint { sha256, pre_hash } => known.print = Some((*sha256, *pre_hash)),
            Entry::Creating => known.is_creating = true,
            Entry::NotCreated => known.is_creating = false,
            Entry::Created { file_id, name } => known.created = Some((file_id.clone(), name.clone())),
            Entry::Part(number) => {
                let part = self.plan.and_then(|plan| plan.part(*number));
                if let Some(part) = part.filter(|_| known.sent.insert(*number)) {
                    known.moved = known.moved.saturating_add(part.len);
                }
                self.todo.remove(number);
                self.links.remove(number);
            }
            Entry::Completing => self.ending.begun(),
            Entry::NotCompleted => self.ending.refused(),
            Entry::Mark(mark) => self.settings.mark.clone_from(mark),
            Entry::Completed => {
                let (file_id, name) = known.created.clone().unwrap_or_else(|| (String::new().into(), String::new()));
                self.ended(How::Sent, file_id, name);
            }
            Entry::Instant { file_id, name } => self.ended(How::Instant, file_id.clone(), name.clone()),
            Entry::AlreadyThere { file_id, name } => self.ended(How::AlreadyThere, file_id.clone(), name.clone()),
            // Not of an upload.
            _ => return,
        }
        self.log.push(Record(entry));
    }

    pub(super) fn ended(&mut self, how: How, file_id: FileId, name: String) {
        let sha256 = self.known.print.map(|(sha256, _)| sha256);
        self.course.succeed(Uploaded { how, file_id, name, length: self.content.length(), sha256 });
    }

    pub(super) fn fail(&mut self, error: Error) {
        self.course.fail(error);
    }

    /// Whether the service can be told of a part: one that is sent at the same time as others needs the midstate before
    /// it.
    pub(super) fn is_nameable(&self, part: Part) -> bool {
        self.settings.in_order || part.offset == 0 || self.known.midstates.contains_key(&part.offset)
    }

    /// A part as the service is told of it; `None` until the hash has come there.
    pub(super) fn named(&self, part: Part) -> Option<NewPart> {
        let named = NewPart::new(part.number, part.len);
        if self.settings.in_order {
            return Some(named);
        }
        let named = named.part_offset(part.offset);
        if part.offset == 0 {
            return Some(named);
        }
        let midstate = self.known.midstates.get(&part.offset)?;
        Some(named.hash_ctx(midstate.words()))
    }

    pub(super) fn hashed(&mut self, hasher: Hasher, pre_hash: Option<Digest>) {
        let pre_hash = pre_hash.or(self.known.pre_hash);
        let to = hasher.fed();
        if to >= self.content.length() {
            self.hasher = hasher.clone();
            let sha256 = hasher.finish();
            let pre_hash = pre_hash.unwrap_or(sha256);
            let print = (sha256, pre_hash);
            let recheck = self.recheck.take();
            let before = recheck.as_ref().and_then(|recheck| recheck.print);
            if before.is_some_and(|before| before != print) {
                return self.fail(Error::local(OTHER_CONTENT));
            }
            if let Some(Recheck { mark, .. }) = recheck {
                self.learn(Entry::Mark(mark));
            }
            self.learn(Entry::Fingerprint { sha256, pre_hash });
        } else if let Some(midstate) = hasher.midstate() {
            let before = self.recheck.as_ref().and_then(|recheck| recheck.midstates.get(&to));
            if before.is_some_and(|before| *before != midstate) {
                return self.fail(Error::local(OTHER_CONTENT));
            }
            // It is the same for all, and stored once.
            let pre_hash = pre_hash.filter(|_| self.known.pre_hash.is_none());
            self.learn(Entry::Hashed { to, midstate, pre_hash });
        } else {
            self.fail(Error::misuse("it was read up to no block"));
        }
    }

    pub(super) fn created(&mut self, created: Created) {
        match created {
            Created::Instant { file_id, name } => self.learn(Entry::Instant { file_id, name }),
            Created::AlreadyThere { file_id, name } => self.learn(Entry::AlreadyThere { file_id, name }),
            Created::Upload { file_id, name, links } => {
                self.learn(Entry::Created { file_id, name });
                self.take_links(links);
            }
        }
    }

    pub(super) fn take_links(&mut self, links: Vec<(u32, Link)>) {
        let wanted = links.into_iter().filter(|(number, _)| self.todo.contains(number));
        self.links.extend(wanted);
    }

    pub(super) fn worked(&mut self, doing: Doing, what: What) {
        match (doing, what) {
            (Doing::Hash, What::Hashed(hasher, pre)) => self.hashed(hasher, pre.map(PreHash::finish)),
            (Doing::Prove, What::Proved(digest)) => {
                if let Some(proof) = &mut self.proof {
                    proof.code = Some(Secret::from(digest.to_string()));
                }
            }
            (Doing::Create(_), What::ProveAgain) => {
                self.learn(Entry::NotCreated);
                self.proof = None;
                self.proofs = self.proofs.saturating_add(1);
                if self.proofs > PROOFS {
                    self.fail(Error::credentials("the token changes faster than a proof for it can be sent"));
                }
            }
            (Doing::Create(_), What::Created(created)) => self.created(created),
            (Doing::Links(first), What::Links(links)) => {
                // Without what comes first, it would be asked for again and again.
                self.prefetch &= links.iter().any(|(number, _)| *number == first);
                self.take_links(links);
            }
            (Doing::Part(_), What::Sent(number)) => self.learn(Entry::Part(number)),
            (Doing::Complete, What::Completed) => self.learn(Entry::Completed),
            (Doing::Look, What::Looked(detail)) => self.looked(&detail),
            _ => self.fail(Error::misuse("the result is that of another piece of work")),
        }
    }

    pub(super) fn not_worked(&mut self, doing: Doing, error: Error) {
        match doing {
            // It was a prefetch: each part fetches its own.
            Doing::Links(_) => self.prefetch = false,
            Doing::Part(number) => {
                self.todo.insert(number);
                self.fail(error);
            }
            Doing::Create(went_out) => self.not_created(&went_out, error),
            Doing::Complete => self.not_completed(error),
            Doing::Look => self.not_looked(error),
            Doing::Hash | Doing::Prove => self.fail(error),
        }
    }

    /// Back to the last state of the hash that is known.
    pub(super) fn rewind(&mut self) {
        let last = self.known.midstates.last_key_value().and_then(|(to, midstate)| Hasher::resume(*to, *midstate));
        self.hasher = last.unwrap_or_default();
    }

    pub(super) fn hash_state(&self) -> ReadState {
        let pre = (self.hasher.fed() == 0).then(PreHash::default);
        ReadState::Hash(self.hasher.clone(), pre)
    }

    pub(super) fn to_header(&self, plan: Plan) -> Result<Entry, Error> {
        let (begin, params) = self.content.to_stored()?;
        let Settings { mark, edited, instant, in_order, name_all, .. } = self.settings.clone();
        Ok(Entry::Upload(Box::new(UploadHeader {
            version: VERSION,
            begin: begin.to_owned(),
            params,
            part_size: plan.part_size(),
            mark,
            edited,
            instant,
            in_order,
            name_all,
        })))
    }
}
