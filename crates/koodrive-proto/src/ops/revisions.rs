//! Revisions: the earlier contents of a file.
