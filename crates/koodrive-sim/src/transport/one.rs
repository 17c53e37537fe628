use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use koodrive_proto::flow::{Cause, Event, Failure, Now, Outgoing, Reached, Step};
use koodrive_proto::{Api, Error, Flow, http};

/// How long the flow waits before it sends its request.
const PAUSE: Duration = Duration::from_millis(2);

/// A flow of one request, to [check](crate::check_transport()) a transport by the loop that drives its flows.
///
/// It waits a moment before it sends the request, and sees to it that the loop does its part: that time goes by in
/// [`Now::elapsed`], and that each step is followed by its event.
pub struct OneRequest {
    state: State,
    mistake: Option<String>,
}

enum State {
    New(Outgoing),
    Waiting(Outgoing, Duration),
    Sent,
    Done(Option<Result<http::Response<Bytes>, Failure>>),
}

impl OneRequest {
    /// Creates a flow that sends this request.
    pub fn new(outgoing: Outgoing) -> Self {
        Self { state: State::New(outgoing), mistake: None }
    }

    /// Returns what came of the request, given the result of the loop that has driven the flow. If the loop has made a
    /// mistake, that is the failure.
    pub fn answer(self, result: Result<(), Error>) -> Result<http::Response<Bytes>, Failure> {
        let mistake = match (self.mistake, result, self.state) {
            (None, Ok(()), State::Done(Some(answer))) => return answer,
            (Some(mistake), _, _) => mistake,
            (None, Err(error), _) => format!("the loop has an error that the flow hasn't: {error}"),
            (None, Ok(()), _) => "the loop has ended before the flow".to_owned(),
        };
        Err(Failure::new(Reached::Maybe, Cause::Local, mistake))
    }

    fn misuse(&mut self, mistake: &str) -> Step<Result<(), Error>> {
        self.mistake.get_or_insert_with(|| mistake.to_owned());
        Step::Done(Err(Error::misuse(mistake)))
    }
}

impl fmt::Debug for OneRequest {
    /// Shows nothing of an answer: it can hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneRequest").field("mistake", &self.mistake).finish_non_exhaustive()
    }
}

impl Flow for OneRequest {
    type Output = ();

    fn resume(&mut self, _: &Api, now: Now, event: Event) -> Step<Result<(), Error>> {
        match (std::mem::replace(&mut self.state, State::Done(None)), event) {
            (State::New(outgoing), Event::Start) => {
                self.state = State::Waiting(outgoing, now.elapsed);
                Step::Wait(PAUSE)
            }
            (State::Waiting(_, since), Event::Elapsed) if now.elapsed < since.saturating_add(PAUSE) => {
                self.misuse("the loop doesn't wait, or its Now::elapsed stands still")
            }
            (State::Waiting(outgoing, _), Event::Elapsed) => {
                self.state = State::Sent;
                Step::Send(outgoing)
            }
            (State::Sent, Event::Response(response)) => {
                self.state = State::Done(Some(Ok(response)));
                Step::Done(Ok(()))
            }
            (State::Sent, Event::Failed(failure)) => {
                self.state = State::Done(Some(Err(failure)));
                Step::Done(Ok(()))
            }
            (State::Done(_), _) => self.misuse("the loop goes on after Step::Done"),
            _ => self.misuse("the loop resumes a flow with another event than its step asks for"),
        }
    }
}
