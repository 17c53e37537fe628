//! Uploads.

use koodrive_proto::Operation;
use koodrive_proto::ops::files::{CompleteFile, CreateFile, FileType, GetUploadUrls, NewPart, OnConflict};
use koodrive_proto::ops::revisions::CreateRevision;
use proptest::prelude::*;

use crate::common::{SPACE, message, noted, wire};

/// The smallest part but for the last.
const MIN: u64 = 5_242_880;
/// The largest part.
const MAX: u64 = 5_368_709_120;

/// A list of objects, constants, and a choice about conflicts.
#[test]
fn create_file() {
    let op = CreateFile::new("ü.zip", FileType::Archive, "root", 12_582_913)
        .auto_rename(OnConflict::KeepSame)
        .container_id(SPACE);
    assert_eq!(
        wire(&op),
        "POST /files/create\n{\"uploadMode\":\"multipart\",\"uploadType\":1,\"fileName\":\"ü.zip\",\"fileType\":\"35\",\
         \"parentFolder\":[\"root\"],\"length\":12582913,\"autoRename\":4,\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\"}",
    );
    let parts = [
        NewPart::new(1, 6_291_456).part_offset(0),
        NewPart::new(2, 6_291_457).part_offset(6_291_456).hash_ctx([u32::MAX; 8]).part_id("p"),
    ];
    let op = op
        .share_folder_id("s")
        .created_time("2023-08-18T05:43:49Z")
        .description("d")
        .mime_type("application/zip")
        .sha256("ab")
        .pre_hash("cd")
        .proof_code("ef")
        .multi_parts(parts)
        .hidden(false)
        .parent_folder(["other"])
        .file_name("renamed.zip");
    assert_eq!(
        wire(&op),
        "POST /files/create\nx-hw-share-folder-id: s\n{\"uploadMode\":\"multipart\",\"uploadType\":1,\
         \"fileName\":\"renamed.zip\",\"fileType\":\"35\",\"parentFolder\":[\"other\"],\"length\":12582913,\"autoRename\":4,\
         \"containerId\":\"IAAB5thdWzxEoAsiA1681759183084696448\",\"createdTime\":\"2023-08-18T05:43:49Z\",\
         \"description\":\"d\",\"mimeType\":\"application/zip\",\"sha256\":\"ab\",\"multiParts\":[\
         {\"partNumber\":1,\"partSize\":6291456,\"partOffset\":0},\
         {\"partNumber\":2,\"partSize\":6291457,\"partOffset\":6291456,\"hashCtx\":[4294967295,4294967295,4294967295,\
         4294967295,4294967295,4294967295,4294967295,4294967295],\"partId\":\"p\"}],\
         \"preHash\":\"cd\",\"proofCode\":\"ef\",\"hidden\":false}",
    );
}

#[test]
fn parts_of_a_file() {
    let file = |length: u64, parts: Vec<NewPart>| {
        CreateFile::new("a", FileType::Video, "root", length)
            .auto_rename(OnConflict::Refuse)
            .container_id(SPACE)
            .multi_parts(parts)
    };
    // The last by its number may be smaller, also empty.
    assert_eq!(file(MIN, vec![NewPart::new(2, 0), NewPart::new(1, MIN)]).check(), Ok(()));
    assert_eq!(file(0, vec![NewPart::new(1, 0)]).check(), Ok(()));
    let smaller = "5242880 to 5368709120 bytes; only the last part may be smaller";
    assert_eq!(
        message(&file(2 * MIN, vec![NewPart::new(1, MIN - 1), NewPart::new(2, MIN)])),
        format!("multiParts[0].partSize: got 5242879, allowed: {smaller}"),
    );
    assert_eq!(
        message(&file(MIN + 5, vec![NewPart::new(1, MIN), NewPart::new(10_001, 5)])),
        "multiParts[1].partNumber: got 10001, allowed: 1 to 10000",
    );
    assert_eq!(
        message(&file(MAX + 1, vec![NewPart::new(1, MAX + 1)])),
        "multiParts[0].partSize: got 5368709121, allowed: 0 to 5368709120 bytes",
    );
    // At the same time: multiples of 64, and the state of the hash.
    let first = NewPart::new(1, MIN).part_offset(0);
    let second = NewPart::new(2, 1).part_offset(MIN).hash_ctx([0; 8]);
    assert_eq!(file(MIN + 1, vec![first.clone(), second.clone()]).check(), Ok(()));
    assert_eq!(
        file(MIN + 2, vec![NewPart::new(1, MIN + 1), NewPart::new(2, 1)]).check(),
        Ok(()),
        "one after the other"
    );
    assert_eq!(
        message(&file(MIN + 2, vec![NewPart::new(1, MIN + 1).part_offset(0), second.clone()])),
        "multiParts[0].partSize: got 5242881, allowed: a multiple of 64 bytes in all but the last of parts with an offset",
    );
    assert_eq!(
        message(&file(MIN + 1, vec![first.clone(), NewPart::new(2, 1).part_offset(MIN)])),
        "multiParts[1].hashCtx: got nothing, allowed: the state of the hash, in all parts with an offset that isn't 0",
    );
    let before = "in each of parts with an offset or hashCtx, the bytes before it";
    for parts in [vec![NewPart::new(1, MIN), second.clone()], vec![NewPart::new(1, MIN).hash_ctx([0; 8])]] {
        assert_eq!(
            message(&file(MIN + 1, parts)),
            format!("multiParts[0].partOffset: got nothing, allowed: 0: {before}"),
        );
    }
    assert_eq!(
        message(&file(MIN + 1, vec![second.clone().part_offset(64), first])),
        format!("multiParts[0].partOffset: got 64, allowed: 5242880: {before}"),
    );
    assert_eq!(
        message(&file(3 * MIN, vec![NewPart::new(3, MIN), NewPart::new(1, MIN), NewPart::new(3, MIN)])),
        "multiParts[2].partNumber: got 3, allowed: a number of its own",
    );
    assert_eq!(
        message(&file(MIN + 1, vec![NewPart::new(1, MIN), second.hash_ctx([0; 5])])),
        "multiParts[1].hashCtx: got 5 entries, allowed: exactly 8 entries",
    );
    let op = file(1, vec![]).file_type(FileType::Folder);
    assert!(message(&op).starts_with("fileType: got 10 (Folder), allowed: 15 (Picture), 20 (Video), "));
    let op = file(1, vec![]).parent_folder(["a", "b"]);
    assert_eq!(message(&op), "parentFolder: got 2 entries, allowed: exactly 1 entry");
}

/// A file needn't name all its parts, but its length says which one is the last.
#[test]
fn parts_and_the_length_of_a_file() {
    let file = |length: u64, parts: Vec<NewPart>| {
        CreateFile::new("a", FileType::Video, "root", length)
            .auto_rename(OnConflict::Refuse)
            .container_id(SPACE)
            .multi_parts(parts)
    };
    let smaller = "5242880 to 5368709120 bytes; only the last part may be smaller";
    // The first 100 of 10000, one after the other and at the same time.
    let hundred = |part: fn(u32) -> NewPart| (1..=100).map(part).collect::<Vec<_>>();
    let after = hundred(|number| NewPart::new(number, MIN + 1));
    assert_eq!(file(10_000 * (MIN + 1), after.clone()).check(), Ok(()));
    let at_once = hundred(|number| NewPart::new(number, MIN).part_offset(u64::from(number - 1) * MIN).hash_ctx(WORDS));
    assert_eq!(file(10_000 * MIN, at_once.clone()).check(), Ok(()));
    // The hundredth is the last only if the file ends with it.
    let short = |mut parts: Vec<NewPart>, size: u64| {
        parts[99].part_size = size;
        parts
    };
    assert_eq!(file(99 * (MIN + 1) + 1, short(after.clone(), 1)).check(), Ok(()));
    assert_eq!(file(99 * MIN + 1, short(at_once.clone(), 1)).check(), Ok(()));
    for parts in [short(after, MIN - 1), short(at_once.clone(), MIN - 1)] {
        let error = format!("multiParts[99].partSize: got 5242879, allowed: {smaller}");
        assert_eq!(message(&file(10_000 * (MIN + 1), parts)), error);
    }
    let error = message(&file(10_000 * MIN, short(at_once, MIN + 1)));
    assert!(
        error.starts_with("multiParts[99].partSize: got 5242881, allowed: a multiple of 64 bytes in all but "),
        "{error}"
    );
    // Over a gap, as many bytes as it may have.
    let gap = |size| vec![NewPart::new(1, MIN), NewPart::new(3, size)];
    assert_eq!(file(2 * MIN + 7, gap(7)).check(), Ok(()));
    assert_eq!(file(MIN + MAX + 7, gap(7)).check(), Ok(()));
    assert_eq!(message(&file(MIN + MAX + 8, gap(7))), format!("multiParts[1].partSize: got 7, allowed: {smaller}"));
}

/// An upload that is over at once, and one that has only begun.
#[test]
fn created_file() {
    let (created, notes) = noted::<CreateFile>(r#"{"fileId": "f", "rapidUpload": true, "code": "0"}"#);
    assert_eq!((created.rapid_upload, created.multi_parts.len(), notes), (Some(true), 0, vec![]));
    let (created, notes) = noted::<CreateFile>(
        r#"{"fileId": "f", "containerId": "s", "fileName": "a_20240104.zip", "uploadId": "u", "parentFolder": ["p"],
            "exist": false, "multiParts": [{"partNumber": 1, "partSize": 22106481, "partOffset": 0,
            "uploadUrl": "https://obs/a?X-Amz-Signature=d3e7", "partId": "i"}], "code": 0, "msg": "Success."}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!((created.rapid_upload, created.exist), (None, Some(false)));
    assert_eq!((created.file_name.as_deref(), created.upload_id.as_deref()), (Some("a_20240104.zip"), Some("u")));
    let part = &created.multi_parts[0];
    assert_eq!((part.part_number, part.part_size, part.part_offset), (Some(1), Some(22_106_481), Some(0)));
    assert_eq!(part.part_id.as_deref(), Some("i"));
    assert!(!format!("{created:?}").contains("d3e7"), "{created:?}");
}

/// The words of a hash, as many as it has.
const WORDS: [u32; 8] = [1_748_048_713, 2_644_528_514, 4_267_727_253, 2_252_747_490, 0, 1, 2, u32::MAX];

#[test]
fn get_upload_urls() {
    let part = NewPart::new(46, 10_485_760).part_offset(471_859_200).hash_ctx(WORDS).part_id("p");
    let op = GetUploadUrls::new("f", [part]).share_folder_id("s");
    assert_eq!(
        wire(&op),
        "POST /files/multipart/uploadUrl\nx-hw-share-folder-id: s\n{\"fileId\":\"f\",\"multiParts\":[\
         {\"partNumber\":46,\"partSize\":10485760,\"partOffset\":471859200,\"hashCtx\":[1748048713,2644528514,\
         4267727253,2252747490,0,1,2,4294967295],\"partId\":\"p\"}]}",
    );
    let (answer, notes) = noted::<GetUploadUrls>(
        r#"{"multiParts": [{"partNumber": 46, "partSize": 10485760, "partOffset": 471859200,
            "hashCtx": [1748048713, 4294967295], "uploadUrl": "https://obs/a?X-Amz-Signature=d3e7"}], "code": 0}"#,
    );
    assert_eq!(notes, [""; 0]);
    assert_eq!(answer.multi_parts[0].hash_ctx, [1_748_048_713, 4_294_967_295]);
    assert_eq!(answer.multi_parts[0].upload_url.as_ref().unwrap().as_str(), "https://obs/a?X-Amz-Signature=d3e7");
    assert!(!format!("{answer:?}").contains("d3e7"), "{answer:?}");
}

/// Links may be asked for from any part on, and with gaps, in which other parts have their place.
#[test]
fn some_parts_of_a_file() {
    let links = |parts: Vec<NewPart>| GetUploadUrls::new("f", parts);
    let part = |number, offset| NewPart::new(number, MIN).part_offset(offset).hash_ctx(WORDS);

    // One after the other: no offset, wherever the part is.
    assert_eq!(links(vec![NewPart::new(7, MIN + 1), NewPart::new(3, MIN + 1), NewPart::new(9, 1)]).check(), Ok(()));
    assert_eq!(
        message(&links(vec![NewPart::new(9, MIN), NewPart::new(3, MIN - 1)])),
        "multiParts[1].partSize: got 5242879, allowed: 5242880 to 5368709120 bytes; only the last part may be smaller",
    );

    // At the same time: from the first part on, each begins where the one before it ends.
    let first = NewPart::new(1, MIN).part_offset(0);
    assert_eq!(links(vec![first.clone(), part(2, MIN).part_size(1)]).check(), Ok(()));
    let before = "in each of parts with an offset or hashCtx, the bytes before it";
    assert_eq!(
        message(&links(vec![first.clone().part_offset(64)])),
        format!("multiParts[0].partOffset: got 64, allowed: 0: {before}"),
    );
    assert_eq!(
        message(&links(vec![first.clone(), part(2, MIN + 64)])),
        format!("multiParts[1].partOffset: got 5242944, allowed: 5242880: {before}"),
    );

    // In the middle, and over a gap: what is missing has 5 MiB to 5 GiB for each part.
    for offset in [2 * MIN, 2 * MIN + 64, 2 * MAX] {
        assert_eq!(links(vec![part(3, offset)]).check(), Ok(()), "{offset}");
        assert_eq!(links(vec![part(4, MIN + offset), first.clone()]).check(), Ok(()), "{offset}");
        assert_eq!(links(vec![part(6, 3 * MIN + offset), part(3, 2 * MIN)]).check(), Ok(()), "{offset}");
        // The part after it follows it.
        assert_eq!(links(vec![part(4, offset + MIN), part(3, offset)]).check(), Ok(()), "{offset}");
        assert_eq!(
            message(&links(vec![part(4, offset), part(3, offset)])),
            format!("multiParts[0].partOffset: got {offset}, allowed: {}: {before}", offset + MIN),
        );
    }
    for offset in [0, 2 * MIN - 64, 2 * MIN + 1, 2 * MAX + 64, u64::MAX] {
        let allowed = "10485760 to 10737418240, a multiple of 64";
        assert_eq!(
            message(&links(vec![part(3, offset)])),
            format!("multiParts[0].partOffset: got {offset}, allowed: {allowed}: {before}"),
        );
    }
    assert_eq!(
        message(&links(vec![first, part(3, MIN)])),
        format!("multiParts[1].partOffset: got 5242880, allowed: 10485760 to 5373952000, a multiple of 64: {before}"),
    );

    // The state of the hash, in every part but the first of the file; an offset, in all or none.
    let stateless = NewPart::new(3, MIN).part_offset(2 * MIN);
    assert_eq!(
        message(&links(vec![stateless])),
        "multiParts[0].hashCtx: got nothing, allowed: the state of the hash, in all parts with an offset that isn't 0",
    );
    let message_of_none = message(&links(vec![part(3, 2 * MIN), NewPart::new(5, MIN)]));
    assert!(message_of_none.starts_with("multiParts[1].partOffset: got nothing, allowed: 20971520 to "));
    // All but the last of these are multiples of 64, and each has a number of its own.
    assert_eq!(links(vec![part(3, 2 * MIN).part_size(MIN + 1)]).check(), Ok(()));
    assert_eq!(
        message(&links(vec![part(3, 2 * MIN).part_size(MIN + 1), part(9, 9 * MIN)])),
        "multiParts[0].partSize: got 5242881, allowed: a multiple of 64 bytes in all but the last of parts with an offset",
    );
    assert_eq!(
        message(&links(vec![part(3, 2 * MIN), part(3, 2 * MIN)])),
        "multiParts[1].partNumber: got 3, allowed: a number of its own",
    );
    assert_eq!(message(&links(vec![part(10_001, MAX)])), "multiParts[0].partNumber: got 10001, allowed: 1 to 10000");
}

/// The manual's example has five parts from the 46th on. Each needs its offset, and the state before it.
#[test]
fn parts_46_to_50() {
    const SIZE: u64 = 10_485_760;
    let parts: Vec<NewPart> = (46..=50)
        .map(|number| NewPart::new(number, SIZE).part_offset(u64::from(number - 1) * SIZE).hash_ctx(WORDS))
        .collect();
    assert_eq!(parts[0].part_offset, Some(471_859_200));
    let links = |parts: &[NewPart]| GetUploadUrls::new("f", parts.to_vec());
    assert_eq!(links(&parts).check(), Ok(()));
    for at in 0..parts.len() {
        let mut stateless = parts.clone();
        stateless[at].hash_ctx = None;
        let error = message(&links(&stateless));
        assert!(error.starts_with(&format!("multiParts[{at}].hashCtx: got nothing, ")), "{error}");
        let mut placeless = parts.clone();
        placeless[at].part_offset = None;
        let error = message(&links(&placeless));
        assert!(error.starts_with(&format!("multiParts[{at}].partOffset: got nothing, ")), "{error}");
        let mut moved = parts.clone();
        moved[at].part_offset = moved[at].part_offset.map(|offset| offset + 1);
        assert!(links(&moved).check().is_err(), "{at}");
        // Some of them, with gaps between, are no worse.
        let mut fewer = parts.clone();
        fewer.remove(at);
        assert_eq!(links(&fewer).check(), Ok(()), "{at}");
    }
}

/// Parts of which many fit, and some nearly.
fn any_parts() -> impl Strategy<Value = Vec<NewPart>> {
    let size = prop_oneof![6 => Just(MIN), 1 => Just(MIN + 64), 1 => Just(MIN + 1), 1 => Just(MIN - 1), 1 => Just(0)];
    let part = (0..3u32, size, prop::bool::weighted(0.1), prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    (any::<bool>(), prop::collection::vec(part, 0..6)).prop_map(|(at_once, parts)| {
        let (mut number, mut offset) = (1, 0);
        let list = parts.into_iter().map(|(skipped, size, stateless, placeless, moved)| {
            let skipped = skipped / 2;
            number += skipped;
            offset += u64::from(skipped) * MIN;
            let mut part = NewPart::new(number, size);
            if at_once && !placeless {
                part = part.part_offset(if moved { offset + 64 } else { offset });
            }
            if at_once && !stateless {
                part = part.hash_ctx(WORDS);
            }
            number += 1;
            offset += size;
            part
        });
        list.collect()
    })
}

proptest! {
    /// The rule is one, for a new file, for a new revision and for more links; only the length of the file isn't known
    /// for these.
    #[test]
    fn one_rule_for_all_parts(parts in any_parts(), length in 0..8 * MIN) {
        let file = |length| {
            let op = CreateFile::new("a", FileType::Video, "root", length).auto_rename(OnConflict::Refuse);
            op.container_id(SPACE).multi_parts(parts.clone()).check()
        };
        let revision = |length| CreateRevision::new(SPACE, "f", length).multi_parts(parts.clone()).check();
        let links = GetUploadUrls::new("f", parts.clone()).check();
        prop_assert_eq!(file(length), revision(length));
        if file(length).is_ok() {
            prop_assert_eq!(&links, &Ok(()));
        }
        // In a file that ends with the last of them, the last may be as small as it is.
        prop_assert_eq!(file(0), links);

        // What is fine is fine by the words of the manual.
        if let Ok(()) = file(length) {
            let last = parts.iter().map(|part| part.part_number).max();
            for part in &parts {
                let is_last = Some(part.part_number) == last;
                prop_assert!(is_last || part.part_size >= MIN);
                prop_assert!(is_last || part.part_offset.is_none() || part.part_size % 64 == 0);
                prop_assert!(part.part_offset.is_none_or(|offset| offset == 0 || part.hash_ctx.is_some()));
                prop_assert_eq!(part.part_offset.is_some(), parts[0].part_offset.is_some());
            }
        }
    }
}

#[test]
fn complete_file() {
    assert_eq!(wire(&CompleteFile::new("f")), "POST /files/complete\n{\"fileId\":\"f\"}");
    assert_eq!(
        wire(&CompleteFile::new("f").sha256("ab").share_folder_id("s")),
        "POST /files/complete\nx-hw-share-folder-id: s\n{\"fileId\":\"f\",\"sha256\":\"ab\"}",
    );
}
