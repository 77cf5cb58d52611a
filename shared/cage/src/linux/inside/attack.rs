//! What a hostile script would try, tried for real by a process that ends afterwards.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, getppid, test_kill_process};
use rustix::thread::{SecureComputingMode, no_new_privs, secure_computing_mode};

use super::super::plan::{Attacked, Targets};

/// How long a connection is tried.
const PATIENCE: Duration = Duration::from_secs(2);

/// All attacks, one after the other.
pub(super) fn all(targets: &Targets) -> Vec<Attacked> {
    let gateway = targets.gateway;
    let of = |what: &str| format!("/proc/{gateway}/{what}");
    let read = |path: String| File::open(path).and_then(|mut file| file.read(&mut [0; 16]));
    let keeper = || getppid().map_or(Ok(()), |keeper| Ok(test_kill_process(keeper)?));
    let signal = |pid: u32| -> io::Result<()> {
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
        pid.map_or(Ok(()), |pid| Ok(test_kill_process(pid)?))
    };
    vec![
        tried("gateway_environment", "read the gateway's environment", read(of("environ"))),
        tried("gateway_memory", "open the gateway's memory", File::open(of("mem"))),
        tried("gateway_descriptors", "list the gateway's descriptors", fs::read_dir(of("fd"))),
        tried("gateway_signal", "signal the gateway", signal(gateway)),
        tried("keeper_signal", "signal the keeper", keeper()),
        tried("file_read", "read a file outside", File::open(&targets.file)),
        tried("file_write", "write a file outside", write(targets)),
        tried("program", "start another program", start()),
        tried("tcp_connect", "connect to this machine", connect(targets.port)),
        tried("tcp_listen", "listen for connections", TcpListener::bind((Ipv4Addr::LOCALHOST, 0))),
        tried("udp", "make a socket for datagrams", UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))),
        tried("local_socket", "make a local socket", UnixDatagram::unbound()),
        tried("namespace", "make a view of the system of its own", unshare()),
        held("new_rights", "programs give new rights", matches!(no_new_privs(), Ok(true))),
        held(
            "system_calls",
            "system calls are not filtered",
            matches!(secure_computing_mode(), Ok(SecureComputingMode::Filter)),
        ),
    ]
}

/// That it failed means that the defence holds.
fn tried<T>(name: &str, what: &str, outcome: io::Result<T>) -> Attacked {
    let (holds, detail) = match outcome {
        Ok(_) => (false, format!("could {what}")),
        Err(error) => (true, format!("could not {what}: {error}")),
    };
    Attacked { name: name.to_owned(), holds, detail }
}

fn held(name: &str, otherwise: &str, holds: bool) -> Attacked {
    let detail = if holds { "in force".to_owned() } else { otherwise.to_owned() };
    Attacked { name: name.to_owned(), holds, detail }
}

fn write(targets: &Targets) -> io::Result<()> {
    let path = targets.folder.join(format!("gatelet-probe-{}", std::process::id()));
    File::create_new(&path)?;
    fs::remove_file(path)
}

fn start() -> io::Result<()> {
    let program =
        Command::new("/bin/sh").args(["-c", ":"]).env_clear().stdin(Stdio::null()).status();
    match program {
        // There is none on this system, so none was started.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Command::new("/proc/self/exe").env_clear().stdin(Stdio::null()).status().map(drop)
        }
        started => started.map(drop),
    }
}

/// Somebody listens there: nothing but a wall can refuse.
fn connect(port: u16) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), PATIENCE)
}

fn unshare() -> io::Result<()> {
    #[expect(
        deprecated,
        reason = "its successor is unsafe for descriptors, which this does not unshare"
    )]
    let outcome = rustix::thread::unshare(rustix::thread::UnshareFlags::NEWUSER);
    Ok(outcome?)
}
