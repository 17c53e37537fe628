//! The tests of the simulator, in one program: each would be linked for itself otherwise.

mod explain;
mod families;
mod faults;
mod fuzz;
mod handle;
mod hostile;
mod independent;
mod program;
mod quirks;
mod restart;
mod seed;
mod storage;
mod tokens;
