"""The process that is the parent of all tasks: what is left of them when it dies, or its daemon."""

import os
import signal
import time
from pathlib import Path

from harness import sandbox, tasks
from harness.check import expect, our_daemon
from harness.daemon import Daemon

MARKS = sandbox.ROOT / "marks"
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


CHECKS = [
    its_own_keeper_dies,
    waiting_starts_reach_the_next_keeper,
    adopted_keeper_dies,
    exits_are_read_from_the_spool_of_a_dead_keeper,
    survivors_of_both_are_watched,
    paused_task_stays_paused,
    input_arrives_before_and_after,
    killing_pueued_by_name_spares_the_keeper,
    keeper_that_stands_still_holds_up_starts_only,
    keeper_without_its_socket_is_found,
    tasks_of_another_boot_are_gone,
]
