//! The failure table, as the reference has it.

use std::collections::BTreeMap;
use std::fs;

use gatelet_played::{Answer, Port, REDIRECT};
use gatelet_tests::project;

/// What the reference promises for one request.
pub(crate) struct Row {
    /// By dependency, in the order of [`Port::ALL`].
    pub(crate) away: [Cell; Port::ALL.len()],
    /// The codes that the same request may get afterwards instead of success.
    pub(crate) afterwards: Vec<String>,
}

/// What is answered while a dependency is away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// As always.
    Usual,
    /// A problem.
    Problem,
    /// The page says so.
    Page,
    /// The client is told.
    Client,
    /// The page or the client, depending on how far it came.
    PageOrClient,
}

impl Cell {
    fn read(text: &str) -> Self {
        match text {
            "–" => Self::Usual,
            "503" => Self::Problem,
            "303" => Self::Page,
            "client" => Self::Client,
            "303 or client" => Self::PageOrClient,
            other => panic!("no such cell: {other}"),
        }
    }

    /// Whether an answer is the promised one, and harmless.
    pub(crate) fn fits(self, answer: &Answer) -> bool {
        let sends = |to: &str| {
            answer.status == 303 && answer.header("location").is_some_and(|at| at.starts_with(to))
        };
        let page = || sends("/error/unavailable?trace=");
        let client = || {
            sends(&format!("{REDIRECT}?error=temporarily_unavailable"))
                && answer.parameter("state").as_deref() == Some("its-state")
        };
        let says = match self {
            Self::Usual => false,
            Self::Problem => {
                answer.status == 503
                    && answer.header("retry-after") == Some("5")
                    && answer.code().1 == "unavailable"
            }
            Self::Page => page(),
            Self::Client => client(),
            Self::PageOrClient => page() || client(),
        };
        says && answer.header("set-cookie").is_none()
            && answer.header("www-authenticate").is_none()
            && !answer.lets_in()
    }
}

/// The rows by their request. Those of the first table that the second does not name succeed afterwards.
pub(crate) fn rows() -> BTreeMap<String, Row> {
    let text = fs::read_to_string(project().join("docs/reference/failures.md")).unwrap();
    let (_, text) = text.split_once("## Requests and dependencies").unwrap();
    let (first, rest) = text.split_once("## What is left behind").unwrap();
    let (second, _) = rest.split_once("## What a process remembers").unwrap();
    let mut rows = BTreeMap::new();
    for (request, cells) in table(first) {
        let away: Vec<Cell> = cells.iter().map(|cell| Cell::read(cell)).collect();
        let row = Row { away: away.try_into().unwrap(), afterwards: Vec::new() };
        assert!(rows.insert(request.clone(), row).is_none(), "{request} stands twice");
    }
    for (request, cells) in table(second) {
        let [_, afterwards] = cells.as_slice() else { panic!("{request} has two cells more") };
        let rest = afterwards.strip_prefix("succeeds").unwrap();
        let codes = rest.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        rows.get_mut(&request).unwrap_or_else(|| panic!("{request} is in no row")).afterwards =
            codes;
    }
    rows
}

fn table(text: &str) -> impl Iterator<Item = (String, Vec<String>)> {
    text.lines().filter(|line| line.starts_with("| `")).map(|line| {
        let mut cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned());
        (cells.next().unwrap().replace('`', ""), cells.collect())
    })
}
