//! Creating, changing and deleting templates.

use crate::ops::permissions::{Capabilities, TemplateStatus, TemplateType};
use crate::schema::Rule;
use crate::{operation, text};

operation! {
    /// Creates a permission template.
    ///
    /// The page doesn't list the headers X-Traceid and language.
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

operation! {
    /// Changes the name, the description or the permissions of a template.
    ///
    /// This is a POST that sets the same values however often it runs, so it may be repeated. The page doesn't say
    /// whether what isn't set stays as it is, nor whether a preset template can be changed.
    ///
    /// The table types the id as a Long, and the beginning of the example sends a text. The page has no limits for the
    /// name and the description; those of [`CreatePermissionTemplate`] probably apply.
    ///
    /// Source: editPermissionTemplate, enterprise (undated, of 2025); most of the examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::{Capabilities, EditPermissionTemplate};
    /// let reader = Capabilities::none().list_child_node_permission(true).view_permission(true);
    /// EditPermissionTemplate::new(1590626552448551681, "Readers").capabilities(reader);
    /// ```
    POST "/koodrive/ose/v1/permission/template/edit" EditPermissionTemplate = "editPermissionTemplate" -> ();
    AppOrToken, Idempotent, Enterprise Partial;
    body {
        /// The id of the template.
        id: i64,
        /// The name of the template.
        name: String;
        /// A description of the template.
        description: String,
        /// What the template allows.
        capabilities: Capabilities,
    }
}

operation! {
    /// Enables or disables a permission template.
    ///
    /// This is a POST that sets the same state however often it runs, so it may be repeated. The page calls it a batch
    /// operation, but it takes one id. The table types the id as a Long, and the example sends a text.
    ///
    /// Source: modifyPermissionTemplateStatus, enterprise (2025-03-14).
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::{ModifyPermissionTemplateStatus, TemplateStatus};
    /// ModifyPermissionTemplateStatus::new(1590626552448551681, TemplateStatus::Disabled);
    /// ```
    POST "/koodrive/ose/v1/permission/template/status/modify" ModifyPermissionTemplateStatus
        = "modifyPermissionTemplateStatus" -> ();
    AppOrToken, Idempotent, Enterprise Full;
    body {
        /// The id of the template.
        id: i64,
        /// The new state.
        status: TemplateStatus,
    }
}

operation! {
    /// Deletes up to 100 permission templates.
    ///
    /// The page doesn't say what happens to those who have the permissions of a deleted template;
    /// [`GetPermissionTemplateUse`](crate::ops::permissions::GetPermissionTemplateUse) tells whether there are any.
    ///
    /// This is a POST that may be repeated like a DELETE. The page doesn't say what is answered where a template is
    /// gone already. The table types the ids as longs, and the example sends texts.
    ///
    /// Source: batchDeletePermissionTemplate, enterprise (2025-10-22).
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::DeletePermissionTemplates;
    /// DeletePermissionTemplates::new([1590626552448551681]);
    /// ```
    POST "/koodrive/ose/v1/permission/template/delete" DeletePermissionTemplates
        = "batchDeletePermissionTemplate" -> ();
    AppOrToken, Idempotent, Enterprise Full;
    body {
        /// The ids of the templates, 1 to 100 of them.
        ids: Vec<i64> [1..=100],
    }
}
