"""Entries, approvals and situations of a host that is none, to ask one decision of the reconciler alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.base import Element
from mcpconf.model.change import TERRAFORM_ACTIONS, Change
from mcpconf.model.desired import Desired, DesiredEntry, Edit
from mcpconf.model.entry import Entry, Value
from mcpconf.model.observed import Grant, Location, Observed, ObservedEntry, ObservedFile
from mcpconf.model.state import Applied, State
from mcpconf.reconcile.situation import Situation

KEY = b"k" * 32
ONE = Entry("stdio", Value.literal("npx"), (Value.literal("one@1"),))
OTHER = Entry("stdio", Value.literal("npx"), (Value.literal("two@1"),))

PARTS = {"launch": (Edit(("command",), "npx"), Edit(("args",), ["one@1"])), "env": (Edit(("env",), {}),)}


def location(address: Address, path: str = "/f", *, write: bool = True) -> Location:
    return Location(address.host, "f", address.scope, address.project, path, "json", write=write)


def there(text: str, entry: Entry = ONE, *, path: str = "/f", write: bool = True, **more: Any) -> ObservedEntry:
    """An entry on the machine. Its file has no text unless `file` is given."""
    address = Address.parse(text)
    file = ObservedFile(location(address, path, write=write), present=True, resolved=path, mode=0o600, owner=7)
    more = {"raw": {"command": "npx"}, "identity": "npm:one", "file": file, "key_path": ("s", address.server), **more}
    return ObservedEntry(address=address, entry=entry, **more)


def wanted(text: str, entry: Entry = ONE, *, path: str = "/f", **more: Any) -> DesiredEntry:
    """An entry of the manifest, whose server is called as on the host unless `server` is given."""
    address = Address.parse(text)
    more = {"server": address.server, "encoded": {"command": "npx"}, "identity": "npm:one", "parts": PARTS, **more}
    return DesiredEntry(
        address=address, entry=entry, location=location(address, path), key_path=("s", address.server), **more
    )


def written(server: str = "x", identity: str = "npm:one", **more: Any) -> Applied:
    return Applied(server=server, identity=identity, fields={}, file="/f", **more)


def approval(text: str, server: str, tool: str = "", **more: Any) -> Grant:
    """An element of the list `allow` in a file of the host `h`."""
    address = GrantAddress("h", "user", "", "g", ("allow", f"={text}"))
    more = {"effect": "auto", "key_path": ("allow", Element(text)), "value": text, **more}
    file = more.pop("file", None) or ObservedFile(location(Address("h", "user", "", ""), "/g"), present=True)
    return Grant(address=address, server=server, tool=tool, file=file, **more)


def situation(
    asked: Iterable[DesiredEntry] = (),
    seen: Iterable[ObservedEntry] = (),
    state: State | None = None,
    /,
    **more: Any,
) -> Situation:
    """Every file that is read or written was looked at, and there is a key unless `key` says otherwise."""
    asked, seen = tuple(asked), tuple(seen)
    files = {(entry.address.host, entry.file.location.path): entry.file for entry in seen}
    for entry in asked:
        files.setdefault((entry.address.host, entry.location.path), ObservedFile(entry.location, present=True))
    observed = Observed(entries=seen, files=tuple(files.values()))
    observed = replace(observed, **more.pop("observed", {}))
    return Situation(Desired(asked), observed, state or State(), **{"key": KEY, **more})


def change(address: str, action: str = "create", **more: Any) -> Change:
    host, _, rest = address.removeprefix("grant:").partition("/")
    more = {"reason": "new", "server": rest.rpartition("/")[2], **more}
    return Change(address=address, host=host, action=action, actions=TERRAFORM_ACTIONS[action], **more)
