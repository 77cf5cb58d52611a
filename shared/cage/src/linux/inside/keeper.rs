//! The keeper: starts the inmate, ends it when the gateway says so or is gone, and stays until nothing of it is left.
//!
//! Its standard input is the pipe on which the script reads answers. The keeper never reads from it. It only notices
//! that nobody can write to it any more, which is how the gateway says "end", and what its death says by itself.

use std::collections::HashSet;
use std::os::fd::AsFd;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Pid, PidfdFlags, Signal, WaitOptions, WaitStatus, getpid, kill_process,
    kill_process_group, pidfd_open, set_child_subreaper, set_dumpable_behavior, wait,
};

use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::flag;
use signal_hook::low_level::emulate_default_handler;

use super::super::plan::{Plan, Role};
use super::super::tree::{descendants, end, remove};
use super::{descriptors, failed};

/// What a terminal or a service manager sends to all processes at once. It is meant for the gateway, which may let the
/// script finish.
const POLITE: [i32; 4] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

/// How long the keeper waits before it looks again whether the processes that it has ended are gone.
const PAUSE: Duration = Duration::from_millis(2);

/// Keeps one inmate, and ends as that did.
pub(super) fn keep(plan: Plan) -> Result<ExitCode, String> {
    descriptors::close_all_above(2);
    for signal in POLITE {
        // Nobody looks at the flag: that there is a handler is all, and the inmate does not inherit it.
        flag::register(signal, Arc::default()).map_err(failed("pass over signals"))?;
    }
    // Whatever loses its parent below becomes our child.
    set_child_subreaper(Some(getpid())).map_err(failed("take orphans in"))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed("close our memory"))?;
    let (folder, grace) = (plan.folder.clone(), Duration::from_millis(plan.grace_ms));
    let plan = Plan { role: Role::Inmate, ..plan };
    let child = Command::new("/proc/self/exe")
        .args([crate::WORD, &plan.to_argument()])
        .env_clear()
        .stdin(Stdio::inherit())
        .spawn()
        .map_err(failed("start the inmate"))?;
    let inmate = Pid::from_child(&child);
    watch(inmate, grace).map_err(failed("watch the inmate"))?;
    let status = empty(inmate);
    // The gateway does this too, if it still lives.
    let _ = remove(&folder);
    Ok(status.map_or(ExitCode::FAILURE, end_like))
}

/// Waits until the inmate has ended by itself, or does not want to.
fn watch(inmate: Pid, grace: Duration) -> Result<(), Errno> {
    let process = pidfd_open(inmate, PidfdFlags::empty())?;
    let input = std::io::stdin();
    let mut ends_at: Option<Instant> = None;
    loop {
        let mut watched = vec![PollFd::new(&process, PollFlags::IN)];
        if ends_at.is_none() {
            watched.push(PollFd::from_borrowed_fd(input.as_fd(), PollFlags::empty()));
        }
        let left = ends_at.map(|at| at.saturating_duration_since(Instant::now()));
        let timeout = left.and_then(|left| Timespec::try_from(left).ok());
        match poll(&mut watched, timeout.as_ref()) {
            Err(Errno::INTR) => continue,
            outcome => outcome?,
        };
        let is_ready = |at: usize| watched.get(at).is_some_and(|one| !one.revents().is_empty());
        if is_ready(0) || left.is_some_and(|left| left.is_zero()) {
            return Ok(());
        }
        if is_ready(1) {
            // Its group is there once it has made one; before that there is only itself.
            let _ = kill_process_group(inmate, Signal::TERM);
            let _ = kill_process(inmate, Signal::TERM);
            ends_at = Some(Instant::now() + grace);
        }
    }
}

/// Ends everything below, and tells how the inmate ended. None of them is waited for before all of them were ended: as
/// long as they are not, they count, and what forks at its limit cannot fork on.
fn empty(inmate: Pid) -> Option<WaitStatus> {
    let mut status = None;
    loop {
        let mut below: HashSet<Pid> = descendants(getpid()).into_iter().collect();
        below.insert(getpid());
        for pid in below.iter().filter(|pid| **pid != getpid()) {
            end(*pid, &below);
        }
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, how))) if pid == inmate => status = Some(how),
                Ok(Some(_)) | Err(Errno::INTR) => {}
                Ok(None) => break,
                Err(_) => return status,
            }
        }
        sleep(PAUSE);
    }
}

/// Ends with the same code, or by the same signal.
fn end_like(status: WaitStatus) -> ExitCode {
    if let Some(signal) = status.terminating_signal() {
        let _ = emulate_default_handler(signal);
        if let Some(named) = Signal::from_named_raw(signal) {
            let _ = kill_process(getpid(), named);
        }
        // One that does not end us, such as that of a broken pipe.
        return ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX));
    }
    let code = status.exit_status().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}
