"""Dumps of OSV records, got from where they are published or from a mirror of that, and kept in the data folder."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Self

from mcpconf.advisories.records import ECOSYSTEMS, advisories_of
from mcpconf.artifacts.own import dumps_folder
from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.model.commands import command
from mcpconf.model.indexed import Got, Indexed, Origin
from mcpconf.ports import Machine
from mcpconf.system.advisories import LOCK_SECONDS, build_index, contents_of
from mcpconf.workshop import Web

PUBLISHED = "https://osv-vulnerabilities.storage.googleapis.com"
"""Where osv.dev publishes all records, an archive for each ecosystem (https://google.github.io/osv.dev/data, 2026-11)."""

VARIABLE = "MCPCONF_ADVISORIES_MIRROR"

_MOST_BYTES = 2 * 1024 * 1024 * 1024
"""Of one archive; that of npm, the largest, has some hundred megabytes (2026-11)."""

_TRIED = 1_000
"""Records that are looked into for what tells that they are some."""

_HINT = f"check the network, or name a mirror by `--mirror`; {command('vulndb', 'build', 'PATH')} reads what was brought here"

_LONGEST_NOTE = 64 * 1024


def update(machine: Machine, web: Web, mirror: str = "") -> tuple[Indexed, tuple[Got, ...]]:
    """Get what is newer, from `mirror`, else `$MCPCONF_ADVISORIES_MIRROR`, else osv.dev, and index all that is here.

    Raises McpconfError: exit 8 if it cannot be got, and 1 if it cannot be kept. What was here before stays until all of what
    is newer is here and can be read; what came of it until then is not asked for again.
    """
    address = (mirror or machine.facts.env.get(VARIABLE, "") or PUBLISHED).rstrip("/")
    folder = dumps_folder(machine.facts)
    try:
        machine.files.make_folder(folder, 0o700)
        with machine.locks.exclusive(f"{machine.facts.data_folder}/vulndb.lock", LOCK_SECONDS):
            got = tuple(_renewed(name, f"{address}/{name}/all.zip", folder, web) for name in ECOSYSTEMS)
    except OSError as error:
        raise _unkept(folder, error) from None
    about = machine.advisories.about()
    if any(item.fresh for item in got) or not isinstance(about, Indexed) or not _of(about, folder, machine):
        about = build_index(folder, machine)
    return about, got


def _of(about: Indexed, folder: str, machine: Machine) -> bool:
    return about.source == os.path.abspath(folder) and machine.advisories.current()


def _renewed(ecosystem: str, url: str, folder: str, web: Web) -> Got:
    path, beside = f"{folder}/{ecosystem}.zip", f"{os.path.dirname(folder)}/{ecosystem}"
    known = _kept(path, f"{beside}.json", url)
    with _Part(f"{beside}.part", url) as part:
        found = web.save(url, part, _MOST_BYTES, known=known.tag if known is not None else "")
        if not found and known is not None:
            return Got(ecosystem, known.digest, os.path.getsize(path), fresh=False)
        if isinstance(found, Problem):
            if found.kind != "unreadable":
                part.drop()
            message = f"the advisories about {ecosystem} packages cannot be got: {found.message}"
            raise McpconfError(ExitCode.INCOMPLETE, Problem(found.kind, message, None, _HINT))
        part.flush()
        _check(part, ecosystem)
        origin = Origin(address=url, tag=part.tag, digest=_digest(part.path))
        _forget(f"{beside}.json")
        os.replace(part.path, path)
        part.drop()
        _note(f"{beside}.json", origin)
        return Got(ecosystem, origin.digest, os.path.getsize(path), fresh=True)


@dataclass(slots=True)
class _Part:
    """What came of an archive so far. It stays if the rest does not come, with a note beside it of what it is a part of."""

    path: str
    address: str
    tag: str = field(default="", init=False)
    size: int = field(default=0, init=False)
    _file: IO[bytes] | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        origin = _noted(self._origin)
        if origin is not None and origin.address == self.address and origin.tag and os.path.isfile(self.path):
            self.tag, self.size = origin.tag, os.path.getsize(self.path)
        return self

    def __exit__(self, *_: object) -> None:
        self.flush()
        if not self.tag or not self.size:
            self.drop()

    @property
    def _origin(self) -> str:
        return f"{self.path}.json"

    def begin(self, tag: str, at: int) -> None:
        try:
            self.flush()
            _forget(self._origin)
            self._file = open(self.path, "r+b" if os.path.isfile(self.path) else "xb")  # noqa: SIM115  until all of it is here
            self._file.truncate(at)
            self._file.seek(at)
            self.tag, self.size = tag, at
            _note(self._origin, Origin(address=self.address, tag=tag))
        except OSError as error:
            raise _unkept(self.path, error) from None

    def write(self, data: bytes) -> None:
        assert self._file is not None
        try:
            self._file.write(data)
        except OSError as error:
            raise _unkept(self.path, error) from None
        self.size += len(data)

    def flush(self) -> None:
        """All of it is on disk then."""
        if self._file is not None:
            file, self._file = self._file, None
            with file:
                file.flush()
                os.fsync(file.fileno())

    def drop(self) -> None:
        self.tag = ""
        _forget(self._origin)
        _forget(self.path)


def _check(part: _Part, ecosystem: str) -> None:
    """Every record is unpacked, which tells whether it is whole, before it takes the place of the last one."""
    try:
        contents = contents_of(part.path)
        some = any(map(advisories_of, islice(contents, _TRIED)))
        for _ in contents:
            pass
    except McpconfError as error:
        part.drop()
        raise McpconfError(ExitCode.INCOMPLETE, *error.problems) from None
    if not some:
        part.drop()
        message = f"what is published there about {ecosystem} packages holds no OSV record"
        raise McpconfError(ExitCode.INCOMPLETE, Problem("invalid", message, None, "check the address of the mirror"))


def _kept(path: str, note: str, url: str) -> Origin | None:
    """What is known of the archive that is here, if it is from that address, and still what was got."""
    origin = _noted(note)
    if origin is None or origin.address != url or not origin.tag or not os.path.isfile(path):
        return None
    return origin if _digest(path) == origin.digest else None


def _digest(path: str) -> str:
    with open(path, "rb") as file:
        return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"


def _noted(path: str) -> Origin | None:
    try:
        with open(path, "rb") as file:
            return Origin.model_validate_json(file.read(_LONGEST_NOTE))
    except (FileNotFoundError, ValueError):
        return None


def _note(path: str, origin: Origin) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(origin.model_dump_json())


def _forget(path: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path)


def _unkept(place: str, error: OSError) -> McpconfError:
    message = f"the advisories cannot be kept ({error.strerror or error})"
    hint = "give yourself write permission there, and make room on the disk"
    return McpconfError(ExitCode.NO_PLAN, Problem("write", message, Where(place), hint))
