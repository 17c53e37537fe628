//! Favourites: the files that a user has marked.
