//! The descriptors that a script gets: nothing to read, one pipe for both of its outputs, and the channel on 3 and 4.

use std::fs::{self, File};
use std::os::fd::{AsRawFd as _, IntoRawFd as _, OwnedFd, RawFd};

use rustix::io::dup;
use rustix::stdio::{dup2_stdin, dup2_stdout, stderr, stdin, stdout};

use super::failed;

/// Where the script says something.
const TO_GATEWAY: RawFd = 3;
/// Where it reads the answers.
const FROM_GATEWAY: RawFd = 4;
/// How far numbers are tried where `/proc` does not list those that are open.
const TRIED: RawFd = 4096;

/// Closes whatever was left open by those who started us.
pub(super) fn close_all_above(last: RawFd) {
    let listed = fs::read_dir("/proc/self/fd").map(|entries| {
        let names = entries.flatten().map(|entry| entry.file_name());
        names.filter_map(|name| name.to_str()?.parse().ok()).collect::<Vec<RawFd>>()
    });
    let open = listed.unwrap_or_else(|_| (0..TRIED).collect());
    for number in open.into_iter().filter(|number| *number > last) {
        // Closed meanwhile, as the list itself, or never open.
        let _ = nix::unistd::close(number);
    }
}

/// Lays the pipes from 0, 1 and 2 to where the script finds them. What is returned says something to the gateway; it
/// is descriptor 3, and must not be dropped.
pub(super) fn lay_out() -> Result<OwnedFd, String> {
    close_all_above(2);
    let to = dup(stdout()).map_err(failed("lay the channel"))?;
    let from = dup(stdin()).map_err(failed("lay the channel"))?;
    if (to.as_raw_fd(), from.as_raw_fd()) != (TO_GATEWAY, FROM_GATEWAY) {
        return Err("could not lay the channel: its numbers are taken".into());
    }
    let _: RawFd = from.into_raw_fd();
    let nothing = File::open("/dev/null").map_err(failed("open /dev/null"))?;
    dup2_stdin(&nothing).map_err(failed("empty the standard input"))?;
    dup2_stdout(stderr()).map_err(failed("join the outputs"))?;
    Ok(to)
}
