//! The processes below one, found in `/proc`, and folders that a script has filled.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// All processes that come from this one, at whatever remove. Whoever lost its parent counts as a child of the keeper,
/// because the kernel gives it to that.
pub(crate) fn descendants(of: Pid) -> Vec<Pid> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(number) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        if let Some(parent) = parent(number) {
            children.entry(parent).or_default().push(number);
        }
    }
    let mut found = BTreeSet::new();
    let mut left = vec![of.as_raw_nonzero().get()];
    while let Some(number) = left.pop() {
        let below = children.get(&number).into_iter().flatten().copied();
        left.extend(below.filter(|child| found.insert(*child)));
    }
    found.into_iter().filter_map(Pid::from_raw).collect()
}

/// Ends a process, if it still is the one that was found. One whose parent has changed meanwhile is found again.
pub(crate) fn end(pid: Pid, below: &HashSet<Pid>) {
    let Ok(descriptor) = pidfd_open(pid, PidfdFlags::empty()) else { return };
    let parent = parent(pid.as_raw_nonzero().get()).and_then(Pid::from_raw);
    if parent.is_some_and(|parent| below.contains(&parent)) {
        // It may have ended by itself.
        let _ = pidfd_send_signal(descriptor, Signal::KILL);
    }
}

/// The fourth member of `/proc/PID/stat`. The second is the program's name, in which anything may stand.
fn parent(number: i32) -> Option<i32> {
    let stat = fs::read(format!("/proc/{number}/stat")).ok()?;
    let after = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = String::from_utf8_lossy(stat.get(after + 1..)?).into_owned();
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Bytes on the disk and entries below a folder. Counting ends where there are too many, or where a path is too long:
/// that is more than any limit then.
pub(crate) fn measure(folder: &Path, most: u64) -> (u64, u64) {
    let (mut bytes, mut entries, mut left) = (0, 0, vec![folder.to_owned()]);
    while let Some(folder) = left.pop() {
        let listed = match fs::read_dir(&folder) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::InvalidFilename => {
                return (u64::MAX, u64::MAX);
            }
            // It is gone again, or closed to us; then what lies in it was counted before, or counts when it is removed.
            Err(_) => continue,
        };
        for entry in listed.flatten() {
            entries += 1;
            let Ok(facts) = entry.metadata() else { continue };
            bytes += facts.blocks() * 512;
            if facts.is_dir() {
                left.push(entry.path());
            }
        }
        if entries > most {
            break;
        }
    }
    (bytes, entries)
}

/// Removes a folder with everything in it, also where folders lie so deep in each other that no path reaches them, and
/// where their modes were taken away.
pub(crate) fn remove(folder: &Path) -> io::Result<()> {
    let mut number = 0_u64;
    let mut left: Vec<PathBuf> = vec![folder.to_owned()];
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
    while let Some(inner) = left.last().cloned() {
        let _ = fs::set_permissions(&inner, Permissions::from_mode(0o700));
        let listed = match fs::read_dir(&inner) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                left.pop();
                continue;
            }
            Err(error) => return Err(error),
        };
        let mut deeper = Vec::new();
        for entry in listed {
            let entry = entry?;
            if !entry.file_type()?.is_dir() {
                fs::remove_file(entry.path())?;
                continue;
            }
            if inner == folder {
                deeper.push(entry.path());
                continue;
            }
            // It is moved up, so that each path stays short.
            let _ = fs::set_permissions(entry.path(), Permissions::from_mode(0o700));
            let mut place = folder.join(number.to_string());
            while is_there(&place) {
                number += 1;
                place = folder.join(number.to_string());
            }
            fs::rename(entry.path(), &place)?;
            deeper.push(place);
        }
        if deeper.is_empty() {
            fs::remove_dir(&inner)?;
            left.pop();
        } else {
            left.extend(deeper);
        }
    }
    Ok(())
}
