//! The portal: files that the user has met recently.
