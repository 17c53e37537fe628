//! Permissions in the enterprise edition: who may do what in the space of a department or group.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`CreatePermissionTemplate`] | creates a permission template |
//! | [`ListPermissionTemplates`] | lists the permission templates of the enterprise |
//! | [`GetPermissionTemplates`] | reads permission templates by their ids |
//! | [`EditPermissionTemplate`] | changes a permission template |
//! | [`ModifyPermissionTemplateStatus`] | enables or disables a permission template |
//! | [`GetPermissionTemplateUse`] | tells whether a permission template is in use |
//! | [`DeletePermissionTemplates`] | deletes permission templates |
//! | [`SetInitialMemberPermission`] | sets what new members of a department or group may do |
//! | [`GetInitialMemberPermission`] | reads what new members of a department or group may do |
//! | [`ListUserPermissions`] | lists the users of a space and what they may do |
//! | [`UpdatePermissions`] | changes what several users may do |
//!
//! The permissions of a user are those of a template, or, with the anonymous template (-1), any others:
//!
//! ```
//! # use koodrive_proto::ops::permissions::*;
//! // A template for readers, and what its id is.
//! let reader = Capabilities::none().list_child_node_permission(true).view_permission(true);
//! let create = CreatePermissionTemplate::new("Readers", TemplateType::Custom, "10001", reader.clone());
//! let list = ListPermissionTemplates::new(0, 100).template_type(TemplateType::Custom);
//! // New members of the department begin as readers; this one may upload as well.
//! let begin = SetInitialMemberPermission::new(1570902000000004673, "1590626552448551681");
//! let uploader = AmendModRole::new(1505084218764547200, AmendModRole::ANONYMOUS)
//!     .capabilities(reader.upload_permission(true));
//! let update = UpdatePermissions::new([uploader], TeamSpaceType::Department, "IAADfsBFCO6WtAtuA9add2fea594e4e75");
//! ```
//!
//! Unlike most others, the manual's pages of this family call the token an application's access token. Some of their
//! examples send it in the usual form, such as `Bearer+7b8d…`.
//!
//! Error codes of this family, judging by their texts: 13000410 (the user may not act on the space), 13000411 (the file
//! is not in that space), 13000415 (the space is not that of the department or group).

mod list;
mod manage;
mod members;

pub use list::*;
pub use manage::*;
pub use members::*;

use crate::{answer, choices, object};

object! {
    /// What a user may do. All permissions are required; begin with [`none`](Self::none) or [`all`](Self::all).
    Capabilities {{
        /// Permission to create files and folders.
        add_child_node_permission: bool = "addChildNodePermission",
        /// Permission to copy.
        copy_permission: bool = "copyPermission",
        /// Permission to delete.
        delete_permission: bool = "deletePermission",
        /// Permission to download.
        download_permission: bool = "downloadPermission",
        /// Permission to edit, which the page says is not supported yet.
        edit_permission: bool = "editPermission",
        /// Permission to see the list.
        list_child_node_permission: bool = "listChildNodePermission",
        /// Permission to move.
        remove_child_node_permission: bool = "removeChildNodePermission",
        /// Permission to rename.
        rename_file_permission: bool = "renameFilePermission",
        /// Permission to share.
        share_file_permission: bool = "shareFilePermission",
        /// Permission to upload.
        upload_permission: bool = "uploadPermission",
        /// Permission to preview.
        view_permission: bool = "viewPermission",
    }}
}

impl Capabilities {
    /// Returns no permission at all.
    pub fn none() -> Self {
        Self::each(false)
    }

    /// Returns all permissions.
    pub fn all() -> Self {
        Self::each(true)
    }

    fn each(allowed: bool) -> Self {
        Self::new()
            .add_child_node_permission(allowed)
            .copy_permission(allowed)
            .delete_permission(allowed)
            .download_permission(allowed)
            .edit_permission(allowed)
            .list_child_node_permission(allowed)
            .remove_child_node_permission(allowed)
            .rename_file_permission(allowed)
            .share_file_permission(allowed)
            .upload_permission(allowed)
            .view_permission(allowed)
    }
}

answer! {
    /// What a user may do, in an answer; [`Capabilities`] is the same in a request.
    GrantedCapabilities {
        /// Permission to create files and folders.
        add_child_node_permission: Option<bool>,
        /// Permission to copy.
        copy_permission: Option<bool>,
        /// Permission to delete.
        delete_permission: Option<bool>,
        /// Permission to download.
        download_permission: Option<bool>,
        /// Permission to edit, which the pages say is not supported yet.
        edit_permission: Option<bool>,
        /// Permission to see the list.
        list_child_node_permission: Option<bool>,
        /// Permission to move.
        remove_child_node_permission: Option<bool>,
        /// Permission to rename.
        rename_file_permission: Option<bool>,
        /// Permission to share.
        share_file_permission: Option<bool>,
        /// Permission to upload.
        upload_permission: Option<bool>,
        /// Permission to preview.
        view_permission: Option<bool>,
    }
}

choices! {
    /// Whose space it is, by the numbers of this family.
    pub enum TeamSpaceType: number {
        /// The space of a department.
        Department = 0,
        /// The space of a group. 1 means a user on the pages about spaces.
        Group = 1,
    }
}

choices! {
    /// What kind of template it is.
    pub enum TemplateType: number {
        /// A template that exists from the beginning.
        Preset = 0,
        /// A custom template.
        Custom = 1,
    }
}

choices! {
    /// Whether a template may be used.
    pub enum TemplateStatus: number {
        /// The template is disabled.
        Disabled = 0,
        /// The template is enabled.
        Enabled = 1,
    }
}
