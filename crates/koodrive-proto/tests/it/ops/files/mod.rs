//! Files: their upload, listings, search and all else.

mod detail;
mod folders;
mod list;
mod upload;
