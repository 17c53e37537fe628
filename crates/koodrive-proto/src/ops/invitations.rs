//! Invitations to shared folders, and what becomes of them.
