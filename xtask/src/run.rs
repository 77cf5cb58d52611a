//! Processes: how they are run, where their output goes, and that none outlives the task runner.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// Why a task stopped, in words for the person at the terminal.
#[derive(Debug, Clone)]
pub(crate) struct Failure(pub(crate) String);

/// What every fallible step of the task runner returns.
pub(crate) type Result<T> = std::result::Result<T, Failure>;

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

/// Builds a [`Failure`] in place, as `format!` builds a string.
macro_rules! failure {
    ($($part:tt)*) => { $crate::run::Failure(format!($($part)*)) };
}
pub(crate) use failure;

/// One setting of the person's environment; empty counts as missing.
pub(crate) fn setting(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "the task runner has no host to read settings")]
    let value = std::env::var(name);
    value.ok().filter(|value| !value.is_empty())
}

/// The folder of the workspace.
pub(crate) fn workspace() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// Where cargo builds, as an absolute path, for this process and all it starts.
pub(crate) fn target_folder() -> PathBuf {
    let chosen = setting("CARGO_TARGET_DIR").and_then(|folder| std::path::absolute(folder).ok());
    chosen.unwrap_or_else(|| workspace().join("target"))
}

/// The program's path, if `PATH` has it.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = setting("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Fails with a sentence if one of the programs is not on `PATH`.
pub(crate) fn require(programs: &[&str]) -> Result<()> {
    match programs.iter().find(|program| on_path(program).is_none()) {
        Some(program) => Err(failure!("no `{program}` on PATH")),
        None => Ok(()),
    }
}

/// Runs a command to its end with all output appended to `log`; a failure names the log.
pub(crate) fn logged(command: &mut Command, log: &Path) -> Result<()> {
    let (out, error) = log_streams(log)?;
    writeln!(&out, "\n$ {command:?}")?;
    let status = command.stdin(Stdio::null()).stdout(out).stderr(error).status();
    let program = command.get_program().to_string_lossy().into_owned();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(failure!("`{program}`: {status}; see {}", log.display())),
        Err(error) => Err(failure!("`{program}` did not start: {error}")),
    }
}

/// Runs a command to its end and returns what it said on both streams.
pub(crate) fn answer(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    if output.status.success() {
        return Ok(text);
    }
    Err(failure!("`{}`: {}: {text}", command.get_program().to_string_lossy(), output.status))
}

/// The two ends of a log file that a child writes to.
pub(crate) fn log_streams(log: &Path) -> Result<(File, File)> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let out = File::options().create(true).append(true).open(log)?;
    let error = out.try_clone()?;
    Ok((out, error))
}

/// The last lines of a log, for a person who wants to know why.
pub(crate) fn tail(log: &Path, lines_max: usize) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let start = lines.len().saturating_sub(lines_max);
    lines.get(start..).unwrap_or_default().join("\n")
}

/// Ends process groups and removes folders when the task runner ends, however it ends.
///
/// A small shell reads from a pipe that only the task runner holds. The pipe closes on a return, on
/// Ctrl-C and on `kill -9` alike, so no signal handler is needed and no child is left behind.
pub(crate) struct Reaper {
    shell: Child,
    orders: Option<ChildStdin>,
}

const REAPER: &str = r#"
trap '' HUP INT TERM
groups=
folders=$(mktemp)
while read -r verb what; do
  case $verb in
    group) groups="$groups $what" ;;
    ended) left=; for g in $groups; do [ "$g" = "$what" ] || left="$left $g"; done; groups=$left ;;
    folder) printf '%s\n' "$what" >>"$folders" ;;
  esac
done
for g in $groups; do kill -s TERM -- "-$g" 2>/dev/null; done
round=0
while [ $round -lt 50 ]; do
  alive=
  for g in $groups; do kill -s 0 -- "-$g" 2>/dev/null && alive=1; done
  [ -z "$alive" ] && break
  sleep 0.1
  round=$((round + 1))
done
for g in $groups; do kill -s KILL -- "-$g" 2>/dev/null; done
while read -r folder; do rm -rf -- "$folder"; done <"$folders"
rm -f -- "$folders"
"#;

impl Reaper {
    /// Starts the watching shell, in a process group of its own so that Ctrl-C passes it by.
    pub(crate) fn start() -> Result<Self> {
        let mut shell = Command::new("sh")
            .args(["-c", REAPER])
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let orders = shell.stdin.take();
        Ok(Self { shell, orders })
    }

    /// Starts a child in its own process group, which ends with the task runner.
    pub(crate) fn spawn(&self, command: &mut Command) -> Result<Child> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command
            .stdin(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| failure!("`{program}` did not start: {error}"))?;
        self.order("group", &child.id().to_string())?;
        Ok(child)
    }

    /// Takes note that a child has been waited for: its number may be given to a stranger.
    pub(crate) fn ended(&self, child: &Child) -> Result<()> {
        self.order("ended", &child.id().to_string())
    }

    /// Lets a file or folder go when the task runner ends.
    pub(crate) fn remove_at_end(&self, path: &Path) -> Result<()> {
        let path = std::path::absolute(path)?;
        self.order("folder", &path.to_string_lossy())
    }

    fn order(&self, verb: &str, what: &str) -> Result<()> {
        let Some(mut orders) = self.orders.as_ref() else { return Ok(()) };
        Ok(writeln!(orders, "{verb} {what}")?)
    }

    /// Ends all children now and waits until they are gone.
    pub(crate) fn reap(&mut self, children: &mut [Child]) {
        drop(self.orders.take());
        for child in children {
            // Waiting lets the kernel forget the child; the shell's KILL bounds it.
            let _ended = child.wait();
        }
        let _ended = self.shell.wait();
    }
}

impl Drop for Reaper {
    fn drop(&mut self) {
        self.reap(&mut []);
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Reaper, log_streams, tail};

    #[test]
    fn neither_children_nor_folders_outlive_the_runner() {
        let scratch = std::env::temp_dir().join(format!("gatelet-reaper-{}", std::process::id()));
        std::fs::create_dir_all(&scratch).unwrap();
        let mut reaper = Reaper::start().unwrap();
        reaper.remove_at_end(&scratch).unwrap();
        let (out, _) = log_streams(&scratch.join("log")).unwrap();
        let mut family = Command::new("sh");
        let child = reaper.spawn(family.args(["-c", "sleep 600 & sleep 600"]).stdout(out)).unwrap();
        let group = format!("-{}", child.id());
        let mut children = [child];
        reaper.reap(&mut children);
        assert!(!children[0].wait().unwrap().success());
        let asked = Command::new("kill").args(["-s", "0", "--", &group]).output().unwrap();
        assert!(!asked.status.success(), "the group is still alive");
        assert!(!scratch.exists());
    }

    #[test]
    fn the_tail_of_a_log_is_its_last_lines() {
        let log = std::env::temp_dir().join(format!("gatelet-tail-{}", std::process::id()));
        std::fs::write(&log, "one\ntwo\nthree\n").unwrap();
        assert_eq!(tail(&log, 2), "two\nthree");
        assert_eq!(tail(&log, 9), "one\ntwo\nthree");
        std::fs::remove_file(&log).unwrap();
        assert_eq!(tail(&log, 9), "");
    }
}
