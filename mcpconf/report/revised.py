"""What became of a manifest: what changed, its lines, and what to do next."""

from __future__ import annotations

from difflib import unified_diff
from itertools import islice

from mcpconf.documents.editing import Revised
from mcpconf.errors import ExitCode
from mcpconf.model.base import Json
from mcpconf.report.diff import COLOURS, EditedFile, render_diffs
from mcpconf.report.findings import finding_lines, findings_data
from mcpconf.report.layout import hang
from mcpconf.report.style import Style

_WORDS = {
    "add": ("added", "would add", "to"),
    "remove": ("removed", "would remove", "from"),
    "adopt": ("took over", "would take over", "into"),
    "rename": ("renamed", "would rename", "in"),
    "forget": ("gave back", "would give back", "in"),
}


def render_revised(revised: Revised, style: Style) -> str:
    done, planned, preposition = _WORDS[revised.action]
    verb, name = done if revised.written else planned, style.text(revised.server)
    name = ", ".join(map(style.text, revised.addresses)) or name
    name = f"{style.text(revised.previous)} to {name}" if revised.previous else name
    what = f"{verb} {name} {preposition} {style.text(revised.file)}"
    lines = [f"{what}: {', '.join(map(style.text, revised.changed))}"]
    lines += islice(render_diffs([_file(revised)], style), 2, None)
    if revised.without:
        hosts, lists = (
            ", ".join(revised.without),
            "their lists of servers" if revised.without[1:] else "its list of servers",
        )
        lines += hang("note: ", f"not for {hosts}: {lists} in the manifest would have to name it", style.width)
    if revised.action == "add" and not revised.hosts:
        lines += hang("note: ", "no host gets it; name one in `hosts`", style.width)
    for item in revised.findings:
        lines += finding_lines(item, style)
    for note in revised.notes:
        lines += hang("note: ", style.text(note), style.width)
    if revised.written:
        lines.append(f"next: {_next(revised, style)}")
    return "".join(f"{line}\n" for line in lines)


def render_patch(revised: Revised, style: Style) -> str:
    """What `patch -p1` reads, from the folder of the manifest."""
    name = revised.file.rpartition("/")[2]
    before, after = (data.decode().splitlines(keepends=True) for data in (revised.before, revised.after))
    lines = unified_diff(before, after, f"a/{name}", f"b/{name}")
    ended = (line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
    return "".join(style.paint(style.scrub(line[:-1]), COLOURS.get(line[:1], "")) + "\n" for line in ended)


def revised_notes(revised: Revised, style: Style) -> str:
    return "".join(f"{line}\n" for note in revised.notes for line in hang("note: ", style.text(note), style.width))


def revised_data(revised: Revised) -> dict[str, Json]:
    return {
        "manifest": revised.file,
        "action": revised.action,
        "server": revised.server,
        **({"previous": revised.previous} if revised.previous else {}),
        **({"addresses": list(revised.addresses)} if revised.addresses else {}),
        "changed": list(revised.changed),
        "hosts": list(revised.hosts),
        "without": list(revised.without),
        "notes": list(revised.notes),
        "findings": findings_data(revised.findings),
        "written": revised.written,
        "diff": _file(revised).lines(),
        "next": _next(revised, Style()) if revised.written else None,
        "exit_code": int(ExitCode.SUCCESS),
    }


def _file(revised: Revised) -> EditedFile:
    return EditedFile(revised.file, revised.before, revised.after)


def _next(revised: Revised, style: Style) -> str:
    option = "" if revised.file == "mcpconf.yaml" else f" -m {style.text(revised.file)}"
    return f"mcpconf {revised.next}{option}"
