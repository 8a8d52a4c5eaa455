"""The hosts mcpconf knows, and what of them is on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.observed import HostPresence, ObservedFile
from mcpconf.report.style import Style, columns
from mcpconf.secrets.escape import escape

Found: TypeAlias = Sequence[tuple[HostRow, HostPresence, tuple[ObservedFile, ...]]]


def render_hosts(found: Found, style: Style) -> str:
    lines = columns(
        [(row.id, row.title, "installed" if presence.installed else "not installed") for row, presence, _ in found]
    )
    text = []
    for (row, _, files), line in zip(found, lines, strict=True):
        text.append(style.paint(line, "bold"))
        rows = [
            (file.location.scope, style.path(file.location.path), "" if file.location.write else "read only")
            for file in files
            if file.problem is None
        ]
        text += [f"  {cells}" for cells in columns(rows)]
        text += [
            f"  ? {style.path(file.location.path)}   {escape(file.problem.message)}" for file in files if file.problem
        ]
        text.append(style.paint(f"  docs {row.docs}   checked {row.checked}", "dim"))
        if row.not_read:
            text.append(style.paint(f"  not read: {', '.join(row.not_read)}", "dim"))
    return "".join(f"{line}\n" for line in text)


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
                        "problem": file.problem.message if file.problem else None,
                    }
                    for file in files
                ],
            }
            for row, presence, files in found
        ]
    }
