//! What the service writes where it differs from what its tables say.

use koodrive_proto::ErrorKind;
use koodrive_proto::ops::files::{File, ListPersonalFiles, SearchFiles};
use koodrive_proto::ops::jobs::{CreateJob, GetJob, ListJobs};
use koodrive_proto::ops::spaces::{GetSpace, GetSpaceUsageByQuota, Space, SpaceStatus, SpaceType};
use koodrive_proto::wire::{self, Notes, Readable};

use crate::common::{noted, parse};

/// One odd member doesn't cost the whole page.
#[test]
fn what_is_not_there() {
    let search = |member: &str| {
        let (page, notes) = noted::<SearchFiles>(&format!(r#"{{"files": [{{"id": "1", {member}}}], "total": 1}}"#));
        assert_eq!(page.total, Some(1), "{member}");
        (serde_json::to_string(&page.files).unwrap(), notes)
    };
    for member in [
        r#""size": """#,
        r#""size": "  ", "favorite": [], "containerType": [] "#,
        r#""favorite": """#,
        r#""containerType": """#,
        r#""size": null, "favorite": null, "containerType": null"#,
        r#""downloadLinks": "", "size": "" "#,
        r#""downloadLinks": {}"#,
        r#""downloadLinks": [null]"#,
        r#""fileType": "", "owner": null"#,
    ] {
        assert_eq!(search(member), (r#"[{"id":"1"}]"#.to_owned(), vec![]), "{member}");
    }
    // A blank text is a text.
    assert_eq!(search(r#""owner": """#).0, r#"[{"id":"1","owner":""}]"#);
    assert_eq!(search(r#""owner": " ""#).0, r#"[{"id":"1","owner":" "}]"#);
    // What is there and doesn't fit is left out, and noted with its place.
    for (member, note) in [
        (r#""size": "many""#, "size: expected a number, got a text"),
        (r#""size": "1,000""#, "size: expected a number, got a text"),
        (r#""size": 5.5"#, "size: expected a whole number, got a fraction"),
        (r#""size": "5.5""#, "size: expected a whole number, got a fraction"),
        (r#""size": 9223372036854775808"#, "size: expected a number in the range of its type, got one beyond it"),
        (r#""size": "1e40""#, "size: expected a number in the range of its type, got one beyond it"),
        (r#""size": {"$serde_json::private::Number": "x"}"#, "size: expected a number, got an object"),
        (r#""size": {"$serde_json::private::Number": "-inf"}"#, "size: expected a number, got an object"),
        (r#""size": true"#, "size: expected a number, got true or false"),
        (r#""size": {"a": 1}"#, "size: expected a number, got an object"),
        (r#""favorite": "perhaps""#, "favorite: expected true or false, got a text"),
        (r#""favorite": 2"#, "favorite: expected true or false, got a number"),
        (r#""containerType": {}"#, "containerType: expected a number, got an object"),
        (r#""containerType": "RUNNING""#, "containerType: expected a number, got a text"),
        (r#""owner": []"#, "owner: expected a text, got a list"),
        (r#""owner": 123456789012345678901234567890"#, "owner: expected a text, got a number"),
        (r#""fileType": {}"#, "fileType: expected a text, got an object"),
    ] {
        assert_eq!(search(member), (r#"[{"id":"1"}]"#.to_owned(), vec![format!("files[0].{note}")]), "{member}");
    }

    let list = |member: &str| parse::<ListPersonalFiles>(&format!(r#"{{"files": [null, {{{member}}}]}}"#)).unwrap();
    let file = |member: &str| list(member).files.remove(0);
    assert_eq!(list("").files.len(), 1, "no file is not a file");
    assert_eq!(
        file(r#""properties": {"a": null, "b": 7, "c": ""}"#).properties,
        [("b", "7"), ("c", "")].map(|(a, b)| (a.into(), b.into())).into()
    );
    assert!(file(r#""properties": "", "owners": "", "containers": "", "lastEditor": """#) == File::default());
    assert!(file(r#""properties": [], "owners": [], "containers": {}, "lastEditor": []"#) == File::default());
    assert!(file(r#""owners": {}, "lastEditor": [null]"#) == File::default());
    assert_eq!(noted::<ListPersonalFiles>(r#"{"files": [{"lastEditor": [null, "", []]}]}"#).1, Vec::<String>::new());
    assert_eq!(file(r#""parentFolder": "a""#).parent_folder, ["a"]);
    assert_eq!(file(r#""parentFolder": 7"#).parent_folder, ["7"]);
    assert_eq!(file(r#""parentFolder": ["a", null, 7]"#).parent_folder, ["a", "7"]);
    assert_eq!(file(r#""owners": {"me": "true"}"#).owners[0].me, Some(true));
    assert_eq!(file(r#""lastEditor": [{"me": 1}]"#).last_editor.unwrap().me, Some(true));

    // Also where serde_json reads by itself.
    let space: Space = serde_json::from_str(r#"{"type": "1", "ownerId": null, "capacity": " 5 "}"#).unwrap();
    assert_eq!((space.kind, space.owner_id, space.capacity), (Some(SpaceType::Individual), None, Some(5)));
    let again: Space = serde_json::from_value(serde_json::json!({"type": 1, "capacity": "much"})).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), r#"{"type":1}"#);
    assert!(serde_json::from_str::<Space>("7").unwrap_err().to_string().contains("expected an object, got a number"));
    assert!(serde_json::from_str::<SpaceStatus>("\"\"").is_err());
}

/// A page is never empty because it couldn't be read.
#[test]
fn lists_of_which_something_fits() {
    let (page, notes) = noted::<ListPersonalFiles>(r#"{"files": [7, {"id": "1"}, null, [[]], {"id": "2"}]}"#);
    assert_eq!(page.files.iter().map(|file| file.id.clone().unwrap()).collect::<Vec<_>>(), ["1", "2"]);
    let expected = ["files[0]: expected an object, got a number", "files[3]: expected an object, got a list"];
    assert_eq!(notes, expected);
    for (body, problem) in [
        (r#"{"files": [7, "b"]}"#, "files[0]: expected an object, got a number"),
        (r#"{"files": [null, [{}]]}"#, "files[1]: expected an object, got a list"),
        (r#"{"files": "all of them"}"#, "files: expected an object, got a text"),
        (r#"{"files": [[[]]]}"#, "files[0]: expected an object, got a list"),
    ] {
        let error = parse::<ListPersonalFiles>(body).unwrap_err();
        assert_eq!(error.to_string(), format!("ListPersonalFiles: {problem} (HTTP 200, {} bytes)", body.len()));
    }
    let error =
        parse::<GetJob>(r#"{"data": {"jobInfo": {}, "taskInfos": [1, 2], "uncompressedFileList": [3]}}"#).unwrap_err();
    assert!(error.to_string().contains("data.taskInfos[0]: expected an object, got a number"), "{error}");
    // In an entry of another list it is one odd member, also where the entry stands for its list.
    assert_eq!(parse::<ListPersonalFiles>(r#"{"files": {"id": "1", "owners": [7]}}"#).unwrap().files.len(), 1);
    let (page, notes) = noted::<ListPersonalFiles>(r#"{"files": [{"id": "1", "owners": [7], "parentFolder": [{}]}]}"#);
    assert_eq!(serde_json::to_string(&page.files).unwrap(), r#"[{"id":"1"}]"#);
    let expected = [
        "files[0].owners[0]: expected an object, got a number",
        "files[0].parentFolder[0]: expected a text, got an object",
    ];
    assert_eq!(notes, expected);
}

/// What stands under `data` is read by the same rules.
#[test]
fn content() {
    for (data, problem) in [
        (r#""a""#, "data: expected an object, got a text"),
        ("7", "data: expected an object, got a number"),
        ("[[{}]]", "data: expected an object, got a list"),
        ("[{}, {}]", "data: expected an object, got a list of several"),
        ("null", "data is missing"),
        (r#"" ""#, "data is missing"),
        ("[]", "data is missing"),
    ] {
        let error = parse::<GetSpace>(&format!(r#"{{"data": {data}}}"#)).unwrap_err();
        assert!(error.to_string().contains(problem), "{data}: {error}");
        assert_eq!(error.kind(), ErrorKind::Decode);
    }
    for data in ["null", "[]", "{}", r#""""#, "[null]", r#"[null, "", []]"#] {
        assert_eq!(parse::<ListJobs>(&format!(r#"{{"data": {data}}}"#)).unwrap(), [], "{data}");
    }
    for data in [r#"{"taskId": 7}"#, r#"[null, {"taskId": "7"}]"#] {
        assert_eq!(parse::<ListJobs>(&format!(r#"{{"data": {data}}}"#)).unwrap()[0].task_id.as_deref(), Some("7"));
    }
    for data in [r#""a""#, "[[{}]]", "[1, 2]"] {
        assert!(
            parse::<ListJobs>(&format!(r#"{{"data": {data}}}"#)).unwrap_err().to_string().contains("data"),
            "{data}"
        );
    }
    assert_eq!(parse::<CreateJob>(r#"{"data": 7}"#).unwrap(), "7");
    assert!(parse::<CreateJob>(r#"{"data": {"id": "7"}}"#).is_err());
    assert!(parse::<CreateJob>(r#"{"data": null}"#).is_err());
}

/// Notes name members, but never the keys of maps, nor anything else that is content.
#[test]
fn notes_hold_no_content() {
    let body =
        r#"{"files": [{"properties": {"tops3cret": [], "a": "b", "c": {"tops3cret": 1}}, "size": "tops3cret"}]}"#;
    let (page, notes) = noted::<ListPersonalFiles>(body);
    assert_eq!(page.files[0].properties, [("a".to_owned(), "b".to_owned())].into());
    let expected = [
        "files[0].properties.*: expected a text, got a list",
        "files[0].properties.*: expected a text, got an object",
        "files[0].size: expected a number, got a text",
    ];
    assert_eq!(notes, expected);
    // So many that not all are told one by one, and still all are counted.
    let body = format!(r#"{{"files": [{{}}, {}]}}"#, vec![r#"{"size": "x", "favorite": "x"}"#; 5_000].join(","));
    let answer = parse::<koodrive_proto::WithHead<ListPersonalFiles>>(&body).unwrap();
    assert_eq!((answer.notes.count(), answer.notes.paths().len()), (10_000, Notes::LIMIT));
    assert_eq!(answer.notes.paths()[999], "files[500].favorite: expected true or false, got a text");
    assert!(answer.output.files.len() == 5_001 && !answer.notes.is_empty());
}

/// As the tables type it, and as the examples show it.
#[test]
fn numbers_texts_nulls_and_lists_of_one() {
    let typed = r#"{"code": "0", "data": {"type": "1", "status": "0", "ownerId": "7", "capacity": "10"}}"#;
    let shown = r#"{"code": 0, "data": {"type": 1, "status": 0, "ownerId": 7, "capacity": 10}}"#;
    let listed = r#"{"code": 0, "data": [{"type": 1, "status": 0, "ownerId": 7, "capacity": 10.0}]}"#;
    for body in [typed, shown, listed] {
        let space = parse::<GetSpace>(body).unwrap();
        assert_eq!(space.kind, Some(SpaceType::Individual));
        assert_eq!(space.status, Some(SpaceStatus::Normal));
        assert_eq!(space.owner_id.as_deref(), Some("7"));
        assert_eq!(space.capacity, Some(10));
        assert_eq!(space.space_used, None);
    }
    // Unknown fields are ignored, unknown values survive, null is absent.
    let space = parse::<GetSpace>(
        r#"{"data": {"type": "9", "status": "frozen", "capacity": null, "new": {"deep": [1, {"er": null}]}}, "new": 1}"#,
    )
    .unwrap();
    assert_eq!(space.kind, Some(SpaceType::Other(9)));
    assert_eq!(space.status, Some(SpaceStatus::Other("frozen".to_owned())));
    assert_eq!(space.capacity, None);
    assert_eq!(serde_json::to_string(&space).unwrap(), r#"{"type":9,"status":"frozen"}"#);

    for body in [r#"{"code": 0}"#, r#"{"code": 0, "data": null}"#, r#"{"code": 0, "data": []}"#] {
        assert!(parse::<GetSpaceUsageByQuota>(body).unwrap().groups.is_empty(), "{body}");
    }
    let one = parse::<GetSpaceUsageByQuota>(r#"{"code": 0, "data": {"quota": "5"}}"#).unwrap();
    assert_eq!(one.groups[0].quota, Some(5));
    // An empty list is no object.
    assert_eq!(parse::<GetSpace>(r#"{"code": 0, "data": []}"#).unwrap_err().kind(), ErrorKind::Decode);
}

/// Every lenient reading, and where it ends.
#[test]
fn lenient_readings_have_an_end() {
    fn read<T: Readable>(json: &str) -> Option<T> {
        wire::deserialize(&mut serde_json::Deserializer::from_str(json)).ok()
    }
    for (json, number) in [
        ("43", Some(43)),
        (r#""43""#, Some(43)),
        ("43.0", Some(43)),
        (r#""43.00""#, Some(43)),
        (r#"" -43 ""#, Some(-43)),
        (r#""9007199254740993.0""#, Some(9_007_199_254_740_993)),
        (r#""9223372036854775807""#, Some(i64::MAX)),
        (r#""9223372036854775808""#, None),
        ("9223372036854775808", None),
        ("9007199254740992.0", None),
        (r#""0.99999999999999999999""#, None),
        ("43.5", None),
        (r#"" 12 ""#, Some(12)),
        (r#""1e3""#, Some(1000)),
        ("1e3", Some(1000)),
        (r#""12.0""#, Some(12)),
        (r#""+12""#, Some(12)),
        (r#""1.25E+2""#, Some(125)),
        (r#""12500e-2""#, Some(125)),
        (r#""-0.0e99999999999999999999""#, Some(0)),
        (r#""9223372036854775.807e3""#, Some(i64::MAX)),
        (r#""1e99999999999999999999""#, None),
        (r#""1e-99999999999999999999""#, None),
        (r#""1.5""#, None),
        (r#""12e""#, None),
        (r#""e3""#, None),
        (r#""1_000""#, None),
        (r#""0x10""#, None),
        (r#""""#, None),
        (r#"".0""#, None),
        ("true", None),
        ("null", None),
        ("{}", None),
        ("[43]", None),
    ] {
        assert_eq!(read::<i64>(json), number, "{json}");
    }
    for (json, number) in
        [("1.5", Some(1.5)), (r#""1.5""#, Some(1.5)), ("2", Some(2.0)), (r#""NaN""#, None), (r#""inf""#, None)]
    {
        assert_eq!(read::<f64>(json), number, "{json}");
    }
    for (json, text) in [
        (r#""a""#, Some("a")),
        ("7", Some("7")),
        ("-7", Some("-7")),
        ("18446744073709551615", Some("18446744073709551615")),
        ("18446744073709551616", None),
        ("1.5", Some("1.5")),
        ("true", Some("true")),
        ("null", None),
        ("[]", None),
    ] {
        assert_eq!(read::<String>(json).as_deref(), text, "{json}");
    }
    for (json, flag) in [
        ("true", Some(true)),
        ("false", Some(false)),
        (r#""true""#, Some(true)),
        (r#""false""#, Some(false)),
        ("1", Some(true)),
        (r#""0""#, Some(false)),
        (r#"" TRUE ""#, Some(true)),
        (r#""False""#, Some(false)),
        ("2", None),
        (r#""yes""#, None),
    ] {
        assert_eq!(read::<bool>(json), flag, "{json}");
    }
    assert_eq!(read::<Vec<u8>>("null"), Some(vec![]));
    assert_eq!(read::<Option<u8>>("null"), Some(None));
    assert_eq!(read::<Option<u8>>(r#""7""#), Some(Some(7)));
    assert_eq!(read::<u8>("256"), None);
    assert_eq!(read::<SpaceStatus>(r#""frozen""#), Some(SpaceStatus::Other("frozen".to_owned())));
    assert_eq!(read::<SpaceStatus>("0"), Some(SpaceStatus::Normal));
    assert_eq!(read::<Vec<SpaceStatus>>(r#"["", "0", null, " "]"#), Some(vec![SpaceStatus::Normal]));
}
