"""Rules about what tools do unasked, and what those that one host runs can do together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from mcpconf.model.surface import Surface
from mcpconf.model.tools import EVERY, covers
from mcpconf.rules.conflicts import Shown, Together, callable_tools, together
from mcpconf.rules.frame import Case, Evidence, Hit, Rule
from mcpconf.surface.annotations import holds
from mcpconf.surface.natures import Nature, natures

_NAMED = 5


def _unasked(evidence: Evidence) -> Iterator[Hit]:
    """Of what the manifest asks for: what else a machine has is told as an entry or an approval that nobody asked for."""
    for case in evidence.cases:
        if case.subject == "desired" and case.entry.auto:
            locked = evidence.situation.supplied.locked(case.name)
            message = _told(case, case.entry.auto, locked.surface if locked is not None else None)
            if message:
                yield Hit(case.subject, case.address, message, where=case.where)


def _told(case: Case, auto: tuple[str, ...], surface: Surface | None) -> str:
    if EVERY in auto:
        return f"`{case.name}`: every tool acts without asking, also those that it will have tomorrow"
    if surface is None:
        return ""
    tools = {**surface.gated.tools, **surface.tools}
    acting = sorted(name for name in tools if any(covers(pattern, name) for pattern in auto))
    changing = [name for name in acting if not holds(tools[name].value, "readOnlyHint")]
    if not changing:
        return ""
    more = f" and {len(changing) - _NAMED} more" if len(changing) > _NAMED else ""
    listed = ", ".join(f"`{name}`" for name in changing[:_NAMED])
    return f"`{case.name}`: {listed}{more} act without asking, and do not say that they only read"


_NATURES: Mapping[Nature, str] = {
    "private": "reads what is private",
    "strange": "brings in texts of strangers",
    "outward": "can send something out",
}


def _together(evidence: Evidence) -> Iterator[Hit]:
    """Once for each three, however many hosts run them."""
    hosts: dict[tuple[tuple[Nature, str, str], ...], list[str]] = defaultdict(list)
    for group in together(evidence):
        found = _three(evidence, group)
        if len(found) == len(_NATURES) and group.host not in hosts[found]:
            hosts[found].append(group.host)
    for found, names in hosts.items():
        parts = ", ".join(f"what {_NATURES[nature]} (`{tool}` of `{server}`)" for nature, server, tool in found)
        run = "runs" if len(names) == 1 else "run"
        message = f"{', '.join(f'`{name}`' for name in names)} {run} together {parts}"
        server = found[-1][1]
        yield Hit("desired", f"server:{server}", message, where=evidence.where("servers", server))


def _three(evidence: Evidence, group: Together) -> tuple[tuple[Nature, str, str], ...]:
    """Of each nature the first server and tool of the group that has it."""
    found: dict[Nature, tuple[Nature, str, str]] = {}
    for shown in group.servers:
        for tool in callable_tools(shown):
            item = shown.surface.tools.get(tool) or shown.surface.gated.tools[tool]
            for nature in natures(tool, item.value):
                if nature == "private" or not _is_shut_off(evidence, shown):
                    found.setdefault(nature, (nature, shown.entry.server, tool))
    return tuple(found[nature] for nature in _NATURES if nature in found)


def _is_shut_off(evidence: Evidence, shown: Shown) -> bool:
    """Whether the manifest says that the server reaches no network."""
    permissions = evidence.manifest.servers[shown.entry.server].permissions
    return permissions is not None and permissions.net is not None and permissions.net.out == ()


RULES = (
    Rule(
        id="MCP207",
        title="a tool that acts unasked and may do more than read",
        severity="warning",
        threat="tool chaining abuse, privilege persistence",
        owasp="MCP02:2025",
        check=_unasked,
        what="A server of the manifest of which every tool acts without asking (`*`), or of which a tool does that the lock knows and that does not say of itself that it only reads.",
        why="Nobody sees the call before it is made. What a tool says of itself proves nothing, but one that says nothing is meant to be able to do anything.",
        example='permissions: {tools: {auto: ["*"]}}; `auto: [delete_file]`',
        fix="name the tools that only read under `permissions.tools.auto`, and no others",
    ),
    Rule(
        id="MCP209",
        title="private data, texts of strangers and a way out, together",
        severity="warning",
        threat="indirect prompt injection, tool chaining abuse",
        owasp="MCP10:2025",
        check=_together,
        what="Tools of the lock that one host runs in one scope, of which one reads what is private, one brings in what strangers wrote, and one can send something out, as far as their names tell. A server with `net: {out: none}` neither brings in nor sends.",
        why="A text that somebody wrote into a web page or a mail is read like an order. With these three, the order can be to send what is private to whoever wrote it.",
        example="`read_file` of `files`, `fetch` of `web`",
        fix="give the host one of them less, deny a tool in `permissions.tools.except`, or waive MCP209 with a reason",
    ),
)
