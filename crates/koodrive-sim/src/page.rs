//! The ways in which listings are cut into pages.

use serde_json::{Value as Json, json};

use crate::call::Call;
use crate::reply::Refusal;

/// An entry of a listing that is read by cursors, with what orders it.
pub(crate) struct Entry {
    /// What the listing is ordered by. Numbers are padded with zeros, see [`rank`].
    pub(crate) key: String,
    /// Decides between equal keys, and is different for every entry.
    pub(crate) id: String,
    pub(crate) row: Json,
}

/// Writes a number so that texts have the order of the numbers.
pub(crate) fn rank(number: u64) -> String {
    format!("{number:020}")
}

/// Returns `limit` entries from `offset` on, both given by their parameters' names.
pub(crate) fn by_offset<T>(call: &Call<'_>, rows: Vec<T>, offset: &str, limit: &str) -> Vec<T> {
    let size = |name: &str| call.number(name).and_then(|number| usize::try_from(number).ok());
    let (offset, limit) = (size(offset).unwrap_or(0), size(limit).unwrap_or(usize::MAX));
    rows.into_iter().skip(offset).take(limit).collect()
}

/// Returns the entries of a page that is given by its number, from 1 on, and by the size of all pages.
pub(crate) fn by_number<T>(call: &Call<'_>, rows: Vec<T>, number: &str, size: &str, default: usize) -> Vec<T> {
    let value = |name: &str| call.number(name).and_then(|number| usize::try_from(number).ok());
    let (number, size) = (value(number).unwrap_or(1), value(size).unwrap_or(default));
    rows.into_iter().skip(number.saturating_sub(1).saturating_mul(size)).take(size).collect()
}

/// Returns the entries after a cursor, and the cursor of the next page, which is empty at the end.
///
/// A cursor says which entry was the last one, so nothing is lost or repeated if others come or go in between.
pub(crate) fn by_cursor(
    call: &Call<'_>,
    mut rows: Vec<Entry>,
    descending: bool,
    cursor: &str,
    size: &str,
) -> Result<(Vec<Json>, String), Refusal> {
    let size = call.number(size).and_then(|size| usize::try_from(size).ok()).unwrap_or(100);
    rows.sort_by(|a, b| (&a.key, &a.id).cmp(&(&b.key, &b.id)));
    if descending {
        rows.reverse();
    }
    if let Some(cursor) = call.text(cursor) {
        let (key, id) = read_cursor(&cursor).ok_or_else(|| Refusal::new("13000102", "the cursor is none of ours"))?;
        let is_after = |row: &Entry| {
            let row = (row.key.as_str(), row.id.as_str());
            if descending { row < (key.as_str(), id.as_str()) } else { row > (key.as_str(), id.as_str()) }
        };
        rows.retain(is_after);
    }
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|last| write_cursor(&last.key, &last.id)).unwrap_or_default();
    Ok((rows.into_iter().map(|row| row.row).collect(), next))
}

/// Cursors are opaque, and have brackets and commas as those in the manual's examples.
fn write_cursor(key: &str, id: &str) -> String {
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("0|[{},{}]", hex(key), hex(id))
}

fn read_cursor(cursor: &str) -> Option<(String, String)> {
    let (key, id) = cursor.strip_prefix("0|[")?.strip_suffix(']')?.split_once(',')?;
    let text = |hex: &str| {
        let pairs = hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        String::from_utf8(pairs.collect::<Option<Vec<u8>>>()?).ok()
    };
    Some((text(key)?, text(id)?))
}

/// The members that most listings by cursor have: the entries under their name, and the cursor unless it is empty.
pub(crate) fn cursor_members(name: &str, rows: Vec<Json>, next: String) -> Json {
    let mut members = json!({name: rows});
    if !next.is_empty() {
        members["nextCursor"] = next.into();
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors() {
        for (key, id) in [("", ""), ("报告,]", "1"), ("00000000000000000007", "a|[b")] {
            assert_eq!(read_cursor(&write_cursor(key, id)), Some((key.to_owned(), id.to_owned())));
        }
        for wrong in ["", "0|[]", "0|[6,7", "0|[6g,7]", "1|[61,62]", "0|[ff,62]", "0|[é,62]"] {
            assert_eq!(read_cursor(wrong), None, "{wrong}");
        }
    }
}
