//! The command under test, in a folder of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// A scratch folder in which the command runs, with nothing from the environment.
pub(crate) struct Desk(TempDir);

/// What a command said.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// The one object on standard output.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// A desk with a store on it, whose first upkeep is done.
    pub(crate) fn with_store() -> Self {
        let desk = Self::new();
        let said = desk.run(&["upkeep"]);
        assert_eq!(said.code, 0, "{said:?}");
        desk
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatelet"));
        command.env_clear().env("HOME", self.path()).current_dir(self.path()).args(words);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs the command to its end.
    pub(crate) fn run(&self, words: &[&str]) -> Said {
        self.run_with(words, "")
    }

    /// The same, with something on standard input.
    pub(crate) fn run_with(&self, words: &[&str], input: &str) -> Said {
        let mut child = self.command(words).spawn().unwrap();
        // A command that reads nothing may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        said(child)
    }

    /// The same, with variables of the environment.
    pub(crate) fn run_in(&self, environment: &[(&str, &str)], words: &[&str]) -> Said {
        said(self.command(words).envs(environment.iter().copied()).spawn().unwrap())
    }

    /// Starts everything on free ports, and waits until it says that it is ready.
    pub(crate) fn dev(&self, words: &[&str]) -> Server {
        self.dev_in(&[], words)
    }

    /// The same, with variables of the environment.
    pub(crate) fn dev_in(&self, environment: &[(&str, &str)], words: &[&str]) -> Server {
        let (port, provider_port) = (free_port(), free_port());
        let ports = ["--port", &port, "--provider-port", &provider_port];
        let mut command = self.command(&[&["dev"], words, &ports].concat());
        let mut child = command.envs(environment.iter().copied()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut ready = String::new();
        while !ready.contains("Next:") && !ready.contains("\"ready\"") {
            assert!(out.read_line(&mut ready).unwrap() > 0, "{ready}{:?}", said(child));
        }
        let rest = thread::spawn(move || {
            let mut rest = String::new();
            out.read_to_string(&mut rest).unwrap();
            rest
        });
        Server { child, port, ready, rest }
    }
}

/// Waits for the end of a command.
pub(crate) fn said(child: Child) -> Said {
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A server that has said that it is ready.
pub(crate) struct Server {
    child: Child,
    pub(crate) port: String,
    pub(crate) ready: String,
    rest: thread::JoinHandle<String>,
}

impl Server {
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for a line on standard error that begins so. What came before it is not said again.
    pub(crate) fn error_line(&mut self, begin: &str) -> String {
        let mut lines = BufReader::with_capacity(1, self.child.stderr.as_mut().unwrap()).lines();
        lines.find_map(|line| Some(line.unwrap()).filter(|line| line.starts_with(begin))).unwrap()
    }

    /// Waits for its end; what it said besides being ready.
    pub(crate) fn ended(self) -> Said {
        let Self { child, rest, .. } = self;
        let said = said(child);
        Said { out: rest.join().unwrap(), ..said }
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port().to_string()
}

/// Asks until the answer is yes, for at most a minute.
pub(crate) fn eventually(what: &str, mut question: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !question() {
        assert!(Instant::now() < deadline, "in vain: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
