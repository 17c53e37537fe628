//! Permissions: who may do what in the space of a department or group. Enterprise edition.
//!
//! Error codes that fit here, by their texts:
//! 13000410 (the user may not act on the space), 13000411 (the file is not in that space).

use crate::param::{FileId, SpaceId};
use crate::schema::Rule;
use crate::{choices, object, operation, text};

operation! {
    /// Creates a template of permissions.
    ///
    /// The page calls the token an application's access token, unlike most others, and lists no X-Traceid and no
    /// language.
    ///
    /// Nothing is taken from the answer, which could not be read: [`WithHead`](crate::WithHead) keeps its body, which
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
        /// The name.
        name: TemplateName [1..=24],
        /// What kind of template it is. Called `templateType` in the answers of other calls.
        kind: TemplateType = "type",
        /// The enterprise that owns it: the id of an organization or an application.
        company: String,
        /// What it allows.
        capabilities: Capabilities;
        /// A description, 1 to 50 characters.
        description: String [1..=50],
    }
}

text! {
    /// The name of a template: at most 24 bytes in UTF-8.
    ///
    /// The Chinese page allows 8 Chinese characters or 24 letters and digits, the English one 24 letters and digits.
    /// Our reading is bytes, of which a Chinese character has three. Whether other characters are allowed is not said;
    /// they are.
    pub struct TemplateName: Rule::new(
        "at most 24 bytes: 8 Chinese characters, or 24 letters and digits",
        "Readers",
        |name| if name.len() <= 24 { Ok(()) } else { Err("a text of more than 24 bytes") },
    );
}

choices! {
    /// What kind of template it is.
    pub enum TemplateType: number {
        /// One that is there from the beginning.
        Preset = 0,
        /// One of one's own.
        Custom = 1,
    }
}

operation! {
    /// Changes the permissions of several users on a space, or on one file of it.
    ///
    /// How many users it takes at a time is not documented. The page calls the token an application's access token,
    /// unlike most others. The answer's table could not be read; nothing is taken from it.
    ///
    /// Source: PermissionBatchUpdate, enterprise (2025-08-28); the end of its table of capabilities could not be read,
    /// the row `viewPermission` is that of the page InitialMemberPermission.
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
        /// Whose space it is. 1 is a group here, a user on the pages about spaces.
        kind: TeamSpaceType = "type",
        /// The id of the space, called `containerId` elsewhere.
        container: SpaceId;
        /// The file, if the permissions are about one.
        file_id: FileId = "fileId",
    }
}

choices! {
    /// Whose space it is, by this page's numbers.
    pub enum TeamSpaceType: number {
        /// A department's.
        Department = 0,
        /// A group's.
        Group = 1,
    }
}

object! {
    /// The new permissions of one user.
    AmendModRole {
        /// The user's id.
        user_id: i64 = "userId",
        /// The id of the template of permissions, or [`ANONYMOUS`](Self::ANONYMOUS). By the text it may be left out
        /// where members of user groups are added or deleted in a batch.
        template: i64;
        /// The permissions, for a template of one's own.
        capabilities: Capabilities,
    }
}

impl AmendModRole {
    /// The template that has no name: the permissions are [`capabilities`](Self::capabilities).
    pub const ANONYMOUS: i64 = -1;
}

object! {
    /// What a user may do. All are required; [`none`](Self::none) and [`all`](Self::all) are where to begin.
    Capabilities {{
        /// To create files and folders.
        add_child_node_permission: bool = "addChildNodePermission",
        /// To copy.
        copy_permission: bool = "copyPermission",
        /// To delete.
        delete_permission: bool = "deletePermission",
        /// To download.
        download_permission: bool = "downloadPermission",
        /// To edit, which the page says is not supported yet.
        edit_permission: bool = "editPermission",
        /// To see the list.
        list_child_node_permission: bool = "listChildNodePermission",
        /// To move.
        remove_child_node_permission: bool = "removeChildNodePermission",
        /// To rename.
        rename_file_permission: bool = "renameFilePermission",
        /// To share.
        share_file_permission: bool = "shareFilePermission",
        /// To upload.
        upload_permission: bool = "uploadPermission",
        /// To preview.
        view_permission: bool = "viewPermission",
    }}
}

impl Capabilities {
    /// Nothing.
    pub fn none() -> Self {
        Self::each(false)
    }

    /// Everything.
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
