//! Checks that answers have no members that no page of their family has: only what is documented is compared elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use koodrive_sim::facts;
use serde_json::Value as Json;

use crate::docs::Docs;
use crate::fact::{successes, text};
use crate::translated::camel_case;

/// Returns every member that isn't documented, one line each.
pub(crate) fn compare(docs: &Docs) -> Vec<String> {
    let documented = documented();
    let none = BTreeSet::new();
    let mut unknown = Vec::new();
    for (module, code) in docs.answers() {
        let uses = |other: &&str| docs.uses(module, other) || docs.uses(other, module);
        let known = |name: &str| {
            documented.keys().copied().filter(uses).any(|other| documented.get(other).unwrap_or(&none).contains(name))
        };
        unknown.extend(
            names(code)
                .into_iter()
                .filter(|name| !known(name))
                .map(|name| format!("{module}: no page has {name}: `{code}`")),
        );
    }
    unknown
}

/// The wire names of `name: Type = "wireName" | "otherName",`.
fn names(code: &str) -> Vec<String> {
    let Some((name, rest)) = code.split_once(": ") else { return Vec::new() };
    let given: Vec<String> = rest.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    if given.is_empty() { vec![camel_case(name)] } else { given }
}

/// The names of all members of answers, by module.
fn documented() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut names: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for fact in facts::operations() {
        let of_module = names.entry(text(&fact["module"])).or_default();
        for success in successes(fact) {
            for field in success["fields"].as_array().into_iter().flatten() {
                of_module.extend(text(&field["path"]).split('.').map(|step| step.trim_end_matches("[]").to_owned()));
            }
        }
        for (_, example) in facts::examples(fact) {
            of_module.extend(example.keys().cloned());
            example.values().for_each(|value| collect(value, of_module));
        }
        // What isn't in a table may be named in the remarks.
        let remarks = [&fact["inconsistencies"], &fact["completeness"]];
        of_module.extend(remarks.iter().flat_map(|remark| words(&remark.to_string())));
    }
    names
}

fn collect(json: &Json, names: &mut BTreeSet<String>) {
    match json {
        Json::Object(members) => {
            names.extend(members.keys().cloned());
            members.values().for_each(|value| collect(value, names));
        }
        Json::Array(items) => items.iter().for_each(|item| collect(item, names)),
        _ => {}
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(|char: char| !char.is_alphanumeric() && char != '_').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{compare, names};
    use crate::docs::Docs;

    #[test]
    fn members_that_no_page_has() {
        let mut docs = Docs::default();
        let source = r#"
            answer! {
                /// An album.
                Album {
                    /// Its id.
                    album_id: Option<String> = "id",
                    /// Its cover.
                    cover_img: Option<String>,
                    /// Something else.
                    bogus_size: Option<i64>,
                }
            }
        "#;
        docs.add("albums", source);
        assert_eq!(compare(&docs), ["albums: no page has bogusSize: `bogus_size: Option<i64>,`"]);
    }

    #[test]
    fn wire_names() {
        assert_eq!(names("file_id: Option<FileId>,"), ["fileId"]);
        assert_eq!(names(r#"list: Vec<Task> = "taskList" | "taskListDtos","#), ["taskList", "taskListDtos"]);
        assert_eq!(names("Answer {"), [""; 0]);
    }
}
