"""Isolating a job: no other job sees anything that it can write to, and the job cannot undo this.

The fork server lies in a sandbox whose files are read-only. A job gets its own namespaces, and above what was
writable in the sandbox its own empty folders, which share one limit of size. Then it gives up every capability
for good, and a filter of system calls refuses what could mount, trace, or take memory that nothing counts.
"""

from __future__ import annotations

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Sequence
from pathlib import Path

from labs_engine.grade.in_sandbox.limits import Limits

# From <sched.h>, <sys/mount.h>, <sys/prctl.h>, <linux/capability.h>.
_NEW_MOUNTS, _NEW_UTS, _NEW_IPC, _NEW_USER = 0x00020000, 0x04000000, 0x08000000, 0x10000000
_NEW_PROCESSES, _NEW_NETWORK, _NEW_CGROUP, _NEW_TIME = 0x20000000, 0x40000000, 0x02000000, 0x00000080
_READ_ONLY, _NO_SUID, _NO_DEVICES, _NO_EXECUTION = 1, 2, 4, 8
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 32, 4096, 16384, 1 << 18
_SET_DUMPABLE, _DROP_BOUND, _SET_SECUREBITS, _NO_NEW_PRIVILEGES, _AMBIENT = 4, 24, 28, 38, 47
_CLEAR_ALL_AMBIENT = 4
_CAPABILITIES_VERSION_3 = 0x20080522
# No capability comes with user 0, none is kept when it changes, and both are locked.
_SECURE = 0b101111
_LAST_CAPABILITY = 63
_SET_INTERFACE_FLAGS, _INTERFACE_UP = 0x8914, 1
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")  # those that bubblewrap binds
_MOST_FILES = 100_000  # in all folders of a job: the limit of size does not count empty files

_CAN_BE_SWITCHED_ON = {
    "user namespaces": "sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone and "
    "kernel.apparmor_restrict_unprivileged_userns; in a container, its security profile",
    "/proc": "in a container, the masks over /proc (docker run --security-opt systempaths=unconfined)",
    "system call filter": "a kernel with CONFIG_SECCOMP_FILTER, and libseccomp 2.5 (package libseccomp2 or libseccomp)",
}

# Refused as if they were forbidden: what changes namespaces and mounts, looks into other processes, or reaches
# parts of the kernel that no notebook needs.
_FORBIDDEN = [
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "unshare",
    "setns",
    "open_tree",
    "move_mount",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "kcmp",
    "pidfd_getfd",
    "keyctl",
    "add_key",
    "request_key",
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "open_by_handle_at",
    "name_to_handle_at",
    "quotactl",
    "swapon",
    "swapoff",
    "reboot",
    "acct",
    "syslog",
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "fanotify_init",
    "lookup_dcookie",
    "shmget",
    "msgget",
    "semget",
    "mq_open",
]
# Refused as if they did not exist, so that libraries take another way: memory that no folder's size and no address
# space counts, and a `clone` whose flags no filter can see.
_MISSING = ["memfd_create", "memfd_secret", "io_uring_setup", "io_uring_enter", "io_uring_register", "clone3"]
_NAMESPACE_FLAGS = (
    _NEW_MOUNTS, _NEW_UTS, _NEW_IPC, _NEW_USER, _NEW_PROCESSES, _NEW_NETWORK, _NEW_CGROUP, _NEW_TIME,
)  # fmt: skip
_FAMILIES = (
    socket.AF_UNIX,
    socket.AF_INET,
    socket.AF_INET6,
)  # others reach past the namespace of the network


class IsolationError(RuntimeError):
    """The kernel does not allow what isolates jobs; the message says what to switch on."""

    def __init__(self, what: str, error: Exception) -> None:
        super().__init__(f"no {what} ({error}). What to look at: {_CAN_BE_SWITCHED_ON[what]}.")


def do_nothing(job: object, out: int) -> None:
    """Do nothing: a job that runs to its end shows that jobs can be isolated."""


def own_proc_files() -> None:
    """Let this process's files in /proc belong to its user.

    A process that the kernel does not dump has files there that belong to root. An ordinary user could then neither
    shut a job in nor count its memory. Jobs cannot look into this process all the same: it lies outside their
    namespaces, where they have no capability.
    """
    _call("prctl", _SET_DUMPABLE, 1, 0, 0, 0)


def enter_namespaces() -> None:
    """Move this process into namespaces of its own: users, mounts, network, messages.

    The first child that is forked afterwards is process 1 of a PID namespace: when it ends, so do all others in it.

    Raises:
        IsolationError: The kernel does not allow it.
    """
    user, group = os.getuid(), os.getgid()
    try:
        _call("unshare", _NEW_USER | _NEW_MOUNTS | _NEW_IPC | _NEW_UTS | _NEW_NETWORK | _NEW_PROCESSES)
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    except OSError as error:
        raise IsolationError("user namespaces", error) from None


def shut_in(limits: Limits, private: Sequence[str]) -> None:
    """Give this process, the first of its namespaces, its own folders, and take everything else away.

    Args:
        limits: `file_mb` is the size of all its folders together.
        private: What it may write to; the first is its home and its working folder.

    Raises:
        IsolationError: The kernel does not allow it.
    """
    try:
        _mount_own_folders(limits, private)
    except OSError as error:
        raise IsolationError("user namespaces", error) from None
    try:
        # Read-only: where the grader is run by root, the files below /proc/sys would be the job's to write.
        flags = _READ_ONLY | _NO_SUID | _NO_DEVICES | _NO_EXECUTION
        _call("mount", b"proc", b"/proc", b"proc", flags, None)
    except OSError as error:
        raise IsolationError("/proc", error) from None
    _switch_on_loopback()
    os.chdir(private[0])
    _drop_capabilities()
    try:
        _filter_system_calls()
    except (OSError, RuntimeError, ValueError) as error:
        raise IsolationError("system call filter", error) from None


def _mount_own_folders(limits: Limits, private: Sequence[str]) -> None:
    home = private[0].encode()
    _call("mount", None, b"/", None, _RECURSIVE | _PRIVATE, None)
    size = f"size={limits.file_mb}m,nr_inodes={_MOST_FILES},mode=0755".encode()
    _call("mount", b"tmpfs", home, b"tmpfs", _NO_SUID | _NO_DEVICES, size)
    for number, folder in reversed(list(enumerate(private))):
        part = f"{private[0]}/{number}"
        Path(part).mkdir(mode=0o700)
        # The first comes last: it hides the folder that the parts lie in.
        _call("mount", part.encode(), folder.encode(), None, _BIND, None)
    for name in _DEVICES:
        # They are the machine's own: where root grades, their modes and times would be a job's to change.
        flags = _REMOUNT | _BIND | _READ_ONLY | _NO_SUID
        _call("mount", None, f"/dev/{name}".encode(), None, flags, None)
    own_terminals = b"newinstance,ptmxmode=0666,mode=620"
    _call("mount", b"devpts", b"/dev/pts", b"devpts", _NO_SUID | _NO_EXECUTION, own_terminals)


def _switch_on_loopback() -> None:
    """Let processes of the job reach one another at 127.0.0.1, as on a student's machine."""
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", _INTERFACE_UP)
        fcntl.ioctl(any_socket, _SET_INTERFACE_FLAGS, request)


def _drop_capabilities() -> None:
    """Give up every capability, and the possibility to get one back."""
    _call("prctl", _SET_SECUREBITS, _SECURE, 0, 0, 0)
    for capability in range(_LAST_CAPABILITY + 1):
        try:
            _call("prctl", _DROP_BOUND, capability, 0, 0, 0)
        except OSError as error:
            if error.errno != errno.EINVAL:  # this kernel has no such capability
                raise
    _call("prctl", _AMBIENT, _CLEAR_ALL_AMBIENT, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION_3, 0)
    _call("capset", header, (ctypes.c_uint32 * 6)())
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def load_filter_library() -> None:
    """Load libseccomp: it is looked for with help of other programs, which a job cannot start as quickly.

    Raises:
        IsolationError: It is not there.
    """
    try:
        import pyseccomp  # noqa: F401
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        raise IsolationError("system call filter", error) from None


def _filter_system_calls() -> None:
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    # Calls of another architecture than the machine's own would end a single thread, which is the library's default.
    rules.set_attr(seccomp.Attr.ACT_BADARCH, seccomp.ERRNO(errno.ENOSYS))
    for names, number in ((_FORBIDDEN, errno.EPERM), (_MISSING, errno.ENOSYS)):
        for name in names:
            rules.add_rule(seccomp.ERRNO(number), name)
    for flag in _NAMESPACE_FLAGS:
        rules.add_rule(seccomp.ERRNO(errno.EPERM), "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
    for family in range(max(_FAMILIES)):
        if family not in _FAMILIES:
            rules.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket", seccomp.Arg(0, seccomp.EQ, family))
    beyond = seccomp.Arg(0, seccomp.GT, int(max(_FAMILIES)))
    rules.add_rule(seccomp.ERRNO(errno.EAFNOSUPPORT), "socket", beyond)
    rules.load()


def _call(name: str, *arguments: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    given = [ctypes.c_ulong(a) if isinstance(a, int) else a for a in arguments]
    if getattr(library, name)(*given) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
