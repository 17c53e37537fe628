//! What the service does with archives.

use crate::call::{Answer, Call};
use crate::reply::Reply;

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    Ok(Reply::documented(call.meta))
}
