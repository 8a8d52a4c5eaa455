"""A made-up home that mcpconf writes to and a real host reads, behind walls: no network, nothing else to write to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hosts.real.installed import program, store
from tests.hosts.real.wanted import PLACES, VARIABLES, Facts, wanted
from tests.hosts.real.watched import MODEL, PORT

SOURCES = Path(__file__).resolve().parents[3]
MANIFEST = Path(__file__).parent / "manifest.yaml"
TELL = [sys.executable, "-I", "-S", str(SOURCES / "tests/toys/telling.py")]
WEB = f"http://127.0.0.1:{PORT}"
HOME = "/home/dev"
PROJECT = f"{HOME}/project"
SECONDS = 90
MODEL_OF_A_HOST = {
    "ANTHROPIC_BASE_URL": f"{WEB}{MODEL}",
    "ANTHROPIC_API_KEY": "none",
    "GEMINI_API_KEY": "none",
    "GOOGLE_GEMINI_BASE_URL": f"{WEB}{MODEL}",
    "OPENAI_BASE_URL": f"{WEB}{MODEL}v1",
    "OPENAI_API_KEY": "none",
    "OPENAI_MODEL": "toy",
    "COPILOT_PROVIDER_BASE_URL": f"{WEB}{MODEL}v1",
    "COPILOT_MODEL": "toy",
    "COPILOT_OFFLINE": "true",
}
"""Variables by which hosts take the model that notes what it is asked."""


@dataclass(frozen=True)
class Household:
    """`folder` stands for a whole machine; within the walls its home is at HOME, as what mcpconf writes says.

    Servers write down what they get to know in the folder `records` of the home.
    """

    host: str
    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / HOME.removeprefix("/")

    @property
    def records(self) -> Path:
        return self.home / "records"

    @property
    def etc(self) -> Path:
        """Where it is there, the host takes it for `/etc`."""
        return self.folder / "etc"

    @classmethod
    def of(cls, host: str, folder: Path, *, project: bool = True) -> Household:
        household = cls(host, folder)
        for path in ("project", "work", "records"):
            (household.home / path).mkdir(parents=True)
        facts = {"os": "linux", "home": HOME, "user": "dev", "env": VARIABLES}
        (folder / "machine.yaml").write_text(json.dumps(facts), "utf-8")
        text = MANIFEST.read_text("utf-8")
        household.say(text if project else text.replace("servers: [mine, shared]", "servers: []"))
        return household

    def say(self, text: str) -> None:
        """The manifest, in which words stand for what differs between machines."""
        for word, meaning in (
            ("[TELL", "[" + ", ".join(map(json.dumps, TELL))),
            ("RECORDS", f"{HOME}/records"),
            ("WEB", WEB),
            ("HOST", self.host),
        ):
            text = text.replace(word, meaning)
        (self.folder / "mcpconf.yaml").write_text(text, "utf-8")

    def forget(self) -> None:
        """What servers wrote down."""
        for path in self.records.iterdir():
            path.unlink()

    def write(self, path: str, text: str) -> None:
        """Below the home."""
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def mcpconf(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run(*words, "--root", str(self.folder))

    def export(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run("export", *words, "--machine", str(self.folder / "machine.yaml"))

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "mcpconf", *words, "-m", str(self.folder / "mcpconf.yaml")]
        return subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False)

    def wanted(self) -> dict[str, Facts]:
        return wanted(TELL, f"{HOME}/records", WEB, HOME)

    def ask(self, *words: str, where: str = PROJECT) -> subprocess.CompletedProcess[str]:
        """What the host says, started in `where`."""
        return subprocess.run(
            self.walled(where, *program(self.host), *words),
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )

    def open(self, *words: str, where: str = PROJECT) -> subprocess.Popen[str]:
        """The host as a process that is talked to."""
        return subprocess.Popen(
            self.walled(where, *program(self.host), *words),
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def walled(self, where: str, *command: str) -> list[str]:
        """All of this machine can be read but homes and temporary files, and only this household written to."""
        readable = [str(SOURCES), str(store()), sys.prefix, sys.base_prefix]
        kept = [word for path in readable for word in ("--ro-bind", path, path)]
        kept += ["--ro-bind", str(self.etc), "/etc"] if self.etc.is_dir() else []
        watched = [sys.executable, "-m", "tests.hosts.real.watched", f"{HOME}/records/requests"]
        return [
            *("bwrap", "--die-with-parent", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"),
            *("--tmpfs", "/tmp", "--tmpfs", str(Path("~root").expanduser()), "--tmpfs", "/home", *kept),
            *("--bind", str(self.home), HOME, "--chdir", where, *watched, *command),
        ]

    def running(self) -> dict[str, Facts]:
        """What servers got to know of themselves, by server: of those that were started, and those that were asked."""
        seen: dict[str, Facts] = {}
        for path in self.records.glob("*.*"):
            told = json.loads(path.read_text("utf-8"))
            seen[path.name.rpartition(".")[0]] = {"enabled": True, "transport": "stdio", **told}
        asked = self._asked()
        paths = {request["path"].partition("?")[0] for request in asked if request["method"] == "POST"}
        for name, place in PLACES.items():
            mine = [request for request in asked if request["path"].partition("?")[0] == place]
            transport = "sse" if place == PLACES["events"] and "/messages" in paths else "http"
            if mine and (transport == "sse" or place in paths):
                url, headers = WEB + mine[0]["path"], mine[0]["headers"]
                seen[name] = {"enabled": True, "transport": transport, "url": url, "headers": headers}
        return seen

    def offered(self) -> list[str]:
        """The names of the tools that a model was offered, in any of the ways in which hosts offer them."""
        file = self.records / "model"
        told = [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []
        tools = [tool for request in told for tool in request.get("tools") or ()]
        each = [item for tool in tools for item in tool.get("functionDeclarations", [tool.get("function", tool)])]
        return sorted({tool["name"] for tool in each if "name" in tool})

    def _asked(self) -> list[dict[str, Any]]:
        file = self.records / "requests"
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": HOME,
            "PATH": f"{Path(program('node')[0]).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "PYTHONPATH": str(SOURCES),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "NO_COLOR": "1",
            "DISABLE_AUTOUPDATER": "1",
            **MODEL_OF_A_HOST,
            **VARIABLES,
        }
