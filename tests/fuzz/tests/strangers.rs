//! Every kind of thing that strangers send: its seeds, its seeds with something changed, and plain noise.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use gatelet_fuzz::{TARGETS, Target};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// How many changed seeds, and how much noise, each kind gets in each test run.
const CASES: u32 = 384;

/// A seed with a few bytes put in, left out or replaced.
fn changed(target: &Target) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seed = proptest::sample::select(target.seeds.to_vec());
    let change = (any::<prop::sample::Index>(), 0..4_u8, any::<u8>());
    (seed, prop::collection::vec(change, 0..6)).prop_map(|(seed, changes)| {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, kind, byte) in changes {
            let at = at.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 if at < bytes.len() => bytes[at] = byte,
                3 => bytes.truncate(at),
                _ => bytes.extend_from_within(at..),
            }
        }
        bytes
    })
}

fn run(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    for seed in target.seeds {
        (target.run)(seed.as_bytes());
    }
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let noise = prop::collection::vec(any::<u8>(), 0..300);
    let bytes = prop_oneof![3 => changed(target), 1 => noise];
    let outcome = TestRunner::new(config).run(&bytes, |bytes| {
        (target.run)(&bytes);
        Ok(())
    });
    assert!(outcome.is_ok(), "{name}: {outcome:?}");
}

macro_rules! each {
    ($($name:ident)+) => {
        $(#[test] fn $name() { run(stringify!($name)); })+

        #[test]
        fn every_target_is_run_here_and_has_a_binary_for_libfuzzer() {
            let run_here = [$(stringify!($name)),+];
            let targets: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            assert_eq!(targets, run_here);
            let manifest = include_str!("../libfuzzer/Cargo.toml");
            for name in targets {
                assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
            }
        }
    };
}

each! {
    cookie_header path form target access_token refresh_token code sealed_cookie traceparent
    id_token token_answer discovery key_set registry queue_message letter
}
