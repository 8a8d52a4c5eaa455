"""Benchmarks: `python -m tests.benchmarks.run`. CPU seconds of whole processes, medians, and ratios in one run.

Machines are noisy, so a ratio to a tool that ran beside says more than the seconds. Tools that are not installed are left
out; `--peers FOLDER` names a folder of programs beside those on the path.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.limits import KINDS, Costs, limits
from tests.benchmarks.machines import Bench, bench
from tests.benchmarks.measure import Cost, measure
from tests.benchmarks.peers import PEERS, Task

COMMANDS = (
    ("--help",),
    *((name,) for name in ("validate", "render", "plan", "status", "verify", "hosts", "doctor")),
    ("show", "state"),
)
SERVERS = 5


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.run", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--files", type=int, nargs="*", default=[10, 100, 1000, 10000])
    parser.add_argument("--peers", action="append", default=[], metavar="FOLDER", help="where else to look for them")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        start = _start_up(Path(folder) / "start", options.runs)
        broad = _broad(Path(folder) / "broad", options.runs)
        plans: Costs = {}
        for files in options.files:
            plans |= _compared(Path(folder) / str(files), files, options)
    subprocess.run([sys.executable, "-m", "tests.benchmarks.edit"], check=True)
    subprocess.run([sys.executable, "-m", "tests.benchmarks.tree"], check=True)
    print("\nwhat is left to each limit")
    for limit in limits(start, broad, plans):
        print(f"  {limit}")


def _say(what: str, cost: Cost, beside: Cost, name: str) -> None:
    ratio = f"{cost.seconds / beside.seconds:6.2f} x {name}"
    print(f"  {what:34} {cost.seconds * 1000:8.0f} ms CPU {cost.megabytes:5.0f} MB {ratio}", flush=True)


def _start_up(folder: Path, runs: int) -> dict[str, Cost]:
    print("start-up, on a machine of 5 servers in each of 10 files")
    made = bench(folder, SERVERS, 10).applied()
    bare = measure([sys.executable, "-c", "pass"], runs)
    found = {"--version": measure(made.command("--version"), runs)}
    found |= {" ".join(words): measure(made.command(*words), runs) for words in COMMANDS}
    for command, cost in found.items():
        _say(command, cost, bare, "bare python")
    return found


def _broad(folder: Path, runs: int) -> Cost:
    made = bench(folder, 100, 10).applied()
    made.forget_verdict()
    cost = measure(made.command("plan"), runs)
    print(f"plan of 100 servers in each of 10 files: {cost.seconds * 1000:.0f} ms CPU, {cost.megabytes:.0f} MB")
    return cost


def _compared(folder: Path, files: int, options: argparse.Namespace) -> Costs:
    """The first tool that is there is what the others are compared to: terraform, if it is installed."""
    runs = options.runs if files < 1000 else min(options.runs, 3)
    print(f"5 servers in each of {files:,} files")
    made = bench(folder / "mcpconf", SERVERS, files).applied()
    by_verdict, worked_out = KINDS
    found: Costs = {(by_verdict, files): measure(made.command("plan", "--detailed-exitcode"), runs)}
    made.forget_verdict()
    found[worked_out, files] = measure(made.command("plan", "--detailed-exitcode"), runs)
    applies: dict[str, Cost] = {}
    for peer in PEERS:
        program = peer.find(*options.peers)
        if program is not None and files <= peer.largest:
            place = folder / peer.name
            place.mkdir(parents=True)
            task = peer.prepare(program, place, made.written)
            applies[peer.name] = _apply(task, 1)
            found[peer.name, files] = measure(task.plan, runs, folder=task.folder, environment=task.environment)
    _print_costs("no-op plan", {name: cost for (name, _), cost in found.items()})
    _print_costs("first apply", {"mcpconf": _first_apply(made), **applies})
    return found


def _apply(task: Task, runs: int) -> Cost:
    return measure(task.apply, runs, folder=task.folder, environment=task.environment, before=task.blank)


def _first_apply(made: Bench) -> Cost:
    return measure(made.command("apply", "--yes"), 1, before=made.blank)


def _print_costs(what: str, costs: dict[str, Cost]) -> None:
    name = "terraform" if "terraform" in costs else next(iter(costs))
    for tool, cost in costs.items():
        wrong = f", exit code {cost.code}" if cost.code else ""
        _say(f"{what}, {tool}{wrong}", cost, costs[name], name)


if __name__ == "__main__":
    main()
