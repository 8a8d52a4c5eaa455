"""Files that mcpconf itself brings or is pointed at, outside the machine it looks at."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.ports import Snapshot
from mcpconf.system.files import MachineFiles
from mcpconf.system.paths import Resolver

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from mcpconf.hosts.stores.place import Keeper
    from mcpconf.hosts.vocabulary import HostRow

MAXIMUM_DOCUMENT_BYTES = 16 * 1024 * 1024


@cache
def bundled_rows() -> Mapping[str, HostRow]:
    """The hosts that come with this version, by id. Each is read when it is asked for: most commands need few, or only ids."""
    folder = files("mcpconf.hosts") / "data"
    ids = sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))
    return _Rows(folder, dict.fromkeys(ids))


@dataclass(frozen=True, slots=True)
class _Rows(Mapping[str, "HostRow"]):
    """Each in a file of its id."""

    folder: Traversable
    read: dict[str, HostRow | None]

    def __getitem__(self, name: str) -> HostRow:
        row = self.read[name]
        if row is None:
            from mcpconf.hosts.rows import load_row

            file = f"{name}.toml"
            row = self.read[name] = load_row((self.folder / file).read_text("utf-8"), file)
        return row

    def __contains__(self, name: object) -> bool:
        return name in self.read

    def __iter__(self) -> Iterator[str]:
        return iter(self.read)

    def __len__(self) -> int:
        return len(self.read)


@cache
def bundled_keepers() -> tuple[Keeper, ...]:
    """The programs that keep sign-ins for hosts, and come with this version."""
    from mcpconf.hosts.keeping import load_keeper

    folder = files("mcpconf.hosts") / "keepers"
    texts = {item.name: item.read_text("utf-8") for item in folder.iterdir() if item.name.endswith(".toml")}
    return tuple(load_keeper(texts[name], name) for name in sorted(texts))


def read_document(path: str, what: str, hint: str = "") -> bytes:
    """A manifest or saved plan, from the real file system. Raises McpconfError (exit 1)."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _unusable("not-a-file", f"{what} is no regular file", path, hint)
            data = file.read(MAXIMUM_DOCUMENT_BYTES + 1)
    except FileNotFoundError:
        raise _unusable("missing", f"there is no {what} here", path, hint) from None
    except OSError as error:
        raise _unusable("unreadable", f"{what} could not be read ({error.strerror})", path, hint) from None
    except ValueError:
        raise _unusable("missing", f"no {what} can have this name", path, hint) from None
    if len(data) > MAXIMUM_DOCUMENT_BYTES:
        raise _unusable("oversized", f"{what} is larger than 16 MB", path, hint)
    return data


def refuse_existing(path: str) -> None:
    """Before any work is done. Raises McpconfError (exit 1)."""
    if os.path.lexists(path):
        raise _unusable("invalid", "it is there already, and is left as it is", path, "pick another place")


def write_new(path: str, text: str) -> None:
    """Write a file that does not exist yet. Raises McpconfError (exit 1)."""
    try:
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError:
        raise _unusable("invalid", "it is there already, and is left as it is", path, "pick another place") from None
    except OSError as error:
        raise _unusable("write", f"could not be written ({error.strerror})", path, "") from None


def replace_document(path: str, before: bytes, after: bytes) -> None:
    """Write a document anew: whole or not at all, behind the links that lead to it, with its mode and owner.

    Raises McpconfError: exit 4 if it is not as it was read, exit 1 if it cannot be written.
    """
    files = MachineFiles(Resolver(""), {})
    place = os.path.abspath(path).replace(os.sep, "/")
    now = files.read(place)
    if not isinstance(now, Snapshot) or now.data != before:
        problem = Problem(
            "stale", "it was changed meanwhile, and is left as it is", Where(path), "run the command again"
        )
        raise McpconfError(ExitCode.STALE, problem)
    try:
        staged = files.stage(now.resolved, after, now.mode, now)
        try:
            files.commit(staged)
        except BaseException:
            files.discard(staged)
            raise
    except OSError as error:
        raise _unusable("write", f"could not be written ({error.strerror})", path, "") from None


def write_private(path: str, text: str) -> None:
    """Write a file for this user's eyes, such as a saved plan. Raises McpconfError (exit 1)."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise _unusable("write", f"could not be written ({error.strerror})", path, "") from None


def _unusable(kind: str, message: str, path: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.NO_PLAN, Problem(kind, message, Where(path), hint))  # type: ignore[arg-type]
