"""The process that is the parent of all tasks: what is left of them when it dies, or its daemon."""

import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

from harness import sandbox, tasks
from harness.check import expect, our_daemon
from harness.daemon import Daemon

MARKS = sandbox.ROOT / "marks"
TASKS_OF_A_LONG_LIFE = 2_000
# The exit status of somebody else's child can be asked for since Linux 6.15.
KERNEL_TELLS = tuple(map(int, os.uname().release.split(".")[:2])) >= (6, 15)


def gated(name: str, code: int) -> str:
    """Leaves a mark, waits until its gate is opened, exits with the code."""
    gate = sandbox.ROOT / name
    if not gate.exists():
        os.mkfifo(gate)
    return f"echo {name} >>{MARKS}; read x <{gate}; exit {code}"


def open_gate(name: str):
    (sandbox.ROOT / name).write_text("\n")


def marks() -> list[str]:
    return sorted(MARKS.read_text().split()) if MARKS.exists() else []


def until_marked(count: int):
    tasks.until(f"{count} marks", lambda: len(marks()) == count)


def busy_daemon(codes: dict[str, int]) -> tuple[Daemon, dict[str, int]]:
    """A daemon with one gated task for each name, all of them running."""
    daemon = our_daemon()
    daemon.start()
    tasks.allow_parallel(daemon)
    ids = {name: tasks.add(daemon, gated(name, code)) for name, code in codes.items()}
    until_marked(len(codes))
    return daemon, ids


def restart_after_crash(daemon: Daemon):
    daemon.kill()
    daemon.start()


def its_own_keeper_dies():
    """The daemon is the parent now: true codes, and a new keeper for what comes next."""
    daemon, ids = busy_daemon({"zero": 0, "seven": 7, "kill": 0})
    first = tasks.kill_keeper(daemon)
    tasks.ask(daemon, {"Kill": {"tasks": {"TaskIds": [ids["kill"]]}, "signal": None}})
    open_gate("seven")
    expect(tasks.until_result(daemon, ids["seven"]) == {"Failed": 7}, "not Failed(7)")
    expect(tasks.until_result(daemon, ids["kill"]) == "Killed", "not Killed")
    new = tasks.add(daemon, "exit 3")
    expect(tasks.until_result(daemon, new) == {"Failed": 3}, "a new task does not run")
    expect(tasks.keeper_of(daemon) != first, "the same keeper")
    expect(tasks.status(daemon, ids["zero"]) == "Running", "the third one is not running")
    # Its death again, with an orphan of the first one still there.
    tasks.kill_keeper(daemon)
    open_gate("zero")
    expect(tasks.until_result(daemon, ids["zero"]) == "Success", "not Success")
    expect(marks() == ["kill", "seven", "zero"], f"ran: {marks()}")
    expect(not paused_groups(daemon), "a group is paused")
    tasks.until("the dead keeper's spool is removed", lambda: not left_behind(daemon).exists())


def left_behind(daemon: Daemon) -> Path:
    return daemon.directory / "keeper" / "spool.dead"


def paused_groups(daemon: Daemon) -> list[str]:
    groups = daemon.state()["groups"].items()
    return [name for name, group in groups if group["status"] != "Running"]


def waiting_starts_reach_the_next_keeper():
    """Given to a keeper that does not read any more, and then dies."""
    daemon = our_daemon()
    daemon.start()
    tasks.allow_parallel(daemon)
    tasks.until_result(daemon, tasks.add(daemon, "true"))
    keeper = tasks.keeper_of(daemon)
    os.kill(keeper, signal.SIGSTOP)
    ids = [tasks.add(daemon, f"echo {i} >>{MARKS}; exit {i}") for i in range(20)]
    begin = time.monotonic()
    daemon.state()
    expect(time.monotonic() - begin < 1, "status waits for the keeper")
    os.kill(keeper, signal.SIGKILL)
    codes = [tasks.until_result(daemon, task) for task in ids]
    expect(codes == ["Success"] + [{"Failed": i} for i in range(1, 20)], f"results: {codes}")
    expect(marks() == sorted(str(i) for i in range(20)), f"ran: {marks()}")


def adopted_keeper_dies():
    daemon, ids = busy_daemon({"zero": 0, "seven": 7, "kill": 0})
    restart_after_crash(daemon)
    tasks.kill_keeper(daemon)
    expect(tasks.until_result(daemon, tasks.add(daemon, "exit 3")) == {"Failed": 3}, "not 3")
    open_gate("zero")
    open_gate("seven")
    # With a signal named, the answer does not wait for the death: it is ours to reap.
    tasks.ask(daemon, {"Kill": {"tasks": {"TaskIds": [ids["kill"]]}, "signal": "SigKill"}})
    results = {name: tasks.until_result(daemon, task) for name, task in ids.items()}
    wanted = {"zero": "Success", "seven": {"Failed": 7}, "kill": "Killed"}
    if not KERNEL_TELLS:
        wanted = {name: "Errored" for name in ids}
    expect(results == wanted, f"results: {results}")
    expect(marks() == ["kill", "seven", "zero"], f"ran: {marks()}")


def exits_are_read_from_the_spool_of_a_dead_keeper():
    daemon, ids = busy_daemon({"seven": 7, "zero": 0})
    daemon.kill()
    open_gate("seven")
    keeper = tasks.keeper_of(daemon)
    tasks.until("one task has ended", lambda: len(sandbox.children(keeper)) == 1)
    tasks.kill_keeper(daemon)
    daemon.start()
    expect(tasks.until_result(daemon, ids["seven"]) == {"Failed": 7}, "not Failed(7)")
    expect(tasks.status(daemon, ids["zero"]) == "Running", "the survivor is not running")


def survivors_of_both_are_watched():
    """What is alive stays Running and can be killed; what is gone is Killed; nothing starts twice."""
    daemon, ids = busy_daemon({"stays": 0, "goes": 0, "signalled": 0})
    processes = sandbox.children(tasks.keeper_of(daemon))
    gone = next(pid for pid in processes if "goes" in Path(f"/proc/{pid}/cmdline").read_text())
    tasks.ask(daemon, {"Parallel": {"parallel_tasks": 1, "group": "default"}})
    waiting = tasks.add(daemon, f"echo waiting >>{MARKS}")
    daemon.kill()
    tasks.kill_keeper(daemon)
    os.kill(gone, signal.SIGKILL)
    tasks.until("it is gone", lambda: tasks.state_of(gone) == "")
    daemon.start()
    expect(tasks.result(daemon, ids["goes"]) == "Killed", "what is gone is not Killed")
    expect(tasks.status(daemon, ids["stays"]) == "Running", "a survivor is not Running")
    expect(paused_groups(daemon) == ["default"], "the group with queued tasks is not paused")
    named = f"watched: {ids['stays']}, {ids['signalled']}"
    expect(named in daemon.log.read_text(), "the survivors are not named in the log")
    tasks.ask(daemon, {"Kill": {"tasks": {"TaskIds": [ids["signalled"]]}, "signal": "SigTerm"}})
    result = tasks.until_result(daemon, ids["signalled"])
    expect(result == ("Killed" if KERNEL_TELLS else "Errored"), f"signalled: {result}")
    # A second crash: it is still found.
    restart_after_crash(daemon)
    expect(tasks.status(daemon, ids["stays"]) == "Running", "not Running after the next restart")
    open_gate("stays")
    result = tasks.until_result(daemon, ids["stays"])
    expect(result == ("Success" if KERNEL_TELLS else "Errored"), f"survivor: {result}")
    expect(tasks.status(daemon, waiting) == "Queued", "a queued task was started")
    expect(marks() == ["goes", "signalled", "stays"], f"ran: {marks()}")


def paused_task_stays_paused():
    daemon, ids = busy_daemon({"seven": 7})
    process = sandbox.children(tasks.keeper_of(daemon))[0]
    tasks.ask(daemon, {"Pause": {"tasks": {"TaskIds": [ids["seven"]]}, "wait": False}})
    tasks.until("it is stopped", lambda: tasks.state_of(process) == "T")
    restart_after_crash(daemon)
    expect(tasks.status(daemon, ids["seven"]) == "Paused", "not Paused after the crash")
    expect(tasks.state_of(process) == "T", "it runs after the crash")
    tasks.kill_keeper(daemon)
    tasks.until_result(daemon, tasks.add(daemon, "true", start_immediately=True))
    expect(tasks.status(daemon, ids["seven"]) == "Paused", "not Paused after the keeper's death")
    expect(tasks.state_of(process) == "T", "it runs after the keeper's death")
    tasks.ask(daemon, {"Start": {"tasks": {"TaskIds": [ids["seven"]]}}})
    tasks.until("it runs", lambda: tasks.state_of(process) == "S")


def input_arrives_before_and_after():
    daemon = our_daemon()
    daemon.start()
    out = sandbox.ROOT / "out"
    task = tasks.add(daemon, f"for i in 1 2 3; do read line; echo $line >>{out}; done; exit 7")
    tasks.until_status(daemon, task, "Running")

    def send(text: str):
        reply = tasks.ask(daemon, {"Send": {"task_id": task, "input": text + "\n"}})
        expect("Success" in reply, f"send {text}: {reply}")
        tasks.until(f"{text} arrives", lambda: out.exists() and out.read_text().endswith(text + "\n"))

    send("before")
    restart_after_crash(daemon)
    send("adopted")
    tasks.kill_keeper(daemon)
    tasks.until_result(daemon, tasks.add(daemon, "true", start_immediately=True))
    send("orphan")
    result = tasks.until_result(daemon, task)
    expect(result == ({"Failed": 7} if KERNEL_TELLS else "Errored"), f"result: {result}")
    expect(out.read_text() == "before\nadopted\norphan\n", out.read_text())


def task_of_a_lost_journal_is_left_alone():
    daemon, _ = busy_daemon({"seven": 7})
    process = sandbox.children(tasks.keeper_of(daemon))[0]
    daemon.kill()
    shutil.rmtree(daemon.directory / "journal")
    (daemon.directory / "state.json").unlink(missing_ok=True)
    daemon.start()
    expect("a task that is in no journal; it was 0" in daemon.log.read_text(), "it is not named")
    expect(not daemon.state()["tasks"], "it became a task")
    expect(tasks.state_of(process) == "S", "it does not run on")


def killing_pueued_by_name_spares_the_keeper():
    daemon, ids = busy_daemon({"seven": 7})
    keeper = tasks.keeper_of(daemon)
    for pid in (keeper, *sandbox.children(keeper)):
        names = Path(f"/proc/{pid}/comm").read_text() + Path(f"/proc/{pid}/cmdline").read_text()
        expect("pueued" not in names, f"pkill pueued would find {names!r}")
    daemon.kill()
    open_gate("seven")
    daemon.start()
    expect(tasks.until_result(daemon, ids["seven"]) == {"Failed": 7}, "not Failed(7)")


def keeper_that_stands_still_holds_up_starts_only():
    daemon, ids = busy_daemon({"seven": 7})
    keeper = tasks.keeper_of(daemon)
    os.kill(keeper, signal.SIGSTOP)
    late = tasks.add(daemon, "exit 3")
    for _ in range(20):
        begin = time.monotonic()
        daemon.state()
        expect(time.monotonic() - begin < 1, "status waits for the keeper")
    open_gate("seven")
    os.kill(keeper, signal.SIGCONT)
    expect(tasks.until_result(daemon, late) == {"Failed": 3}, "the start did not arrive")
    expect(tasks.until_result(daemon, ids["seven"]) == {"Failed": 7}, "not Failed(7)")


def keeper_without_its_socket_is_found():
    daemon, ids = busy_daemon({"seven": 7})
    keeper = tasks.keeper_of(daemon)
    daemon.kill()
    (daemon.directory / "keeper" / "control").unlink()
    daemon.start()
    expect(tasks.keeper_of(daemon) == keeper, "another keeper")
    open_gate("seven")
    expect(tasks.until_result(daemon, ids["seven"]) == {"Failed": 7}, "not Failed(7)")


def tasks_of_another_boot_are_gone():
    """The files say so: the same process numbers mean nothing."""
    daemon, ids = busy_daemon({"ended": 7, "running": 0})
    daemon.kill()
    open_gate("ended")
    keeper = tasks.keeper_of(daemon)
    tasks.until("one task has ended", lambda: len(sandbox.children(keeper)) == 1)
    survivor = sandbox.children(keeper)[0]
    tasks.kill_keeper(daemon)
    boot = bytes.fromhex(Path("/proc/sys/kernel/random/boot_id").read_text().strip().replace("-", ""))
    spool = daemon.directory / "keeper" / "spool"
    spool.write_bytes(with_boot(spool.read_bytes(), boot, bytes(16)))
    daemon.start()
    expect(tasks.result(daemon, ids["ended"]) == {"Failed": 7}, "the exit does not count")
    expect(tasks.result(daemon, ids["running"]) == "Killed", "it is not gone")
    expect(tasks.state_of(survivor) != "", "a stranger with its number was killed")


def with_boot(spool: bytes, old: bytes, new: bytes) -> bytes:
    """The records of another boot, their checksums made right."""
    records = b""
    at = 0
    while spool[at : at + 4] == b"PPSL":
        length = int.from_bytes(spool[at + 8 : at + 10], "little")
        body = spool[at + 8 : at + length].replace(old, new)
        records += b"PPSL" + crc32c(body).to_bytes(4, "little") + body
        at += length
    return records


def crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def keeper_dies_while_tasks_start():
    """Again and again. Nothing runs twice, whatever the keeper had not come to."""
    chance = random.Random(1)
    daemon = our_daemon()
    daemon.start()
    tasks.allow_parallel(daemon, 4)
    added: dict[int, int] = {}
    for _ in range(30):
        with daemon.connect() as connection:
            for _ in range(chance.randint(1, 20)):
                number = len(added)
                command = f"echo {number} >>{MARKS}; exit {number % 200}"
                reply = connection.ask(tasks.request_add(command))
                added[reply["AddedTask"]["task_id"]] = number
        tasks.kill_keeper(daemon)
    for task, number in added.items():
        result = tasks.until_result(daemon, task)
        wanted = {"Failed": number % 200} if number % 200 else "Success"
        expect(result == wanted, f"task {task}: {result}, not {wanted}")
    expect(marks() == sorted(map(str, added.values())), "not every task ran once")
    expect(not paused_groups(daemon), "a group is paused")


def keeper_of_another_build_is_replaced_when_it_is_empty():
    daemon = our_daemon()
    program = daemon.program
    daemon.program = another_build(program)
    daemon.start()
    task = tasks.add(daemon, gated("seven", 7))
    until_marked(1)
    keeper = tasks.keeper_of(daemon)
    daemon.kill()
    daemon.program = program
    daemon.start()
    tasks.allow_parallel(daemon)
    expect(tasks.until_result(daemon, tasks.add(daemon, "exit 3")) == {"Failed": 3}, "not 3")
    expect(tasks.keeper_of(daemon) == keeper, "it was replaced while it had a task")
    open_gate("seven")
    expect(tasks.until_result(daemon, task) == {"Failed": 7}, "not Failed(7)")
    tasks.until("it is replaced", lambda: tasks.keeper_of(daemon) != keeper)
    expect(tasks.until_result(daemon, tasks.add(daemon, "exit 4")) == {"Failed": 4}, "not 4")
    expect(not paused_groups(daemon), "a group is paused")


def another_build(program: Path) -> Path:
    """The same program under another build id."""
    content = program.read_bytes()
    note = content.index(b"\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0") + 16
    other = sandbox.ROOT / "pueued-of-another-build"
    other.write_bytes(content[:note] + bytes([content[note] ^ 1]) + content[note + 1 :])
    other.chmod(0o755)
    return other


def full_disk_loses_no_exit():
    """Where the spool cannot be written, the keeper knows; and says so."""
    if not is_root():
        return
    daemon = our_daemon()
    directory = daemon.directory / "keeper"
    directory.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "none", directory], check=True)
    try:
        daemon.start()
        tasks.allow_parallel(daemon)
        running = tasks.add(daemon, gated("zero", 0))
        until_marked(1)
        with open(directory / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(1024)):
                    pass
            except OSError:
                pass
        ids = [tasks.add(daemon, f"exit {code}") for code in range(1, 200)]
        results = [tasks.until_result(daemon, task) for task in ids]
        expect(results == [{"Failed": code} for code in range(1, 200)], f"results: {results}")
        restart_after_crash(daemon)
        expect("could not write its spool" in daemon.log.read_text(), "nobody was told")
        open_gate("zero")
        expect(tasks.until_result(daemon, running) == "Success", "not Success")
    finally:
        sandbox.kill_descendants()
        subprocess.run(["umount", "-l", directory], check=True)


def is_root() -> bool:
    return os.geteuid() == 0


def strangers_are_turned_away():
    """Even where somebody has opened the directory and the socket to all."""
    if not is_root():
        return
    daemon, ids = busy_daemon({"seven": 7})
    control = daemon.directory / "keeper" / "control"
    opened = {sandbox.ROOT: 0o755, daemon.directory: 0o755, control.parent: 0o711, control: 0o666}
    for path, mode in opened.items():
        path.chmod(mode)
    hello = struct.pack("<IHHIIQHHi", 0x52504B50, 1, 1, 32, 0, 1, 1, 1, os.getpid())
    script = f"""
import os, socket
os.setgid(65534); os.setuid(65534)
connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
connection.connect({str(control)!r})
try:
    connection.send({hello!r})
    print(len(connection.recv(1000)))
except OSError:
    print(0)
"""
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    expect(said.stdout == "0\n", f"a stranger was answered: {said}")
    open_gate("seven")
    expect(tasks.until_result(daemon, ids["seven"]) == {"Failed": 7}, "not Failed(7)")


def program_on_a_file_system_that_hangs_holds_up_its_own_task():
    if not is_root() or not os.access("/dev/fuse", os.W_OK):
        return
    mount = sandbox.ROOT / "hangs"
    mount.mkdir()
    fuse = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={fuse},rootmode=40000,user_id=0,group_id=0,allow_other"
    sandbox.mount("fuse", mount, "fuse", options)
    answer_the_first_request(fuse)
    try:
        daemon = our_daemon()
        daemon.start()
        tasks.allow_parallel(daemon)
        hangs = [
            tasks.add(daemon, "true", path=str(mount / "directory")),
            tasks.add(daemon, f"exec {mount}/program"),
        ]
        for code in range(1, 20):
            task = tasks.add(daemon, f"exit {code}")
            expect(tasks.until_result(daemon, task) == {"Failed": code}, f"not {code}")
        for task in hangs:
            expect(tasks.status(daemon, task) == "Running", f"task {task} does not hang")
        # Both at once: the kernel lets one look into the directory, and the other waits behind it.
        tasks.ask(daemon, {"Kill": {"tasks": {"TaskIds": hangs}, "signal": "SigKill"}})
        results = [tasks.until_result(daemon, task) for task in hangs]
        expect(results == ["Killed", "Killed"], f"results: {results}")
    finally:
        os.close(fuse)  # whoever still waits gets an error
        subprocess.run(["umount", "-l", mount], check=True)


def answer_the_first_request(fuse: int):
    """FUSE_INIT; nothing after it is ever answered."""
    unique = struct.unpack_from("<IIQ", os.read(fuse, 65536))[2]
    answer = struct.pack("<IIIIHHI", 7, 31, 0, 0, 0, 0, 4096) + bytes(40)
    os.write(fuse, struct.pack("<IiQ", 16 + len(answer), 0, unique) + answer)


def keeper_of_the_program_stays_small():
    """tests/keeper says the same of a keeper that is nothing else; this is the one that users have."""
    daemon = our_daemon()
    daemon.start()
    tasks.allow_parallel(daemon, 16)
    before = len(os.listdir(f"/proc/{tasks.keeper_of(daemon)}/fd"))
    with daemon.connect() as connection:
        for _ in range(TASKS_OF_A_LONG_LIFE):
            connection.ask(tasks.request_add("true"))
    last = tasks.add(daemon, "exit 7")
    expect(tasks.until_result(daemon, last) == {"Failed": 7}, "not Failed(7)")
    keeper = tasks.keeper_of(daemon)
    tasks.until("it has no child", lambda: not sandbox.children(keeper))
    rollup = Path(f"/proc/{keeper}/smaps_rollup").read_text()
    dirty = next(int(line.split()[1]) for line in rollup.splitlines() if "Private_Dirty" in line)
    expect(dirty <= 1536, f"{dirty} KiB private")
    expect(len(os.listdir(f"/proc/{keeper}/fd")) == before, "it holds more descriptors")


CHECKS = [
    keeper_dies_while_tasks_start,
    keeper_of_another_build_is_replaced_when_it_is_empty,
    full_disk_loses_no_exit,
    strangers_are_turned_away,
    program_on_a_file_system_that_hangs_holds_up_its_own_task,
    keeper_of_the_program_stays_small,
    its_own_keeper_dies,
    waiting_starts_reach_the_next_keeper,
    adopted_keeper_dies,
    exits_are_read_from_the_spool_of_a_dead_keeper,
    survivors_of_both_are_watched,
    paused_task_stays_paused,
    input_arrives_before_and_after,
    task_of_a_lost_journal_is_left_alone,
    killing_pueued_by_name_spares_the_keeper,
    keeper_that_stands_still_holds_up_starts_only,
    keeper_without_its_socket_is_found,
    tasks_of_another_boot_are_gone,
]
