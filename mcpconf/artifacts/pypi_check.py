"""Whether a virtual environment holds what its wheels say, and nothing that runs before the server is asked to.

A file is taken only if the `RECORD` of an expected wheel has its hash. `-I` keeps much out of Python's start, but neither
`.pth` files nor `sitecustomize`: those are refused.
"""

from __future__ import annotations

import base64
import binascii
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.parser import HeaderParser
from posixpath import normpath
from typing import cast

from packaging.version import InvalidVersion, Version

from mcpconf.errors import Problem
from mcpconf.packages.pypi import normal_name
from mcpconf.ports import Files

_DROPPED = re.compile(
    r"CACHEDIR\.TAG|\.gitignore|\.lock|(?:bin|Scripts)/.*|.*\.dist-info/uv_cache\.json|(?:.*/)?__pycache__/.*"
)
"""What uv leaves of itself, programs that name the place of the environment, bytecode."""

_SITE = re.compile(r"((?:lib/python3\.[0-9]+t?|Lib)/site-packages)/")
_INTERPRETER = re.compile(r"(?:bin/python[0-9.t]*|Scripts/[^/]+\.(?:exe|dll))")
_CUSTOMIZE = ("sitecustomize", "usercustomize")
_STARTS = {
    "pywin32": "import pywin32_bootstrap",
    "setuptools": "import os; var = 'SETUPTOOLS_USE_DISTUTILS'; enabled = os.environ.get(var, 'local') == 'local';"
    " enabled and __import__('_distutils_hack').add_shim()",
}
"""The line that a package may run at every start, word for word: `mcp` on Windows needs the first."""

_HINT = "do not start it; see what the index and its mirrors give"
_CHOOSE = "choose another version or another package"


@dataclass(slots=True)
class _Installed:
    """What the wheels of an environment say of themselves. `owners` tells which of them names a file."""

    versions: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, set[str]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)


def bare(folder: str, files: Files) -> Mapping[str, str] | Problem:
    """An environment in which nothing is installed yet, without all that depends on its place or runs at its start."""
    marks = _marks(folder, files)
    if isinstance(marks, Problem):
        return marks
    for path in marks:
        if not _INTERPRETER.fullmatch(path) and path not in ("pyvenv.cfg", "lib64"):
            _remove(folder, path, files)
    return _marks(folder, files)


def cleared_and_checked(
    folder: str, before: Mapping[str, str], expected: Mapping[str, str], files: Files
) -> Problem | None:
    """`before` is the bare environment, `expected` the version of each package. Raises OSError."""
    marks = _marks(folder, files)
    if isinstance(marks, Problem):
        return marks
    for path in sorted(marks, reverse=True):
        if path not in before and _DROPPED.fullmatch(path):
            _remove(folder, path, files)
    marks = _marks(folder, files)
    if isinstance(marks, Problem):
        return marks
    site = next((match[1] for path in marks if (match := _SITE.match(path))), "")
    installed = _installed(folder, site, marks, files)
    if isinstance(installed, Problem):
        return installed
    faults = (
        *_wrong_versions(installed.versions, expected),
        *_changed(before, marks),
        *_strange(site, {path: mark for path, mark in marks.items() if path not in before}, installed),
        *_missing(marks, installed),
        *_starting(folder, site, marks, (installed, files)),
    )
    return next(iter(faults), None)


def _marks(folder: str, files: Files) -> Mapping[str, str] | Problem:
    marks = files.tree(folder)
    return Problem("missing", f"`{folder}` is not there", None, "install again") if marks is None else marks


def _remove(folder: str, path: str, files: Files) -> None:
    files.remove(f"{folder}/{path}")
    inner = path.rpartition("/")[0]
    while inner.endswith("__pycache__"):
        files.remove_folder(f"{folder}/{inner}")
        inner = inner.rpartition("/")[0]


def _installed(folder: str, site: str, marks: Mapping[str, str], files: Files) -> _Installed | Problem:
    found = _Installed()
    for path in marks:
        inside, _, file = path.rpartition("/")
        if file != "METADATA" or not inside.endswith(".dist-info") or inside.rpartition("/")[0] != site:
            continue
        metadata, record = (_text(f"{folder}/{inside}/{name}", files) for name in (file, "RECORD"))
        if isinstance(metadata, Problem) or isinstance(record, Problem):
            return metadata if isinstance(metadata, Problem) else cast("Problem", record)
        headers = HeaderParser().parsestr(metadata)
        name = normal_name(str(headers.get("Name", "")))
        found.versions[name] = str(headers.get("Version", ""))
        try:
            _take_record(name, site, record, found)
        except csv.Error:
            return Problem("invalid", f"the `RECORD` of `{name}` cannot be read", None, _CHOOSE)
    return found


def _take_record(name: str, site: str, record: str, found: _Installed) -> None:
    """https://packaging.python.org/en/latest/specifications/recording-installed-packages (2026-11). Raises csv.Error."""
    for row in csv.reader(record.splitlines()):
        if not row:
            continue
        path = normpath(f"{site}/{row[0]}")
        found.owners[path] = name
        found.hashes.setdefault(path, set()).add(_hexadecimal(row[1] if len(row) > 1 else ""))


def _hexadecimal(stated: str) -> str:
    """`sha256=BASE64` as `sha256:HEX`; "" for anything else."""
    kind, _, value = stated.partition("=")
    try:
        digest = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except (ValueError, binascii.Error):
        return ""
    return f"sha256:{digest.hex()}" if kind == "sha256" else ""


def _text(path: str, files: Files) -> str | Problem:
    found = files.read(path)
    if isinstance(found, Problem):
        return found
    return "" if found is None else found.data.decode("utf-8", "replace")


def _wrong_versions(found: Mapping[str, str], expected: Mapping[str, str]) -> Iterator[Problem]:
    for name in sorted({*found, *expected}):
        there, wanted = found.get(name, ""), expected.get(name, "")
        if not there or not wanted or not _same(there, wanted):
            message = f"`{name}` was installed as {there or 'nothing'}, and the lock has {wanted or 'nothing'}"
            yield Problem("hash", message, None, _HINT)


def _same(one: str, other: str) -> bool:
    try:
        return Version(one) == Version(other)
    except InvalidVersion:
        return one == other


def _changed(before: Mapping[str, str], marks: Mapping[str, str]) -> Iterator[Problem]:
    for path in sorted(before):
        if marks.get(path) != before[path]:
            yield Problem("invalid", f"a wheel put its own file in place of `{path}`", None, _CHOOSE)


def _strange(site: str, added: Mapping[str, str], installed: _Installed) -> Iterator[Problem]:
    record = re.compile(rf"{re.escape(site)}/[^/]+\.dist-info/RECORD(?:\.jws|\.p7s)?")
    modules = site.rpartition("/")[0] + "/"
    for path, mark in sorted(added.items()):
        if path.startswith(modules) and not path.startswith(f"{site}/"):
            yield Problem("invalid", f"a wheel puts `{path}` among the modules of Python itself", None, _CHOOSE)
        elif path not in installed.owners:
            yield Problem("hash", f"`{path}` is in no wheel of the lock", None, _HINT)
        elif mark[2:] not in installed.hashes[path] and not record.fullmatch(path):
            yield Problem("hash", f"`{path}` is not as the `RECORD` of `{installed.owners[path]}` says", None, _HINT)


def _missing(marks: Mapping[str, str], installed: _Installed) -> Iterator[Problem]:
    for path, name in sorted(installed.owners.items()):
        if path not in marks and not _DROPPED.fullmatch(path) and not path.endswith(".pyc"):
            yield Problem("hash", f"`{path}` of `{name}` was not installed", None, _HINT)


def _starting(folder: str, site: str, marks: Mapping[str, str], known: tuple[_Installed, Files]) -> Iterator[Problem]:
    """What Python reads or runs at each start (https://docs.python.org/3/library/site.html; PEP 829, 2026-11)."""
    installed, files = known
    searched = {site}
    for path in sorted(marks):
        inside, _, name = path.rpartition("/")
        if inside != site or not name.lower().endswith((".pth", ".start")):
            continue
        text = _text(f"{folder}/{path}", files)
        if isinstance(text, Problem):
            yield text
            continue
        for line in filter(None, map(str.strip, text.splitlines())):
            if name.lower().endswith(".start") or line.startswith(("import ", "import\t")):
                if line[0] != "#" and line.rstrip("; ") != _STARTS.get(installed.owners.get(path, "")):
                    yield Problem("invalid", f"`{path}` runs code at every start: `{line[:80]}`", None, _CHOOSE)
            elif line[0] != "#":
                searched.add(normpath(f"{site}/{line.replace(chr(92), '/')}"))
                if not _is_inside(line):
                    yield Problem("invalid", f"`{path}` has Python load modules from `{line[:80]}`", None, _CHOOSE)
    yield from _customizing(marks, searched)


def _is_inside(line: str) -> bool:
    plain = line.replace("\\", "/")
    return not plain.startswith("/") and plain[1:2] != ":" and ".." not in plain.split("/")


def _customizing(marks: Mapping[str, str], searched: set[str]) -> Iterator[Problem]:
    for path in sorted(marks):
        for place in searched:
            inner = path.removeprefix(f"{place}/")
            if inner != path and re.split(r"[./]", inner)[0] in _CUSTOMIZE:
                yield Problem("invalid", f"Python would run `{path}` at every start", None, _CHOOSE)
