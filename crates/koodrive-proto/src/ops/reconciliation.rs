//! Reconciliation in the carrier edition: comparing the operator's accounts with KooDrive's.
//!
//! The manuals have one table of error codes for all calls: [`codes`](crate::error::codes()).

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};

use crate::check::{self, FromParams, InvalidParam};
use crate::error::Error;
use crate::operation::{Content, Form, Operation, Part};
use crate::param::{IntoParam, Param, YearMonth};
use crate::schema::{Auth, Edition, Envelope, Facts, Field, Kind, Meta, Params, Place, Safety, Value};
use crate::{answer, declare};

/// `POST /koodrive/ose/v1/reconciliation/data/verify`: Uploads the operator's reconciliation sheet for comparison.
///
/// The sheet follows the template of the KooDrive site, as `.xlsx` or `.xls`. The differences are read with the number
/// that the answer has.
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
        let mut file = None;
        params.walk(&mut |field, value| {
            if let (true, Value::File { name, content }) = (*field == DATA, value) {
                file = Some((name.to_owned(), Bytes::copy_from_slice(content)));
            }
        });
        let (name, data) = file?;
        Some(Self::new(data, declare::take::<YearMonth>(&BILLING_CYCLE, params)??).file_name(name))
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
