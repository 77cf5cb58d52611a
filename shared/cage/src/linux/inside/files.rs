//! Which files, ports and processes a script reaches: Landlock.

use std::path::Path;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible as _, PathBeneath,
    PathFd, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};

use super::super::plan::Plan;

/// The version of the rules that is asked for: files, ports, and from this one on signals and abstract sockets.
const WANTED: ABI = ABI::V6;

/// Limits this thread to what the plan names, and says how far the kernel holds that.
pub(super) fn restrict(plan: &Plan) -> Result<&'static str, RulesetError> {
    let ports = if plan.network { AccessNet::BindTcp.into() } else { AccessNet::from_all(WANTED) };
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(WANTED))?
        .handle_access(ports)?
        .scope(Scope::from_all(WANTED))?
        .create()?;
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let named = plan.readable.iter().map(|path| (path.as_path(), read));
    let named =
        named.chain(plan.executable.iter().map(|path| (path.as_path(), read | AccessFs::Execute)));
    let written = AccessFs::ReadFile | AccessFs::WriteFile;
    let devices = [
        (Path::new("/dev/null"), written),
        (Path::new("/dev/zero"), AccessFs::ReadFile.into()),
        (Path::new("/dev/urandom"), AccessFs::ReadFile.into()),
        (plan.scratch.as_path(), own()),
    ];
    for (path, access) in named.chain(devices) {
        // What is not there on this system, or cannot be reached by this user, needs no rule.
        let Ok(opened) = PathFd::new(path) else { continue };
        // A rule for a file cannot speak of what only folders have.
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(WANTED) };
        rules = rules.add_rule(PathBeneath::new(opened, access))?;
    }
    Ok(match rules.restrict_self()?.ruleset {
        RulesetStatus::FullyEnforced => "full",
        RulesetStatus::PartiallyEnforced => "partial",
        RulesetStatus::NotEnforced => "none",
    })
}

/// What a script may do in its scratch folder: everything but executing, and making devices and sockets.
fn own() -> BitFlags<AccessFs> {
    AccessFs::ReadFile
        | AccessFs::WriteFile
        | AccessFs::ReadDir
        | AccessFs::RemoveDir
        | AccessFs::RemoveFile
        | AccessFs::MakeDir
        | AccessFs::MakeReg
        | AccessFs::MakeSym
        | AccessFs::MakeFifo
        | AccessFs::Refer
        | AccessFs::Truncate
}
