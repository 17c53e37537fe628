//! Archives: what is in an archive that is stored in KooDrive.
