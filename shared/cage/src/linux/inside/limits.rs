//! How much a script may use, and whom it is.

use std::fs;

use rustix::process::{
    Gid, Resource, Rlimit, Signal, Uid, geteuid, getrlimit, set_parent_process_death_signal,
    setrlimit,
};
use rustix::thread::{
    CapabilitySet, CapabilitySets, set_capabilities, set_no_new_privs, set_thread_groups,
    set_thread_res_gid, set_thread_res_uid,
};

use super::failed;
use crate::setup::Limits;

/// Sets every limit. None can be raised again.
pub(super) fn limit(limits: &Limits, user: Option<u32>) -> Result<(), String> {
    // Whatever else the user runs counts as well.
    let others = tasks_of(user.unwrap_or_else(|| geteuid().as_raw()));
    let all = [
        (Resource::Core, 0),
        (Resource::As, limits.memory),
        (Resource::Fsize, limits.file),
        (Resource::Nofile, limits.descriptors),
        (Resource::Nproc, limits.processes + others),
        (Resource::Cpu, limits.seconds),
        (Resource::Memlock, 0),
        (Resource::Msgqueue, 0),
    ];
    for (resource, wanted) in all {
        let most = getrlimit(resource).maximum.map_or(wanted, |most| most.min(wanted));
        let new = Rlimit { current: Some(most), maximum: Some(most) };
        setrlimit(resource, new).map_err(failed("set a limit"))?;
    }
    // Where memory runs out, the kernel takes the script and not the gateway.
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    Ok(())
}

/// Becomes the user, without groups and without any right of root.
pub(super) fn become_user(user: Option<u32>) -> Result<(), String> {
    if let Some(user) = user {
        let (uid, gid) = (Uid::from_raw(user), Gid::from_raw(user));
        set_thread_groups(&[]).map_err(failed("leave the groups"))?;
        set_thread_res_gid(gid, gid, gid).map_err(failed("become another group"))?;
        set_thread_res_uid(uid, uid, uid).map_err(failed("become another user"))?;
    }
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    set_capabilities(None, none).map_err(failed("give up rights"))?;
    set_no_new_privs(true).map_err(failed("give up new rights"))?;
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed("end with the keeper"))
}

/// The threads of all processes of a user.
fn tasks_of(user: u32) -> u64 {
    let tasks = |status: String| -> Option<u64> {
        let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name));
        let owner: u32 = line("Uid:")?.split_ascii_whitespace().next()?.parse().ok()?;
        (owner == user).then(|| line("Threads:")?.trim().parse().ok()).flatten()
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| fs::read_to_string(entry.path().join("status")).ok())
        .filter_map(tasks)
        .sum()
}
