//! What happens in the processes of a cage: the keeper's, and the inmate's until it becomes Python.

mod attack;
mod calls;
mod descriptors;
mod files;
mod inmate;
mod keeper;
mod limits;

use std::ffi::OsString;
use std::process::ExitCode;

use super::plan::{Plan, Role};

/// The code of a cage that could not be built. It says why on standard error.
const NOT_BUILT: u8 = 125;

/// Does what the argument says. Only the gateway, or a keeper, starts this; whoever else does limits nobody but
/// themselves.
#[must_use]
pub fn enter(argument: Option<OsString>) -> ExitCode {
    let plan = argument.and_then(|text| text.into_string().ok());
    let plan = plan.ok_or_else(|| "there is no plan".to_owned());
    let plan = plan.and_then(|text| {
        Plan::from_argument(&text).map_err(|error| format!("the plan is unsound: {error}"))
    });
    let ended = plan.and_then(|plan| match plan.role {
        Role::Keeper => keeper::keep(plan),
        Role::Inmate => inmate::live(&plan),
    });
    ended.unwrap_or_else(|problem| {
        // Whoever reads it has the other end of this pipe; without them nobody needs to know.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            format!("gatelet cage: {problem}\n").as_bytes(),
        );
        ExitCode::from(NOT_BUILT)
    })
}

/// Puts what was being done before an error.
fn failed<E: std::fmt::Display>(doing: &'static str) -> impl FnOnce(E) -> String {
    move |error| format!("could not {doing}: {error}")
}
