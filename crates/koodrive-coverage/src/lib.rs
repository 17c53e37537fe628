//! Compares every declared operation with what the manuals document: method, path, parameters, answers, examples.
//!
//! A difference fails the check unless `explained` has a reason for it; a reason without a difference fails it as well.
//! `translated` has what only a reader can compare. Both are folders with one file for each module.

mod alone;
mod answers;
mod declared;
mod docs;
mod fact;
mod ids;
mod limits;
mod listing;
mod modules;
mod openapi;
mod operations;
mod parameter;
mod prose;
mod requests;
mod secret;
mod table;
#[cfg(test)]
mod tests;
mod translated;
mod unknown;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use koodrive_proto::error::BoxError;
use koodrive_sim::facts;
use serde_json::Value as Json;

pub use answers::missing;
use declared::Declared;
use docs::Docs;

/// Names and values, next to the manual's words.
const TRANSLATED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/translated");

/// The reasons, by operation and difference.
const EXPLAINED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/explained");

/// The declarations, whose docs are read as well.
const OPS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../koodrive-proto/src/ops");

/// The reasons of the differences of each operation.
type Reasons = BTreeMap<String, BTreeMap<String, String>>;

/// What was compared, in numbers.
#[derive(Debug, Default)]
struct Counts {
    fields: usize,
    answers: usize,
    requests: usize,
    /// How many of the requests came out the same.
    made: usize,
    /// How many more could be read only in part.
    cut: usize,
}

fn compare(op: &Declared, fact: &Json, docs: &Docs, counts: &mut Counts) -> Vec<String> {
    let mut differences = table::compare(op, fact, docs);
    differences.extend(answers::decoded(op, fact, counts));
    differences.extend(answers::contents(op, fact, docs));
    differences.extend(requests::made_anew(op, fact, counts));
    differences.extend(listing::compare(op, fact));
    differences
}

/// Returns what `translated` should contain: for each module a file.
fn translated(declared: &[Declared]) -> BTreeMap<&'static str, String> {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for op in declared {
        let fact = facts::operation(op.meta.name);
        for line in fact.map(|fact| translated::lines(op, fact)).unwrap_or_default() {
            let file = files.entry(op.meta.module).or_default();
            file.push_str(&line);
            file.push('\n');
        }
    }
    files
}

/// Writes `translated` anew.
pub fn write() -> Result<(), BoxError> {
    let files = translated(&declared::all());
    for (path, module, _) in read(TRANSLATED, "txt")? {
        if !files.contains_key(module.as_str()) {
            fs::remove_file(path)?;
        }
    }
    for (module, text) in files {
        fs::write(Path::new(TRANSLATED).join(module).with_extension("txt"), text)?;
    }
    Ok(())
}

/// Writes `docs/operations.md` anew.
pub fn write_table() -> Result<(), BoxError> {
    Ok(fs::write(operations::PATH, operations::text(&declared::all()))?)
}

/// Writes `docs/openapi.json` anew.
pub fn write_openapi() -> Result<(), BoxError> {
    Ok(fs::write(openapi::PATH, openapi::content(&declared::all(), &Docs::read(Path::new(OPS))?))?)
}

/// Reads the files of a folder that have this extension: for each its path, the name of the module, and its text.
fn read(folder: &str, extension: &str) -> Result<Vec<(PathBuf, String, String)>, BoxError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| format!("{folder}: {error}"))? {
        let path = entry?.path();
        if path.extension().is_none_or(|other| other != extension) {
            continue;
        }
        let module = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        files.push((path, module, text));
    }
    files.sort();
    Ok(files)
}

/// Whether a difference between an example of an answer and what is read from it has a reason.
pub fn is_explained(operation: &str, edition: &str, what: &str) -> Result<bool, BoxError> {
    let reasons = explained()?;
    let difference = format!("answer's example ({edition}): {what}");
    Ok(reasons.get(operation).is_some_and(|reasons| reasons.contains_key(&difference)))
}

/// Reads all reasons. An operation is explained in the file of its module.
fn explained() -> Result<Reasons, BoxError> {
    let mut all = Reasons::new();
    for (path, module, text) in read(EXPLAINED, "json")? {
        let reasons: Reasons = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        for (name, reasons) in reasons {
            if facts::operation(&name).is_none_or(|fact| fact["module"] != module.as_str()) {
                return Err(format!("{}: {name} is not of this module", path.display()).into());
            }
            all.insert(name, reasons);
        }
    }
    Ok(all)
}

/// How often a reason may be given: one that explains more says that this check, or the form of the facts, is wrong.
const REPEATED: usize = 5;

fn repeated(reasons: &BTreeMap<String, usize>) -> Vec<String> {
    let often = reasons.iter().filter(|(_, count)| **count > REPEATED);
    often.map(|(reason, count)| format!("{count} differences are explained by `{reason}`")).collect()
}

/// Compares all operations and prints each difference. Fails if a difference has no reason.
pub fn run(out: &mut impl Write) -> Result<(), BoxError> {
    let mut explained = explained()?;
    let docs = Docs::read(Path::new(OPS))?;
    let (mut counts, mut open, mut reasons) = (Counts::default(), 0, BTreeMap::new());
    let declared = declared::all();
    for op in &declared {
        let name = op.meta.name;
        let fact = facts::operation(name).ok_or_else(|| format!("{name} is in no fact"))?;
        let mut known = explained.remove(name).unwrap_or_default();
        for difference in compare(op, fact, &docs, &mut counts) {
            if let Some(reason) = known.remove(&difference) {
                writeln!(out, "{name}: {difference}\n    {reason}")?;
                *reasons.entry(reason).or_default() += 1;
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
    for fact in facts::operations() {
        if !declared.iter().any(|op| op.meta.name == fact["name"]) {
            open += 1;
            writeln!(out, "{}: NOT DECLARED", fact["name"])?;
        }
    }
    let lines = [
        ids::compare(&docs),
        unknown::compare(&docs),
        modules::compare(&declared, &docs),
        openapi::compare(&declared, &docs),
        repeated(&reasons),
    ];
    for line in lines.into_iter().flatten() {
        open += 1;
        writeln!(out, "{line}\n    NOT EXPLAINED")?;
    }
    let now: String = translated(&declared).into_values().collect();
    let then: String = read(TRANSLATED, "txt")?.into_iter().map(|(.., text)| text).collect();
    let (now, then): (BTreeSet<&str>, BTreeSet<&str>) = (now.lines().collect(), then.lines().collect());
    for (line, what) in
        now.difference(&then).map(|line| (line, "new")).chain(then.difference(&now).map(|line| (line, "gone")))
    {
        open += 1;
        writeln!(out, "translated: {line}\n    {what}: READ IT, THEN cargo xtask coverage --write")?;
    }
    if fs::read_to_string(operations::PATH).unwrap_or_default() != operations::text(&declared) {
        open += 1;
        writeln!(out, "docs/operations.md is not what the declarations say\n    cargo xtask table")?;
    }
    if fs::read_to_string(openapi::PATH).unwrap_or_default() != openapi::content(&declared, &docs) {
        open += 1;
        writeln!(out, "docs/openapi.json is not what the declarations and the facts say\n    cargo xtask openapi")?;
    }
    let Counts { fields, answers, requests, made, cut } = counts;
    writeln!(
        out,
        "\nanswers: {fields} documented fields fed, {answers} examples read; requests: {made} of {requests} examples made anew, {cut} more are cut"
    )?;
    let reasons: usize = reasons.values().sum();
    writeln!(out, "differences: {reasons} explained, {open} not")?;
    writeln!(out, "operations: {} of {}", declared.len(), facts::operations().len())?;
    if open == 0 { Ok(()) } else { Err(format!("{open} differences are not explained").into()) }
}
