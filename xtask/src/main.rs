//! `cargo xtask`: installs what the tests need, starts the emulators, runs every check.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a task runner talks to its user")]

mod bench;
mod bless;
mod package;
mod parts;
mod report;
mod run;
mod sbom;
mod scan;
mod services;
mod steps;
mod suite;
mod tools;
mod vendor;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The project's tasks.
#[derive(Parser)]
#[command(name = "cargo xtask", about)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Installs the pinned tools that the tests need (all, or those named).
    Tools {
        names: Vec<String>,
        /// Lists the tools and what each is for.
        #[arg(long)]
        list: bool,
    },
    /// Starts the emulators, prints where they listen, and stays until it is stopped.
    Services {
        /// Only these, separated by commas.
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
        /// Also writes the `export` lines to this file, once everything answers.
        #[arg(long)]
        env_file: Option<PathBuf>,
    },
    /// Sets everything up, runs every part and ends with a table.
    Test {
        /// What could not run counts as failed.
        #[arg(long)]
        complete: bool,
        /// Only these parts.
        #[arg(long, num_args = 1.., value_delimiter = ',')]
        only: Vec<String>,
        /// Lists the parts and what each proves.
        #[arg(long)]
        list: bool,
    },
    /// Measures access tokens and the doors, and prints a table of each.
    Bench,
    /// Writes the committed files that are generated from the code.
    Bless,
    /// Makes the console's libraries anew, as one module with its licences.
    Vendor,
    /// Writes the bill of materials of each executable: `dist/sbom`.
    Sbom,
    /// Makes what is uploaded to a cloud: `dist/aws` or `dist/azure`.
    Package(package::Order),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().task {
        Task::Tools { list: true, .. } => {
            tools::list();
            Ok(true)
        }
        Task::Tools { names, list: false } => tools::install_and_say(&names),
        Task::Services { only, env_file } => services::serve(&only, env_file.as_deref()),
        Task::Test { list: true, .. } => {
            parts::list();
            Ok(true)
        }
        Task::Test { complete, only, list: false } => suite::run(&only, complete),
        Task::Bench => bench::bench(),
        Task::Bless => bless::bless(),
        Task::Vendor => vendor::vendor(),
        Task::Sbom => sbom::sbom(),
        Task::Package(order) => package::package(order),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}
