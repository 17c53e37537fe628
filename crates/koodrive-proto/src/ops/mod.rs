//! The operations, in one module for each family of the manual.
//!
//! Each operation is a type whose values are requests: `new` takes what is required, and setters take the rest. See
//! [`Operation`] for what operations share, [`ALL`] for all of them as a table, and [`visit`] for all of them as types.
//!
//! In the docs of an operation, "the page" is the operation's page in the manual, and "the table" and "the example" are
//! those of this page.
//!
//! The manuals have one table of error codes for all calls: [`codes`](crate::error::codes()). Where the texts of some
//! codes show that they belong to a family, the docs of its module name these codes.

pub mod accounts;
pub mod albums;
pub mod archives;
pub mod audit_log;
pub mod backup;
pub mod benefits;
pub mod departments;
pub mod favorites;
pub mod files;
pub mod groups;
pub mod invitations;
pub mod jobs;
pub mod messages;
pub mod moderation;
pub mod permissions;
pub mod portal;
pub mod previews;
pub mod reconciliation;
pub mod revisions;
pub mod service;
pub mod sessions;
pub mod share_links;
pub mod shared_folders;
pub mod shares;
pub mod spaces;
pub mod tasks;
pub mod users;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::check::FromParams;
use crate::operation::{Operation, Paged};
use crate::schema::{Meta, Safety};

/// Does something with each operation as a type: see [`visit`].
pub trait Visitor {
    /// Visits one operation.
    fn operation<O>(&mut self)
    where
        O: Operation<Output: Serialize + DeserializeOwned + Debug + Send>
            + FromParams
            + Clone
            + Debug
            + PartialEq
            + Send
            + Sync
            + 'static;

    /// Visits an operation once more, if it lists something page by page.
    fn listing<O>(&mut self)
    where
        O: Paged<Output: Serialize + DeserializeOwned + Debug + Send>
            + FromParams
            + Clone
            + Debug
            + PartialEq
            + Send
            + Sync
            + 'static,
    {
    }
}

/// Declares the table of all operations and [`visit`] from one list, in which `: listing` marks what is [`Paged`].
macro_rules! operations {
    ($($module:ident { $($operation:ident $(: $visit:ident)?),* $(,)? })*) => {
        /// The tables of all operations.
        ///
        /// ```
        /// for meta in koodrive_proto::ops::ALL {
        ///     println!("{} {} {}::{}", meta.method, meta.path, meta.module, meta.name);
        /// }
        /// ```
        pub const ALL: &[&Meta] = &[$($($module::$operation::META,)*)*];

        /// Visits all operations, in the order of [`ALL`].
        ///
        /// ```
        /// use koodrive_proto::ops::{Visitor, visit};
        /// use koodrive_proto::Operation;
        /// use koodrive_proto::check::FromParams;
        ///
        /// /// Reads a request that was recorded as JSON, whichever operation it is.
        /// struct Check<'a> { name: &'a str, params: serde_json::Value, result: Option<String> }
        ///
        /// impl Visitor for Check<'_> {
        ///     fn operation<O: Operation + FromParams>(&mut self) {
        ///         if O::META.name == self.name {
        ///             let check = O::from_params(&self.params).and_then(|op| op.check());
        ///             self.result = Some(check.map_or_else(|error| error.to_string(), |()| "fine".to_owned()));
        ///         }
        ///     }
        /// }
        ///
        /// let params = serde_json::json!({"ownerId": "7", "type": 9});
        /// let mut check = Check { name: "GetSpace", params, result: None };
        /// visit(&mut check);
        /// assert_eq!(check.result.unwrap(), "type: got 9, allowed: 0 (Department), 1 (Individual), 2 (Group)");
        /// ```
        pub fn visit(visitor: &mut impl Visitor) {
            $($(
                visitor.operation::<$module::$operation>();
                $(visitor.$visit::<$module::$operation>();)?
            )*)*
        }
    };
}

operations! {
    accounts {
        DeregisterAccount, GetAccount, GetRegistrationResult: listing, Login, Logout, ModifyPassword, RefreshToken,
        RegisterAccount, RegisterUsers, ResetPassword, UpdateAccount, ValidateCode,
    }
    albums {
        AddAlbumContent, CreateAlbum, DeleteAlbum, DeleteAlbumContent, ListAlbumContent: listing, ListAlbums: listing,
        UpdateAlbum,
    }
    archives { ListArchive }
    audit_log { ListAuditLogs: listing }
    backup {
        AddBackupScopes, BindBackupDevice, CompleteBackup, CreateBackupFile, CreateBackupLock, CreateBackupRecord,
        DeleteBackupRecord, DeleteBackupScopes, GetBackupRecord, ListBackupDevices, ListBackupFiles: listing,
        ListBackupRecords: listing, ListBackupScopes, ReleaseBackupLock, RenewBackupLock, UnbindBackupDevice,
    }
    benefits { NotifyPackageExpiry, ReverseOrder }
    departments { CreateDepartment, DeleteDepartment, GetDepartment, ListDepartments, UpdateDepartment }
    favorites { ListStarredFiles: listing, StarFiles }
    files {
        ClearRecycleBin, CompleteFile, CreateDirectory, CreateFile, GetDownloadUrls, GetFile,
        GetFileOperations: listing, GetFolderStats, GetFullPath, GetUploadUrls, ListGroupFiles: listing,
        ListPersonalFiles: listing, RenameFile, SearchFiles: listing,
    }
    groups {
        AddUserGroupMembers, CreateUserGroup, DeleteUserGroup, ListUserGroupMembers: listing, ListUserGroups: listing,
        RemoveUserGroupMembers, UpdateUserGroup,
    }
    invitations { ConfirmInvitation, GetInvitation, InviteMember, ListInvitees, ListPendingInvitations, RemoveMember }
    jobs { CancelJob, CreateJob, GetJob, ListJobs: listing }
    messages {
        DeleteMessages, GetUnreadMessageCount, ListMessages: listing, ListUnreadNotifications: listing, ReadMessages,
        UpdateMessageStates, UpdateNotification,
    }
    moderation { GetModeratedFiles, ListModeratedFiles: listing, ModerateFiles }
    permissions {
        CreatePermissionTemplate, DeletePermissionTemplates, EditPermissionTemplate, GetInitialMemberPermission,
        GetPermissionTemplateUse, GetPermissionTemplates, ListPermissionTemplates: listing,
        ListUserPermissions: listing, ModifyPermissionTemplateStatus, SetInitialMemberPermission, UpdatePermissions,
    }
    portal { ListRecentFiles, ListRelatedFiles: listing }
    previews { CreateThumbnailTask, CreateVideoThumbnailTask, GetFilePreviewUrl, GetShareFilePreviewUrl }
    reconciliation { ListReconciliationDiffs: listing, VerifyReconciliationData }
    revisions {
        CompleteRevision, CreateRevision, DeleteRevision, GetRevision, ListRevisions: listing, RestoreRevision,
        UpdateRevision,
    }
    service { GetJsSdkInfo, GetQuotaUsage, GetServiceStatus, SetPackageDownloadExpires }
    sessions { CheckSession, CreateSession, GetAuthCodeURL, LogOff, RefreshSession }
    share_links {
        CreatePublicShareTask, CreateShareTask, DownloadPublicShareFile, DownloadShareFile, GetPublicShareInfo,
        GetPublicShareTask, GetShareInfo, GetShareTask, ListPublicShareFiles: listing, ListShareFiles: listing,
        VerifyExtractCode, VerifyPublicExtractCode, VisitPublicShare, VisitShare,
    }
    shared_folders {
        CreateSharedFolder, DeleteSharedFolder, GetSharedFolder, ListSharedFolders: listing, RenameSharedFolder,
    }
    shares {
        CancelShares, CreateShare, ExitShare, GetShareByMe, GetShareWithMe, ListSharesByMe: listing,
        ListSharesWithMe: listing, UpdateShare,
    }
    spaces {
        CreateGroupSpace, CreateSpace, DeleteGroupSpace, DeleteSpace, GetSpace, GetSpaceAllocation, GetSpaceByContainer,
        GetSpaceUsageByQuota: listing, GetSpaceUsageByUser: listing, GetSpaceUsageOverview, GetSpaces,
        ListDepartmentSpaces: listing, ListGroupSpaces: listing, ListOwnerSpaces, ListTeamSpaces: listing,
        ListUserSpaces: listing, TransferUnallocatedSpace, UpdateSpace,
    }
    tasks { CreateTask, GetHandoverRecipient, GetTask, GetTaskResult, ListTasks: listing }
    users {
        CountUsers, CreateUser, DeleteUser, ExpandUserQuota, GetUser, GetUserMobile, ListUsers: listing,
        PreverifyUserImport, UpdateUser,
    }
}

/// The operations whose [`Safety`] differs from [what their method promises](Safety::of), with the safety that they
/// have, and why.
pub const SAFETY_EXCEPTIONS: &[(&str, Safety, &str)] = &[
    ("DeletePermissionTemplates", Safety::Idempotent, "a POST that deletes by id, as a DELETE does"),
    ("DeleteRevision", Safety::Idempotent, "a POST that deletes by id, as a DELETE does"),
    ("DeleteSharedFolder", Safety::Idempotent, "a POST that deletes by id, as a DELETE does"),
    ("DeleteSpace", Safety::Once, "without containerId a second run could meet another space of the same owner"),
    (
        "EditPermissionTemplate",
        Safety::Idempotent,
        "a POST that sets the same values of one template, however often it runs",
    ),
    (
        "GetDownloadUrls",
        Safety::ReadOnly,
        "a POST that only reads: its body names the files, and each run issues links for them",
    ),
    ("GetFile", Safety::ReadOnly, "a POST that only reads: its body names the space of the file"),
    (
        "GetJsSdkInfo",
        Safety::Idempotent,
        "a GET whose second run issues one more code that works once; the last one is used",
    ),
    ("GetModeratedFiles", Safety::ReadOnly, "a POST that only reads: its body is a list of files to read about"),
    ("GetPermissionTemplates", Safety::ReadOnly, "a POST that only reads: its body is a list of ids"),
    ("GetRevision", Safety::ReadOnly, "a POST that only reads: its body says which revision of which file"),
    ("GetShareFilePreviewUrl", Safety::Once, "a GET that may count as a view of the share"),
    ("GetShareTask", Safety::ReadOnly, "a POST that only reads: its body names the task"),
    ("GetSpaceUsageByUser", Safety::ReadOnly, "a POST that only reads: its body is a list of users to report on"),
    ("GetUploadUrls", Safety::Idempotent, "a POST whose second run issues links for the same parts again"),
    ("ListAuditLogs", Safety::ReadOnly, "a POST that only reads: its body says which entries on which page"),
    ("ListGroupFiles", Safety::ReadOnly, "a POST that only reads: its body says which page of which folder"),
    ("ListPersonalFiles", Safety::ReadOnly, "a POST that only reads: its body says which page of which folder"),
    ("ListRevisions", Safety::ReadOnly, "a POST that only reads: its body says which page of which file"),
    (
        "ListStarredFiles",
        Safety::Idempotent,
        "a GET that may remove favourites whose file is gone; a second run finds them gone already",
    ),
    (
        "LogOff",
        Safety::Once,
        "a GET that ends the session: a second run could get a new token and end the session of that one",
    ),
    (
        "ModerateFiles",
        Safety::Idempotent,
        "a POST that adds or replaces the verdict on each file, however often it runs",
    ),
    (
        "ModifyPermissionTemplateStatus",
        Safety::Idempotent,
        "a POST that sets the same state of one template, however often it runs",
    ),
    (
        "PreverifyUserImport",
        Safety::ReadOnly,
        "a POST that only checks: its body is a list of users who are to be imported later",
    ),
    ("ReadMessages", Safety::Idempotent, "a POST that marks messages as read; one that has been read stays so"),
    (
        "RefreshSession",
        Safety::Idempotent,
        "a POST whose second run issues one more token for the same session; the last one is used",
    ),
    ("RenewBackupLock", Safety::Idempotent, "a PATCH that sets the lock's life to 10 minutes, however often it runs"),
    ("SearchFiles", Safety::ReadOnly, "a POST that only reads: its body says what to search for"),
    (
        "SetInitialMemberPermission",
        Safety::Idempotent,
        "a POST that adds or replaces the permissions of one department or group, however often it runs",
    ),
    ("SetPackageDownloadExpires", Safety::Idempotent, "a POST that sets one number, however often it runs"),
    ("StarFiles", Safety::Idempotent, "a POST that sets whether files are favourites, however often it runs"),
    (
        "UpdateNotification",
        Safety::Idempotent,
        "a POST that marks a notification as read; one that has been read stays so",
    ),
    (
        "UpdateRevision",
        Safety::Idempotent,
        "a POST that sets whether a revision is kept forever, however often it runs",
    ),
    ("VisitPublicShare", Safety::Once, "a GET that records a visit, so a second run would count one more"),
    ("VisitShare", Safety::Once, "a GET that may count a visit, as that of a public link does"),
];
