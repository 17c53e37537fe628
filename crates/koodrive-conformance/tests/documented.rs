//! Everything that is declared has docs of its own: the lines that the macros add would satisfy the compiler.

use std::path::Path;

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else {
            found.push((path.display().to_string(), std::fs::read_to_string(path).unwrap()));
        }
    }
}

#[test]
fn every_declaration_and_member_has_docs() {
    let mut files = Vec::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../koodrive-proto/src/ops")), &mut files);
    let mut members = 0;
    for (path, text) in files {
        let mut inside = false;
        let mut before = "";
        for line in text.lines() {
            let trimmed = line.trim();
            let opens = ["operation! {", "object! {", "choices! {", "answer! {"].contains(&line);
            inside = opens || (inside && line != "}");
            // The first line of a declaration, and each member: `name: Type`, `Name = value`.
            let method =
                ["GET ", "POST ", "PUT ", "PATCH ", "DELETE "].iter().any(|method| trimmed.starts_with(method));
            let name = trimmed.split([':', ' ']).next().unwrap_or_default();
            let named = !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || char == '_');
            let member = named && (trimmed[name.len()..].starts_with(": ") || trimmed[name.len()..].starts_with(" = "));
            if inside && !opens && !trimmed.starts_with("//") && (method || member) {
                assert!(before.starts_with("///"), "{path}: {trimmed} has no docs");
                members += 1;
            }
            before = trimmed;
        }
    }
    assert!(members > 200, "{members} found");
}
