//! The life of a company on a simulated drive, from its first department to its last user, through a transport. The
//! state is checked after every step, and the ledger in the end.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use koodrive_proto::auth::Refresh;
use koodrive_proto::chrono::{TimeDelta, Utc};
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::Until;
use koodrive_proto::http::Request;
use koodrive_proto::ops::accounts::{CodeType, RegisterAccount, ValidateCode};
use koodrive_proto::ops::audit_log::ListAuditLogs;
use koodrive_proto::ops::departments::{CreateDepartment, DeleteDepartment, GetDepartment, ListDepartments};
use koodrive_proto::ops::favorites::{FileToStar, ListStarredFiles, StarFiles};
use koodrive_proto::ops::files::{
    CompleteFile, CreateDirectory, CreateFile, FileArea, FileType, GetFile, GetFolderStats, GetFullPath,
    ListPersonalFiles, NewPart, OnConflict, PageInfo, RenameFile, UploadPart,
};
use koodrive_proto::ops::groups::{AddUserGroupMembers, CreateUserGroup, GroupKind, ListUserGroupMembers};
use koodrive_proto::ops::invitations::{ConfirmInvitation, InvitationReply, InviteMember, RemoveMember};
use koodrive_proto::ops::jobs::{
    CancelJob, CreateJob, GetJob, JobAction, JobDetail, JobFile, JobResult, JobStatus, JobType, TaskInfo,
};
use koodrive_proto::ops::messages::GetUnreadMessageCount;
use koodrive_proto::ops::permissions::{AmendModRole, Capabilities};
use koodrive_proto::ops::revisions::{CompleteRevision, CreateRevision, ListRevisions, RestoreRevision};
use koodrive_proto::ops::sessions::CreateSession;
use koodrive_proto::ops::share_links::{
    CreateShareTask, GetShareTask, ListShareFiles, SaveTarget, ShareTaskType, VerifyExtractCode,
};
use koodrive_proto::ops::shared_folders::{CreateSharedFolder, DeleteSharedFolder, ListSharedFolders};
use koodrive_proto::ops::shares::{CancelShares, CreateShare, ListSharesWithMe, ShareScope, ShareStatus};
use koodrive_proto::ops::spaces::{
    CreateSpace, DeleteSpace, GetSpace, GetSpaceUsageOverview, Space, SpaceStatus, SpaceType, UpdateSpace,
};
use koodrive_proto::ops::tasks::{CreateTask, GetTask, TaskStatus, TaskType};
use koodrive_proto::ops::users::{CreateUser, DeleteUser, GetUser, ListUsers, Placement, UserRole};
use koodrive_proto::param::{DepartmentId, SpaceId};
use koodrive_proto::schema::Safety;
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, Operation, RetryPolicy, TraceId};
use koodrive_sim::{Entry, Server, Simulator};

use crate::Transport;

/// The user in whose name the application works first.
pub(crate) const ADMIN: &str = "1505084218764547200";

/// How many files Ann has, listed by pages of ten.
const FILES: i64 = 25;

/// How many kilobytes the other revisions of one of them have.
const REVISIONS: i64 = 6;

/// A drive for the company.
pub fn simulator() -> Simulator {
    Simulator::new().app("my-app", "my-secret", ADMIN)
}

/// Walks through it on a simulator from [`simulator`], whose ledger is emptied first.
pub fn walk<T: Transport>(server: &Server) -> Result<(), BoxError> {
    server.simulator().clear_ledger();
    let walk = Walk::<T>::new(server)?;
    walk.live().map_err(|error| format!("{}, {}: {error}", T::NAME, walk.step.get()))?;
    walk.check_ledger(&server.ledger())
}

/// A user with a space of their own.
struct Person<T> {
    id: String,
    space: SpaceId,
    drive: T,
}

/// The ids of what Ann has written.
struct Work {
    reports: String,
    year: String,
    files: Vec<String>,
}

struct Walk<'a, T> {
    server: &'a Server,
    admin: T,
    step: Cell<&'static str>,
    /// Which operation has which trace id.
    calls: RefCell<Vec<(TraceId, &'static str, Safety)>>,
}

type Done = Result<(), BoxError>;

impl<'a, T: Transport> Walk<'a, T> {
    fn new(server: &'a Server) -> Result<Self, BoxError> {
        let admin = T::new(api(server, Credentials::app("my-app", "my-secret", ADMIN))?);
        Ok(Self { server, admin, step: Cell::new(""), calls: RefCell::default() })
    }

    /// A client in whose name the application signs.
    fn signing(&self, user: &str) -> Result<T, BoxError> {
        Ok(T::new(api(self.server, Credentials::app("my-app", "my-secret", user))?))
    }

    fn call<O: Operation>(&self, who: &T, op: &O) -> Result<O::Output, BoxError> {
        Ok(self.attempt(who, op)?)
    }

    /// Calls in the application's first user's name.
    fn admin<O: Operation>(&self, op: &O) -> Result<O::Output, BoxError> {
        self.call(&self.admin, op)
    }

    fn attempt<O: Operation>(&self, who: &T, op: &O) -> Result<O::Output, Error> {
        let mut calls = self.calls.borrow_mut();
        let mut bytes = [0; 29];
        bytes[..8].copy_from_slice(&(calls.len() as u64).to_be_bytes());
        let trace_id = TraceId::from_bytes(bytes);
        calls.push((trace_id.clone(), O::META.name, O::META.safety));
        drop(calls);
        who.run(Call::new(op).trace_id(trace_id))
    }

    /// Expects a refusal with a code.
    fn refused<O: Operation<Output: Debug>>(&self, who: &T, op: &O, code: &str) -> Done {
        let result = self.attempt(who, op);
        match &result {
            Err(error) if error.code() == Some(code) => Ok(()),
            _ => Err(format!("{} ended with {result:?}, not with {code}", O::META.name).into()),
        }
    }

    /// Sends zeros to the links of parts, which no transport is needed for.
    fn send(&self, parts: &[UploadPart]) -> Done {
        for part in parts {
            let size = want(part.part_size.and_then(|size| usize::try_from(size).ok()))?;
            let request = Request::put(want(part.upload_url.as_ref())?.as_str());
            let request = request.header("host", self.server.address().to_string()).header("content-length", size);
            let answer = self.server.simulator().handle(request.body(vec![0; size].into())?, Utc::now());
            same("the answer to a part", answer.status().as_u16(), 200)?;
        }
        Ok(())
    }

    /// Lets a job's time pass by the simulator's clock.
    fn pass(&self, seconds: i64) {
        self.server.simulator().advance(TimeDelta::seconds(seconds));
    }

    fn live(&self) -> Done {
        let start = self.admin(&GetSpaceUsageOverview::new())?;
        self.step.set("departments and users");
        let root = want(self.admin(&ListDepartments::new())?.departments.remove(0).id)?;
        let sales = want(self.admin(&CreateDepartment::new("Sales", root))?.id)?;
        let (ann, bob) =
            (self.hire(&sales, "1008001", UserRole::Manager)?, self.hire(&sales, "1008002", UserRole::User)?);
        same("Ann's department", self.admin(&GetUser::new(&*ann))?.dept_name.as_deref(), Some("Sales"))?;
        same("users of Sales", self.admin(&ListUsers::new(0, 10).dept_id(sales.clone()))?.total, Some(2))?;
        self.refused(&self.admin, &DeleteDepartment::new(sales.clone()), "13000102")?;

        self.step.set("spaces");
        self.give_spaces(&ann, &bob)?;
        self.step.set("signing in");
        let anonymous = T::new(api(self.server, Credentials::anonymous())?);
        let (ann, bob) = (self.sign_in(&anonymous, "1008001", ann)?, self.person(bob)?);
        same("Ann sees herself", self.call(&ann.drive, &GetUser::new(&*ann.id))?.id, Some(ann.id.clone()))?;
        self.refused(&bob.drive, &CreateDirectory::new("Mine", ann.space.clone()), "13000410")?;

        self.step.set("folders and files");
        let work = self.write_files(&ann)?;
        self.step.set("names, paths, favourites and revisions");
        self.change_a_file(&ann, &work.files[0])?;
        self.step.set("a share");
        let share_id = self.share(&ann, &bob, &work.reports)?;
        self.step.set("moving, deleting and restoring");
        self.run_jobs(&ann, &work)?;

        self.step.set("a group");
        let group = want(self.call(&ann.drive, &CreateUserGroup::new("Fair", GroupKind::Group))?.id)?;
        let member = AmendModRole::new(bob.id.parse::<i64>()?, AmendModRole::ANONYMOUS);
        let add = AddUserGroupMembers::new(group.clone(), [member.capabilities(Capabilities::all())]);
        self.call(&ann.drive, &add)?;
        let members = self.call(&ann.drive, &ListUserGroupMembers::new(group, 0, 100))?;
        same("members", members.members.len(), 2)?;

        self.step.set("a token is renewed");
        self.pass(21 * 60);
        same("Ann is still in", self.names(&ann, FileArea::Space, &work.reports)?.len(), 1)?;
        same("it was renewed once", self.executed("RefreshSession"), 1)?;
        self.step.set("a family shares a folder");
        self.share_a_folder(&anonymous)?;
        self.step.set("Ann leaves");
        self.leave(&ann, &bob, &share_id)?;

        self.step.set("the end");
        self.admin(&UpdateSpace::new(&*bob.id, SpaceType::Individual).status(SpaceStatus::Disabled))?;
        self.refused(&bob.drive, &CreateDirectory::new("Late", bob.space), "13000301")?;
        self.admin(&DeleteSpace::new(&*bob.id, SpaceType::Individual))?;
        self.admin(&DeleteUser::new(&*bob.id))?;
        self.admin(&DeleteDepartment::new(sales.clone()))?;
        self.refused(&self.admin, &GetDepartment::new(sales), "13000309")?;
        same("all spaces", self.admin(&GetSpaceUsageOverview::new())?, start)?;
        let log = self.admin(&ListAuditLogs::new().operations(["CreateDepartment", "DeleteDepartment"]))?;
        same("what the log tells", log.total, Some(2))
    }

    fn hire(&self, department: &DepartmentId, account: &str, role: UserRole) -> Result<String, BoxError> {
        let placement = Placement::new().dept_id(department.clone()).role(role);
        want(want(self.admin(&CreateUser::new(account, placement))?)?.id)
    }

    fn give_spaces(&self, ann: &str, bob: &str) -> Done {
        let usage = || self.admin(&GetSpaceUsageOverview::new());
        let before = usage()?;
        for (user, capacity) in [(ann, 5), (bob, 2)] {
            self.admin(&CreateSpace::new(user, SpaceType::Individual, u64::try_from(capacity)?))?;
            same("the capacity", self.space(user)?.capacity, Some(capacity))?;
        }
        same("all spaces", usage()?.total_capacity, before.total_capacity.map(|capacity| capacity + 7))
    }

    /// A user who calls with a token of a session, which is renewed when it has expired.
    fn sign_in(&self, anonymous: &T, account: &str, id: String) -> Result<Person<T>, BoxError> {
        let session = self.call(anonymous, &CreateSession::new(account))?;
        let token = AccessToken::as_issued(want(session.access_token)?.as_str());
        let renewed = Refresh::session(want(session.session_id)?.as_str());
        let drive = T::new(api(self.server, Credentials::token(token, &*id).refresh(renewed))?);
        Ok(Person { drive, space: want(self.space(&id)?.container_id)?, id })
    }

    /// A user in whose name the application signs.
    fn person(&self, id: String) -> Result<Person<T>, BoxError> {
        Ok(Person { drive: self.signing(&id)?, space: want(self.space(&id)?.container_id)?, id })
    }

    fn write_files(&self, ann: &Person<T>) -> Result<Work, BoxError> {
        let reports = self.folder(ann, "Reports", "root")?;
        let year = self.folder(ann, "2026", &reports)?;
        let create = |name: &str| {
            let create = CreateFile::new(name, FileType::Word, &*year, 2048).auto_rename(OnConflict::Refuse);
            create.container_id(ann.space.clone()).multi_parts([NewPart::new(1, 2048)])
        };
        let mut files = Vec::new();
        let names: Vec<String> = (0..FILES).map(|number| format!("plan {number:02}.docx")).collect();
        for name in &names {
            let created = self.call(&ann.drive, &create(name))?;
            let id = want(created.file_id)?.as_str().to_owned();
            self.send(&created.multi_parts)?;
            self.call(&ann.drive, &CompleteFile::new(&*id))?;
            files.push(id);
        }
        self.refused(&ann.drive, &create(&names[0]), "13000405")?;
        same("the folder", self.names(ann, FileArea::Space, &year)?, names)?;
        let stats = self.call(&ann.drive, &GetFolderStats::new("root", ann.space.clone()))?;
        same("the counts", (stats.sub_dir_count, stats.sub_file_count), (Some(2), Some(FILES)))?;
        same("the bytes", stats.total_size, Some(2048 * FILES))?;
        same("the use of the space", self.space(&ann.id)?.space_used, Some(2 * FILES))?;
        Ok(Work { reports, year, files })
    }

    fn change_a_file(&self, ann: &Person<T>, file: &str) -> Done {
        let (drive, space) = (&ann.drive, &ann.space);
        let detail = || self.call(drive, &GetFile::new(file, space.clone()));
        self.call(drive, &RenameFile::new(file, space.clone(), "final.docx"))?;
        same("the new name", detail()?.file_name.as_deref(), Some("final.docx"))?;
        let path = self.call(drive, &GetFullPath::new(file, space.clone()))?;
        expect("the path leads there", format!("{path:?}").contains("Reports/2026/final.docx"))?;
        self.call(drive, &StarFiles::new(true, [FileToStar::new(file).container_id(space.clone())]))?;
        same("favourites", self.call(drive, &ListStarredFiles::new())?.files.len(), 1)?;

        let create = CreateRevision::new(space.clone(), file, 4096).multi_parts([NewPart::new(1, 4096)]);
        self.send(&self.call(drive, &create)?.multi_parts)?;
        self.call(drive, &CompleteRevision::new(file))?;
        same("the new size", detail()?.size, Some(4096))?;
        let revisions = self.call(drive, &ListRevisions::new(space.clone(), file))?.revisions;
        let old = revisions.into_iter().find(|revision| revision.size == Some(2048));
        let old = want(want(old)?.revision_id)?;
        self.call(drive, &RestoreRevision::new(space.clone(), file, old))?;
        same("the old size", detail()?.size, Some(2048))
    }

    /// Ann shares a folder with Bob, who saves it in his own space. Returns the id of the share.
    fn share(&self, ann: &Person<T>, bob: &Person<T>, folder: &str) -> Result<String, BoxError> {
        let unread = || self.call(&bob.drive, &GetUnreadMessageCount::new());
        same("Bob's messages", unread()?.count, Some(0))?;
        let create = CreateShare::new(ShareScope::Named, [folder], ann.space.clone(), 7);
        let share = self.call(&ann.drive, &create.user_ids([&*bob.id]).extract_code("a1B2c3D4"))?.share_link;
        let share = want(share)?;
        let (id, link) = (want(share.share_id)?, want(share.short_url)?.as_str().to_owned());
        same("Bob's messages", unread()?.count, Some(1))?;
        self.refused(&bob.drive, &VerifyExtractCode::new(&*link, "a1B2c3D5"), "13000102")?;
        let token = want(self.call(&bob.drive, &VerifyExtractCode::new(&*link, "a1B2c3D4"))?.share_token)?;
        let list = ListShareFiles::new(&*link).share_token(token.as_str());
        same("what is shared", self.call(&bob.drive, &list)?.files.len(), 1)?;
        let save = CreateShareTask::new(ShareTaskType::Save, ann.space.clone(), [folder], &*id);
        let save = save.target(SaveTarget::new("root", bob.space.clone())).share_token(token.as_str());
        let task = want(self.call(&bob.drive, &save)?.task_id)?;
        self.pass(60);
        let task = self.call(&bob.drive, &GetShareTask::new(task).share_id(&*id).share_token(token.as_str()))?;
        expect("saving is over", task.is_over())?;
        same("Bob's files", self.names(bob, FileArea::Space, "root")?, vec!["Reports".to_owned()])?;
        same("the use of Bob's space", self.space(&bob.id)?.space_used, Some(2 * FILES))?;
        Ok(id)
    }

    fn run_jobs(&self, ann: &Person<T>, work: &Work) -> Done {
        let Work { reports, year, files } = work;
        let archive = self.folder(ann, "Archive", "root")?;
        let job = |kind, action, files: &[String]| {
            let files = files.iter().map(|id| JobFile::new(&**id).file_path(format!("/root/{reports}/{year}/{id}")));
            let task = TaskInfo::new(files.collect::<Vec<_>>(), ann.space.clone());
            let task = task.new_file_path(format!("/root/{archive}"));
            CreateJob::new(kind, task, ann.space.clone()).action_type(action)
        };
        let count = |area, folder: &str| -> Result<usize, BoxError> { Ok(self.names(ann, area, folder)?.len()) };
        let all = files.len();
        let (moved, kept) = files.split_at(5);
        self.job(ann, &job(JobType::Move, JobAction::Move, moved))?;
        same("the archive", count(FileArea::Space, &archive)?, 5)?;
        same("the folder", count(FileArea::Space, year)?, all - 5)?;
        let again = self.call(&ann.drive, &job(JobType::Copy, JobAction::Copy, moved))?;
        self.call(&ann.drive, &CancelJob::new(&*again))?;
        self.pass(60);
        let cancelled = self.call(&ann.drive, &GetJob::new(again))?.job_info.and_then(|info| info.status);
        same("the job", cancelled, Some(JobStatus::Cancelled))?;
        same("the archive", count(FileArea::Space, &archive)?, 5)?;

        self.job(ann, &job(JobType::Delete, JobAction::Recycle, &kept[..3]))?;
        same("the recycle bin", count(FileArea::RecycleBin, "root")?, 3)?;
        same("the use of the space", self.space(&ann.id)?.space_used, Some(2 * FILES + REVISIONS))?;
        self.refused(&ann.drive, &RenameFile::new(&*kept[0], ann.space.clone(), "x"), "13000306")?;
        let restore = TaskInfo::new([JobFile::new(&*kept[0])], ann.space.clone());
        self.job(ann, &CreateJob::new(JobType::Restore, restore, ann.space.clone()))?;
        same("the recycle bin", count(FileArea::RecycleBin, "root")?, 2)?;
        same("the folder", count(FileArea::Space, year)?, all - 7)?;
        self.job(ann, &job(JobType::Delete, JobAction::Delete, &kept[1..3]))?;
        same("the recycle bin", count(FileArea::RecycleBin, "root")?, 0)?;
        same("the use of the space", self.space(&ann.id)?.space_used, Some(2 * FILES + REVISIONS - 4))
    }

    /// Ann's files go to Bob, and she is no user any longer.
    fn leave(&self, ann: &Person<T>, bob: &Person<T>, share_id: &str) -> Done {
        self.call(&ann.drive, &CancelShares::new().share_ids([share_id]))?;
        let shares = self.call(&bob.drive, &ListSharesWithMe::new())?.share_links;
        expect("the share has ended", shares.iter().all(|share| share.status != Some(ShareStatus::UntilExpiry)))?;
        let leave = CreateTask::new().task_type(TaskType::HandOver).src_user_id(&*ann.id).dst_user_id(&*bob.id);
        let task = want(self.admin(&leave)?.task_id)?;
        self.pass(60);
        same("the task", self.admin(&GetTask::new(task))?.status, Some(TaskStatus::Succeeded))?;
        same("Bob's folders", self.names(bob, FileArea::Space, "root")?.len(), 2)?;
        self.refused(&self.admin, &GetUser::new(&*ann.id), "13000309")?;
        self.refused(&self.admin, &GetSpace::new(&*ann.id, SpaceType::Individual), "13000301")?;
        expect("Ann is out", self.attempt(&ann.drive, &GetUser::new(&*ann.id)).is_err())
    }

    /// A folder of one household's, in which another one works for a while.
    fn share_a_folder(&self, anonymous: &T) -> Done {
        let person = |mobile: &str| -> Result<(String, T), BoxError> {
            let validate = ValidateCode::new("request", CodeType::Registration).code("4719");
            let proof = want(self.call(anonymous, &validate)?.token)?;
            let account = RegisterAccount::new(mobile).firstname("A").surname(mobile).captcha_token(proof.as_str());
            let id = want(self.call(anonymous, &account.password("01ASDAa1"))?.user_id)?.as_str().to_owned();
            let drive = self.signing(&id)?;
            Ok((id, drive))
        };
        let (eve, eve_drive) = person("0027188460901")?;
        let (joe, joe_drive) = person("0027188460902")?;
        let space = want(self.space(&eve)?.container_id)?;
        self.call(&eve_drive, &CreateSharedFolder::new(space.clone(), "Family"))?;
        let folder = self.call(&eve_drive, &ListSharedFolders::new(0, 10))?.folders.remove(0);
        let (group, root) = (want(folder.group_id)?, want(folder.share_folder_file_id)?);
        let enter = GetFile::new(root.clone(), space.clone());
        self.refused(&joe_drive, &enter, "13000410")?;
        let invite = want(self.call(&eve_drive, &InviteMember::new(group.clone(), "0027188460902"))?.invite_id)?;
        self.call(&joe_drive, &ConfirmInvitation::new(group.clone(), invite, InvitationReply::Join))?;
        self.call(&joe_drive, &enter)?;
        self.call(&joe_drive, &CreateDirectory::new("Photos", space.clone()).parent_folder([root.clone()]))?;
        self.refused(&joe_drive, &CreateDirectory::new("Mine", space.clone()), "13000410")?;
        self.call(&eve_drive, &RemoveMember::new(group, &*joe).owner_id(&*eve))?;
        self.refused(&joe_drive, &enter, "13000410")?;
        self.call(&eve_drive, &DeleteSharedFolder::new(want(folder.id)?))?;
        for user in [eve, joe] {
            self.admin(&DeleteUser::new(user))?;
        }
        Ok(())
    }

    fn space(&self, owner: &str) -> Result<Space, BoxError> {
        self.admin(&GetSpace::new(owner, SpaceType::Individual))
    }

    /// Creates a folder, and returns its id.
    fn folder(&self, who: &Person<T>, name: &str, parent: &str) -> Result<String, BoxError> {
        let create = CreateDirectory::new(name, who.space.clone()).parent_folder([parent]);
        Ok(want(self.call(&who.drive, &create)?.id)?.as_str().to_owned())
    }

    /// The names in a folder, sorted, read page by page.
    fn names(&self, who: &Person<T>, area: FileArea, folder: &str) -> Result<Vec<String>, BoxError> {
        let mut list = ListPersonalFiles::new(area, who.space.clone(), folder);
        let mut names = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let info = PageInfo::new().page_size(10);
            list = list.page_info(cursor.take().into_iter().fold(info, PageInfo::page_cursor));
            let page = self.call(&who.drive, &list)?;
            expect("a page has ten entries at most", page.files.len() <= 10)?;
            names.extend(page.files.into_iter().filter_map(|file| file.file_name));
            match page.next_cursor {
                Some(next) => cursor = Some(next),
                None => break,
            }
        }
        names.sort();
        Ok(names)
    }

    /// Starts a job, lets its time pass, and waits for its end as programs do.
    fn job(&self, who: &Person<T>, job: &CreateJob) -> Done {
        let id = self.call(&who.drive, job)?;
        self.pass(60);
        let until = Until::new(GetJob::new(id), Duration::from_secs(60), JobDetail::is_over);
        let detail = who.drive.run(until)?;
        let info = want(detail.job_info)?;
        same("the job", (info.status, info.task_result_code), (Some(JobStatus::Finished), Some(JobResult::Succeeded)))
    }

    /// How often an operation was executed.
    fn executed(&self, operation: &str) -> usize {
        let ledger = self.server.ledger();
        ledger.iter().filter(|entry| entry.operation == Some(operation) && entry.refused.is_none()).count()
    }

    /// Each call was executed once, and nothing else that changes something.
    fn check_ledger(&self, ledger: &[Entry]) -> Done {
        let mut runs: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in ledger.iter().filter(|entry| entry.refused.is_none()) {
            *runs.entry(entry.trace_id.as_deref().unwrap_or_default()).or_default() += 1;
        }
        for (trace_id, operation, safety) in self.calls.borrow().iter() {
            let runs = runs.get(trace_id.as_str()).copied().unwrap_or(0);
            if *safety == Safety::Once && runs > 1 {
                return Err(format!("{operation} ran {runs} times").into());
            }
        }
        expect("nothing is answered with an example", ledger.iter().all(|entry| !entry.documented))
    }
}

fn api(server: &Server, credentials: Credentials) -> Result<Api, Error> {
    let policy = RetryPolicy::default().max_attempts(20).first_pause(Duration::from_millis(1));
    let api = Api::new(server.endpoint(), credentials)?.agent_name("standard")?;
    Ok(api.retry(policy.longest_pause(Duration::from_millis(4))).random_seed(1))
}

fn want<V>(value: Option<V>) -> Result<V, BoxError> {
    value.ok_or_else(|| "a member is missing".into())
}

fn expect(what: &str, holds: bool) -> Done {
    if holds { Ok(()) } else { Err(format!("not as expected: {what}").into()) }
}

#[expect(clippy::needless_pass_by_value, reason = "most are temporary values")]
fn same<V: PartialEq + Debug>(what: &str, is: V, should: V) -> Done {
    if is == should { Ok(()) } else { Err(format!("{what}: {is:?} instead of {should:?}").into()) }
}
