//! Reading templates.

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_offset};
use crate::ops::permissions::{GrantedCapabilities, TemplateStatus, TemplateType};
use crate::{answer, choices, operation};

operation! {
    /// Lists the permission templates of the enterprise, page by page.
    ///
    /// The [`total`](PermissionTemplatePage::total) counts all templates, not only those that match, so the last page
    /// may be followed by a request for an empty one. The page says that `pre_before` is about whether preset templates
    /// come first or last, but not which value means what.
    ///
    /// Source: listPermissionTemplate, enterprise (undated, the layout of 2025-10 or later); the end of the table of
    /// permissions and the examples could not be read, and the row `viewPermission` is taken from the page
    /// InitialMemberPermission.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::{ListPermissionTemplates, TemplateStatus, TemplateType};
    /// ListPermissionTemplates::new(0, 100).template_type(TemplateType::Custom).status(TemplateStatus::Enabled);
    /// ```
    GET "/koodrive/ose/v1/permission/template/list" ListPermissionTemplates
        = "listPermissionTemplate" -> PermissionTemplatePage;
    AppOrToken, ReadOnly, Enterprise Partial;
    query {
        /// How many templates to skip.
        offset: u32,
        /// How many templates a page may have.
        limit: u32 [1..=100];
        /// Only the template with this id is listed.
        id: String,
        /// Only templates of this kind are listed.
        template_type: TemplateType = "templateType",
        /// Only templates in this state are listed.
        status: TemplateStatus,
        /// Whether the newest or the oldest templates come first.
        order_by_time: TimeOrder = "orderByTime",
        /// Whether preset templates come first or last; true probably means first.
        pre_before: bool = "preBefore",
    }
}

choices! {
    /// How to sort by the time of creation.
    pub enum TimeOrder: number {
        /// In descending order: the newest come first.
        Descending = 0,
        /// In ascending order: the oldest come first.
        Ascending = 1,
    }
}

impl Paged for ListPermissionTemplates {
    type Item = PermissionTemplate;

    fn turn(&mut self, page: &PermissionTemplatePage) -> Result<Turn, Error> {
        Ok(turn_offset(&mut self.offset, Some(self.limit.into()), page.templates.len(), page.total))
    }

    fn items(page: &mut PermissionTemplatePage) -> &mut Vec<PermissionTemplate> {
        &mut page.templates
    }

    fn key(item: &PermissionTemplate) -> Option<&str> {
        item.id.as_deref()
    }
}

answer! {
    /// A page of permission templates.
    PermissionTemplatePage {
        /// The templates.
        templates: Vec<PermissionTemplate> = "data",
        /// How many templates the enterprise has in all, with the preset ones, whether they match or not.
        total: Option<i64>,
    }
}

operation! {
    /// Reads up to 200 permission templates by their ids.
    ///
    /// This is a POST that only reads. Each id is checked for its existence; the page doesn't say what is answered if
    /// one doesn't exist. An id is a number in the request, and a text in the answer. 200 ids are allowed here, and 100
    /// in [`DeletePermissionTemplates`](crate::ops::permissions::DeletePermissionTemplates).
    ///
    /// Source: batchGetPermissionTemplate, enterprise (2025-03-14); the end of the table of permissions and the
    /// examples could not be read, and the row `viewPermission` is taken from the page InitialMemberPermission.
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::GetPermissionTemplates;
    /// GetPermissionTemplates::new([1590626552448551681, 1590626552448552928]);
    /// ```
    POST "/koodrive/ose/v1/permission/template/batchGet" GetPermissionTemplates
        = "batchGetPermissionTemplate" -> Vec<PermissionTemplate> as data;
    AppOrToken, ReadOnly, Enterprise Partial;
    body {
        /// The ids of the templates, 1 to 200 of them.
        ids: Vec<i64> [1..=200],
    }
}

answer! {
    /// A permission template.
    PermissionTemplate {
        /// The id of the template. It is a text here, and a number in the requests about one template.
        id: Option<String>,
        /// The name of the template.
        name: Option<String>,
        /// The description of the template.
        description: Option<String>,
        /// What kind of template it is. CreatePermissionTemplate names this `type`.
        template_type: Option<TemplateType>,
        /// Whether the template may be used.
        status: Option<TemplateStatus>,
        /// The enterprise that owns it: the id of an organization or an application.
        company: Option<String>,
        /// When the template was created; the format is not documented.
        create_time: Option<String>,
        /// When the template was last changed; the format is not documented.
        update_time: Option<String>,
        /// What the template allows.
        capabilities: Option<GrantedCapabilities>,
    }
}

operation! {
    /// Tells whether a permission template is in use.
    ///
    /// The page doesn't say what counts as a use.
    ///
    /// Source: queryPermissionTemplateRef, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::permissions::GetPermissionTemplateUse;
    /// GetPermissionTemplateUse::new("1590626552448551681");
    /// ```
    GET "/koodrive/ose/v1/permission/template/ref/{id}" GetPermissionTemplateUse
        = "queryPermissionTemplateRef" -> PermissionTemplateUse;
    AppOrToken, ReadOnly, Enterprise Full;
    path {
        /// The id of the template.
        id: String,
    }
}

answer! {
    /// The answer of [`GetPermissionTemplateUse`].
    PermissionTemplateUse {
        /// Whether the template is in use.
        in_use: Option<bool> = "templateRef",
    }
}
