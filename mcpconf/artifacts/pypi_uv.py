"""`uv` as the user has set it up, in a room where nothing else has a say: no folder, no cache, no other variable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mcpconf.artifacts.found import runtime
from mcpconf.errors import Problem
from mcpconf.ports import Facts
from mcpconf.secrets import redact
from mcpconf.workshop import Call, Ran, Workshop

_KEPT = re.compile(
    r"UV_(?:(?:DEFAULT_)?INDEX(?:_\w+)?|EXTRA_INDEX_URL|FIND_LINKS|NO_INDEX|INSECURE_HOST|KEYRING_PROVIDER"
    r"|NATIVE_TLS|SYSTEM_CERTS|CERT|(?:HTTP|SSL|S3|GCS|AZURE|CONCURRENT)_\w+|REQUEST_TIMEOUT|CREDENTIALS_DIR"
    r"|PYTHON_INSTALL_DIR|EXCLUDE_NEWER\w*|OFFLINE|CONFIG_FILE|NO_CONFIG)"
)
"""Variables that say where packages come from and how that is reached (uv 0.13 `--help`, 2026-11)."""

_STEERING = re.compile(r"UV_\w*|PYTHON\w*|VIRTUAL_ENV|CONDA_\w+|__PYVENV_LAUNCHER__")
OLDEST = (0, 13)
"""Before, uv chose other versions for the same question (0.9, 0.11), or told in other words what is wrong (0.12)."""

_VERSION = re.compile(rb"uv ([0-9]{1,6})\.([0-9]{1,6})")
_GET = "install a recent uv, or mcpconf with it: `mcpconf[pypi]`"
_SECONDS = 900.0
_WHEELS = (
    "--require-hashes",
    "--no-deps",
    "--only-binary",
    ":all:",
    "--no-compile-bytecode",
    "--no-sources",
    "--prerelease",
    "allow",
)
_LONGEST_REASON = 300
_LONGEST_TOLD = 32_768
_LONGEST_MATCHED = 8192
_USER_INFORMATION = re.compile(r"//[^/\s@]*@")


@dataclass(frozen=True, slots=True)
class Uv:
    """`room` is the folder that it runs in, removed at the end with all that it downloaded."""

    program: str
    room: str
    workshop: Workshop

    def run(self, *words: str) -> bytes | Problem:
        """What it prints. Raises OSError if the room cannot be written to."""
        ran = self.attempt(*words)
        return ran if isinstance(ran, Problem) else ran.out if ran.code == 0 else failure(told(ran))

    def wheels(self, file: str, *words: str) -> bytes | Problem:
        """Unpack what a file of requirements names, each wheel held to its hash. Nothing is built, nothing else is read."""
        links = () if "--link-mode" in words else ("--link-mode", "copy")
        return self.run("pip", "install", "-r", file, *_WHEELS, *links, *words)

    def attempt(self, *words: str) -> Ran | Problem:
        common = ["--cache-dir", f"{self.room}/cache", "--no-python-downloads", "--no-progress", "--color", "never"]
        if self.workshop.offline and "--offline" not in words:
            common.append("--offline")
        facts = self.workshop.machine.facts
        return self.workshop.programs.run(
            Call((self.program, *words, *common), self.room, _without_steering(facts), _SECONDS)
        )

    def write(self, name: str, text: str) -> str:
        """Put a file into the room, and give its path. Raises OSError."""
        files, path = self.workshop.machine.files, f"{self.room}/{name}"
        files.commit(files.stage(path, text.encode(), 0o600, None))
        return path


@contextmanager
def uv(workshop: Workshop) -> Iterator[Uv | Problem]:
    """A Problem if there is no `uv` that does. The empty `uv.toml` ends the search for one in the folders above."""
    with workshop.trees.room() as room:
        found = _suited(room, workshop)
        if isinstance(found, Uv):
            found.write("uv.toml", "")
        yield found


def _suited(room: str, workshop: Workshop) -> Uv | Problem:
    """The user's own `uv`, unless a project brings it or it is too old, and another one came with mcpconf."""
    problem = Problem("missing", "there is no `uv`, which locks and installs PyPI packages", None, _GET)
    users = runtime(("uv",), workshop.machine)
    if isinstance(users, Problem):
        problem, users = problem if users.kind == "missing" else users, ""
    for program in filter(None, (users, workshop.programs.own("uv"))):
        ran = workshop.programs.run(Call((program, "--version"), room))
        if isinstance(ran, Problem):
            return ran
        match = _VERSION.match(ran.out)
        if match and (int(match[1]), int(match[2])) >= OLDEST:
            return Uv(program, room, workshop)
        version = f"is version {match[1].decode()}.{match[2].decode()}" if match else "tells no version"
        oldest = ".".join(map(str, OLDEST))
        problem = Problem("missing", f"`{program}` {version}, and locks are made alike since {oldest}", None, _GET)
    return problem


def _without_steering(facts: Facts) -> dict[str, str | None]:
    names = (name for name in facts.env if _STEERING.fullmatch(name.upper()))
    return {name: None for name in names if not _KEPT.fullmatch(name.upper())}


def told(ran: Ran) -> str:
    """What uv says went wrong, on one line, without the secrets of addresses and settings."""
    text = ran.err.decode("utf-8", "replace")
    start = max(text.find("error: "), 0)
    return _without_secrets(" ".join(text[start : start + _LONGEST_TOLD].split()))


def _without_secrets(text: str) -> str:
    return redact(_USER_INFORMATION.sub("//", text))


_NAME = r"([A-Za-z0-9][A-Za-z0-9._-]*)"
_ADDRESSED = re.compile(rf"Package `{_NAME}` was included as a URL dependency")
_BUILT = re.compile(rf"Wheels are required for `{_NAME}`|{_NAME}==\S+ has no usable wheels")
_UNFIT = re.compile(rf"{_NAME}==(\S+) has no wheels with a matching")
_UNKNOWN = re.compile(rf"{_NAME} was not found in the (?:package registry|provided package locations)")
_NO_VERSION = re.compile(rf"there (?:is|are) no versions? of {_NAME}==(\S+)")
_MISMATCH = re.compile(rf"Hash mismatch for `{_NAME}==([^`]+)`")
_UNREACHED = re.compile(r"Failed to (?:fetch|download)|error sending request|Request failed|error trying to connect")
_STATUS = re.compile(r"HTTP status \w+ error \(([0-9]{3}[^()]{0,60})")
_UNSOLVED = re.compile(r"No solution found when resolving dependencies(?: cause)?: (.*)")
_HOST = re.compile(r"https?://([^/\s`)]+)")


def failure(text: str) -> Problem:
    """In the words of uv 0.13 (2026-11); what is not known is passed on, without secrets."""
    text = _without_secrets(text[:_LONGEST_MATCHED])
    if match := _MISMATCH.search(text):
        hint = "do not install it; `mcpconf lock --upgrade` only after you know why the bytes changed"
        return Problem("hash", f"the index gives other bytes for `{match[1]}` {match[2]} than the lock has", None, hint)
    if "network was disabled" in text:
        return Problem(
            "missing", "what it needs is not on this machine, and `--offline` asks no index", None, "go online"
        )
    if match := _ADDRESSED.search(text):
        message = f"it depends on `{match[1]}` by an address, and only an index gives versions that can be locked"
        return Problem("not-supported", message, None, "choose a version that names its dependencies by version")
    if match := _BUILT.search(text):
        return unbuilt(match[1] or match[2])
    if match := _UNFIT.search(text):
        return unfit(match[1], match[2])
    if match := _UNKNOWN.search(text):
        return Problem("missing", f"`{match[1]}` does not exist in the package index", None, "check its name")
    if match := _NO_VERSION.search(text):
        return Problem("missing", f"`{match[1]}` has no version {match[2]}", None, "check the version")
    if _UNREACHED.search(text):
        host, status = _HOST.search(text), _STATUS.search(text)
        where = f" at `{host[1]}`" if host else ""
        what = f"answers `{status[1]}`" if status else "cannot be reached"
        hint = "check what uv is told about the index" if status else "check the network"
        return Problem("unreadable", f"the package index{where} {what}", None, hint)
    reason = text.removeprefix("error: ")
    shown = reason if len(reason) <= _LONGEST_REASON else f"{reason[:_LONGEST_REASON]}..."
    if match := _UNSOLVED.match(shown):
        return Problem("missing", f"no versions fit together: {match[1]}", None, "choose another version")
    return Problem("unreadable", f"`uv` says: {shown}", None, "see what uv says about the package by itself")


def unbuilt(name: str) -> Problem:
    message = f"`{name}` is only there as source, and building it would run its code"
    return Problem("not-supported", message, None, f"choose a version of `{name}` that has a wheel")


def unfit(name: str, version: str) -> Problem:
    message = f"`{name}` {version} has no wheel for this machine"
    return Problem("not-supported", message, None, "install a Python that it has wheels for, or choose another version")
