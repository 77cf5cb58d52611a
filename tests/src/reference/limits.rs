//! The reference of limits: every number that is promised, read from the constants that keep it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::{fs, io};

use serde::Deserialize;

use crate::{listed, project};

/// What a constant counts, where it is no duration.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Unit {
    Time,
    Bytes,
    Letters,
    Count,
    Minutes,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    section: Vec<Section>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: String,
    limits: Vec<Limit>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    what: String,
    file: String,
    name: String,
    unit: Unit,
}

const ABOUT: &str = "# Limits\n\n\
    Every number that is promised, made from the constants that keep it; do not edit. The last column names the constant. \
    None of them is a setting.\n";

/// The page.
pub fn page() -> io::Result<String> {
    let constants = constants()?;
    let mut page = String::from(ABOUT);
    for Section { title, limits } in sections()? {
        let _ = write!(page, "\n## {title}\n\n| what | limit | kept by |\n|---|---|---|\n");
        for Limit { what, file, name, unit } in limits {
            let expression = constants.get(&(file.clone(), name.clone()));
            let expression = expression.ok_or_else(|| missing(&file, &name))?;
            let number = value(expression, &constants).ok_or_else(|| missing(&file, &name))?;
            let _ = writeln!(page, "| {what} | {} | `{file}`: `{name}` |", in_words(number, unit));
        }
    }
    Ok(page)
}

/// Names of numbers and durations that the core and the edge make public and that the page leaves out.
pub fn left_out() -> io::Result<Vec<String>> {
    let sections = sections()?;
    let on_page = |file: &str, name: &str| {
        let mut limits = sections.iter().flat_map(|section| &section.limits);
        limits.any(|limit| limit.file == file && limit.name == name)
    };
    let mut out = Vec::new();
    for file in listed(&["shared/core/src/*.rs", "shared/edge/src/*.rs"])? {
        let text = fs::read_to_string(project().join(&file))?;
        for line in text.lines().filter_map(|line| line.strip_prefix("pub const ")) {
            let Some((name, rest)) = line.split_once(": ") else { continue };
            let number = ["Duration", "usize", "u8", "u32", "u64"];
            let is_number = rest.split_once(" = ").is_some_and(|(kind, _)| number.contains(&kind));
            if is_number && !on_page(&file, name) {
                out.push(format!("{file}: {name}"));
            }
        }
    }
    Ok(out)
}

fn sections() -> io::Result<Vec<Section>> {
    let text = fs::read_to_string(project().join("tests/coverage/limits.toml"))?;
    let limits: Limits = toml::from_str(&text).map_err(io::Error::other)?;
    Ok(limits.section)
}

type Constants = BTreeMap<(String, String), String>;

/// Every constant of the code, by file and name, as its expression.
fn constants() -> io::Result<Constants> {
    let mut found = Constants::new();
    for file in listed(&["shared/*.rs", "functions/*.rs"])? {
        for line in fs::read_to_string(project().join(&file))?.lines() {
            let Some((_, rest)) = line.split_once("const ") else { continue };
            let Some((name, rest)) = rest.split_once(": ") else { continue };
            let Some((_, expression)) = rest.split_once(" = ") else { continue };
            let expression = expression.trim_end_matches(';').to_owned();
            found.insert((file.clone(), name.to_owned()), expression);
        }
    }
    Ok(found)
}

fn missing(file: &str, name: &str) -> io::Error {
    io::Error::other(format!("{file} has no number {name}"))
}

/// A number; a duration is one of milliseconds.
fn value(expression: &str, constants: &Constants) -> Option<u64> {
    let inside = |begin: &str| expression.strip_prefix(begin)?.strip_suffix(')');
    for (begin, factor) in [
        ("Duration::from_millis(", 1),
        ("Duration::from_secs(", 1_000),
        ("Duration::from_mins(", 60_000),
        ("Duration::from_hours(", 3_600_000),
    ] {
        if let Some(number) = inside(begin) {
            return Some(product(number)? * factor);
        }
    }
    product(expression).or_else(|| {
        let mut named = constants.iter().filter(|((_, name), _)| name == expression);
        named.next().and_then(|(_, other)| value(other, constants))
    })
}

fn product(text: &str) -> Option<u64> {
    let factors = text.split('*').map(|factor| factor.trim().replace('_', "").parse::<u64>());
    factors.collect::<Result<Vec<_>, _>>().ok().map(|factors| factors.iter().product())
}

fn in_words(number: u64, unit: Unit) -> String {
    let counted = |number: u64, one: &str| {
        let plural = if number == 1 { "" } else { "s" };
        format!("{number} {one}{plural}")
    };
    match unit {
        Unit::Time => match number {
            n if n.is_multiple_of(86_400_000) && n > 86_400_000 => counted(n / 86_400_000, "day"),
            n if n.is_multiple_of(3_600_000) => counted(n / 3_600_000, "hour"),
            n if n.is_multiple_of(60_000) => counted(n / 60_000, "minute"),
            n if n.is_multiple_of(1_000) => counted(n / 1_000, "second"),
            n => counted(n, "millisecond"),
        },
        Unit::Minutes => counted(number, "minute"),
        Unit::Bytes if number.is_multiple_of(1_048_576) => {
            format!("at most {} MiB", number / 1_048_576)
        }
        Unit::Bytes if number.is_multiple_of(1_024) => format!("at most {} KiB", number / 1_024),
        Unit::Bytes => format!("at most {number} bytes"),
        Unit::Letters => format!("at most {number} characters"),
        Unit::Count => number.to_string(),
    }
}
