//! `gatelet dev`: everything on this machine, and what is said about it.

use std::cell::RefCell;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::Instant;

use gatelet_host::plain::{
    App, Deletable, Ended, Moment, PEOPLE, Place, SignIn, Spared, serve, work_alone,
};
use serde_json::{Value, json};

use crate::arguments::DevArgs;
use crate::exit::Exit;
use crate::page::{FIRM, Page, harmless};
use crate::progress::Progress;
use crate::say::{Answer, Failure, remark, write_out};
use crate::voice::Voice;

/// Whom the start message offers first: somebody who may do something, and not everything.
const FIRST: &str = "Eda";

/// Serves until somebody ends it.
pub(crate) fn dev(
    place: &Place,
    arguments: &DevArgs,
    voice: &Voice,
    began: Instant,
) -> Result<Answer, Failure> {
    if arguments.reset {
        reset(&place.folder, arguments.yes, voice)?;
    }
    let app = App {
        routes: all::routes(),
        on_message: work_automation::on_message,
        on_tick: upkeep::on_tick,
    };
    let starting = RefCell::new(Some(Progress::begin(voice, "Starting")));
    let ended = serve(app, place, |moment| match moment {
        Moment::Ready => {
            starting.take();
            announce(place, voice, began);
        }
        Moment::Ending { requests, message } => remark(&ending(requests, message), voice),
    })?;
    Ok(stopped(place, ended, voice))
}

/// Works on messages until somebody ends it.
pub(crate) fn work(place: &Place, voice: &Voice) -> Result<Answer, Failure> {
    let ended = work_alone(work_automation::on_message, place, |moment| match moment {
        Moment::Ready => {
            let folder = shown(&place.folder);
            let page = Page::new().line(format!("Working on the runs of {folder}."));
            remark(&page.line("Stop with Ctrl+C."), voice);
        }
        Moment::Ending { requests, message } => remark(&ending(requests, message), voice),
    })?;
    Ok(stopped(place, ended, voice))
}

fn stopped(place: &Place, ended: Ended, voice: &Voice) -> Answer {
    let (by, exit) = match ended {
        Ended::Interrupted => ("interrupt", Exit::Interrupted),
        Ended::Terminated => ("terminate", Exit::Done),
    };
    let folder = shown(&place.folder);
    remark(
        &Page::new().line(format!("Stopped. {folder} keeps everything for the next start.")),
        voice,
    );
    let json = json!({ "v": 1, "result": "stopped", "by": by, "folder": place.folder.display().to_string() });
    Answer::done(Page::new(), json).with_exit(exit)
}

/// Says that it answers, where, and what to do next. Nobody may be listening, and the server works all the same.
fn announce(place: &Place, voice: &Voice, began: Instant) {
    let (version, took) = (env!("CARGO_PKG_VERSION"), began.elapsed().as_millis());
    // It serves under it already, so it is sound.
    let console = place.base_url().map_or_else(|_| String::new(), String::from);
    let console = console.trim_end_matches('/').to_owned();
    if voice.json {
        let line = json!({
            "v": 1, "result": "ready", "version": version, "took_ms": u64::try_from(took).ok(),
            "console": console, "sign_in": people(&place.sign_in), "folder": place.folder.display().to_string(),
        });
        let _ = write_out(&format!("{line}\n"));
        return;
    }
    if voice.quiet {
        return;
    }
    let embedded = format!("records, queue, secrets and objects in {}", shown(&place.folder));
    let (who, local_only, next) = match &place.sign_in {
        SignIn::Pocket { port } => {
            let people = sorted().map(|(name, place)| firm(&format!("{name} ({place})")));
            let provider = format!("identity provider on http://127.0.0.1:{port}");
            let next = format!("open the console and sign in as {FIRST}.");
            (people.collect::<Vec<_>>().join(" · "), format!("{provider}, {embedded}"), next)
        }
        SignIn::Registry(file) => {
            let who = format!("whoever {} admits", shown(file));
            (who, embedded, "open the console and sign in.".to_owned())
        }
    };
    let page = Page::new()
        .line(format!("Gatelet {version} is ready in {took} ms"))
        .facts([
            ("Console", console),
            (&firm("Sign in as"), who),
            (&firm("Local only"), local_only),
        ])
        .line(format!("Stop with Ctrl+C. Next: {next}"));
    let _ = write_out(&page.render(voice.out));
}

fn people(sign_in: &SignIn) -> Value {
    match sign_in {
        SignIn::Pocket { .. } => {
            sorted().map(|(name, place)| json!({ "name": name, "place": place })).collect()
        }
        SignIn::Registry(_) => Value::Null,
    }
}

/// Everybody who can be chosen, whoever is offered first before the others.
fn sorted() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut people: Vec<_> = PEOPLE.iter().map(|human| (human.name, human.place)).collect();
    people.sort_by_key(|(name, _)| *name != FIRST);
    people.into_iter()
}

/// What is being finished.
fn ending(requests: usize, message: bool) -> Page {
    let left = match (requests, message) {
        (0, false) => return Page::new().line("Stopping. Ctrl+C again stops at once."),
        (0, true) => "one run is being worked on".to_owned(),
        (1, false) => "one request waits for its answer".to_owned(),
        (count, false) => format!("{count} requests wait for their answers"),
        (count, true) => format!("one run is being worked on, requests that wait: {count}"),
    };
    Page::new().line(format!(
        "Stopping: {left}. Ctrl+C again stops at once; nothing stored is lost by it."
    ))
}

/// Deletes the folder, if it is one of ours and whoever asked for it is sure.
fn reset(folder: &Path, sure: bool, voice: &Voice) -> Result<(), Failure> {
    let name = shown(folder);
    let spared = |why: Spared| {
        let exit = if matches!(why, Spared::System(_)) { Exit::CouldNot } else { Exit::No };
        let failure = Failure::new(exit, format!("{name} was not deleted"));
        let failure = failure.note("cause", why.to_string());
        match why {
            Spared::InUse => failure.note("next", "stop that process, then the same command again"),
            _ => failure.note("next", "name the folder with --folder, or delete it yourself"),
        }
    };
    let Some(deletable) = Deletable::at(folder).map_err(spared)? else {
        remark(&Page::new().line(format!("There is no {name} to delete.")), voice);
        return Ok(());
    };
    let found = deletable.found();
    let what = format!(
        "{name}: {} KiB of records, {} secrets, {} objects",
        found.record_bytes.div_ceil(1024),
        found.secrets,
        found.objects
    );
    if !sure && !confirmed(&what, &name, voice)? {
        return Err(
            Failure::no(format!("{name} was not deleted")).note("cause", "you did not say yes")
        );
    }
    deletable.delete().map_err(|error| Failure::could_not(&format!("delete {name}"), &error))?;
    remark(&Page::new().line(format!("Deleted {what}.")), voice);
    Ok(())
}

/// Asks whoever sits at the terminal.
fn confirmed(what: &str, name: &str, voice: &Voice) -> Result<bool, Failure> {
    let (input, mut err) = (io::stdin(), io::stderr());
    if !input.is_terminal() || !err.is_terminal() {
        let failure = Failure::new(Exit::WrongUsage, format!("{name} was not deleted"));
        let failure = failure.note("cause", "nobody can be asked, because there is no terminal");
        return Err(failure.note("next", "gatelet dev --reset --yes"));
    }
    let question = format!("This deletes {what}. Type yes to go on: ");
    let _ = err.write_all(harmless(&question, voice.err.utf8).as_bytes());
    let mut line = String::new();
    let read = input.lock().read_line(&mut line);
    read.map_err(|error| Failure::could_not("read the answer", &error))?;
    Ok(line.trim() == "yes")
}

/// A path for people. What could steer the terminal is taken out where it is printed.
fn shown(path: &Path) -> String {
    firm(&path.display().to_string())
}

fn firm(text: &str) -> String {
    text.replace(' ', &FIRM.to_string())
}
