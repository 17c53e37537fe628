//! Share links: opening a share, with or without an account.
