//! Checks that what is read page by page is declared as `Paged`, and only that.

use koodrive_proto::schema::Place;
use serde_json::Value as Json;

use crate::declared::Declared;
use crate::fact::members;

/// Returns the difference, if there is one.
pub(crate) fn compare(op: &Declared, fact: &Json) -> Option<String> {
    match (why(op, fact), op.paged) {
        (Some(why), false) => Some(format!("not Paged, and a listing by {why}")),
        (None, true) => Some("Paged, and nothing documented makes it a listing".to_owned()),
        _ => None,
    }
}

/// Says what makes it a listing: a parameter for the next page, or a cursor or total in the answer.
fn why(op: &Declared, fact: &Json) -> Option<String> {
    let parameters = op.parameters().into_iter().filter(|(_, field)| field.place != Place::Header);
    let turns = |name: &str| ends(name, &["cursor", "offset", "pagenum", "pageno", "pageindex", "marker"]);
    if let Some((name, _)) = parameters.into_iter().find(|(name, _)| turns(name) && !name.contains("[]")) {
        return Some(format!("its parameter {name}"));
    }
    let members = members(fact);
    // A total alone is a number of things that aren't listed.
    let lists = members.iter().any(|(path, member)| path.contains("[]") || member.kind().starts_with("Array"));
    let counts = |path: &&String| !path.contains("[]") && ends(path, &["cursor", "total", "totalcount", "totalnum"]);
    members.keys().find(counts).filter(|_| lists).map(|path| format!("its answer's {path}"))
}

/// Whether the last step of a path has one of these names, or ends with it.
fn ends(path: &str, names: &[&str]) -> bool {
    let last = path.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().replace('_', "");
    names.iter().any(|name| last.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::ends;

    #[test]
    fn names() {
        for name in ["pageCursor", "data.next_cursor", "pageInfo.pageNum", "offset"] {
            assert!(ends(name, &["cursor", "pagenum", "offset"]), "{name}");
        }
        assert!(!ends("cursors.name", &["cursor"]) && !ends("totalSize", &["total"]));
    }
}
