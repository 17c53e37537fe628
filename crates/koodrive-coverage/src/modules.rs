//! Checks the docs of the modules: each has a table of all its operations, and an example.

use std::collections::BTreeSet;

use crate::declared::Declared;
use crate::docs::Docs;

/// Returns every difference, one line each.
pub(crate) fn compare(declared: &[Declared], docs: &Docs) -> Vec<String> {
    let modules: BTreeSet<&str> = declared.iter().map(|op| op.meta.module).collect();
    let mut differences = Vec::new();
    for module in modules {
        let names = declared.iter().map(|op| op.meta).filter(|meta| meta.module == module).map(|meta| meta.name);
        let text = docs.module(module);
        differences.extend(wrong(text, &names.collect::<Vec<_>>()).into_iter().map(|what| format!("{module}: {what}")));
    }
    differences
}

fn wrong(docs: &str, operations: &[&str]) -> Vec<String> {
    let mut wrong = Vec::new();
    let rows: Vec<&str> = docs.lines().filter_map(|line| line.trim().strip_prefix("| [`")?.split('`').next()).collect();
    for name in operations {
        match rows.iter().filter(|row| *row == name).count() {
            1 => {}
            0 => wrong.push(format!("{name} is not in the table of the module's docs")),
            _ => wrong.push(format!("{name} is more than once in the table of the module's docs")),
        }
    }
    wrong.extend(rows.iter().filter(|row| !operations.contains(row)).map(|row| format!("{row} is no operation of it")));
    if !docs.contains("```") {
        wrong.push("the module's docs have no example".to_owned());
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn each_operation_once() {
        let docs =
            " Things.\n\n | operation | what it does |\n | --- | --- |\n | [`Make`] | makes it |\n\n ```\n ```\n";
        assert!(wrong(docs, &["Make"]).is_empty());
        assert_eq!(wrong(docs, &["Make", "Take"]), ["Take is not in the table of the module's docs"]);
        assert_eq!(wrong(docs, &[]), ["Make is no operation of it"]);
        let twice = docs.replace("| [`Make`] | makes it |", "| [`Make`] | |\n | [`Make`] | |");
        assert_eq!(wrong(&twice, &["Make"]), ["Make is more than once in the table of the module's docs"]);
        assert_eq!(wrong(" | [`Make`] | |", &["Make"]), ["the module's docs have no example"]);
    }
}
