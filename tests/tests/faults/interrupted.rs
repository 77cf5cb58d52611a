//! Each call that each request makes, lost in each way, and the same request again when all is back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gatelet_core::clock::Clock as _;
use gatelet_played::{Answer, Ask, Gateway, Loss, Port, Storm, Who};

use crate::holds::holds;
use crate::table::{Cell, Row, rows};
use crate::trips::{TRIPS, Trip};

/// What an answer that is not a success asks its caller to wait.
const RETRY_AFTER: Duration = Duration::from_secs(5);
/// The ways to lose a call, and whether all that follow are lost too.
const WAYS: [(Loss, bool); 4] = [
    (Loss::Refused, true),
    (Loss::Lost, false),
    (Loss::AnswerLost, false),
    (Loss::AnswerLost, true),
];

#[test]
fn the_table_has_a_row_for_every_route_and_a_test_for_every_row() {
    let promised: BTreeSet<String> = rows().into_keys().collect();
    let tried: BTreeSet<String> = TRIPS.iter().map(|trip| trip.row.to_owned()).collect();
    assert_eq!(promised, tried);
    let routes = all::routes();
    for route in routes.declared() {
        let name = format!("{} {}", route.method.name(), route.path);
        let is_about =
            |row: &&String| row.starts_with(&name) && !row[name.len()..].starts_with('/');
        assert!(promised.iter().any(|row| is_about(&row)), "the table has no row for {name}");
    }
}

/// A cold process under a storm: what it answered, and what the same request got afterwards.
struct Met {
    first: Answer,
    again: Option<Answer>,
    /// What a success has given that is not good, or has not ended.
    hollow: Option<String>,
}

async fn meet(trip: &Trip, storm: Storm) -> Option<Met> {
    let begun = Gateway::new(all::routes).await;
    let ask = (trip.prepare)(&begun).await;
    // Whoever signed out everywhere ended all that was begun until then.
    begun.clock.advance(Duration::from_secs(1));
    let process = begun.second_process();
    process.weather.storm(storm);
    let first = process.send(&ask).await;
    if process.weather.calls(storm.port) <= storm.after {
        return None;
    }
    process.weather.clear();
    if (trip.succeeded)(&first) {
        let hollow = holds(&process, &ask, &first).await.err();
        return Some(Met { first, again: None, hollow });
    }
    process.clock.set(process.clock.now() + RETRY_AFTER);
    let again = process.send(&ask).await;
    if trip.keeps_session {
        let cookies: Vec<_> = ask.headers.iter().filter(|(name, _)| name == "cookie").collect();
        let cookie = String::from_utf8(cookies[0].1.clone()).unwrap();
        let session = process.send(&Ask::page("/auth/session").cookie(&cookie)).await;
        assert_eq!(session.status, 200, "{} {storm:?}: the session is lost", trip.row);
    }
    let succeeded = (trip.succeeded)(&again);
    let hollow = if succeeded { holds(&process, &ask, &again).await.err() } else { None };
    // Whatever became of it, nobody is shut out.
    process.clock.set(process.clock.now() + RETRY_AFTER);
    process.sign_in(Who::ADA).await;
    Some(Met { first, again: Some(again), hollow })
}

/// The code of an answer that says no.
fn code(answer: &Answer) -> String {
    match answer.status {
        303 => answer.refusal().unwrap_or_else(|| panic!("{answer:?}")),
        _ => answer.code().1,
    }
}

struct Judge<'a> {
    trip: &'a Trip,
    row: &'a Row,
    codes: BTreeSet<String>,
    wrong: Vec<String>,
}

impl Judge<'_> {
    fn judge(&mut self, cell: Cell, storm: Storm, met: &Met) {
        let Met { first, again, hollow } = met;
        if let Some(hollow) = hollow {
            self.wrong.push(format!("{} {storm:?}: {hollow}", self.trip.row));
        }
        let all_away = storm.after == 0 && storm.lasts && storm.loss == Loss::Refused;
        let succeeded = again.is_none();
        if !succeeded && !cell.fits(first) {
            self.wrong.push(format!("{} {storm:?}: {first:?}", self.trip.row));
        }
        if all_away && succeeded && cell != Cell::Usual {
            self.wrong
                .push(format!("{} {storm:?}: it did not need {:?}", self.trip.row, storm.port));
        }
        let Some(again) = again else { return };
        if (self.trip.succeeded)(again) {
            return;
        }
        let code = code(again);
        if again.lets_in() || !self.row.afterwards.contains(&code) {
            self.wrong.push(format!("{} {storm:?}: afterwards {again:?}", self.trip.row));
        }
        self.codes.insert(code);
    }
}

async fn every_call_lost(trip: &Trip, row: &Row) -> Vec<String> {
    let mut judge = Judge { trip, row, codes: BTreeSet::new(), wrong: Vec::new() };
    for (port, cell) in Port::ALL.into_iter().zip(row.away) {
        let mut was_asked = false;
        for after in 0.. {
            let mut met_any = false;
            for (loss, lasts) in WAYS {
                let storm = Storm { port, after, lasts, loss };
                let Some(met) = meet(trip, storm).await else { continue };
                met_any = true;
                judge.judge(cell, storm, &met);
            }
            was_asked |= met_any;
            if !met_any {
                break;
            }
            assert!(after < 60, "{}: it never ends", trip.row);
        }
        if was_asked != (cell != Cell::Usual) {
            judge.wrong.push(format!("{}: {port:?} asked: {was_asked}, {cell:?}", trip.row));
        }
    }
    let promised: BTreeSet<String> = row.afterwards.iter().cloned().collect();
    if judge.codes != promised {
        judge.wrong.push(format!("{}: afterwards {:?}", trip.row, judge.codes));
    }
    judge.wrong
}

async fn rows_that(begin: &str) {
    let rows: BTreeMap<String, Row> = rows();
    let mut wrong = Vec::new();
    let is_root = begin == "GET /";
    let trips = TRIPS
        .iter()
        .filter(|trip| if is_root { trip.row == begin } else { trip.row.starts_with(begin) });
    for trip in trips {
        wrong.extend(every_call_lost(trip, &rows[trip.row]).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// Proves L 5.
#[tokio::test]
async fn what_is_read_by_everybody_answers_as_promised_when_any_call_is_lost() {
    rows_that("GET /").await;
    rows_that("GET /{").await;
    rows_that("GET /healthz").await;
    rows_that("GET /.well-known").await;
    rows_that("GET /assets").await;
    rows_that("GET /auth/providers").await;
    rows_that("GET /auth/logout").await;
}

// Proves std 6; L 5, 23.
#[tokio::test]
async fn a_sign_in_begins_or_says_that_something_is_away_when_any_call_is_lost() {
    rows_that("GET /auth/login").await;
    rows_that("GET /auth/authorize").await;
}

// Proves std 6; L 5.
#[tokio::test]
async fn a_callback_signs_in_once_or_not_at_all_when_any_call_is_lost() {
    rows_that("GET /auth/callback").await;
    rows_that("GET /auth/choose").await;
    rows_that("POST /auth/choose").await;
}

// Proves std 73; L 5.
#[tokio::test]
async fn a_session_neither_ends_nor_passes_when_any_call_is_lost() {
    rows_that("GET /auth/session").await;
    rows_that("POST /auth/session").await;
    rows_that("GET /api/me").await;
}

// Proves L 5.
#[tokio::test]
async fn automations_and_uploads_are_there_or_away_when_any_call_is_lost() {
    rows_that("GET /api/au").await;
    rows_that("POST /api/uploads").await;
    rows_that("POST /api/automations/{name}/validate").await;
}

// Proves L 5, 63.
#[tokio::test]
async fn a_run_is_asked_for_once_and_cancelled_once_when_any_call_is_lost() {
    rows_that("POST /api/automations/{name}/runs").await;
    rows_that("POST /api/runs").await;
}

// Proves L 5.
#[tokio::test]
async fn what_a_run_leaves_is_whole_or_away_when_any_call_is_lost() {
    rows_that("GET /api/runs").await;
}

#[tokio::test]
async fn a_runner_is_told_to_go_on_by_nobody_when_any_call_is_lost() {
    rows_that("POST /attempts").await;
}

// Proves std 72, 73; L 1, 5.
#[tokio::test]
async fn a_token_is_made_from_something_known_to_be_good_when_any_call_is_lost() {
    rows_that("POST /auth/token").await;
}

// Proves std 73, 98; L 5, 6.
#[tokio::test]
async fn an_end_is_never_said_to_be_one_before_it_is_when_any_call_is_lost() {
    rows_that("POST /auth/logout").await;
    rows_that("DELETE /auth/sessions").await;
    rows_that("POST /auth/revoke").await;
}
