"""A server gets another name in the text of a manifest: in its place, and wherever it is mentioned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mcpconf.documents.checking import select
from mcpconf.documents.editing import Draft
from mcpconf.documents.layer import BRIDGES
from mcpconf.documents.releasing import called
from mcpconf.model.address import GRANT, Address, encode
from mcpconf.model.base import Json
from mcpconf.model.manifest import Server

_TARGETS = ("waivers", "ignore")


def give_name(draft: Draft, server: Server, old: str, new: str) -> None:
    """`released` stays as it is: what was given back keeps its name on the machines."""
    lists = draft.lists_with(old)
    draft.rename(("servers", old), new)
    draft.tell("servers", new)
    former = [name for name in (*server.was, old) if name != new]
    draft.put(("servers", new, "was"), former)
    draft.respell(lists, lambda word: new if word == old else word)
    for path, word in select(draft.written, BRIDGES):
        if word == old:
            draft.put(tuple(map(str, path)), new)
            draft.tell(*path)
    for section in _TARGETS:
        _retarget(draft, section, server, (old, new))


def unclear(draft: Draft, old: str) -> Iterator[tuple[str, str]]:
    """Targets that may be about the server by the words of a host, and stay as they are; with their sections."""
    for section in _TARGETS:
        for item in draft.written.get(section) or ():
            target = item["target"]
            if target.startswith(GRANT) and old in target:
                yield section, target


def _retarget(draft: Draft, section: str, server: Server, names: Sequence[str]) -> None:
    items = draft.written.get(section) or []
    if all(_target(item["target"], server, names) == item["target"] for item in items):
        return

    def change(typed: Json, written: Json) -> None:
        for here, there in zip(typed, written, strict=True):
            target = _target(there["target"], server, names)
            if target != there["target"]:
                here["target"] = target

    draft.tell(section)
    draft.reshape(section, change)


def _target(target: str, server: Server, names: Sequence[str]) -> str:
    """A target as it is for the new name; one that is about the name a host has of its own stays."""
    old, new = names
    if target.startswith(GRANT):
        return target
    body, mark, part = target.partition("#")
    head, slash, last = body.rpartition("/")
    kind, colon, name = last.rpartition(":") if not slash else ("", "", last)
    if name != encode(old, "/") or (slash and _called(body, server, old) != old):
        return target
    return f"{head}{slash}{kind}{colon}{new}{mark}{part}"


def _called(body: str, server: Server, old: str) -> str:
    try:
        return called(server, Address.parse(body).host, old)
    except ValueError:
        return old
