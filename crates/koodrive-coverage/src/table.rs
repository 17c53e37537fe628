//! Compares a declaration's method, path, credentials and names of parameters with the facts.

use koodrive_proto::schema::{Auth, Edition, Facts};
use serde_json::Value as Json;

use crate::declared::{Declared, section};
use crate::docs::Docs;
use crate::fact::{rows, text, texts};
use crate::parameter;

/// Returns every difference, one line each.
pub(crate) fn compare(op: &Declared, fact: &Json, docs: &Docs) -> Vec<String> {
    let meta = op.meta;
    let mut differences = Vec::new();
    let mut same = |what: &str, documented: &str, declared: &str| {
        if documented != declared {
            differences.push(format!("{what}: documented {documented}, declared {declared}"));
        }
    };
    same("module", text(&fact["module"]), meta.module);
    same("method", text(&fact["method"]), meta.method.as_str());
    same("path", text(&fact["path"]), meta.path);
    let auth = match meta.auth {
        Auth::AppOrToken => "app, token",
        Auth::App => "app",
        Auth::Token | Auth::TokenAlone => "token",
        _ => "none",
    };
    same("credentials", &texts(&fact["auth"]).join(", "), auth);
    same("names", &texts(&fact["manual_names"]).join(", "), &meta.manual_names.join(", "));
    let facts = meta.editions.iter().map(|(edition, facts)| {
        format!("{} {}", name(*edition), if *facts == Facts::Full { "full" } else { "partial" })
    });
    let documented = texts(&fact["editions"]).into_iter().map(|edition| {
        let read = text(&fact["completeness"][edition]).starts_with("full");
        format!("{edition} {}", if read { "full" } else { "partial" })
    });
    same("manuals", &documented.collect::<Vec<_>>().join(", "), &facts.collect::<Vec<_>>().join(", "));

    if meta.auth == Auth::Token && !lists_user(fact) {
        differences.push("credentials: a page doesn't list X-User-Id; declared as Token, not TokenAlone".to_owned());
    }

    if meta.auth == Auth::TokenAlone && lists_user(fact) {
        differences.push("credentials: the page lists X-User-Id; declared as TokenAlone, not Token".to_owned());
    }

    let mut declared = op.parameters();
    for row in rows(fact) {
        let found = declared.iter().position(|(name, field)| {
            let header = row.place == "header" && name.eq_ignore_ascii_case(row.name);
            row.place == section(field.place) && (header || name == row.name)
        });
        let label = format!("{} {}", row.place, row.name);
        match found {
            Some(at) => {
                let lines = parameter::compare(op, &declared.remove(at).1, &row, fact, docs);
                differences.extend(lines.into_iter().map(|what| format!("{label}: {what}")));
            }
            None => differences.push(format!("{label}: not declared")),
        }
    }
    differences.extend(declared.iter().map(|(name, field)| format!("{} {name}: not documented", section(field.place))));
    differences
}

/// Whether no note says that X-User-Id is missing on the page.
fn lists_user(fact: &Json) -> bool {
    let headers = fact["headers"].as_array().into_iter().flatten().map(|row| text(&row["notes"]));
    let denied = |note: &str| ["no ", "not ", "only "].iter().any(|word| note.contains(word));
    !headers.chain(texts(&fact["inconsistencies"])).any(|note| note.contains("X-User-Id") && denied(note))
}

/// Returns what the facts call a manual.
pub(crate) fn name(edition: Edition) -> &'static str {
    match edition {
        Edition::Carrier => "carrier",
        _ => "enterprise",
    }
}

#[cfg(test)]
mod tests {
    use koodrive_sim::facts;

    #[test]
    fn pages_without_the_user() {
        let lists = |name| super::lists_user(facts::operation(name).unwrap());
        assert!(["UpdateSpace", "CreateShare"].into_iter().all(lists));
        assert!(!["GetJsSdkInfo", "RefreshSession", "PreverifyUserImport", "Login"].into_iter().any(lists));
    }
}
