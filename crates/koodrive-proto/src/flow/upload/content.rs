use serde_json::{Map, Value as Json};

use crate::check::{FromParams, InvalidParam};
use crate::error::Error;
use crate::flow::record::unusable;
use crate::operation::Operation;
use crate::ops::files::{CreateFile, OnConflict};
use crate::ops::revisions::CreateRevision;

/// What is uploaded: the operation that begins it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum NewContent {
    /// A new file.
    File(CreateFile),
    /// A new revision of a file.
    Revision(CreateRevision),
}

impl From<CreateFile> for NewContent {
    fn from(mut op: CreateFile) -> Self {
        (op.sha256, op.pre_hash, op.proof_code, op.multi_parts) = (None, None, None, None);
        Self::File(op)
    }
}

impl From<CreateRevision> for NewContent {
    fn from(mut op: CreateRevision) -> Self {
        (op.sha256, op.pre_hash, op.proof_code, op.multi_parts) = (None, None, None, None);
        Self::Revision(op)
    }
}

impl NewContent {
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::File(op) => op.length,
            Self::Revision(op) => op.length,
        }
    }

    pub(super) fn share_folder_id(&self) -> Option<&str> {
        match self {
            Self::File(op) => op.share_folder_id.as_deref(),
            Self::Revision(_) => None,
        }
    }

    pub(super) fn keeps_same(&self) -> bool {
        matches!(self, Self::File(op) if op.auto_rename == Some(OnConflict::KeepSame))
    }

    pub(super) fn check(&self) -> Result<(), InvalidParam> {
        match self {
            Self::File(op) => op.check(),
            Self::Revision(op) => op.check(),
        }
    }

    /// Name and parameters, to be stored.
    pub(super) fn to_stored(&self) -> Result<(&'static str, Map<String, Json>), Error> {
        let (name, body) = match self {
            Self::File(op) => (CreateFile::META.name, op.body()?),
            Self::Revision(op) => (CreateRevision::META.name, op.body()?),
        };
        let mut params: Map<String, Json> = serde_json::from_slice(&body.unwrap_or_default()).map_err(Error::build)?;
        if let Some(id) = self.share_folder_id() {
            params.insert("x-hw-share-folder-id".to_owned(), id.into());
        }
        Ok((name, params))
    }

    pub(super) fn of_stored(name: &str, params: &Map<String, Json>) -> Result<Self, Error> {
        if name == CreateFile::META.name {
            Ok(CreateFile::from_params(params)?.into())
        } else if name == CreateRevision::META.name {
            Ok(CreateRevision::from_params(params)?.into())
        } else {
            Err(unusable("it begins with another operation"))
        }
    }
}
