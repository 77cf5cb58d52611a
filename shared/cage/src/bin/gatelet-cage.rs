//! An executable that can be nothing but a cage. The tests of this crate use it where the gateway uses itself.

use std::process::ExitCode;

fn main() -> ExitCode {
    gatelet_cage::enter(std::env::args_os().nth(2))
}
