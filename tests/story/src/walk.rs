//! A reader of the documentation: one shell in an empty folder, with a gateway of its own, who types what a page
//! says and compares what comes back.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use tempfile::TempDir;

use crate::{binary, free_port};

/// What the reader's shell knows.
const PRELUDE: &str = include_str!("walk.sh");
/// The longest that one command may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// What ends the output of a command.
const MARK: &str = "--- end of what was said:";

/// The reader.
pub struct Reader {
    folder: TempDir,
    shell: Child,
    input: ChildStdin,
    lines: Receiver<String>,
    /// Each port as the pages call it, and the one that was free.
    ports: Vec<(&'static str, String)>,
}

/// What a command said, standard error included.
#[derive(Debug)]
pub struct Said {
    /// Whether it succeeded.
    pub success: bool,
    /// Its lines, with the ports as the pages call them.
    pub lines: Vec<String>,
}

impl Reader {
    /// Opens the shell. `path` is looked through for programs before the system's folders.
    pub fn sit_down(path: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("an empty folder");
        let ports: Vec<_> =
            ["8787", "8788", "9000"].map(|port| (port, free_port().to_string())).into();
        let binaries = binary("gatelet");
        let binaries = binaries.parent().and_then(Path::to_str).expect("a folder");
        let path = [path, &[binaries, "/usr/local/bin:/usr/bin:/bin:/usr/sbin"]].concat().join(":");
        let mut command = Command::new("bash");
        command.arg("--norc").env_clear().env("PATH", path).env("HOME", folder.path());
        command.env("PORT", &ports[0].1).env("PROVIDER", &ports[1].1).env("LC_ALL", "C.UTF-8");
        command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        // A group of its own, so that whatever a page starts ends with its reader.
        let mut shell = command.process_group(0).spawn().expect("bash");
        let input = shell.stdin.take().expect("its input");
        let output = BufReader::new(shell.stdout.take().expect("its output"));
        let (told, lines) = channel();
        std::thread::spawn(move || {
            for line in output.split(b'\n').map_while(Result::ok) {
                if told.send(String::from_utf8_lossy(&line).into_owned()).is_err() {
                    return;
                }
            }
        });
        let mut reader = Self { folder, shell, input, lines, ports };
        reader.run(PRELUDE);
        reader
    }

    /// Starts a gateway, in place of the one that this reader has started before.
    pub fn serve(&mut self, command: &str) -> Said {
        self.run(&format!("serve {command}"))
    }

    /// Types a command and waits for its end.
    pub fn run(&mut self, command: &str) -> Said {
        let typed = self
            .ports
            .iter()
            .fold(command.to_owned(), |text, (printed, port)| text.replace(printed, port));
        let line = format!("{{\n{typed}\n}} </dev/null 2>&1\nprintf '\\n%s %s\\n' '{MARK}' $?\n");
        self.input.write_all(line.as_bytes()).expect("the shell listens");
        let mut lines: Vec<String> = Vec::new();
        loop {
            let line = self.lines.recv_timeout(PATIENCE);
            let line = line.unwrap_or_else(|_| panic!("no end of {command}; so far: {lines:?}"));
            if let Some(status) = line.strip_prefix(MARK) {
                // The line break before the mark is not the command's.
                if lines.last().is_some_and(String::is_empty) {
                    lines.pop();
                }
                return Said { success: status.trim() == "0", lines };
            }
            // With what stands before a port in an address, so that no other number is taken for one.
            let line = self.ports.iter().fold(line, |text, (printed, port)| {
                let text = text.replace(&format!(":{port}"), &format!(":{printed}"));
                text.replace(&format!("%3A{port}"), &format!("%3A{printed}"))
            });
            lines.push(line.trim_end().to_owned());
        }
    }

    /// Saves a file that a page shows under its own name.
    pub fn save(&self, file: &Path) {
        let name = file.file_name().expect("a file");
        let text = fs::read_to_string(crate::project().join(file)).expect("the file of a page");
        let text =
            self.ports.iter().fold(text, |text, (printed, port)| text.replace(printed, port));
        fs::write(self.folder.path().join(name), text).expect("the folder takes it");
    }

    /// The folder in which the reader works.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let group = format!("-{}", self.shell.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.shell.wait();
    }
}

/// Whether lines read as printed: `…` in a line stands for anything, and alone for any lines.
pub fn reads_as<P: AsRef<str>, S: AsRef<str>>(printed: &[P], said: &[S]) -> bool {
    match (printed.split_first(), said.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first.as_ref() == "…" => {
            (0..=said.len()).any(|skipped| reads_as(rest, &said[skipped..]))
        }
        (Some((first, rest)), Some((line, after))) => {
            line_reads_as(first.as_ref(), line.as_ref()) && reads_as(rest, after)
        }
        _ => false,
    }
}

fn line_reads_as(printed: &str, line: &str) -> bool {
    let mut pieces = printed.split('…');
    let Some(rest) = line.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    let mut rest = rest;
    for piece in middle {
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::reads_as;

    #[test]
    fn an_ellipsis_stands_for_anything_and_nothing_else_does() {
        let said = ["a: 12", "b", "c"];
        assert!(reads_as(&["a: …", "…"], &said));
        assert!(reads_as(&["…", "c"], &said));
        assert!(reads_as(&["…1…", "b", "c"], &said));
        assert!(!reads_as(&["a: …"], &said));
        assert!(!reads_as(&["…", "b"], &said));
        assert!(!reads_as(&["a: …3", "…"], &said));
        assert!(!reads_as(&["b", "…"], &said));
        assert!(reads_as::<&str, &str>(&[], &[]) && !reads_as::<&str, _>(&[], &["x"]));
    }
}
