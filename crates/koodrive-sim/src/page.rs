//! The ways in which listings are cut into pages.

use std::fmt::Write;

use koodrive_proto::check::Untyped;
use koodrive_proto::schema::Kind;
use serde_json::{Map, Value as Json};

use crate::call::{self, Call};
use crate::mix::mix_text;
use crate::reply::Refusal;

/// An entry of a listing that is read by cursors, with what orders it. Its row is best something small, from which the
/// answer is made after only the rows of a page are left.
pub(crate) struct Entry<T = Json> {
    /// What the listing is ordered by. Numbers are padded with zeros, see [`rank`].
    pub(crate) key: String,
    /// Decides between equal keys, and is different for every entry.
    pub(crate) id: String,
    pub(crate) row: T,
}

/// Writes a number so that texts have the order of the numbers.
pub(crate) fn rank(number: u64) -> String {
    format!("{number:020}")
}

/// Reads how many entries a page is to have. A page of none would have no end.
pub(crate) fn size(call: &Call<'_>, name: &str, default: usize) -> Result<usize, Refusal> {
    match call.number(name) {
        Some(0) => Err(Refusal::new("13000102", format!("{name}: got 0, allowed: from 1 on"))),
        size => Ok(size.and_then(|size| usize::try_from(size).ok()).unwrap_or(default)),
    }
}

/// Returns `limit` entries from `offset` on, both given by their parameters' names.
pub(crate) fn by_offset<T>(call: &Call<'_>, rows: Vec<T>, offset: &str, limit: &str) -> Result<Vec<T>, Refusal> {
    let offset = call.number(offset).map_or(0, |offset| usize::try_from(offset).unwrap_or(usize::MAX));
    Ok(rows.into_iter().skip(offset).take(size(call, limit, usize::MAX)?).collect())
}

/// Returns the entries of a page that is given by its number, from a first number on, and by the size of all pages.
pub(crate) fn by_number<T>(
    call: &Call<'_>,
    rows: Vec<T>,
    (number, first): (&str, u64),
    page_size: &str,
    default: usize,
) -> Result<Vec<T>, Refusal> {
    let before = call.number(number).unwrap_or(first).saturating_sub(first);
    let size = size(call, page_size, default)?;
    Ok(rows.into_iter().skip(usize::try_from(before).unwrap_or(usize::MAX).saturating_mul(size)).take(size).collect())
}

/// The order of a listing that is read by cursors.
#[derive(Clone, Copy)]
pub(crate) struct Sort {
    by: &'static str,
    descending: bool,
}

impl Sort {
    /// Names what the entries are ordered by, if the call can choose that.
    pub(crate) fn new(by: &'static str, descending: bool) -> Self {
        Self { by, descending }
    }
}

/// Returns the entries after a cursor, and the cursor of the next page, which is empty at the end.
///
/// A cursor says which entry was the last one, so nothing is lost or repeated if others come or go in between. It also
/// says of which listing: another operation, another order or other parameters refuse it. Only the size of a page may
/// change on the way.
pub(crate) fn by_cursor<T: Clone>(
    call: &Call<'_>,
    mut rows: Vec<Entry<T>>,
    sort: Sort,
    cursor: &str,
    page_size: &str,
) -> Result<(Vec<T>, String), Refusal> {
    rows.sort_by(|a, b| (&a.key, &a.id).cmp(&(&b.key, &b.id)));
    let (page, next) = in_order(call, &rows, |row| (&row.key, &row.id), |_| true, sort, cursor, page_size)?;
    Ok((page.into_iter().map(|row| row.row.clone()).collect(), next))
}

/// Like [`by_cursor`], for entries that are in order already, and of which only those that fit are wanted.
pub(crate) fn in_order<'a, E>(
    call: &Call<'_>,
    sorted: &'a [E],
    at: impl Fn(&E) -> (&str, &str),
    fits: impl Fn(&E) -> bool,
    sort: Sort,
    cursor: &str,
    page_size: &str,
) -> Result<(Vec<&'a E>, String), Refusal> {
    let size = size(call, page_size, 100)?;
    let listing = listing(call, sort, [cursor, page_size]);
    // The first page has no cursor, or 0 by one of the pages.
    let last = call.text(cursor).filter(|cursor| cursor != "0").map(|cursor| {
        let last = read_cursor(&cursor).filter(|(of, ..)| *of == listing).map(|(_, key, id)| (key, id));
        last.ok_or_else(|| Refusal::new("13000102", "the cursor is none of this listing"))
    });
    let last = last.transpose()?;
    let last = last.as_ref().map(|(key, id)| (key.as_str(), id.as_str()));
    let mut rest: Box<dyn Iterator<Item = &E>> = if sort.descending {
        let end = last.map_or(sorted.len(), |last| sorted.partition_point(|row| at(row) < last));
        Box::new(sorted.iter().take(end).rev())
    } else {
        let start = last.map_or(0, |last| sorted.partition_point(|row| at(row) <= last));
        Box::new(sorted.iter().skip(start))
    };
    let mut rest = rest.by_ref().filter(|row| fits(row));
    let page: Vec<&E> = rest.by_ref().take(size).collect();
    let more = rest.next().is_some();
    let next = page.last().filter(|_| more).map(|row| at(row)).map(|(key, id)| write_cursor(listing, key, id));
    Ok((page, next.unwrap_or_default()))
}

/// Parameters that don't say what is listed: what proves that the caller may, which may end between two pages, whether
/// a call counts as a view, and how entries are shown.
const NOT_LISTED_BY: [&str; 7] =
    ["kdstoken", "x-backup-lock-id", "refreshCount", "imageProcess", "usage", "fields", "hasUrl"];

/// Returns a number for what is listed and in which order: for the operation and all parameters but those of the page.
fn listing(call: &Call<'_>, sort: Sort, of_page: [&str; 2]) -> u64 {
    let mut text = format!("{} {} {}", call.meta.name, sort.by, sort.descending);
    for field in call.meta.params.iter().filter(|field| !NOT_LISTED_BY.contains(&field.name)) {
        if let Some(value) = call.received.get(field) {
            describe(&mut text, field.name, &field.kind, &value, of_page);
        }
    }
    // The only one that is read without being in a table.
    if let Some(part) = call.unlisted("fileName") {
        describe(&mut text, "unlisted", &Kind::Text, &part.into(), of_page);
    }
    mix_text(&text)
}

/// Appends a parameter, unless it is empty or left out. Numbers and flags may come as texts. Of objects, only the
/// members in their tables count, as nothing else is read.
fn describe(text: &mut String, path: &str, kind: &Kind, value: &Json, left_out: [&str; 2]) {
    match (kind, value) {
        _ if left_out.contains(&path) => {}
        (_, Json::Null) => {}
        (Kind::Object(fields), Json::Object(members)) => {
            for field in *fields {
                if let Some(value) = members.get(field.name) {
                    describe(text, &format!("{path}.{}", field.name), &field.kind, value, left_out);
                }
            }
        }
        (Kind::List(kind), Json::Array(values)) => {
            for value in values {
                describe(text, path, kind, value, left_out);
            }
        }
        (_, value) => {
            let value = call::text(value).unwrap_or_else(|| value.to_string());
            if !value.is_empty() {
                // Writing to a text doesn't fail.
                let _ = write!(text, " {path}={value:?}");
            }
        }
    }
}

/// Cursors are opaque, and have brackets and commas as those in the manual's examples.
fn write_cursor(listing: u64, key: &str, id: &str) -> String {
    let hex = |text: &str| {
        text.bytes().fold(String::new(), |mut hex, byte| {
            // Writing to a text doesn't fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    format!("0|[{listing:x},{},{}]", hex(key), hex(id))
}

fn read_cursor(cursor: &str) -> Option<(u64, String, String)> {
    let (listing, last) = cursor.strip_prefix("0|[")?.strip_suffix(']')?.split_once(',')?;
    let (key, id) = last.split_once(',')?;
    let text = |hex: &str| {
        let pairs = hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        String::from_utf8(pairs.collect::<Option<Vec<u8>>>()?).ok()
    };
    Some((u64::from_str_radix(listing, 16).ok()?, text(key)?, text(id)?))
}

/// The members that most listings by cursor have: the entries under their name, and the cursor unless it is empty.
pub(crate) fn cursor_members(name: &str, rows: Vec<Json>, next: String) -> Json {
    // `json!` would copy the rows.
    let mut members = Map::from_iter([(name.to_owned(), Json::Array(rows))]);
    if !next.is_empty() {
        members.insert("nextCursor".to_owned(), next.into());
    }
    Json::Object(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors() {
        for (key, id) in [("", ""), ("报告,]", "1"), ("00000000000000000007", "a|[b")] {
            let cursor = write_cursor(u64::MAX, key, id);
            assert_eq!(read_cursor(&cursor), Some((u64::MAX, key.to_owned(), id.to_owned())));
        }
        for wrong in
            ["", "0|[]", "0|[6,7]", "0|[1,6,7", "0|[1,6g,7]", "1|[1,61,62]", "0|[g,61,62]", "0|[1,ff,62]", "0|[1,é,62]"]
        {
            assert_eq!(read_cursor(wrong), None, "{wrong}");
        }
    }
}
