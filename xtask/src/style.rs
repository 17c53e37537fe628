//! Checks how sources look: rustfmt sees every file, and comments aren't too wide.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The largest width of a line with a comment, which is also rustfmt's width for code.
const WIDTH: usize = 120;

/// Checks the format of all files, and that rustfmt sees all of them: it doesn't see a module that a macro declares.
pub(crate) fn format(manifests: &[&str]) -> Result<(), String> {
    let mut visited = BTreeSet::new();
    for manifest in manifests {
        let arguments = ["fmt", "--all", "--check", "--manifest-path", manifest, "--", "--verbose"];
        let output = Command::new(crate::cargo_program())
            .args(arguments)
            .current_dir(crate::root())
            .output()
            .map_err(|error| format!("can't run cargo fmt: {error}"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            let differences: Vec<&str> = text.lines().filter(|line| !is_chatter(line)).collect();
            return Err(format!("{}\n{}", differences.join("\n"), String::from_utf8_lossy(&output.stderr)));
        }
        let paths = text.lines().filter_map(|line| line.strip_prefix("Formatting ")).map(PathBuf::from);
        visited.extend(paths.filter_map(|path| path.canonicalize().ok()));
    }
    let files = sources()?;
    let unseen: Vec<String> =
        files.iter().filter(|file| !visited.contains(*file)).map(|file| file.display().to_string()).collect();
    println!("rustfmt has seen {} of {} files", files.len() - unseen.len(), files.len());
    if unseen.is_empty() { Ok(()) } else { Err(format!("rustfmt doesn't see:\n{}", unseen.join("\n"))) }
}

fn is_chatter(line: &str) -> bool {
    ["Formatting ", "Spent ", "Using rustfmt config"].iter().any(|begin| line.starts_with(begin))
}

/// Checks the width of comments, which rustfmt doesn't change.
pub(crate) fn comments() -> Result<(), String> {
    let mut wide = Vec::new();
    for file in sources()? {
        let text = fs::read_to_string(&file).map_err(|error| format!("can't read {}: {error}", file.display()))?;
        wide.extend(too_wide(&text).into_iter().map(|line| format!("{}:{line}", file.display())));
    }
    if wide.is_empty() { Ok(()) } else { Err(format!("comments beyond {WIDTH} columns:\n{}", wide.join("\n"))) }
}

/// The most lines that a file of operations may have, so that question and answer stay close together.
const OPERATIONS: usize = 300;

/// Checks the length of the files of operations.
pub(crate) fn operations() -> Result<(), String> {
    let mut operations = Vec::new();
    for file in sources()?.into_iter().filter(|file| file.to_string_lossy().contains("koodrive-proto/src/ops/")) {
        let text = fs::read_to_string(&file).map_err(|error| format!("can't read {}: {error}", file.display()))?;
        operations.push((file.display().to_string(), text.lines().count()));
    }
    let long = too_long(&operations);
    println!("{} files of operations, each of at most {OPERATIONS} lines", operations.len() - long.len());
    if operations.is_empty() {
        return Err("there are no operations".to_owned());
    }
    if long.is_empty() { Ok(()) } else { Err(format!("more than {OPERATIONS} lines:\n{}", long.join("\n"))) }
}

fn too_long(files: &[(String, usize)]) -> Vec<&str> {
    files.iter().filter(|(_, lines)| *lines > OPERATIONS).map(|(file, _)| file.as_str()).collect()
}

/// Returns the numbers of lines that are too wide because of a comment. A row of a table in the docs may be too wide,
/// since it can't be broken.
fn too_wide(text: &str) -> Vec<usize> {
    let is_comment = |line: &str| line.starts_with("//") || line.contains(" // ");
    let is_row = |line: &str| line.starts_with("/// |") || line.starts_with("//! |");
    let wide = text.lines().enumerate().filter(|(_, line)| {
        line.chars().count() > WIDTH && is_comment(line.trim_start()) && !is_row(line.trim_start())
    });
    wide.map(|(at, _)| at + 1).collect()
}

/// Returns all sources of the repository, without what cargo builds.
fn sources() -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    collect(crate::root(), &mut found).map_err(|error| format!("can't read the sources: {error}"))?;
    found.sort();
    Ok(found)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            // Cargo marks what it builds into, unless the folder was there before.
            let built =
                path.join("CACHEDIR.TAG").exists() || path.ends_with("target") && folder.join("Cargo.toml").exists();
            if !built && !path.ends_with(".git") {
                collect(&path, found)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path.canonicalize()?);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_comments_that_can_be_broken_are_too_wide() {
        let wide = "é".repeat(WIDTH);
        let text = format!("// {wide}\n{wide}\n    /// {}\n/// | {wide} |\n//! {wide}\nx; // {wide}", &wide[..WIDTH]);
        assert_eq!(too_wide(&text), [1, 5, 6]);
    }

    #[test]
    fn files_of_operations_are_short() {
        let files = [("a.rs".to_owned(), OPERATIONS), ("b.rs".to_owned(), OPERATIONS + 1)];
        assert_eq!(too_long(&files), ["b.rs"]);
        operations().unwrap();
    }

    #[test]
    fn sources_are_found_everywhere() {
        let files = sources().unwrap();
        for file in ["xtask/src/style.rs", "crates/koodrive-proto/src/ops/mod.rs", "crates/koodrive-bench/src/main.rs"]
        {
            assert!(files.iter().any(|found| found.ends_with(file)), "{file}");
        }
        let root = crate::root().canonicalize().unwrap();
        let inside =
            |found: &PathBuf| found.strip_prefix(&root).unwrap().components().any(|part| part.as_os_str() == "target");
        assert!(!files.iter().any(inside));
    }
}
