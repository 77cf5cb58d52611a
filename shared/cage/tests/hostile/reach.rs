//! What a script can reach: the gateway, files, other programs, the network, the kernel.

use std::net::{Ipv4Addr, TcpListener};

use gatelet_core::automation::{Exit, Level, Runner as _};
use serde_json::json;

use crate::stage::{ENTRY, Listener, Stage, assert_refused, is_below, job, package};

// Proves L 61.
#[tokio::test]
async fn this_machine_isolates_by_the_kernel_and_says_what_it_tried() {
    let stage = Stage::new();
    let report = stage.runner.sandbox().await;
    assert_eq!(report.level, Level::S3, "{report:#?}");
    assert_eq!(report.network, "none");
    for name in
        ["python", "user", "landlock", "seccomp", "gateway_memory", "file_read", "udp", "program"]
    {
        assert!(report.probes.iter().any(|probe| probe.name == name && probe.holds), "{name}");
    }
    assert_eq!(stage.leftovers(), Vec::<String>::new());
    assert_eq!(stage.processes(), Vec::<String>::new());
}

#[tokio::test]
async fn a_missing_python_is_level_zero_and_no_failed_start() {
    let stage = Stage::with(|setup| setup.python = Some("/nowhere/python3".into()));
    let report = stage.runner.sandbox().await;
    assert_eq!(report.level, Level::S0);
    let python = report.probes.iter().find(|probe| probe.name == "python").unwrap();
    assert!(python.detail.contains("/nowhere/python3"), "{python:?}");
    let refused = stage.runner.run(job("", &json!({}), false), &Listener::default()).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test]
async fn a_script_cannot_read_its_gateway_nor_its_keeper() {
    let script = "
def read(path):
    return open(path, 'rb').read(64)
gateway, keeper = start['inputs']['gateway'], os.getppid()
log({f'{pid} {what}': tried(read, f'/proc/{pid}/{what}')
     for pid in (gateway, keeper) for what in ('environ', 'mem', 'maps', 'cmdline', 'auxv')}
    | {f'{pid} fd': tried(os.listdir, f'/proc/{pid}/fd') for pid in (gateway, keeper)}
    | {f'{pid} signal': tried(os.kill, pid, 0) for pid in (gateway, keeper, 1)})
";
    let stage = Stage::new();
    let job = job(script, &json!({ "gateway": std::process::id() }), false);
    let told = stage.run_job(job, &Listener::default()).await.unwrap();
    assert_refused(&told.first());
}

// Proves L 43, 44.
#[tokio::test]
async fn a_script_sees_no_file_but_its_own_and_starts_no_program_but_python() {
    let script = "
import subprocess, sys
def write(path):
    with open(path, 'a') as file:
        file.write('x')
write('mine')
os.chmod('mine', 0o755)
log({'read ' + path: tried(open, path) for path in ('/etc/passwd', '/etc/shadow', '/proc/self/environ', '/proc/1/cmdline', '/etc/ssl/private')}
    | {'list ' + path: tried(os.listdir, path) for path in ('/', '/tmp', '/proc', '/home', '/root', '..', start['inputs']['runs'])}
    | {'write ' + path: tried(write, path) for path in ('/tmp/x', '/var/tmp/x', '/dev/shm/x', __file__, __file__ + 'x', '../x')}
    | {'start ' + path: tried(subprocess.run, [path]) for path in ('/bin/sh', '/usr/bin/env', __file__, 'mine')}
    | {'link': tried(lambda: open(os.symlink('/etc/passwd', 'link') or 'link')),
       'hard link': tried(os.link, __file__, 'hard'),
       'device': tried(os.mknod, 'device', 0o600 | 0o020000, 259)})
again = subprocess.run([sys.executable, '-I', '-c', \"open('/etc/passwd')\"], stderr=subprocess.PIPE)
log([open('mine').read(), os.getcwd(), b'PermissionError' in again.stderr])
";
    let stage = Stage::new();
    let runs = stage.folder.path().join("runs");
    let job = job(script, &json!({ "runs": runs }), false);
    let told = stage.run_job(job, &Listener::default()).await.unwrap();
    assert_refused(&told.first());
    let own = told.logged().remove(1);
    assert_eq!(
        (&own[0], &own[2]),
        (&json!("x"), &json!(true)),
        "another Python is within the same walls"
    );
    assert!(is_below(own[1].as_str().unwrap(), &runs), "{own}");
}

// Proves L 52.
#[tokio::test]
async fn a_script_inherits_neither_environment_nor_descriptors_nor_arguments() {
    // What somebody left open when they started the gateway.
    let left_open = rustix::io::dup(std::fs::File::open("/etc/passwd").unwrap()).unwrap();
    let script = "
import fcntl, sys
def is_open(number):
    try:
        fcntl.fcntl(number, fcntl.F_GETFD)
        return True
    except OSError:
        return False
os.close(_answers.fileno())
log2 = [sorted(os.environ), [n for n in range(1000) if is_open(n)], sys.argv[1:], os.getsid(0) == os.getpid(), os.umask(0)]
raw((json.dumps({'m': 'log', 'text': json.dumps(log2)}) + '\\n').encode())
os._exit(0)
";
    let stage = Stage::new();
    let told = stage.run(script).await;
    drop(left_open);
    let expected = json!([["HOME", "LANG", "TMPDIR"], [0, 1, 2, 3, 4], [], true, 0o077]);
    let mut seen = told.first();
    // Python adds what follows from LANG.
    seen[0].as_array_mut().unwrap().retain(|name| name != "LC_CTYPE");
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_script_without_connections_makes_none() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = Stage::new()
        .run_job(job(SOCKETS, &json!({ "port": port }), false), &Listener::default())
        .await;
    let told = told.unwrap();
    assert_refused(&told.first());
}

#[tokio::test]
async fn a_script_with_a_connection_connects_and_listens_to_nobody() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = Stage::new()
        .run_job(job(SOCKETS, &json!({ "port": port }), true), &Listener::default())
        .await;
    let mut outcomes = told.unwrap().first();
    for allowed in ["connect", "datagram"] {
        let outcome = outcomes.as_object_mut().unwrap().remove(allowed).unwrap();
        assert!(outcome.as_str().unwrap().starts_with("could"), "{allowed}: {outcome}");
    }
    assert_refused(&outcomes);
}

/// Every kind of socket.
const SOCKETS: &str = "
import socket
def listen():
    server = socket.socket()
    server.bind(('127.0.0.1', 0))
    server.listen()
log({'connect': tried(socket.create_connection, ('127.0.0.1', start['inputs']['port']), 2),
     'listen': tried(listen),
     'datagram': tried(socket.socket, socket.AF_INET, socket.SOCK_DGRAM),
     'raw': tried(socket.socket, socket.AF_INET, socket.SOCK_RAW, 1),
     'local': tried(socket.socket, socket.AF_UNIX),
     'netlink': tried(socket.socket, socket.AF_NETLINK, socket.SOCK_RAW),
     'packet': tried(socket.socket, socket.AF_PACKET, socket.SOCK_RAW),
     'vsock': tried(socket.socket, 40, socket.SOCK_STREAM)})
";

#[tokio::test]
async fn a_script_cannot_trace_its_keeper_nor_ask_the_kernel_for_more() {
    let script = "
import ctypes, os
kernel = ctypes.CDLL(None, use_errno=True)
intel = os.uname().machine == 'x86_64'
calls = {'ptrace': (101, 117), 'process_vm_readv': (310, 270), 'unshare': (272, 97), 'setns': (308, 268), 'mount': (165, 40),
         'bpf': (321, 280), 'keyctl': (250, 219), 'io_uring_setup': (425, 425), 'perf_event_open': (298, 241),
         'userfaultfd': (323, 282), 'memfd_create': (319, 279), 'kexec_load': (246, 104), 'shmget': (29, 194), 'clone3': (435, 435)}
def call(numbers):
    if kernel.syscall(numbers[0] if intel else numbers[1], 0, 0, 0, 0, 0) < 0:
        number = ctypes.get_errno()
        if number in (1, 38):
            raise OSError(number, os.strerror(number))
        return 'reached the kernel: ' + os.strerror(number)
def view():
    if kernel.syscall(56 if intel else 220, 0x10000000 | 17, 0, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), 'clone')
def trace():
    if kernel.ptrace(16, os.getppid(), 0, 0) < 0:
        raise OSError(ctypes.get_errno(), 'attach')
log({name: tried(call, numbers) for name, numbers in calls.items()}
    | {'clone': tried(view), 'attach': tried(trace), 'root': tried(os.setuid, 0), 'group': tried(os.setgid, 0), 'chroot': tried(os.chroot, '/')})
";
    let told = Stage::new().run(script).await;
    assert_refused(&told.first());
}

#[tokio::test]
async fn the_package_that_comes_with_the_gateway_is_on_the_path() {
    let stage = Stage::with(|setup| {
        setup.package = package(&[
            ("__main__.py", ENTRY),
            ("gatelet/__init__.py", "here = 7\n"),
            ("gatelet/deep/er.py", "x = 1\n"),
        ]);
    });
    let told =
        stage.run("import gatelet, gatelet.deep.er\nlog([gatelet.here, gatelet.deep.er.x])").await;
    assert_eq!(told.first(), json!([7, 1]));
    assert_eq!(told.exit, Exit::Status(0));
}
