"""Results that are written to files: whole or not at all, and never over a file that mcpconf looks at."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping

from mcpconf.errors import ExitCode, McpconfError, Problem, ProblemKind, Where
from mcpconf.ports import Machine
from mcpconf.system.facts import fact_files
from mcpconf.system.files import MachineFiles
from mcpconf.system.paths import Resolver, inside

PRIVATE, SHARED = 0o600, 0o644
_FOLDER = 0o755


def write_report(path: str, text: str, *, shared: bool = False) -> None:
    """Replace or make a file. One that is there keeps its mode; a new one is for this user's eyes unless it is `shared`.

    Raises McpconfError (exit 1).
    """
    files = MachineFiles(Resolver(""), {})
    _refuse_streams(path)
    there = files.read(_absolute(path))
    if isinstance(there, Problem):
        raise _unusable(there.kind, there.message, path, "name another file")
    target, mode = (there.resolved, there.mode) if there else (_absolute(path), SHARED if shared else PRIVATE)
    try:
        staged = files.stage(target, text.encode("utf-8", "backslashreplace"), mode, there)
        try:
            files.commit(staged)
        except BaseException:
            files.discard(staged)
            raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no file can have this name"
        raise _unusable("write", f"could not be written ({reason})", path, "name another file") from None


def write_tree(folder: str, texts: Mapping[str, str]) -> dict[str, str]:
    """Files at their paths of a machine, below a folder that stands for it; gives where each lies. 0644, as everybody reads them.

    A file that is there and says something else stays, and none is written then. Raises McpconfError (exit 1).
    """
    files = MachineFiles(Resolver(_absolute(folder)), {})
    written = {}
    missing = []
    for path, text in texts.items():
        place = f"{folder.rstrip('/')}{files.resolver.real(path).removeprefix(files.resolver.root)}"
        there = files.read(path)
        if isinstance(there, Problem):
            raise _unusable(there.kind, there.message, place, "name another folder")
        if there is not None and (there.resolved != path or there.data != text.encode()):
            raise _unusable("invalid", "it is there already, and is left as it is", place, "name another folder")
        written[place] = path
        missing += [] if there is not None else [path]
    try:
        os.makedirs(folder, _FOLDER, exist_ok=True)
        for path in missing:
            files.make_folder(path.rpartition("/")[0], _FOLDER)
            files.commit(files.stage(path, texts[path].encode(), SHARED, None))
    except OSError as error:
        raise _unusable("write", f"could not be written ({error.strerror})", folder, "name another folder") from None
    return written


def _refuse_streams(path: str) -> None:
    """A link such as `/dev/stdout` must neither be replaced itself, nor the file under a stream. Raises McpconfError (exit 1)."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        if os.path.islink(path):
            raise _unusable("symlink", "the link leads to no file", path, "name another file") from None
        return
    if not stat.S_ISREG(found.st_mode):
        raise _unusable("not-a-file", "this is no regular file", path, "name another file")
    if any(_is_stream(found, descriptor) for descriptor in (1, 2)):
        raise _unusable("invalid", "what is printed goes to this file", path, "name another file")


def _is_stream(found: os.stat_result, descriptor: int) -> bool:
    try:
        return os.path.samestat(found, os.fstat(descriptor))
    except OSError:
        return False


def refuse_inputs(
    paths: Iterable[str], machine: Machine | None, looked_at: Collection[str], documents: Iterable[str]
) -> None:
    """A report must not take the place of a file of a host, of the state, the manifest or the facts. Raises McpconfError (exit 1).

    `looked_at` are paths of the machine, files and folders; `documents` are real ones.
    """
    wanted = list(paths)
    if not wanted:
        return
    taken = {*map(_followed, documents), *(_real(machine, looked_at) if machine is not None else ())}
    for path in wanted:
        place = _followed(path)
        if any(inside(place, other) or _same(place, other) for other in taken):
            message = "mcpconf reads this file; no report is written over it"
            raise _unusable("invalid", message, path, "name another file")


def _real(machine: Machine, looked_at: Iterable[str]) -> Iterator[str]:
    """Where they lie on this system: by the name a host reads, and behind the links of it."""
    files = machine.files
    assert isinstance(files, MachineFiles)
    yield from map(_followed, fact_files(machine.facts, files.resolver.root))
    for path in looked_at:
        try:
            resolved = files.resolve(path)
        except OSError:
            continue  # it is no path, or a link that mcpconf does not follow either
        yield _followed(files.resolver.real(path))
        yield _followed(files.resolver.real(resolved))


def _followed(path: str) -> str:
    """Absolute, links followed; a text that can be no path as it is."""
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


def _same(one: str, other: str) -> bool:
    """Also where the file system knows one file by several spellings."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return False


def _absolute(path: str) -> str:
    return os.path.abspath(path).replace(os.sep, "/")


def _unusable(kind: ProblemKind, message: str, path: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.NO_PLAN, Problem(kind, message, Where(path), hint))
