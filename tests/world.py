"""A machine in a folder, a manifest beside it, and the command line run on them as a user would."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import yaml

LINUX = {"os": "linux", "home": "/home/dev", "user": "dev"}


EDITING = ("add", "remove", "adopt", "forget", "rename")
"""Commands that write the manifest."""


def hear_interrupts() -> None:
    """For a child process: tests that run in the background of a shell inherit that interrupts are ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _kept(value: object) -> object:
    return value if isinstance(value, str) else json.dumps(value)


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str

    @property
    def json(self):
        return json.loads(self.stdout)


@dataclass
class World:
    """`root` stands for the machine; paths of files are below it, `~` is the home."""

    folder: Path
    facts: dict = field(default_factory=lambda: dict(LINUX))

    @classmethod
    def example(cls, folder: Path, example: Path) -> World:
        """A copy of an example that ships with the project."""
        shutil.copytree(example, folder, dirs_exist_ok=True)
        return cls(folder, yaml.safe_load((folder / "machine" / "machine.yaml").read_text()))

    def __post_init__(self) -> None:
        if (self.root / "machine.yaml").exists():
            return
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "machine.yaml").write_text(yaml.safe_dump(self.facts))
        self.path("~").mkdir(parents=True, exist_ok=True)

    @property
    def root(self) -> Path:
        return self.folder / "machine"

    @property
    def manifest(self) -> Path:
        return self.folder / "mcpconf.yaml"

    def path(self, name: str) -> Path:
        if name == "~" or name.startswith("~/"):
            name = self.facts["home"] + name[1:]
        drive = name[0] + name[2:] if name[1:2] == ":" else name
        return self.root / drive.lstrip("/")

    def write(self, name: str, content: str | bytes) -> Path:
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def keep(self, name: str, items: dict[str, object]) -> Path:
        """What an application keeps by key in the table `ItemTable` of a SQLite file. Text is kept as it is, all else as JSON.

        Behind another name than `.vscdb` the keys are tables, with their rows.
        """
        if not name.endswith(".vscdb"):
            return self.database(name, items)
        return self.database(name, {"ItemTable": [{"key": key, "value": value} for key, value in items.items()]})

    def database(self, name: str, tables: dict[str, list[dict[str, object]]]) -> Path:
        """A SQLite file: the rows of each table, by column."""
        target = self.path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        with closing(sqlite3.connect(target)) as connection, connection:
            for table, rows in tables.items():
                columns = list(dict.fromkeys(key for row in rows for key in row)) or ["key", "value"]
                connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
                told = ([_kept(row.get(column)) for column in columns] for row in rows)
                connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})", told)
        return target

    def read(self, name: str) -> str:
        return self.path(name).read_bytes().decode()

    def track(self, folder: str, *names: str) -> None:
        """Make a folder a git repository whose index holds these files."""
        top = self.path(folder)
        top.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        for words in (["init", "--quiet"], ["add", "--force", "--", *names]):
            subprocess.run(["git", "-C", str(top), *words], check=True, capture_output=True, env=environment)

    def commit(self, author: str, day: str) -> str:
        """Commit the manifest and what lies beside it, but not the machine; gives the commit."""
        identity = {"NAME": author, "EMAIL": "somebody@example.org", "DATE": f"{day}T12:00:00+00:00"}
        environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        for role in ("AUTHOR", "COMMITTER"):
            environment |= {f"GIT_{role}_{key}": value for key, value in identity.items()}
        (self.folder / ".gitignore").write_text(f"/{self.root.name}\n")
        words = (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "change", "--allow-empty"])
        for line in (*words, ["rev-parse", "HEAD"]):
            git = ["git", "-C", str(self.folder), *line]
            done = subprocess.run(git, check=True, capture_output=True, text=True, env=environment)
        return done.stdout.strip()

    def say(self, manifest: str) -> None:
        self.manifest.write_text(manifest)

    def layer(self, name: str, text: str) -> None:
        """A file that the manifest may include, beside it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *arguments: str) -> Ran:
        """In this process: fast, and coverage sees it. `capture` swaps the streams, as a pipe would."""
        import contextlib
        import io

        from mcpconf.cli.door import run

        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([str(item) for item in self._placed(arguments)])
        return Ran(int(code), out.getvalue(), err.getvalue())

    def spawn(self, *arguments: str, **more) -> Ran:
        """In a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "mcpconf", *self._placed(arguments)],
            capture_output=True,
            text=True,
            check=False,
            **more,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def plan(self, *arguments: str) -> dict:
        return self.run("plan", "--format", "json", *arguments).json

    def snapshot(self) -> dict[str, bytes]:
        """Every file of the machine but mcpconf's own, with its bytes."""
        own = self.path("~/.local/state/mcpconf")
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for path in sorted(self.root.rglob("*"))
            if path.is_file() and own not in path.parents
        }

    def _placed(self, arguments: tuple[str, ...]) -> list[str]:
        """Commands that look at a machine get this one and this manifest."""
        words = list(arguments)
        with_manifest = (
            "plan",
            "apply",
            "status",
            "verify",
            "drift",
            "accept",
            "validate",
            "explain",
            "doctor",
            "import",
            "render",
            "export",
            "rollback",
            "lock",
            "install",
            "store",
            "outdated",
            "update",
            "approve",
            "residue",
            "check",
            "diff",
        )
        with_machine = {
            *with_manifest,
            "recover",
            "hosts",
            "show",
            "history",
            "log",
            "backups",
            "destroy",
            "revoke",
        } - {
            "validate",
            "explain",
            "render",
            "export",
            "lock",
            "install",
            "outdated",
            "update",
            "approve",
            "check",
            "diff",
        }
        if words and words[0] == "revoke" and not {"--undo", "--list"} & {*words}:
            words += [] if "-m" in words else ["-m", str(self.manifest)]
        if words[:1] == ["export"]:
            on = ("--root", self.root) if "--sdk" in words else ("--machine", self.root / "machine.yaml")
            words += [on[0], str(on[1])]
        for option in ("--from", "--registry", "--advisories", *(["--out"] if words[:1] == ["export"] else [])):
            at = words.index(option) + 1 if option in words else 0
            if at and "://" not in words[at]:
                words[at] = str(self.folder / words[at])
        if words[:2] == ["vulndb", "build"]:
            words[2:] = [*(str(self.folder / word) for word in words[2:]), "--root", str(self.root)]
        if words[:1] == ["permissions"]:
            words += ["--root", str(self.root)] if words[1:2] == ["show"] else []
            words = [words[0], *map(self._beside, words[1:]), *([] if "-m" in words else ["-m", str(self.manifest)])]
        if words and words[0] in EDITING:
            words[1:1] = ["-m", str(self.manifest)]
        if words and words[0] in with_manifest and not {"-m", "--manifest", "--stdout"} & {*words}:
            words += ["-m", str(self.manifest)]
        if words and words[0] in {*with_machine, "adopt"}:
            words += ["--root", str(self.root)]
        if words and words[0] == "render" and "--machine" not in words:
            words += ["--machine", str(self.root / "machine.yaml")]
        return words

    def _beside(self, word: str) -> str:
        """The path of a file beside the manifest, and of a server in it, as from there."""
        return str(self.folder / word) if (self.folder / word.partition(":")[0]).is_file() else word
