//! Looks for a canary that is known only with every bit turned, so that looking for it puts it nowhere.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use rustix::process::{DumpableBehavior, set_dumpable_behavior};

/// The same with every bit turned.
pub(crate) const fn turned<const N: usize>(mut bytes: [u8; N]) -> [u8; N] {
    let mut at = 0;
    while at < N {
        bytes[at] = !bytes[at];
        at += 1;
    }
    bytes
}

/// What a canary stands for, on the heap and nowhere else.
pub(crate) fn plain(turned: &[u8]) -> Vec<u8> {
    turned.iter().map(|byte| !byte).collect()
}

/// How often a canary stands in these bytes.
pub(crate) fn count(bytes: &[u8], turned: &[u8]) -> usize {
    let first = !turned[0];
    let starts = bytes.iter().enumerate().filter(|(_, byte)| **byte == first);
    let is_there = |at: usize| {
        let window = bytes.get(at..at + turned.len());
        window
            .is_some_and(|window| window.iter().zip(turned).all(|(seen, turned)| *seen == !turned))
    };
    starts.filter(|(at, _)| is_there(*at)).count()
}

/// How often it stands in every part of this process's memory that can be written.
pub(crate) fn in_memory(turned: &[u8]) -> usize {
    // Whoever is not root reads their own memory only where others of them may, too.
    set_dumpable_behavior(DumpableBehavior::Dumpable).unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let (mut found, mut looked_at) = (0, 0);
    for line in maps.lines() {
        let mut words = line.split_ascii_whitespace();
        let (range, mode) = (words.next().unwrap(), words.next().unwrap());
        if !mode.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let [from, to] = [from, to].map(|place| u64::from_str_radix(place, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        // A part may have gone meanwhile.
        if memory.read_exact_at(&mut bytes, from).is_ok() {
            looked_at += bytes.len();
            found += count(&bytes, turned);
        }
    }
    assert!(looked_at > 100_000, "the memory can be looked at");
    found
}

/// How often it stands in the files below a folder.
pub(crate) fn in_files(folder: &Path, turned: &[u8]) -> usize {
    let entries = fs::read_dir(folder).unwrap().flatten();
    entries
        .map(|entry| {
            if entry.file_type().unwrap().is_dir() {
                in_files(&entry.path(), turned)
            } else {
                count(&fs::read(entry.path()).unwrap_or_default(), turned)
            }
        })
        .sum()
}
