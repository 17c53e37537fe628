//! Links for downloads.

use std::collections::BTreeSet;
use std::mem;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::api::{Api, Options};
use crate::error::Error;
use crate::flow::attempts::Attempts;
use crate::flow::{Event, Flow, Step, options, step};
use crate::operation::Operation;
use crate::ops::files::{DownloadUrl, DownloadUrls, GetDownloadUrls, GetUploadUrls, UploadPart, UploadUrls};
use crate::param::{FileId, IntoParam, Secret, SpaceId};
use crate::time::Now;

/// Fetches links for downloading any number of files of one space: 100 with each request.
///
/// The result has each file, in the order in which they were asked for, and its link or why it has none; a file that
/// was asked for twice stands there once. A file's own code decides: 0 stands for a link, and any other code is an
/// error of kind [`Api`](crate::ErrorKind::Api), with that code and the service's message. An entry without a code has
/// a link if it has an address. A file that the answer leaves out, or that has no address though its code isn't an
/// error's, is an error of kind [`Decode`](crate::ErrorKind::Decode). A request that fails as a whole ends the flow
/// with its error.
///
/// A link is presigned: send its request without any of KooDrive's headers, and keep it as you keep a password. How
/// long it is valid isn't documented; an hour is what links of other calls show. So fetch links for what is downloaded
/// soon.
///
/// ```
/// use koodrive_proto::flow::Links;
/// use koodrive_proto::testing::{Reply, World};
/// use koodrive_proto::{Api, Credentials};
///
/// let api = Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200"))?;
/// let mut world = World::script([Reply::ok(r#"{"code": 0, "batchCode": 0, "downloads": [
///     {"fileId": "FqS6", "url": "https://obs.example/5e3f?X-Amz-Signature=d3e7", "code": "0"},
///     {"fileId": "Fk0n", "code": "13000406", "msg": "not for folders"}
/// ]}"#)]);
/// let space = "IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b";
/// let links = world.run(&api, &mut Links::new(space, ["Fk0n", "FqS6"]))?;
/// let (folder, refused) = &links[0];
/// assert_eq!((folder.as_str(), refused.as_ref().unwrap_err().code()), ("Fk0n", Some("13000406")));
/// let (_, link) = &links[1];
/// assert!(link.as_ref().unwrap().as_str().starts_with("https://obs.example/"));
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Links {
    /// The request for the files that are asked for at present.
    op: GetDownloadUrls,
    files: Vec<FileId>,
    done: Vec<(FileId, Result<Secret, Error>)>,
    attempts: Attempts,
    state: State,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Ready,
    Asking,
    Over,
}

/// How many files a request may name.
const BATCH: usize = 100;

impl Links {
    /// Fetches the links of these files, which are all in that space. Without files, nothing is sent.
    pub fn new(space: impl IntoParam<SpaceId>, files: impl IntoIterator<Item = impl Into<FileId>>) -> Self {
        let mut seen = BTreeSet::new();
        let files = files.into_iter().map(Into::into).filter(|file: &FileId| seen.insert(file.clone())).collect();
        Self {
            op: GetDownloadUrls::new(space, Vec::<FileId>::new()),
            files,
            done: Vec::new(),
            attempts: Attempts::in_total(Options::default()),
            state: State::Ready,
        }
    }

    options!(attempts.options);

    /// Sets the shared folder to work in.
    pub fn share_folder_id(mut self, id: impl IntoParam<String>) -> Self {
        self.op = self.op.share_folder_id(id);
        self
    }

    /// Sets how long the whole flow may take, with all requests, attempts and pauses, counted from its first step.
    /// There is no deadline unless set.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.attempts.options.deadline = Some(deadline);
        self
    }
}

impl Flow for Links {
    type Output = Vec<(FileId, Result<Secret, Error>)>;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<Self::Output, Error>> {
        let result = loop {
            match (self.state, &event) {
                (State::Ready, Event::Start) => {
                    self.op.file_ids = self.files.iter().skip(self.done.len()).take(BATCH).cloned().collect();
                    if self.op.file_ids.is_empty() {
                        break Ok(mem::take(&mut self.done));
                    }
                    self.state = State::Asking;
                }
                (State::Ready, _) => break Err(Error::misuse("a flow begins with Start")),
                (State::Asking, _) => {}
                (State::Over, _) => break Err(Error::misuse("the flow is over")),
            }
            match step!(self.attempts.drive(&self.op, api, now, event)) {
                Ok(answer) => {
                    let links = self.op.file_ids.iter().map(|file| (file.clone(), link_of(file, &answer)));
                    self.done.extend(links);
                }
                Err(error) => break Err(error),
            }
            self.attempts.renew();
            self.state = State::Ready;
            event = Event::Start;
        };
        self.state = State::Over;
        Step::Done(result.map_err(|error| error.on(GetDownloadUrls::META)))
    }
}

/// Returns the link of one file from an answer, or why there is none. Of several entries for a file, the first counts.
pub(crate) fn link_of(file: &FileId, answer: &DownloadUrls) -> Result<Secret, Error> {
    let entry = answer.downloads.iter().find(|entry| entry.file_id.as_ref() == Some(file));
    let url = entry.and_then(|entry| entry.url.as_ref()).filter(|url| !url.as_str().is_empty());
    let error = match (entry, url) {
        (Some(DownloadUrl { code: None | Some(0), .. }), Some(url)) => return Ok(url.clone()),
        (Some(DownloadUrl { code: Some(code), msg, .. }), _) if *code != 0 => {
            Error::api(StatusCode::OK, Some(code.to_string()), msg.clone())
        }
        _ => Error::decode(&format!("the answer has no link for the file {file}")),
    };
    // The answer itself stays out, since it has the links of other files.
    let error = error.with_response(StatusCode::OK, &HeaderMap::new(), &[]);
    Err(error.on(GetDownloadUrls::META).of_call(1, false, None))
}

/// Returns the link of one part from an answer, or why there is none.
pub(crate) fn link_of_part(number: u32, answer: UploadUrls) -> Result<Secret, Error> {
    let mut parts = answer.multi_parts;
    // A single part without a number can only be the one that was asked for.
    let is_single = parts.len() == 1;
    let is_it = |part: &UploadPart| match part.part_number {
        Some(given) => u32::try_from(given) == Ok(number),
        None => is_single,
    };
    parts.retain(is_it);
    let url = parts.into_iter().find_map(|part| part.upload_url.filter(|url| !url.as_str().is_empty()));
    url.ok_or_else(|| {
        Error::decode(&format!("the answer has no link for part {number}")).in_answer(GetUploadUrls::META)
    })
}
