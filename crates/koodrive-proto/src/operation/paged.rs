use std::str::FromStr;

use crate::error::Error;
use crate::operation::Operation;

/// A listing that is answered page by page.
///
/// The listings of this crate implement it. For your own, it takes two functions; [`turn_cursor`], [`turn_offset`] and
/// [`turn_number`] implement the manual's three styles of paging:
///
/// ```
/// use koodrive_proto::operation::{Paged, turn_cursor};
/// use koodrive_proto::{Error, operation};
///
/// koodrive_proto::answer! {
///     /// A page of messages.
///     MessageList {
///         /// The ids of the messages.
///         messages: Vec<String>,
///         /// The cursor of the next page.
///         next_cursor: Option<String>,
///     }
/// }
/// operation! {
///     /// Lists messages.
///     GET "/koodrive/ose/v1/message" ListMessageIds -> MessageList as data;
///     AppOrToken, ReadOnly, Enterprise Partial;
///     query {;
///         /// The cursor that the page before answered.
///         page_cursor: String = "pageCursor",
///     }
/// }
/// impl Paged for ListMessageIds {
///     type Item = String;
///
///     fn turn(&mut self, page: &MessageList) -> Result<bool, Error> {
///         turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
///     }
///     fn items(page: MessageList) -> Vec<String> {
///         page.messages
///     }
/// }
/// ```
pub trait Paged: Operation {
    /// An entry of the listing.
    type Item;

    /// Changes the request to that of the next page; returns false if this page is the last.
    fn turn(&mut self, page: &Self::Output) -> Result<bool, Error>;

    /// Returns the entries of a page.
    fn items(page: Self::Output) -> Vec<Self::Item>;
}

/// Turns a listing that has a cursor, which is a text or a number. It ends when the answer has no cursor, or an empty
/// one.
///
/// A short or even empty page is not the end. A cursor that leads to the same page again is an error of kind
/// [`Decode`](crate::ErrorKind::Decode), since the listing would never end (a longer cycle isn't noticed). So is a
/// cursor that doesn't fit its type, or in which something couldn't be read (U+FFFD stands in place of that). A list or
/// an object in place of the cursor is left out of the answer, as everywhere, and noted; the listing then ends.
pub fn turn_cursor<C: ToString + FromStr>(cursor: &mut Option<C>, next: Option<&str>) -> Result<bool, Error> {
    let Some(next) = next.filter(|next| !next.is_empty()) else { return Ok(false) };
    let read = if next.contains(char::REPLACEMENT_CHARACTER) { None } else { next.parse().ok() };
    let next: C = read.ok_or_else(|| Error::decode("the cursor of the next page can't be read"))?;
    // As it would be sent: `07` is 7 again.
    if cursor.as_ref().is_some_and(|cursor| cursor.to_string() == next.to_string()) {
        return Err(Error::decode("the cursor of the next page is that of this one"));
    }
    *cursor = Some(next);
    Ok(true)
}

/// Turns a listing that skips `offset` entries, after a page of `count` entries.
///
/// If there is a `total`, the listing ends there; otherwise, at a page shorter than `limit`. An empty page is always
/// the end.
pub fn turn_offset<N>(offset: &mut N, limit: Option<u64>, count: usize, total: Option<i64>) -> bool
where
    N: Copy + TryFrom<u64> + Into<u64>,
{
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let next = (*offset).into().checked_add(count);
    let last = match total.and_then(|total| u64::try_from(total).ok()) {
        Some(total) => next.is_none_or(|next| next >= total),
        None => limit.is_some_and(|limit| count < limit),
    };
    turn(offset, next, count == 0 || last)
}

/// Turns a listing by the number of the page, which counts from 1, after a page of `count` entries.
///
/// With a `total` of entries and a `size`, the listing ends when pages of that size add up to exactly the total. With a
/// `size` alone, it ends at a shorter page. An empty page is always the end.
pub fn turn_number<N>(number: &mut N, size: Option<u64>, count: usize, total: Option<i64>) -> bool
where
    N: Copy + TryFrom<u64> + Into<u64>,
{
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let last = match (size, total.and_then(|total| u64::try_from(total).ok())) {
        (Some(size), Some(total)) => {
            // Any other number comes from a server that gives fewer entries than requested, and has more pages.
            let before = (*number).into().saturating_sub(1).saturating_mul(size);
            before.checked_add(count) == Some(total)
        }
        (Some(size), None) => count < size,
        (None, _) => false,
    };
    turn(number, (*number).into().checked_add(1), count == 0 || last)
}

fn turn<N: TryFrom<u64>>(place: &mut N, next: Option<u64>, last: bool) -> bool {
    match next.and_then(|next| N::try_from(next).ok()) {
        Some(next) if !last => {
            *place = next;
            true
        }
        _ => false,
    }
}
