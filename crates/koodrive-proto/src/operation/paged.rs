use std::cmp::Ordering;
use std::str::FromStr;

use crate::error::Error;
use crate::operation::Operation;

/// A listing that is answered page by page.
///
/// The listings of this crate implement it. For your own, it takes two functions; [`turn_cursor`], [`turn_offset`] and
/// [`turn_number`] implement the manual's three styles of paging:
///
/// ```
/// use koodrive_proto::operation::{Paged, Turn, turn_cursor};
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
///     fn turn(&mut self, page: &MessageList) -> Result<Turn, Error> {
///         turn_cursor(&mut self.page_cursor, page.next_cursor.as_deref())
///     }
///     fn items(page: &mut MessageList) -> &mut Vec<String> {
///         &mut page.messages
///     }
/// }
/// ```
pub trait Paged: Operation + Clone + PartialEq {
    /// An entry of the listing.
    type Item: Clone + PartialEq;

    /// Changes the request to that of the next page, unless this page is the last.
    fn turn(&mut self, page: &Self::Output) -> Result<Turn, Error>;

    /// Returns the entries of a page, to look at them or to take them out.
    fn items(page: &mut Self::Output) -> &mut Vec<Self::Item>;

    /// Returns what tells an entry from all others, such as its id, if it has that. A page that comes again is then
    /// noticed, even if other members of its entries have changed; without it, whole entries are compared.
    fn key(_item: &Self::Item) -> Option<&str> {
        None
    }
}

/// What a page says about the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turn {
    /// This page is the last. The request is unchanged.
    Last,
    /// There is another page.
    Next,
    /// Nothing says whether there is another page. The listing ends if that is empty, or refused as one that there
    /// isn't (HTTP 400, 404 or 416).
    Perhaps,
    /// As the page looks, it is the last; but servers count in different ways, so the next page is requested to make
    /// sure. The listing also ends if that is this page again.
    Unsure,
}

/// Turns a listing that has a cursor, which is a text or a number. It ends when the answer has no cursor, or an empty
/// one.
///
/// A short or even empty page is not the end. A cursor that leads to the same page again is an error of kind
/// [`Decode`](crate::ErrorKind::Decode), since the listing would never end; so is a cursor that doesn't fit its type,
/// or in which something couldn't be read (U+FFFD stands in place of that). [`Pages`](crate::flow::Pages) notices
/// longer circles, and a cursor that is no text or number at all.
pub fn turn_cursor<C: ToString + FromStr>(cursor: &mut Option<C>, next: Option<&str>) -> Result<Turn, Error> {
    let Some(next) = next.filter(|next| !next.is_empty()) else { return Ok(Turn::Last) };
    let read = if next.contains(char::REPLACEMENT_CHARACTER) { None } else { next.parse().ok() };
    let next: C = read.ok_or_else(|| Error::decode("the cursor of the next page can't be read"))?;
    // As it would be sent: `07` is 7 again.
    if cursor.as_ref().is_some_and(|cursor| cursor.to_string() == next.to_string()) {
        return Err(Error::decode("the cursor of the next page is that of this one"));
    }
    *cursor = Some(next);
    Ok(Turn::Next)
}

/// Turns a listing that skips `offset` entries, after a page of `count` entries.
///
/// The listing ends at a first page shorter than `limit` that has as many entries as the `total`, and at an empty page.
/// Otherwise, the next page is requested to make sure: some servers count as `total` only the entries of the page or
/// those that are left, and some give fewer entries than they are asked for.
pub fn turn_offset<N>(offset: &mut N, limit: Option<u64>, count: usize, total: Option<i64>) -> Turn
where
    N: Copy + TryFrom<u64> + Into<u64>,
{
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let next = (*offset).into().checked_add(count);
    let is_full = limit.is_none_or(|limit| count >= limit);
    let turn = match (total.and_then(|total| u64::try_from(total).ok()), next) {
        (Some(total), Some(next)) if total > next => Turn::Next,
        (Some(total), _) if total == count && !is_full && (*offset).into() == 0 => Turn::Last,
        (None, _) if is_full => Turn::Perhaps,
        _ => Turn::Unsure,
    };
    go(offset, next, if count == 0 { Turn::Last } else { turn })
}

/// Turns a listing by the number of the page, which counts from 1, after a page of `count` entries.
///
/// As with [`turn_offset`], the listing ends at a first page shorter than `size` that has as many entries as the
/// `total`, and at an empty page unless there are more by the `total`. Otherwise, the next page is requested to make
/// sure.
pub fn turn_number<N>(number: &mut N, size: Option<u64>, count: usize, total: Option<i64>) -> Turn
where
    N: Copy + TryFrom<u64> + Into<u64>,
{
    let count = u64::try_from(count).unwrap_or(u64::MAX);
    let turn = match (size, total.and_then(|total| u64::try_from(total).ok())) {
        (Some(size), Some(total)) => {
            let before = (*number).into().saturating_sub(1).saturating_mul(size);
            match before.saturating_add(count).cmp(&total) {
                Ordering::Less => Turn::Next,
                Ordering::Equal if before == 0 && count < size => Turn::Last,
                // The total is wrong, or the server gives fewer entries than requested, and has more pages.
                Ordering::Equal | Ordering::Greater => Turn::Unsure,
            }
        }
        (Some(size), None) if count < size => Turn::Unsure,
        // How many entries were before the first page is known, and no more.
        (None, Some(total)) if (*number).into() > 1 || count >= total => Turn::Unsure,
        (None, Some(_)) => Turn::Next,
        (_, None) => Turn::Perhaps,
    };
    let next = (*number).into().checked_add(1);
    let turn = match turn {
        // A server that leaves out entries can have an empty page in the middle.
        Turn::Next if count == 0 => Turn::Unsure,
        _ if count == 0 => Turn::Last,
        turn => turn,
    };
    go(number, next, turn)
}

fn go<N: TryFrom<u64>>(place: &mut N, next: Option<u64>, turn: Turn) -> Turn {
    match next.and_then(|next| N::try_from(next).ok()) {
        Some(next) if turn != Turn::Last => {
            *place = next;
            turn
        }
        _ => Turn::Last,
    }
}
