use std::fmt;

use crate::schema::Meta;

/// Where a request goes: to KooDrive, or to somebody who must get none of its headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// To KooDrive, with that operation.
    Service(&'static Meta),
    /// To somebody else: whoever issues the caller's tokens, say, or the object storage. The text says to whom.
    Elsewhere(&'static str),
}

impl Target {
    /// The name of the operation, or of whom else it goes to.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Service(operation) => operation.name,
            Self::Elsewhere(name) => name,
        }
    }

    /// The operation, if it goes to KooDrive.
    pub fn operation(&self) -> Option<&'static Meta> {
        match self {
            Self::Service(operation) => Some(operation),
            Self::Elsewhere(_) => None,
        }
    }

    /// Whether it goes to KooDrive.
    pub fn is_service(&self) -> bool {
        matches!(self, Self::Service(_))
    }
}

impl From<&'static Meta> for Target {
    fn from(operation: &'static Meta) -> Self {
        Self::Service(operation)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
