//! The audit log: who did what, when and from where.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`ListAuditLogs`] | lists the entries of the log |
//!
//! ```
//! # use koodrive_proto::ops::audit_log::ListAuditLogs;
//! // What happened in January 2025, the newest first.
//! ListAuditLogs::new().oper_time_from("2025-01-01T00:00:00.000Z").oper_time_to("2025-02-01T00:00:00.000Z");
//! ```

use crate::error::Error;
use crate::operation::{Paged, Turn, turn_number};
use crate::ops::files::SortDirection;
use crate::{answer, choices, object, operation};

operation! {
    /// Lists the entries of the audit log, page by page.
    ///
    /// The pages are numbered. The example sends the number 0, which is taken as the first; the table doesn't say where
    /// the numbers begin.
    ///
    /// This is a POST that only reads. The manuals list neither the types of operations nor the results. The parameter
    /// `operatorIP` is spelled like this in the table and `operatorIp` in the example; the table's name is sent. The
    /// enterprise page has no table of headers.
    ///
    /// Source: listAuditLogs, carrier (2026-02-12; its answer and its tables of the page and the order are taken from
    /// the enterprise page) and enterprise (2025-12-12, where it could not be read what is required); the answer's
    /// example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::audit_log::{AuditPageInfo, ListAuditLogs};
    /// ListAuditLogs::new().operator_name("zhangsan").page_info(AuditPageInfo::new(0).page_size(100));
    /// ```
    POST "/koodrive/ose/v1/auditlog" ListAuditLogs = "listAuditLogs" -> AuditLogPage;
    AppOrToken, ReadOnly, Carrier Partial, Enterprise Partial;
    body {;
        /// Only what happened at this time or later is listed; the example has `2025-01-01T00:00:01.000Z`.
        oper_time_from: String = "operTimeFrom",
        /// Only what happened at this time or earlier is listed, in the same form.
        oper_time_to: String = "operTimeTo",
        /// Only what the user with this account name did is listed.
        operator_name: String = "operatorName",
        /// Only operations of these types are listed.
        operations: Vec<String>,
        /// Operations of these types are left out.
        excluded_operations: Vec<String> = "excludedOperations",
        /// Only operations with this result are listed. It is a text here and a number in the answer.
        operate_result: String = "operateResult",
        /// Only operations from this IP address are listed.
        operator_ip: String = "operatorIP",
        /// Which page of the listing to read. Unless it is set, the first page has as many entries as the service
        /// likes, and those after it are requested with the same size.
        page_info: AuditPageInfo = "pageInfo",
        /// The order of the entries.
        sort_info: AuditSort = "sortInfo",
    }
}

object! {
    /// Which page of the audit log to read.
    AuditPageInfo = "PageInfo" {
        /// The number of the page; the example sends 0.
        page_num: u32 = "pageNum",
        {
            /// How many entries a page may have. The carrier manual requires it, and gives it a default.
            page_size: u32 [1..=100] | 10 = "pageSize",
        }
    }
}

object! {
    /// The order of the audit log.
    AuditSort = "SortInfo" {;
        /// What to sort by.
        sort_type: AuditSortType | 1 = "sortType",
        /// Whether to sort in ascending or descending order.
        sort_direction: SortDirection | 2 = "sortDirection",
    }
}

choices! {
    /// What to sort the audit log by.
    pub enum AuditSortType: number {
        /// When it happened, the only choice that is listed.
        Operated = 1,
    }
}

impl Paged for ListAuditLogs {
    type Item = AuditEntry;

    fn turn(&mut self, page: &AuditLogPage) -> Result<Turn, Error> {
        let count = page.entries.len();
        let page_info = self.page_info.get_or_insert_with(|| {
            // The service's own size may be another than the default that the manual has: it is what came.
            AuditPageInfo::new(0).page_size(u32::try_from(count).unwrap_or(u32::MAX).clamp(1, 100))
        });
        // The number counts from 0 here.
        let mut number = u64::from(page_info.page_num).saturating_add(1);
        let turn = turn_number(&mut number, page_info.page_size.map(u64::from), count, page.total);
        page_info.page_num = u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX);
        Ok(turn)
    }

    fn items(page: &mut AuditLogPage) -> &mut Vec<AuditEntry> {
        &mut page.entries
    }

    fn key(item: &AuditEntry) -> Option<&str> {
        item.log_id.as_deref()
    }
}

answer! {
    /// A page of the audit log.
    AuditLogPage {
        /// How many entries there are in all, judging by the name of this member.
        total: Option<i64>,
        /// The entries.
        entries: Vec<AuditEntry> = "logInfoList",
    }
}

answer! {
    /// An entry of the audit log.
    AuditEntry {
        /// The id of the entry.
        log_id: Option<String>,
        /// The id of the tenant.
        tenant_id: Option<String>,
        /// The account name of the user.
        operator_name: Option<String>,
        /// The id of the user; which of the user's ids is not documented.
        operator_id: Option<String>,
        /// When it happened; the format is not documented.
        operate_time: Option<String>,
        /// The type of the operation; no values are documented.
        operation: Option<String>,
        /// The id of what the operation was about.
        resource: Option<String>,
        /// The result; no values are documented.
        operate_result: Option<i64>,
        /// The IP address of the user.
        operator_ip: Option<String> = "operatorIP",
        /// Why the operation failed, if it did.
        message: Option<String>,
    }
}
