use koodrive_proto::bytes::Bytes;
use koodrive_proto::http::Request;
use koodrive_proto::operation::{Paged, Turn};
use koodrive_proto::ops::files::{
    BatchResult, CompleteFile, CountedType, CreateDirectory, CreateFile, FileAction, FileArea, FilePage, FileSort,
    FileType, GetDownloadUrls, GetFile, GetFileOperations, GetFolderStats, GetFullPath, GetUploadUrls, ListGroupFiles,
    ListPersonalFiles, NewPart, OnConflict, PageInfo, RenameFile, SearchFiles, SearchFilter, SearchPageInfo,
    SearchType, SortDirection, SortType,
};
use koodrive_proto::ops::spaces::{GetSpace, SpaceStatus, SpaceType, UpdateSpace};
use serde_json::{Value as Json, json};

use crate::families::{ADMIN, Drive};

/// The id of the first user's space.
pub(super) fn space(drive: &Drive) -> String {
    let space = drive.ok(&GetSpace::new(ADMIN, SpaceType::Individual));
    space.container_id.unwrap().as_str().to_owned()
}

pub(super) fn folder(drive: &Drive, name: &str, parent: &str) -> String {
    let create = CreateDirectory::new(name, &*space(drive)).parent_folder(parent).rename_mode(OnConflict::Refuse);
    drive.ok(&create).id.unwrap().as_str().to_owned()
}

fn upload(drive: &Drive, name: &str, parent: &str, length: u64) -> CreateFile {
    CreateFile::new(name, FileType::Miscellaneous, parent, length)
        .container_id(&*space(drive))
        .auto_rename(OnConflict::Refuse)
}

/// Uploads a file, and returns its id.
pub(super) fn file(drive: &Drive, name: &str, parent: &str, length: u64) -> String {
    let id = drive.ok(&upload(drive, name, parent, length)).file_id.unwrap();
    drive.ok(&CompleteFile::new(id.clone()));
    id.as_str().to_owned()
}

fn used(drive: &Drive) -> i64 {
    drive.ok(&GetSpace::new(ADMIN, SpaceType::Individual)).space_used.unwrap()
}

fn names(page: &FilePage) -> Vec<&str> {
    page.files.iter().map(|file| file.file_name.as_deref().unwrap()).collect()
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
    let space = space(&drive);
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
    let space = space(&drive);
    let docs = folder(&drive, "docs", "root");
    let sha256 = "AB".repeat(32);
    let parts = [NewPart::new(1, 5 << 20), NewPart::new(2, 7).part_id("own")];
    let create = upload(&drive, "a.pdf", &docs, (5 << 20) + 7).sha256(&*sha256).multi_parts(parts.clone());
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
    assert!(link.starts_with("https://") && link.contains(&format!("?partNumber=2&uploadId={upload_id}&")), "{link}");

    // Its bytes count from now on, but nobody sees it.
    assert_eq!(used(&drive), (5 << 10));
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
    assert_eq!(drive.code(&CompleteFile::new(id.clone()).sha256("cd".repeat(32))), "13000402");
    assert_eq!(drive.code_for("8", &CompleteFile::new(id.clone())), "13000410");
    drive.ok(&CompleteFile::new(id.clone()).sha256("ab".repeat(32)));
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
    let other = drive.ok(&create.clone().sha256("ef".repeat(32)).auto_rename(OnConflict::KeepSame));
    assert_eq!((other.exist, other.file_name.as_deref()), (Some(false), Some("a_20251120_150100.pdf")));
    // What came in between decides again when an upload completes.
    drive.ok(&CompleteFile::new(renamed.file_id.unwrap()));
    let other = other.file_id.unwrap();
    drive.ok(&CompleteFile::new(other.clone()));
    let name = drive.ok(&GetFile::new(other, &*space)).file_name;
    assert_eq!(name.as_deref(), Some("a_20251120_150100_20251120_150100.pdf"));
    let refused = drive.ok(&upload(&drive, "b.pdf", &docs, 1)).file_id.unwrap();
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

    // The space has 1 GB. An upload that isn't completed within a week gives its bytes back.
    let before = used(&drive);
    let large = drive.ok(&upload(&drive, "large", "root", 1 << 29)).file_id.unwrap();
    assert_eq!(drive.code(&upload(&drive, "larger", "root", 1 << 29)), "13000311");
    drive.pass(7 * 24 * 3600 + 1);
    assert_eq!(drive.code(&CompleteFile::new(large)), "13000401");
    file(&drive, "larger", "root", 1 << 29);
    assert!(used(&drive) <= before + (1 << 19));
    assert_eq!(drive.code(&upload(&drive, "x", "none", 1)), "13000309");
    assert_eq!(drive.code(&upload(&drive, "x", "root", 1).created_time("yesterday")), "13000102");
}

#[test]
fn folders_are_listed_in_every_order() {
    let mut drive = Drive::new();
    let space = space(&drive);
    let top = folder(&drive, "top", "root");
    for (name, size) in [("b.txt", 300), ("a.zip", 200), ("c.jpg", 100)] {
        drive.pass(60);
        file(&drive, name, &top, size);
    }
    drive.pass(60);
    let last = folder(&drive, "d", &top);
    let list = |parent: &str| ListPersonalFiles::new(FileArea::Space, &*space, parent);
    let sorted = |by: SortType, direction: SortDirection| {
        let sort = FileSort::new().sort_type(by).sort_direction(direction);
        let page = drive.ok(&list(&top).sort_info(sort));
        assert_eq!((page.search_completed, page.next_cursor.as_deref()), (Some(true), None));
        names(&page).join(" ")
    };
    drive.ok(&RenameFile::new(&*last, &*space, "D"));
    let orders = [
        (SortType::Name, "D a.zip b.txt c.jpg"),
        (SortType::Size, "D c.jpg a.zip b.txt"),
        (SortType::Created, "b.txt a.zip c.jpg D"),
        (SortType::Modified, "b.txt a.zip c.jpg D"),
        (SortType::Format, "D c.jpg b.txt a.zip"),
    ];
    for (by, order) in orders {
        assert_eq!(sorted(by, SortDirection::Ascending), order);
        let reverse: Vec<&str> = order.split(' ').rev().collect();
        assert_eq!(sorted(by, SortDirection::Descending), reverse.join(" "));
    }
    // Unless an order is asked for, what changed last comes first.
    assert_eq!(names(&drive.ok(&list(&top))), ["D", "c.jpg", "a.zip", "b.txt"]);
    let by = FileSort::new().sort_type(SortType::Recycled);
    assert_eq!(drive.code(&list(&top).sort_info(by)), "13000102");
    assert_eq!(names(&drive.ok(&list(&top).file_type(FileType::Folder))), ["D"]);
    assert_eq!(names(&drive.ok(&list("root"))), ["top"]);
    let page = drive.ok(&list(&last));
    assert_eq!((page.category.as_deref(), page.files.len()), (Some("drive#fileList"), 0));

    // The example's request, with empty texts and a fileName.
    let example = |name: &str| {
        json!({
            "pageInfo": {"pageSize": "10", "pageCursor": ""}, "sortInfo": {"sortType": "", "sortDirection": ""},
            "containerId": space, "parentFileId": top, "fileType": "", "fileName": name,
        })
    };
    let found = |name: &str| raw(&drive, "/koodrive/ose/v1/files/0", &example(name))["files"].as_array().unwrap().len();
    assert_eq!((found(""), found(".ZIP"), found("none")), (4, 1, 0));

    assert_eq!(drive.code(&list("none")), "13000309");
    let file = drive.ok(&list(&top).file_type(FileType::Miscellaneous)).files[0].id.clone().unwrap();
    assert_eq!(drive.code(&list(file.as_str())), "13000304");
    assert_eq!(drive.code(&ListGroupFiles::new(ADMIN, FileArea::Space, &*space, "root")), "13000415");
    let recycled = ListPersonalFiles::new(FileArea::RecycleBin, &*space, &*top);
    assert_eq!(drive.code(&recycled), "13000303");
    let page = PageInfo::new().page_cursor("0|[61");
    assert_eq!(drive.code(&list(&top).page_info(page)), "13000102");
}

#[test]
fn pages_lose_and_repeat_nothing() {
    for (direction, before, after) in [(SortDirection::Ascending, "1", "9"), (SortDirection::Descending, "99", "0")] {
        let drive = Drive::new();
        let mut wanted: Vec<String> = (10..35).map(|n| folder(&drive, &n.to_string(), "root")).collect();
        if direction == SortDirection::Descending {
            wanted.reverse();
        }
        let sort = FileSort::new().sort_type(SortType::Name).sort_direction(direction);
        let list = ListPersonalFiles::new(FileArea::Space, &*space(&drive), "root").sort_info(sort);
        let first = drive.ok(&list.clone().page_info(PageInfo::new().page_size(7)));
        assert_eq!((first.files.len(), first.search_completed), (7, Some(false)));
        // One comes before what was read already, and is missed; the other one comes after it.
        folder(&drive, before, "root");
        wanted.push(folder(&drive, after, "root"));
        let rest = list.page_info(PageInfo::new().page_size(7).page_cursor(first.next_cursor.unwrap()));
        let pages = pages(&drive, rest);
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 5]);
        let ids = first.files.into_iter().chain(pages.into_iter().flatten()).map(|file| file.id.unwrap());
        assert_eq!(ids.map(|id| id.as_str().to_owned()).collect::<Vec<_>>(), wanted);
    }
}

#[test]
fn files_are_searched() {
    let mut drive = Drive::new();
    let space = space(&drive);
    let reports = folder(&drive, "Reports", "root");
    let old = folder(&drive, "old", &reports);
    let ids: Vec<String> = [("report 1.txt", "root"), ("REPORT 2.jpg", &reports), ("report 3.txt", &old)]
        .map(|(name, parent)| {
            drive.pass(3600);
            file(&drive, name, parent, 7)
        })
        .into();
    let search = |filter: SearchFilter| {
        SearchFiles::new(SearchType::Personal, SearchPageInfo::new(100, "")).filter(filter).recursive(true)
    };
    let found = |search: &SearchFiles| {
        let page = drive.ok(search);
        assert_eq!(page.total, Some(i64::try_from(page.files.len()).unwrap()));
        assert_eq!(page.next_page_cursor.as_deref(), Some(""));
        page.files.into_iter().map(|file| file.file_name.unwrap()).collect::<Vec<_>>().join(", ")
    };
    let word = || SearchFilter::new().key_word("rePort");
    // What changed last comes first.
    assert_eq!(found(&search(word())), "report 3.txt, REPORT 2.jpg, report 1.txt, Reports");
    assert_eq!(found(&search(word()).recursive(false)), "report 1.txt, Reports");
    let by_name = FileSort::new().sort_type(SortType::Name).sort_direction(SortDirection::Ascending);
    assert_eq!(found(&search(word()).sort_info(by_name)), "REPORT 2.jpg, Reports, report 1.txt, report 3.txt");
    assert_eq!(found(&search(word().file_type(FileType::Folder))), "Reports");
    assert_eq!(found(&search(word().container_id(&*space).parent_folder(&*old))), "report 3.txt");
    assert_eq!(found(&search(word().owner_id("8"))), "");
    assert_eq!(found(&search(SearchFilter::new().owner_id(ADMIN).key_word("old"))), "old");
    let range = |range: &str| search(word().update_time_range(range));
    assert_eq!(found(&range("2025-11-20 08:30:00,2025-11-20 09:30:00")), "REPORT 2.jpg");
    assert_eq!(found(&range("2025-11-20T09:30:00Z,")), "report 3.txt");
    assert_eq!(drive.code(&range("today")), "13000102");

    let third = drive.ok(&search(SearchFilter::new().key_word("3"))).files.remove(0);
    assert_eq!(
        (third.id.unwrap().as_str(), third.size, third.file_suffix.as_deref()),
        (&*ids[2], Some(7), Some("txt"))
    );
    assert_eq!(third.name_path.unwrap(), format!("/root{space}/Reports/old/report 3.txt"));
    assert_eq!(third.id_path.unwrap(), format!("/DEUI7pa0C24Aroot{space}/{reports}/{old}/{}", ids[2]));
    assert_eq!((third.container_type, third.favorite), (Some(SpaceType::Individual), Some(false)));

    let mut paged = search(word());
    paged.page_info = SearchPageInfo::new(3, "");
    let pages = pages(&drive, paged);
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [3, 1]);
    let body = json!({"searchType": "personal", "pageInfo": {"pageSize": 1, "pageCursor": ""},
        "filter": {"parentFolder": "root"}});
    assert_eq!(raw(&drive, "/koodrive/ose/v1/files/search", &body)["code"], 13_000_102);
    assert_eq!(drive.code(&search(SearchFilter::new().container_id("none"))), "13000301");
    let team = SearchFiles::new(SearchType::Team, SearchPageInfo::new(1, ""));
    assert_eq!(found(&team), "");
    assert_eq!(drive.code(&team.filter(SearchFilter::new().container_id(&*space))), "13000415");
}

#[test]
fn folders_are_counted() {
    let drive = Drive::new();
    let space = space(&drive);
    let top = folder(&drive, "top", "root");
    let sub = folder(&drive, "sub", &top);
    file(&drive, "a.TXT", &top, 1);
    file(&drive, "b.txt", &sub, 10);
    let picture = CreateFile::new("c.jpg", FileType::Picture, &*sub, 100).container_id(&*space);
    let picture = drive.ok(&picture.auto_rename(OnConflict::Refuse).hidden(true)).file_id.unwrap();
    drive.ok(&CompleteFile::new(picture));
    let stats = |id: &str| GetFolderStats::new(id, &*space);
    // Size, folders, files.
    let counted = |stats: &GetFolderStats| {
        let stats = drive.ok(stats);
        (stats.total_size, stats.sub_dir_count, stats.sub_file_count)
    };
    let counts = |size, folders, files| (Some(size), Some(folders), Some(files));
    assert_eq!(counted(&stats("root")), counts(111, 2, 3));
    assert_eq!(counted(&stats(&top)), counts(111, 1, 3));
    assert_eq!(counted(&stats(&top).recursive(false)), counts(1, 1, 1));
    assert_eq!(counted(&stats(&top).kind(CountedType::File)), counts(111, 0, 3));
    assert_eq!(counted(&stats(&top).kind(CountedType::Folder)), counts(0, 1, 0));
    assert_eq!(counted(&stats(&top).extensions(["txt", "png"])), counts(11, 0, 2));
    assert_eq!(counted(&stats(&top).categories([FileType::Folder, FileType::Picture])), counts(100, 1, 1));
    assert_eq!(counted(&stats(&top).hidden(true)), counts(100, 0, 1));
    assert_eq!(counted(&stats(&top).hidden(false)), counts(11, 1, 2));
    assert_eq!(counted(&stats(&top).is_recycled(false)), counts(111, 1, 3));
    assert_eq!(counted(&stats(&top).is_recycled(true)), counts(0, 0, 0));
    let some = stats(&top).include_dir_count(false).include_total_size(false);
    assert_eq!(counted(&some), (None, None, Some(3)));
    assert_eq!(counted(&some.include_file_count(false)), (None, None, None));
    assert_eq!(drive.code(&stats("none")), "13000309");
    assert_eq!(drive.code(&stats("root").is_recycled(true).recursive(false)), "13000102");
}

#[test]
fn downloads_and_what_else_was_done() {
    let drive = Drive::new().user("8");
    let space = space(&drive);
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
