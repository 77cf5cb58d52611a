//! The Lambda functions: a `bootstrap` for each, and the archive that `template.yaml` names.

use std::path::PathBuf;

use super::runner::{self, Home};
use super::{Entry, Plan, archive, cargo_lambda, place};
use crate::run::{Result, target_folder};

/// The crates with a Lambda executable of the same name.
const FUNCTIONS: [&str; 8] = [
    "login",
    "token",
    "revoke",
    "run-automation",
    "attempt",
    "console",
    "work-automation",
    "upkeep",
];

/// The machine of `provided.al2023` with the C library it brings: a newer one on the building machine must
/// not slip in.
const TARGET: &str = "aarch64-unknown-linux-gnu.2.34";

/// Lambda's Python on arm64.
const RUNNER: Home = Home {
    name: "aws",
    platforms: &["manylinux2014_aarch64", "manylinux_2_28_aarch64", "manylinux_2_34_aarch64"],
    beside: &[],
};

pub(super) fn package(plan: &Plan) -> Result<()> {
    runner::package(plan, &RUNNER)?;
    let words = cargo_words();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if plan.host_target {
        let built = plan.build_here(&words)?;
        return each(plan, |function| built.join(function));
    }
    let built = target_folder().join("lambda");
    let mut cargo = cargo_lambda()?;
    cargo.args(["lambda", "build", "--locked", "--target", TARGET, "--profile", &plan.profile]);
    plan.logged(cargo.args(&words).arg("--lambda-dir").arg(&built))?;
    each(plan, |function| built.join(function).join("bootstrap"))
}

fn cargo_words() -> Vec<String> {
    let packages = FUNCTIONS.iter().flat_map(|name| ["--package".into(), (*name).to_owned()]);
    let features = FUNCTIONS.map(|name| format!("{name}/lambda")).join(",");
    packages.chain(["--bins".into(), "--features".into(), features]).collect()
}

fn each(plan: &Plan, program: impl Fn(&str) -> PathBuf) -> Result<()> {
    for function in FUNCTIONS {
        let bootstrap = plan.out.join(function).join("bootstrap");
        place(&program(function), &bootstrap)?;
        let entry = Entry { name: "bootstrap".into(), source: bootstrap, executable: true };
        archive(&plan.out.join(format!("{function}.zip")), &[entry])?;
    }
    Ok(())
}
