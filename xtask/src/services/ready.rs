//! Asks a service whether it answers, in the plainest form of its own protocol.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use crate::run::{Result, failure};

/// What counts as an answer.
pub(super) enum Answers {
    /// Redis says `PONG`.
    Pong(u16),
    /// Any HTTP status line; an emulator refuses an unsigned request and is awake all the same.
    Http(u16, &'static str),
    /// All ports accept connections: the servers behind TLS open theirs when they are ready.
    Accepts(Vec<u16>),
}

/// Waits until the service answers; fails if it ends or the deadline passes.
pub(super) fn wait(answers: &Answers, child: &mut Child, deadline: Instant) -> Result<()> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Err(failure!("it ended at once, {status}"));
        }
        if answers.now() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(failure!("it did not answer in time"));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

impl Answers {
    fn now(&self) -> bool {
        match self {
            Self::Pong(port) => says(*port, b"PING\r\n", b"+PONG"),
            Self::Http(port, path) => {
                let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
                says(*port, request.as_bytes(), b"HTTP/1.")
            }
            Self::Accepts(ports) => ports.iter().all(|port| connect(*port).is_some()),
        }
    }
}

fn connect(port: u16) -> Option<TcpStream> {
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    Some(stream)
}

fn says(port: u16, question: &[u8], beginning: &[u8]) -> bool {
    let ask = || {
        let mut stream = connect(port)?;
        stream.write_all(question).ok()?;
        let mut answer = vec![0; beginning.len()];
        stream.read_exact(&mut answer).ok()?;
        Some(answer)
    };
    ask().is_some_and(|answer| answer == beginning)
}
