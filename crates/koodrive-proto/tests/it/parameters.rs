//! Parameters: what they allow, how they are refused, and how untyped ones are read.

use std::collections::BTreeMap;
use std::fmt::Debug;

use koodrive_proto::chrono::NaiveDate;
use koodrive_proto::ops::files::{CreateFile, FileType};
use koodrive_proto::ops::spaces::{DeleteSpace, GetSpace, GetSpaceUsageByUser, SpaceStatus, SpaceType, UpdateSpace};
use koodrive_proto::param::{
    DateTimeText, ExtractCode, FileName, IntoParam, Param, Quoted, SharedFolderName, UtcMillisText, UtcText, YearMonth,
    has_emoji,
};
use koodrive_proto::schema::{Kind, Rule};
use koodrive_proto::wire::XDate;
use koodrive_proto::{ErrorKind, FileId, Operation, SpaceId, UserId};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::common::{OWNER, api, now, wire};

/// `capacity` as a number and as a text.
fn untyped(capacity: &str) -> [bool; 2] {
    let number: Json = serde_json::from_str(capacity).unwrap();
    [number, json!(capacity)]
        .map(|capacity| UpdateSpace::META.check(&json!({"ownerId": "1", "type": 1, "capacity": capacity})).is_ok())
}

proptest! {
    #[test]
    fn capacity_is_exact_over_its_whole_range(capacity in any::<u64>(), near in 104_857_500..104_857_700u64) {
        for capacity in [capacity, near, capacity % 104_857_601] {
            let allowed = (1..=104_857_600).contains(&capacity);
            let op = UpdateSpace::new(OWNER, SpaceType::Individual).capacity(capacity);
            prop_assert_eq!(op.check().is_ok(), allowed);
            prop_assert_eq!(api().request(&op, now()).is_ok(), allowed);
            prop_assert_eq!(untyped(&capacity.to_string()), [allowed; 2]);
        }
    }

    #[test]
    fn untyped_numbers_are_exact_beyond_any_machine_word(capacity in any::<i128>()) {
        // serde_json reads numbers beyond 64 bits as floats: those are refused as well.
        prop_assert_eq!(untyped(&capacity.to_string()), [(1..=104_857_600).contains(&capacity); 2]);
    }

    #[test]
    fn listed_values_are_exact(kind in any::<i64>(), small in -3..5i64, status in ".{0,3}") {
        for kind in [kind, small] {
            let type_ = SpaceType::from(kind);
            prop_assert_eq!(type_.number(), kind);
            prop_assert_eq!(GetSpace::new(OWNER, type_).check().is_ok(), (0..=2).contains(&kind));
            // The tables of these two don't list groups.
            prop_assert_eq!(DeleteSpace::new(OWNER, type_).check().is_ok(), (0..=1).contains(&kind));
            prop_assert_eq!(UpdateSpace::new(OWNER, type_).check().is_ok(), (0..=1).contains(&kind));
        }
        let op = UpdateSpace::new(OWNER, SpaceType::Individual).status(SpaceStatus::from(status.clone()));
        prop_assert_eq!(op.check().is_ok(), status == "0" || status == "1");
    }

    /// What goes into the path and the query comes out of them, and stays in its place.
    #[test]
    fn path_and_query_parse_back(owner in any::<String>(), container in any::<String>(), dots in "[./%]{0,4}") {
        for owner in [owner, dots] {
            let op = GetSpace::new(&owner, SpaceType::Individual).container_id(&container);
            let result = api().request(&op, now());
            if ["", ".", ".."].contains(&owner.as_str()) {
                prop_assert_eq!(result.unwrap_err().kind(), ErrorKind::Param);
                continue;
            }
            let request = result.unwrap();
            let segments: Vec<&str> = request.uri().path().split('/').collect();
            prop_assert_eq!(&segments[..5], ["", "koodrive", "ose", "v1", "space"]);
            prop_assert_eq!(segments.len(), 6);
            let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(decode(segments[5]), owner);
            let items: Vec<&str> = request.uri().query().unwrap().split('&').collect();
            prop_assert_eq!(items[0], "type=1");
            prop_assert_eq!(decode(items[1].strip_prefix("containerId=").unwrap()), container.clone());
            prop_assert_eq!(items.len(), 2);
            prop_assert!(request.uri().to_string().is_ascii());
        }
    }
}

#[test]
fn errors_name_parameter_value_limit_and_unit() {
    let update = UpdateSpace::new(OWNER, SpaceType::Individual);
    let message = |op: UpdateSpace| api().request(&op, now()).unwrap_err().to_string();
    assert_eq!(message(update.clone().capacity(0)), "UpdateSpace: capacity: got 0, allowed: 1 to 104857600 GB");
    assert_eq!(
        message(update.clone().capacity(u64::MAX)),
        "UpdateSpace: capacity: got 18446744073709551615, allowed: 1 to 104857600 GB",
    );
    assert_eq!(
        message(UpdateSpace::new(OWNER, SpaceType::Group)),
        "UpdateSpace: type: got 2 (Group), allowed: 0 (Department), 1 (Individual)",
    );
    assert_eq!(
        message(UpdateSpace::new(OWNER, SpaceType::Other(7))),
        "UpdateSpace: type: got 7, allowed: 0 (Department), 1 (Individual)",
    );
    assert_eq!(
        message(update.clone().status(SpaceStatus::Other("2".to_owned()))),
        "UpdateSpace: status: got a text of 1 character that is not listed, allowed: 0 (Normal), 1 (Disabled)",
    );
    assert_eq!(
        message(UpdateSpace::new("..", SpaceType::Individual)),
        "UpdateSpace: ownerId: got `..`, allowed: one path segment: not empty, not `.`, not `..`",
    );
    let op = GetSpaceUsageByUser::new().user_ids(vec!["1"; 51]);
    let error = api().request(&op, now()).unwrap_err();
    assert_eq!(error.to_string(), "GetSpaceUsageByUser: userIds: got 51 entries, allowed: 1 to 50 entries");
    assert_eq!(error.kind(), ErrorKind::Param);
    assert_eq!(error.operation(), Some(GetSpaceUsageByUser::META));
    let invalid = error.invalid_param().unwrap();
    assert_eq!((invalid.name(), invalid.got(), invalid.allowed()), ("userIds", "51 entries", "1 to 50 entries"));
}

#[test]
fn untyped_input_is_read_leniently_and_checked_strictly() {
    let check = |input: Json| UpdateSpace::META.check(&input).map_err(|error| error.to_string());
    // The manual's own example sends status as a number.
    assert_eq!(check(json!({"ownerId": OWNER, "status": 1, "type": 1})), Ok(()));
    assert_eq!(check(json!({"ownerId": OWNER, "status": "1", "type": "1", "capacity": 10, "other": [1]})), Ok(()));
    assert_eq!(check(json!({"ownerId": OWNER, "status": null, "type": 0})), Ok(()));
    assert_eq!(
        check(json!({"ownerId": OWNER})),
        Err("type: got nothing, allowed: 0 (Department), 1 (Individual); it is required".to_owned())
    );
    assert_eq!(
        check(json!({"ownerId": OWNER, "type": 1, "capacity": "ten"})),
        Err("capacity: got a text that can't be read as one, allowed: a whole number".to_owned()),
    );
    assert_eq!(
        check(json!({"ownerId": OWNER, "type": [1]})),
        Err("type: got a list, allowed: 0 (Department), 1 (Individual)".to_owned()),
    );
    assert!(check(json!({"ownerId": "..", "type": 1})).is_err());
    assert!(check(json!({"ownerId": OWNER, "type": 1, "capacity": 1.5})).is_err());
    assert!(GetSpaceUsageByUser::META.check(&json!({"userIds": "1"})).is_err());
    let error = GetSpaceUsageByUser::META.check(&json!({"userIds": ["1", {}]})).unwrap_err();
    assert_eq!(error.to_string(), "userIds[1]: got an object, allowed: a text");
    assert_eq!(check(json!({"ownerId": OWNER, "type": 1, "capacity": ""})), Ok(()), "optional, so absent");
    assert!(check(json!({"ownerId": OWNER, "type": ""})).is_err());
    for text in ["+10", "010", " 10", "10 ", "1e1", "0x1", "-0"] {
        assert!(check(json!({"ownerId": OWNER, "type": 1, "capacity": text})).is_err(), "{text:?}");
    }
    assert!(GetSpaceUsageByUser::META.check(&json!({"userIds": [1, "2"], "limit": "4294967295"})).is_ok());
    assert!(GetSpaceUsageByUser::META.check(&json!({"limit": 4_294_967_296_u64})).is_err());
    assert!(GetSpaceUsageByUser::META.check(&json!({"limit": -1})).is_err());
}

#[test]
fn numbers_as_texts() {
    assert_eq!(serde_json::to_string(&Quoted(10_u64)).unwrap(), r#""10""#);
    for json in [r#""10""#, "10", "10.0", r#"" 10 ""#] {
        assert_eq!(serde_json::from_str::<Quoted<u64>>(json).unwrap(), Quoted(10), "{json}");
    }
    for json in [r#""ten""#, "-1", "10.5", "true", "[]", "{}"] {
        assert!(serde_json::from_str::<Quoted<u64>>(json).is_err(), "{json}");
    }
}

fn rule<T: Param + Debug>(allowed: &[&str], refused: &[&str]) {
    let rule = rule_of::<T>();
    assert_eq!((rule.check)(rule.example), Ok(()));
    for text in allowed {
        assert_eq!((rule.check)(text), Ok(()), "{text:?}");
    }
    for text in refused {
        assert!((rule.check)(text).is_err(), "{text:?}");
    }
}

#[test]
fn texts_with_rules() {
    rule::<FileName>(
        &["a", "...", " ", "日本語.txt", "a\\b", "a\nb", "👪", "..a"],
        &["", ".", "..", "<", ">", "a|b", ":", "\"", "*", "?", "a/b", "/"],
    );
    rule::<SharedFolderName>(
        &["a", "日本語", "a\\b", "\u{200d}", "…", "\u{25ff}"],
        &["", ".", "..", "a:b", "a\n", "\r", "\t", "\u{8}", "👪", "☀\u{fe0f}", "❤\u{fe0f}", "➿"],
    );
    rule::<ExtractCode>(&["a1B2c3D4", "zZ09AZaz"], &["a1B2c3D!", "a1B2c3D ", "é1B2c3D4", "٣1B2c3D4"]);
    rule::<DateTimeText>(
        &["2024-02-29 00:00:00", "0000-01-01 23:59:59"],
        &[
            "",
            "2023-02-29 00:00:00",
            "2024-2-29 00:00:00",
            "2024-02-29T00:00:00",
            "2024-02-29 24:00:00",
            "2024-02-29 00:00",
            "2024-02-29 00:00:00 ",
            "+2024-02-29 00:00:00",
            "2024-02-29  0:00:00",
            "2024-02-29 00:00:60",
        ],
    );
    rule::<UtcText>(
        &["2024-02-29T00:00:00Z", "9999-12-31T23:59:59Z"],
        &[
            "",
            "2023-02-29T00:00:00Z",
            "2024-02-29 00:00:00Z",
            "2024-02-29T00:00:00",
            "2024-02-29T00:00:00.000Z",
            "2024-02-29T00:00:00z",
            "2024-02-29T00:00:60Z",
            "+10000-01-01T00:00:00Z",
        ],
    );
    rule::<UtcMillisText>(
        &["2024-02-29T00:00:00.000Z", "0000-01-01T23:59:59.999Z"],
        &[
            "",
            "2024-02-29T00:00:00Z",
            "2024-02-29T00:00:00.00Z",
            "2024-02-29T00:00:00.0000Z",
            "2024-02-29T00:00:60.000Z",
        ],
    );
    rule::<YearMonth>(
        &["2025-01", "0000-12"],
        &["", "2025-00", "2025-13", "2025-1", "25-01", "2025-001", "2025/01", "+025-01", "2025-+1"],
    );
}

/// An id is its text, wherever it goes and comes from.
#[test]
fn ids() {
    let space = SpaceId::from("7");
    assert_eq!((space.to_string(), String::from(space.clone()), space.as_ref()), ("7".to_owned(), "7".to_owned(), "7"));
    assert_eq!((&space, space.clone()), (&SpaceId::from("7".to_owned()), serde_json::from_str("\"7\"").unwrap()));
    assert_eq!(serde_json::to_value([&space]).unwrap(), json!(["7"]));
    assert_eq!(serde_json::from_str::<BTreeMap<SpaceId, i32>>(r#"{"7": 1}"#).unwrap()[&space], 1);
    assert_eq!(BTreeMap::from([(space.clone(), 1)]).get("7"), Some(&1));
    let text = "7".to_owned();
    assert_eq!([space == "7", "7" == space, space == text, text == space, *"7" == space, space == *"7"], [true; 6]);
    assert_eq!(GetSpaceUsageByUser::new().user_ids("u"), GetSpaceUsageByUser::new().user_ids([UserId::from("u")]));
    assert_eq!(GetSpaceUsageByUser::new().user_ids("u"), GetSpaceUsageByUser::new().user_ids(UserId::from("u")));
    let delete = DeleteSpace::new("1", SpaceType::Individual);
    for op in [
        delete.clone().container_id("7"),
        delete.clone().container_id(&text),
        delete.clone().container_id(text),
        delete.clone().container_id(&space),
        delete.container_id(space),
    ] {
        assert!(wire(&op).ends_with("containerId=7"), "{op:?}");
    }
    let root = FileId::from("root");
    let folder = |op: CreateFile| op.parent_folder;
    let new = |folder: FileId| CreateFile::new("a", FileType::Video, folder, 1);
    assert_eq!(folder(new(root.clone())), folder(CreateFile::new("a", FileType::Video, "root", 1)));
    assert_eq!(folder(new(root.clone())), folder(CreateFile::new("a", FileType::Video, [&root], 1)));
}

/// By Unicode's `Emoji_Presentation`, or by a sign with U+FE0F behind it.
#[test]
fn emoji() {
    for emoji in [
        "⭐",
        "⌚",
        "⏰",
        "⬛",
        "◽",
        "⏩",
        "⭕",
        "😀",
        "🇩🇪",
        "👍🏽",
        "☺\u{fe0f}",
        "©\u{fe0f}",
        "1\u{fe0f}\u{20e3}",
        "a🙂",
        "👩\u{200d}🚀",
        "☎\u{fe0f} 7",
    ] {
        assert!(has_emoji(emoji), "{emoji}");
        let error = (rule_of::<SharedFolderName>().check)(emoji).unwrap_err();
        assert_eq!(error, "a text with an emoji", "{emoji}");
    }
    for none in ["", "✓", "♪", "☆", "🂡", "©", "☎", "☎\u{fe0e}", "1", "a\u{fe0f}", "\u{fe0f}", "\u{20e3}", "日本語", "№"]
    {
        assert!(!has_emoji(none), "{none}");
    }
    // The table knows every character.
    let all = (0..=0x10_ffff).filter_map(char::from_u32);
    let (emoji, others): (Vec<char>, Vec<char>) = all.partition(|char| has_emoji(char.encode_utf8(&mut [0; 4])));
    assert!(emoji.len() > 1200 && others.len() > 1_100_000, "{}", emoji.len());
}

fn rule_of<T: Param>() -> &'static Rule {
    let Kind::Rule(rule) = T::KIND else { panic!("no rule") };
    rule
}

/// What a date can't carry is cut, as X-Date cuts it, and never rounded into the next minute.
#[test]
fn leap_seconds_are_cut() {
    let last = NaiveDate::from_ymd_opt(2016, 12, 31).unwrap();
    for millis in [0, 999, 1000, 1500, 1999] {
        let time = last.and_hms_milli_opt(23, 59, 59, millis).unwrap();
        let text: DateTimeText = time.into_param();
        assert_eq!(text.as_str(), "2016-12-31 23:59:59", "{millis}");
        assert_eq!((rule_of::<DateTimeText>().check)(text.as_str()), Ok(()));
        let text: UtcText = time.and_utc().into_param();
        assert_eq!(text.as_str(), "2016-12-31T23:59:59Z", "{millis}");
        let text: UtcMillisText = time.and_utc().into_param();
        assert_eq!(text.as_str(), format!("2016-12-31T23:59:59.{:03}Z", millis.min(999)), "{millis}");
        assert_eq!(XDate::new(time.and_utc()).unwrap().to_string(), "20161231T235959Z", "{millis}");
    }
}
