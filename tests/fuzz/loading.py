"""What must hold of every manifest, and of a machine on which one file of a host went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from mcpconf.documents.manifest import load_manifest
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.formats import FORMATS, decode_text
from mcpconf.hosts.places import locations
from mcpconf.hosts.rows import load_row
from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.base import ABSENT
from mcpconf.model.observed import Location, Observed, ObservedFile
from mcpconf.observe import observe
from mcpconf.ports import Facts, Machine, Snapshot
from tests.fuzz.editing import put
from tests.fuzz.seeds import Seed, host_files

DATA = Path(__file__).resolve().parents[2] / "mcpconf" / "hosts" / "data"
ROWS = {row.id: row for row in (load_row(path.read_text(), path.stem) for path in sorted(DATA.glob("*.toml")))}
FACTS = Facts("linux", "/home/dev", "dev", "1")
PROJECTS = ("/home/dev/app", "/home/dev/src/shop")


def manifest(data: bytes) -> None:
    """Loaded, or refused with every problem at a line that exists."""
    try:
        loaded = load_manifest(data, "mcpconf.yaml", [*ROWS])
    except McpconfError as error:
        refused = error
    else:
        again = load_manifest(data, "mcpconf.yaml", [*ROWS])
        assert (again.manifest, again.digest) == (loaded.manifest, loaded.digest)
        for name in loaded.manifest.servers:
            assert loaded.where("servers", name).line is not None
        return
    assert refused.code == ExitCode.NO_PLAN
    assert refused.problems
    for problem in refused.problems:
        told(problem, data)


def told(problem: Problem, data: bytes) -> None:
    assert problem.message
    assert problem.kind != "internal", problem
    if problem.where is not None and problem.where.line is not None:
        lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
        assert 1 <= problem.where.line <= lines, problem
        assert problem.where.column is None or problem.where.column >= 1, problem


@dataclass(frozen=True)
class Files:
    """A machine's files in memory: all that observing asks for."""

    held: dict[str, bytes]

    def read(self, path: str, within: str = "") -> Snapshot | None:  # noqa: ARG002
        return Snapshot(path, path, self.held[path], 0o600, 0, 0) if path in self.held else None

    def items(self, path: str, *keys: str) -> dict[str, bytes] | None:  # noqa: ARG002
        return {} if path in self.held else None

    def names(self, folder: str) -> tuple[str, ...]:
        inside = {path[len(folder) + 1 :].partition("/")[0] for path in self.held if path.startswith(folder + "/")}
        return tuple(sorted(inside))

    def exists(self, path: str) -> bool:
        return path in self.held or bool(self.names(path))

    def mode(self, path: str) -> int | None:
        return 0o600 if path in self.held else None


_NAMED = frozenset({"/home/dev/rules/b.toml"})
"""Files that another file names: where that cannot be read, nobody knows of them."""


def _paths(seen: Observed) -> set[str]:
    return {file.location.path for file in seen.files}


def host(name: str, data: bytes) -> None:
    """A file of one host on a machine that has files of all: only what it says may differ."""
    random = Random(data)
    places = [place for place in _places(name) if not place.project or place.project == PROJECTS[0]]
    place = random.choice(places)
    usual = _seen()
    seen = _observe({**_machine(), place.path: data})
    assert seen.problems == usual.problems
    for path in _machine():
        if path != place.path and not (path in _NAMED and path not in _paths(seen)):
            assert _raw(seen, path) == _raw(usual, path), path
    for entry in (*seen.entries, *seen.others):
        assert Address.parse(str(entry.address)) == entry.address
    for grant in seen.grants:
        assert GrantAddress.parse(str(grant.address)) == grant.address
    for file in seen.files:
        if file.location.path == place.path:
            _judged(file, seen, data)
    _without_one(seen, place, random)


def _judged(file: ObservedFile, seen: Observed, data: bytes) -> None:
    """What cannot be read is there and has a problem; nothing is said to be in it."""
    assert file.present
    if file.problem is not None:
        told(file.problem, data)
        assert not [entry for entry in seen.entries if entry.file.location == file.location]
        return
    text = decode_text(data)
    value = FORMATS[file.location.format].parse(text).value if text.strip("\ufeff \t\r\n") else ABSENT
    for entry in seen.entries:
        if entry.file.location == file.location:
            assert value is not ABSENT
            assert entry.problem is None or entry.problem.message


def _without_one(seen: Observed, place: Location, random: Random) -> None:
    """Taking one of the entries out leaves the others as they are."""
    entries = [entry for entry in seen.entries if entry.file.location.path == place.path]
    if not entries:
        return
    entry = random.choice(entries)
    form, text = entry.file.location.format, entry.file.text
    put(form, text, FORMATS[form].parse(text).value, entry.key_path, ABSENT)


def _raw(seen: Observed, path: str) -> list:
    return [
        (file.location, file.problem, [(entry.key_path, entry.raw) for entry in seen.entries if entry.file == file])
        for file in seen.files
        if file.location.path == path and file.location.project in ("", *PROJECTS)
    ]


def has_files(name: str) -> bool:
    """Whether the machine that is broken here could have any: some hosts are not made for its system."""
    return bool(_places(name))


def seeds_of(name: str) -> tuple[Seed, ...]:
    """Files in a format that the host has; its own count more."""
    formats = {place.format for place in _places(name)}
    own = {place.path.replace(FACTS.home, "~") for place in _places(name)}
    fitting = [
        seed for seed in host_files() if seed.format in formats or (seed.format == "json" and "jsonc" in formats)
    ]
    return (*fitting, *[seed for seed in fitting if seed.path in own] * 5)


@cache
def _places(name: str) -> tuple[Location, ...]:
    """Databases are left out: they are opened by the system, and no bytes of theirs come as far as this."""
    found = locations(ROWS[name], FACTS, PROJECTS, Files(_machine()).names)
    return tuple(place for place in found if place.format != "sqlite")


@cache
def _machine() -> dict[str, bytes]:
    """Each file that the scenarios and examples have most often, on one machine."""
    found: dict[str, bytes] = {}
    for seed in host_files():
        if seed.path.startswith("~/"):
            found.setdefault(FACTS.home + seed.path[1:], seed.data)
    return dict(list(found.items())[:60])


@cache
def _seen() -> Observed:
    return _observe(_machine())


def _observe(held: dict[str, bytes]) -> Observed:
    nothing = dict.fromkeys(("documents", "history", "clock", "entropy", "locks", "advisories", "processes"))
    machine = Machine(FACTS, Files(held), **nothing)
    return observe(machine, ROWS, PROJECTS)
