"""Nothing that a job can write is seen by another job, and nothing that it takes goes uncounted."""

from __future__ import annotations

import os
import platform
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import psutil
import pytest
from corpus import needs_sandbox
from probe import Probe, probing

from labs_engine.grade import accounting
from labs_engine.grade.container import Kind
from labs_engine.grade.course_copy import course_without_answers
from labs_engine.grade.in_sandbox.limits import Limits
from labs_engine.grade.sandbox import Sandbox, SandboxError, check_sandbox

pytestmark = needs_sandbox

LIMITS = Limits(seconds=60, cpu_seconds=60, memory_mb=600, file_mb=100, processes=60)
ALL_MB = LIMITS.all_mb


@pytest.fixture(scope="module")
def probe() -> Iterator[Probe]:
    with probing(LIMITS) as opened:
        yield opened


@pytest.fixture
def without_groups(monkeypatch: pytest.MonkeyPatch) -> Iterator[Probe]:
    monkeypatch.setattr(accounting, "make_group", lambda: None)
    with probing(LIMITS) as opened:
        yield opened


# Every place of the tree that a job sees in which a file can be made, and every file that can be opened to write.
WALK = """
import os
import platform
writable = []
for folder, folders, files in os.walk("/", followlinks=False):
    if folder == "/proc":
        folders[:] = [name for name in folders if not name.isdigit()] + ["self"]
    try:
        place = os.path.join(folder, "a file of this test")
        open(place, "x").close()
        os.remove(place)
        writable.append(folder)
    except OSError:
        pass
    for name in files:
        path = os.path.join(folder, name)
        if os.path.islink(path):
            continue
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
            writable.append(path)
        except OSError:
            pass
tell(writable)
"""

# Devices without a memory, and the terminals of the job's own.
DEVICES = {f"/dev/{name}" for name in ("null", "zero", "full", "random", "urandom", "tty")} | {
    "/dev/pts/ptmx"
}


def test_only_its_own_folders_can_be_written_to(probe: Probe) -> None:
    (writable,) = probe(WALK)
    assert set(writable) <= {"/private", "/dev/shm", "/tmp"} | DEVICES
    assert {"/private", "/dev/shm"} <= set(writable)


# What a file is, beside what is in it: its mode, times, owner, attributes. Whoever owns a file may change them without
# a capability, and where root grades a submission owns what is root's.
CHANGE = """
import os
import platform
changed = []
for folder, folders, files in os.walk("/", followlinks=False):
    if folder == "/proc":
        folders[:] = [name for name in folders if not name.isdigit()]
    for path in (folder, *(os.path.join(folder, name) for name in files)):
        if os.path.islink(path): continue
        for name, change in (
            ("mode", lambda: os.chmod(path, os.stat(path).st_mode & 0o7777)),
            ("times", lambda: os.utime(path, ns=(os.stat(path).st_atime_ns, os.stat(path).st_mtime_ns))),
            ("owner", lambda: os.chown(path, os.getuid(), os.getgid())),
            ("attribute", lambda: os.setxattr(path, "user.left", b"mine")),
        ):
            try: change()
            except OSError: continue
            changed.append((path, name))
tell(changed)
"""


def test_nothing_about_a_file_that_is_not_its_own_can_be_changed(probe: Probe) -> None:
    (changed,) = probe(CHANGE)
    own = ("/private", "/dev/shm", "/tmp", "/dev/pts")
    assert [(path, what) for path, what in changed if not path.startswith(own)] == []
    assert probe(
        "import os; tell(os.system('echo x > /dev/null')); tell(len(open('/dev/urandom', 'rb').read(3)))"
    ) == [0, 3]


def test_every_mount_is_read_only_or_its_own(probe: Probe) -> None:
    (mounts,) = probe("tell(open('/proc/self/mountinfo').read())")
    on_top: dict[str, list[str]] = {}
    for line in mounts.splitlines():
        words = line.split()
        on_top[words[4]] = words
    for path, words in on_top.items():
        if path.startswith(("/private/", "/proc/")):
            continue  # covered by what lies above
        own = path in ("/private", "/dev/shm", "/tmp", "/dev/pts")
        assert own or words[5].split(",")[0] == "ro", words
    sizes = {" ".join(on_top[path][words:]) for path in ("/private", "/dev/shm") for words in [-1]}
    assert len(sizes) == 1  # one file system, so that one size holds for all
    assert "size=" in sizes.pop()


def test_modules_are_looked_for_where_nobody_can_write(probe: Probe) -> None:
    (path, working) = probe("import sys, os; tell(sys.path); tell(os.getcwd())")
    assert working == "/private"
    assert not {"", "/", ".", working} & set(path)
    (found,) = probe(
        """
        import os, sys
        tell([p for p in sys.path if os.access(p, os.W_OK) or os.access(os.path.dirname(p), os.W_OK)])
        """
    )
    assert found == []


def test_no_capability_is_left(probe: Probe) -> None:
    (status,) = probe("tell(open('/proc/self/status').read())")
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert {int(fields[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")} == {0}
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"


SYSCALLS = """
import ctypes, errno
libc = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    ctypes.set_errno(0)
    value = getattr(libc, name)(*arguments)
    return "done" if value != -1 else errno.errorcode[ctypes.get_errno()]
tell({
    "mount": call("mount", b"tmpfs", b"/private", b"tmpfs", 0, b"size=64g"),
    "remount": call("mount", None, b"/usr", None, 32, None),
    "umount /private": call("umount2", b"/private", 2),
    "umount /dev/shm": call("umount2", b"/dev/shm", 2),
    "umount /proc": call("umount2", b"/proc", 2),
    "pivot_root": call("syscall", 155, b"/private", b"/private"),
    "chroot": call("chroot", b"/private"),
    "unshare": call("unshare", 0x10000000),
    "setns": call("setns", 0, 0),
    "ptrace": call("ptrace", 0, 0, 0, 0),
    "memfd_create": call("memfd_create", b"x", 0),
    "shmget": call("shmget", 77, 4096, 0o1600),
    "msgget": call("msgget", 77, 0o1600),
    "semget": call("semget", 77, 1, 0o1600),
    "keyctl": call("syscall", 250, 0, 0),
    "add_key": call("syscall", 248, b"user", b"a", b"b", 1, -3),
    "bpf": call("syscall", 321, 0, 0, 0),
    "perf_event_open": call("syscall", 298, 0, 0, 0, 0, 0),
    "process_vm_readv": call("syscall", 310, 1, 0, 0, 0, 0, 0),
    "io_uring_setup": call("syscall", 425, 1, 0),
    "open_tree": call("syscall", 428, -100, b"/", 1),
    "fsopen": call("syscall", 430, b"tmpfs", 0),
    "mount_setattr": call("syscall", 442, -100, b"/", 0, 0, 0),
    "clone3": call("syscall", 435, 0, 0),
    "clone with a user namespace": call("syscall", 56, 0x10000000 | 17, 0, 0, 0, 0),
    "vsock": call("socket", 40, 1, 0),
    "packets": call("socket", 17, 3, 0),
    "netlink": call("socket", 16, 3, 0),
    "a call of another architecture": call("syscall", 272 | 0x40000000, 0x10000000),
})
"""


@pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of system calls of x86-64")
def test_system_calls_that_could_change_it_are_refused(probe: Probe) -> None:
    (answers,) = probe(SYSCALLS)
    assert not [
        name for name, answer in answers.items() if answer not in ("EPERM", "ENOSYS", "EAFNOSUPPORT")
    ], answers


MARK = """
import ctypes, os, socket, subprocess, sys
mark = "MARK-OF-THE-FIRST"
def leave(action):
    try: action()
    except BaseException: pass
def write(path):
    with open(path, "w") as file: file.write(mark)
for folder in ("/", "/ipykernel", "/course", "/dev", "/tmp", "/dev/shm", "/private", "/private/proc", "/var", "/etc", "/run",
               "/lib", "/usr/lib", os.getcwd(), os.path.expanduser("~"), *sys.path):
    leave(lambda: os.makedirs(folder, exist_ok=True))
    for name in (mark, "jsonutil.py", "sitecustomize.py", "stolen.py"):
        leave(lambda: write(os.path.join(folder, name)))
leave(lambda: write("/etc/ld.so.preload"))
for name in ("comm", "environ", "oom_score_adj", "attr/current", "coredump_filter", "timerslack_ns"):
    leave(lambda: write("/proc/self/" + name))
    leave(lambda: write("/proc/1/" + name))
os.environ["MARK"] = mark
import tiny_lib, json
tiny_lib.mark = json.mark = sys.modules["__main__"].mark = mark
from multiprocessing import shared_memory
leave(lambda: shared_memory.SharedMemory("mark", create=True, size=4096).buf.__setitem__(slice(0, 4), b"MARK"))
libc = ctypes.CDLL(None)
leave(lambda: libc.shmget(77, 4096, 0o1666))
leave(lambda: libc.mq_open(b"/mark", 0o102, 0o666, None))
server = socket.socket(socket.AF_UNIX); leave(lambda: server.bind("\\0mark")); leave(lambda: server.listen())
inet = socket.socket(); leave(lambda: inet.bind(("127.0.0.1", 45678))); leave(lambda: inet.listen())
leave(lambda: socket.sethostname(mark))
leave(lambda: os.setpriority(os.PRIO_USER, 0, 5))
if os.fork() == 0:
    import signal
    libc.prctl(1, 0)
    os.setsid()
    if os.fork() == 0:
        for number in range(1, 32): leave(lambda: signal.signal(number, signal.SIG_IGN))
        import time
        time.sleep(60)
    os._exit(0)
tell("left")
"""
LOOK = """
import ctypes, json, os, socket, sys
found = []
for folder, folders, files in os.walk("/"):
    if folder == "/proc": folders[:] = [name for name in folders if name.isdigit()]
    found += [os.path.join(folder, name) for name in (*folders, *files) if "MARK-OF" in name or name in ("stolen.py", "mark", "psm_mark")]
    found += [os.path.join(folder, name) for name in files if name in ("jsonutil.py", "sitecustomize.py")]
for path in ("/proc/self/environ", "/proc/1/environ", "/etc/ld.so.preload"):
    if os.path.exists(path) and b"MARK-OF" in open(path, "rb").read(): found.append(path)
if "MARK" in os.environ: found.append("environment")
import tiny_lib
found += [str(m) for m in (tiny_lib, json, sys.modules["__main__"]) if hasattr(m, "mark")]
libc = ctypes.CDLL(None, use_errno=True)
if libc.shmget(77, 0, 0) != -1: found.append("shm")
if libc.mq_open(b"/mark", 0) != -1: found.append("message queue")
for family, address in ((socket.AF_UNIX, "\\0mark"), (socket.AF_INET, ("127.0.0.1", 45678))):
    try: socket.socket(family).connect(address); found.append("socket")
    except OSError: pass
if "MARK" in socket.gethostname(): found.append("host name")
found += [p for p in os.listdir("/proc") if p.isdigit() and int(p) not in (os.getpid(), os.getppid())]
tell(found)
"""


def test_nothing_that_one_job_leaves_is_seen_by_the_next() -> None:
    with probing(LIMITS) as probe:
        before = probe(LOOK)
        assert isinstance(before[0], list)
        for _ in range(2):  # another student's job, and a second one of the same
            assert probe(MARK) == ["left"]
            assert probe(LOOK) == before


def test_a_job_ends_wholly_whatever_it_hides_in(probe: Probe) -> None:
    probe(MARK)
    assert probe("tell('next')") == ["next"]
    server = psutil.Process(probe.sandbox._server)
    assert server.children(recursive=True) == []
    ours = psutil.Process(probe.sandbox._process.pid)
    # bubblewrap, its first process inside, and the server.
    assert len([ours, *ours.children(recursive=True)]) <= 3


def test_a_job_that_closes_its_pipe_costs_the_grader_nothing(probe: Probe) -> None:
    start = time.process_time()
    probe("import os, time; os.close(out); time.sleep(3)")
    assert time.process_time() - start < 1
    assert probe("tell('next')") == ["next"]


def test_the_loopback_of_a_job_works(probe: Probe) -> None:
    code = """
    import socket
    server = socket.create_server(("127.0.0.1", 0))
    with socket.create_connection(server.getsockname(), timeout=5) as client:
        client.sendall(b"heard")
        tell(server.accept()[0].recv(5).decode())
    """
    assert probe(code) == ["heard"]


def test_its_proc_is_its_own(probe: Probe) -> None:
    assert probe(
        "import os; tell(os.getpid()); tell(os.readlink('/proc/self')); tell([p for p in os.listdir('/proc') if p.isdigit()])"
    ) == [
        1,
        "1",
        ["1"],
    ]


HOARDS = {
    # What was seen not to be counted: files in memory without a folder, and the root of the sandbox.
    "memfd": """
        import os
        hoard = [os.memfd_create(f"hoard-{number}") for number in range(30)]
        for file in hoard:
            for _ in range(9): os.write(file, bytes(10_000_000))
        """,
    "the root": """
        for number in range(30):
            with open(f"/hoard-{number}", "wb") as file:
                for _ in range(9): file.write(bytes(10_000_000))
        """,
    "a file": """
        with open("/private/hoard", "wb") as file:
            for _ in range(360): file.write(bytes(10_000_000))
        """,
    "several folders": """
        for folder in ("/private", "/dev/shm", "/tmp"):
            for number in range(20):
                with open(f"{folder}/{number}", "wb") as file: file.write(bytes(10_000_000))
        """,
    "a million files": """
        import os
        for number in range(1_000_000): os.mknod(f"/private/{number}")
        """,
}


@pytest.mark.parametrize("how", HOARDS)
def test_files_and_memory_files_are_refused_by_the_kernel(probe: Probe, how: str) -> None:
    (raised,) = probe(HOARDS[how])
    assert "Error" in raised, raised
    assert probe(
        "import os, shutil; tell(os.listdir('/private')); tell(shutil.disk_usage('/private').used)"
    ) == [[], 0]


def _needs_groups() -> None:
    group = accounting.make_group()
    if group is None:
        pytest.skip("no control group can be made here")
    group.remove()


FILLERS = {
    "many processes": """
        import os, time
        for _ in range(8):
            if os.fork() == 0:
                hoard = [bytearray(1_000_000) for _ in range(400)]
                for piece in hoard: piece[::4096] = b"x" * len(piece[::4096])
                time.sleep(30)
        time.sleep(30)
        """,
    "shared memory without a name": """
        import mmap, time
        hoard = []
        import os
        for _ in range(6):
            if os.fork() == 0:
                piece = mmap.mmap(-1, 400_000_000)
                for start in range(0, 400_000_000, 4096): piece[start] = 1
                time.sleep(30)
        time.sleep(30)
        """,
}


@pytest.mark.parametrize("how", FILLERS)
@pytest.mark.parametrize("counted", ["in a group", "from outside"])
def test_memory_of_many_processes_is_counted_together(
    how: str, counted: str, request: pytest.FixtureRequest
) -> None:
    if counted == "in a group":
        _needs_groups()
    opened = request.getfixturevalue("probe" if counted == "in a group" else "without_groups")
    start = time.monotonic()
    opened(FILLERS[how])
    assert opened.ending.limit == "memory", opened.ending
    assert time.monotonic() - start < 25
    assert opened("tell('next')") == ["next"]


@pytest.mark.parametrize(
    "start", ["if os.fork() == 0: time.sleep(30)", "threading.Thread(target=time.sleep, args=[30]).start()"]
)
def test_processes_and_threads_are_counted_together(probe: Probe, start: str) -> None:
    code = f"import os, threading, time\nthreading.stack_size(65536)\nfor _ in range(100):\n    {start}\ntime.sleep(30)"
    begin = time.monotonic()
    probe(code)
    assert probe.ending.limit == "processes", probe.ending
    assert time.monotonic() - begin < 25
    assert probe("tell('next')") == ["next"]


@pytest.mark.parametrize("kind", ["bwrap", "none"])
def test_memory_of_processes_that_forbid_to_be_looked_into_is_counted(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounting, "make_group", lambda: None)
    hidden = "import ctypes; ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE\n"
    with probing(LIMITS, kind) as probe:
        probe(hidden + dedent(FILLERS["many processes"]))
        assert probe.ending.limit == "memory", probe.ending
        assert probe("tell('next')") == ["next"]


def test_buffers_of_sockets_are_counted_in_a_group(probe: Probe) -> None:
    _needs_groups()
    code = """
    import os, socket, time
    for _ in range(50):
        if os.fork() == 0:
            pairs = []
            while True:
                try:
                    pairs.append(socket.socketpair())
                    pairs[-1][0].setblocking(False)
                    while True: pairs[-1][0].send(bytes(100_000))
                except BlockingIOError: continue
                except OSError: break  # no more sockets
            time.sleep(20)
    time.sleep(20)
    """
    probe(code)
    assert probe.ending.limit == "memory"
    assert probe("tell('next')") == ["next"]


def test_the_group_is_removed_with_its_sandbox() -> None:
    with probing(LIMITS) as opened:
        opened("tell(1)")
        group = opened.sandbox._group
        assert group is None or group.folder.exists()
    assert group is None or not group.folder.exists()


def test_a_kernel_without_further_user_namespaces_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Sandbox._command

    def command(self: Sandbox, descriptor: int) -> list[str]:
        words = original(self, descriptor)
        return [*words[: words.index("--")], "--disable-userns", *words[words.index("--") :]]

    monkeypatch.setattr(Sandbox, "_command", command)
    with probing(LIMITS) as probe:
        assert probe("tell('ran all the same')") == []
    assert probe.ending.limit == "fault"
    assert "user.max_user_namespaces" in probe.ending.reason
    # The command says so before it grades anything.
    with pytest.raises(SandboxError, match=r"isolated here.*user\.max_user_namespaces"):
        check_sandbox()


def test_a_system_without_the_filter_is_named() -> None:
    with (
        probing(LIMITS, lacking="pyseccomp") as probe,
        pytest.raises(SandboxError, match=r"CONFIG_SECCOMP_FILTER.*libseccomp2"),
    ):
        probe("tell('ran all the same')")


def _copies(folder: Path, *names: str, days: float = 0.0) -> None:
    for name in names:
        (folder / name / "tiny_lib").mkdir(parents=True)
        moment = time.time() - days * 86400
        os.utime(folder / name, (moment, moment))


def _grade_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Open what a grading opens in its temporary folder; return what is left there afterwards."""
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with course_without_answers():
        pass
    return {place.name for place in folder.iterdir()}


def test_what_a_killed_grader_left_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = max(psutil.pids()) + 100_000
    _copies(tmp_path, f"labs-grading-{nobody}-abcdefgh", f"labs-grading-{os.getpid()}-mine1234")
    _copies(tmp_path, "labs-grading-notes", "labs-grading-", days=9)
    kept = {f"labs-grading-{os.getpid()}-mine1234", "labs-grading-notes", "labs-grading-"}
    assert _grade_in(tmp_path, monkeypatch) == kept


def test_what_was_left_is_removed_whatever_its_process_number_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The number is another process's by now, or an earlier version wrote none.
    _copies(tmp_path, f"labs-grading-{os.getpid()}-abcdefgh", "labs-grading-w6sln5lv", days=1.1)
    _copies(tmp_path, "labs-grading-w6sln5lw", days=0.5)
    assert _grade_in(tmp_path, monkeypatch) == {"labs-grading-w6sln5lw"}


def test_what_a_living_grader_holds_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    nobody = max(psutil.pids()) + 100_000
    with course_without_answers() as (engine, _):
        package = engine.parent
        # As another container sees it: its process has no number here, and it has been at work for days.
        seen = package.rename(tmp_path / f"labs-grading-{nobody}-abcdefgh")
        _copies(tmp_path, "labs-grading-w6sln5lv", days=2)
        os.utime(seen, (0, 0))
        with course_without_answers():
            pass
        assert [place.name for place in tmp_path.iterdir()] == [seen.name]
        seen.rename(package)
    assert list(tmp_path.iterdir()) == []


def test_what_other_users_left_stays_and_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = max(psutil.pids()) + 100_000
    _copies(tmp_path, f"labs-grading-{nobody}-abcdefgh", days=2)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"labs-grading-{nobody}-linked12").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert len(_grade_in(tmp_path, monkeypatch)) == 3


def test_groups_of_killed_graders_are_removed() -> None:
    _needs_groups()
    group = accounting.make_group()
    assert group is not None
    left = group.folder.with_name(f"labs-grading-{max(psutil.pids()) + 100_000}-0")
    left.mkdir()
    group.remove()
    again = accounting.make_group()
    assert again is not None
    again.remove()
    assert not left.exists()
