//! `gatelet automation`: what can be run, a new one, and whether one does what was recorded for it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use gatelet_core::automation::Effect;
use gatelet_core::automation::catalog::{Automation, Catalog, OnBusy};
use gatelet_core::meant;
use gatelet_host::plain::{CatalogPlace, Place, prepare_environment};
use serde_json::{Value, json};

use crate::arguments::AutomationCommand;
use crate::page::{Cell, Page, Tone};
use crate::progress::Progress;
use crate::say::{Answer, Failure, remark};
use crate::voice::Voice;

/// Where a new one is made unless a folder is named.
const USUAL: &str = "automations";
/// What a new one begins as.
const TEMPLATE: [(&str, &str); 3] = [
    ("automation.toml", include_str!("template/automation.toml")),
    ("main.py", include_str!("template/main.py")),
    ("recorded/two-lines.json", include_str!("template/recorded/two-lines.json")),
];

/// Lists, shows, makes or tests.
pub(crate) fn automation(
    place: &Place,
    what: &AutomationCommand,
    voice: &Voice,
) -> Result<Answer, Failure> {
    match what {
        AutomationCommand::List => Ok(list(&place.catalog.read()?)),
        AutomationCommand::Show { name } => {
            let automation = find(&place.catalog.read()?, name)?;
            Ok(show(&automation))
        }
        AutomationCommand::New { name } => new(&place.catalog, name),
        AutomationCommand::Prepare { name } => {
            prepare(place, &*find(&place.catalog.read()?, name)?, voice)
        }
        AutomationCommand::Test { name, recordings } => {
            let automation = find(&place.catalog.read()?, name)?;
            let _progress = Progress::begin(voice, "Playing the recordings");
            test(&automation, recordings)
        }
    }
}

/// Installs the packages of one. Each step is told when it begins, because one may take minutes.
fn prepare(place: &Place, automation: &Automation, voice: &Voice) -> Result<Answer, Failure> {
    let name = &automation.name;
    let tell = |line: &str| remark(&Page::new().line(format!("{name}: {line}")), voice);
    let needs_packages = prepare_environment(place, automation, &tell)?;
    let (result, line) = if needs_packages {
        ("prepared", format!("The packages of {name} are installed."))
    } else {
        ("not_needed", format!("{name} needs no packages."))
    };
    Ok(Answer::done(Page::new().line(line), json!({ "v": 1, "result": result, "name": name })))
}

fn find(catalog: &Catalog, name: &str) -> Result<std::sync::Arc<Automation>, Failure> {
    if let Some(found) = catalog.get(name) {
        return Ok(std::sync::Arc::clone(found));
    }
    let known: Vec<&str> = catalog.iter().map(|one| one.name.as_str()).collect();
    let failure = Failure::no(format!("there is no automation {name}"));
    Err(match meant(name, &known) {
        Some(meant) => failure.note("next", format!("did you mean {meant}?")),
        None => failure.note("next", "gatelet automation list"),
    })
}

fn list(catalog: &Catalog) -> Answer {
    let head: Vec<Cell> = ["name", "effect", "summary"].map(Cell::from).into();
    let rows = catalog.iter().map(|one| {
        vec![one.name.as_str().into(), word(one.effect).into(), one.summary.as_str().into()]
    });
    let page = Page::new().table(0, std::iter::once(head).chain(rows));
    let list: Vec<Value> = catalog.iter().map(|one| described(one)).collect();
    Answer::found(page, json!({ "v": 1, "automations": list }))
}

fn show(one: &Automation) -> Answer {
    let needs = one.connections.iter().map(|(name, need)| {
        let may =
            if need.may.is_empty() { String::new() } else { format!(": {}", need.may.join(", ")) };
        ("connection", format!("{name} ({}){may}", need.kind))
    });
    let on_busy = match one.on_busy {
        OnBusy::Queue => "one more waits",
        OnBusy::Reject => "one more is refused",
        OnBusy::Coalesce => "one more joins it",
    };
    let every = one.schedule.map(|every| ("schedule", format!("every {} s", every.as_secs())));
    let inputs = one.inputs.get("properties").and_then(Value::as_object).into_iter().flatten();
    let inputs = inputs.map(|(name, schema)| {
        let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str).unwrap_or_default();
        ("input", format!("{name}: {} ({})", text("title"), text("type")))
    });
    let facts = [
        ("effect", word(one.effect).to_owned()),
        ("version", one.version.clone()),
        ("digest", one.digest.clone()),
        ("limits", format!("{} s, {} attempts", one.timeout.as_secs(), one.attempts)),
        ("isolation", format!("{} or more", u8::from(one.sandbox))),
        ("at a time", format!("{}; {on_busy}", one.concurrency)),
    ];
    let facts = facts.into_iter().chain(every).chain(needs).chain(inputs);
    let page = Page::new().headed(Cell::state(one.title.clone(), Tone::Info), one.summary.clone());
    let mut json = described(one);
    if let Value::Object(members) = &mut json {
        members.insert("v".into(), 1.into());
        members.insert("inputs".into(), one.inputs.clone());
        members.insert("result".into(), one.result.clone());
    }
    Answer::found(page.facts(facts), json)
}

const fn word(effect: Effect) -> &'static str {
    match effect {
        Effect::Reads => "reads only",
        Effect::Steps => "changes, in steps",
        Effect::Unsafe => "changes, never repeated",
    }
}

/// With the names that the API has.
fn described(one: &Automation) -> Value {
    json!({
        "name": one.name, "title": one.title, "summary": one.summary, "version": one.version,
        "digest": one.digest, "effect": one.effect, "timeout_s": one.timeout.as_secs(), "attempts": one.attempts,
    })
}

fn new(place: &CatalogPlace, name: &str) -> Result<Answer, Failure> {
    let catalog = match place {
        CatalogPlace::Folder(folder) => folder.clone(),
        CatalogPlace::Delivered => PathBuf::from(USUAL),
    };
    let folder = catalog.join(name);
    // What would not be sound is not begun.
    let files = TEMPLATE.iter().map(|(path, text)| ((*path).to_owned(), (*text).into()));
    if let Err(mistakes) = Automation::read(name, files.collect::<BTreeMap<_, _>>()) {
        let problem = mistakes.0.into_iter().next().map(|one| one.mistake.problem);
        return Err(
            Failure::no(format!("{name} was not made")).note("cause", problem.unwrap_or_default())
        );
    }
    if folder.exists() {
        let failure = Failure::no(format!("{} is there already", folder.display()));
        return Err(failure.note("next", "take another name; nothing was changed"));
    }
    write(&folder)
        .map_err(|error| Failure::could_not(&format!("make {}", folder.display()), &error))?;
    let page = Page::new()
        .line(format!("Made {}, which counts letters until you change it.", folder.display()))
        .facts([
            ("next", format!("gatelet automation test {name}")),
            ("then", "gatelet dev, which serves the automations of this folder".to_owned()),
        ]);
    let json = json!({ "v": 1, "name": name, "folder": folder.display().to_string() });
    Ok(Answer::done(page, json))
}

fn write(folder: &Path) -> io::Result<()> {
    for (path, text) in TEMPLATE {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        fs::write(file, text)?;
    }
    Ok(())
}

/// Plays the recordings with the Python that scripts run in. The script is apart from the gateway and no more: whoever
/// tests a script trusts it.
fn test(automation: &Automation, recordings: &[String]) -> Result<Answer, Failure> {
    let recorded =
        |path: &'_ String| Some(path.strip_prefix("recorded/")?.strip_suffix(".json")?.to_owned());
    let known: Vec<String> = automation.files.keys().filter_map(recorded).collect();
    if known.is_empty() {
        let failure = Failure::no(format!("nothing is recorded for {}", automation.name));
        return Err(
            failure.note("next", "write recorded/NAME.json: docs/reference/automation-python.md")
        );
    }
    if let Some(unknown) = recordings.iter().find(|name| !known.contains(name)) {
        let failure = Failure::no(format!("there is no recording {unknown}"));
        return Err(failure.note("cause", format!("there are {}", known.join(", "))));
    }
    let cannot = |error: io::Error| Failure::could_not("play the recordings", &error);
    let scratch = tempfile::tempdir().map_err(cannot)?;
    let (python, script) = (scratch.path().join("python"), scratch.path().join(&automation.name));
    lay_out(&python, gatelet_delivered::package().iter()).map_err(cannot)?;
    lay_out(&script, automation.files.iter()).map_err(cannot)?;
    let mut command = Command::new("python3");
    command.args(["-I", "-S", "-B", "-X", "utf8"]).arg(&python).arg("--play").arg(&script);
    let played =
        command.args(recordings).stdin(Stdio::null()).output().map_err(|error| {
            cannot(error).note("next", "install Python 3.9 or later as python3")
        })?;
    let told = String::from_utf8_lossy(&played.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&played.stderr).into_owned();
    match played.status.code() {
        Some(0) => {
            let page = Page::new().verbatim(told.clone());
            let json =
                json!({ "v": 1, "result": "as recorded", "recordings": known, "output": told });
            Ok(Answer::found(page, json))
        }
        code => {
            let failure = Failure::no(format!("{} does not do what was recorded", automation.name));
            let lines = told.lines().chain(wrong.lines()).map(str::to_owned);
            let failure = lines.fold(failure, |failure, line| failure.note("", line));
            Err(if code.is_none() { failure.note("cause", "it was killed") } else { failure })
        }
    }
}

fn lay_out<'a, B: AsRef<[u8]> + 'a>(
    folder: &Path,
    files: impl Iterator<Item = (&'a String, &'a B)>,
) -> io::Result<()> {
    for (path, content) in files {
        let file = folder.join(path);
        fs::create_dir_all(file.parent().unwrap_or(folder))?;
        fs::write(file, content)?;
    }
    Ok(())
}
