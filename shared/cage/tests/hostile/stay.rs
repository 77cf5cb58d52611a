//! Scripts that do not want to end, or want something of them to stay.

use std::time::Duration;

use gatelet_core::automation::{Exit, Job, Runner as _};
use rustix::process::{Signal, kill_process};
use serde_json::json;

use crate::stage::{Listener, Stage, eventually, job};

// Proves L 62.
#[tokio::test]
async fn what_a_script_leaves_running_ends_with_it() {
    let script = "
import time
if os.fork() == 0:
    time.sleep(1000)
log(True)
";
    // That nothing is left is looked at after every run.
    let told = Stage::new().run(script).await;
    assert_eq!((told.exit.clone(), told.logged().len()), (Exit::Status(0), 1), "{told:?}");
}

#[tokio::test]
async fn a_process_that_leaves_group_session_and_parents_ends_too() {
    let script = "
import time
ready, done = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.chdir('/') if False else None
            os.write(done, str(os.getpid()).encode())
            os.closerange(0, 256)
            time.sleep(1000)
        os._exit(0)
    os._exit(0)
log(int(os.read(ready, 20)))
";
    let told = Stage::new().run(script).await;
    assert_eq!(told.exit, Exit::Status(0), "{told:?}");
    let pid = told.first().as_u64().unwrap();
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists(), "{pid} is left");
}

#[tokio::test]
async fn a_script_that_multiplies_meets_its_limit_and_ends() {
    let script = "
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
log(True)
while True:
    try:
        os.fork()
    except OSError:
        pass
";
    let told = Stage::with(|setup| setup.limits.processes = 24).run_for(1500, script).await;
    assert_eq!(told.exit, Exit::Stopped("timed_out"), "{:?}", told.lines.first());
}

#[tokio::test]
async fn a_script_that_does_not_listen_to_sigterm_is_killed_after_its_grace() {
    let script = "
import signal, time
signal.signal(signal.SIGTERM, lambda *_: print('no', flush=True))
log('stop me')
while True:
    time.sleep(1)
";
    let told = Stage::new().run(script).await;
    assert_eq!((told.exit, told.lines), (Exit::Stopped("cancelled"), vec!["no".to_owned()]));
}

#[tokio::test]
async fn a_script_that_listens_to_sigterm_may_clean_up() {
    let script = "
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print('cleaned up', flush=True), sys.exit(3)))
log('stop me')
while True:
    time.sleep(1)
";
    let told = Stage::with(|setup| setup.grace = Duration::from_secs(15)).run(script).await;
    assert_eq!(
        (told.exit, told.lines),
        (Exit::Stopped("cancelled"), vec!["cleaned up".to_owned()])
    );
}

#[tokio::test]
async fn a_script_that_is_answered_stop_is_ended_for_that_reason() {
    let listener = Listener::refusing();
    let script = "
answer = log('refuse')
import time
time.sleep(1000)
";
    let told = Stage::new().run_job(job(script, &json!({}), false), &listener).await.unwrap();
    assert_eq!(told.exit, Exit::Stopped("lease_lost"));
}

#[tokio::test]
async fn a_script_that_never_reads_is_ended_by_its_time() {
    let script = "
import time
os.dup2(os.open('/dev/null', os.O_RDONLY), 4)
time.sleep(1000)
";
    let told = Stage::new().run_for(800, script).await;
    assert_eq!(told.exit, Exit::Stopped("timed_out"));
}

#[tokio::test]
async fn nothing_of_a_script_outlives_whoever_waited_for_it() {
    let stage = Stage::new();
    let script = "
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
log(True)
time.sleep(1000)
";
    stage.runner.sandbox().await;
    let running = async {
        let job = Job { timeout: Duration::from_mins(10), ..job(script, &json!({}), false) };
        stage.runner.run(job, &Listener::default()).await
    };
    // The gateway's death looks the same to a keeper: nobody can answer its script any more.
    let given_up = tokio::time::timeout(Duration::from_secs(3), running).await;
    assert!(given_up.is_err());
    eventually("all processes end", || stage.processes().is_empty()).await;
    eventually("all files are removed", || stage.leftovers().is_empty()).await;
}

#[tokio::test]
async fn a_signal_to_the_whole_service_leaves_a_script_to_the_gateway() {
    let stage = Stage::new();
    stage.runner.sandbox().await;
    let script = "
import time
log(os.getppid())
time.sleep(1.5)
print('went on')
";
    let signal = async {
        let is_keeper = |command: &String| command.contains("\"role\":\"Keeper\"");
        eventually("a keeper is there", || stage.processes().iter().any(is_keeper)).await;
        // Its handlers are in place once the script runs, which is not a keeper any more.
        let python = |command: &String| command.contains("/script") && !command.contains("role");
        eventually("its script runs", || stage.processes().iter().any(python)).await;
        for signal in [Signal::HUP, Signal::INT, Signal::TERM, Signal::QUIT] {
            for pid in stage.keepers() {
                kill_process(pid, signal).unwrap();
            }
        }
    };
    let listener = Listener::default();
    let (told, ()) = tokio::join!(stage.run_job(job(script, &json!({}), false), &listener), signal);
    let told = told.unwrap();
    assert_eq!((told.exit, told.lines), (Exit::Status(0), vec!["went on".to_owned()]));
}

#[tokio::test]
async fn what_a_gateway_left_that_was_switched_off_is_removed_by_the_next() {
    let stage = Stage::new();
    let runs = stage.folder.path().join("runs");
    // No process has this number; one has ours; and the third is a link to something else.
    for name in [
        "gatelet-run-4194305-abc/scratch",
        &format!("gatelet-run-{}-abc", std::process::id()),
        "other",
    ] {
        std::fs::create_dir_all(runs.join(name)).unwrap();
    }
    std::os::unix::fs::symlink(runs.join("other"), runs.join("gatelet-run-4194306-abc")).unwrap();
    stage.runner.sandbox().await;
    let mut left = stage.leftovers();
    left.sort_unstable();
    let ours = format!("gatelet-run-{}-abc", std::process::id());
    let mut expected = vec!["gatelet-run-4194306-abc".to_owned(), ours, "other".to_owned()];
    expected.sort_unstable();
    assert_eq!(left, expected);
}
