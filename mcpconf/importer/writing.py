"""One attempt at a manifest: composed, checked against the machine, and written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import ValidationError

from mcpconf.importer import compose
from mcpconf.importer.disagreements import line
from mcpconf.importer.found import Found, LeftOut
from mcpconf.importer.grouping import Group, carriers, group
from mcpconf.importer.imported import Ground, Imported, Pin
from mcpconf.importer.proof import unproven
from mcpconf.importer.text import Comments, render
from mcpconf.importer.waiving import waivable, waivers
from mcpconf.model.base import Json
from mcpconf.model.desired import Desired
from mcpconf.model.manifest import Manifest, Server
from mcpconf.reconcile.places import place
from mcpconf.resolve import Resolution, resolve
from mcpconf.resolve.servers import asked, command_line


class Writing:
    """What is found fits a manifest if `refuted` is empty; only then there is a text."""

    def __init__(self, founds: Sequence[Found], installed: frozenset[str], ground: Ground) -> None:
        self._founds = founds
        self._installed = installed
        self._ground = ground
        self._comments = Comments(top=list(compose.TOP))
        self._groups = compose.in_sections(group(founds), self._comments)
        self._all = [*self._groups, *carriers(self._groups)]
        cached = {item.name: version for item in self._all if (version := self._cached(item))}
        self._pins = compose.Pins(cached, write=ground.pin)

    def _cached(self, item: Group) -> str:
        package = compose.package_of(item.first)
        return "" if package is None else self._ground.cached(item.first, package)

    def refuted(self) -> list[LeftOut]:
        """Entries that a manifest has no words for, or would change."""
        as_found = compose.servers(self._all, compose.Pins({}))
        refused = [answer for item in self._all for answer in _refused(item, as_found[item.name])]
        return refused or unproven(self._founds, self._desired(Manifest.model_validate(self._document(as_found))))

    def _document(self, servers: dict[str, Json]) -> dict[str, Json]:
        hosts, projects = compose.selections(self._groups, self._installed)
        document: dict[str, Json] = {"mcpconf": 1, "servers": servers, "hosts": hosts}
        if projects:
            document["projects"] = projects
        return document | {"policy": {"unmanaged": "warn", "on_conflict": "fail"}}

    def _desired(self, manifest: Manifest) -> Desired:
        ground = self._ground
        return resolve(
            manifest,
            Resolution(ground.rows, ground.facts, self._installed, ground.exists, tracked=lambda _path: True),
        )

    def imported(self, left_out: Sequence[LeftOut]) -> Imported:
        ground = self._ground
        compose.annotate(self._all, self._comments, self._pins, ground.facts)
        document = self._document(compose.servers(self._all, self._pins))
        manifest = Manifest.model_validate(document)
        waived = waivable(manifest, ground.facts, lambda day: ground.today.isoformat() > day)
        if waived:
            document["waivers"] = waivers(waived, ground.today)
        for host, selection in document["hosts"].items():
            if selection.get("create"):
                self._comments.beside["hosts", host] = "not installed where this was found, but its files are there"
        self._comments.end += compose.left_out_lines(left_out)
        floating = [item for item in self._all if asked(manifest.servers[item.name]).floating]
        return Imported(
            text=render(document, self._comments, compose.LAYOUT),
            groups=tuple(self._groups),
            pins=tuple(self._made_exact(manifest)),
            waived=waived,
            floating=len(floating),
            cached=sum(self._pins.of(item) != "" for item in floating),
        )

    def _made_exact(self, manifest: Manifest) -> Iterator[Pin]:
        for item in self._all if self._pins.write else ():
            if self._pins.of(item):
                before, after = line(item.first.split[0]), line(command_line(manifest.servers[item.name]))
                if before != after:
                    yield Pin(item.name, before, after, tuple(place(found.observed) for found in item.founds))


def _refused(item: Group, server: Json) -> list[LeftOut]:
    """What a manifest does not take: an invisible character, a password in an address."""
    try:
        Server.model_validate(server)
    except ValidationError as error:
        faults = [fault for told in error.errors() for fault in getattr(told.get("ctx", {}).get("error"), "faults", ())]
        reason = faults[0].message if faults else error.errors()[0]["msg"].lower()
        return [
            LeftOut(found.observed, "cannot-be-said", f"a manifest cannot hold it: {reason}") for found in item.founds
        ]
    return []
