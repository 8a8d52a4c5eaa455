"""Machines to measure on: so many servers in each of so many host files."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.world import World

USER_FILES = ("~/.claude.json", "~/.codex/config.toml", "~/.cursor/mcp.json", "~/.config/Code/User/mcp.json")
HOSTS = "{claude-code: {}, cursor: {}, vscode: {}, codex: {}}"
PROJECT_FILES = (".mcp.json", ".vscode/mcp.json")


@dataclass(frozen=True, slots=True)
class Bench:
    """A machine that can be put back to where nothing was written yet."""

    world: World
    files: int

    @property
    def projects(self) -> list[str]:
        return [f"/home/dev/src/p{number}" for number in range((self.files - len(USER_FILES) + 1) // 2)]

    @property
    def written(self) -> list[Path]:
        """The files that hold servers after an apply."""
        return [self.world.path(path) for path in self._paths]

    @property
    def _paths(self) -> list[str]:
        return [*USER_FILES, *(f"{project}/{name}" for project in self.projects for name in PROJECT_FILES)]

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "mcpconf", *self.world._placed(words)]

    def blank(self) -> None:
        home = self.world.path("~")
        shutil.rmtree(home)
        for path in self._paths:
            self.world.write(path, "" if path.endswith("toml") else "{}\n")

    def applied(self) -> Bench:
        """This machine, in sync."""
        self.blank()
        done = self.world.spawn("apply", "--yes", "--format", "json")
        assert done.code == 0, done.stderr + done.stdout[-2000:]
        assert self.world.spawn("verify").code == 0
        return self

    def forget_verdict(self) -> None:
        """Let the next plan be worked out, as after a change that needs no plan."""
        (self.world.path("~/.local/state/mcpconf") / "verdict").unlink(missing_ok=True)


def bench(folder: Path, servers: int, files: int) -> Bench:
    """Four user files, the rest project files, the same `servers` in each."""
    made = Bench(World(folder), files)
    lines = ["mcpconf: 1", "servers:"]
    lines += [
        f'  s{number}: {{package: "npm:@acme/server-{number}", version: "1.{number}.0", args: ["--root", "${{home}}/p{number}"],'
        f" env: {{LEVEL: info}}}}"
        for number in range(servers)
    ]
    lines += [f"hosts: {HOSTS}"]
    if made.projects:
        lines += ["projects:", "  - {path: ~/src/*, hosts: [claude-code, vscode]}"]
    made.world.say("\n".join(lines) + "\n")
    return made
