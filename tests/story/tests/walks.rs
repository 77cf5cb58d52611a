//! The walks of the documentation: each command of each page is run in order, and answers as it is printed there.

#![expect(clippy::print_stdout, reason = "the number of commands is part of the answer")]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use gatelet_story::setting;
use gatelet_story::walk::{Reader, reads_as};
use gatelet_tests::pages::{Block, Command, Kind, Page};

/// Commands that start the gateway and go on until they are stopped.
const SERVERS: [&str; 4] = ["cargo run", "gatelet", "gatelet dev", "gatelet serve"];

/// Where the programs are that pages use and `cargo xtask test` has installed.
fn programs() -> Vec<String> {
    vec![setting("TEST_PYJWT")]
}

/// Whether a command starts a gateway: one of the above, perhaps with options.
fn is_server(typed: &str) -> bool {
    SERVERS.iter().any(|server| {
        let rest = typed.strip_prefix(server);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" --"))
            && !typed.contains(" -- ")
    })
}

/// Follows a page from its beginning to its end; what did not go as printed.
fn follow(page: &Page) -> Result<usize, String> {
    let blocks = page.blocks();
    let programs = programs();
    let programs: Vec<&str> = programs.iter().map(String::as_str).collect();
    let mut reader = Reader::sit_down(&programs);
    let modules = format!("ln -s {} node_modules", setting("TEST_NODE_MODULES"));
    reader.run(&modules);
    let typed = |block: &Block| block.commands().into_iter().map(|command| command.typed);
    let starts_one = blocks.iter().flat_map(typed).any(|typed| is_server(&typed));
    if !starts_one {
        reader.serve("gatelet");
    }
    let mut run = 0;
    for block in blocks {
        match block.kind() {
            Kind::File(path) => reader.save(&path),
            Kind::Commands => {
                for command in block.commands() {
                    try_one(&mut reader, &command)
                        .map_err(|wrong| format!("{}:{}: {wrong}", page.name, block.line))?;
                    run += 1;
                }
            }
            _ => {}
        }
    }
    Ok(run)
}

fn try_one(reader: &mut Reader, command: &Command) -> Result<(), String> {
    let Command { typed, printed } = command;
    let serves = is_server(typed);
    let said = if serves { reader.serve(typed) } else { reader.run(typed) };
    let may_fail = printed.iter().any(|line| line.starts_with("error:"));
    let wrong = match (said.success || may_fail, reads_as(printed, &said.lines)) {
        (true, true) => return Ok(()),
        (false, _) => "fails",
        (true, false) => "says something else",
    };
    let mut told = format!("$ {typed}\n{wrong}; the page has:\n");
    for line in printed {
        let _ = writeln!(told, "  {line}");
    }
    let _ = writeln!(told, "and it says:");
    for line in said.lines {
        let _ = writeln!(told, "  {line}");
    }
    Err(told)
}

#[test]
#[ignore = "needs the built executables: cargo xtask test builds them"]
fn every_page_goes_as_printed() {
    let (mut run, mut wrong) = (BTreeMap::new(), Vec::new());
    let has_commands =
        |page: &Page| page.blocks().iter().any(|block| block.kind() == Kind::Commands);
    for page in Page::all().unwrap().into_iter().filter(has_commands) {
        match follow(&page) {
            Ok(commands) => drop(run.insert(page.name, commands)),
            Err(told) => wrong.push(told),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(run.contains_key("README.md"), "the README has a walk");
    for (page, commands) in run {
        println!("{page}: {commands} commands");
    }
}

#[test]
#[ignore = "needs the built executables: cargo xtask test builds them"]
fn a_page_that_says_something_else_is_found() {
    let page = |text: &str| Page { name: "made.md".into(), text: text.into() };
    let block = |lines: &str| page(&format!("```console\n{lines}\n```\n"));
    assert_eq!(follow(&block("$ echo one; echo two\none\ntwo")), Ok(1));
    assert!(follow(&block("$ echo one; echo two\none")).is_err());
    assert!(follow(&block("$ false")).is_err());
    assert!(follow(&block("$ echo 'error: no'; false\nerror: no")).is_ok());
}
