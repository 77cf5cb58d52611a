//! Which system calls a script may make: seccomp. Everything that ordinary programs do is allowed; what reaches into
//! other processes, into the kernel, or around the other walls is not.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Calls that are refused whatever their arguments.
const REFUSED: &[i64] = &[
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_perf_event_open,
    // Other views of the system.
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_chroot,
    libc::SYS_pivot_root,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    // The kernel itself.
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_kexec_load,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_syslog,
    libc::SYS_fanotify_init,
    libc::SYS_personality,
    // Keys, clocks and names of the machine.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    // Memory that no limit counts, and what outlives the last process.
    libc::SYS_memfd_create,
    libc::SYS_memfd_secret,
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_msgget,
    libc::SYS_semget,
    libc::SYS_mq_open,
];

/// Those that only this processor has.
#[cfg(target_arch = "x86_64")]
const OWN: &[i64] = &[
    libc::SYS_kexec_file_load,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_modify_ldt,
    libc::SYS_uselib,
    libc::SYS__sysctl,
    libc::SYS_lookup_dcookie,
];
#[cfg(not(target_arch = "x86_64"))]
const OWN: &[i64] = &[];

/// The flags of `clone` that make new views of the system (`CLONE_NEW…`).
const VIEWS: [u64; 8] = [
    0x0000_0080,
    0x0002_0000,
    0x0200_0000,
    0x0400_0000,
    0x0800_0000,
    0x1000_0000,
    0x2000_0000,
    0x4000_0000,
];

/// The families of the internet.
const INTERNET: [u64; 2] = [2, 10];
/// The kinds of sockets that go below it, without the flags that `socket` takes in the same number.
const BELOW: [u64; 3] = [3, 5, 10];

/// Filters the calls of this thread and of whatever comes from it.
pub(super) fn restrict(network: bool) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("could not filter system calls: {error}");
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|error| failed(&error))?;
    let refused = refused(network).map_err(|error| failed(&error))?;
    // Its flags lie in memory, where no filter looks. Libraries then use `clone`.
    let unknown = Rules::from([(libc::SYS_clone3, Vec::new())]);
    for (rules, code) in [(refused, libc::EPERM), (unknown, libc::ENOSYS)] {
        let code = SeccompAction::Errno(u32::try_from(code).unwrap_or(1));
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, code, arch);
        let filter = filter.map_err(|error| failed(&error))?;
        let program = BpfProgram::try_from(filter).map_err(|error| failed(&error))?;
        apply_filter(&program).map_err(|error| failed(&error))?;
    }
    Ok(())
}

fn refused(network: bool) -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = REFUSED.iter().chain(OWN).map(|call| (*call, Vec::new())).collect();
    if cfg!(target_arch = "x86_64") {
        second_numbers(&mut rules);
    }
    let views = VIEWS.iter().map(|flag| rule(&[(0, SeccompCmpOp::MaskedEq(*flag), *flag)]));
    rules.insert(libc::SYS_clone, views.collect::<Result<_, _>>()?);
    let sockets = if network {
        let elsewhere = INTERNET.map(|family| (0, SeccompCmpOp::Ne, family));
        let below = BELOW.iter().map(|kind| rule(&[(1, SeccompCmpOp::MaskedEq(0xf), *kind)]));
        std::iter::once(rule(&elsewhere)).chain(below).collect::<Result<_, _>>()?
    } else {
        Vec::new()
    };
    rules.insert(libc::SYS_socket, sockets);
    Ok(rules)
}

/// The same calls by the numbers of x32, which a kernel may know beside those of the processor. Nothing that is in use
/// makes new processes or sockets by them.
fn second_numbers(rules: &mut Rules) {
    const X32: i64 = 0x4000_0000;
    // ptrace, kexec_load, process_vm_readv and process_vm_writev have other numbers there.
    const DIFFERENT: [i64; 4] = [521, 528, 539, 540];
    let also = [libc::SYS_clone, libc::SYS_clone3, libc::SYS_socket];
    let first: Vec<i64> = rules.keys().copied().chain(also).chain(DIFFERENT).collect();
    rules.extend(first.into_iter().map(|call| (call | X32, Vec::new())));
}

fn rule(conditions: &[(u8, SeccompCmpOp, u64)]) -> Result<SeccompRule, seccompiler::BackendError> {
    let conditions = conditions.iter().map(|(argument, compare, value)| {
        SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, compare.clone(), *value)
    });
    SeccompRule::new(conditions.collect::<Result<_, _>>()?)
}
