"""The use case: approved servers in the form that a program reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from mcpconf.errors import Problem
from mcpconf.exporting.judged import Judged, judged
from mcpconf.exporting.permitted import Permitted, permitted
from mcpconf.exporting.sdk import FORMS
from mcpconf.exporting.sdk.form import Form
from mcpconf.exporting.sdk.words import Words, plain
from mcpconf.model.base import Json
from mcpconf.model.entry import OAuth
from mcpconf.model.manifest import Manifest
from mcpconf.ports import Facts, Machine
from mcpconf.reconcile.hiding import scrubber_of
from mcpconf.reconcile.situate import literals
from mcpconf.resolve.servers import neutral
from mcpconf.secrets import Scrubber


@dataclass(frozen=True, slots=True)
class Exported:
    """`document` is what the program loads. `held` are servers that must not be in it, and why.

    `left_out` are those that the form cannot say, or that nobody wants there; `notes` tell what of the others it does not keep.
    """

    document: dict[str, Json]
    servers: tuple[str, ...]
    held: tuple[Problem, ...]
    left_out: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def export(
    machine: Machine, path: str, form: str, names: Sequence[str] = (), *, locked: bool = False
) -> tuple[Exported, Scrubber]:
    """Reads manifest, lock, approvals and store, and no host's file; writes nothing. Raises as `judged` does."""
    found = judged(machine, path, names, locked=locked)
    exported = exported_as(FORMS[form], found, machine.facts, named=bool(names))
    return exported, scrubber_of((neutral(server) for server in found.servers.values()), literals(found.manifest))


def exported_as(form: Form, found: Judged, facts: Facts, *, named: bool) -> Exported:
    """`named`: somebody asked for these very servers, so that one that cannot be said is held and not left out."""
    held = dict(found.held)
    left, notes = dict(found.absent), list[str]()
    entries: dict[str, tuple[Permitted, Json]] = {}
    for name, server in found.servers.items():
        if name in held:
            continue
        locked = found.supplied.locked(name)
        allowed = permitted(name, server, neutral(server), locked.surface if locked is not None else None)
        if isinstance(allowed, Problem):
            held[name] = allowed
            continue
        if allowed.tools == ():
            left[name] = "none of its tools may be called"
            continue
        words = Words(facts.os)
        spelled = form.entry(_plain(allowed), words)
        reasons = (*words.losses, *_unkept(form, allowed, found.manifest))
        if reasons and named:
            hint = f"leave `{name}` out, or export it in another form"
            held[name] = Problem("invalid", f"{form.title} cannot take `{name}`: {'; '.join(reasons)}", None, hint)
        elif reasons:
            left[name] = f"{form.title} cannot take it: {'; '.join(reasons)}"
        else:
            entries[name] = (_plain(allowed), spelled)
            notes += (f"`{name}`: {text}" for text in words.unsaid)
    notes += _told(form, [allowed for allowed, _ in entries.values()])
    return Exported(_whole(form, entries), tuple(entries), tuple(held.values()), tuple(left.items()), tuple(notes))


def _plain(allowed: Permitted) -> Permitted:
    """Names of tools are anybody's text, and the program replaces what looks like a variable."""
    tools = None if allowed.tools is None else tuple(map(plain, allowed.tools))
    return replace(allowed, tools=tools, unasked=tuple(map(plain, allowed.unasked)))


def _unkept(form: Form, allowed: Permitted, manifest: Manifest) -> Iterator[str]:
    if "enforced-tools" in manifest.policy.require and allowed.tools is not None and not form.lists_tools:
        yield "it keeps no list of tools, and `policy.require` has `enforced-tools`"


def _told(form: Form, entries: Iterable[Permitted]) -> Iterator[str]:
    """What the program has to see to itself."""
    found = [*entries]
    listed = [f"`{item.name}`" for item in found if item.tools is not None]
    if listed and not form.lists_tools:
        yield f"{form.title} offers every tool of a server: the program must take the listed ones alone ({', '.join(listed)})"
    asking = [f"`{item.name}`" for item in found if item.asks and item.asking]
    if asking and not form.asks:
        yield f"{form.title} asks before no tool: the program must ask before those outside `auto` ({', '.join(asking)})"
    limitless = [f"`{item.name}`" for item in found if item.tools is None]
    if limitless:
        yield f"every tool may be called, also those of tomorrow: no surface in the lock, and no `call` ({', '.join(limitless)})"


def _whole(form: Form, entries: Mapping[str, tuple[Permitted, Json]]) -> dict[str, Json]:
    """`oauth` tells what a program needs to log in: nothing secret is in it."""
    document = form.document(entries)
    logins = {name: login for name, (allowed, _) in entries.items() if (login := _login(allowed))}
    return {**document, "oauth": logins} if logins else document


def _login(allowed: Permitted) -> dict[str, Json]:
    entry = allowed.entry
    found = entry.oauth or OAuth()
    login: dict[str, Json] = {"resource": found.resource, "issuer": found.issuer, "client_id": entry.client_id}
    login = {name: plain(text) for name, text in login.items() if text}
    return {**login, "scopes": list(map(plain, found.scopes))} if found.scopes else login
