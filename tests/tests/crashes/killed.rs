//! The same with real processes over the embedded store: each is killed at one of its points, by a signal that nobody can
//! catch, and the next one finds what it has left.

use std::future::pending;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use gatelet_core::automation::{Effect, State};
use tempfile::TempDir;

use crate::fate::{Fate, Way, When};
use crate::process::{House, Process};

/// Tells the process what it is: the folder, the point at which it stops and waits to be killed, and when.
const ORDER: &str = "TEST_CRASH_ORDER";
/// The file by which it says that it has come to its point.
const STRUCK: &str = "struck";
/// The file in which one that was not to be killed says how many points there were.
const POINTS: &str = "points";
/// How long a process may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How much later the next process begins: no lease lasts as long.
const LATER: Duration = Duration::from_mins(10);

#[test]
fn a_process_is_killed_at_any_point_and_the_next_one_ends_what_it_began() {
    let folder = tempfile::tempdir().unwrap();
    let undisturbed = run(&folder, "first", usize::MAX, When::Before).wait().unwrap();
    assert!(undisturbed.success());
    let points = std::fs::read_to_string(folder.path().join(POINTS)).unwrap();
    let points: usize = points.parse().unwrap();
    assert!(points > 20, "{points}");
    for at in 0..points {
        for when in [When::Before, When::After] {
            let folder = tempfile::tempdir().unwrap();
            kill(&folder, run(&folder, "first", at, when));
            let next = run(&folder, "next", usize::MAX, when).wait().unwrap();
            assert!(next.success(), "after a kill at {at} {when:?}");
        }
    }
}

/// Starts this very executable again, as one process of the story.
fn run(folder: &TempDir, role: &str, at: usize, when: When) -> Child {
    let order = format!("{role} {at} {when:?} {}", folder.path().display());
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "killed::one_process_of_the_story", "--nocapture"]);
    command.env(ORDER, order).stdout(Stdio::null()).spawn().unwrap()
}

/// Waits until a process has come to its point, and kills it there.
fn kill(folder: &TempDir, mut process: Child) {
    let struck = folder.path().join(STRUCK);
    let began = Instant::now();
    while !struck.exists() {
        assert!(began.elapsed() < PATIENCE, "it does not come to its point");
        assert!(process.try_wait().unwrap().is_none(), "it ended before its point");
        sleep(Duration::from_millis(2));
    }
    process.kill().unwrap();
    process.wait().unwrap();
}

#[tokio::test(start_paused = true)]
#[ignore = "the process that another test starts and kills"]
async fn one_process_of_the_story() {
    #[expect(clippy::disallowed_methods, reason = "the test that starts it tells it so")]
    let order = std::env::var(ORDER).expect("another test starts this");
    let mut words = order.splitn(4, ' ');
    let mut word = || words.next().unwrap();
    let (role, at, when) = (word(), word().parse().unwrap(), word());
    let when = if when == "After" { When::After } else { When::Before };
    let folder = Path::new(word());
    if role == "next" {
        let house = House::at(folder, Effect::Steps, LATER);
        house.survive().await;
        house.check().await;
        assert_eq!(house.run().await.state, State::Succeeded);
        assert!(house.target.seen().is_complete(), "{:?}", house.target.seen());
        return;
    }
    let house = House::at(folder, Effect::Steps, Duration::ZERO);
    let fate = Arc::new(Fate::of(Way::Die, at, when));
    tokio::select! {
        biased;
        () = async { Process::of(&house, Arc::clone(&fate)).live(true).await } => {
            std::fs::write(folder.join(POINTS), fate.points().to_string()).unwrap();
        }
        () = fate.has_struck() => {
            std::fs::write(folder.join(STRUCK), "").unwrap();
            pending::<()>().await;
        }
    }
}
