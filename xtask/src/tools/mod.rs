//! Installs the programs that the tests need: pinned, in one folder, once.

mod catalogue;
mod install;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::Instant;

pub(crate) use catalogue::Tool;
use catalogue::{CATALOGUE, How};

use crate::run::{Failure, Result, failure, setting, tail};

/// Where the tools are kept: `GATELET_TOOLS_DIR`, or a folder of the person's cache.
pub(crate) fn folder() -> Result<PathBuf> {
    if let Some(folder) = setting("GATELET_TOOLS_DIR") {
        return Ok(PathBuf::from(folder));
    }
    let home =
        setting("HOME").ok_or_else(|| failure!("neither GATELET_TOOLS_DIR nor HOME is set"))?;
    Ok(PathBuf::from(home).join(".cache/gatelet/tools"))
}

/// A tool's own folder, whether or not it is installed.
pub(crate) fn home_of(name: &str) -> Result<PathBuf> {
    Ok(folder()?.join(name))
}

/// The tool of that name.
pub(crate) fn find(name: &str) -> Result<&'static Tool> {
    CATALOGUE.iter().find(|tool| tool.name == name).ok_or_else(|| {
        let known: Vec<&str> = CATALOGUE.iter().map(|tool| tool.name).collect();
        failure!("no tool is called `{name}`; there are {}", known.join(", "))
    })
}

/// Prints the tools, their versions and what each is for.
pub(crate) fn list() {
    for Tool { name, version, why, .. } in CATALOGUE {
        println!("{name:<16} {version:<10} {why}");
    }
}

/// Installs the named tools, or all, and prints a line for each. False if one could not be had.
pub(crate) fn install_and_say(names: &[String]) -> Result<bool> {
    let tools = if names.is_empty() {
        CATALOGUE.iter().collect()
    } else {
        names.iter().map(|name| find(name)).collect::<Result<Vec<_>>>()?
    };
    Ok(install_all(&tools).iter().all(|(_, outcome)| outcome.is_ok()))
}

/// Installs several tools side by side: they mostly wait for a network.
pub(crate) fn install_all(tools: &[&'static Tool]) -> Vec<(&'static str, Result<()>)> {
    std::thread::scope(|scope| {
        let running: Vec<_> =
            tools.iter().map(|tool| (tool.name, scope.spawn(|| install_one(tool)))).collect();
        let joined = running.into_iter().map(|(name, thread)| {
            let outcome = thread.join().unwrap_or_else(|_| Err(failure!("the installer panicked")));
            (name, outcome)
        });
        joined.collect()
    })
}

/// Installs the named tools and returns those that could not be had, each with the reason.
pub(crate) fn lacking<'a>(
    names: impl Iterator<Item = &'a &'static str>,
) -> BTreeMap<&'static str, Failure> {
    let names: BTreeSet<&'static str> = names.copied().collect();
    let tools: Vec<_> = CATALOGUE.iter().filter(|tool| names.contains(tool.name)).collect();
    let outcomes = install_all(&tools).into_iter();
    outcomes.filter_map(|(name, outcome)| outcome.err().map(|why| (name, why))).collect()
}

fn install_one(tool: &'static Tool) -> Result<()> {
    let begun = Instant::now();
    let outcome = ensure(tool);
    let seconds = begun.elapsed().as_secs_f64();
    let what = format!("{:<16} {:<12}", tool.name, tool.version);
    match &outcome {
        Ok(true) => println!("  {what} installed in {seconds:.1} s"),
        Ok(false) => println!("  {what} is there"),
        Err(why) => println!("  {what} could not be installed: {why}{}", in_ci(tool)),
    }
    outcome.map(|_| ())
}

/// The end of a failed install's log where nobody can open the file afterwards.
fn in_ci(tool: &Tool) -> String {
    let log = setting("CI").and_then(|_| log_of(tool).ok());
    log.map(|log| format!("\n{}", tail(&log, 20))).unwrap_or_default()
}

/// Installs a tool unless its stamp says that exactly this is there. True if something was done.
///
/// The stamp is removed first and written last, so an install that breaks leaves none. (Python's
/// environments cannot be moved, which rules out building aside and renaming.) A lock keeps two
/// task runners apart, and goes with the process that held it.
fn ensure(tool: &'static Tool) -> Result<bool> {
    let base = folder()?;
    fs::create_dir_all(&base)?;
    let lock = File::create(base.join(format!("{}.lock", tool.name)))?;
    lock.lock()?;
    let log = log_of(tool)?;
    remove_if_there(fs::remove_file(&log))?;
    match tool.how {
        // These belong to the machine and the toolchain: only asking tells whether they are there.
        How::System { program } => return install::system(tool.name, program, &log),
        How::RustTargets(targets) => return install::rust_targets(targets, &log),
        _ => {}
    }
    let home = base.join(tool.name);
    let stamp = base.join(format!("{}.stamp", tool.name));
    let spec = format!("{}\n{:?}\n", tool.version, tool.how);
    if fs::read_to_string(&stamp).is_ok_and(|found| found == spec) && home.is_dir() {
        return Ok(false);
    }
    remove_if_there(fs::remove_file(&stamp))?;
    remove_if_there(fs::remove_dir_all(&home))?;
    fs::create_dir_all(&home)?;
    install::into_folder(tool, &home, &log)?;
    fs::write(&stamp, spec)?;
    Ok(true)
}

fn log_of(tool: &Tool) -> Result<PathBuf> {
    Ok(folder()?.join(format!("{}.log", tool.name)))
}

fn remove_if_there(outcome: std::io::Result<()>) -> Result<()> {
    match outcome {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}
