"""The machine's value becomes the manifest's: entries and approvals that differ from it, one address after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mcpconf.authoring.drafting import loaded, read, refuse_foreign, scrubber, settle, usage
from mcpconf.authoring.selecting import choose, is_wide, leave_out, place
from mcpconf.authoring.taking import Ground, Taken, of_host, of_server, put, taken
from mcpconf.authoring.trial import Look, look, others, settled
from mcpconf.compare import differing
from mcpconf.documents.checking import did_you_mean
from mcpconf.documents.editing import Draft, Revised, enter
from mcpconf.documents.manifest import LoadedManifest
from mcpconf.documents.releasing import called, hosts_with, not_released
from mcpconf.errors import McpconfError, Problem, Where
from mcpconf.importer import secret_texts
from mcpconf.importer.waiving import waivable, waivers
from mcpconf.model.address import GRANT, Address
from mcpconf.model.base import APPEND, Element
from mcpconf.model.commands import command
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.observed import ObservedEntry
from mcpconf.model.tools import EVERY
from mcpconf.model.written import shown
from mcpconf.ports import Machine
from mcpconf.system.sources import bundled_rows

_MOST_TOLD = 5


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say in a manifest what a machine has at a place of a host; `write` is False where it has no words for it.

    `more` are other places that it is said of.
    """

    server: str
    host: str
    write: Callable[[Draft], object]
    more: tuple[str, ...] = ()


def adopt(
    machine: Machine, path: str, addresses: Sequence[str], *, write: bool = False, everywhere: bool = False
) -> Revised:
    """Change the manifest so that a plan has nothing to do at these addresses, and nothing else to do anywhere.

    Raises McpconfError: exit 64 for an address that cannot be taken over so, exit 1 for a manifest that cannot be used.
    """
    data, before = read(path)
    text, manifest, notes, changed = data, before, list[str](), dict[str, None]()
    last = look(machine, before)
    secrets = tuple(secret_texts(last.situation.observed))
    server = ""
    for address in dict.fromkeys(addresses):
        step = _Step(machine, (path, text, manifest), last, everywhere=everywhere)
        draft, server, last = step.adopt(address)
        notes += step.notes
        changed |= draft.changed
        text = draft.text.encode()
        manifest = loaded(text, path)
    draft = Draft(text, path)
    draft.changed = changed
    settle(path, data, draft.revision, write=write)
    return Revised(
        file=path,
        action="adopt",
        server=server,
        changed=tuple(changed),
        before=data,
        after=text,
        written=write,
        scrubber=scrubber(before, manifest, also=secrets),
        addresses=tuple(dict.fromkeys(addresses)),
        notes=tuple(notes),
    )


class _Step:
    """One address. `notes` tell what else a person should know."""

    def __init__(
        self, machine: Machine, manifest: tuple[str, bytes, LoadedManifest], now: Look, *, everywhere: bool
    ) -> None:
        self.machine = machine
        self.path, self.text, self.loaded = manifest
        self.now = now
        self.everywhere = everywhere
        self.notes: list[str] = []

    def adopt(self, text: str) -> tuple[Draft, str, Look]:
        situation = self.now.situation
        if text.startswith(GRANT):
            return self._first(text, self._approval(text))
        try:
            address = replace(Address.parse(text), field="")
        except ValueError as error:
            raise self._refused(str(error), "`mcpconf status` lists the addresses") from None
        wanted = next((item for item in situation.desired.entries if item.address == address), None)
        there = next((item for item in situation.observed.entries if item.address == address), None)
        if there is None and wanted is None:
            known = [*(str(item.address) for item in situation.observed.entries)]
            hint = did_you_mean(text, known) or "`mcpconf status` lists the addresses"
            raise self._refused(f"nothing is at {shown(text)}, and nothing is asked for there", hint)
        if there is None:
            assert wanted is not None
            return self._first(str(address), self._left_out(wanted))
        if wanted is not None and not differing(wanted.entry, there.entry, wanted.stated):
            raise self._refused(f"{shown(text)} is as the manifest says already", "`mcpconf status` lists what differs")
        known_names = self.loaded.manifest.servers
        found = taken(there, situation.observed, Ground(bundled_rows(), self.machine.facts, known_names))
        if isinstance(found, Problem):
            hint = "change the file, then `mcpconf plan`"
            raise self._refused(f"{shown(text)} cannot be taken over: {found.message}", hint)
        self.notes += (
            f"a secret in clear in {shown(item.place)} of {item.entry.address} becomes a reference to {shown(item.name)}"
            for item in found.secrets
        )
        ways = self._new(found, there) if wanted is None else self._changed(found, wanted)
        return self._first(str(address), ways)

    def _first(self, address: str, ways: Iterator[Way]) -> tuple[Draft, str, Look]:
        """The first way that settles the address and nothing else."""
        reason: McpconfError | None = None
        for way in ways:
            draft = Draft(self.text, self.path)
            try:
                if way.write(draft) is False:
                    continue
                self._waive(draft)
                after = loaded(draft.text.encode(), self.path)
                seen = look(self.machine, after)
            except McpconfError as error:
                reason = reason or error
                continue
            if not settled(seen, address):
                continue
            told = others(self.now, seen, address) + self._spread(way, after)
            if not told or self.everywhere:
                self.notes += [f"it is also about {item}" for item in told]
                return draft, way.server, seen
            reason = reason or self._wider(address, told)
        raise reason or self._refused(
            f"the manifest has no words for what is at {shown(address)}", f"{command('plan')} says how it differs"
        )

    def _spread(self, way: Way, after: LoadedManifest) -> list[str]:
        """Where else the server would be from then on, be it on another machine."""
        before, name = self.loaded.manifest, way.server
        had = hosts_with(before, name) if name in before.servers else set()
        return [*sorted(hosts_with(after.manifest, name) - had - {way.host}), *way.more]

    def _wider(self, address: str, told: Sequence[str]) -> McpconfError:
        named = ", ".join(map(shown, told[:_MOST_TOLD])) + (f" and {len(told) - _MOST_TOLD} more" if told[5:] else "")
        hint = f"{command('adopt', address, '--everywhere')} takes that too; or give the others a list of servers first"
        return self._refused(f"what is at {shown(address)} cannot be said for it alone: it would change {named}", hint)

    def _refused(self, message: str, hint: str) -> McpconfError:
        return usage(message, Where(self.path), hint)

    def _left_out(self, wanted: DesiredEntry) -> Iterator[Way]:
        manifest, facts = self.loaded.manifest, self.machine.facts
        self._own(place(manifest, wanted.address, facts))
        name, address = wanted.server, wanted.address
        yield Way(name, address.host, lambda draft: leave_out(draft, manifest, name, address, facts))

    def _new(self, found: Taken, there: ObservedEntry) -> Iterator[Way]:
        """A server that the manifest has already, for one place more; else a new one."""
        manifest, facts, address = self.loaded.manifest, self.machine.facts, there.address
        self._own(place(manifest, address, facts))
        where = ".".join(map(str, place(manifest, address, facts)))
        wide = (f"what else `{where}` is about",) if is_wide(manifest, address, facts) else ()
        identities = self.now.situation.declared.identities
        for name in [name for name, known in identities.items() if there.identity in known]:

            def select(draft: Draft, name: str = name) -> None:
                choose(draft, manifest, name, address, facts)
                if called(manifest.servers[name], address.host, name) != address.server:
                    draft.put(("servers", name, "hosts", address.host, "name"), address.server)
                    draft.tell("servers", name, "hosts", address.host)
                not_released(draft, name, {address.host})

            yield Way(name, address.host, select, wide)

        def add(draft: Draft) -> None:
            enter(draft, found.name, found.server, ())
            choose(draft, manifest, found.name, address, facts)
            not_released(draft, found.name, {address.host})
            not_released(draft, address.server, {address.host})

        yield Way(found.name, address.host, add, wide)

    def _changed(self, found: Taken, wanted: DesiredEntry) -> Iterator[Way]:
        """The server itself where no other host has it, else what its host has of its own, else the server for all."""
        name, manifest = wanted.server, self.loaded.manifest
        self._own(("servers", name))
        server, host = manifest.servers[name], wanted.address.host
        if server.bridge is not None and wanted.entry.transport == "stdio":
            hint = f"change {shown(name)} in the manifest, or {shown(server.bridge)}, which carries it"
            raise self._refused(f"{shown(str(wanted.address))} cannot be taken over: a bridge is between", hint)
        rest = tuple(sorted(hosts_with(manifest, name) - {host}))
        own, all_of_it = of_host(found, server, wanted), of_server(found, server, wanted)
        if not rest:
            yield Way(name, host, lambda draft: put(draft, name, all_of_it))
        if own:
            yield Way(name, host, lambda draft: put(draft, name, own))
        if rest:
            yield Way(name, host, lambda draft: put(draft, name, all_of_it), rest)

    def _approval(self, text: str) -> Iterator[Way]:
        situation = self.now.situation
        grant = next((item for item in situation.observed.grants if str(item.address) == text), None)
        if grant is None:
            raise self._refused(f"there is no approval {shown(text)}", "`mcpconf status` lists the addresses")
        name = situation.declared.called.get((grant.address.host, grant.server))
        if name is None or grant.readings or grant.effect not in ("auto", "some"):
            what = "it is of no server of this manifest" if name is None else "it is not about tools of one server"
            raise self._refused(f"{shown(text)} cannot be declared: {what}", f"{command('accept', text)} lets it be")
        self._own(("servers", name))
        at, tool = ("servers", name, "permissions", "tools", "auto"), grant.tool or EVERY

        def declare(draft: Draft) -> None:
            draft.put((*at, Element(tool)), tool)
            draft.tell(*at)

        host = grant.address.host
        yield Way(name, host, declare, tuple(sorted(hosts_with(self.loaded.manifest, name) - {host})))

    def _own(self, where: tuple[str | int, ...]) -> None:
        """What another file says is changed there."""
        if len(self.loaded.layers) > 1 and self.loaded.where(*where).file != self.loaded.file:
            refuse_foreign(self.loaded, tuple(map(str, where)), f"what it takes, {shown('.'.join(map(str, where)))},")

    def _waive(self, draft: Draft) -> None:
        """What the machine has is not blocked for what it is: that is let be for a while, in plain sight."""
        today = self.machine.clock.now()[:10]
        before = waivable(self.loaded.manifest, self.machine.facts, lambda day: today > day)
        known = {(item.rule, item.address) for item in before}
        after = loaded(draft.text.encode(), self.path).manifest
        found = waivable(after, self.machine.facts, lambda day: today > day)
        found = tuple(item for item in found if (item.rule, item.address) not in known)
        for item in waivers(found, date.fromisoformat(today)):
            draft.put(("waivers", APPEND), {**item, "reason": "found on adoption"})
            draft.tell("waivers")
            self.notes.append(f"a waiver lets {shown(item['rule'])} be until {item['expires']}")
