//! The service as a whole: its state, its quotas, and settings of the organization.
