//! Previews and thumbnails of files.
