//! What the service does with content moderation: verdicts on contents, which are named by SHA-256 and size.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::call::{self, Answer, Call};
use crate::families::files::File;
use crate::families::{messages, permissions};
use crate::page::{self, Entry, Sort};
use crate::reply::Reply;
use crate::storage;
use crate::store::{Row, Store};

/// How many verdicts are kept.
const MOST: usize = 100_000;

/// The verdict of files that nobody needs to look at.
const NORMAL: u64 = 1;

/// Every verdict comes from a call, which is taken as a human.
const HUMAN: u64 = 20;

/// What a content was judged to be, under an id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Verdict {
    sha256: String,
    size: u64,
    /// 1 is normal, 2 of low sensitivity, 3 of high sensitivity.
    result: u64,
    detail: Option<String>,
}

impl Row for Verdict {
    /// A verdict is found by its content.
    fn owner(&self) -> Cow<'_, str> {
        Cow::Owned(content(&self.sha256, self.size))
    }
}

fn content(sha256: &str, size: u64) -> String {
    format!("{sha256}/{size}")
}

/// Whether a content was judged to be anything but normal. Of what nobody has judged, nothing is wrong.
pub(crate) fn is_judged(store: &Store, sha256: &str, size: u64) -> bool {
    store.verdicts.under(&content(sha256, size)).any(|(_, verdict)| verdict.result != NORMAL)
}

/// Whether a file has a content that was judged to be anything but normal.
pub(crate) fn has_judged(store: &Store, file: &File) -> bool {
    file.sha256.as_ref().is_some_and(|sha256| is_judged(store, sha256, file.size))
}

/// Executes a call.
pub(crate) fn run(call: &mut Call<'_>) -> Answer {
    match call.meta.name {
        "ListModeratedFiles" => list(call),
        "GetModeratedFiles" => {
            let features = call.objects("featureList");
            let verdicts = features.iter().filter_map(|feature| find(call.store, feature));
            let rows: Vec<Json> = verdicts.map(|(_, verdict)| info(verdict)).collect();
            Ok(Reply::data(json!({"auditList": rows})))
        }
        "ModerateFiles" => {
            for verdict in call.objects("list") {
                judge(call.store, &verdict, call.now);
            }
            Ok(Reply::default())
        }
        _ => Ok(Reply::documented(call.meta)),
    }
}

/// Finds the verdict on the content that an object of a request names.
fn find<'a>(store: &'a Store, feature: &Map<String, Json>) -> Option<(&'a str, &'a Verdict)> {
    store.verdicts.under(&content(&sha256(feature), number(feature, "size"))).next()
}

fn text(object: &Map<String, Json>, name: &str) -> String {
    object.get(name).and_then(call::text).unwrap_or_default()
}

/// SHA-256 in small letters, as files have it.
fn sha256(object: &Map<String, Json>) -> String {
    text(object, "sha256").to_lowercase()
}

fn number(object: &Map<String, Json>, name: &str) -> u64 {
    text(object, name).parse().unwrap_or_default()
}

/// Puts a verdict in the place of an earlier one. Who owns files with this content gets a message, unless it is normal.
fn judge(store: &mut Store, audit: &Map<String, Json>, now: DateTime<Utc>) {
    let verdict = Verdict {
        sha256: sha256(audit),
        size: number(audit, "size"),
        result: number(audit, "auditResult"),
        detail: audit.get("auditDetail").and_then(call::text),
    };
    let known = find(store, audit).map(|(id, known)| (id.to_owned(), known.result));
    let before = known.as_ref().map_or(NORMAL, |(_, result)| *result);
    if verdict.result != NORMAL && verdict.result != before {
        let files: Vec<File> = files(store, &verdict).map(|(_, file)| file.clone()).collect();
        for file in files {
            let content = format!("The file {} was judged sensitive.", file.name);
            messages::tell(store, &file.creator, "Sensitive file", &content, now);
        }
    }
    let id = known.map_or_else(|| store.next_id(), |(id, _)| id);
    store.verdicts.insert(id, verdict);
    store.verdicts.keep_latest(None, MOST);
}

/// Returns the files with a content.
fn files<'a>(store: &'a Store, verdict: &Verdict) -> impl Iterator<Item = (&'a str, &'a File)> {
    let fits = |file: &File| file.size == verdict.size && file.sha256.as_ref() == Some(&verdict.sha256);
    store.files.iter().filter(move |(_, file)| fits(file))
}

/// Lists the sensitive contents, those that were judged first in front.
fn list(call: &Call<'_>) -> Answer {
    let sensitive = call.store.verdicts.iter().filter(|(_, verdict)| verdict.result != NORMAL);
    let rows = sensitive.map(|(id, verdict)| Entry { key: id.to_owned(), id: String::new(), row: verdict });
    let (verdicts, next) = page::by_cursor(call, rows.collect(), Sort::new("", false), "cursor", "pageSize")?;
    let has_url = call.flag("hasUrl") == Some(true);
    let may_download = |(id, file): &(&str, &File)| {
        permissions::check_file(call.store, call.user_id, &file.space_id, id, "downloadPermission").is_ok()
    };
    let row = |verdict| {
        let mut row = info(verdict);
        if let Some((_, file)) = has_url.then(|| files(call.store, verdict).find(may_download)).flatten() {
            row["downloadUrl"] = call.links.object(&storage::content::original_key(file), &file.name).into();
        }
        row
    };
    let rows = verdicts.into_iter().map(row).collect();
    Ok(Reply::members(page::cursor_members("auditList", rows, next)))
}

fn info(verdict: &Verdict) -> Json {
    let mut info = json!({
        "sha256": verdict.sha256,
        "size": verdict.size,
        "auditResult": verdict.result,
        "auditLevel": HUMAN,
    });
    if let Some(detail) = &verdict.detail {
        info["auditDetail"] = detail.as_str().into();
    }
    info
}
