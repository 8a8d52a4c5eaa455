"""The hosts mcpconf knows, and what of them is on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.observed import HostPresence, ObservedFile
from mcpconf.report.data import problem_data
from mcpconf.report.layout import hang, table
from mcpconf.report.signins import SignIn, counted, listed, sign_in_data
from mcpconf.report.style import Style, plural

_HEADER = ("host", "version", "files", "servers", "grants", "managed", "policy", "checked")
_WIDE, _NARROW = 78, 6
"""A terminal of fewer characters gets that many columns."""

_NONE = "-"
DAY = len("2026-11-26")


@dataclass(frozen=True, slots=True)
class FoundHost:
    """A host and what is here of it. `files` are those that are there, `sign_ins` what it keeps in other ones.

    `servers` counts the entries that it reads, also in files of other hosts; `grants` what lets servers act unasked;
    `managed` the entries that mcpconf wrote. `version` is empty where no file tells it.
    """

    row: HostRow
    presence: HostPresence
    files: tuple[ObservedFile, ...] = ()
    version: str = ""
    servers: int = 0
    grants: int = 0
    managed: int = 0
    sign_ins: tuple[SignIn, ...] = ()

    @property
    def policy(self) -> int:
        """Files of an administrator."""
        return sum(file.location.scope == "managed" for file in self.files)


def render_hosts(found: Sequence[FoundHost], style: Style, beside: Sequence[SignIn] = ()) -> str:
    """A table of those that are there; the others are only named. `beside` are sign-ins that no host keeps itself."""
    return "".join(f"{line}\n" for line in _overview(found, style, beside))


def _overview(found: Sequence[FoundHost], style: Style, beside: Sequence[SignIn]) -> Iterator[str]:
    here = [host for host in found if host.presence.installed]
    if here:
        rows = [_HEADER, *(tuple(map(style.text, _cells(host))) for host in here)]
        rows = rows if style.width >= _WIDE else [row[:_NARROW] for row in rows]
        first, *others = (line for lines in table(rows, style.width, 0) for line in lines)
        yield style.paint(first, "dim")
        yield from others
    for host in here:
        yield from _broken(host.files, style)
    yield from counted([*(item for host in here for item in host.sign_ins), *beside], style)
    away = ", ".join(host.row.id for host in found if not host.presence.installed)
    if away:
        yield from (style.paint(line, "dim") for line in hang("not found: ", away, style.width))
    hint = "`mcpconf hosts HOST` tells all of one host, `mcpconf hosts --effective` what is really run"
    yield from hang("hint: ", hint, style.width)


def _cells(host: FoundHost) -> tuple[str, ...]:
    counts = (len(host.files), host.servers, host.grants, host.managed, host.policy)
    told = (str(count) if count else _NONE for count in counts)
    return host.row.id, host.version or _NONE, *told, host.row.checked[:DAY]


def render_host(host: FoundHost, style: Style) -> str:
    """All that is known of one host. Of one that is not there, files that it would only read are other hosts' files."""
    there = host.presence.installed
    title = f"{host.row.id}   {style.text(host.row.title)}   {'installed' if there else 'not installed'}"
    lines = [
        style.paint(title + (f"   {style.text(host.version)}" if host.version else ""), "bold" if there else "dim")
    ]
    if there:
        counts = [
            plural(host.servers, "server"),
            f"{host.managed} of them written by mcpconf",
            f"{plural(host.grants, 'grant')} to act without asking",
        ]
        lines += hang("  ", ", ".join(counts), style.width)
    lines += [*_files([file for file in host.files if there or file.location.write], style)]
    lines += [*listed(host.sign_ins, style), *_about(host, style)]
    return "".join(f"{line}\n" for line in lines)


def _files(files: Sequence[ObservedFile], style: Style) -> Iterator[str]:
    rows = [
        (file.location.scope, style.path(file.location.path), "" if file.location.write else "read only")
        for file in files
        if file.problem is None
    ]
    for lines in table(rows, style.width):
        yield from lines
    yield from _broken(files, style)


def _broken(files: Sequence[ObservedFile], style: Style) -> Iterator[str]:
    for file in files:
        if file.problem is not None:
            where = style.path(str(file.problem.where or file.location.path))
            yield "  " + style.paint(f"? {where}", "yellow")
            yield from hang("    ", style.text(file.problem.message), style.width)


def _about(host: FoundHost, style: Style) -> Iterator[str]:
    if not host.presence.installed:
        yield from hang("  looked for: ", ", ".join(map(style.path, host.presence.looked_at)), style.width)
    if host.row.not_read:
        text = "; ".join(map(style.text, host.row.not_read))
        yield from (style.paint(line, "dim") for line in hang("  not read: ", text, style.width))
    yield from (style.paint(line, "dim") for line in hang("  docs: ", style.text(host.row.docs), style.width))
    yield from (style.paint(line, "dim") for line in hang("  checked: ", style.text(host.row.checked), style.width))


def hosts_data(found: Sequence[FoundHost], exit_code: int = 0, beside: Sequence[SignIn] = ()) -> dict[str, Json]:
    return {
        "hosts": [_data(host) for host in found],
        "sign_ins_beside": [*map(sign_in_data, beside)],
        "exit_code": exit_code,
    }


def _data(host: FoundHost) -> dict[str, Json]:
    row = host.row
    return {
        "id": row.id,
        "title": row.title,
        "docs": row.docs,
        "checked": row.checked,
        "installed": host.presence.installed,
        "looked_at": list(host.presence.looked_at),
        "version": host.version or None,
        "servers": host.servers,
        "grants": host.grants,
        "managed": host.managed,
        "policy": host.policy,
        "sign_ins": [*map(sign_in_data, host.sign_ins)],
        "not_read": list(row.not_read),
        "files": [
            {
                "id": file.location.file,
                "path": file.location.path,
                "scope": file.location.scope,
                "project": file.location.project,
                "format": file.location.format,
                "write": file.location.write,
                "problem": problem_data(file.problem) if file.problem else None,
            }
            for file in host.files
        ],
    }
