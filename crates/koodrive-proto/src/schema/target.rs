use std::fmt;

use crate::schema::Meta;

/// Where a request goes: to KooDrive, or to another server, which must get none of KooDrive's headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// KooDrive, with this operation.
    Service(&'static Meta),
    /// Another server, for example the one that issues the caller's tokens, or the object storage. The text says which.
    Elsewhere(&'static str),
}

impl Target {
    /// Returns the name of the operation, or of the other server.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Service(operation) => operation.name,
            Self::Elsewhere(name) => name,
        }
    }

    /// Returns the operation, if the request goes to KooDrive.
    pub fn operation(&self) -> Option<&'static Meta> {
        match self {
            Self::Service(operation) => Some(operation),
            Self::Elsewhere(_) => None,
        }
    }

    /// Returns whether the request goes to KooDrive.
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
