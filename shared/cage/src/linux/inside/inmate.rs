//! The inmate: limits itself with calls that cannot be taken back, says what it reached, and does its task.

use std::fs::File;
use std::io::Write as _;
use std::os::fd::IntoRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitCode};

use rustix::fs::Mode;
use rustix::process::{getegid, geteuid, setsid, umask};

use super::super::plan::{Plan, Task, Walls};
use super::{attack, calls, descriptors, failed, files, limits};

/// Builds the walls around itself, and does the task within them. Becoming a program never returns.
pub(super) fn live(plan: &Plan) -> Result<ExitCode, String> {
    let mut gateway = File::from(descriptors::lay_out()?);
    setsid().map_err(failed("leave the session"))?;
    umask(Mode::from_raw_mode(0o077));
    limits::limit(&plan.limits, plan.user)?;
    limits::become_user(plan.user)?;
    std::env::set_current_dir(&plan.scratch).map_err(failed("enter the scratch folder"))?;
    // Both are tried, and what came of it is said: whether it is enough is decided by the gateway.
    let landlock = files::restrict(plan).unwrap_or("none");
    let seccomp = calls::restrict(plan.network).is_ok();
    let user = geteuid().as_raw();
    debug_assert!(
        plan.user.is_none() || getegid().as_raw() == user,
        "the group goes with the user"
    );
    let walls = Walls { cage: 1, user, landlock: landlock.to_owned(), seccomp };
    say(&mut gateway, &walls)?;
    match &plan.task {
        Task::Attack(targets) => {
            for attacked in attack::all(targets) {
                say(&mut gateway, &attacked)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Task::Run { program, arguments } => {
            // The program inherits it.
            let _ = gateway.into_raw_fd();
            Err(become_program(program, arguments, &plan.scratch))
        }
    }
}

fn say<T: serde::Serialize>(gateway: &mut File, what: &T) -> Result<(), String> {
    let mut line = serde_json::to_vec(what).map_err(failed("say what was built"))?;
    line.push(b'\n');
    gateway.write_all(&line).map_err(failed("say what was built"))
}

/// Replaces this process. What comes back is why that failed.
fn become_program(program: &Path, arguments: &[String], scratch: &Path) -> String {
    let error = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("HOME", scratch)
        .env("TMPDIR", scratch)
        .env("LANG", "C.UTF-8")
        .exec();
    format!("could not start {}: {error}", program.display())
}
