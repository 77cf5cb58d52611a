//! The references say what the code does: every error, every setting.
use std::collections::BTreeSet;

use gatelet_core::identity::Refusal;
use gatelet_core::sign_in::SignInRefusal;
use gatelet_edge::{OAuthError, Problem};
use gatelet_tests::listed;

use crate::read;

/// The codes of the tables whose second column is a status, with that status, and with the anchor if there is one.
fn codes(reference: &str) -> BTreeSet<(String, String, Option<String>)> {
    let row = |line: &str| {
        let mut cells = line.split('|').map(str::trim).skip(1);
        let (code, status) = (cells.next()?, cells.next()?);
        status.parse::<u16>().ok()?;
        let anchored = code.strip_prefix("<a id=\"").and_then(|rest| rest.split_once("\"></a>"));
        let (anchor, code) = anchored.map_or((None, code), |(id, code)| (Some(id), code));
        Some((code.trim_matches('`').to_owned(), status.to_owned(), anchor.map(str::to_owned)))
    };
    reference.lines().filter_map(row).collect()
}

#[test]
fn every_problem_stands_in_the_reference_with_its_status_and_its_anchor_and_on_the_page() {
    let reference = read("docs/reference/errors.md");
    let (problems, rest) = reference.split_once("## The OAuth endpoints").unwrap();
    let (of_oauth, _) = rest.split_once("## Sign-ins").unwrap();
    let declared = Problem::ALL.map(|problem| {
        let (status, code, _) = problem.describe();
        (code.to_owned(), status.as_u16().to_string(), Some(code.to_owned()))
    });
    assert_eq!(codes(problems), BTreeSet::from(declared));
    let said = said_by_the_console("PROBLEMS");
    assert_eq!(said, Problem::ALL.map(|problem| problem.describe().1.to_owned()).into());
    let declared = OAuthError::ALL.map(|error| {
        let (status, code, _) = error.describe();
        (code.to_owned(), status.as_u16().to_string(), Some(format!("oauth-{code}")))
    });
    assert_eq!(codes(of_oauth), BTreeSet::from(declared));
    let said = said_by_the_console("OAUTH");
    assert_eq!(said, OAuthError::ALL.map(|error| error.describe().1.to_owned()).into());
}

#[test]
fn every_refused_sign_in_is_explained_in_the_reference_and_on_the_page() {
    let of_provider = Refusal::ALL.map(Refusal::code);
    let codes = SignInRefusal::ALL.map(SignInRefusal::code);
    let declared = codes.into_iter().chain(of_provider).chain(["unavailable"]);
    let declared: BTreeSet<String> = declared.map(str::to_owned).collect();

    let reference = read("docs/reference/errors.md");
    let (_, table) = reference.split_once("## Sign-ins that came to nothing").unwrap();
    let listed = table.lines().filter_map(|line| {
        let (anchor, rest) = line.strip_prefix("| <a id=\"sign-in-")?.split_once("\"></a>`")?;
        let code = rest.split('`').next()?;
        (anchor == code).then_some(code)
    });
    assert_eq!(listed.map(str::to_owned).collect::<BTreeSet<_>>(), declared);

    assert_eq!(said_by_the_console("REFUSALS"), declared);
}

/// The codes for which the console has words in this list.
fn said_by_the_console(list: &str) -> BTreeSet<String> {
    let script = read("console/words/errors.js");
    let (_, words) = script.split_once(&format!("const {list} = {{")).unwrap();
    let (words, _) = words.split_once("\n};").unwrap();
    let codes = words.lines().filter_map(|line| line.trim().split_once(": ['"));
    codes.map(|(code, _)| code.to_owned()).collect()
}

#[test]
fn every_setting_stands_in_the_reference_and_nothing_else_does() {
    let mut read_by_code = BTreeSet::new();
    for file in listed(&["shared/host/src"]).unwrap() {
        let text = read(&file);
        let product = text.split("#[cfg(test)]").next().unwrap();
        let literals = product.split('"').skip(1).step_by(2);
        read_by_code.extend(literals.filter(|word| is_setting(word)).map(str::to_owned));
    }
    let reference = read("docs/reference/configuration.md");
    let documented: BTreeSet<String> = reference
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| is_setting(word))
        .map(str::to_owned)
        .collect();
    assert_eq!(documented, read_by_code);
}

fn is_setting(word: &str) -> bool {
    word.strip_prefix("GATELET_").is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
    })
}
