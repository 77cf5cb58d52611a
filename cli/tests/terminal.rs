//! The command at a real terminal: questions, colour, lines that are written again, and Ctrl+C as a key.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "not every file of tests uses all of it")]
mod gatelet;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use gatelet::{Desk, eventually, free_port};
use rustix::pty::{OpenptFlags, grantpt, ioctl_tiocgptpeer, openpt, unlockpt};

const NO: i32 = 1;
const WRONG_USAGE: i32 = 64;
const INTERRUPTED: i32 = 130;

/// A terminal in which the command runs in the foreground.
struct Terminal {
    keyboard: File,
    screen: Arc<Mutex<String>>,
    child: Child,
    reading: JoinHandle<()>,
}

impl Terminal {
    fn start(desk: &Desk, kind: &str, words: &[&str]) -> Self {
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY;
        let ours = openpt(flags).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let theirs = || File::from(ioctl_tiocgptpeer(&ours, flags).unwrap());
        // Makes the terminal the command's own, so that its keys are signals there.
        let mut command = Command::new("setsid");
        command.args(["--ctty", "--wait"]);
        // Who runs the tests in the background ignores these, and all that it starts does too.
        command.args(["env", "--default-signal=INT,QUIT", env!("CARGO_BIN_EXE_gatelet")]);
        command.args(words);
        command.env_clear().envs([("TERM", kind), ("PATH", "/usr/bin:/bin")]);
        command.env("HOME", desk.path()).current_dir(desk.path());
        command.stdin(theirs()).stdout(theirs()).stderr(theirs());
        let child = command.spawn().unwrap();
        // The command holds copies of its own; while we held these, the terminal would never be left.
        drop(command);
        let keyboard = File::from(ours);
        let (mut reader, screen) =
            (keyboard.try_clone().unwrap(), Arc::new(Mutex::new(String::new())));
        let shown = Arc::clone(&screen);
        let reading = thread::spawn(move || {
            let mut buffer = [0; 4096];
            // It fails once nobody has the terminal open any more.
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                shown
                    .lock()
                    .unwrap()
                    .push_str(&String::from_utf8_lossy(buffer.get(..length).unwrap()));
            }
        });
        Self { keyboard, screen, child, reading }
    }

    fn screen(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    fn shows(&self, text: &str) {
        eventually(text, || self.screen().contains(text));
    }

    fn type_in(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end; the code, and all that was shown.
    fn ended(mut self) -> (i32, String) {
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        self.reading.join().unwrap();
        let shown = self.screen.lock().unwrap().clone();
        (code, shown)
    }
}

#[test]
fn words_for_states_have_a_colour_unless_the_terminal_is_dumb() {
    let desk = Desk::with_store();
    let (code, shown) = Terminal::start(&desk, "xterm", &["keys", "list"]).ended();
    assert!(code == 0 && shown.contains("\x1b[32mcurrent\x1b[0m"), "{shown:?}");
    let (_, shown) = Terminal::start(&desk, "xterm", &["token"]).ended();
    assert!(shown.starts_with("\x1b[31merror:\x1b[0m you are not signed in\r\n"), "{shown:?}");
    for words in [&["keys", "list"][..], &["token"]] {
        let (_, shown) = Terminal::start(&desk, "dumb", words).ended();
        assert!(!shown.is_empty() && !shown.contains('\x1b'), "{shown:?}");
        let (_, shown) =
            Terminal::start(&desk, "xterm", &[words, &["--color", "never"]].concat()).ended();
        assert!(!shown.is_empty() && !shown.contains('\x1b'), "{shown:?}");
    }
}

#[test]
fn a_reset_asks_and_only_yes_is_yes() {
    let desk = Desk::with_store();
    let records = desk.path().join(".gatelet/gatelet.db");
    let (port, provider_port) = (free_port(), free_port());
    let words = ["dev", "--reset", "--port", &port, "--provider-port", &provider_port];
    for answer in ["no\n", "\n", "y\n", "\x04"] {
        let mut terminal = Terminal::start(&desk, "xterm", &words);
        terminal.shows("Type yes to go on: ");
        assert!(terminal.screen().contains("This deletes .gatelet: "), "{}", terminal.screen());
        terminal.type_in(answer);
        let (code, shown) = terminal.ended();
        assert_eq!(code, NO, "{shown}");
        assert!(shown.contains("was not deleted") && records.exists(), "{shown}");
    }
    let mut terminal = Terminal::start(&desk, "xterm", &words);
    terminal.shows("Type yes to go on: ");
    terminal.type_in("\x03");
    let (code, shown) = terminal.ended();
    assert!([INTERRUPTED, -1].contains(&code) && records.exists(), "{code} {shown}");

    let mut terminal = Terminal::start(&desk, "xterm", &words);
    terminal.shows("Type yes to go on: ");
    terminal.type_in("yes\n");
    terminal.shows("Stop with Ctrl+C.");
    terminal.type_in("\x03");
    let (code, shown) = terminal.ended();
    assert_eq!(code, INTERRUPTED, "{shown}");
    assert!(
        shown.contains("Deleted .gatelet: ") && shown.ends_with("for the next start.\r\n"),
        "{shown}"
    );
}

#[test]
fn what_takes_longer_than_a_second_says_so_in_one_line_and_ctrl_c_ends_it() {
    let desk = Desk::new();
    // A gateway that takes the connection and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let file = desk.path().join(format!(".local/state/gatelet/localhost_{port}.token"));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, "kept").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    std::fs::set_permissions(&file, mode).unwrap();

    let mut terminal = Terminal::start(&desk, "xterm", &["token", "--port", &port]);
    let line = format!("\rAsking http://localhost:{port} ");
    terminal.shows(&format!("{line}(2 s)\x1b[K"));
    assert!(
        terminal.screen().starts_with(&format!("{line}(1 s)\x1b[K{line}")),
        "{:?}",
        terminal.screen()
    );
    terminal.type_in("\x03");
    let (code, shown) = terminal.ended();
    assert_eq!(code, INTERRUPTED, "{shown:?}");
    assert!(
        shown.contains("\r\x1b[K\x1b[31merror:\x1b[0m stopped before it was done\r\n"),
        "{shown:?}"
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "kept");

    let quiet = Terminal::start(&desk, "xterm", &["token", "--port", &port, "--quiet"]);
    let (code, shown) = quiet.ended();
    assert!(code == 3 && !shown.contains("Asking"), "{shown:?}");
}

#[test]
fn without_a_terminal_a_line_is_said_every_ten_seconds() {
    let desk = Desk::new();
    let server = desk.dev(&[]);
    let mut login = desk.command(&["login", "--port", &server.port]).spawn().unwrap();
    let mut said = String::new();
    let mut err = login.stderr.take().unwrap();
    let began = std::time::Instant::now();
    while !said.ends_with(" s)\n") {
        let mut letter = [0];
        err.read_exact(&mut letter).unwrap();
        said.push(char::from(letter[0]));
    }
    let took = began.elapsed().as_secs();
    assert!(
        said.ends_with("\nWaiting for the browser (10 s)\n") && (8..40).contains(&took),
        "{said}"
    );
    assert!(!said.contains(['\r', '\x1b']), "{said:?}");
    login.kill().unwrap();
    login.wait().unwrap();
    server.signal(rustix::process::Signal::TERM);
    assert_eq!(server.ended().code, 0);
}

#[test]
fn a_secret_is_not_typed_in_where_it_can_be_seen() {
    let desk = Desk::with_store();
    let words = ["secrets", "rotate", "provider-pocket"];
    let (code, shown) = Terminal::start(&desk, "xterm", &words).ended();
    assert_eq!(code, WRONG_USAGE, "{shown}");
    assert!(shown.contains("gatelet secrets rotate NAME < FILE"), "{shown}");
}
