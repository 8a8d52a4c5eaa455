"""From groups of entries to the manifest's own words, with comments that say where each came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mcpconf.hosts.places import spelled
from mcpconf.importer.found import Found, LeftOut, squeezed
from mcpconf.importer.grouping import Group
from mcpconf.importer.text import Comments, Layout
from mcpconf.model.asked import UNPINNED, parse_package
from mcpconf.model.base import Json
from mcpconf.model.entry import Reference, Value
from mcpconf.model.package import Package
from mcpconf.model.written import RefusedError
from mcpconf.packages import launch
from mcpconf.ports import Facts
from mcpconf.secrets import looks_secret
from mcpconf.secrets.show import REDACTED

LAYOUT = Layout(
    blocks=(
        (),
        ("servers",),
        ("servers", "*"),
        ("hosts",),
        ("projects",),
        ("projects", "*"),
        ("policy",),
        ("waivers",),
    ),
    spaced=(
        ("servers",),
        ("servers", "*"),
        ("hosts",),
        ("projects",),
        ("policy",),
        ("waivers",),
    ),
)

TOP = [
    "The MCP servers found on a machine by `mcpconf import`, as they are. Keep this file in git.",
    "`mcpconf plan` shows what differs from it. What says `unpinned` or is waived is worth a look.",
]


_MOST_LINES = 30


@dataclass(frozen=True, slots=True)
class Pins:
    """Versions that a cache tells, by the group's first command line; `write` puts them into the manifest."""

    cached: Mapping[str, str]
    write: bool = False

    def of(self, item: Group) -> str:
        return self.cached.get(item.name, "")


def servers(groups: Sequence[Group], pins: Pins) -> dict[str, Json]:
    return {item.name: _server(item, pins) for item in groups}


def _server(item: Group, pins: Pins) -> dict[str, Json]:
    entry = item.first.entry
    fields = _address(item) if entry.url.parts else _launch(item, pins)
    if entry.enabled is False:
        fields["enabled"] = False
    if item.first.seconds is not None:
        fields["timeout"] = item.first.seconds
    hosts = () if item.carries else item.hosts.values()
    overrides = {found.host: override for found in hosts if (override := _override(item, found))}
    return {**fields, **({"hosts": overrides} if overrides else {})}


def _address(item: Group) -> dict[str, Json]:
    entry = item.first.entry
    fields: dict[str, Json] = {"url": str(entry.url)}
    if "http" not in item.transports:
        fields["transport"] = "sse"
    fields |= {**_present("headers", written(entry.headers)), **_present("oauth", item.first.oauth)}
    return fields | _present("bridge", item.bridge)


def _launch(item: Group, pins: Pins) -> dict[str, Json]:
    first = item.first
    command = [str(value) for value in first.split[0]]
    package = package_of(first)
    fields: dict[str, Json] = {"command": command}
    if package is not None:
        version, program = pinned(first, package)
        wanted = pins.of(item) if pins.write else ""
        if wanted and (program := program_of(first, package)) is not None:
            version = wanted
        fields = {"package": str(package), "version": version or UNPINNED}
        fields |= _present("bin", program or "") if version else {"command": command}
    fields |= _present("args", [str(value) for value in item.args])
    fields |= _present("env", written(item.env))
    return fields | ({"cwd": str(first.entry.cwd)} if first.entry.cwd is not None else {})


def package_of(found: Found) -> Package | None:
    """The package in a manifest's words; None for what a manifest has no words for, such as a repository."""
    if found.launched.package is None:
        return None
    try:
        return parse_package(str(found.launched.package))
    except RefusedError:
        return None


def pinned(found: Found, package: Package) -> tuple[str, str | None]:
    """The exact version that the command line asks for and the program it picks; "" and None if there is none.

    Only where the manifest's own words render just this command line.
    """
    version = found.launched.version
    if found.launched.floating or not version or package.ecosystem not in ("npm", "pypi"):
        return "", None
    starts = tuple(str(value) for value in found.split[0])
    for program in _programs(found):
        if launch(package, version, bin=program) == starts:
            return version, program
    return "", None


def program_of(found: Found, package: Package) -> str | None:
    """Which of the package's programs the command line starts, "" for the package's own; None if that is not plain."""
    starts = tuple(str(value) for value in found.split[0])
    asked = found.launched.version
    specs = {"", asked}
    for program in _programs(found):
        for version in specs:
            rendered = launch(package, version, bin=program)
            if rendered == starts or (not program and _loosely(rendered, starts, package, asked)):
                return program
    return None


def _loosely(rendered: tuple[str, ...], starts: tuple[str, ...], package: Package, asked: str) -> bool:
    """`npx x`, `npx --yes x@latest` and `uvx x@latest` start the same program as what is rendered."""
    plain = {package.name, f"{package.name}@{asked}", f"{package.name}=={asked}"}
    middle = set(starts[1:-1])
    return starts[:1] == rendered[:1] and starts[-1] in plain and middle <= {"-y", "--yes"}


def _programs(found: Found) -> tuple[str, ...]:
    starts = found.split[0]
    return ("", str(starts[-1])) if len(starts) > 3 else ("",)


def _override(item: Group, found: Found) -> dict[str, Json]:
    override: dict[str, Json] = {}
    if found.name != item.name:
        override["name"] = found.name
    if found.entry.url.parts:
        return override
    if tuple(map(str, found.split[1])) != tuple(map(str, item.args)):
        override["args"] = [str(value) for value in found.split[1]]
    env = {key: value for key, value in found.entry.env.items() if item.env.get(key) != value}
    return override | _present("env", written(env))


def _present(key: str, value: Json) -> dict[str, Json]:
    return {key: value} if value else {}


def written(values: Mapping[str, Value]) -> dict[str, Json]:
    return {key: _map_or_text(value) for key, value in values.items()}


def _map_or_text(value: Value) -> Json:
    match value.parts:
        case (Reference(kind="secret", name=name),):
            return {"secret": name}
        case (str(prefix), Reference(kind="secret", name=name)):
            return {"secret": name, "prefix": prefix}
    return str(value)


def selections(groups: Sequence[Group], installed: frozenset[str]) -> tuple[dict[str, Json], list[Json]]:
    """`hosts` and `projects`: exactly the pairs that were found.

    A host that is missing while its files are there is kept with `create`: else they would not be looked after.
    """
    user: dict[str, list[str]] = {}
    folders: dict[str, dict[str, list[str]]] = {}
    for item in groups:
        for found in item.founds:
            project = found.observed.address.project
            chosen = folders.setdefault(project, {}) if project else user
            names = chosen.setdefault(found.host, [])
            if item.name not in names:
                names.append(item.name)
    named = {host for chosen in (user, *folders.values()) for host in chosen}
    hosts: dict[str, Json] = {}
    for host in sorted(named):
        if host in user or host not in installed:
            create = {} if host in installed else {"create": True}
            hosts[host] = {"servers": user.get(host, []), **create}
    return hosts, [entry for folder in sorted(folders) for entry in _projects(folder, folders[folder])]


def _projects(folder: str, chosen: Mapping[str, list[str]]) -> Iterator[Json]:
    """Hosts with the same servers share an entry; one folder may have several, of different hosts."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for host, names in chosen.items():
        alike.setdefault(tuple(names), []).append(host)
    for servers_of, hosts in alike.items():
        yield {"path": folder, "hosts": sorted(hosts), "servers": list(servers_of)}


def in_sections(groups: Sequence[Group], comments: Comments) -> list[Group]:
    """The user's own servers first, then those of each project; a heading for each section if there are several."""
    sections: dict[str, list[Group]] = {}
    for item in _alike_together(groups):
        projects = [found.observed.address.project for found in item.founds]
        sections.setdefault("" if "" in projects else min(projects), []).append(item)
    ordered = sorted(sections)
    for section in ordered if len(sections) > 1 else ():
        title = f"For the project {section}:" if section else "For the user, in every folder:"
        comments.above.setdefault(("servers", sections[section][0].name), [])[:0] = [title, ""]
    return [item for section in ordered for item in sections[section]]


def _alike_together(groups: Sequence[Group]) -> Iterator[Group]:
    """Servers of one name beside each other, in the order of the first."""
    alike: dict[str, list[Group]] = {}
    for item in groups:
        alike.setdefault(squeezed(item.first.name), []).append(item)
    for items in alike.values():
        yield from items


def annotate(groups: Sequence[Group], comments: Comments, pins: Pins, facts: Facts) -> None:
    """Where each server was found, and what of it is worth a look."""
    for item in groups:
        path = ("servers", item.name)
        above = [*_origins(item, facts), *_apart(item, groups)]
        above = [f"carries: {', '.join(item.carries)}"] if item.carries else above
        comments.above.setdefault(path, []).extend(above)
        launched = item.first.launched
        package = package_of(item.first)
        if package is None:
            continue
        if launched.identity.startswith("url:"):
            comments.beside[*path, "package"] = f"a bridge to {launched.identity.removeprefix('url:')}"
        cached = pins.of(item)
        exact = launched.floating is False and not pinned(item.first, package)[0]
        if exact:
            comments.beside[*path, "version"] = "exact in the command line"
        elif cached and not pins.write:
            comments.beside[*path, "version"] = f"cached: {cached}"
        elif cached:
            comments.beside[*path, "version"] = f"cached; asked for {launched.version or 'no version'} before"


def _origins(item: Group, facts: Facts) -> Iterator[str]:
    places = [f"{found.host} {spelled(found.observed.file.location.path, facts)}" for found in item.founds]
    yield f"from: {places[0]}"
    yield from (f"      {place}" for place in dict.fromkeys(places[1:]) if place != places[0])


def _apart(item: Group, groups: Sequence[Group]) -> Iterator[str]:
    """Other servers of the same name, which no overrides could make one with this."""
    names = {squeezed(found.name) for found in item.founds}
    alike = [
        f"`{other.name}`"
        for other in groups
        if other is not item
        and not other.carries
        and not names.isdisjoint(squeezed(found.name) for found in other.founds)
    ]
    if alike:
        yield f"configured differently: {', '.join(alike)}"


def left_out_lines(left_out: Sequence[LeftOut]) -> Iterator[str]:
    if left_out:
        yield "Found too, and not in this manifest; `mcpconf import` says why:"
    for item in left_out[:_MOST_LINES]:
        address = str(item.entry.address)
        yield f"  {REDACTED if looks_secret(address) else address}  {item.obstacle.replace('-', ' ')}"
    if len(left_out) > _MOST_LINES:
        yield f"  and {len(left_out) - _MOST_LINES} more"
