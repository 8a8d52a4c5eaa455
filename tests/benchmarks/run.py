"""Benchmarks: `python -m tests.benchmarks.run [--runs N]`. CPU seconds of whole processes, medians, and ratios in one run.

Machines are noisy, so the ratio to a bare interpreter says more than the seconds.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.world import World

HOSTS = "{claude-code: {}, cursor: {}, vscode: {}, codex: {}}"


def manifest(servers: int, projects: Sequence[str]) -> str:
    lines = ["mcpconf: 1", "servers:"]
    lines += [
        f'  s{number}: {{package: "npm:@acme/server-{number}", version: "1.{number}.0", args: ["--root", "${{home}}/p{number}"],'
        f" env: {{LEVEL: info}}}}"
        for number in range(servers)
    ]
    lines += [f"hosts: {HOSTS}", "projects:"]
    lines += [f"  - {{path: {path}, hosts: [claude-code, vscode]}}" for path in projects]
    return "\n".join(lines if projects else lines[:-1]) + "\n"


def world(folder: Path, servers: int, files: int) -> World:
    """A machine in sync: four user files, the rest project files, `servers` entries in each."""
    made = World(folder)
    projects = [f"/home/dev/src/p{number}" for number in range((files - 4 + 1) // 2)]
    for path in projects:
        made.path(path).mkdir(parents=True)
    for path in ("~/.claude.json", "~/.codex/config.toml", "~/.cursor/mcp.json", "~/.config/Code/User/mcp.json"):
        made.write(path, "" if path.endswith("toml") else "{}\n")
    made.say(manifest(servers, projects))
    done = made.spawn("apply", "--yes", "--format", "json")
    assert done.code == 0, done.stderr + done.stdout[-2000:]
    return made


def cpu(command: Sequence[str], runs: int) -> tuple[float, int]:
    """Median CPU seconds of a command after one warm-up, and its largest memory in MB."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    seconds = []
    for _ in range(runs + 1):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=False, capture_output=True, env=environment)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(seconds[1:]), after.ru_maxrss // 1024


def edit_five_megabytes() -> float:
    """CPU seconds to change one entry of a 5 MB JSON file, beside json.loads; without cycle search, as commands run."""
    from mcpconf.formats import FORMATS

    gc.disable()

    servers = {
        f"s{n}": {"command": "npx", "args": ["-y", f"@acme/s{n}@1.0.0"], "env": {"A": "x" * 60}} for n in range(26000)
    }
    text = json.dumps({"numStartups": 3, "mcpServers": servers}, indent=2)
    path = ("mcpServers", "s25000", "args")
    FORMATS["json"].put('{"mcpServers": {}}', ("mcpServers", "x"), {"a": 1})
    start = time.process_time()
    FORMATS["json"].put(text, path, ["-y", "@acme/other@2.0.0"])
    taken = time.process_time() - start
    start = time.process_time()
    json.loads(text)
    print(
        f"edit of {len(text) / 1e6:.1f} MB JSON: {taken:.3f} s CPU, {taken / (time.process_time() - start):.1f} x json.loads"
    )
    return taken


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--files", type=int, nargs="*", default=[10, 100, 1000])
    options = parser.parse_args()
    run: Callable[..., tuple[float, int]] = lambda *words: cpu([sys.executable, "-m", "mcpconf", *words], options.runs)  # noqa: E731
    bare, _ = cpu([sys.executable, "-c", "pass"], options.runs)
    print(f"python -c pass: {bare * 1000:.0f} ms CPU")
    for words in (["--version"], ["--help"]):
        seconds, _ = run(*words)
        print(f"{' '.join(words)}: {seconds * 1000:.0f} ms CPU, {seconds / bare:.1f} x bare python")
    with tempfile.TemporaryDirectory() as folder:
        _plans(Path(folder), options.files, run, bare)
    edit_five_megabytes()


def _plans(folder: Path, sizes: Sequence[int], run: Callable[..., tuple[float, int]], bare: float) -> None:
    shapes = [(100, 10)] + [(5, files) for files in sizes]
    for servers, files in shapes:
        made = world(folder / f"{servers}x{files}", servers, files)
        seconds, memory = run("plan", "-m", str(made.manifest), "--root", str(made.root), "--detailed-exitcode")
        print(
            f"plan without changes, {servers} servers in each of {files} files: {seconds * 1000:.0f} ms CPU,"
            f" {seconds / bare:.1f} x bare python, {memory} MB"
        )


if __name__ == "__main__":
    main()
