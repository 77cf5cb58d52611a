//! A story with real processes: the first is stopped at one of its points by a signal that nobody can catch, and the
//! next one finds what it has left.

use std::future::pending;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use gatelet_core::automation::{Effect, State};
use gatelet_core::records::Records;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::runtime::Builder;
use tokio::time::advance;

use crate::fate::{Fate, Way, When};
use crate::process::{House, Process};

/// Tells a process what it is: which one, what befalls it at which point, and place and folder of the story.
const ORDER: &str = "TEST_MISHAP";
/// The file by which it says that it has come to its point.
const STRUCK: &str = "struck";
/// The file by which it is told that it may go on.
const THAWED: &str = "thawed";
/// The file in which one that nothing befell says which points there were.
const POINTS: &str = "points";
/// How long a process may take.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);
/// How much later the next process begins: no lease lasts as long.
pub(crate) const LATER: Duration = Duration::from_mins(10);
/// So many stories are told at a time.
const AT_A_TIME: usize = 4;

/// The crash points of the protocol, and what has been done there by then.
const PROTOCOL: [(&str, &str); 9] = [
    ("K0", "commit open"),
    ("K1", "commit run.request"),
    ("K2", "send"),
    ("K3", "commit run.claim"),
    ("K4", "commit run.begin"),
    ("K5", "commit run.step"),
    ("K6", "effect token"),
    ("K7", "commit run.step"),
    ("K8", "commit run.finish"),
];

/// Finds the records in a place for the story of a folder.
pub trait Opens: Fn(&str, &Path) -> Arc<dyn Records> {}

impl<F: Fn(&str, &Path) -> Arc<dyn Records>> Opens for F {}

/// What this process is, if it is one of a story.
pub(crate) fn order_of() -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "a process is told by it that it is one")]
    std::env::var(ORDER).ok()
}

/// Tells the story once for each mishap. `prepare` makes a place for all of them and names it in one word;
/// `open` finds the records in that place for the story of a folder. `test` is the name of the test that calls this:
/// its executable is started again for each process, and plays that then.
///
/// What is left after a point is what is left before the next one, so a process is killed once for each point, and
/// before the first one there is nothing. Each kind of commit is met by a process that stands still, and by one that
/// gets no answer.
pub fn at_any_point(test: &str, prepare: impl FnOnce() -> String, open: impl Opens) {
    if let Some(order) = order_of() {
        return be(&order, &open);
    }
    let place = prepare();
    let undisturbed = Story::new(test, &place);
    undisturbed.ends_well("first None 0");
    let points = std::fs::read_to_string(undisturbed.file(POINTS)).unwrap();
    let points: Vec<&str> = points.lines().collect();
    let mut rest = points.iter();
    for (point, done) in PROTOCOL {
        assert!(rest.any(|name| *name == done), "{point} is one of the points: {points:?}");
    }
    let mut mishaps = Vec::new();
    for (at, name) in points.iter().enumerate() {
        mishaps.push((at, Way::Die));
        let is_first_of_its_kind = !points.iter().take(at).any(|before| before == name);
        if name.starts_with("commit") && is_first_of_its_kind {
            mishaps.push((at, Way::Freeze));
            mishaps.push((at, Way::LoseAnswer));
        }
    }
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((at, way)) = mishaps.get(next.fetch_add(1, Ordering::SeqCst)) {
                    Story::new(test, &place).tell(*at, *way);
                }
            });
        }
    });
}

/// One telling.
pub(crate) struct Story<'a> {
    test: &'a str,
    place: &'a str,
    folder: TempDir,
}

impl<'a> Story<'a> {
    pub(crate) fn new(test: &'a str, place: &'a str) -> Self {
        Self { test, place, folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts this very executable again, as one process of the story.
    pub(crate) fn start(&self, order: &str) -> Child {
        let order = format!("{order} {} {}", self.place, self.folder.path().display());
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--include-ignored", "--exact", self.test, "--nocapture"]);
        command.env(ORDER, order).stdout(Stdio::null()).spawn().unwrap()
    }

    pub(crate) fn ends_well(&self, order: &str) {
        let status = self.start(order).wait().unwrap();
        assert!(status.success(), "{order}: {status}");
    }

    fn tell(&self, at: usize, way: Way) {
        let order = format!("first {way:?} {at}");
        if way == Way::LoseAnswer {
            self.ends_well(&order);
            self.ends_well("next None 0");
            return;
        }
        let mut first = self.start(&order);
        let began = Instant::now();
        while !self.file(STRUCK).exists() {
            assert!(began.elapsed() < PATIENCE, "{order}: it does not come to its point");
            assert!(first.try_wait().unwrap().is_none(), "{order}: it ended before its point");
            sleep(Duration::from_millis(2));
        }
        if way == Way::Die {
            first.kill().unwrap();
            first.wait().unwrap();
            self.ends_well(&format!("next {way:?} {at}"));
            return;
        }
        let pid = Pid::from_child(&first);
        kill_process(pid, Signal::STOP).unwrap();
        self.ends_well(&format!("next {way:?} {at}"));
        let acts = || std::fs::read_to_string(self.file("target")).unwrap();
        let before = acts();
        std::fs::write(self.file(THAWED), "").unwrap();
        kill_process(pid, Signal::CONT).unwrap();
        let status = first.wait().unwrap();
        assert!(status.success(), "{order}: {status}");
        assert_eq!(acts(), before, "{order}: a shadow acted");
        self.ends_well(&format!("next {way:?} {at}"));
    }
}

/// Is one process of a story.
fn be(order: &str, open: &impl Opens) {
    let mut words = order.splitn(5, ' ');
    let mut word = || words.next().unwrap();
    let (role, way, at) = (word(), word(), word().parse().unwrap());
    let (place, folder) = (word(), Path::new(word()));
    let records = open(place, folder);
    let runtime = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        if role == "next" {
            return be_next(folder, records).await;
        }
        let way = match way {
            "Die" => Way::Die,
            "Freeze" => Way::Freeze,
            "LoseAnswer" => Way::LoseAnswer,
            _ => Way::None,
        };
        be_first(folder, records, (way, at)).await;
    });
}

async fn be_next(folder: &Path, records: Arc<dyn Records>) {
    let house = House::at(folder, records, Effect::Steps, LATER);
    house.survive().await;
    assert_eq!(house.check(0).await.state, State::Succeeded);
    assert!(house.seen().is_complete(), "{:?}", house.seen());
}

async fn be_first(folder: &Path, records: Arc<dyn Records>, (way, at): (Way, usize)) {
    let house = House::at(folder, records, Effect::Steps, Duration::ZERO);
    let fate = Fate::of(way, at, When::After);
    let process = Process::of(&house, Arc::clone(&fate));
    let mut life = std::pin::pin!(process.live(true));
    tokio::select! {
        biased;
        () = &mut life => {
            std::fs::write(folder.join(POINTS), fate.points().join("\n")).unwrap();
            return;
        }
        () = fate.has_struck() => std::fs::write(folder.join(STRUCK), "").unwrap(),
    }
    if way == Way::Die {
        return pending().await;
    }
    let began = Instant::now();
    while !folder.join(THAWED).exists() {
        assert!(began.elapsed() < PATIENCE, "nobody wakes it up");
        sleep(Duration::from_millis(2));
    }
    // Its clock has gone on meanwhile.
    advance(LATER).await;
    fate.thaw();
    life.await;
}
