//! Permissions in the enterprise edition: who may do what in the space of a department or group.
//!
//! Error codes of this family, judging by their texts: 13000410 (the user may not act on the space), 13000411 (the file
//! is not in that space).

use crate::param::{FileId, SpaceId};
use crate::schema::Rule;
use crate::{choices, object, operation, text};

operation! {
    /// Creates a permission template.
    ///
    /// Unlike most others, the page calls the token an application's access token. It doesn't list the headers
    /// X-Traceid and language.
    ///
    /// Nothing is taken from the answer, which could not be read; [`WithHead`](crate::WithHead) returns its body, which
    /// may have the id of the template.
    ///
    /// Source: createPermissionTemplate, enterprise (2025-03-14); the answer and the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::{Capabilities, CreatePermissionTemplate, TemplateType};
    /// let reader = Capabilities::none().list_child_node_permission(true).view_permission(true);
    /// CreatePermissionTemplate::new("Readers", TemplateType::Custom, "10001", reader).description("May look at it");
    /// ```
    POST "/koodrive/ose/v1/permission/template/create" CreatePermissionTemplate = "createPermissionTemplate" -> ();
    AppOrToken, Once, Enterprise Partial;
    body {
        /// The name of the template.
        name: TemplateName [1..=24],
        /// What kind of template it is. The answers of other calls name this `templateType`.
        kind: TemplateType = "type",
        /// The enterprise that owns it: the id of an organization or an application.
        company: String,
        /// What the template allows.
        capabilities: Capabilities;
        /// A description of the template, 1 to 50 characters.
        description: String [1..=50],
    }
}

text! {
    /// The name of a template: at most 24 bytes in UTF-8.
    ///
    /// The Chinese version of the page allows 8 Chinese characters or 24 letters and digits; the English version allows
    /// 24 letters and digits. Our reading is that bytes are counted, of which a Chinese character has three. The page
    /// doesn't say whether other characters are allowed; here they are.
    pub struct TemplateName: Rule::new(
        "at most 24 bytes: 8 Chinese characters, or 24 letters and digits",
        "Readers",
        |name| if name.len() <= 24 { Ok(()) } else { Err("a text of more than 24 bytes") },
    );
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

operation! {
    /// Changes the permissions of several users on a space, or on one file in it.
    ///
    /// The page doesn't say how many users a request may have. Unlike most others, it calls the token an application's
    /// access token.
    ///
    /// Nothing is taken from the answer, whose table could not be read; [`WithHead`](crate::WithHead) returns its body.
    ///
    /// Source: PermissionBatchUpdate, enterprise (2025-08-28); the end of the table of permissions could not be read,
    /// and its row `viewPermission` is taken from the page InitialMemberPermission.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::{AmendModRole, Capabilities, TeamSpaceType, UpdatePermissions};
    /// let reader = Capabilities::none().list_child_node_permission(true).view_permission(true);
    /// let role = AmendModRole::new(1505084218764547200, AmendModRole::ANONYMOUS).capabilities(reader);
    /// UpdatePermissions::new([role], TeamSpaceType::Department, "IAADfsBFCO6WtAtuA9add2fea594e4e75b8feb8474ef236");
    /// ```
    PUT "/koodrive/ose/v1/permission/batchupdate" UpdatePermissions = "PermissionBatchUpdate" -> ();
    AppOrToken, Idempotent, Enterprise Partial;
    body {
        /// The users and their new permissions.
        amend_mod_roles: Vec<AmendModRole> = "amendModRoles",
        /// Whose space it is. 1 means a group here, and a user on the pages about spaces.
        kind: TeamSpaceType = "type",
        /// The id of the space, called `containerId` elsewhere.
        container: SpaceId;
        /// The id of the file, if the permissions are about one file.
        file_id: FileId = "fileId",
    }
}

choices! {
    /// Whose space it is, by the numbers of the page PermissionBatchUpdate.
    pub enum TeamSpaceType: number {
        /// The space of a department.
        Department = 0,
        /// The space of a group.
        Group = 1,
    }
}

object! {
    /// The new permissions of one user.
    AmendModRole {
        /// The user's id.
        user_id: i64 = "userId",
        /// The id of the permission template, or [`ANONYMOUS`](Self::ANONYMOUS). According to the text, it may be left
        /// out where members of user groups are added or deleted in a batch.
        template: i64;
        /// The permissions, for a custom template.
        capabilities: Capabilities,
    }
}

impl AmendModRole {
    /// The template without a name: the permissions are those in [`capabilities`](Self::capabilities).
    pub const ANONYMOUS: i64 = -1;
}

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
