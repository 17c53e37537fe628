use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::ops::archives::ListArchive;
use koodrive_proto::ops::jobs::{
    CreateJob, GetJob, JobAction, JobFile, JobResult, JobType, TaskInfo, UncompressedType,
};
use koodrive_proto::ops::moderation::{FileVerdict, ModerateFiles, Verdict};
use koodrive_proto::transfer::Digest;

use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{ADMIN, Drive};

#[test]
fn an_archive_is_listed_by_a_job_or_at_once() {
    let mut drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    let zip = drive.file(ADMIN, &space, "root", "a.ZIP", 4);
    let folder = drive.folder(&space, "root", "b.zip");
    let text = drive.file(ADMIN, &space, "root", "c.txt", 1);

    let list = ListArchive::new(&*space, &*zip);
    let later = drive.ok(&list);
    assert!(later.entries.is_empty());
    let id = later.task_id.unwrap();
    assert!(!drive.ok(&GetJob::new(&*id)).is_over());
    drive.pass(1);
    let job = drive.ok(&GetJob::new(&*id));
    assert!(job.is_over());
    assert_eq!(job.uncompressed_file_list.len(), 2);

    drive.simulator = drive.simulator.job_time(TimeDelta::zero());
    let now = drive.ok(&list.clone().password("secret"));
    let entries: Vec<_> =
        now.entries.iter().map(|entry| (entry.name.as_deref().unwrap(), entry.kind.unwrap())).collect();
    let (file, dir) = (UncompressedType::File, UncompressedType::Folder);
    assert_eq!(entries, [("a.txt", file), ("b", dir), ("b/c.txt", file)]);
    assert_eq!((now.task_id, now.entries[2].file_size), (None, Some(2048)));

    // A zip that can be read has what it has.
    let mut real = ZipWriter::new(Cursor::new(Vec::new()));
    let written = zip::DateTime::from_date_and_time(2025, 11, 20, 7, 0, 8).unwrap();
    let options = SimpleFileOptions::default().last_modified_time(written);
    real.start_file("Fotos/Grüße.txt", options).unwrap();
    real.write_all(&[1; 3000]).unwrap();
    let bytes = real.finish().unwrap().into_inner();
    let real = drive.put(&space, "root", "real.zip", &bytes);
    let list_real = ListArchive::new(&*space, &*real);
    let entries = drive.ok(&list_real).entries;
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| (entry.name.as_deref().unwrap(), entry.kind.unwrap(), entry.file_size, entry.update_at))
        .collect();
    let time = Some(1_763_622_008_000);
    assert_eq!(rows, [("Fotos", dir, Some(0), time), ("Fotos/Grüße.txt", file, Some(3000), time)]);

    // What is in an archive that was judged is as hidden as the archive.
    let judge = |verdict| {
        let digest = Digest::of(&bytes).to_string();
        drive.ok(&ModerateFiles::new([FileVerdict::new(digest, bytes.len() as u64, verdict)]));
    };
    judge(Verdict::LowSensitivity);
    assert_eq!(drive.code(&list_real), "13000102");
    let extract = TaskInfo::new([JobFile::new(&*real)], &*space);
    let extract = CreateJob::new(JobType::Decompress, extract, &*space).action_type(JobAction::ExtractAll);
    let extract = drive.ok(&extract);
    let extracted = drive.ok(&GetJob::new(extract)).job_info.unwrap();
    assert_eq!(extracted.task_result_code, Some(JobResult::Failed));
    judge(Verdict::Normal);
    assert_eq!(drive.ok(&list_real).entries.len(), 2);

    assert_eq!(drive.code(&ListArchive::new(&*space, &*folder)), "13000406");
    assert_eq!(drive.code(&ListArchive::new(&*space, &*text)), "13000102");
    assert_eq!(drive.code(&ListArchive::new(&*space, "F1")), "13000309");
    assert_eq!(drive.code(&ListArchive::new("1", &*zip)), "13000301");
    assert_eq!(drive.code_for("8", &list), "13000410");
}
