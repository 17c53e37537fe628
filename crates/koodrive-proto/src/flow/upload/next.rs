//! What comes next in an upload.

use std::sync::Arc;

use crate::api::{Api, Options};
use crate::check::InvalidParam;
use crate::error::Error;
use crate::flow::ask::Ask;
use crate::flow::carry::{Ask as LinkAsk, Cargo, Carry};
use crate::flow::record::{Entry, unusable};
use crate::flow::upload::begin::{Create, UNKNOWN, WentOut, links};
use crate::flow::upload::{BATCH, Doing, NewContent, Proof, STREAM_PART, Upload, Uploaded};
use crate::flow::work::{ReadState, What};
use crate::flow::{Job, JobFlow, Next, Reading};
use crate::ops::files::{CompleteFile, GetFile, GetUploadUrls, NewPart};
use crate::ops::revisions::CompleteRevision;
use crate::param::FileId;
use crate::time::Now;
use crate::transfer::{Digest, Hasher, Part, Plan, proof_range};

/// How many parts the hash may be ahead of what is sent, while there is something to send.
const LEAD: u64 = 8;
/// How many bytes are hashed at a time, at most: so that hashing can be stopped and resumed.
const SEGMENT: u64 = 64 * 1024 * 1024;

impl Upload {
    pub(super) fn what_next(&mut self, api: &Api, now: Now) -> Next<Uploaded> {
        let step = self.course.step(api, now);
        self.take_back();
        match step {
            Err(error) => return Next::Done(Err(error)),
            Ok(true) => match self.choose(api, now) {
                Ok(next) => return next,
                Err(error) => self.fail(error),
            },
            Ok(false) => {}
        }
        self.course.give()
    }

    /// Takes back the work that was dropped.
    fn take_back(&mut self) {
        for doing in self.running.lost() {
            match doing {
                Doing::Part(number) => drop(self.todo.insert(number)),
                Doing::Create(went_out) if went_out.is_set() => self.fail(Error::unknown(UNKNOWN, None)),
                Doing::Create(_) => self.learn(Entry::NotCreated),
                Doing::Complete => self.ending.begun(),
                // The hash is where it was, since each reading has a copy.
                Doing::Hash | Doing::Prove | Doing::Links(_) | Doing::Look => {}
            }
        }
    }

    fn choose(&mut self, api: &Api, now: Now) -> Result<Next<Uploaded>, Error> {
        let plan = self.set_out()?;
        let is_created = self.known.created.is_some();
        let is_creating = self.is_doing(&|doing| matches!(doing, Doing::Create(_)));
        if self.known.is_creating && !is_created && !is_creating {
            return Err(Error::unknown(UNKNOWN, None));
        }
        // Without an instant upload, the create call needs no hash.
        if !self.settings.instant && !is_created && !is_creating {
            return self.create(plan, api);
        }
        // The hash goes first, since it holds up everything else. But of what is sent on the way it isn't far ahead.
        let is_far_ahead = is_created && !self.settings.instant && self.hash_is_ahead(plan) >= LEAD;
        if !is_far_ahead {
            if let Some(reading) = self.hash(plan) {
                return Ok(Next::Read(reading));
            }
        }
        let Some((file_id, _)) = self.known.created.clone() else { return self.create(plan, api) };
        if let Some(job) = self.fetch_links(plan, &file_id, api, now) {
            return Ok(Next::Run(job));
        }
        if let Some(job) = self.send(plan, &file_id) {
            return Ok(Next::Run(job));
        }
        if let Some(reading) = self.hash(plan) {
            return Ok(Next::Read(reading));
        }
        let is_all_sent = self.todo.is_empty() && self.known.print.is_some();
        if is_all_sent && self.running.is_idle() { Ok(Next::Run(self.end_it(file_id))) } else { self.busy() }
    }

    /// The first step: checks everything before anything is done.
    fn set_out(&mut self) -> Result<Plan, Error> {
        if self.log.is_empty() {
            let size = self.settings.part_size.or_else(|| self.settings.ahead.map(|_| STREAM_PART));
            let chosen = Plan::new(self.content.length(), size);
            // A stream's own size is no wish of the caller's: what the file needs is more important.
            let is_wish = self.settings.part_size.is_some();
            let plan = if is_wish { chosen? } else { chosen.or_else(|_| Plan::new(self.content.length(), None))? };
            self.content.check()?;
            if self.content.keeps_same() {
                if self.settings.ahead.is_some() {
                    let allowed = "2 or 3 for a stream, whose hash isn't known at the beginning";
                    return Err(InvalidParam::new("autoRename", "4", allowed).into());
                }
                self.settings.instant = true;
            }
            self.plan(plan);
            let header = self.to_header(plan)?;
            self.log.push(crate::flow::Record(header));
        }
        if !std::mem::replace(&mut self.is_set_out, true) {
            if self.creates_again && self.known.is_creating && self.known.created.is_none() {
                self.learn(Entry::NotCreated);
            }
            if self.settings.ahead.is_some() {
                if self.settings.instant && self.known.created.is_none() {
                    return Err(unusable("it begins with the hash of all, which a stream doesn't have"));
                }
                self.read_again();
            }
        }
        self.plan.ok_or_else(|| Error::misuse("there is no plan"))
    }

    /// A stream is read again from the first part on that wasn't sent, so what was known behind that has to be found
    /// again.
    fn read_again(&mut self) {
        let Some(part) = self.first_unsent().and_then(|number| self.plan?.part(number)) else { return };
        self.known.print = None;
        self.known.midstates.retain(|at, _| *at <= part.offset);
        self.rewind();
    }

    fn is_doing(&self, is: &dyn Fn(&Doing) -> bool) -> bool {
        self.running.iter().any(is)
    }

    fn is_reading(&self) -> bool {
        self.is_doing(&|doing| matches!(doing, Doing::Hash | Doing::Prove))
    }

    /// Waits for what is under way. Without that, it would wait for ever.
    fn busy(&self) -> Result<Next<Uploaded>, Error> {
        if self.running.is_idle() {
            Err(Error::misuse("there is nothing to do and nothing to wait for"))
        } else {
            Ok(Next::Busy)
        }
    }

    /// The options of a call whose answer has so many links: each can have a token of its signer in it.
    fn options_for(&self, links: usize, api: &Api) -> Options {
        const LINK: u64 = 8 * 1024;
        let mut options = self.course.options.clone();
        let limit = u64::try_from(links).unwrap_or(u64::MAX).saturating_mul(LINK).max(api.limit_of_answers());
        options.answer_limit.get_or_insert(limit);
        options
    }

    fn job(&mut self, doing: Doing, bytes: u64, flow: JobFlow) -> Job {
        Job { id: self.running.begin(doing), flow, bytes }
    }

    /// How many parts the hash is ahead of what was sent.
    fn hash_is_ahead(&self, plan: Plan) -> u64 {
        let hashed = self.hasher.fed().checked_div(plan.part_size()).unwrap_or_default();
        let sent = self.first_unsent().map_or(u64::MAX, |first| u64::from(first.saturating_sub(1)));
        hashed.saturating_sub(sent)
    }

    /// The next bytes to be hashed: up to the next part.
    fn hash(&mut self, plan: Plan) -> Option<Reading> {
        let (fed, length) = (self.hasher.fed(), plan.length());
        let is_near = |ahead: u32| self.hash_is_ahead(plan) < u64::from(ahead);
        if self.known.print.is_some() || self.is_reading() || !self.settings.ahead.is_none_or(is_near) {
            return None;
        }
        let to_cut = plan.part_size().saturating_sub(fed.checked_rem(plan.part_size()).unwrap_or_default());
        let len = SEGMENT.min(to_cut).min(length.saturating_sub(fed));
        let is_last = fed.saturating_add(len) >= length;
        let state = self.hash_state();
        Some(Reading::new(self.running.begin(Doing::Hash), fed, len, is_last, state))
    }

    /// The create call: after the hash and the proof, if the upload may be instant.
    fn create(&mut self, plan: Plan, api: &Api) -> Result<Next<Uploaded>, Error> {
        let is_ready = self.known.print.is_some() || !self.settings.instant;
        if !is_ready || self.is_doing(&|doing| matches!(doing, Doing::Create(_) | Doing::Prove)) {
            return self.busy();
        }
        let print = self.known.print.filter(|_| self.settings.instant);
        let mut identity = None;
        if print.is_some() && plan.length() > 0 {
            let credentials = Arc::clone(&api.holder().current().credentials);
            // Without an identity the call will be refused, and says why.
            if let Some(text) = credentials.identity() {
                let now_is = Digest::of(text.as_bytes());
                let is_proved =
                    self.proof.as_ref().is_some_and(|proof| proof.identity == now_is && proof.code.is_some());
                if !is_proved {
                    return self.prove(now_is, text, plan).map(Next::Read);
                }
                identity = Some(now_is);
            }
        }
        let limit = if self.settings.name_all && print.is_some() { usize::MAX } else { BATCH };
        let parts: Vec<NewPart> = plan.parts().map_while(|part| self.named(part)).take(limit).collect();
        let parts_named = parts.len();
        let code = self.proof.as_ref().filter(|_| identity.is_some()).and_then(|proof| proof.code.clone());
        let (sha256, pre_hash) = print.map(|(sha256, pre)| (sha256.to_string(), pre.to_string())).unzip();
        let mut content = self.content.clone();
        match &mut content {
            NewContent::File(op) => {
                (op.sha256, op.pre_hash, op.proof_code, op.multi_parts) = (sha256, pre_hash, code, Some(parts));
            }
            NewContent::Revision(op) => {
                (op.sha256, op.pre_hash, op.proof_code, op.multi_parts) = (sha256, pre_hash, code, Some(parts));
            }
        }
        let went_out = WentOut::default();
        let options = self.options_for(parts_named, api);
        let flow = JobFlow::new(Create::new(content, identity, options, self.course.end, went_out.clone()));
        self.learn(Entry::Creating);
        Ok(Next::Run(self.job(Doing::Create(went_out), 0, flow)))
    }

    fn prove(&mut self, identity: Digest, text: &str, plan: Plan) -> Result<Reading, Error> {
        let range = proof_range(text, plan.length()).ok_or_else(|| Error::misuse("an empty file needs no proof"))?;
        self.proof = Some(Proof { identity, code: None });
        let len = range.end.saturating_sub(range.start);
        let state = ReadState::Proof(Hasher::new());
        Ok(Reading::new(self.running.begin(Doing::Prove), range.start, len, false, state))
    }

    /// Links for many parts at once. A single one is fetched by its part.
    fn fetch_links(&mut self, plan: Plan, file_id: &FileId, api: &Api, now: Now) -> Option<Job> {
        if !self.prefetch || self.settings.in_order || self.is_doing(&|doing| matches!(doing, Doing::Links(_))) {
            return None;
        }
        let ready = self.todo.iter().filter_map(|number| plan.part(*number));
        if ready.clone().take(BATCH / 4).any(|part| self.links.get(&part.number).is_some_and(|link| !link.is_old(now)))
        {
            return None;
        }
        let parts: Vec<NewPart> = ready.map_while(|part| self.named(part)).take(BATCH).collect();
        let first = parts.first().filter(|_| parts.len() > 1)?.part_number;
        let options = self.options_for(parts.len(), api);
        let op = self.upload_urls(file_id, parts);
        let flow =
            Ask::new(op, options, self.course.end, |answer, api, now| What::Links(links(answer.multi_parts, api, now)));
        Some(self.job(Doing::Links(first), 0, JobFlow::new(flow)))
    }

    fn upload_urls(&self, file_id: &FileId, parts: Vec<NewPart>) -> GetUploadUrls {
        let op = GetUploadUrls::new(file_id, parts);
        match self.content.share_folder_id() {
            Some(id) => op.share_folder_id(id),
            None => op,
        }
    }

    /// The next part: of a file when the hash has come to its beginning, of a stream when it was read to its end.
    fn send(&mut self, plan: Plan, file_id: &FileId) -> Option<Job> {
        let is_sending = self.is_doing(&|doing| matches!(doing, Doing::Part(_)));
        if self.settings.in_order && is_sending {
            return None;
        }
        // While links are on their way, only parts that have one can go.
        let waits_for_links = self.is_doing(&|doing| matches!(doing, Doing::Links(_)));
        let number = if waits_for_links { self.links.keys().next() } else { self.todo.first() };
        let number = *number?;
        let read = if self.known.print.is_some() { u64::MAX } else { self.hasher.fed() };
        let is_ready = |part: &Part| {
            // A stream's bytes have to be there, and while it is checked that the source is the same, only what was
            // checked is sent.
            let is_read = read >= part.offset.saturating_add(part.len);
            self.is_nameable(*part) && (is_read || self.settings.ahead.is_none() && self.recheck.is_none())
        };
        let part = plan.part(number).filter(is_ready)?;
        let named = self.named(part)?;
        self.todo.remove(&number);
        let link = self.links.remove(&number);
        let ask = LinkAsk::Part(self.upload_urls(file_id, vec![named]), number);
        let carry = Carry::new(Cargo::Put(part), ask, link, self.course.options.clone(), self.course.end);
        Some(self.job(Doing::Part(number), part.len, JobFlow::new(carry)))
    }

    /// The complete call; or, if it isn't known what came of it, a look at the file.
    fn end_it(&mut self, file_id: FileId) -> Job {
        let mut options = self.course.options.clone();
        let pause = self.ending.pause();
        if self.ending.looks(matches!(self.content, NewContent::File(_))) {
            let space = match &self.content {
                NewContent::File(op) => op.container_id.clone().unwrap_or_else(|| String::new().into()),
                NewContent::Revision(op) => op.container_id.clone(),
            };
            let op = GetFile::new(file_id, space);
            let op = match self.content.share_folder_id() {
                Some(id) => op.share_folder_id(id),
                None => op,
            };
            let look =
                Ask::new(op, options, self.course.end, |detail, _, _| What::Looked(Box::new(detail))).after(pause);
            return self.job(Doing::Look, 0, JobFlow::new(look));
        }
        options.attempt_timeout = Some(self.complete_timeout);
        let sha256 = self.known.print.map(|(sha256, _)| sha256.to_string()).unwrap_or_default();
        let completed = |(), _: &Api, _: Now| What::Completed;
        let flow = match &self.content {
            NewContent::File(op) => {
                let share = op.share_folder_id.clone();
                let op = CompleteFile::new(file_id).sha256(sha256);
                let op = match share {
                    Some(id) => op.share_folder_id(id),
                    None => op,
                };
                JobFlow::new(Ask::new(op, options, self.course.end, completed).after(pause))
            }
            NewContent::Revision(_) => {
                let op = CompleteRevision::new(file_id).sha256(sha256);
                JobFlow::new(Ask::new(op, options, self.course.end, completed).after(pause))
            }
        };
        let rounds = self.ending.rounds;
        self.learn(Entry::Completing);
        self.ending.sending(rounds);
        self.job(Doing::Complete, 0, flow)
    }
}
