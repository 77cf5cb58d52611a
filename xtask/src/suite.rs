//! Runs the parts in order: tools first, services once, a log for each part, a table at the end.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Write as _, stdout};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::parts::{self, Part};
use crate::report::{self, Count, Outcome, Row};
use crate::run::{Failure, Result, failure, log_streams, setting, tail, target_folder, workspace};
use crate::scan;
use crate::services::{self, House, Service};
use crate::steps::Step;
use crate::tools;

/// How much of a failed part's log is shown.
const TAIL_LINES: usize = 200;

/// What the parts run in.
struct Stage {
    house: House,
    logs: PathBuf,
    tools: PathBuf,
    lacking: BTreeMap<&'static str, Failure>,
    /// The services that the chosen parts need; empty once they were started.
    waiting: Vec<&'static Service>,
}

/// Runs the named parts, or all. False if one failed or, with `complete`, could not run.
pub(crate) fn run(only: &[String], complete: bool) -> Result<bool> {
    let parts = parts::chosen(only)?;
    let mut stage = Stage::set(&parts)?;
    let mut rows = Vec::new();
    for part in parts {
        rows.push(stage.play(part)?);
    }
    rows.push(stage.scan(&rows)?);
    drop(stage);
    println!("\n{}", report::table(&rows, complete).trim_end());
    Ok(report::went_well(&rows, complete))
}

impl Stage {
    /// Installs the tools of the chosen parts and of their services.
    fn set(parts: &[&Part]) -> Result<Self> {
        let needed = parts.iter().flat_map(|part| part.services);
        let mut waiting = needed.map(|name| services::find(name)).collect::<Result<Vec<_>>>()?;
        waiting.sort_by_key(|service| service.name);
        waiting.dedup_by_key(|service| service.name);
        let of_services = waiting.iter().flat_map(|service| service.tools);
        let logs = target_folder().join("xtask-logs");
        fs::create_dir_all(&logs)?;
        println!("tools (in {})", tools::folder()?.display());
        let lacking = tools::lacking(parts.iter().flat_map(|part| part.tools).chain(of_services));
        Ok(Self { house: House::open()?, logs, tools: tools::folder()?, lacking, waiting })
    }

    fn play(&mut self, part: &'static Part) -> Result<Row> {
        println!("{}: {}", part.name, part.proves);
        stdout().flush()?;
        if !part.services.is_empty() {
            self.start_services()?;
        }
        let begun = Instant::now();
        let log = self.fresh_log(part.name)?;
        let outcome = match self.obstacle(part) {
            Some(reason) => Outcome::CouldNot(reason),
            None => self.act(part, &log)?,
        };
        let seconds = begun.elapsed().as_secs_f64();
        conclude(part.name, &outcome, seconds, &log);
        Ok(Row { part: part.name, outcome, seconds })
    }

    /// Starts all services before the first part that needs any; they serve to the end.
    fn start_services(&mut self) -> Result<()> {
        for service in &self.waiting {
            self.fresh_log(&format!("service-{}", service.name))?;
        }
        let lacking = &self.lacking;
        let able =
            |service: &&Service| !service.tools.iter().any(|tool| lacking.contains_key(tool));
        let ready: Vec<_> = self.waiting.drain(..).filter(|service| able(service)).collect();
        self.house.start(&ready, &self.logs);
        Ok(())
    }

    /// Why a part cannot run, if it cannot.
    fn obstacle(&self, part: &Part) -> Option<String> {
        let lacks =
            |tool: &&'static str| self.lacking.get(*tool).map(|why| format!("{tool}: {why}"));
        let of_services = part.services.iter().filter_map(|name| services::find(name).ok());
        let mut tools = part.tools.iter().chain(of_services.flat_map(|service| service.tools));
        let asleep = || {
            let mut missing = self.house.missing.iter();
            missing
                .find(|(name, _)| part.services.contains(name))
                .map(|(n, why)| format!("{n}: {why}"))
        };
        tools.find_map(lacks).or_else(asleep)
    }

    fn act(&self, part: &Part, log: &Path) -> Result<Outcome> {
        let mut succeeded = true;
        for step in part.steps {
            succeeded = self.take(step, log)?;
            if !succeeded {
                break;
            }
        }
        let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
        if part.counted && succeeded && report::count(&text).passed == 0 {
            append(log, "no test ran: nothing matches the command's filter")?;
        }
        Ok(report::judge(part.counted, succeeded, &text))
    }

    /// Runs one command with the services' addresses; true if it succeeded.
    fn take(&self, step: &Step, log: &Path) -> Result<bool> {
        let (out, error) = log_streams(log)?;
        let mut words = step.words.iter().map(|word| self.fill(word));
        let program = words.next().ok_or_else(|| failure!("a step has no words"))?;
        let mut command = Command::new(program);
        command.args(words).current_dir(workspace()).env("CARGO_TERM_COLOR", "never");
        command.envs(step.env.iter().map(|(name, value)| (name, self.fill(value))));
        command.envs(self.house.exports.iter().map(|(name, value)| (name, value)));
        writeln!(&out, "$ {command:?}")?;
        let reaper = self.house.reaper();
        let mut child = match reaper.spawn(command.stdout(out).stderr(error)) {
            Ok(child) => child,
            Err(why) => return append(log, &why.to_string()).map(|()| false),
        };
        let status = child.wait()?;
        reaper.ended(&child)?;
        Ok(status.success())
    }

    /// The last part: nothing secret and nobody's address stands in what the others have written.
    // Proves std 117.
    fn scan(&self, rows: &[Row]) -> Result<Row> {
        let begun = Instant::now();
        let parts: Vec<&str> = rows.iter().map(|row| row.part).collect();
        let exports = self.house.exports.iter();
        let secrets: Vec<&str> = exports
            .filter(|(name, value)| name.contains("SECRET") && value.len() >= 12)
            .map(|(_, value)| value.as_str())
            .collect();
        let found = scan::leaks(&self.logs, &parts, &secrets)?;
        let log = self.fresh_log("output")?;
        fs::write(&log, found.join("\n"))?;
        let failed = u32::try_from(found.len()).unwrap_or(u32::MAX);
        let outcome = if found.is_empty() {
            Outcome::Passed(Count { passed: 1, failed: 0 })
        } else {
            Outcome::Failed(Count { passed: 0, failed })
        };
        println!("output: no secret, token, cookie, code or address of a person in any log");
        let seconds = begun.elapsed().as_secs_f64();
        conclude("output", &outcome, seconds, &log);
        Ok(Row { part: "output", outcome, seconds })
    }

    fn fill(&self, word: &str) -> String {
        let target = target_folder().display().to_string();
        word.replace("{tools}", &self.tools.display().to_string()).replace("{target}", &target)
    }

    fn fresh_log(&self, name: &str) -> Result<PathBuf> {
        let log = self.logs.join(format!("{name}.log"));
        fs::write(&log, "")?;
        Ok(log)
    }
}

fn append(log: &Path, line: &str) -> Result<()> {
    let (mut out, _) = log_streams(log)?;
    Ok(writeln!(out, "{line}")?)
}

/// Says how a part ended; shows the end of its log if it failed.
fn conclude(name: &str, outcome: &Outcome, seconds: f64, log: &Path) {
    if setting("CI").is_some() {
        let text = tail(log, usize::MAX);
        text.lines().filter(|line| report::is_result(line)).for_each(|line| println!("  {line}"));
    }
    match outcome {
        Outcome::Passed(Count { passed, .. }) => {
            for line in report::shown(&tail(log, usize::MAX)) {
                println!("  {line}");
            }
            println!("  passed ({passed}) in {seconds:.1} s");
        }
        Outcome::CouldNot(reason) => println!("  could not: {reason}"),
        Outcome::Failed(_) => {
            println!("{}", tail(log, TAIL_LINES));
            println!("  {name} failed in {seconds:.1} s; all of it: {}", log.display());
        }
    }
}
