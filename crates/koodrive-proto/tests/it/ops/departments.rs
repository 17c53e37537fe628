//! Departments of an organization.
