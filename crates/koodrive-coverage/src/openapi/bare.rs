//! Finds what the schemas leave open: objects without members or with any beside them, and values without a type.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

/// The places that may be bare, each with the reason.
const BARE: &[(&str, &str)] = &[
    ("AddBackupScopesAnswer", "of the page's table of the answer, only `code` was seen"),
    ("CreateAlbumAnswer", "the page's table of the answer was not seen"),
    ("CreateBackupFileAnswer", "the page's table of the answer was not seen"),
    ("CreatePermissionTemplateAnswer", "the page's table of the answer was not seen"),
    ("CreateRevisionAnswer", "the page's table of the answer was not seen"),
    ("GetFileAnswer.attachments[]", "AttachmentMetadata: its members were not seen"),
    ("GetFileAnswer.lastEditor", "User: described on other pages only"),
    ("GetFileAnswer.owners[]", "User: described on other pages only"),
    ("GetJobAnswer.data.uncompressedFileList[]", "the name of the member with the size was not seen"),
    ("GetJobAnswer.data.uncompressedFileList[].subFileList", "the list's own type again, as deep as the folders go"),
    ("GetPublicShareTaskAnswer", "the page's table of the answer was not seen"),
    ("ListAlbumsAnswer.albumList[].scopeDir[]", "the type of the entries is cut off"),
    ("ListArchiveAnswer.data.taskValue", "an Object whose members the page doesn't describe"),
    ("ListGroupFilesAnswer.files[].attachments[]", "FileListAttachment: its members were not seen"),
    ("ListPersonalFilesAnswer.files[].attachments[]", "FileListAttachment: its members were not seen"),
    ("ListPersonalFilesAnswer.files[].lastEditor", "like owners[], says its remark"),
    ("ListSharesByMeAnswer.shareLinks[].files[].downloadLinks[]", "downloadLinks: its members were not seen"),
    ("ListSharesWithMeAnswer.shareLinks[].files[].downloadLinks[]", "downloadLinks: its members were not seen"),
    ("ListUnreadNotificationsAnswer.notifications[].info", "an Object whose members the page doesn't describe"),
    ("ListUserPermissionsAnswer.userPermissonList[].capabilities[]", "Capabilities: described on other pages only"),
    ("ReverseOrderAnswer", "the page's table of the answer was not seen"),
    ("SearchFilesAnswer.files[].downloadLinks[]", "downLoadLinks: its members were not seen"),
    ("UpdateAlbumAnswer", "the page's table of the answer was not seen"),
    ("UpdatePermissionsAnswer", "the page's table of the answer was not seen"),
];

/// Returns each place that is bare without a reason, and each reason for a place that isn't.
pub(super) fn compare(schemas: &Json) -> Vec<String> {
    let mut found = BTreeSet::new();
    for (name, schema) in schemas.as_object().into_iter().flatten() {
        visit(schema, name, &mut found);
    }
    let known: BTreeMap<&str, &str> = BARE.iter().copied().collect();
    let new = found.iter().filter(|place| !known.contains_key(place.as_str()));
    let new = new.map(|place| format!("openapi: {place} is open or has no type, and no reason for it"));
    let gone = known.keys().filter(|place| !found.contains(**place));
    let gone = gone.map(|place| format!("openapi: {place} has a reason to be bare, and isn't"));
    new.chain(gone).collect()
}

fn visit(schema: &Json, place: &str, found: &mut BTreeSet<String>) {
    let kind = &schema["type"];
    let is = |name: &str| kind == name || kind.as_array().is_some_and(|types| types.iter().any(|kind| kind == name));
    let members = schema["properties"].as_object();
    let is_map = schema["additionalProperties"].is_object();
    let is_open = schema["additionalProperties"] == true;
    if is_open
        || kind.is_null()
        || is("object") && members.is_none() && !is_map
        || is("array") && !schema["items"].is_object()
    {
        found.insert(place.to_owned());
    }
    for (name, member) in members.into_iter().flatten() {
        visit(member, &format!("{place}.{name}"), found);
    }
    if is_map {
        visit(&schema["additionalProperties"], &format!("{place}.*"), found);
    }
    if schema["items"].is_object() {
        visit(&schema["items"], &format!("{place}[]"), found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_bare() {
        let schema = json!({"type": "object", "properties": {
            "a": {"type": ["object", "null"]},
            "b": {"type": "array", "items": {"type": "object", "properties": {"c": {}, "d": {"type": "string"}}}},
            "e": {"type": "object", "additionalProperties": {"type": "string"}},
            "f": {"type": ["array", "null"]},
            "g": {"type": "object", "properties": {"h": {"type": "string"}}, "additionalProperties": true},
        }});
        let mut found = BTreeSet::new();
        visit(&schema, "X", &mut found);
        assert_eq!(found.into_iter().collect::<Vec<_>>(), ["X.a", "X.b[].c", "X.f", "X.g"]);
    }
}
