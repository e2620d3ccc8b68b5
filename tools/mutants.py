#!/usr/bin/env python3
"""Shows that the simulator can fail: puts one bug at a time into a copy of the tree, and runs seeds
until one of them finds it.

    tools/mutants.py [--seeds N]      each bug must be found by one of the first N (default 200)

The last line is `N passed, N failed`. The copy and its build are in build/mutants.
"""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COPY = os.path.join(ROOT, "build", "mutants", "tree")
BUILD = os.path.join(ROOT, "build", "mutants", "build")

# what goes wrong, file, the text as it is, the text with the bug
MUTANTS = [
    ("the exit of an earlier attempt ends the present one", "daemon/core/on_child.cpp",
     "task->key() == key ? task", "key.task == task->id ? task"),
    ("the exit of a start that a power cut took from the record is dropped", "daemon/core/on_child.cpp",
     "return is_next ? task", "return is_next && key.attempt.value == 0 ? task"),
    ("what a lost keeper ran is run again", "daemon/core/on_child.cpp",
     "return task.attempt->keeper == report.keeper || report.nothing_lost;",
     "return task.attempt->keeper == report.keeper || !task.status.is<Locked>();"),
    ("the answer to a change does not wait for the disk", "daemon/core/step.hpp",
     "act(Reply{session, std::move(answer), Waits::durable});",
     "act(Reply{session, std::move(answer), Waits::written});"),
    ("a failed dependency fails nobody", "daemon/core/scheduler.cpp",
     "for (auto doomed = step.indexes().doomed(); !doomed.empty();",
     "for (auto doomed = step.indexes().doomed(); doomed.size() > 1;"),
    ("a paused task lets another one start", "daemon/core/operations.cpp",
     "step.record(TaskPaused{task.id});", "step.record(TaskPaused{task.id}); step.act(SignalTask{task.key(), sigkill});"),
]


def run(*words, **more):
    return subprocess.run(words, stdin=subprocess.DEVNULL, text=True, check=False, **more)


def copy_tree():
    """What did not change keeps its time, so that little is built again."""
    listed = run("git", "-C", ROOT, "ls-files", "-z", capture_output=True).stdout
    for name in filter(None, listed.split("\0")):
        source, target = os.path.join(ROOT, name), os.path.join(COPY, name)
        if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            shutil.copy(source, target)


def built():
    words = "cmake", "--build", BUILD, "-j", str(os.cpu_count() or 2), "--target", "sim_runner"
    made = run(*words, capture_output=True)
    if made.returncode != 0:
        print(made.stdout[-3000:] + made.stderr[-1000:])
    return made.returncode == 0


def finding(seeds):
    """What the first seed that finds something says; None if none does."""
    program = os.path.join(BUILD, "tests", "bin", "sim_runner")
    ran = run(program, "--from", "1", "--count", str(seeds), capture_output=True)
    if ran.returncode == 0:
        return None
    lines = [line for line in (ran.stdout + ran.stderr).splitlines() if line.strip()]
    return " / ".join(lines[-2:])[:300] or f"exit code {ran.returncode}"


def try_mutant(name, file, before, after, seeds):
    path = os.path.join(COPY, file)
    with open(path, encoding="utf-8") as source:
        text = source.read()
    if text.count(before) != 1:
        print(f"not found: {name}: {file} does not hold the text once that the bug replaces")
        return False
    with open(path, "w", encoding="utf-8") as source:
        source.write(text.replace(before, after))
    try:
        found = finding(seeds) if built() else None
    finally:
        with open(path, "w", encoding="utf-8") as source:
            source.write(text)
    print(f"{'found' if found else 'NOT FOUND'}: {name}\n    {found or ''}", flush=True)
    return found is not None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    seeds = parser.parse_args().seeds
    copy_tree()
    run("cmake", "-S", COPY, "--preset", "dev", "-B", BUILD, cwd=COPY, stdout=subprocess.DEVNULL)
    if not built() or (said := finding(seeds)) is not None:
        print(f"NOT CLEAN: without a bug the simulator says {said if built() else 'nothing, it does not build'}")
        print("0 passed, 1 failed")
        return 1
    results = [try_mutant(*mutant, seeds) for mutant in MUTANTS]
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
