//! One story on every host at once, set side by side in a table.

#![expect(clippy::print_stdout, reason = "the table is what such a test is for")]

use std::sync::{Arc, Mutex, PoisonError};

/// The hosts, as the table calls them.
const HOSTS: [&str; 3] = ["local", "AWS", "Azure"];

/// What came of each step so far, on one host.
#[derive(Clone, Default)]
pub struct Rows(Arc<Mutex<Vec<(&'static str, String)>>>);

impl Rows {
    /// Notes a step.
    pub fn row(&self, step: &'static str, outcome: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((step, outcome));
    }

    fn all(&self) -> Vec<(&'static str, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Tells a story on each host in a thread of its own, prints the table, and fails where a column is not as promised.
pub fn side_by_side(promised: &[(&'static str, &str)], tell: fn(&str, &Rows)) {
    let tellers = HOSTS.map(|host| {
        let rows = Rows::default();
        let told = rows.clone();
        (rows, std::thread::spawn(move || tell(host, &told)))
    });
    let ended = tellers.map(|(rows, teller)| (teller.join().is_ok(), rows.all()));

    println!("| step | {} |\n|---|---|---|---|", HOSTS.join(" | "));
    let columns = ended.each_ref().map(|(_, column)| column);
    let longest = columns.iter().max_by_key(|column| column.len()).expect("three columns");
    for (number, (step, _)) in longest.iter().enumerate() {
        let cells = columns.map(|column| column.get(number).map_or("–", |row| row.1.as_str()));
        println!("| {step} | {} |", cells.join(" | "));
    }
    assert!(ended.iter().all(|(whole, _)| *whole), "the story did not end everywhere");
    let promised: Vec<_> =
        promised.iter().map(|(step, outcome)| (*step, (*outcome).to_owned())).collect();
    for (host, column) in HOSTS.iter().zip(columns) {
        assert_eq!(*column, promised, "{host}");
    }
}
