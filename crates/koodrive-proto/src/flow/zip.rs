//! Folders and files as one zip.

use std::time::Duration;

use http::{HeaderMap, StatusCode};

use crate::api::{Api, Options};
use crate::error::Error;
use crate::flow::attempts::Attempts;
use crate::flow::{Event, Flow, Step, Until, options, step};
use crate::operation::Operation;
use crate::ops::jobs::{CreateJob, GetJob, JobDetail, JobFile, JobResult, JobStatus, JobTask, JobType, TaskInfo};
use crate::param::{FileId, IntoParam, Secret, SpaceId};
use crate::time::Now;

/// Has files and folders packed into one zip by a job of the service, and waits for the link to it.
///
/// The job is created once: [`CreateJob`] isn't sent again if its answer was lost, and the error's
/// [`was_sent`](Error::was_sent) says that there may be a job (ListJobs would have it). Then the job is polled as
/// [`Until`] polls. If the time is over before the job is, [`job_id`](Self::job_id) names it, and [`Zip::of_job`] waits
/// on.
///
/// The link is presigned, as those of [`Links`](super::Links) are. A job that failed, also in part, is an error of kind
/// [`Api`](crate::ErrorKind::Api) that says which entries failed; so are a job that was cancelled and one that ended
/// without a link. By a guide of the enterprise edition, files that moderation has flagged or not seen yet are left out
/// of the zip, and nothing fails.
///
/// The pages have no example of such a job. Here it sends no action, since none is listed for this kind of job, and as
/// target, which is required for every kind of job, the space itself. How many files a job may have, and how long the
/// zip is kept, is not documented (by the enterprise edition's settings 1 to 30 days). Entries of a job are taken as
/// failed unless their state is `1`, which is the one of the example.
///
/// ```
/// use koodrive_proto::flow::Zip;
/// use koodrive_proto::testing::{Reply, World};
/// use koodrive_proto::{Api, Credentials};
/// use std::time::Duration;
///
/// let api = Api::new("https://drive.example", Credentials::app("my-app", "my-secret", "1505084218764547200"))?;
/// let mut world = World::script([
///     Reply::ok(r#"{"code": 0, "data": "1309243162258308352"}"#),
///     Reply::ok(r#"{"code": 0, "data": {"jobInfo": {"status": 1, "progress": 40}}}"#),
///     Reply::ok(r#"{"code": 0, "data": {"jobInfo": {"status": 2, "taskResultCode": 1,
///         "downloadUrl": "https://obs.example/a.zip?X-Amz-Signature=d3e7"}}}"#),
/// ]);
/// let space = "IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b";
/// let mut zip = Zip::new(space, ["Fk0n", "FqS6"], Duration::from_secs(600));
/// let link = world.run(&api, &mut zip)?;
/// assert!(link.as_str().starts_with("https://obs.example/a.zip?"));
/// assert_eq!(zip.job_id(), Some("1309243162258308352"));
/// # Ok::<(), koodrive_proto::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Zip {
    job_id: Option<String>,
    patience: Duration,
    pauses: Option<(Duration, Duration)>,
    started: Option<Duration>,
    /// Until the job is polled.
    attempts: Attempts,
    state: State,
}

/// [`JobDetail::is_over`], as a type that has a name.
type Over = fn(&JobDetail) -> bool;

#[derive(Debug)]
enum State {
    Creating(Box<CreateJob>),
    /// There is a job, which isn't polled yet.
    Created,
    Polling(Box<Until<GetJob, Over>>),
    Over,
}

impl Zip {
    /// Packs these files and folders, which are all in that space. The time is that of everything: creating the job,
    /// and waiting for it.
    pub fn new(
        space: impl IntoParam<SpaceId>,
        files: impl IntoIterator<Item = impl Into<FileId>>,
        patience: Duration,
    ) -> Self {
        let space: SpaceId = space.into_param();
        let files: Vec<JobFile> = files.into_iter().map(|file| JobFile::new(file.into())).collect();
        let op = CreateJob::new(JobType::PackageDownload, TaskInfo::new(files, &space), &space);
        Self::begin(None, patience, State::Creating(Box::new(op)))
    }

    /// Waits for a job that was created before.
    pub fn of_job(job_id: impl Into<String>, patience: Duration) -> Self {
        Self::begin(Some(job_id.into()), patience, State::Created)
    }

    fn begin(job_id: Option<String>, patience: Duration, state: State) -> Self {
        let attempts = Attempts::new(Options::default());
        Self { job_id, patience, pauses: None, started: None, attempts, state }
    }

    options!(attempts.options);

    /// Sets the shared folder that the job is created in.
    pub fn share_folder_id(mut self, id: impl IntoParam<String>) -> Self {
        if let State::Creating(op) = self.state {
            self.state = State::Creating(Box::new(op.share_folder_id(id)));
        }
        self
    }

    /// Sets the first and the longest pause between polls: 1 s and 15 s unless set.
    pub fn pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.pauses = Some((first, longest));
        self
    }

    /// Returns the id of the job, once it is known.
    pub fn job_id(&self) -> Option<&str> {
        self.job_id.as_deref()
    }

    fn finish(&mut self, result: Result<Secret, Error>) -> Step<Result<Secret, Error>> {
        self.state = State::Over;
        Step::Done(result)
    }
}

impl Flow for Zip {
    type Output = Secret;

    fn resume(&mut self, api: &Api, now: Now, mut event: Event) -> Step<Result<Secret, Error>> {
        let started = *self.started.get_or_insert(now.elapsed);
        let left = self.patience.saturating_sub(now.elapsed.saturating_sub(started));
        loop {
            match &mut self.state {
                State::Creating(op) => {
                    self.attempts.options.deadline.get_or_insert(left);
                    match step!(self.attempts.drive(&**op, api, now, event)) {
                        Ok(id) => self.job_id = Some(id),
                        Err(error) => return self.finish(Err(error)),
                    }
                    self.attempts.renew();
                    self.attempts.options.deadline = None;
                    self.state = State::Created;
                    event = Event::Start;
                }
                State::Created => {
                    let attempts = std::mem::replace(&mut self.attempts, Attempts::new(Options::default()));
                    let op = GetJob::new(self.job_id.as_deref().unwrap_or_default());
                    let mut until = Until::within(attempts, op, left, JobDetail::is_over as Over);
                    if let Some((first, longest)) = self.pauses {
                        until = until.pauses(first, longest);
                    }
                    self.state = State::Polling(Box::new(until));
                }
                State::Polling(until) => {
                    let result = step!(until.resume(api, now, event));
                    let job_id = self.job_id.clone().unwrap_or_default();
                    return self.finish(result.and_then(|job| link_of(&job_id, job)));
                }
                State::Over => return Step::Done(Err(Error::misuse("the flow is over"))),
            }
        }
    }
}

/// Returns the link of a job that is over, or why it has none.
fn link_of(job_id: &str, job: JobDetail) -> Result<Secret, Error> {
    let info = job.job_info.unwrap_or_default();
    let problem = match (info.status, info.task_result_code) {
        (Some(JobStatus::Cancelled), _) => "was cancelled".to_owned(),
        (_, None | Some(JobResult::Succeeded)) => match info.download_url {
            Some(url) if !url.as_str().is_empty() => return Ok(url),
            _ => "has ended without a link".to_owned(),
        },
        (_, Some(JobResult::PartlyFailed)) => format!("failed in part: {}", failed(&job.task_infos)),
        (_, Some(JobResult::Failed)) => format!("failed: {}", failed(&job.task_infos)),
        (_, Some(other)) => format!("has ended in a way that isn't known ({other:?})"),
    };
    let code = info.result_code.filter(|code| *code != 0).map(|code| format!(" (result code {code})"));
    let text = format!("the job {job_id}{} {problem}", code.unwrap_or_default());
    let error = Error::unreadable(StatusCode::OK, &text).with_response(StatusCode::OK, &HeaderMap::new(), &[]);
    Err(error.on(GetJob::META).of_call(1, false, None))
}

/// Says which entries of a job failed.
fn failed(tasks: &[JobTask]) -> String {
    let failed: Vec<&JobTask> = tasks.iter().filter(|task| task.status.as_deref() != Some("1")).collect();
    if failed.is_empty() {
        return "it doesn't say which entries".to_owned();
    }
    let ids: Vec<&str> =
        failed.iter().map(|task| task.file_id.as_ref().map_or("one without id", FileId::as_str)).collect();
    format!("{} of {} entries: {}", failed.len(), tasks.len(), ids.join(", "))
}
