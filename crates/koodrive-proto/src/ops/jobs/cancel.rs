//! Stopping a job.

use crate::operation;
use crate::wire::Unseen;

operation! {
    /// Cancels a job that is waiting or running.
    ///
    /// The pages say neither what becomes of the files that the job has dealt with already, nor what happens to a job
    /// that has ended; so the request isn't sent again when its answer was lost. [`GetJob`](super::GetJob) tells
    /// whether the job is cancelled.
    ///
    /// The table of the answer has a text `data`, "business data", of which nothing is said; the examples have none. It
    /// is read whatever it is.
    ///
    /// Source: CancelJob, carrier (undated) and enterprise (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::jobs::CancelJob;
    /// CancelJob::new("1289250105886769024");
    /// ```
    POST "/koodrive/ose/v1/cancel" CancelJob -> Option<Unseen> as data;
    AppOrToken, Once, Carrier Full, Enterprise Full;
    body {
        /// The id of the job, from the answer of CreateJob.
        job_id: String = "jobId",
    }
}
