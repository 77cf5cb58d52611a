//! Makes what is uploaded to a cloud, without Docker.

mod aws;
mod azure;
mod runner;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, ValueEnum};

pub(crate) use self::runner::files;
use crate::run::{
    Failure, Result, answer, failure, logged, require, setting, target_folder, workspace,
};
use crate::tools;

/// What to package, and how.
#[derive(Args)]
pub(crate) struct Order {
    /// The cloud.
    cloud: Cloud,
    /// The folder of the packages, instead of `dist/<cloud>`, or `dist/<cloud>-host` for this machine. What it
    /// holds is replaced.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Builds for this machine instead of the cloud's: for the emulators.
    #[arg(long)]
    host_target: bool,
    /// The profile that cargo builds with.
    #[arg(long, default_value = "release")]
    profile: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Cloud {
    /// One archive for each Lambda function.
    Aws,
    /// One archive for each app of Azure Functions.
    Azure,
}

/// An order with its folder made.
struct Plan {
    out: PathBuf,
    host_target: bool,
    profile: String,
}

/// A file in an archive.
struct Entry {
    /// Its path in the archive.
    name: String,
    /// Where it comes from.
    source: PathBuf,
    /// Whether it is a program.
    executable: bool,
}

/// Builds and packages. Says how large each archive is.
pub(crate) fn package(order: Order) -> Result<bool> {
    let (cloud, make): (_, fn(&Plan) -> Result<()>) = match order.cloud {
        Cloud::Aws => ("aws", aws::package),
        Cloud::Azure => ("azure", azure::package),
    };
    // Apart, so that a package for an emulator is never what is deployed.
    let machine = if order.host_target { "-host" } else { "" };
    let default = || Ok(workspace().join(format!("dist/{cloud}{machine}")));
    let out = order.out.map_or_else(default, std::path::absolute)?;
    fs::create_dir_all(&out)?;
    make(&Plan { out, host_target: order.host_target, profile: order.profile })?;
    Ok(true)
}

impl Plan {
    /// Runs cargo with these words, and returns the folder where its programs lie then.
    fn build_here(&self, words: &[&str]) -> Result<PathBuf> {
        let mut cargo = Command::new("cargo");
        cargo.args(["build", "--locked", "--profile", &self.profile]).args(words);
        self.logged(&mut cargo)?;
        // The one profile whose folder has another name than itself.
        let folder = if self.profile == "dev" { "debug" } else { &self.profile };
        Ok(target_folder().join(folder))
    }

    /// Runs a step of the build from the workspace's folder.
    fn logged(&self, command: &mut Command) -> Result<()> {
        let log = target_folder().join("xtask-logs/package-build.log");
        println!("building with profile `{}` (log in {})", self.profile, log.display());
        logged(command.current_dir(workspace()).env("CARGO_TERM_COLOR", "never"), &log)
    }
}

/// cargo-lambda, which finds zig by way of the Python that comes first on `PATH`: that of its own folder.
fn cargo_lambda() -> Result<Command> {
    let programs = tools::home_of("cargo-lambda")?.join("bin");
    let others = setting("PATH").unwrap_or_default();
    let folders = std::iter::once(programs.clone()).chain(std::env::split_paths(&others));
    let path = std::env::join_paths(folders).map_err(|error| failure!("PATH: {error}"))?;
    let mut command = Command::new(programs.join("cargo-lambda"));
    command.env("PATH", path);
    Ok(command)
}

/// Writes an archive that depends on nothing but the files' bytes, and says how large it is.
fn archive(file: &Path, entries: &[Entry]) -> Result<()> {
    require(&["python3"])?;
    let mut zip = Command::new("python3");
    zip.args(["-c", include_str!("zip.py")]).arg(file);
    for entry in entries {
        let mode = if entry.executable { "755" } else { "644" };
        zip.args([mode, &entry.name]).arg(&entry.source);
    }
    answer(&mut zip)?;
    let unpacked = entries.iter().map(|entry| size(&entry.source)).sum::<Result<u64>>()?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    println!("  {name:<22} {:>7} KiB, unpacked {:>7} KiB", size(file)? / 1024, unpacked / 1024);
    Ok(())
}

fn size(file: &Path) -> Result<u64> {
    let told = fs::metadata(file);
    Ok(told.map_err(|error| failure!("{}: {error}", file.display()))?.len())
}

/// Puts a file at its place in an unpacked package.
pub(crate) fn place(program: &Path, at: &Path) -> Result<()> {
    if let Some(folder) = at.parent() {
        fs::create_dir_all(folder)?;
    }
    let copied = fs::copy(program, at);
    copied.map(drop).map_err(|error| Failure(format!("{}: {error}", program.display())))
}
