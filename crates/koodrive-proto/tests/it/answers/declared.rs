//! Answers of a caller's own, declared with the macro or read by hand.

use koodrive_proto::operation;
use koodrive_proto::ops::spaces::GetSpace;
use koodrive_proto::wire::{self, Cursor, Readable};

use crate::common::parse;

/// Lists of lists, and what may be missing twice over.
#[test]
fn lists_in_lists() {
    koodrive_proto::answer! {
        /// Lists.
        Lists {
            /// Lists of numbers.
            rows: Vec<Vec<i64>>,
            /// A list that may be missing.
            list: Option<Vec<i64>>,
            /// Maps.
            maps: Vec<std::collections::BTreeMap<String, i64>>,
            /// Any JSON.
            any: Option<serde_json::Value>,
            /// A map of lists that may be missing.
            by_name: std::collections::BTreeMap<String, Option<Vec<i64>>>,
        }
    }
    operation! {
        /// Answers them.
        GET "/lists" ListLists -> Lists;
        None, ReadOnly;
    }
    let _ = ListLists::new();
    for (body, read) in [
        (r#"{"rows": [[1, 2], [3]]}"#, r#"{"rows":[[1,2],[3]]}"#),
        (r#"{"rows": [1, [], [2, "x"]]}"#, r#"{"rows":[[1],[],[2]]}"#),
        (r#"{"rows": [[1], ["x"]]}"#, r#"{"rows":[[1]]}"#),
        (r#"{"list": null, "list": [1]}"#, r#"{"list":[1]}"#),
        (r#"{"list": [], "any": null}"#, r#"{"list":[]}"#),
        (r#"{"any": [null]}"#, r#"{"any":[null]}"#),
        (r#"{"maps": [7, {"a": 1}]}"#, r#"{"maps":[{"a":1}]}"#),
        (r#"{"byName": {"a": null, "b": [1]}}"#, r#"{"byName":{"b":[1]}}"#),
    ] {
        assert_eq!(serde_json::to_string(&parse::<ListLists>(body).unwrap()).unwrap(), read, "{body}");
    }
    for (body, problem) in [
        (r#"{"rows": [["x"], [{}]]}"#, "rows[0][0]: expected a number, got a text"),
        (r#"{"rows": {"a": 1}}"#, "rows: expected a list, got an object"),
        (r#"{"rows": 7}"#, "rows: expected a list, got a number"),
        (r#"{"maps": [7]}"#, "maps[0]: expected an object, got a number"),
    ] {
        let error = parse::<ListLists>(body).unwrap_err().to_string();
        assert!(error.contains(&format!("ListLists: {problem} (")), "{body}: {error}");
    }
}

/// Of a member that stands twice, the first that isn't nothing counts; so it is with two names.
#[test]
fn repeated_members() {
    koodrive_proto::answer! {
        /// An answer with a member that has two names.
        Tasks {
            /// The tasks.
            tasks: Vec<String> = "taskList" | "taskListDtos",
            /// How many.
            total: Option<i64>,
        }
    }
    let read = |json: &str| serde_json::from_str::<Tasks>(json).unwrap();
    for json in [
        r#"{"taskList": ["a"]}"#,
        r#"{"taskListDtos": ["a"]}"#,
        r#"{"taskList": null, "taskListDtos": ["a"]}"#,
        r#"{"taskListDtos": ["a"], "taskList": []}"#,
        r#"{"taskList": "a", "taskListDtos": ["b"]}"#,
    ] {
        assert_eq!(serde_json::to_string(&read(json)).unwrap(), r#"{"taskList":["a"]}"#, "{json}");
    }
    assert_eq!(read(r#"{"total": null, "total": 1, "total": 2}"#).total, Some(1));
    let space = parse::<GetSpace>(r#"{"data": "", "data": {"capacity": 1}}"#).unwrap();
    assert_eq!(space.capacity, Some(1));
    let space = parse::<GetSpace>(r#"{"data": null, "data": {"capacity": 1}, "data": {"capacity": 2}}"#).unwrap();
    assert_eq!(space.capacity, Some(1));
}

/// A member may be called what it likes, and an answer may be empty.
#[test]
fn names_of_members() {
    koodrive_proto::answer! {
        /// Names that the macro uses itself.
        Constant {
            /// One.
            name: Option<String>,
            /// Two.
            cursor: Option<String>,
            /// Three.
            serializer: Option<String>,
            /// Four.
            object: Option<String>,
            /// Five.
            members: Option<String>,
            /// Six.
            r#type: Option<String>,
            /// Seven.
            a_1_b: Option<String>,
        }
    }
    koodrive_proto::answer! {
        /// Nothing.
        Empty {}
    }
    let json = r#"{"name":"1","cursor":"2","serializer":"3","object":"4","members":"5","type":"6","a1B":"7"}"#;
    assert_eq!(serde_json::to_string(&serde_json::from_str::<Constant>(json).unwrap()).unwrap(), json);
    assert_eq!(serde_json::to_string(&serde_json::from_str::<Empty>(json).unwrap()).unwrap(), "{}");
}

/// A type by hand that tries one reading and then another, and one that doesn't say what it can't read.
#[test]
fn by_hand() {
    struct NumberOrText(String);

    impl Readable for NumberOrText {
        fn read(cursor: Cursor<'_>) -> Option<Self> {
            let number = cursor.whole().map(|number| Self(number.to_string()));
            number.or_else(|| cursor.text().map(|text| Self(text.into_owned())))
        }
    }

    struct Never;

    impl Readable for Never {
        fn read(_: Cursor<'_>) -> Option<Self> {
            None
        }
    }

    fn read<T: Readable>(json: &str) -> Result<T, String> {
        wire::deserialize(&mut serde_json::Deserializer::from_str(json)).map_err(|error| error.to_string())
    }
    assert_eq!(read::<NumberOrText>(r#""1e1""#).unwrap().0, "10");
    assert_eq!(read::<NumberOrText>(r#""abc""#).unwrap().0, "abc");
    assert_eq!(read::<Vec<NumberOrText>>(r#"["abc", {}]"#).unwrap().len(), 1);
    for (error, problem) in [
        (read::<Never>("7").err(), "a number does not fit its type"),
        (read::<Vec<Never>>(r#"["x", 7]"#).err(), "[0]: a text does not fit its type"),
        (read::<Never>("null").err(), "nothing is there"),
    ] {
        assert!(error.as_ref().unwrap().contains(problem), "{error:?}");
    }
    assert!(read::<Vec<Never>>(r#"[null, ""]"#).unwrap().is_empty());
}

/// A number that no 64 bits hold, from a deserializer that has more.
#[test]
fn long_numbers() {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error, U128Deserializer};

    let number: U128Deserializer<Error> = u128::MAX.into_deserializer();
    assert!(wire::deserialize::<f64, _>(number).unwrap() > 3.4e38);
}

/// A type that refuses a map tells no key of it.
#[test]
fn keys_in_errors() {
    struct Sum;

    impl Readable for Sum {
        fn read(cursor: Cursor<'_>) -> Option<Self> {
            let mut fits = true;
            cursor.map(&mut |_, value| fits &= value.whole().is_some()).then_some(())?;
            fits.then_some(Self)
        }
    }

    let read = |json: &str| wire::deserialize::<Vec<Sum>, _>(&mut serde_json::Deserializer::from_str(json));
    assert_eq!(read(r#"[{"a": 1}, {"tops3cret": "x"}]"#).map(|list| list.len()).unwrap(), 1);
    let error = read(r#"[{"tops3cret": "x"}]"#).err().unwrap().to_string();
    assert!(error.contains("[0].*: expected a number, got a text"), "{error}");
}
