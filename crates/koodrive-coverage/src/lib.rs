//! Compares every declared operation with what the manuals document: method, path, parameters, answers, examples.
//!
//! A difference fails the check unless `explained.json` has a reason for it; a reason without a difference fails it as
//! well. `translated.txt` has what only a reader can compare.

mod alone;
mod answers;
mod declared;
mod docs;
mod fact;
mod ids;
mod limits;
mod parameter;
mod prose;
mod requests;
mod secret;
mod table;
#[cfg(test)]
mod tests;
mod translated;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;

use koodrive_proto::error::BoxError;
use koodrive_sim::facts;
use serde_json::Value as Json;

use declared::Declared;
use docs::Docs;

/// Names and values, next to the manual's words.
const TRANSLATED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/translated.txt"));

/// The path of that file.
pub const TRANSLATED_PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/translated.txt");

/// The reasons, by operation and difference.
const EXPLAINED: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/explained.json"));

/// The declarations, whose docs are read as well.
const OPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../koodrive-proto/src/ops");

/// What was compared, in numbers.
#[derive(Debug, Default)]
struct Counts {
    fields: usize,
    answers: usize,
    requests: usize,
    /// How many of the requests came out the same.
    made: usize,
}

fn compare(op: &Declared, fact: &Json, docs: &Docs, counts: &mut Counts) -> Vec<String> {
    let mut differences = table::compare(op, fact, docs);
    differences.extend(answers::decoded(op, fact, counts));
    differences.extend(answers::contents(op, fact));
    differences.extend(requests::made_anew(op, fact, counts));
    differences
}

/// Returns what `translated.txt` should contain.
pub fn translated() -> String {
    let lines = declared::all()
        .into_iter()
        .flat_map(|op| facts::operation(op.meta.name).map(|fact| translated::lines(&op, fact)).unwrap_or_default());
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// Compares all operations and prints each difference. Fails if a difference has no reason.
pub fn run(out: &mut impl Write) -> Result<(), BoxError> {
    let mut explained: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_str(EXPLAINED)?;
    let docs = Docs::read(Path::new(OPS))?;
    let (mut counts, mut open, mut reasons) = (Counts::default(), 0, 0);
    let declared = declared::all();
    for op in &declared {
        let name = op.meta.name;
        let fact = facts::operation(name).ok_or_else(|| format!("{name} is in no fact"))?;
        let mut known = explained.remove(name).unwrap_or_default();
        for difference in compare(op, fact, &docs, &mut counts) {
            if let Some(reason) = known.remove(&difference) {
                reasons += 1;
                writeln!(out, "{name}: {difference}\n    {reason}")?;
            } else {
                open += 1;
                writeln!(out, "{name}: {difference}\n    NOT EXPLAINED")?;
            }
        }
        for difference in known.keys() {
            open += 1;
            writeln!(out, "{name}: {difference}\n    EXPLAINED, BUT NO DIFFERENCE")?;
        }
    }
    for name in explained.keys() {
        open += 1;
        writeln!(out, "{name}: EXPLAINED, BUT NOT DECLARED")?;
    }
    for line in ids::compare(&docs) {
        open += 1;
        writeln!(out, "{line}\n    NOT EXPLAINED")?;
    }
    let translated = translated();
    let (now, then): (BTreeSet<&str>, BTreeSet<&str>) = (translated.lines().collect(), TRANSLATED.lines().collect());
    for (line, what) in
        now.difference(&then).map(|line| (line, "new")).chain(then.difference(&now).map(|line| (line, "gone")))
    {
        open += 1;
        writeln!(out, "translated.txt: {line}\n    {what}: READ IT, THEN cargo xtask coverage --write")?;
    }
    let Counts { fields, answers, requests, made } = counts;
    writeln!(
        out,
        "\nanswers: {fields} documented fields fed, {answers} examples read; requests: {made} of {requests} examples made anew"
    )?;
    writeln!(out, "differences: {reasons} explained, {open} not")?;
    writeln!(out, "operations: {} of {}", declared.len(), facts::operations().len())?;
    if open == 0 { Ok(()) } else { Err(format!("{open} differences are not explained").into()) }
}
