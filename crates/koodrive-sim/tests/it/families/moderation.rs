use koodrive_proto::ops::moderation::*;

use crate::families::backup::register;
use crate::families::{ADMIN, Drive};
use koodrive_proto::ops::files::RenameFile;
use koodrive_proto::transfer::Digest;

#[test]
fn what_was_judged_is_delivered_as_a_warning() {
    let drive = Drive::new();
    let space = drive.space_of(ADMIN);
    let bytes = vec![7; 1024];
    let id = drive.put(&space, "root", "a.jpg", &bytes);
    let before = drive.link(&space, &id);
    let judge = |verdict| {
        drive.ok(&ModerateFiles::new([FileVerdict::new(Digest::of(&bytes).to_string(), 1024, verdict)]));
    };
    for verdict in [Verdict::LowSensitivity, Verdict::HighSensitivity] {
        judge(verdict);
        for link in [&before, &drive.link(&space, &id)] {
            let warning = String::from_utf8(drive.read(link)).unwrap();
            assert!(warning.contains("sensitive"), "{warning}");
        }
    }
    // The record stays as it was, and who judges sees the original.
    assert_eq!(drive.detail(&space, &id).size, Some(1024));
    drive.ok(&RenameFile::new(&*id, &*space, "b.jpg"));
    let listed = drive.ok(&ListModeratedFiles::new().has_url(true)).files.remove(0);
    assert_eq!(drive.read(listed.download_url.unwrap().as_str()), bytes);
    judge(Verdict::Normal);
    assert_eq!(drive.read(&before), bytes);
}

#[test]
fn verdicts_are_recorded_replaced_and_listed() {
    let drive = Drive::new();
    register(&drive, ADMIN, "root", &[("a.jpg", "image/jpeg")]);
    let sha256 = |number: usize| format!("{number:064}");
    let verdict = |number, verdict| FileVerdict::new(sha256(number), 1024, verdict);
    let judge = [
        verdict(9, Verdict::HighSensitivity).detail("{}"),
        verdict(7, Verdict::Normal),
        verdict(5, Verdict::LowSensitivity),
        verdict(3, Verdict::LowSensitivity),
    ];
    drive.ok(&ModerateFiles::new(judge));
    let shas = |files: &[ModeratedFile]| files.iter().map(|file| file.sha256.clone().unwrap()).collect::<Vec<_>>();

    // Normal files can be asked for, but are not listed. What wasn't judged is left out.
    let ask = [7, 1, 9].map(|number| FileFeature::new(sha256(number), 1024));
    let files = drive.ok(&GetModeratedFiles::new(ask)).files;
    assert_eq!(shas(&files), [sha256(7), sha256(9)]);
    assert_eq!((files[1].verdict, files[1].detail.as_deref()), (Some(Verdict::HighSensitivity), Some("{}")));
    assert_eq!(drive.ok(&GetModeratedFiles::new([FileFeature::new(sha256(7), 1)])).files, []);

    let page = drive.ok(&ListModeratedFiles::new().page_size(2));
    assert_eq!(shas(&page.files), [sha256(9), sha256(5)]);
    assert_eq!(page.files[0].judge, Some(Judge::Human));
    let rest = drive.ok(&ListModeratedFiles::new().page_size(2).cursor(page.next_cursor.unwrap()));
    assert_eq!((shas(&rest.files), rest.next_cursor), (vec![sha256(3)], None));

    // Only a file that is in the drive has a link.
    let linked = drive.ok(&ListModeratedFiles::new().has_url(true)).files;
    let links: Vec<bool> = linked.iter().map(|file| file.download_url.is_some()).collect();
    assert_eq!(links, [false, true, false]);

    // SHA-256 is the same in capitals.
    let known = drive.ok(&GetModeratedFiles::new([FileFeature::new("AB".repeat(32), 1)])).files;
    assert_eq!(known, []);
    drive.ok(&ModerateFiles::new([FileVerdict::new("AB".repeat(32), 1, Verdict::Normal)]));
    let known = drive.ok(&GetModeratedFiles::new([FileFeature::new("ab".repeat(32), 1)])).files;
    assert_eq!(shas(&known), ["ab".repeat(32)]);

    drive.ok(&ModerateFiles::new([verdict(9, Verdict::Normal)]));
    assert_eq!(shas(&drive.ok(&ListModeratedFiles::new()).files), [sha256(5), sha256(3)]);
    let files = drive.ok(&GetModeratedFiles::new([FileFeature::new(sha256(9), 1024)])).files;
    assert_eq!((files[0].verdict, &files[0].detail), (Some(Verdict::Normal), &None));
}
