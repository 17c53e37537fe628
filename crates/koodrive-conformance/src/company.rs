//! The life of a company on a simulated drive, from its first department to its last user, through a transport. The state
//! is checked after every step, and the ledger in the end.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use koodrive_proto::auth::Refresh;
use koodrive_proto::chrono::TimeDelta;
use koodrive_proto::error::BoxError;
use koodrive_proto::flow::Until;
use koodrive_proto::ops::accounts::{CodeType, RegisterAccount, ValidateCode};
use koodrive_proto::ops::audit_log::ListAuditLogs;
use koodrive_proto::ops::departments::{CreateDepartment, DeleteDepartment, GetDepartment, ListDepartments};
use koodrive_proto::ops::favorites::{FileToStar, ListStarredFiles, StarFiles};
use koodrive_proto::ops::files::{
    CompleteFile, CreateDirectory, CreateFile, FileArea, FileType, GetFile, GetFolderStats, GetFullPath,
    ListPersonalFiles, OnConflict, PageInfo, RenameFile,
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
use koodrive_proto::param::SpaceId;
use koodrive_proto::schema::Safety;
use koodrive_proto::{AccessToken, Api, Call, Credentials, Error, Operation, RetryPolicy, TraceId};
use koodrive_sim::{Entry, Server, Simulator};

use crate::Transport;

/// The user in whose name the application works first.
pub(crate) const ADMIN: &str = "1505084218764547200";

/// How many files Ann has, listed by pages of ten.
const FILES: usize = 25;

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

    /// Lets a job's time pass by the simulator's clock.
    fn pass(&self, seconds: i64) {
        self.server.simulator().advance(TimeDelta::seconds(seconds));
    }

    fn live(&self) -> Done {
        let usage = || self.admin(&GetSpaceUsageOverview::new());
        let start = usage()?;

        self.step.set("departments and users");
        let root = want(self.admin(&ListDepartments::new())?.departments.remove(0).id)?;
        let sales = want(self.admin(&CreateDepartment::new("Sales", root.clone()))?.id)?;
        let people = |account: &str, role| -> Result<String, BoxError> {
            let placement = Placement::new().dept_id(sales.clone()).role(role);
            want(want(self.admin(&CreateUser::new(account, placement))?)?.id)
        };
        let (ann, bob) = (people("1008001", UserRole::Manager)?, people("1008002", UserRole::User)?);
        same("Ann's department", self.admin(&GetUser::new(&*ann))?.dept_name.as_deref(), Some("Sales"))?;
        same("users of Sales", self.admin(&ListUsers::new(0, 10).dept_id(sales.clone()))?.total, Some(2))?;
        self.refused(&self.admin, &DeleteDepartment::new(sales.clone()), "13000102")?;

        self.step.set("spaces");
        let before = usage()?;
        for (user, capacity) in [(&ann, 5), (&bob, 2)] {
            let size = u64::try_from(capacity)?;
            self.admin(&CreateSpace::new(&**user, SpaceType::Individual, size))?;
            same("the capacity", self.space(user)?.capacity, Some(capacity))?;
        }
        same("all spaces", usage()?.total_capacity, before.total_capacity.map(|capacity| capacity + 7))?;
        let own = |user: &str| -> Result<_, BoxError> { want(self.space(user)?.container_id) };
        let (ann_space, bob_space) = (own(&ann)?, own(&bob)?);

        self.step.set("signing in");
        let anonymous = T::new(api(self.server, Credentials::anonymous())?);
        let session = self.call(&anonymous, &CreateSession::new("1008001"))?;
        let token = AccessToken::as_issued(want(session.access_token)?.as_str());
        let renewed = Refresh::session(want(session.session_id)?.as_str());
        let ann_api = api(self.server, Credentials::token(token, &*ann).refresh(renewed))?;
        let (ann_drive, bob_drive) = (T::new(ann_api), self.signing(&bob)?);
        same("Ann sees herself", self.call(&ann_drive, &GetUser::new(&*ann))?.id.as_deref(), Some(&*ann))?;
        self.refused(&bob_drive, &CreateDirectory::new("Mine", ann_space.clone()), "13000410")?;

        self.step.set("folders and files");
        let folder = |name: &str, parent: &str| -> Result<_, BoxError> {
            let create = CreateDirectory::new(name, ann_space.clone()).parent_folder([parent]);
            Ok(want(self.call(&ann_drive, &create)?.id)?.as_str().to_owned())
        };
        let reports = folder("Reports", "root")?;
        let year = folder("2026", &reports)?;
        let mut files = Vec::new();
        for number in 0..FILES {
            let create = CreateFile::new(format!("plan {number:02}.docx"), FileType::Word, &*year, 2048)
                .auto_rename(OnConflict::Refuse)
                .container_id(ann_space.clone());
            let id = want(self.call(&ann_drive, &create)?.file_id)?.as_str().to_owned();
            self.call(&ann_drive, &CompleteFile::new(&*id))?;
            files.push(id);
        }
        let again = CreateFile::new("plan 00.docx", FileType::Word, &*year, 1).auto_rename(OnConflict::Refuse);
        self.refused(&ann_drive, &again.container_id(ann_space.clone()), "13000405")?;
        let names: Vec<String> = (0..FILES).map(|number| format!("plan {number:02}.docx")).collect();
        same("the folder", self.names(&ann_drive, &ann_space, FileArea::Space, &year)?, names)?;
        let stats = self.call(&ann_drive, &GetFolderStats::new("root", ann_space.clone()))?;
        same("the counts", (stats.sub_dir_count, stats.sub_file_count), (Some(2), Some(FILES as i64)))?;
        same("the bytes", stats.total_size, Some(2048 * FILES as i64))?;
        same("the use of the space", self.space(&ann)?.space_used, Some(2 * FILES as i64))?;

        self.step.set("names, paths and favourites");
        self.call(&ann_drive, &RenameFile::new(&*files[0], ann_space.clone(), "final.docx"))?;
        let detail = |id: &str| self.call(&ann_drive, &GetFile::new(id, ann_space.clone()));
        same("the new name", detail(&files[0])?.file_name.as_deref(), Some("final.docx"))?;
        let path = self.call(&ann_drive, &GetFullPath::new(&*files[0], ann_space.clone()))?;
        expect("the path leads there", format!("{path:?}").contains("Reports/2026/final.docx"))?;
        let star = FileToStar::new(&*files[0]).container_id(ann_space.clone());
        self.call(&ann_drive, &StarFiles::new(true, [star]))?;
        same("favourites", self.call(&ann_drive, &ListStarredFiles::new())?.files.len(), 1)?;

        self.step.set("revisions");
        self.call(&ann_drive, &CreateRevision::new(ann_space.clone(), &*files[0], 4096))?;
        self.call(&ann_drive, &CompleteRevision::new(&*files[0]))?;
        same("the new size", detail(&files[0])?.size, Some(4096))?;
        let revisions = self.call(&ann_drive, &ListRevisions::new(ann_space.clone(), &*files[0]))?.revisions;
        let old = revisions.iter().find(|revision| revision.size == Some(2048)).and_then(|one| one.revision_id.clone());
        self.call(&ann_drive, &RestoreRevision::new(ann_space.clone(), &*files[0], want(old)?))?;
        same("the old size", detail(&files[0])?.size, Some(2048))?;

        self.step.set("a share");
        let unread = |who: &T| -> Result<_, BoxError> { Ok(self.call(who, &GetUnreadMessageCount::new())?.count) };
        same("Bob's messages", unread(&bob_drive)?, Some(0))?;
        let create = CreateShare::new(ShareScope::Named, [&*reports], ann_space.clone(), 7);
        let share = self.call(&ann_drive, &create.user_ids([&*bob]).extract_code("a1B2c3D4"))?.share_link;
        let share = want(share)?;
        let (share_id, link) = (want(share.share_id)?, want(share.short_url)?.as_str().to_owned());
        same("Bob's messages", unread(&bob_drive)?, Some(1))?;
        self.refused(&bob_drive, &VerifyExtractCode::new(&*link, "a1B2c3D5"), "13000102")?;
        let token = want(self.call(&bob_drive, &VerifyExtractCode::new(&*link, "a1B2c3D4"))?.share_token)?;
        let list = ListShareFiles::new(&*link).share_token(token.as_str());
        same("what is shared", self.call(&bob_drive, &list)?.files.len(), 1)?;
        let target = SaveTarget::new("root", bob_space.clone());
        let save = CreateShareTask::new(ShareTaskType::Save, ann_space.clone(), [&*reports], &*share_id);
        let save = save.target(target).share_token(token.as_str());
        let task = want(self.call(&bob_drive, &save)?.task_id)?;
        self.pass(60);
        let task = self.call(&bob_drive, &GetShareTask::new(task).share_id(&*share_id).share_token(token.as_str()))?;
        expect("saving is over", task.is_over())?;
        same("Bob's files", self.names(&bob_drive, &bob_space, FileArea::Space, "root")?, vec!["Reports".to_owned()])?;
        same("the use of Bob's space", self.space(&bob)?.space_used, Some(2 * FILES as i64))?;

        self.step.set("moving, deleting and restoring");
        let archive = folder("Archive", "root")?;
        let job = |kind, action, files: &[String]| {
            let files: Vec<JobFile> =
                files.iter().map(|id| JobFile::new(&**id).file_path(format!("/root/{reports}/{year}/{id}"))).collect();
            let task = TaskInfo::new(files, ann_space.clone()).new_file_path(format!("/root/{archive}"));
            CreateJob::new(kind, task, ann_space.clone()).action_type(action)
        };
        let (moved, kept) = files.split_at(5);
        self.job(&ann_drive, &job(JobType::Move, JobAction::Move, moved))?;
        let within = |folder: &str| self.names(&ann_drive, &ann_space, FileArea::Space, folder);
        same("the archive", within(&archive)?.len(), 5)?;
        same("the folder", within(&year)?.len(), FILES - 5)?;
        let again = self.call(&ann_drive, &job(JobType::Copy, JobAction::Copy, moved))?;
        self.call(&ann_drive, &CancelJob::new(&*again))?;
        self.pass(60);
        let cancelled = self.call(&ann_drive, &GetJob::new(again))?.job_info.and_then(|info| info.status);
        same("the job", cancelled, Some(JobStatus::Cancelled))?;
        same("the archive", within(&archive)?.len(), 5)?;
        self.job(&ann_drive, &job(JobType::Delete, JobAction::Recycle, &kept[..3]))?;
        let bin = || self.names(&ann_drive, &ann_space, FileArea::RecycleBin, "root");
        same("the recycle bin", bin()?.len(), 3)?;
        same("the use of the space", self.space(&ann)?.space_used, Some(2 * FILES as i64))?;
        self.refused(&ann_drive, &RenameFile::new(&*kept[0], ann_space.clone(), "x"), "13000306")?;
        let restore = TaskInfo::new([JobFile::new(&*kept[0])], ann_space.clone());
        self.job(&ann_drive, &CreateJob::new(JobType::Restore, restore, ann_space.clone()))?;
        same("the recycle bin", bin()?.len(), 2)?;
        same("the folder", within(&year)?.len(), FILES - 7)?;
        self.job(&ann_drive, &job(JobType::Delete, JobAction::Delete, &kept[1..3]))?;
        same("the recycle bin", bin()?.len(), 0)?;
        same("the use of the space", self.space(&ann)?.space_used, Some(2 * FILES as i64 - 4))?;

        self.step.set("a group");
        let group = want(self.call(&ann_drive, &CreateUserGroup::new("Fair", GroupKind::Group))?.id)?;
        let member = AmendModRole::new(bob.parse::<i64>()?, AmendModRole::ANONYMOUS).capabilities(Capabilities::all());
        self.call(&ann_drive, &AddUserGroupMembers::new(group.clone(), [member]))?;
        let members = self.call(&ann_drive, &ListUserGroupMembers::new(group, 0, 100))?;
        same("members", members.members.len(), 2)?;

        self.step.set("a token is renewed");
        self.pass(21 * 60);
        same("Ann is still in", within(&archive)?.len(), 5)?;
        same("it was renewed once", self.executed("RefreshSession"), 1)?;

        self.step.set("a family shares a folder");
        self.share_a_folder(&anonymous)?;

        self.step.set("Ann leaves");
        self.call(&ann_drive, &CancelShares::new().share_ids([&*share_id]))?;
        let shares = self.call(&bob_drive, &ListSharesWithMe::new())?.share_links;
        expect("the share has ended", shares.iter().all(|share| share.status != Some(ShareStatus::UntilExpiry)))?;
        let leave = CreateTask::new().task_type(TaskType::HandOver).src_user_id(&*ann).dst_user_id(&*bob);
        let task = want(self.admin(&leave)?.task_id)?;
        self.pass(60);
        same("the task", self.admin(&GetTask::new(task))?.status, Some(TaskStatus::Succeeded))?;
        same("Bob's folders", self.names(&bob_drive, &bob_space, FileArea::Space, "root")?.len(), 2)?;
        self.refused(&self.admin, &GetUser::new(&*ann), "13000309")?;
        self.refused(&self.admin, &GetSpace::new(&*ann, SpaceType::Individual), "13000301")?;
        expect("Ann is out", self.attempt(&ann_drive, &GetFile::new(&*files[0], ann_space)).is_err())?;

        self.step.set("the end");
        let disabled = UpdateSpace::new(&*bob, SpaceType::Individual).status(SpaceStatus::Disabled);
        self.admin(&disabled)?;
        self.refused(&bob_drive, &CreateDirectory::new("Late", bob_space), "13000301")?;
        self.admin(&DeleteSpace::new(&*bob, SpaceType::Individual))?;
        self.admin(&DeleteUser::new(&*bob))?;
        self.admin(&DeleteDepartment::new(sales.clone()))?;
        self.refused(&self.admin, &GetDepartment::new(sales), "13000309")?;
        same("all spaces", usage()?, start)?;
        let log = self.admin(&ListAuditLogs::new().operations(["CreateDepartment", "DeleteDepartment"]))?;
        same("what the log tells", log.total, Some(2))
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
        let space = want(self.call(&eve_drive, &GetSpace::new(&*eve, SpaceType::Individual))?.container_id)?;
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

    /// The names in a folder, sorted, read page by page.
    fn names(&self, who: &T, space: &SpaceId, area: FileArea, folder: &str) -> Result<Vec<String>, BoxError> {
        let mut list = ListPersonalFiles::new(area, space.clone(), folder);
        let mut names = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let info = PageInfo::new().page_size(10);
            list = list.page_info(cursor.take().into_iter().fold(info, PageInfo::page_cursor));
            let page = self.call(who, &list)?;
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
    fn job(&self, who: &T, job: &CreateJob) -> Done {
        let id = self.call(who, job)?;
        self.pass(60);
        let until = Until::new(GetJob::new(id), Duration::from_secs(60), JobDetail::is_over);
        let detail = who.run(until)?;
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

fn same<V: PartialEq + Debug>(what: &str, is: V, should: V) -> Done {
    if is == should { Ok(()) } else { Err(format!("{what}: {is:?} instead of {should:?}").into()) }
}
