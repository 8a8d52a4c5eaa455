"""Rules about locked surfaces as such: whether clients can read them in one way only, and what they depend on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from mcpconf.model.manifest import Server
from mcpconf.model.surface import Surface
from mcpconf.rules.frame import Evidence, Hit, Rule
from mcpconf.rules.surfaces import asked

_MOST = 10
"""Findings of one rule about one server; more would only repeat that the server is like that."""

_NAMED = 5


def _surfaces(evidence: Evidence) -> Iterator[tuple[str, Server, Surface]]:
    for name, server, locked in asked(evidence):
        if locked.surface is not None:
            yield name, server, locked.surface


def _hits(evidence: Evidence, name: str, told: Iterable[tuple[str, str]]) -> Iterator[Hit]:
    """For each pointer into the surface, with what is said of it."""
    where = evidence.where("servers", name)
    for pointer, message in islice(told, _MOST):
        yield Hit("desired", f"server:{name}", f"`{name}`: {message}", where=where, evidence=pointer)


def _unsound(evidence: Evidence) -> Iterator[Hit]:
    for name, _, surface in _surfaces(evidence):
        yield from _hits(evidence, name, _faults(surface))


def _faults(surface: Surface) -> Iterator[tuple[str, str]]:
    from mcpconf.surface.soundness import unsound

    return ((fault.pointer, f"`{fault.pointer}` {fault.reason}") for fault in unsound(surface))


def _shaped(evidence: Evidence) -> Iterator[Hit]:
    for name, _, surface in _surfaces(evidence):
        yield from _hits(evidence, name, _parameters(surface))


def _parameters(surface: Surface) -> Iterator[tuple[str, str]]:
    from mcpconf.surface.digests import pointer_to, step
    from mcpconf.surface.parameters import SHAPED, shaped_parameters

    for gated, listing in (("", surface), ("/gated", surface.gated)):
        for tool, item in sorted(listing.tools.items()):
            for parameter in shaped_parameters(item.value):
                pointer = f"{gated}{pointer_to('tool', tool)}/inputSchema/properties/{step(parameter)}"
                yield pointer, f"tool `{tool}` has a parameter `{parameter}`: {SHAPED}"


def _dependent(evidence: Evidence) -> Iterator[Hit]:
    for name, server, surface in _surfaces(evidence):
        yield from _gated(evidence, name, surface)
        yield from _asked_otherwise(evidence, name, server, surface)
        yield from _untemplated(evidence, name, server, surface)


def _gated(evidence: Evidence, name: str, surface: Surface) -> Iterator[Hit]:
    names = [" ".join(filter(None, (kind, item))) for kind, item, _ in surface.gated.items()]
    if names:
        more = f", and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        message = f"only clients that offer sampling, elicitation or roots see {', '.join(names[:_NAMED])}{more}"
        yield from _hits(evidence, name, [("/gated", message)])


def _asked_otherwise(evidence: Evidence, name: str, server: Server, surface: Surface) -> Iterator[Hit]:
    context = surface.context
    other = []
    if context.arguments != [str(word) for word in server.args]:
        other.append("arguments")
    if context.variables != sorted(server.env):
        other.append("variables")
    if other:
        message = f"what it shows was asked for with other {' and '.join(other)} than the manifest has now"
        yield from _hits(evidence, name, [("/context", message)])


def _untemplated(evidence: Evidence, name: str, server: Server, surface: Surface) -> Iterator[Hit]:
    if server.surface is not None and server.surface.templated:
        from mcpconf.surface.templating import untemplated

        for pointer, reason in untemplated(surface, server.surface.templated):
            where = evidence.where("servers", name, "surface", "templated", pointer)
            hint = "correct the pointer or the pattern, or leave it out"
            yield Hit(
                "desired", f"server:{name}", f"`{name}`: `{pointer}` in `templated` {reason}", hint, where, pointer
            )


RULES = (
    Rule(
        id="MCP309",
        title="a surface that clients read in different ways",
        severity="warning",
        threat="tool name conflict, tool poisoning",
        owasp="MCP03:2025",
        check=_unsound,
        what="In the locked surface: a tool whose name is not one that every client can call (SEP-986), a schema that is none, a `$ref` that leads to the network, an `x-mcp-header` that the protocol forbids or that makes a secret travel in a header. What cannot be locked at all, such as a key that is there twice, is told when it is locked.",
        why="What one client refuses, another takes in its own way, so that what was looked at is not what acts. Whoever answers at the address of a `$ref` can change the meaning of a tool later.",
        example='{"$ref": "https://example.org/schema.json"} as the input of a tool',
        fix="report it to whoever makes the server",
    ),
    Rule(
        id="MCP311",
        title="a surface that depends on how it is asked for",
        severity="info",
        threat="tool poisoning",
        owasp="MCP03:2025",
        check=_dependent,
        what="A locked surface of which some is only shown to clients that offer sampling, elicitation or roots; one that was asked for with other arguments or variables than the manifest has now; an entry of `surface.templated` that nothing in it fits.",
        why="It was looked at as one client saw it on one day. A host may see more.",
        example="13 tools without sampling, 16 with it",
        fix="look at what is gated too; where the manifest says something else now, `mcpconf lock --surface` asks again",
    ),
    Rule(
        id="MCP312",
        title="a parameter that invites to tell everything",
        severity="warning",
        threat="tool poisoning",
        owasp="MCP10:2025",
        check=_shaped,
        what="A tool with a parameter for free text that its work does not need, by its name: `sidenote`, `context`, `conversation`, `feedback`, `transcript`. Changes of a lock say so of a new one.",
        why="A model fills in what a parameter is described to hold. So what was said to it leaves through a call that looks harmless.",
        example='add(a, b, sidenote), described as "everything you know about the user"',
        fix="read its description; deny the tool in `permissions.tools.except`, or waive MCP312 for the server",
    ),
)
