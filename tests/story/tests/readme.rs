//! The README's walk: each command in it is run, and answers as it is printed there.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a broken walk fails the test")]

use std::process::Command;

use gatelet_story::local::LocalStage;
use gatelet_story::{Stage as _, binary, project};

/// Commands after `$ `, each with the lines that follow it.
fn walk(text: &str) -> Vec<(String, Vec<String>)> {
    let mut steps: Vec<(String, Vec<String>)> = Vec::new();
    for block in text.split("```console\n").skip(1) {
        let (block, _) = block.split_once("```").expect("the block ends");
        for line in block.lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push((command.to_owned(), Vec::new())),
                (None, Some((_, expected))) => expected.push(line.to_owned()),
                (None, None) => {}
            }
        }
    }
    steps
}

/// Whether a line reads as printed, where `…` stands for anything.
fn matches(printed: &str, line: &str) -> bool {
    let mut rest = line;
    for (index, piece) in printed.split('…').enumerate() {
        match rest.find(piece) {
            Some(at) if index > 0 || at == 0 => rest = rest.get(at + piece.len()..).unwrap(),
            _ => return false,
        }
    }
    rest.is_empty() || printed.ends_with('…')
}

#[tokio::test]
#[ignore = "needs the built executables: cargo xtask test builds them"]
async fn the_walk_in_the_readme_goes_as_printed() {
    let stage = LocalStage::set_up().await;
    let port = stage.base_url().port().expect("a port").to_string();
    let steps = walk(&std::fs::read_to_string(project().join("README.md")).unwrap());
    assert!(steps.len() >= 5, "the README has a walk");
    for (command, expected) in steps {
        let command = command.replace("8787", &port);
        let command = command.replace("cargo run --", &format!("{}", binary("gatelet").display()));
        let output = Command::new("sh")
            .arg("-c")
            .arg(&command)
            .current_dir(stage.folder())
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<&str> = said.lines().map(str::trim_end).collect();
        for printed in expected {
            let found = lines.iter().any(|line| matches(&printed, line));
            assert!(found, "{command}\nshould say: {printed}\nbut says:\n{said}");
        }
    }
}
