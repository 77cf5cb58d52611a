//! Counts what cargo's tests say, and lays out the final table.

use std::fmt::Write as _;

/// How many tests a log speaks of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
}

/// How a part ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed(Count),
    Failed(Count),
    /// The reason why it could not run.
    CouldNot(String),
}

/// One line of the table.
pub(crate) struct Row {
    pub(crate) part: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) seconds: f64,
}

/// Whether the line sums up one test binary.
pub(crate) fn is_result(line: &str) -> bool {
    line.starts_with("test result: ")
}

/// What tests wrote that are run with `--show-output`: it is what they are for.
pub(crate) fn shown(log: &str) -> Vec<&str> {
    let mut is_shown = false;
    let mut shown = Vec::new();
    for line in log.lines() {
        if line.starts_with("---- ") && line.ends_with(" stdout ----") {
            is_shown = true;
        } else if ["successes:", "failures:"].contains(&line) {
            is_shown = false;
        } else if is_shown && !line.is_empty() {
            shown.push(line);
        }
    }
    shown
}

/// Adds up the lines `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
pub(crate) fn count(log: &str) -> Count {
    let mut sum = Count::default();
    for line in log.lines().filter(|line| is_result(line)) {
        sum.passed += number_before(line, "passed;");
        sum.failed += number_before(line, "failed;");
    }
    sum
}

fn number_before(line: &str, word: &str) -> u32 {
    let words: Vec<&str> = line.split_whitespace().collect();
    let pair = words.windows(2).find_map(|pair| match pair {
        [number, found] if *found == word => number.parse().ok(),
        _ => None,
    });
    pair.unwrap_or(0)
}

/// Judges a part from its commands' success and its log.
///
/// Commands that succeeded without running one test have failed: a filter matched nothing.
pub(crate) fn judge(counted: bool, succeeded: bool, log: &str) -> Outcome {
    let one = Count { passed: u32::from(succeeded), failed: u32::from(!succeeded) };
    let count = if counted { count(log) } else { one };
    if succeeded && count.passed > 0 && count.failed == 0 {
        return Outcome::Passed(count);
    }
    Outcome::Failed(Count { failed: count.failed.max(1), ..count })
}

/// The table and, alone on the last line, the sum. With `complete`, what could not run has failed.
pub(crate) fn table(rows: &[Row], complete: bool) -> String {
    let width = rows.iter().map(|row| row.part.len()).max().unwrap_or(0).max("part".len());
    let mut text =
        format!("{:<width$} | {:<9} | {:>6} | {:>8} |\n", "part", "result", "tests", "seconds");
    let mut sum = Count::default();
    for Row { part, outcome, seconds } in rows {
        let (result, count, reason) = match outcome {
            Outcome::Passed(count) => ("passed", *count, ""),
            Outcome::Failed(count) => ("failed", *count, ""),
            Outcome::CouldNot(reason) => {
                let failed = u32::from(complete);
                ("could not", Count { passed: 0, failed }, reason.lines().next().unwrap_or(""))
            }
        };
        sum.passed += count.passed;
        sum.failed += count.failed;
        let tests = match outcome {
            Outcome::CouldNot(_) => String::from("-"),
            _ => (count.passed + count.failed).to_string(),
        };
        let line = format!("{part:<width$} | {result:<9} | {tests:>6} | {seconds:>8.1} | {reason}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let Count { passed, failed } = sum;
    let _infallible = writeln!(text, "\n{passed} passed, {failed} failed");
    text
}

/// Whether the run as a whole went well.
pub(crate) fn went_well(rows: &[Row], complete: bool) -> bool {
    rows.iter().all(|row| match row.outcome {
        Outcome::Passed(_) => true,
        Outcome::Failed(_) => false,
        Outcome::CouldNot(_) => !complete,
    })
}

#[cfg(test)]
mod tests {
    use super::{Count, Outcome, Row, count, judge, shown, table, went_well};

    const TWO_BINARIES: &str = "running 3 tests
test a ... ok
test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.02s

test said_so ... test result: of something else
test result: FAILED. 40 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.50s
";

    #[test]
    fn what_each_test_shows_is_taken_out_of_the_log() {
        let log =
            "running 1 test\n---- a stdout ----\nbucket,region\nwages,eu\n\n\nsuccesses:\n    a\n";
        let table = ["bucket,region", "wages,eu"];
        assert_eq!(shown(&log.repeat(2)), [table, table].concat());
        assert!(shown("running 1 test\ntest a ... ok\n").is_empty());
    }

    #[test]
    fn adds_up_every_test_binary() {
        assert_eq!(count(TWO_BINARIES), Count { passed: 42, failed: 3 });
        assert_eq!(count("error: could not compile"), Count::default());
    }

    #[test]
    fn tests_that_did_not_run_have_not_passed() {
        let none = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 9 filtered out";
        assert_eq!(judge(true, true, none), Outcome::Failed(Count { passed: 0, failed: 1 }));
        assert_eq!(judge(true, false, ""), Outcome::Failed(Count { passed: 0, failed: 1 }));
        assert_eq!(judge(true, false, TWO_BINARIES), Outcome::Failed(count(TWO_BINARIES)));
    }

    #[test]
    fn a_part_without_tests_counts_as_one() {
        assert_eq!(judge(false, true, ""), Outcome::Passed(Count { passed: 1, failed: 0 }));
        assert_eq!(judge(false, false, ""), Outcome::Failed(Count { passed: 0, failed: 1 }));
    }

    fn rows() -> [Row; 3] {
        let passed = Outcome::Passed(Count { passed: 12, failed: 0 });
        let could_not = Outcome::CouldNot("no `java` on PATH\nand more".into());
        [
            Row { part: "unit", outcome: passed.clone(), seconds: 3.12 },
            Row { part: "contracts-key-vault", outcome: could_not, seconds: 0.0 },
            Row { part: "docs", outcome: passed, seconds: 100.0 },
        ]
    }

    #[test]
    fn the_table_ends_with_the_sum_alone_on_its_line() {
        let text = table(&rows(), false);
        let expected = "\
part                | result    |  tests |  seconds |
unit                | passed    |     12 |      3.1 |
contracts-key-vault | could not |      - |      0.0 | no `java` on PATH
docs                | passed    |     12 |    100.0 |

24 passed, 0 failed
";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_could_not_run_fails_a_complete_run_only() {
        assert!(went_well(&rows(), false));
        assert!(!went_well(&rows(), true));
        assert!(table(&rows(), true).ends_with("\n24 passed, 1 failed\n"));
    }
}
