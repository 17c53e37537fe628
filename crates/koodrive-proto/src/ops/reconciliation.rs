//! Reconciliation in the carrier edition: comparing the operator's accounts with KooDrive's.
//!
//! | operation | what it does |
//! | --- | --- |
//! | [`VerifyReconciliationData`] | uploads the operator's sheet for comparison |
//! | [`ListReconciliationDiffs`] | lists the differences |
//!
//! ```
//! use koodrive_proto::ops::reconciliation::{ListReconciliationDiffs, VerifyReconciliationData};
//! # let sheet: &[u8] = b"";
//!
//! // The answer has the number of the reconciliation.
//! VerifyReconciliationData::new(sheet.to_vec(), "2025-07").file_name("july.xlsx");
//! ListReconciliationDiffs::new("1465526652212121").page_size(1000);
//! ```

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};

use crate::check::{self, FromParams, InvalidParam};
use crate::error::Error;
use crate::operation::{Content, Form, Operation, Paged, Part, Turn, turn_cursor};
use crate::param::{IntoParam, Param, YearMonth};
use crate::schema::{Auth, Edition, Envelope, Facts, Field, Kind, Meta, Params, Place, Safety, Value};
use crate::{answer, choices, operation};

/// `POST /koodrive/ose/v1/reconciliation/data/verify`: Uploads the operator's reconciliation sheet for comparison.
///
/// The sheet follows the template of the KooDrive site, as `.xlsx` or `.xls`. [`ListReconciliationDiffs`] lists the
/// differences, with the number that the answer has.
///
/// The body is a form with a file. The page doesn't name its type; our reading is `multipart/form-data`. The page
/// doesn't list the header language.
///
/// Source: DataVerify, carrier (undated).
///
/// ```
/// # use koodrive_proto::ops::reconciliation::VerifyReconciliationData;
/// # let sheet: &[u8] = b"";
/// VerifyReconciliationData::new(sheet.to_vec(), "2025-07").file_name("july.xlsx");
/// ```
///
/// Credentials: `AppOrToken`. Sent again: `Once`. Manuals: `Carrier` (Full).
#[doc(alias = "DataVerify")]
#[derive(Clone, PartialEq)]
pub struct VerifyReconciliationData {
    data: Bytes,
    file_name: String,
    billing_cycle: YearMonth,
    form: Form,
}

const DATA: Field = Field::required("data", Place::Form, Kind::File(&[".xlsx", ".xls"])).rust("data");
const BILLING_CYCLE: Field = Field::required("billingCycle", Place::Form, YearMonth::KIND).rust("billing_cycle");

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const XLS: &str = "application/vnd.ms-excel";

impl VerifyReconciliationData {
    /// Creates it with the content of the sheet, and with the month that the sheet is about: a past month, for example
    /// `2025-09`.
    pub fn new(data: impl Into<Bytes>, billing_cycle: impl IntoParam<YearMonth>) -> Self {
        let data = data.into();
        let form = Form::new(&[Part::file(DATA.name, "", XLSX, &data)]);
        Self { data, file_name: "reconciliation.xlsx".to_owned(), billing_cycle: billing_cycle.into_param(), form }
    }

    /// Sets the name of the file, which is `reconciliation.xlsx` otherwise. It must end in `.xlsx` or `.xls`.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = name.into();
        self
    }

    fn content_type(&self) -> &'static str {
        if self.file_name.to_ascii_lowercase().ends_with(".xls") { XLS } else { XLSX }
    }
}

impl Operation for VerifyReconciliationData {
    type Output = Reconciliation;

    const META: &'static Meta = &Meta::new(
        "VerifyReconciliationData",
        "reconciliation",
        Method::POST,
        "/koodrive/ose/v1/reconciliation/data/verify",
        Auth::AppOrToken,
        Safety::Once,
    )
    .envelope(Envelope::Whole)
    .params(Self::FIELDS)
    .editions(&[(Edition::Carrier, Facts::Full)])
    .manual_names(&["DataVerify"]);

    fn check(&self) -> Result<(), InvalidParam> {
        check::params(self)
    }

    fn path_and_query(&self, out: &mut String) {
        out.push_str(Self::META.path);
    }

    fn headers(&self, out: &mut HeaderMap) -> Result<(), Error> {
        out.insert(CONTENT_TYPE, self.form.content_type()?);
        Ok(())
    }

    fn body(&self) -> Result<Option<Bytes>, Error> {
        Ok(Some(self.form.body(&[
            Part::file(DATA.name, &self.file_name, self.content_type(), &self.data),
            Part::field(BILLING_CYCLE.name, self.billing_cycle.as_str()),
        ])))
    }

    fn read(content: &Content<'_>) -> Result<Reconciliation, Error> {
        content.read()
    }
}

impl Params for VerifyReconciliationData {
    fn fields(&self) -> &'static [Field] {
        Self::FIELDS
    }

    fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, Value<'a>)) {
        visit(&DATA, Value::File { name: &self.file_name, content: &self.data });
        visit(&BILLING_CYCLE, self.billing_cycle.value());
    }
}

impl FromParams for VerifyReconciliationData {
    const FIELDS: &'static [Field] = &[DATA, BILLING_CYCLE];

    fn take(params: &dyn Params) -> Option<Self> {
        let (mut file, mut billing_cycle) = (None, None);
        params.walk(&mut |field, value| match value {
            Value::File { name, content } if *field == DATA => {
                file = Some((name.to_owned(), Bytes::copy_from_slice(content)));
            }
            value if *field == BILLING_CYCLE => billing_cycle = YearMonth::from_value(value),
            _ => {}
        });
        let (name, data) = file?;
        Some(Self::new(data, billing_cycle?).file_name(name))
    }
}

impl std::fmt::Debug for VerifyReconciliationData {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("VerifyReconciliationData")
            .field("data_bytes", &self.data.len())
            .field("file_name", &self.file_name)
            .field("billing_cycle", &self.billing_cycle)
            .finish_non_exhaustive()
    }
}

answer! {
    /// The answer of [`VerifyReconciliationData`]: a reconciliation that has begun.
    Reconciliation {
        /// The number of the reconciliation, with which the differences are read.
        batch_no: Option<String>,
    }
}

operation! {
    /// Lists the differences that a reconciliation has found, page by page.
    ///
    /// The cursor of the next page is [`next_page_cursor`](ReconciliationDiffPage::next_page_cursor). A short page
    /// doesn't mean the end of the listing.
    ///
    /// The manual's page doesn't say how long a reconciliation takes, nor what is listed before it is over. In the
    /// table of the answer, there is neither `code` nor `msg`; both are read if they are there. The page doesn't list
    /// the header language.
    ///
    /// Source: GetReconciliationDiffList, carrier (2026-04-16); the members of a difference after `diff_type` and the
    /// examples could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::reconciliation::ListReconciliationDiffs;
    /// ListReconciliationDiffs::new("1465526652212121").page_size(1000);
    /// ```
    GET "/koodrive/ose/v1/reconciliation/diff/getList" ListReconciliationDiffs = "GetReconciliationDiffList"
        -> ReconciliationDiffPage;
    AppOrToken, ReadOnly, Carrier Partial;
    query {
        /// The number of the reconciliation, from the answer of DataVerify.
        batch_no: String = "batchNo";
        /// How many differences a page may have.
        page_size: u32 [1..=1_000] | 100 = "pageSize",
        /// The cursor from the answer with the previous page; empty or not set for the first page.
        page_cursor: String = "pageCursor",
    }
}

impl Paged for ListReconciliationDiffs {
    type Item = ReconciliationDiff;

    fn turn(&mut self, page: &ReconciliationDiffPage) -> Result<Turn, Error> {
        turn_cursor(&mut self.page_cursor, page.next_page_cursor.as_deref())
    }

    fn items(page: &mut ReconciliationDiffPage) -> &mut Vec<ReconciliationDiff> {
        &mut page.differences
    }
}

answer! {
    /// A page of the differences that a reconciliation has found.
    ReconciliationDiffPage {
        /// The differences.
        differences: Vec<ReconciliationDiff> = "diffList",
        /// How many differences there are in all, judging by the name of this member.
        total: Option<i64>,
        /// The cursor of the next page. What the last page has instead is not documented; a missing or empty cursor is
        /// taken as the end.
        next_page_cursor: Option<String>,
    }
}

answer! {
    /// A difference between the operator's accounts and KooDrive's.
    ReconciliationDiff {
        /// The id of the order on the operator's side.
        carrier_order_id: Option<String>,
        /// The id of the order on KooDrive's side.
        kd_order_id: Option<String>,
        /// The user's id on the operator's side.
        carrier_user_id: Option<String>,
        /// When the order was made on the operator's side; the format is not documented.
        carrier_order_time: Option<String>,
        /// The user's id on KooDrive's side.
        kd_user_id: Option<String>,
        /// The state of the user; no values are documented.
        user_status: Option<String>,
        /// What differs.
        diff_type: Option<DiffType>,
    }
}

choices! {
    /// What differs between the operator's accounts and KooDrive's.
    pub enum DiffType: text {
        /// The operator has no such order.
        NotAtOperator = "1",
        /// Huawei has no such order.
        NotAtHuawei = "2",
        /// What the user is entitled to differs. The rest of the description could not be read.
        Entitlements = "3",
    }
}
