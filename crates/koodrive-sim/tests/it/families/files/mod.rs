mod bin;
mod lists;

use koodrive_proto::bytes::Bytes;
use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::http::Request;
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::files::{
    BatchResult, CompleteFile, CreateDirectory, CreateFile, FileAction, FileType, GetDownloadUrls, GetFile,
    GetFileOperations, GetFullPath, GetUploadUrls, NewPart, OnConflict, RenameFile,
};
use koodrive_proto::ops::jobs::{CreateJob, JobAction, JobFile, JobType, TaskInfo};
use koodrive_proto::ops::revisions::{CompleteRevision, CreateRevision};
use koodrive_proto::ops::spaces::{GetSpace, GetSpaces, SpaceStatus, SpaceType, UpdateSpace};
use koodrive_proto::transfer::Digest;
use koodrive_sim::Simulator;
use serde_json::{Value as Json, json};

use crate::families::{ADMIN, Drive, token};

fn folder(drive: &Drive, name: &str, parent: &str) -> String {
    drive.folder(&drive.space_of(ADMIN), parent, name)
}

fn upload(drive: &Drive, name: &str, parent: &str, length: u64) -> CreateFile {
    CreateFile::new(name, FileType::Miscellaneous, parent, length)
        .container_id(&*drive.space_of(ADMIN))
        .auto_rename(OnConflict::Refuse)
}

/// Uploads a file, and returns its id.
pub(super) fn file(drive: &Drive, name: &str, parent: &str, length: u64) -> String {
    drive.upload(ADMIN, upload(drive, name, parent, length))
}

/// Reads all pages.
pub(super) fn pages<L: Paged>(drive: &Drive, mut list: L) -> Vec<Vec<L::Item>> {
    let mut pages = Vec::new();
    loop {
        let mut page = drive.ok(&list);
        let turn = list.turn(&page).unwrap();
        pages.push(std::mem::take(L::items(&mut page)));
        if turn == Turn::Last {
            return pages;
        }
    }
}

/// Sends a request that the client wouldn't.
fn raw(drive: &Drive, path: &str, body: &Json) -> Json {
    let request = Request::post(path).header("authorization", format!("Bearer token-of-{ADMIN}"));
    let request = request.body(Bytes::from(body.to_string())).unwrap();
    serde_json::from_slice(drive.simulator.handle(request, drive.now).body()).unwrap()
}

#[test]
fn folders_are_created_and_renamed() {
    let drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    let create = |name: &str| CreateDirectory::new(name, &*space);
    let top = drive.ok(&create("top").description("first").mime_type("a/b"));
    assert_eq!((top.file_name.as_deref(), top.mime_type.as_deref()), (Some("top"), Some("a/b")));
    let top = top.id.unwrap();
    let sub = folder(&drive, "sub", top.as_str());
    // A name may be there once in a folder.
    assert_eq!(drive.code(&create("top").rename_mode(OnConflict::Refuse)), "13000405");
    assert_eq!(drive.code(&create("top")), "13000405");
    let second = drive.ok(&create("top").rename_mode(OnConflict::Rename)).file_name;
    assert_eq!(second.as_deref(), Some("top_20251120_150000"));
    let third = drive.ok(&create("top").rename_mode(OnConflict::Rename)).file_name;
    assert_eq!(third.as_deref(), Some("top_20251120_150000_1"));
    folder(&drive, "top", &sub);

    let path = drive.ok(&GetFullPath::new(&*sub, &*space));
    let root = format!("DEUI7pa0C24Aroot{space}");
    assert_eq!(path.file_id_path.unwrap(), format!("/{root}/{}/{sub}", top.as_str()));
    assert_eq!(path.name_path.unwrap(), format!("/root{space}/top/sub"));

    let rename = |name: &str| RenameFile::new(&*sub, &*space, name);
    drive.ok(&rename("other").rename_mode(OnConflict::Refuse));
    drive.ok(&rename("other"));
    let info = drive.ok(&GetFile::new(&*sub, &*space));
    assert_eq!((info.file_name.as_deref(), info.file_type), (Some("other"), Some(FileType::Folder)));
    assert_eq!((info.parent_folder[0].as_str(), info.recycled, info.size), (top.as_str(), Some(false), None));
    assert_eq!(info.mime_type.as_deref(), Some("application/vnd.huawei-apps.folder"));
    assert_eq!(info.owners[0].display_name.as_deref(), Some("user 7"));
    let rename = |name: &str| RenameFile::new(top.clone(), &*space, name);
    assert_eq!(drive.code(&rename("top_20251120_150000").rename_mode(OnConflict::Refuse)), "13000405");
    drive.ok(&rename("top_20251120_150000").rename_mode(OnConflict::Rename));
    let info = drive.ok(&GetFile::new(top.clone(), &*space));
    assert_eq!(info.file_name.as_deref(), Some("top_20251120_150000_20251120_150000"));

    // The root's own id does as well as its name, and the safe is another root.
    folder(&drive, "by id", &root);
    assert_eq!(drive.code(&create("by id").parent_folder("root").rename_mode(OnConflict::Refuse)), "13000405");
    let safe = folder(&drive, "by id", "sbox");
    assert_eq!(drive.ok(&GetFullPath::new(&*safe, &*space)).name_path.unwrap(), format!("/sbox{space}/by id"));

    // Names have codes of their own.
    let path = "/koodrive/ose/v1/directory";
    let named = |name: &str| raw(&drive, path, &json!({"fileName": name, "fileType": "10", "containerId": space}));
    assert_eq!(named(&"n".repeat(251))["code"], 13_000_417);
    for name in ["a/b", "..", "", "a?"] {
        assert_eq!(named(name)["code"], 13_000_419, "{name}");
    }
    assert_eq!(named("a\\b")["code"], 0);
    let path = format!("/koodrive/ose/v1/files/rename/{sub}");
    assert_eq!(raw(&drive, &path, &json!({"name": "a\\b", "containerId": space}))["code"], 13_000_419);
    assert_eq!(raw(&drive, &path, &json!({"containerId": space}))["code"], 13_000_102);

    // Thirty levels, and not one more; a file may be in the last one.
    let deep = (1..30).fold(folder(&drive, "1", "root"), |parent, level| folder(&drive, &level.to_string(), &parent));
    assert_eq!(drive.code(&create("deeper").parent_folder(&*deep)), "13000310");
    let file = file(&drive, "file", &deep, 1);

    assert_eq!(drive.code(&create("x").parent_folder("none")), "13000309");
    assert_eq!(drive.code(&create("x").parent_folder(&*file)), "13000304");
    assert_eq!(drive.code(&CreateDirectory::new("x", "none")), "13000301");
    assert_eq!(drive.code_for("8", &create("x")), "13000410");
    assert_eq!(drive.code_for("8", &GetFile::new(&*sub, &*space)), "13000410");
    let other = drive.ok(&GetSpace::new("8", SpaceType::Individual)).container_id.unwrap();
    assert_eq!(drive.code_for("8", &GetFile::new(&*sub, other.clone())), "13000302");
    assert_eq!(drive.code_for("8", &RenameFile::new("none", other.clone(), "x")), "13000309");
    assert_eq!(drive.code_for("8", &CreateDirectory::new("x", other).parent_folder(&*sub)), "13000302");
    drive.ok(&UpdateSpace::new(ADMIN, SpaceType::Individual).status(SpaceStatus::Disabled));
    assert_eq!(drive.code(&GetFullPath::new(&*sub, &*space)), "13000301");
}

#[test]
fn files_are_uploaded() {
    let mut drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    let docs = folder(&drive, "docs", "root");
    let content: Vec<u8> = (0..(5 << 20) + 7_u32).map(|at| at.to_le_bytes()[1]).collect();
    let sha256 = Digest::of(&content).to_string();
    let parts = [NewPart::new(1, 5 << 20), NewPart::new(2, 7).part_id("own")];
    let create = upload(&drive, "a.pdf", &docs, (5 << 20) + 7).sha256(sha256.to_uppercase()).multi_parts(parts.clone());
    let created = drive.ok(&create);
    let id = created.file_id.unwrap();
    assert_eq!(
        (created.rapid_upload, created.exist, created.file_name.as_deref()),
        (Some(false), Some(false), Some("a.pdf"))
    );
    assert_eq!((created.parent_folder[0].as_str(), created.container_id.unwrap().as_str()), (&*docs, &*space));
    let upload_id = created.upload_id.unwrap();
    assert_eq!(upload_id.len(), 32);
    let part = &created.multi_parts[1];
    assert_eq!((part.part_number, part.part_size, part.part_offset), (Some(2), Some(7), Some(5 << 20)));
    assert_eq!(part.part_id.as_deref(), Some("own"));
    let link = part.upload_url.as_ref().unwrap().as_str();
    let address = format!("http://127.0.0.1/objects/{id}?partNumber=2&uploadId={upload_id}&X-Amz-Algorithm=");
    assert!(link.starts_with(&address) && link.contains("&X-Amz-SignedHeaders=content-length%3Bhost&"), "{link}");

    // Its bytes count from now on, but nobody sees it.
    assert_eq!(drive.used(ADMIN), (5 << 10));
    assert_eq!(drive.code(&GetFile::new(id.clone(), &*space)), "13000309");
    let state = [1, 2, 3, 4, 5, 6, 7, 8];
    let more = GetUploadUrls::new(id.clone(), [NewPart::new(2, 7).part_offset(5 << 20).hash_ctx(state)]);
    let urls = drive.ok(&more);
    assert_eq!((urls.multi_parts[0].part_offset, urls.multi_parts[0].hash_ctx.len()), (Some(5 << 20), 8));
    assert_eq!(drive.code_for("8", &more), "13000410");
    // Rules between the parts, which the client keeps.
    let short = json!({"fileId": id.as_str(), "multiParts": [
        {"partNumber": 1, "partSize": 7}, {"partNumber": 2, "partSize": 7},
    ]});
    assert_eq!(raw(&drive, "/koodrive/ose/v1/files/multipart/uploadUrl", &short)["code"], 13_000_102);

    drive.pass(60);
    drive.send_parts(&created.multi_parts, &content);
    drive.ok(&GetUploadUrls::new(id.clone(), parts.clone()));
    assert_eq!(drive.code(&CompleteFile::new(id.clone()).sha256("cd".repeat(32))), "13000402");
    assert_eq!(drive.code_for("8", &CompleteFile::new(id.clone())), "13000410");
    drive.ok(&CompleteFile::new(id.clone()).sha256(sha256.to_uppercase()));
    assert_eq!(drive.code(&CompleteFile::new(id.clone())), "13000401");
    assert_eq!(drive.code(&GetUploadUrls::new(id.clone(), [NewPart::new(1, 7)])), "13000401");
    let info = drive.ok(&GetFile::new(id.clone(), &*space));
    assert_eq!(
        (info.size, info.file_suffix.as_deref(), info.mime_type.as_deref()),
        (Some((5 << 20) + 7), Some("pdf"), Some("application/pdf"),)
    );
    assert_eq!(info.created_time.as_deref(), Some("2025-11-20T07:00:00.000Z"));
    assert_eq!(info.edited_time.as_deref(), Some("2025-11-20T07:01:00.000Z"));

    // The three ways if the name is taken.
    assert_eq!(drive.code(&create), "13000405");
    let renamed = drive.ok(&create.clone().auto_rename(OnConflict::Rename));
    assert_eq!(renamed.file_name.as_deref(), Some("a_20251120_150100.pdf"));
    let same = drive.ok(&create.clone().auto_rename(OnConflict::KeepSame));
    assert_eq!((same.exist, same.file_id, same.upload_id), (Some(true), Some(id), None));
    let turned: Vec<u8> = content.iter().map(|byte| !byte).collect();
    let other = create.clone().sha256(Digest::of(&turned).to_string()).auto_rename(OnConflict::KeepSame);
    let other = drive.ok(&other);
    assert_eq!((other.exist, other.file_name.as_deref()), (Some(false), Some("a_20251120_150100.pdf")));
    // What came in between decides again when an upload completes.
    drive.send_parts(&renamed.multi_parts, &content);
    drive.send_parts(&other.multi_parts, &turned);
    drive.ok(&CompleteFile::new(renamed.file_id.unwrap()));
    let other = other.file_id.unwrap();
    drive.ok(&CompleteFile::new(other.clone()));
    let name = drive.ok(&GetFile::new(other, &*space)).file_name;
    assert_eq!(name.as_deref(), Some("a_20251120_150100_20251120_150100.pdf"));
    // The same file twice, begun before either is complete: both are there, as no answer names the other one.
    let twin = upload(&drive, "twin", &docs, 1024).sha256(Digest::of(&[0; 1024]).to_string());
    let twin = twin.auto_rename(OnConflict::KeepSame).multi_parts([NewPart::new(1, 1024)]);
    let begin = || {
        let created = drive.ok(&twin);
        drive.send_parts(&created.multi_parts, &[0; 1024]);
        created.file_id.unwrap()
    };
    let (first, second) = (begin(), begin());
    drive.ok(&CompleteFile::new(first));
    drive.ok(&CompleteFile::new(second.clone()));
    let name = drive.ok(&GetFile::new(second, &*space)).file_name;
    assert_eq!(name.as_deref(), Some("twin_20251120_150100"));
    // Texts without a limit have one all the same; years have four digits.
    assert_eq!(drive.code(&twin.clone().mime_type("a".repeat(4097))), "13000102");
    drive.ok(&twin.clone().mime_type("é".repeat(4096)));
    assert_eq!(drive.code(&twin.created_time("+10000-01-01T00:00:00Z")), "13000102");
    let refused = drive.ok(&upload(&drive, "b.pdf", &docs, 0)).file_id.unwrap();
    file(&drive, "b.pdf", &docs, 1);
    assert_eq!(drive.code(&CompleteFile::new(refused)), "13000405");

    // An empty file needs no bytes, if its hash is sent.
    let empty = upload(&drive, "empty", "root", 0);
    assert_eq!(drive.ok(&empty).rapid_upload, Some(false));
    let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let done = drive.ok(&empty.sha256(hash).created_time("2020-02-02 02:02:02"));
    assert_eq!((done.rapid_upload, done.upload_id), (Some(true), None));
    let info = drive.ok(&GetFile::new(done.file_id.unwrap(), &*space));
    assert_eq!((info.size, info.created_time.as_deref()), (Some(0), Some("2020-02-02T02:02:02.000Z")));
}

#[test]
fn uploads_end() {
    let mut drive = Drive::new();
    file(&drive, "a", "root", 1);
    // The space has 1 GB. An upload that isn't completed within a week gives its bytes back.
    let before = drive.used(ADMIN);
    let large = drive.ok(&upload(&drive, "large", "root", 1 << 29)).file_id.unwrap();
    assert_eq!(drive.code(&upload(&drive, "larger", "root", 1 << 29)), "13000311");
    drive.pass(7 * 24 * 3600 - 1);
    assert_eq!(drive.used(ADMIN), before + (1 << 19));
    drive.pass(1);
    // Nobody needs to begin another one.
    assert_eq!(drive.used(ADMIN), before);
    assert_eq!(drive.code(&CompleteFile::new(large)), "13000401");
    drive.ok(&upload(&drive, "larger", "root", 1 << 29));
    assert!(drive.used(ADMIN) <= before + (1 << 19));
    assert_eq!(drive.code(&upload(&drive, "x", "none", 1)), "13000309");
    assert_eq!(drive.code(&upload(&drive, "x", "root", 1).created_time("yesterday")), "13000102");
}

#[test]
fn what_may_not_be_completed_is_not_read() {
    let directory = std::env::temp_dir().join(format!("koodrive-sim-complete-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&directory);
    let mut drive = Drive::new();
    drive.simulator = Simulator::open(&directory).unwrap().token(&token(ADMIN), ADMIN).token(&token("8"), "8");
    let space = drive.space_of(ADMIN);
    let old = file(&drive, "old", "root", 1);
    let parts = [NewPart::new(1, 10)];
    let created = drive.ok(&upload(&drive, "new", "root", 10).multi_parts(parts.clone()));
    let revision = drive.ok(&CreateRevision::new(&*space, &*old, 10).multi_parts(parts));
    drive.send_parts(&created.multi_parts, &[1; 10]);
    drive.send_parts(&revision.multi_parts, &[2; 10]);
    // Whoever reads the parts finds that they are gone.
    std::fs::remove_dir_all(directory.join("objects")).unwrap();
    assert_eq!(drive.code_for("8", &CompleteFile::new(created.file_id.unwrap())), "13000410");
    assert_eq!(drive.code_for("8", &CompleteRevision::new(&*old)), "13000410");
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn an_upload_follows_its_folder_into_another_space() {
    let mut drive = Drive::new();
    let space = drive.space_of(ADMIN);
    let top = folder(&drive, "top", "root");
    let inner = folder(&drive, "inner", &top);
    let begin = |name: &str| drive.ok(&upload(&drive, name, &inner, 1024).multi_parts([NewPart::new(1, 1024)]));
    let (first, second) = (begin("a"), begin("b"));
    drive.simulator = drive.simulator.space(ADMIN, SpaceType::Individual, 1);
    let spaces = |drive: &Drive| drive.ok(&GetSpaces::new(ADMIN, SpaceType::Individual));
    let used =
        |drive: &Drive| -> Vec<i64> { spaces(drive).into_iter().map(|space| space.space_used.unwrap()).collect() };
    let other = spaces(&drive).remove(1).container_id.unwrap().to_string();
    assert_eq!(used(&drive), [2, 0]);
    let after = |kind, from: &str, to: &str, action| {
        drive.ok(&CreateJob::new(kind, TaskInfo::new([JobFile::new(&*top)], from), to).action_type(action));
        Drive { simulator: drive.simulator.clone(), now: drive.now + TimeDelta::seconds(9) }
    };
    let drive = &after(JobType::Move, &space, &other, JobAction::Move);
    assert_eq!(used(drive), [0, 2]);
    drive.send_parts(&first.multi_parts, &[1; 1024]);
    let id = first.file_id.unwrap();
    drive.ok(&CompleteFile::new(id.clone()));
    assert_eq!(drive.detail(&other, id.as_str()).size, Some(1024));
    // With the folder, its files and its uploads are gone, and count no longer.
    let drive = &after(JobType::Delete, &other, &other, JobAction::Delete);
    assert_eq!(used(drive), [0, 0]);
    assert_eq!(drive.code(&CompleteFile::new(second.file_id.unwrap())), "13000401");
}

#[test]
fn downloads_and_what_else_was_done() {
    let drive = Drive::new().user("8");
    let space = drive.space_of(ADMIN);
    let (top, id) = (folder(&drive, "top", "root"), file(&drive, "票 1.pdf", "root", 7));
    let get = |ids: &[&str]| GetDownloadUrls::new(&*space, ids.to_vec());
    let all = drive.ok(&get(&[&id]));
    assert_eq!((all.batch_code, all.downloads.len()), (Some(BatchResult::Succeeded), 1));
    let one = &all.downloads[0];
    assert_eq!((one.code, one.file_name.as_deref()), (Some(0), Some("票 1.pdf")));
    let url = one.url.as_ref().unwrap().as_str();
    assert!(url.contains("attachment%3B%20filename%3D%22%25E7%25A5%25A8%25201.pdf%22"), "{url}");
    let some = drive.ok(&get(&["none", &id, &top]));
    assert_eq!(some.batch_code, Some(BatchResult::PartlyFailed));
    let codes: Vec<Option<i64>> = some.downloads.iter().map(|row| row.code).collect();
    assert_eq!(codes, [Some(13_000_309), Some(0), Some(13_000_406)]);
    assert_eq!(some.downloads[0].msg.as_deref(), Some("Resource not found. there is no such file"));
    assert_eq!(drive.ok(&get(&["none"])).batch_code, Some(BatchResult::Failed));
    assert_eq!(drive.code_for("8", &get(&[&id])), "13000410");

    drive.ok(&RenameFile::new(&*id, &*space, "b"));
    let list = GetFileOperations::new(&*id).page_size(2);
    let pages = pages(&drive, list.clone());
    let actions = pages.iter().map(|page| page.iter().map(|row| row.operate_type.clone().unwrap()).collect());
    let actions: Vec<Vec<FileAction>> = actions.collect();
    assert_eq!(actions, [vec![FileAction::Rename, FileAction::View], vec![FileAction::View, FileAction::Create]]);
    assert_eq!(pages[0][0].operator.as_ref().unwrap().as_str(), ADMIN);
    assert_eq!(drive.code_for("8", &list), "13000410");
    assert_eq!(drive.code(&GetFileOperations::new("none")), "13000309");
}
