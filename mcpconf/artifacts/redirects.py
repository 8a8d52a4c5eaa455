"""Files of a machine by which npm, uv and pip take packages from another registry than they would by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mcpconf.errors import Problem
from mcpconf.packages.settings import Client, Setting, settings
from mcpconf.ports import Facts, Machine

_LARGEST = 1 << 20


class Redirect(NamedTuple):
    """What one file says of one registry; or why the file tells nothing."""

    client: Client
    path: str
    said: Setting | Problem


def redirects(machine: Machine, clients: Iterable[Client], folders: Sequence[str]) -> Iterator[Redirect]:
    """In the order in which they are looked into: the system's, the user's, and for npm those of projects."""
    for client in clients:
        for path in dict.fromkeys(_places(client, machine.facts, folders)):
            yield from _read(machine, client, path)


def _read(machine: Machine, client: Client, path: str) -> Iterator[Redirect]:
    found = machine.files.read(path)
    if found is None:
        return
    if isinstance(found, Problem):
        yield Redirect(client, path, found)
        return
    try:
        for said in settings(client, found.data[:_LARGEST].decode()):
            yield Redirect(client, path, said)
    except (ValueError, RecursionError):
        yield Redirect(client, path, Problem("malformed", "it cannot be understood"))


def _places(client: Client, facts: Facts, folders: Sequence[str]) -> Iterator[str]:
    home = facts.home
    config = facts.folder("XDG_CONFIG_HOME", f"{home}/.config")
    roaming = facts.folder("APPDATA", f"{home}/AppData/Roaming")
    windows = facts.os == "windows"
    match client:
        case "npm":
            yield from () if windows else ("/usr/etc/npmrc", "/usr/local/etc/npmrc")
            yield f"{home}/.npmrc"
            yield from (f"{folder}/.npmrc" for folder in folders)
        case "uv":
            yield from () if windows else ("/etc/uv/uv.toml",)
            yield f"{roaming}/uv/uv.toml" if windows else f"{config}/uv/uv.toml"
        case "pip":
            if windows:
                yield from (f"{roaming}/pip/pip.ini", f"{home}/pip/pip.ini")
            else:
                yield from ("/etc/pip.conf", f"{home}/.pip/pip.conf", f"{config}/pip/pip.conf")
                yield from (f"{home}/Library/Application Support/pip/pip.conf",) if facts.os == "macos" else ()
