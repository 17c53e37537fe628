//! The call that begins an upload.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::Response;

use crate::api::{Api, Options, Stamp};
use crate::error::{Error, Sent};
use crate::flow::ask::Late;
use crate::flow::attempts::{Attempts, Work};
use crate::flow::link::Link;
use crate::flow::record::Entry;
use crate::flow::upload::{NewContent, Upload};
use crate::flow::work::{Created, What, Worked};
use crate::flow::{Event, Flow, Step};
use crate::operation::{self, Operation};
use crate::ops::files::{CreateFile, CreatedFile, UploadPart};
use crate::ops::revisions::{CreateRevision, CreatedRevision};
use crate::param::FileId;
use crate::retry;
use crate::time::Now;
use crate::transfer::Digest;
use crate::wire::Notes;

/// Whether the request of a create call went out.
#[derive(Debug, Clone, Default)]
pub(super) struct WentOut(Arc<AtomicBool>);

impl WentOut {
    pub(super) fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The create call, with the identity that its proof is for.
pub(super) struct Create {
    op: NewContent,
    identity: Option<Digest>,
    attempts: Attempts,
    late: Late,
    went_out: WentOut,
}

impl Create {
    pub(super) fn new(
        op: NewContent,
        identity: Option<Digest>,
        options: Options,
        end: Option<Duration>,
        went_out: WentOut,
    ) -> Self {
        Self { op, identity, attempts: Attempts::new(options), late: Late(end), went_out }
    }

    fn drive<O: Operation>(
        &mut self,
        op: &O,
        api: &Api,
        now: Now,
        event: Event,
        then: impl FnOnce(O::Output) -> Result<Created, Error>,
    ) -> Step<Result<Worked, Error>> {
        let is_another = Cell::new(false);
        let build = |options: &Options, stamp: &Stamp| {
            // The proof is bound to the header that goes out, so each attempt is asked, with its own credentials.
            let identity = stamp.credentials.identity().map(|identity| Digest::of(identity.as_bytes()));
            if self.identity.is_some() && identity != self.identity {
                is_another.set(true);
                return Err(Error::misuse("the proof is for another identity"));
            }
            api.build(op, options, stamp)
        };
        let parse = |response: &Response<bytes::Bytes>, notes: &mut Notes| {
            operation::parse::<O>(response.status(), response.headers(), response.body(), Some(notes))
        };
        let work = Work { target: O::META.into(), safety: O::META.safety, build: &build, parse: &parse };
        let step = self.attempts.resume(&work, api, now, event);
        match &step {
            Step::Send(outgoing) if outgoing.target.operation().is_some_and(|sent| sent.name == O::META.name) => {
                self.went_out.0.store(true, Ordering::Release);
            }
            // It is sent again only if it didn't run.
            Step::Wait(_) => self.went_out.0.store(false, Ordering::Release),
            _ => {}
        }
        step.map(|result| match result {
            Err(error) if is_another.get() && error.was_sent() == Sent::No => Ok(What::ProveAgain),
            Err(error) => Err(error),
            Ok(output) => then(output).map(What::Created).map_err(|error| error.in_answer(O::META)),
        })
        .map(|result| result.map(Worked::new))
    }
}

impl Flow for Create {
    type Output = Worked;

    fn resume(&mut self, api: &Api, now: Now, event: Event) -> Step<Result<Worked, Error>> {
        self.late.begin(&mut self.attempts, now);
        match self.op.clone() {
            NewContent::File(op) => {
                let name = op.file_name.as_str().to_owned();
                self.drive::<CreateFile>(&op, api, now, event, |created| file_created(created, name, api, now))
            }
            NewContent::Revision(op) => {
                let file_id = op.file_id.clone();
                let then = |created| Ok(revision_created(created, file_id, api, now));
                self.drive::<CreateRevision>(&op, api, now, event, then)
            }
        }
    }
}

/// The order of the questions is that of the facts.
fn file_created(created: CreatedFile, name: String, api: &Api, now: Now) -> Result<Created, Error> {
    let file_id = created.file_id.filter(|id| !id.as_str().is_empty());
    let file_id = file_id.ok_or_else(|| Error::decode("there is no fileId in the answer"))?;
    let name = created.file_name.filter(|name| !name.is_empty()).unwrap_or(name);
    Ok(if created.rapid_upload == Some(true) {
        Created::Instant { file_id, name }
    } else if created.exist == Some(true) {
        Created::AlreadyThere { file_id, name }
    } else {
        Created::Upload { file_id, name, links: links(created.multi_parts, api, now) }
    })
}

fn revision_created(created: CreatedRevision, file_id: FileId, api: &Api, now: Now) -> Created {
    let file_id = created.file_id.filter(|id| !id.as_str().is_empty()).unwrap_or(file_id);
    let name = String::new();
    if created.rapid_upload == Some(true) {
        Created::Instant { file_id, name }
    } else {
        Created::Upload { file_id, name, links: links(created.multi_parts, api, now) }
    }
}

/// The links of an answer, by part.
pub(super) fn links(parts: Vec<UploadPart>, api: &Api, now: Now) -> Vec<(u32, Link)> {
    let link = |part: UploadPart| {
        let url = part.upload_url.filter(|url| !url.as_str().is_empty())?;
        Some((u32::try_from(part.part_number?).ok()?, Link::new(url, api, now)))
    };
    parts.into_iter().filter_map(link).collect()
}

impl Upload {
    /// The create call failed. It must not be repeated if it may have had an effect.
    pub(super) fn not_created(&mut self, went_out: &WentOut, error: Error) {
        if !went_out.is_set() || !retry::may_have_run(&error) {
            self.learn(Entry::NotCreated);
            self.fail(error);
        } else {
            self.fail(Error::unknown(UNKNOWN, Some(error)));
        }
    }
}

/// What to do if it isn't known what came of a create call.
pub(super) const UNKNOWN: &str = "it isn't known whether the upload was begun, and a second one could make a second \
                                  file: see whether the folder has it, and begin anew if it hasn't";
