"""What one machine gets, host by host, as a person reads it; and why, value by value."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from mcpconf.errors import Where
from mcpconf.formats.base import pointer
from mcpconf.hosts.vocabulary import HostRow
from mcpconf.model.base import Json
from mcpconf.model.finding import Finding
from mcpconf.model.origin import PlanOrigin
from mcpconf.reconcile.rendering import RenderedEntry, Rendering, Told
from mcpconf.report.layout import hang, table
from mcpconf.report.style import Style, listing, plural

_BROUGHT = ("server", "host", "project", "name")
"""Fields that tell why an entry is there, not what is in it."""


def render_rendering(rendering: Rendering, origin: PlanOrigin, style: Style, *, explain: bool) -> str:
    """One block of lines for each host; `explain` has a line for each value."""
    blocks = [[*_header(rendering, origin, style)]]
    blocks += [[*_host(row, rendering, style, explain=explain)] for row in rendering.hosts]
    if rendering.missing:
        blocks.append([*_missing(rendering, style)])
    return "\n".join("".join(f"{line}\n" for line in block) for block in blocks)


def _header(rendering: Rendering, origin: PlanOrigin, style: Style) -> Iterator[str]:
    facts = rendering.facts
    machine = f"{style.text(facts.user)} on {style.text(facts.os)}"
    yield style.paint(f"mcpconf render   {style.text(origin.manifest)}   {machine}", "bold")
    servers = {item.desired.server for item in rendering.entries}
    yield f"{plural(len(servers), 'server')} for {plural(len(rendering.hosts), 'host')}. No file was looked at."
    if facts.labels:
        yield from hang("Labels: ", f"{listing(list(map(style.text, facts.labels)))}.", style.width)
    if rendering.groups:
        yield from hang("Groups of this machine: ", f"{listing(list(map(style.text, rendering.groups)))}.", style.width)


def _host(row: HostRow, rendering: Rendering, style: Style, *, explain: bool) -> Iterator[str]:
    yield style.paint(f"{row.id}   {row.title}", "bold")
    own = [item for item in rendering.entries if item.desired.address.host == row.id]
    skipped = [item for item in rendering.skipped if item.address.partition("/")[0] == row.id]
    if not own and not skipped:
        yield "  nothing"
    for (path, project), items in groupby(own, key=_file):
        note = f"   project {style.text(project)}" if project else ""
        yield f"  {style.path(path)}{note}"
        for item in items:
            yield from _explained(item, style) if explain else _entry(item, style)
    for finding in skipped:
        yield from _skipped(finding, style)


def _file(item: RenderedEntry) -> tuple[str, str]:
    return item.desired.location.path, item.desired.address.project


def _entry(item: RenderedEntry, style: Style) -> Iterator[str]:
    """What is run or reached, then a line for each further field."""
    title = f"    + {style.text(item.desired.address.server)}"
    yield (
        title
        if item.desired.address.server == item.desired.server
        else f"{title}   ({style.text(item.desired.server)})"
    )
    lines = [(field, _joined([*values])) for field, values in groupby(item.told, key=lambda told: told.field)]
    for field, text in lines:
        if field not in (*_BROUGHT, "transport"):
            yield from hang(f"        {field:<8} ", style.text(text), style.width)


def _joined(values: Sequence[Told]) -> str:
    if values[0].field == "launch":
        return " ".join(_word(value.text) for value in values)
    return ", ".join(f"{value.key}={value.text}" if value.key else value.text for value in values)


def _word(text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if not text or " " in text else text


def _explained(item: RenderedEntry, style: Style) -> Iterator[str]:
    yield f"    + {style.text(item.desired.address.server)}"
    rows = []
    for (field, where, by), values in groupby(item.told, key=_source):
        some = [*values]
        label = f"{field}.{some[0].key}" if field in ("env", "headers") else field
        text = some[0].text if len(some) == 1 else " ".join(_word(value.text) for value in some)
        place = [style.path(str(where)), style.text(by)] if where else [style.text(by), ""]
        rows.append((style.text(label), style.text(text), *place))
    for lines in table(rows, style.width, indent=8):
        yield from lines


def _source(told: Told) -> tuple[str, Where | None, str]:
    return told.field, told.where, told.by


def _skipped(finding: Finding, style: Style) -> Iterator[str]:
    where = f" ({style.path(str(finding.where))})" if finding.where else ""
    yield from hang("    x ", f"{style.text(finding.message)}{where}", style.width)
    yield from hang("      hint: ", style.text(finding.hint), style.width)


def _missing(rendering: Rendering, style: Style) -> Iterator[str]:
    yield style.paint("not on this machine", "bold")
    rows = [
        (style.text(item.server), style.text(item.reason), style.path(str(item.where))) for item in rendering.missing
    ]
    for lines in table(rows, style.width):
        yield from lines


def rendering_data(rendering: Rendering, origin: PlanOrigin) -> dict[str, Json]:
    facts = rendering.facts
    return {
        "format_version": "1.0",
        "origin": origin.model_dump(include={"commit", "dirty", "manifest", "manifest_digest"}),
        "machine": {
            "os": facts.os,
            "home": facts.home,
            "user": facts.user,
            "labels": list(facts.labels),
            "groups": list(rendering.groups),
        },
        "hosts": [
            {
                "id": row.id,
                "title": row.title,
                "entries": [_entry_data(item) for item in rendering.entries if item.desired.address.host == row.id],
                "skipped": [
                    _skipped_data(item) for item in rendering.skipped if item.address.partition("/")[0] == row.id
                ],
            }
            for row in rendering.hosts
        ],
        "missing": [
            {"server": item.server, "reason": item.reason, "where": str(item.where)} for item in rendering.missing
        ],
    }


def _entry_data(item: RenderedEntry) -> dict[str, Json]:
    desired = item.desired
    return {
        "address": str(desired.address),
        "server": desired.server,
        "name": desired.address.server,
        "file": desired.location.path,
        "scope": desired.location.scope,
        "format": desired.location.format,
        "key": pointer(desired.key_path),
        "entry": dict(item.fields),
        "written": desired.encoded,
        "values": [
            {
                "field": told.field,
                "key": told.key,
                "value": told.text,
                "where": str(told.where) if told.where else None,
                "by": told.by or None,
            }
            for told in item.told
        ],
    }


def _skipped_data(finding: Finding) -> dict[str, Json]:
    return {
        "address": finding.address,
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "hint": finding.hint,
        "where": str(finding.where or ""),
    }
