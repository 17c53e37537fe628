//! Checks that parameters and members named after an id have the type of that id, which the tables don't tell.

use crate::docs::Docs;

/// The end of a name, the type that belongs to it, and whether another one than that is always wrong.
const IDS: &[(&str, &str, bool)] = &[
    ("container_id", "SpaceId", true),
    ("container_ids", "SpaceId", true),
    ("container", "SpaceId", true),
    ("containers", "SpaceId", true),
    ("parent_folder", "FileId", true),
    ("file_id", "FileId", true),
    ("file_ids", "FileId", true),
    // Whose id it is may be open, so that it can be a text, or a number where the table says so.
    ("user_id", "UserId", false),
    ("user_ids", "UserId", false),
    ("dept_id", "DepartmentId", false),
    ("dept_ids", "DepartmentId", false),
    ("group_id", "GroupId", false),
    ("group_ids", "GroupId", false),
];

/// Returns every name with another type, one line each.
pub(crate) fn compare(docs: &Docs) -> Vec<String> {
    docs.members().filter_map(|(module, code)| wrong(code).map(|what| format!("{module}: {what}"))).collect()
}

/// What is wrong with `name: Type = "wireName",`.
fn wrong(code: &str) -> Option<String> {
    let (name, rest) = code.split_once(": ")?;
    let ends_in = |end: &str| name == end || name.strip_suffix(end).is_some_and(|before| before.ends_with('_'));
    let (_, id, always) = IDS.iter().find(|(end, ..)| ends_in(end))?;
    let words: Vec<&str> = rest.split(|char: char| !char.is_alphanumeric()).collect();
    let others = ["String", "i64"].iter().any(|other| words.contains(other));
    let right = words.contains(id) || !always && others;
    (!right).then(|| format!("{name} is no {id}: `{code}`"))
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn the_type_follows_from_the_name() {
        for right in [
            "container_id: SpaceId = \"containerId\",",
            "src_container_id: Option<SpaceId>,",
            "file_ids: Vec<FileId> [1..=100] = \"fileIds\",",
            "user_id: Option<String>,",
            "user_id: i64 = \"userId\",",
            "group_ids: Vec<GroupId>,",
            "profile_id: String,",
            "POST \"/a\" Name -> ();",
        ] {
            assert_eq!(wrong(right), None);
        }
        for (code, expected) in [
            ("container_id: String,", "container_id is no SpaceId: `container_id: String,`"),
            ("new_file_id: Option<SpaceId>,", "new_file_id is no FileId: `new_file_id: Option<SpaceId>,`"),
            ("user_id: Option<FileId>,", "user_id is no UserId: `user_id: Option<FileId>,`"),
        ] {
            assert_eq!(wrong(code).as_deref(), Some(expected));
        }
    }
}
