"""One pair of programs with a directory of its own: what the workloads drive."""

import concurrent.futures
import json
import os
from pathlib import Path

from harness.daemon import Daemon, neutral_config, write_config
from harness.programs import Programs

ENVIRONMENT_ENTRIES = 60
ENVIRONMENT_BYTES = 3633
CONNECTIONS = 16
STARTED_AT = "2026-01-01T00:00:00.123456789Z"


def environment() -> dict[str, str]:
    """Sixty variables as a login shell has them: 3,633 bytes of NAME=VALUE."""
    variables = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
    for number in range(ENVIRONMENT_ENTRIES - 1):
        variables[f"BENCH_VARIABLE_{number:02}"] = ""
    used = sum(len(name) + len(value) + 1 for name, value in variables.items())
    each, more = divmod(ENVIRONMENT_BYTES - used, ENVIRONMENT_ENTRIES - 1)
    for number in range(ENVIRONMENT_ENTRIES - 1):
        length = each + (1 if number < more else 0)
        variables[f"BENCH_VARIABLE_{number:02}"] = "x" * length
    return variables


class Subject:
    """A daemon that runs, and the client that goes with it."""

    def __init__(self, name: str, pairing: str, directory: Path, preloaded: int = 0):
        self.name = name
        self.programs = Programs.of(pairing)
        self.directory = directory
        self.variables = environment()
        directory.mkdir(parents=True)
        (directory / "data").mkdir()
        config = directory / "pueue.yml"
        write_config(config, neutral_config(directory))
        self.daemon = Daemon(
            self.programs.daemon, config, directory / "data", directory / "daemon.log"
        )
        self.daemon.environment = {"PATH": "/usr/bin:/bin", "HOME": str(directory), "TZ": "UTC"}
        imported = preloaded > 0 and pairing == "R/R"
        if imported:
            self._write_state(preloaded)
        self.daemon.start(deadline=60)
        if preloaded > 0 and not imported:
            self._run_no_ops(preloaded)

    def stop(self):
        self.daemon.stop(deadline=60)

    def client_command(self, *words: str) -> list[str]:
        config = str(self.directory / "pueue.yml")
        return [str(self.programs.client), "--config", config, *words]

    def client_environment(self) -> dict[str, str]:
        return self.variables | {"HOME": str(self.directory), "TZ": "UTC"}

    # Requests without a client: to set up, and to measure the daemon alone.

    def ask(self, request) -> dict:
        with self.daemon.connect() as connection:
            return self._checked(connection.ask(request))

    def _checked(self, reply) -> dict:
        if not isinstance(reply, dict) or "Failure" in reply:
            raise RuntimeError(f"{self.name}: {reply}")
        return reply

    def add_request(self, command: str, priority: int = 0) -> dict:
        return {
            "Add": {
                "command": command,
                "path": str(self.directory),
                "envs": self.variables,
                "start_immediately": False,
                "stashed": False,
                "group": "default",
                "enqueue_at": None,
                "dependencies": [],
                "priority": priority,
                "label": None,
            }
        }

    def add_all(self, commands: list[str]):
        """In no order: over several connections, so that they wait for the disk together."""
        if len(commands) < CONNECTIONS:
            self._add_some(commands)
            return
        shares = [commands[first::CONNECTIONS] for first in range(CONNECTIONS)]
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(self._add_some, shares))

    def _add_some(self, commands: list[str]):
        with self.daemon.connect() as connection:
            for command in commands:
                self._checked(connection.ask(self.add_request(command)))

    def pause(self):
        self.ask({"Pause": {"tasks": {"Group": "default"}, "wait": False}})

    def resume(self):
        self.ask({"Start": {"tasks": {"Group": "default"}}})

    def parallel(self, slots: int):
        self.ask({"Parallel": {"parallel_tasks": slots, "group": "default"}})

    def finished(self) -> list[dict]:
        """The results of all tasks that have ended."""
        tasks = self.daemon.state()["tasks"].values()
        return [task["status"]["Done"] for task in tasks if "Done" in task["status"]]

    # Many finished tasks

    def _write_state(self, count: int):
        """The reference reads its state from a file; running the tasks would take an hour."""
        variables = self.variables | {"PUEUE_GROUP": "default", "PUEUE_WORKER_ID": "0"}
        times = dict.fromkeys(("enqueued_at", "start", "end"), STARTED_AT)
        done = times | {"result": "Success"}
        task = {
            "created_at": STARTED_AT,
            "original_command": "true",
            "command": "true",
            "path": str(self.directory),
            "envs": variables,
            "group": "default",
            "dependencies": [],
            "priority": 0,
            "label": None,
            "status": {"Done": done},
        }
        state = {
            "tasks": {str(number): {"id": number} | task for number in range(count)},
            "groups": {"default": {"status": "Running", "parallel_tasks": 1}},
        }
        (self.directory / "data" / "state.json").write_text(json.dumps(state))

    def _run_no_ops(self, count: int):
        self.pause()
        self.parallel(4)
        self.add_all(["true"] * count)
        self.run_to_the_end()
        self.parallel(1)

    def run_to_the_end(self):
        """Resumes the group, returns when a last task of lowest priority runs; no polling."""
        fifo = self.directory / "end"
        if not fifo.exists():
            os.mkfifo(fifo)
        self.ask(self.add_request(f"echo end > {fifo}", priority=-1))
        self.resume()
        fifo.read_text()
