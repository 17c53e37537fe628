//! Reads the docs in the source of the declarations, to see whether they say where the manuals differ.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The docs of declarations and of their members.
#[derive(Debug, Default)]
pub(crate) struct Docs {
    lines: Vec<Line>,
    /// The docs of the modules themselves.
    modules: BTreeMap<String, String>,
    /// The modules whose types a module uses.
    uses: BTreeSet<(String, String)>,
}

/// The docs of one declaration or member.
#[derive(Debug)]
struct Line {
    /// The module that it is in: the first part of the path below `ops`.
    module: String,
    /// The macro around it: `operation`, `object`, `choices`.
    block: String,
    /// The operation around it.
    operation: String,
    /// What is documented: the source line below the docs.
    code: String,
    docs: String,
}

impl Docs {
    /// Reads all Rust files below a folder.
    pub(crate) fn read(folder: &Path) -> std::io::Result<Self> {
        let mut docs = Self::default();
        docs.folder(folder, "")?;
        Ok(docs)
    }

    /// Whether a module uses types of another one.
    pub(crate) fn uses(&self, module: &str, other: &str) -> bool {
        module == other || self.uses.contains(&(module.to_owned(), other.to_owned()))
    }

    /// The docs of a module.
    pub(crate) fn module(&self, module: &str) -> &str {
        self.modules.get(module).map_or("", String::as_str)
    }

    fn folder(&mut self, folder: &Path, module: &str) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
            // A module is `things.rs`, or `things/mod.rs` with other files beside it.
            let is_root = module.is_empty() || stem == "mod";
            let module = if module.is_empty() { &stem } else { module };
            if path.is_dir() {
                self.folder(&path, module)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(path)?;
                if is_root {
                    let docs = source.lines().map_while(|line| line.strip_prefix("//!"));
                    self.modules.insert(module.to_owned(), docs.flat_map(|line| [line, "\n"]).collect());
                }
                self.add(module, &source);
            }
        }
        Ok(())
    }

    /// Reads the docs of a module's source.
    pub(crate) fn add(&mut self, module: &str, source: &str) {
        let (mut docs, mut block, mut operation, mut example) = (String::new(), "", String::new(), false);
        let mut lines = source.lines().map(str::trim);
        while let Some(code) = lines.next() {
            if let Some(path) = code.strip_prefix("use crate::ops::") {
                let other = path.split([':', ';']).next().unwrap_or_default();
                self.uses.insert((module.to_owned(), other.to_owned()));
            }
            if let Some(name) = code.strip_suffix("! {") {
                (block, operation) = (name, String::new());
                docs.clear();
            } else if let Some(text) = code.strip_prefix("///") {
                example ^= text.trim_start().starts_with("```");
                docs.push_str(if example { "" } else { text });
            } else if !docs.is_empty() {
                let mut code = code.to_owned();
                if block == "operation" && operation.is_empty() {
                    // This is `POST "/path" Name -> …`; the name may be in the next line.
                    if code.split_whitespace().count() == 2 {
                        code = code + " " + lines.next().unwrap_or_default();
                    }
                    code.split_whitespace().nth(2).unwrap_or_default().clone_into(&mut operation);
                }
                self.lines.push(Line {
                    module: module.to_owned(),
                    block: block.to_owned(),
                    operation: operation.clone(),
                    code,
                    docs: std::mem::take(&mut docs),
                });
            }
        }
    }

    /// The documented lines of operations, objects and answers, each with its module.
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.lines.iter().filter(|line| ["operation", "object", "answer"].contains(&line.block.as_str()));
        lines.map(|line| (line.module.as_str(), line.code.as_str()))
    }

    /// The documented members of answers, each with its module.
    pub(crate) fn answers(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.lines.iter().filter(|line| line.block == "answer");
        lines.map(|line| (line.module.as_str(), line.code.as_str()))
    }

    /// Whether the docs of a parameter, of its operation or of one of its values mention a manual.
    ///
    /// The operation's docs count if they name the parameter. Objects and choices may be in another module.
    pub(crate) fn tell(&self, module: &str, operation: &str, rust: &str, variants: &[String]) -> bool {
        let about = |line: &&Line| {
            let member = !rust.is_empty() && line.code.starts_with(&format!("{rust}: "));
            match line.block.as_str() {
                "operation" if line.module == module && line.operation == operation => {
                    let declares = line.code.contains(&format!("\" {operation} "));
                    member || declares && line.docs.split(". ").any(|sentence| says(sentence, rust) && speaks(sentence))
                }
                "object" => member,
                "choices" => variants.iter().any(|variant| line.code.trim_end_matches(',') == variant),
                _ => false,
            }
        };
        self.lines.iter().filter(about).any(|line| speaks(&line.docs))
    }
}

/// Whether a text mentions a manual.
fn speaks(text: &str) -> bool {
    ["manual", "carrier", "enterprise page", "enterprise edition"].iter().any(|word| text.contains(word))
}

/// Whether a text contains a word, as code or not.
fn says(text: &str, word: &str) -> bool {
    text.split(|char: char| !char.is_alphanumeric() && char != '_').any(|other| other == word)
}

#[cfg(test)]
mod tests {
    use super::Docs;

    #[test]
    fn where_the_docs_speak_of_a_manual() {
        let mut docs = Docs::default();
        let source = r#"
            operation! {
                /// Does something. The enterprise manual allows 50 `file_ids`. Its `size` is small.
                ///
                /// ```
                /// DoIt::new().size(7); // by the manual
                /// ```
                POST "/a"
                    DoIt -> ();
                body {
                    /// Required by the carrier manual.
                    name: String;
                    /// Its size.
                    size: u32,
                }
            }
            answer! {
                /// What is answered.
                Answer {
                    /// Carrier manual.
                    size: Option<i64>,
                }
            }
            choices! {
                /// A kind.
                pub enum Kind: number {
                    /// Enterprise manual.
                    Group = 2,
                    /// A user's.
                    User = 3,
                }
            }
        "#;
        docs.add("things", source);
        let tell = |rust, variants: &[&str]| {
            let variants: Vec<String> = variants.iter().map(|variant| (*variant).to_owned()).collect();
            docs.tell("things", "DoIt", rust, &variants)
        };
        assert!(tell("name", &[]) && tell("file_ids", &[]) && tell("kind", &["Group = 2"]));
        assert!(!tell("size", &[]) && !tell("kind", &["User = 3"]));
        assert!(!docs.tell("others", "DoIt", "name", &[]));
    }
}
