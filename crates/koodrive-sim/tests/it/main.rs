//! The tests of the simulator, in one program: each would be linked for itself otherwise.

mod families;
mod faults;
mod handle;
mod independent;
mod seed;
mod tokens;
