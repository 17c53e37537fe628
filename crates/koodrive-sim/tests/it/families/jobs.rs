use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::ops::jobs::{
    CancelJob, CreateJob, GetJob, JobAction, JobDetail, JobFile, JobResult, JobStatus, JobType, ListJobs, TaskInfo,
    UncompressedType,
};
use koodrive_proto::ops::service::SetPackageDownloadExpires;
use koodrive_proto::ops::spaces::{GetSpaces, SpaceType};

use koodrive_proto::http::Method;
use koodrive_proto::ops::moderation::{FileVerdict, ModerateFiles, Verdict};
use koodrive_proto::transfer::Digest;
use koodrive_sim::Limits;
use std::io::{Cursor, Read};
use zip::ZipArchive;
use zip::write::SimpleFileOptions;

use super::{ADMIN, Drive};

/// A drive on which a job takes so many seconds.
fn drive(seconds: i64) -> Drive {
    let mut drive = Drive::new();
    drive.simulator = drive.simulator.job_time(TimeDelta::seconds(seconds));
    drive
}

fn task<'a>(space: &str, files: impl IntoIterator<Item = &'a String>) -> TaskInfo {
    let files = files.into_iter().map(|id| JobFile::new(&**id).file_path(format!("/root/{id}")));
    TaskInfo::new(files.collect::<Vec<_>>(), space)
}

/// Has a job done, and returns what became of it.
fn done(drive: &mut Drive, job: &CreateJob) -> JobDetail {
    let id = drive.ok(job);
    drive.pass(60);
    let detail = drive.ok(&GetJob::new(id));
    assert!(detail.is_over());
    detail
}

fn result(detail: &JobDetail) -> (JobResult, Option<i64>) {
    let info = detail.job_info.as_ref().unwrap();
    (info.task_result_code.unwrap(), info.result_code)
}

const GOOD: (JobResult, Option<i64>) = (JobResult::Succeeded, None);

#[test]
fn a_job_takes_time_and_can_be_cancelled_half_way() {
    let mut drive = drive(8).user("8");
    let space = drive.space_of(ADMIN);
    let folder = drive.folder(&space, "root", "New");
    let files: Vec<String> = (1..=4).map(|n| drive.file(ADMIN, &space, "root", &format!("{n}.txt"), 1)).collect();
    let path = format!("/root/{folder}");
    let job = CreateJob::new(JobType::Move, task(&space, &files).new_file_path(path), &*space);
    let id = drive.ok(&job.action_type(JobAction::Move));

    let look = |drive: &Drive| {
        let detail = drive.ok(&GetJob::new(&*id));
        let states: Vec<String> = detail.task_infos.iter().map(|task| task.status.clone().unwrap()).collect();
        let info = detail.job_info.unwrap();
        let times = (info.begin_time.is_some(), info.end_time.is_some());
        (info.status.unwrap(), info.progress.unwrap(), times, states.concat())
    };
    assert_eq!(look(&drive), (JobStatus::Waiting, 0, (false, false), "0000".into()));
    drive.pass(4);
    assert_eq!(look(&drive), (JobStatus::Running, 0, (true, false), "0000".into()));
    drive.pass(2);
    assert_eq!(look(&drive), (JobStatus::Running, 50, (true, false), "1100".into()));
    assert_eq!(drive.names(ADMIN, &space, &folder), ["1.txt", "2.txt"]);
    // A file is as old as its move, not as the call that came later.
    assert_eq!(drive.detail(&space, &files[0]).edited_time.unwrap(), "2025-11-20T07:00:05.000Z");

    assert_eq!(drive.code_for("8", &GetJob::new(&*id)), "13000309");
    assert_eq!(drive.code_for("8", &CancelJob::new(&*id)), "13000309");
    drive.ok(&CancelJob::new(&*id));
    assert_eq!(drive.code(&CancelJob::new(&*id)), "13000102");
    drive.pass(60);
    assert_eq!(look(&drive), (JobStatus::Cancelled, 50, (true, true), "1100".into()));
    assert_eq!(drive.names(ADMIN, &space, &folder), ["1.txt", "2.txt"]);

    // A job that waits can be cancelled too, and then does nothing. One that has ended can't.
    let job = CreateJob::new(JobType::Copy, task(&space, &files[2..]), &*space);
    let waiting = drive.ok(&job);
    drive.ok(&CancelJob::new(&*waiting));
    let finished = drive.ok(&job);
    drive.pass(8);
    assert_eq!(drive.code(&CancelJob::new(finished)), "13000102");
    assert!(drive.ok(&GetJob::new(waiting)).job_info.unwrap().begin_time.is_none());
    assert_eq!(drive.names(ADMIN, &space, "root").len(), 5);
}

#[test]
fn what_is_due_stands_even_if_the_call_that_comes_is_refused() {
    let mut drive = drive(8);
    let space = drive.space_of(ADMIN);
    let file = drive.file(ADMIN, &space, "root", "a.txt", 1);
    let id = drive.ok(&CreateJob::new(JobType::Copy, task(&space, [&file]), &*space));
    drive.pass(8);
    assert_eq!(drive.code(&GetJob::new("1")), "13000309");
    // Nothing is due at this time, so the refused call has done it.
    drive.pass(-8);
    let detail = drive.ok(&GetJob::new(id));
    assert_eq!(result(&detail), GOOD);
    let copy = detail.task_infos[0].new_file_id.as_ref().unwrap();
    assert_eq!(drive.detail(&space, copy.as_str()).file_name.unwrap(), "a_20251120_150008.txt");
}

#[test]
fn each_kind_of_job_does_its_work() {
    let mut drive = drive(1);
    drive.simulator = drive.simulator.space("232323", SpaceType::Individual, 1);
    let space = drive.space_of(ADMIN);
    let folder = drive.folder(&space, "root", "Folder");
    let (a, b) = (drive.file(ADMIN, &space, &folder, "a.zip", 4), drive.file(ADMIN, &space, "root", "b.txt", 2));
    let job = |kind, task| CreateJob::new(kind, task, &*space);

    let copy = done(&mut drive, &job(JobType::Copy, task(&space, [&folder])).action_type(JobAction::Copy));
    let (info, copied) = (copy.job_info.as_ref().unwrap(), copy.task_infos[0].new_file_id.clone().unwrap());
    assert_eq!((result(&copy), info.content_num, info.progress), (GOOD, Some(1), Some(100)));
    assert_eq!(info.user_id.as_deref(), Some("40086000004871666-7"));
    assert_eq!(drive.names(ADMIN, &space, copied.as_str()), ["a.zip"]);
    assert_eq!(drive.used(ADMIN), 10);

    let recycle = job(JobType::Delete, task(&space, [&a, &b])).action_type(JobAction::Recycle);
    assert_eq!(result(&done(&mut drive, &recycle)), GOOD);
    assert_eq!((drive.bin(&space).concat().as_str(), drive.used(ADMIN)), ("a.zipb.txt", 10));
    // What is in the bin already fails, and what isn't there.
    let missing = "F1".to_owned();
    let half = job(JobType::Delete, task(&space, [&b, &folder, &missing])).action_type(JobAction::Recycle);
    let half = done(&mut drive, &half);
    assert_eq!(result(&half), (JobResult::PartlyFailed, Some(13_000_306)));
    let states: Vec<&str> = half.task_infos.iter().map(|task| task.status.as_deref().unwrap()).collect();
    assert_eq!(states, ["2", "1", "2"]);
    let restore = done(&mut drive, &job(JobType::Restore, task(&space, [&folder, &a])));
    assert_eq!((result(&restore), drive.bin(&space)), (GOOD, vec!["b.txt".to_owned()]));
    let restore = done(&mut drive, &job(JobType::Restore, task(&space, [&a])));
    assert_eq!(result(&restore), (JobResult::Failed, Some(13_000_303)));
    assert_eq!(drive.names(ADMIN, &space, &folder), ["a.zip"]);

    let clear = job(JobType::ClearRecycleBin, task(&space, [])).action_type(JobAction::ClearRecycleBin);
    let cleared = done(&mut drive, &clear);
    assert_eq!((result(&cleared), cleared.task_infos.len(), drive.bin(&space).len()), (GOOD, 1, 0));
    assert_eq!(drive.used(ADMIN), 8);
    assert_eq!(result(&done(&mut drive, &clear)), GOOD);
    let copied = copied.to_string();
    let delete = job(JobType::Delete, task(&space, [&copied])).action_type(JobAction::Delete);
    assert_eq!(result(&done(&mut drive, &delete)), GOOD);
    assert_eq!(drive.used(ADMIN), 4);

    let moving = job(JobType::Move, task(&space, [&a]));
    assert_eq!(result(&done(&mut drive, &moving)), GOOD);
    assert_eq!(result(&done(&mut drive, &moving)), (JobResult::Failed, Some(13_000_312)));
    let nested = task(&space, [&folder]).new_file_path(format!("/root/{folder}"));
    assert_eq!(result(&done(&mut drive, &job(JobType::Move, nested))), (JobResult::Failed, Some(13_000_307)));

    let packed = done(&mut drive, &job(JobType::PackageDownload, task(&space, [&folder, &a])));
    assert_eq!(result(&packed), GOOD);
    // The package is kept as long as the settings say.
    let packed = packed.job_info.unwrap();
    let look = |drive: &Drive| {
        let id = packed.task_id.as_deref().unwrap();
        drive.ok(&GetJob::new(id)).job_info.unwrap().download_url.is_some()
    };
    assert!(packed.download_url.is_some());
    drive.ok(&SetPackageDownloadExpires::new().package_download_expires(2));
    drive.pass(2 * 24 * 3600 - 60);
    assert!(look(&drive));
    drive.pass(60);
    assert!(!look(&drive));
    let none = done(&mut drive, &job(JobType::PackageDownload, task(&space, [&b])));
    assert_eq!(result(&none), (JobResult::Failed, Some(13_000_309)));
    assert!(none.job_info.unwrap().download_url.is_none());
}

/// What is in a zip: the paths, with the bytes of files.
fn unzip(zip: Vec<u8>) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(zip)).unwrap();
    let count = zip.len();
    let read = |at| {
        let mut file = zip.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        (file.name().to_owned(), bytes)
    };
    (0..count).map(read).collect()
}

#[test]
fn a_package_is_a_zip_and_a_zip_is_unpacked() {
    let mut drive = drive(1);
    let space = drive.space_of(ADMIN);
    let (one, two) = (drive.folder(&space, "root", "One"), drive.folder(&space, "root", "Two"));
    let first = drive.put(&space, &one, "发票.txt", b"first");
    let second = drive.put(&space, &two, "发票.txt", b"second");
    let deep = drive.folder(&space, &one, "Deep");
    drive.put(&space, &deep, "empty", b"");
    drive.put(&space, &deep, "bad", b"to be judged");
    let verdict = FileVerdict::new(Digest::of(b"to be judged").to_string(), 12, Verdict::HighSensitivity);
    drive.ok(&ModerateFiles::new([verdict]));
    let job = |kind, task: TaskInfo| CreateJob::new(kind, task, &*space);

    let gone = "F1".to_owned();
    let pack = job(JobType::PackageDownload, task(&space, [&first, &gone, &second, &one]));
    let packed = done(&mut drive, &pack);
    assert_eq!(result(&packed), (JobResult::PartlyFailed, Some(13_000_309)));
    let link = packed.job_info.as_ref().unwrap().download_url.as_ref().unwrap().as_str();
    let package = drive.read(link);
    let entry = |path: &str, bytes: &[u8]| (path.to_owned(), bytes.to_vec());
    let expected = [
        entry("发票.txt", b"first"),
        entry("发票(1).txt", b"second"),
        entry("One/", b""),
        entry("One/发票.txt", b"first"),
        entry("One/Deep/", b""),
        entry("One/Deep/empty", b""),
    ];
    let sorted = |mut entries: Vec<_>| {
        entries.sort();
        entries
    };
    assert_eq!(sorted(unzip(package.clone())), sorted(expected.to_vec()));
    // It stays what it was when it was packed, and can be read in parts.
    drive.ok(&job(JobType::Delete, task(&space, [&first])).action_type(JobAction::Delete));
    drive.pass(1);
    let part = drive.to_link(&Method::GET, link, &[("range", "bytes=4-99")], b"");
    assert_eq!(part.body()[..], package[4..100]);

    // There and back again.
    let zip = drive.put(&space, "root", "back.zip", &package);
    let all = done(&mut drive, &job(JobType::Decompress, task(&space, [&zip])).action_type(JobAction::ExtractAll));
    assert_eq!(result(&all), GOOD);
    let top = all.task_infos[0].new_file_id.as_ref().unwrap().as_str();
    assert_eq!(drive.names(ADMIN, &space, top), ["One", "发票(1).txt", "发票.txt"]);
    let again = done(&mut drive, &job(JobType::PackageDownload, task(&space, [&top.to_owned()])));
    let again = unzip(drive.read(again.job_info.unwrap().download_url.unwrap().as_str()));
    let inside = |(path, bytes): &(String, Vec<u8>)| Some((path.strip_prefix("back/")?.to_owned(), bytes.clone()));
    let inside = again.iter().filter_map(inside).filter(|(path, _)| !path.is_empty()).collect();
    assert_eq!(sorted(inside), sorted(expected.to_vec()));
    let part = job(JobType::Decompress, task(&space, [&zip]).uncompress_file_paths(["One/Deep"]));
    let part = done(&mut drive, &part.action_type(JobAction::ExtractPart));
    let top = part.task_infos[0].new_file_id.as_ref().unwrap().as_str();
    assert_eq!(drive.names(ADMIN, &space, top), ["One"]);
}

#[test]
fn what_is_too_large_is_neither_packed_nor_unpacked() {
    let mut drive = drive(1);
    let space = drive.space_of(ADMIN);
    let mut bomb = zip::ZipWriter::new(Cursor::new(Vec::new()));
    bomb.start_file("zeros", SimpleFileOptions::default()).unwrap();
    std::io::copy(&mut std::io::repeat(0).take(9 << 20), &mut bomb).unwrap();
    let bomb = bomb.finish().unwrap().into_inner();
    assert!(bomb.len() < 64 << 10);
    let small = drive.put(&space, "root", "bomb.zip", &bomb);
    let job = |kind, file: &String| CreateJob::new(kind, task(&space, [file]), &*space);
    let unpack = job(JobType::Decompress, &small).action_type(JobAction::ExtractAll);
    let used = drive.used(ADMIN);

    // In memory, there is room only for so many bytes.
    drive.simulator = drive.simulator.limits(Limits::new().objects(8 << 20));
    assert_eq!(result(&done(&mut drive, &unpack)), (JobResult::Failed, Some(13_000_102)));
    assert_eq!((drive.names(ADMIN, &space, "root"), drive.used(ADMIN)), (vec!["bomb.zip".to_owned()], used));
    drive.simulator = drive.simulator.limits(Limits::new().objects(10 << 20));
    let unpacked = done(&mut drive, &unpack);
    assert_eq!(result(&unpacked), GOOD);
    let top = unpacked.task_infos[0].new_file_id.as_ref().unwrap().as_str().to_owned();
    let packed = done(&mut drive, &job(JobType::PackageDownload, &top));
    assert_eq!(result(&packed), (JobResult::Failed, Some(13_000_408)));
    assert!(packed.job_info.unwrap().download_url.is_none());

    // What was unpacked gives its room back once it is deleted for good.
    drive.ok(&job(JobType::Delete, &top).action_type(JobAction::Delete));
    drive.pass(1);
    assert_eq!(drive.used(ADMIN), used);
    assert_eq!(result(&done(&mut drive, &unpack)), GOOD);

    // A space has as much room as it has.
    let fill = r#"{"files": [{"owner": "7", "path": "large", "size": 1060000000}]}"#;
    drive.simulator.seed(fill).unwrap();
    assert_eq!(result(&done(&mut drive, &unpack)), (JobResult::Failed, Some(13_000_311)));
}

#[test]
fn a_package_gives_its_room_back_when_it_ends() {
    let mut drive = drive(1);
    let space = drive.space_of(ADMIN);
    let file = drive.put(&space, "root", "a", &vec![7; 100_000]);
    drive.simulator = drive.simulator.limits(Limits::new().objects(250_000));
    let pack = CreateJob::new(JobType::PackageDownload, task(&space, [&file]), &*space);
    let full = (JobResult::Failed, Some(13_000_408));
    assert_eq!(result(&done(&mut drive, &pack)), GOOD);
    assert_eq!(result(&done(&mut drive, &pack)), full);
    // The answer has a code, and who runs the simulator can see why.
    let seen = drive.simulator.ledger().pop().unwrap();
    assert_eq!(seen.refused, None);
    assert!(seen.failure.as_ref().unwrap().contains("250000"), "{seen:?}");
    assert!(seen.to_string().contains("user 7, the job failed: there is no package: "), "{seen}");
    drive.pass(7 * 24 * 3600);
    assert_eq!(result(&done(&mut drive, &pack)), GOOD);
    assert_eq!(drive.simulator.ledger().pop().unwrap().failure, None);
    // It is so if a package ends earlier than when it was made.
    drive.pass(24 * 3600);
    assert_eq!(result(&done(&mut drive, &pack)), full);
    drive.ok(&SetPackageDownloadExpires::new().package_download_expires(1));
    assert_eq!(result(&done(&mut drive, &pack)), GOOD);
    // Or if it ends later: only then.
    drive.ok(&SetPackageDownloadExpires::new().package_download_expires(30));
    drive.pass(29 * 24 * 3600);
    assert_eq!(result(&done(&mut drive, &pack)), full);
    drive.pass(24 * 3600);
    assert_eq!(result(&done(&mut drive, &pack)), GOOD);
    // A file that fails has a reason as well.
    drive.ok(&CreateJob::new(JobType::Delete, task(&space, [&file]), &*space).action_type(JobAction::Delete));
    drive.pass(1);
    assert_eq!(result(&done(&mut drive, &pack)), (JobResult::Failed, Some(13_000_309)));
    assert_eq!(drive.simulator.ledger().pop().unwrap().failure.as_deref(), Some("there is no such file"));
}

#[test]
fn archives_are_looked_into_and_extracted() {
    let mut drive = drive(1);
    let space = drive.space_of(ADMIN);
    let folder = drive.folder(&space, "root", "Out");
    let (zip, text) = (drive.file(ADMIN, &space, "root", "a.zip", 4), drive.file(ADMIN, &space, "root", "b.txt", 2));
    let job = |action, task: TaskInfo| CreateJob::new(JobType::Decompress, task, &*space).action_type(action);

    let look = done(&mut drive, &job(JobAction::LookIntoArchive, task(&space, [&zip])));
    let kinds: Vec<_> = look.uncompressed_file_list.iter().map(|file| file.kind.unwrap()).collect();
    assert_eq!((result(&look), kinds), (GOOD, vec![UncompressedType::File, UncompressedType::Folder]));
    assert_eq!(look.uncompressed_file_list[1].sub_file_list[0].kind, Some(UncompressedType::File));
    assert_eq!(drive.used(ADMIN), 6);

    let all = task(&space, [&zip]).new_file_path(format!("/root/{folder}"));
    let all = done(&mut drive, &job(JobAction::ExtractAll, all));
    let top = all.task_infos[0].new_file_id.clone().unwrap();
    assert_eq!(drive.names(ADMIN, &space, &folder), ["a"]);
    assert_eq!(drive.names(ADMIN, &space, top.as_str()), ["a.txt", "b"]);
    assert_eq!(drive.used(ADMIN), 9);
    let part = |path: &str| job(JobAction::ExtractPart, task(&space, [&zip]).uncompress_file_paths([path]));
    let part_of = done(&mut drive, &part("b/c.txt"));
    let top = part_of.task_infos[0].new_file_id.clone().unwrap();
    assert_eq!(drive.names(ADMIN, &space, top.as_str()), ["b"]);
    assert_eq!(drive.used(ADMIN), 11);

    assert_eq!(result(&done(&mut drive, &part("c.txt"))), (JobResult::Failed, Some(13_000_309)));
    let no_archive = done(&mut drive, &job(JobAction::ExtractAll, task(&space, [&text])));
    assert_eq!(result(&no_archive), (JobResult::Failed, Some(13_000_102)));
    assert!(no_archive.uncompressed_file_list.is_empty());
    assert_eq!(drive.code(&job(JobAction::ExtractPart, task(&space, [&zip]))), "13000102");
}

#[test]
fn between_spaces_all_of_a_file_fits_or_nothing() {
    let mut drive = drive(1).user("8");
    let space = drive.space_of(ADMIN);
    drive.simulator = drive.simulator.space(ADMIN, SpaceType::Individual, 1);
    let spaces = drive.ok(&GetSpaces::new(ADMIN, SpaceType::Individual));
    let small = spaces.into_iter().filter_map(|space| space.container_id).find(|id| *id != *space).unwrap();
    let used = |drive: &Drive| -> Vec<i64> {
        drive
            .ok(&GetSpaces::new(ADMIN, SpaceType::Individual))
            .into_iter()
            .map(|space| space.space_used.unwrap())
            .collect()
    };
    let small = small.to_string();
    let folder = drive.folder(&space, "root", "Big");
    let half_gb: u32 = 512 * 1024;
    let first = drive.file(ADMIN, &space, &folder, "1.bin", half_gb.into());
    drive.file(ADMIN, &space, &folder, "2.bin", half_gb.into());
    let filler = drive.file(ADMIN, &small, "root", "3.bin", 1);

    let copy = CreateJob::new(JobType::Copy, task(&space, [&folder, &first]), &*small);
    let copy = done(&mut drive, &copy);
    // The folder is too large, and leaves nothing behind; its first file fits.
    assert_eq!(result(&copy), (JobResult::PartlyFailed, Some(13_000_311)));
    assert_eq!(drive.names(ADMIN, &small, "root"), ["1.bin", "3.bin"]);
    let half_gb = i64::from(half_gb);
    assert_eq!(used(&drive), [2 * half_gb, half_gb + 1]);
    let moving = CreateJob::new(JobType::Move, task(&small, [&filler]), &*space);
    assert_eq!(result(&done(&mut drive, &moving)), (JobResult::Failed, Some(13_000_311)));
    let wrong = CreateJob::new(JobType::Copy, task(&small, [&first]), &*small);
    assert_eq!(result(&done(&mut drive, &wrong)), (JobResult::Failed, Some(13_000_302)));

    // What can be known at once is refused at once.
    let others = drive.space_of("8");
    let job = |task, target: &str| CreateJob::new(JobType::Copy, task, target);
    assert_eq!(drive.code(&job(task(&space, [&first]), &others)), "13000410");
    assert_eq!(drive.code(&job(task(&space, [&first]), "1")), "13000301");
    assert_eq!(drive.code(&job(task(&others, [&first]), &space)), "13000410");
    let into = |folder: &str| task(&space, [&first]).new_file_path(format!("/root/{folder}"));
    assert_eq!(drive.code(&job(into(&first), &space)), "13000304");
    assert_eq!(drive.code(&job(into(&folder), &small)), "13000302");
    let recycle = CreateJob::new(JobType::Delete, task(&space, [&folder]), &*space).action_type(JobAction::Recycle);
    done(&mut drive, &recycle);
    assert_eq!(drive.code(&job(into(&folder), &space)), "13000305");
    let mixed = job(task(&space, [&first]), &space).action_type(JobAction::Move);
    assert_eq!(drive.code(&mixed), "13000102");
}

#[test]
fn jobs_are_listed_newest_first_and_the_oldest_are_dropped() {
    let mut drive = drive(0).user("8");
    let space = drive.space_of(ADMIN);
    let clear = CreateJob::new(JobType::ClearRecycleBin, task(&space, []), &*space);
    let restore = CreateJob::new(JobType::Restore, task(&space, [&"F1".to_owned()]), &*space);
    let mut ids: Vec<String> = (0..4).map(|_| drive.ok(&clear)).collect();
    ids.push(drive.ok(&restore));
    ids.reverse();
    let listed =
        |list: ListJobs| -> Vec<String> { drive.ok(&list).into_iter().map(|job| job.task_id.unwrap()).collect() };
    let pages = [0, 2, 4, 6].map(|offset| listed(ListJobs::new(offset, 2)));
    assert_eq!((pages[1].len(), pages[2].len(), pages[3].len(), pages.concat()), (2, 1, 0, ids.clone()));
    assert_eq!(listed(ListJobs::new(0, 100).kind(JobType::Restore)), ids[..1]);
    assert_eq!(drive.ok(&ListJobs::new(3, 100).status(JobStatus::Finished)).len(), 2);
    assert_eq!(drive.ok(&ListJobs::new(0, 100).status(JobStatus::Running)).len(), 0);
    assert_eq!(drive.call("8", &ListJobs::new(0, 100)).unwrap().len(), 0);

    drive.simulator = drive.simulator.job_time(TimeDelta::seconds(60));
    let open = drive.ok(&clear);
    drive.simulator = drive.simulator.job_time(TimeDelta::zero());
    for _ in 0..10_000 {
        drive.ok(&clear);
    }
    assert_eq!(drive.code(&GetJob::new(&*ids[0])), "13000309");
    assert_eq!(drive.ok(&ListJobs::new(9_990, 100)).len(), 10);
    assert!(!drive.ok(&GetJob::new(open)).is_over());
}

#[test]
fn jobs_are_bounded_and_so_is_what_comes_before_a_call() {
    let mut drive = drive(1);
    let space = drive.space_of(ADMIN);
    let job = |files: usize| {
        let files: Vec<String> = (0..files).map(|number| format!("F{number}")).collect();
        CreateJob::new(JobType::Delete, task(&space, &files), &*space)
    };
    assert_eq!(drive.code(&job(1001)), "13000102");
    let ids: Vec<_> = (0..11).map(|_| drive.ok(&job(1000))).collect();
    drive.pass(1);
    let over = |drive: &Drive| ids.iter().filter(|id| drive.ok(&GetJob::new((*id).clone())).is_over()).count();
    // 10,000 of the files before the first of these calls, and the others before the second.
    assert!(!drive.ok(&GetJob::new(ids[10].clone())).is_over());
    assert_eq!(over(&drive), 11);

    // Jobs that have ended make room for others, of which there can't be more than 100,000 files.
    let open: Vec<_> = (0..100).map(|_| drive.ok(&job(1000))).collect();
    assert_eq!(drive.code(&GetJob::new(ids[10].clone())), "13000309");
    assert_eq!(drive.code(&job(1)), "13000102");
    drive.ok(&CancelJob::new(&*open[50]));
    drive.ok(&job(1));
    assert_eq!(drive.code(&GetJob::new(&*open[50])), "13000309");
    assert!(!drive.ok(&GetJob::new(&*open[0])).is_over());
}
