"""The hosts mcpconf knows, and what of them is on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.observed import HostPresence, ObservedFile
from mcpconf.report.data import problem_data
from mcpconf.report.layout import hang, table
from mcpconf.report.style import Style

Found: TypeAlias = Sequence[tuple[HostRow, HostPresence, tuple[ObservedFile, ...]]]


def render_hosts(found: Found, style: Style) -> str:
    """Of a host that is not there, files that it would only read are other hosts' files: they are not told."""
    titles = [(row.id, row.title, "installed" if host.installed else "not installed") for row, host, _ in found]
    lines = []
    for (row, host, files), title in zip(found, table(titles, style.width, 0), strict=True):
        lines += [style.paint(line, "bold" if host.installed else "dim") for line in title]
        theirs = [file for file in files if host.installed or file.location.write]
        lines += [*_files(theirs, style), *_about(row, host, style)]
    return "".join(f"{line}\n" for line in lines)


def _files(files: Sequence[ObservedFile], style: Style) -> Iterator[str]:
    rows = [
        (file.location.scope, style.path(file.location.path), "" if file.location.write else "read only")
        for file in files
        if file.problem is None
    ]
    for lines in table(rows, style.width):
        yield from lines
    for file in files:
        if file.problem is not None:
            where = style.path(str(file.problem.where or file.location.path))
            yield "  " + style.paint(f"? {where}", "yellow")
            yield from hang("    ", style.text(file.problem.message), style.width)


def _about(row: HostRow, host: HostPresence, style: Style) -> Iterator[str]:
    if not host.installed:
        yield from hang("  looked for: ", ", ".join(map(style.path, host.looked_at)), style.width)
    elif row.not_read:
        text = "; ".join(map(style.text, row.not_read))
        yield from (style.paint(line, "dim") for line in hang("  not read: ", text, style.width))
    about = f"{style.text(row.docs)}   checked {style.text(row.checked)}"
    yield from (style.paint(line, "dim") for line in hang("  docs: ", about, style.width))


def hosts_data(found: Found) -> dict[str, Json]:
    return {
        "hosts": [
            {
                "id": row.id,
                "title": row.title,
                "docs": row.docs,
                "checked": row.checked,
                "installed": presence.installed,
                "looked_at": list(presence.looked_at),
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
                    for file in files
                ],
            }
            for row, presence, files in found
        ]
    }
