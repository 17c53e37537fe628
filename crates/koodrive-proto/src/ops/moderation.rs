//! Moderation: files whose content was judged sensitive.
