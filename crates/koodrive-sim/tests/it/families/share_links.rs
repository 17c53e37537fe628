use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::ops::files::{SortDirection, SortType};
use koodrive_proto::ops::jobs::{JobResult, JobStatus};
use koodrive_proto::ops::share_links::{
    CreatePublicShareTask, CreateShareTask, DownloadPublicShareFile, DownloadShareFile, GetPublicShareInfo,
    GetPublicShareTask, GetShareInfo, GetShareTask, LinkedFilePage, ListPublicShareFiles, ListShareFiles, SaveTarget,
    ShareTask, ShareTaskFileStatus, ShareTaskType, VerifyExtractCode, VerifyPublicExtractCode, VisitPublicShare,
    VisitShare,
};
use koodrive_proto::ops::shares::{
    CancelShares, CreateShare, GetShareByMe, ListSharesByMe, ShareScope, ShareStatus, UpdateShare,
};

use super::shares::{recycle, share};
use crate::families::{ADMIN, Drive};
use koodrive_sim::Limits;

/// What a share, and all that a visitor needs.
struct Shared {
    id: String,
    link: String,
    space: String,
    top: String,
    inner: String,
    file: String,
}

/// Shares a folder with a folder and a file of 1 MB.
fn shared(drive: &Drive, name: &str, scope: ShareScope, change: impl FnOnce(CreateShare) -> CreateShare) -> Shared {
    let space = drive.space_of(ADMIN);
    let top = drive.folder(&space, "root", name);
    let inner = drive.folder(&space, &top, "inner");
    let file = drive.file(ADMIN, &space, &top, "picture.png", 1024);
    let made = share(drive, &change(CreateShare::new(scope, [&*top], &*space, 3)));
    Shared { id: made.share_id.unwrap(), link: made.short_url.unwrap().as_str().to_owned(), space, top, inner, file }
}

fn names(page: &LinkedFilePage) -> Vec<&str> {
    page.files.iter().map(|file| file.file_name.as_deref().unwrap()).collect()
}

fn counts(drive: &Drive, id: &str) -> [Option<i64>; 3] {
    let shares = drive.ok(&ListSharesByMe::new()).share_links;
    let share = shares.into_iter().find(|share| share.share_id.as_deref() == Some(id)).unwrap();
    [share.view_count, share.download_count, share.save_count]
}

#[test]
fn whoever_has_the_link_and_the_code_opens_a_share() {
    let mut drive = Drive::new().user("8");
    let outside = drive.file(ADMIN, &drive.space_of(ADMIN), "root", "secret.png", 1);
    let Shared { id, link, top, inner, file, .. } =
        shared(&drive, "top", ShareScope::Link, |share| share.extract_code("a1B2c3D4"));
    drive.pass(60);
    let (link, top, inner, file) = (&*link, &*top, &*inner, &*file);
    drive.call("8", &VisitShare::new(link)).unwrap();
    drive.call("", &VisitPublicShare::new(link)).unwrap();
    let info = drive.call("8", &GetShareInfo::new(link)).unwrap().link.unwrap();
    assert_eq!((info.share_id.as_ref(), info.owner_name.as_deref()), (Some(&id), Some("user 7")));
    assert_eq!(
        (info.expire_time.as_deref(), info.expire_date.as_deref()),
        (Some("2025-11-23T07:00:00.000Z"), Some("3"))
    );
    let info = drive.call("", &GetPublicShareInfo::new(link)).unwrap().link.unwrap();
    assert_eq!((info.share_id.as_ref(), info.owner_id.unwrap().as_str()), (Some(&id), "7"));

    // Nothing is shown before the code is verified, and for longer than the token is valid.
    assert_eq!(drive.code_for("8", &ListShareFiles::new(link)), "13000102");
    assert_eq!(drive.code_for("8", &VerifyExtractCode::new(link, "a1B2c3D5")), "13000102");
    assert_eq!(drive.code_for("", &VerifyPublicExtractCode::new(link, "A1B2C3D4")), "13000102");
    let token = drive.call("8", &VerifyExtractCode::new(link, "a1B2c3D4")).unwrap().share_token.unwrap();
    let token = token.as_str();
    let list = |folder: Option<&str>| {
        let list = ListShareFiles::new(link).share_token(token);
        match folder {
            Some(folder) => list.parent_folder(folder),
            None => list,
        }
    };
    assert_eq!(names(&drive.call("8", &list(None)).unwrap()), ["top"]);
    let within = drive.call("8", &list(Some(top)).sort_type(SortType::Name)).unwrap();
    assert_eq!(names(&within), ["picture.png", "inner"]);
    assert_eq!(within.files[0].size, Some(1 << 20));
    assert_eq!(names(&drive.call("8", &list(Some(top)).file_name("inn")).unwrap()), ["inner"]);
    let public = drive.call("", &ListPublicShareFiles::new(link).parent_folder(inner).share_token(token)).unwrap();
    assert_eq!((public.files.len(), public.link.unwrap().status), (0, Some(ShareStatus::UntilExpiry)));

    // Nothing outside of the share is found.
    assert_eq!(drive.code_for("8", &list(Some("root"))), "13000309");
    assert_eq!(drive.code_for("8", &list(Some(file))), "13000304");
    let download = |file: &str| DownloadShareFile::new(&*id, file).share_token(token);
    assert_eq!(drive.code_for("8", &download(&outside)), "13000309");
    assert_eq!(drive.code_for("8", &download(top)), "13000406");
    assert_eq!(drive.code_for("8", &DownloadShareFile::new(&*id, file)), "13000102");
    let url = drive.call("8", &download(file)).unwrap().download_url.unwrap();
    assert!(url.as_str().contains("X-Amz-Expires=3600"), "{}", url.as_str());
    let public = DownloadPublicShareFile::new(&*id, file).share_token(token);
    assert_eq!(drive.code_for("", &DownloadPublicShareFile::new(&*id, file).share_token("")), "13000102");
    drive.call("", &public).unwrap();

    // Views are counted if the call says so, and downloads always.
    assert_eq!(counts(&drive, &id), [Some(1), Some(2), Some(0)]);
    drive.call("8", &list(None).count_view(true)).unwrap();
    drive.call("8", &list(None).count_view(false)).unwrap();
    assert_eq!(counts(&drive, &id), [Some(2), Some(2), Some(0)]);

    // Tokens end with their time and with another code.
    drive.pass(3599);
    drive.call("8", &list(None)).unwrap();
    drive.pass(1);
    assert_eq!(drive.code_for("8", &list(None)), "13000102");
    let again = drive.call("8", &VerifyExtractCode::new(link, "a1B2c3D4")).unwrap().share_token.unwrap();
    drive.call("8", &ListShareFiles::new(link).share_token(again.as_str())).unwrap();
    drive.ok(&UpdateShare::new(&*id, 0).extract_code("AAAA1111"));
    assert_eq!(drive.code_for("8", &ListShareFiles::new(link).share_token(again.as_str())), "13000102");
    let other = shared(&drive, "other", ShareScope::Link, |share| share.extract_code("AAAA1111"));
    let foreign = drive.call("8", &VerifyExtractCode::new(&*other.link, "AAAA1111")).unwrap().share_token.unwrap();
    assert_eq!(drive.code_for("8", &ListShareFiles::new(link).share_token(foreign.as_str())), "13000102");
}

#[test]
fn who_may_open_what_and_until_when() {
    let mut drive = Drive::new().user("8").user("9");
    let anybody = shared(&drive, "anybody", ShareScope::Link, |share| share);
    let members = shared(&drive, "members", ShareScope::Enterprise, |share| share);
    let named = shared(&drive, "named", ShareScope::Named, |share| share.user_ids(["8"]));
    let visit = |drive: &Drive, user: &str, shared: &Shared| match user {
        "" => {
            drive.call("", &ListPublicShareFiles::new(&*shared.link)).map_err(|error| error.code().unwrap().to_owned())
        }
        _ => drive.call(user, &ListShareFiles::new(&*shared.link)).map_err(|error| error.code().unwrap().to_owned()),
    };
    let opens = |drive: &Drive, user: &str| {
        [&anybody, &members, &named]
            .map(|shared| visit(drive, user, shared).map_or_else(|code| code, |_| "open".to_owned()))
    };
    assert_eq!(opens(&drive, ""), ["open", "13000410", "13000410"]);
    assert_eq!(opens(&drive, "9"), ["open", "open", "13000410"]);
    assert_eq!(opens(&drive, "8"), ["open", "open", "open"]);
    assert_eq!(opens(&drive, ADMIN), ["open", "open", "open"]);
    assert_eq!(drive.code_for("8", &VisitShare::new("1")), "13000309");
    // A code isn't a wrong one only because there is none.
    assert_eq!(drive.code_for("8", &VerifyExtractCode::new(&*anybody.link, "a1B2c3D4")), "13000102");

    // What was shared and is in the recycle bin isn't there, and a share without files isn't either.
    recycle(&drive, &anybody.file);
    drive.pass(1);
    let list = ListShareFiles::new(&*anybody.link).parent_folder(&*anybody.top);
    assert_eq!(names(&drive.call("8", &list).unwrap()), ["inner"]);
    assert_eq!(drive.code_for("8", &DownloadShareFile::new(&*anybody.id, &*anybody.file)), "13000306");
    recycle(&drive, &anybody.top);
    drive.pass(1);
    assert_eq!(opens(&drive, "8"), ["13000309", "open", "open"]);
    drive.ok(&CancelShares::new().share_ids([&*members.id]));
    assert_eq!(opens(&drive, "8"), ["13000309", "13000309", "open"]);
    let status =
        |shared: &Shared| drive.call("8", &GetShareInfo::new(&*shared.link)).unwrap().link.unwrap().status.unwrap();
    let expected = [ShareStatus::FileDeleted, ShareStatus::Invalid, ShareStatus::UntilExpiry];
    assert_eq!([&anybody, &members, &named].map(status), expected);
    drive.pass(3 * 24 * 3600);
    assert_eq!(opens(&drive, "8"), ["13000309", "13000309", "13000309"]);
    assert_eq!(drive.code_for("", &VisitPublicShare::new(&*anybody.link)), "13000309");
    drive.ok(&UpdateShare::new(&*named.id, 1));
    assert_eq!(opens(&drive, "8"), ["13000309", "13000309", "open"]);
}

#[test]
fn pages_of_shared_files() {
    let drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    let top = drive.folder(&space, "root", "top");
    for size in [30, 10, 20, 50, 40] {
        drive.file(ADMIN, &space, &top, &format!("{size}.png"), size);
    }
    let link = CreateShare::new(ShareScope::Link, [&*top], space, 1);
    let link = share(&drive, &link).short_url.unwrap();
    let (mut cursor, mut read) = (None, Vec::new());
    loop {
        let list = ListShareFiles::new(link.as_str()).parent_folder(&*top).page_size(2);
        let mut list = list.sort_type(SortType::Size).sort_direction(SortDirection::Ascending);
        list.page_cursor = cursor;
        let page = drive.call("8", &list).unwrap();
        read.extend(names(&page).into_iter().map(str::to_owned));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(read, ["10.png", "20.png", "30.png", "40.png", "50.png"]);
}

#[test]
fn files_are_packed_and_saved_in_time() {
    let mut drive = Drive::new().user("8").user("9");
    drive.simulator = drive.simulator.job_time(TimeDelta::seconds(10));
    let shared = shared(&drive, "top", ShareScope::Link, |share| share);
    let Shared { id, link, space, top, inner, file: picture } = &shared;
    let big = drive.file(ADMIN, space, top, "big.png", 1 << 19);
    let theirs = drive.space_of("8");
    let save = |files: &[&str], target: &str| {
        let save = CreateShareTask::new(ShareTaskType::Save, &**space, files.to_vec(), &**id);
        save.target(SaveTarget::new(target, &*theirs))
    };
    let start = |drive: &Drive, task: &CreateShareTask| drive.call("8", task).unwrap().task_id.unwrap();
    let read = |drive: &Drive, task: &str| drive.call("8", &GetShareTask::new(task).share_id(&**id)).unwrap();
    let state = |task: &ShareTask| {
        let job = task.job.as_ref().unwrap();
        (job.status.unwrap(), job.task_result_code, job.progress.unwrap())
    };

    // Saving takes its time, and then the copies are there, whether somebody asks for the task or not.
    let saving = start(&drive, &save(&[top], "root"));
    // There is room for this one now, but not when the other one has ended.
    let late = start(&drive, &save(&[&big], "root"));
    assert_eq!(state(&read(&drive, &saving)), (JobStatus::Waiting, None, 0));
    drive.pass(5);
    assert_eq!(state(&read(&drive, &saving)), (JobStatus::Running, None, 50));
    assert_eq!(drive.used("8"), 0);
    drive.pass(5);
    assert_eq!(drive.used("8"), 513 * 1024);
    let done = read(&drive, &saving);
    assert_eq!(state(&done), (JobStatus::Finished, Some(JobResult::Succeeded), 100));
    assert!(done.is_over());
    let job = done.job.as_ref().unwrap();
    assert_eq!(
        (job.user_id.as_deref(), job.task_type, job.download_url.as_ref()),
        (Some("8"), Some(ShareTaskType::Save), None)
    );
    let times = [&job.create_time, &job.start_time, &job.end_time].map(Option::as_deref);
    assert_eq!(times, [Some("20251120070000"), Some("20251120070005"), Some("20251120070010")]);
    let [copied] = &*done.files else { panic!("{:?}", done.files) };
    assert_eq!(
        (copied.file_id.as_ref().unwrap().as_str(), copied.status.clone()),
        (&**top, Some(ShareTaskFileStatus::Succeeded))
    );
    // The copy is a folder of the new space, with all that is in it.
    let copy = copied.new_file_id.as_ref().unwrap();
    let again = CreateShare::new(ShareScope::Link, [copy.as_str()], &*theirs, 1);
    let again = drive.call("8", &again).unwrap().share_link.unwrap().short_url.unwrap();
    let list = ListShareFiles::new(again.as_str()).parent_folder(copy.as_str()).sort_type(SortType::Name);
    assert_eq!(names(&drive.call("8", &list).unwrap()), ["picture.png", "inner", "big.png"]);

    assert_eq!(state(&read(&drive, &late)), (JobStatus::Finished, Some(JobResult::Failed), 100));
    // What has no room from the beginning is refused; what is gone in between fails on its own.
    assert_eq!(drive.code_for("8", &save(&[&big], "root")), "13000311");
    recycle(&drive, inner);
    drive.pass(5);
    let saving = start(&drive, &save(&[inner, picture], "root"));
    drive.pass(10);
    let done = read(&drive, &saving);
    assert_eq!(state(&done), (JobStatus::Finished, Some(JobResult::PartlyFailed), 100));
    assert_eq!(
        (done.files[0].file_id.as_ref().unwrap().as_str(), done.files[0].status.clone()),
        (&**inner, Some(ShareTaskFileStatus::Failed))
    );
    assert_eq!(drive.used("8"), 514 * 1024);

    // Packing, for nobody in particular.
    let pack = CreatePublicShareTask::new(ShareTaskType::Pack, &**space, [&**picture], &**id).zip_name("p.zip");
    let packing = drive.call("", &pack).unwrap().task_id.unwrap();
    drive.pass(10);
    let read_public = GetPublicShareTask::new(&*packing).share_id(&**id);
    let done = drive.call("", &read_public).unwrap();
    assert_eq!(state(&done), (JobStatus::Finished, Some(JobResult::Succeeded), 100));
    let package = drive.read(done.job.unwrap().download_url.unwrap().as_str());
    let package = zip::ZipArchive::new(std::io::Cursor::new(package)).unwrap();
    assert_eq!(package.file_names().collect::<Vec<_>>(), ["picture.png"]);
    recycle(&drive, picture);
    drive.pass(5);
    let failing = drive.call("", &pack).unwrap().task_id.unwrap();
    drive.pass(10);
    let done = drive.call("", &GetPublicShareTask::new(&*failing).share_id(&**id)).unwrap();
    assert_eq!(state(&done), (JobStatus::Finished, Some(JobResult::Failed), 100));
    assert!(done.job.unwrap().download_url.is_none());
    assert_eq!(counts(&drive, id), [Some(0), Some(2), Some(3)]);

    // Tasks belong to a share and to who started them.
    assert_eq!(drive.code_for("9", &GetShareTask::new(&*saving).share_id(&**id)), "13000309");
    assert_eq!(drive.code_for("", &GetPublicShareTask::new(&*saving).share_id(&**id)), "13000309");
    assert_eq!(drive.code_for("8", &GetShareTask::new(&*saving).share_id("1")), "13000309");
    // What a task needs.
    assert_eq!(drive.code_for("8", &save(&[picture], "root")), "13000306");
    assert_eq!(drive.code_for("8", &save(&["F1"], "root")), "13000309");
    assert_eq!(drive.code_for("8", &save(&[&big], &big)), "13000302");
    assert_eq!(drive.code_for("9", &save(&[&big], "root")), "13000410");
    let elsewhere = CreateShareTask::new(ShareTaskType::Pack, &*theirs, [&*big], &**id).zip_name("p.zip");
    assert_eq!(drive.code_for("8", &elsewhere), "13000302");
    let target = SaveTarget::new("root", &*theirs);
    let nobody = CreatePublicShareTask::new(ShareTaskType::Save, &**space, [&*big], &**id).target(target);
    assert_eq!(drive.code_for("", &nobody), "13000410");
    drive.pass(3 * 24 * 3600);
    assert_eq!(drive.code_for("8", &save(&[&big], "root")), "13000309");
    assert_eq!(drive.code_for("8", &VisitShare::new(&**link)), "13000309");
    // The tasks of a share that has ended can still be read.
    assert!(read(&drive, &saving).is_over());
    let kept = |drive: &Drive| drive.call("", &read_public).unwrap().job.unwrap().download_url.is_some();
    assert!(kept(&drive));
    drive.pass(7 * 24 * 3600);
    assert!(!kept(&drive), "packages are kept for seven days");
}

#[test]
fn the_package_of_a_share_gives_its_room_back_when_it_ends() {
    let mut drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    let file = drive.put(&space, "root", "a", &vec![7; 100_000]);
    drive.simulator = drive.simulator.limits(Limits::new().objects(250_000));
    let made = share(&drive, &CreateShare::new(ShareScope::Link, [&*file], &*space, 30)).share_id.unwrap();
    let pack = CreateShareTask::new(ShareTaskType::Pack, &*space, [&*file], &*made).zip_name("p.zip");
    let mut pack = |later| {
        drive.pass(later);
        let id = drive.ok(&pack).task_id.unwrap();
        drive.pass(9);
        let done = drive.ok(&GetShareTask::new(&*id).share_id(&*made)).job.unwrap();
        let told = drive.simulator.ledger().pop().unwrap().failure;
        (done.task_result_code.unwrap(), told.is_some_and(|told| told.contains("250000")))
    };
    assert_eq!(pack(0), (JobResult::Succeeded, false));
    assert_eq!(pack(0), (JobResult::Failed, true));
    assert_eq!(pack(7 * 24 * 3600), (JobResult::Succeeded, false));
    // What fails before has a reason, too.
    assert_eq!(pack(0), (JobResult::Failed, true));
}

#[test]
fn only_the_latest_tasks_and_cancelled_shares_are_kept() {
    let mut drive = Drive::new().user("8");
    let shared = shared(&drive, "top", ShareScope::Link, |share| share);
    let Shared { id, space, top, file, .. } = &shared;
    let mut tasks = Vec::new();
    for _ in 0..101 {
        let pack = CreateShareTask::new(ShareTaskType::Pack, &**space, [&**file], &**id).zip_name("p.zip");
        tasks.push(drive.ok(&pack).task_id.unwrap());
        drive.pass(1);
    }
    let read = |task: &str| GetShareTask::new(task).share_id(&**id);
    assert_eq!(drive.code(&read(&tasks[0])), "13000309");
    for task in &tasks[1..] {
        assert!(drive.ok(&read(task)).is_over());
    }
    let mut ids = Vec::new();
    for _ in 0..101 {
        let made = share(&drive, &CreateShare::new(ShareScope::Link, [&**top], &**space, 1)).share_id.unwrap();
        drive.ok(&CancelShares::new().share_ids([&*made]));
        ids.push(made);
        drive.pass(1);
    }
    let kept = drive.ok(&ListSharesByMe::new().sort_direction(SortDirection::Ascending)).share_links;
    let kept: Vec<String> = kept.into_iter().map(|share| share.share_id.unwrap()).collect();
    assert_eq!((kept.len(), &kept[0], &kept[1]), (100, id, &ids[1]));
    assert_eq!(drive.code(&GetShareByMe::new(&*ids[0])), "13000309");
}
