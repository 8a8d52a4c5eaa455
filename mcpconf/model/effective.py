"""What hosts really run, folder by folder, as a document."""

from __future__ import annotations

from typing import Literal

from mcpconf.model.base import Json, Tolerant
from mcpconf.model.plan import FORMAT_VERSION

State = Literal["runs", "off", "nothing"]


class EntryPlace(Tolerant):
    """An entry of a file. `line` is not known for every notation."""

    address: str
    file: str
    line: int | None = None


class IdleEntry(EntryPlace):
    """An entry that does not act. `by` is the place of the entry or file that is the reason, if another one is.

    `why`: `shadowed` by an entry that says something else, or the `same` as the one that wins; `exclusive`: a file rules
    alone; `not_trusted`, `not_approved`, `not_chosen`: what its file needs was not given; `refused`: an address that is not
    taken here; `switched_off`: another file keeps it off; `invalid`: the host refuses it; `broken_file`, `broken_host`: it refuses another one, and this with it.
    """

    why: str
    by: str = ""
    message: str


class EffectiveServer(Tolerant):
    """One name in one folder. `state` is `nothing` where the host makes nothing of what is there: `idle` has all of it then.

    `values` is what the host has of it, without secrets. `parts` are the entries that it comes from, strongest first, and
    `origins`, where there are several, the file of each key. `call` lists the tools that may be called, null for all;
    `unasked` those that act without asking, `*` for all.
    """

    name: str
    state: State
    values: dict[str, Json] = {}
    parts: list[EntryPlace] = []
    origins: dict[str, str] = {}
    call: list[str] | None = None
    without: list[str] = []
    unasked: list[str] = []
    also_read_by: list[str] = []
    idle: list[IdleEntry] = []


class EffectiveFolder(Tolerant):
    """`folder` is "" for what is not in a project; a project is told with all that the host knows of in it."""

    folder: str
    servers: list[EffectiveServer] = []


class EffectiveHost(Tolerant):
    """`unread` are files that could not be read, so that what is in them is not known. `not_read` is never looked at."""

    id: str
    title: str
    installed: bool
    merge: Literal["entry", "keys", "both"]
    folders: list[EffectiveFolder] = []
    unread: list[dict[str, Json]] = []
    not_read: list[str] = []


class EffectiveReport(Tolerant):
    """Hosts that are here, or the one that was asked for. `exit_code` is 8 if a file of theirs could not be read."""

    format_version: str = FORMAT_VERSION
    mcpconf_version: str
    hosts: list[EffectiveHost] = []
    complete: bool = True
    exit_code: int = 0
