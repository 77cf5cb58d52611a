//! How each kind of tool is installed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use super::catalogue::{Artefact, How, Tool};
use crate::run::{Result, answer, failure, logged, on_path, require, workspace};

/// The Maven plugin that fetches artefacts, pinned like everything else.
const MAVEN_DEPENDENCY: &str = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";

/// Installs a tool into its empty folder.
pub(super) fn into_folder(tool: &Tool, home: &Path, log: &Path) -> Result<()> {
    match &tool.how {
        How::Python(requirements) => python(requirements, home, log),
        How::Npm(package) => npm(&[package], home, log),
        How::NpmTogether(packages) => npm(packages, home, log),
        How::MavenTree(artefact) => maven_tree(artefact, home, log),
        How::Cargo(name) => cargo(name, tool.version, home, log),
        How::Go(module) => go(module, tool.version, home, log),
        How::RustTargets(targets) => rust_targets(targets, log).map(|_| ()),
        How::System { program } => system(tool.name, program, log).map(|_| ()),
    }
}

fn python(requirements: &[&str], home: &Path, log: &Path) -> Result<()> {
    require(&["python3"])?;
    logged(Command::new("python3").args(["-m", "venv"]).arg(home), log)?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    logged(Command::new(home.join("bin/python")).args(pip).args(requirements), log)
}

fn npm(packages: &[&str], home: &Path, log: &Path) -> Result<()> {
    require(&["npm", "node"])?;
    let quiet = ["install", "--no-save", "--no-fund", "--no-audit", "--prefix"];
    logged(Command::new("npm").args(quiet).arg(home).args(packages), log)
}

/// Fetches an artefact and all it depends on, by way of a project file that only names it.
fn maven_tree(artefact: &Artefact, home: &Path, log: &Path) -> Result<()> {
    require(&["java", "mvn"])?;
    let Artefact(group, name, version) = artefact;
    let project = format!(
        "<project><modelVersion>4.0.0</modelVersion><groupId>test</groupId>\
         <artifactId>tools</artifactId><version>1</version><packaging>pom</packaging>\
         <dependencies><dependency><groupId>{group}</groupId><artifactId>{name}</artifactId>\
         <version>{version}</version></dependency></dependencies></project>"
    );
    fs::write(home.join("pom.xml"), project)?;
    let goal = format!("{MAVEN_DEPENDENCY}:copy-dependencies");
    let output = format!("-DoutputDirectory={}", home.join("lib").display());
    logged(Command::new("mvn").args(["-q", "-B", &goal, &output]).current_dir(home), log)
}

fn cargo(name: &str, version: &str, home: &Path, log: &Path) -> Result<()> {
    let install = ["install", "--locked", "--version", version, name, "--root"];
    // Without the shared target folder cargo builds in one of its own and removes it.
    logged(Command::new("cargo").args(install).arg(home).env_remove("CARGO_TARGET_DIR"), log)
}

fn go(module: &str, version: &str, home: &Path, log: &Path) -> Result<()> {
    require(&["go"])?;
    let mut install = Command::new("go");
    install.args(["install", "-trimpath", &format!("{module}@v{version}")]);
    logged(install.env("GOBIN", home.join("bin")).env("CGO_ENABLED", "0"), log)
}

/// Adds targets to the workspace's toolchain unless it has them. True if something was done.
pub(super) fn rust_targets(targets: &[&str], log: &Path) -> Result<bool> {
    require(&["rustup"])?;
    let mut list = Command::new("rustup");
    let installed = answer(list.args(["target", "list", "--installed"]).current_dir(workspace()))?;
    if targets.iter().all(|target| installed.lines().any(|line| line == *target)) {
        return Ok(false);
    }
    let mut add = Command::new("rustup");
    logged(add.args(["target", "add"]).args(targets).current_dir(workspace()), log)?;
    Ok(true)
}

/// apt allows one install at a time.
static APT: Mutex<()> = Mutex::new(());

/// Installs a program of the operating system unless it is on `PATH`. True if something was done.
pub(super) fn system(package: &str, program: &str, log: &Path) -> Result<bool> {
    if on_path(program).is_some() {
        return Ok(false);
    }
    let _turn = APT.lock();
    require(&["apt-get"]).map_err(|_| failure!("no `{program}` on PATH, and no apt-get"))?;
    let root = answer(Command::new("id").arg("-u"))?.trim() == "0";
    if !root {
        require(&["sudo"])
            .map_err(|_| failure!("no `{program}` on PATH, and no right to install"))?;
    }
    let privileged = |words: &[&str]| {
        let mut command = Command::new(if root { "env" } else { "sudo" });
        command.args(if root { &[][..] } else { &["-n", "env"] });
        command.arg("DEBIAN_FRONTEND=noninteractive").args(words);
        command
    };
    logged(&mut privileged(&["apt-get", "update"]), log)?;
    let install = ["apt-get", "install", "-y", "--no-install-recommends", package];
    logged(&mut privileged(&install), log)?;
    Ok(true)
}
