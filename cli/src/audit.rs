//! `gatelet audit`: checking evidence without trusting whoever keeps it.

use std::fs;
use std::path::Path;

use gatelet_core::audit::{Checked, Fault, Verdict, verify};
use serde_json::json;

use crate::arguments::AuditCommand;
use crate::exit::Exit;
use crate::page::{Cell, Page, Tone};
use crate::say::{Answer, Failure, Mistake};

/// Checks.
pub(crate) fn audit(what: &AuditCommand) -> Result<Answer, Failure> {
    match what {
        AuditCommand::Verify { file } => check(file),
    }
}

fn check(path: &Path) -> Result<Answer, Failure> {
    let name = path.display();
    let file =
        fs::read(path).map_err(|error| Failure::could_not(&format!("read {name}"), &error))?;
    match verify(&file) {
        Verdict::Complete(checked) => Ok(complete(&checked)),
        Verdict::Tampered(faults) => {
            let failure =
                Failure::found(Exit::No, format!("{name} was tampered with"), listed(faults));
            Err(failure
                .note("next", "keep the file as it is, and fetch the evidence again to compare"))
        }
        Verdict::Incomplete(faults) => {
            let failure =
                Failure::found(Exit::Incomplete, format!("{name} is incomplete"), listed(faults));
            Err(failure.note("next", "fetch the evidence again: GET /api/runs/{id}/evidence"))
        }
        Verdict::NotEvidence => {
            let failure = Failure::new(Exit::CouldNot, format!("could not check {name}"));
            Err(failure.note("cause", "not one line of it is evidence of a run"))
        }
    }
}

fn complete(checked: &[Checked]) -> Answer {
    let entries: u64 = checked.iter().map(|one| u64::from(one.head.length)).sum();
    let words = format!("runs {}, entries {entries}", checked.len());
    let heads = checked.iter().map(|one| {
        (one.run.clone(), format!("{} entries, head {}", one.head.length, one.head.hash))
    });
    let page = Page::new()
        .headed(Cell::state("Complete:", Tone::Good), words)
        .facts(heads)
        .line("Compare the heads with those that the gateway names: whoever kept the file could have made all of it anew.");
    let runs = checked
        .iter()
        .map(|one| json!({ "run": one.run, "entries": one.head.length, "head": one.head.hash }));
    let runs: Vec<_> = runs.collect();
    Answer::found(page, json!({ "v": 1, "result": "complete", "runs": runs }))
}

fn listed(faults: Vec<Fault>) -> Vec<Mistake> {
    let mistake = |Fault { line, problem }| Mistake {
        line: Some(line),
        at: String::new(),
        problem: String::from(problem),
    };
    faults.into_iter().map(mistake).collect()
}
