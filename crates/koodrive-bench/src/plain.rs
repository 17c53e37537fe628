//! The other side: what serde derives for the same answers, without any lenience.
#![allow(dead_code, reason = "what is read is only dropped again")]

use std::collections::BTreeMap;

use serde::Deserialize;

/// The usage overview as the manual shows it.
pub const OVERVIEW: &str = r#"{"data": {"totalAllocation": 43, "totalCapacity": 1051187, "totalUsed": 33085606}, "code": 0, "msg": "success"}"#;

#[derive(Deserialize)]
pub struct Overview {
    code: Option<i64>,
    msg: Option<String>,
    data: Usage,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Usage {
    total_allocation: Option<i64>,
    total_capacity: Option<i64>,
    total_used: Option<i64>,
    quota: Option<i64>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub struct List {
    code: Option<i64>,
    msg: Option<String>,
    category: Option<String>,
    next_cursor: Option<String>,
    search_completed: Option<bool>,
    files: Vec<File>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct File {
    id: Option<String>,
    file_name: Option<String>,
    mime_type: Option<String>,
    file_suffix: Option<String>,
    recycled: Option<bool>,
    parent_folder: Vec<String>,
    containers: Vec<String>,
    properties: BTreeMap<String, String>,
    owners: Vec<User>,
    last_editor: Option<User>,
    size: Option<i64>,
    attachments: Vec<serde_json::Value>,
    file_type: Option<String>,
    created_time: Option<String>,
    edited_time: Option<String>,
    favorite: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct User {
    category: Option<String>,
    me: Option<bool>,
    permission_id: Option<String>,
    user_id: Option<String>,
    display_name: Option<String>,
}

/// A listing of 100 files, as the manual's example has them: 97 KB.
pub fn listing() -> String {
    let user = r#"{"category": "drive#user", "me": true, "permissionId": "1243622029865966464",
        "userId": "NDEzMDA4NjAwMDAwMjc0MTY2NS00MDA4NjAwMDAwNDg3MTY2Ng", "displayName": "租户管理员"}"#;
    let file = |number: usize| {
        format!(
            r#"{{"id": "Fk0n_I_3nVynIIlxGSUdLkYILxIZQ5{number:03}", "fileName": "report-{number}.docx",
            "mimeType": "application/vnd.openxmlformats", "fileSuffix": "docx", "recycled": false,
            "parentFolder": ["DEUI7pa0C24ArootIAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b"],
            "containers": ["IAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b"],
            "properties": {{"srcFileId": "Fuyt9uELO9mny6vLWnWpIDqppRh3vzC3p", "createUser": "369528171409614001",
            "lastEditUser": "369528171409614001"}}, "owners": [{user}], "lastEditor": {user}, "size": 7{number}123,
            "fileType": "15", "createdTime": "2023-12-11T09:17:25.529Z", "editedTime": "2023-12-11T09:17:25.529Z",
            "favorite": false}}"#
        )
    };
    let files: Vec<_> = (0..100).map(file).collect();
    format!(
        r#"{{"category": "drive#fileList", "nextCursor": "[1702286245529|Fk0n]", "searchCompleted": true,
        "files": [{}], "code": 0, "msg": "success"}}"#,
        files.join(", ")
    )
}
