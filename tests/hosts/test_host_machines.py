"""One file per host: what lies on a machine -> the places, entries, grants and the effective view that come of it."""

from pathlib import Path

import pytest
import yaml

from mcpconf.hosts.dialect import decode
from mcpconf.hosts.effective import set_apart, shadowed
from mcpconf.hosts.grants import grants
from mcpconf.hosts.places import absolute, locations, present, spelled
from mcpconf.hosts.precedence import is_in
from mcpconf.hosts.rows import load_row
from mcpconf.hosts.running import Beside, running
from mcpconf.hosts.servers import entries, projects
from mcpconf.hosts.switches import obeyed, switches
from mcpconf.model.entry import FIELDS_OWNED, FIELDS_STATED, Entry, field_value
from mcpconf.model.observed import ObservedEntry, ObservedFile
from mcpconf.ports import Facts

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "mcpconf" / "hosts" / "data"
MACHINES = [
    pytest.param(path.stem, machine, id=f"{path.stem}-{machine['os']}")
    for path in sorted(HERE.glob("*.yaml"))
    for machine in yaml.safe_load(path.read_text())
]


def test_every_host_has_a_machine_per_operating_system():
    hosts = sorted(path.stem for path in DATA.glob("*.toml"))
    wanted = sorted((host, system) for host in hosts for system in ("linux", "macos", "windows"))
    assert sorted((param.values[0], param.values[1]["os"]) for param in MACHINES) == wanted


@pytest.mark.parametrize(("host", "machine"), MACHINES)
def test_machine(host, machine):
    assert look(load_row((DATA / f"{host}.toml").read_text(), host), machine) == machine["expect"]


def look(row, machine):
    facts = Facts(machine["os"], machine["home"], "dev", "1", machine.get("env", {}))
    tree = machine.get("files", {})
    places = locations(row, facts, machine.get("projects", []), lambda folder: names_in(tree, folder))
    read = [(ObservedFile(place, present=True), tree[place.path]) for place in places if place.path in tree]
    observed, problems, named = [], [], []
    for file, parsed in read:
        found = entries(row, facts, file.location, parsed)
        problems += [f"{problem.where}: {problem.message}" for problem in found.problems]
        named += projects(row, facts, file.location, parsed)
        observed += [observe(row, file, server) for server in found.found]
    observed = set_apart(row, observed, [file for file, _ in read])
    servers = [entry.address.server for entry in observed]
    granted = [grant for file, parsed in read for grant in grants(row, facts, file, parsed, servers)]
    lost = shadowed(row, observed, [file for file, _ in read], granted)
    switched = [switch for file, parsed in read for switch in switches(row, facts, file, parsed)]
    switched = list(obeyed(row, switched, granted))
    folders = [spelled(absolute(folder, facts), facts) for folder in (*machine.get("projects", []), *named)]
    check_view(row, running(row, observed, Beside([file for file, _ in read], granted, switched), folders), lost)
    for thing in (*observed, *granted):
        assert type(thing.address).parse(str(thing.address)) == thing.address
    return {
        "present": list(present(row, facts, lambda folder: names_in(tree, folder))),
        "places": [told(place) for place in places],
        "entries": {f"{entry.address}": shown(entry) for entry in observed},
        "grants": {f"{grant.address}": granted_words(grant) for grant in granted},
        "shadowed": {f"{loser}": f"{winner}" for loser, winner in lost.items()},
        "projects": sorted(set(named)),
        "problems": problems,
        **({"switches": [switched_words(switch) for switch in switched]} if switched else {}),
    }


def check_view(row, levels, lost):
    """What runs in a folder is what nothing there is in the way of; what another entry beats is told as lost, too."""
    for level in levels:
        for server in level.servers:
            beaten = [item for item in server.idle if item.why == "shadowed"]
            assert all(item.entry.address in lost for item in beaten)
            assert all(item.by in server.parts for item in beaten)
            assert all(part in server.parts for part in server.origins.values())
            odd = row.merge != "entry" or row.bad_entry != "entry"
            if odd or any(item.why == "switched_off" for item in server.idle):
                continue
            for entry in server.parts:
                winner = lost.get(entry.address)
                assert winner is None or (winner.project and not is_in(level.folder, winner.project))


def names_in(tree, folder):
    return sorted({path[len(folder) + 1 :].split("/")[0] for path in tree if path.startswith(folder + "/")})


def observe(row, file, server):
    found = decode(row, server.raw)
    return ObservedEntry(
        server.address,
        found.entry,
        server.raw,
        "",
        file,
        server.key_path,
        server.rank,
        found.foreign,
        found.runtime,
        found.problem,
    )


def told(place):
    project = f" {place.project}" if place.project else ""
    return f"{place.file} {place.scope}{project} {place.path} {place.format}{'' if place.write else ' read-only'}"


def shown(entry):
    default = Entry("unknown")
    fields = {name: field_value(entry.entry, name) for name in (*FIELDS_OWNED, *FIELDS_STATED)}
    shown = {
        name: value for name, value in fields.items() if name == "transport" or value != field_value(default, name)
    }
    shown["rank"] = entry.rank
    if entry.foreign:
        shown["foreign"] = list(entry.foreign)
    if entry.runtime:
        shown["runtime"] = entry.runtime
    if entry.problem:
        shown["problem"] = entry.problem.message
    return shown


def granted_words(grant):
    words = {"effect": grant.effect, "server": grant.server, "tool": grant.tool, "value": grant.value}
    if grant.whole:
        words["whole"] = True
    if grant.readings:
        words["readings"] = list(grant.readings)
    return {key: value for key, value in words.items() if value != ""}


def switched_words(switch):
    """What it keeps off, of which scopes, in which folder."""
    names = "all" if switch.names is None else " ".join(sorted(switch.names))
    scopes = f" of {' '.join(switch.scopes)}" if switch.scopes else ""
    scopes += f" that {switch.plugin} brings" if switch.plugin else ""
    folder = f" in {switch.project}{' and below' if switch.below else ''}" if switch.project else ""
    path = ".".join(str(getattr(step, "value", step)) for step in switch.key_path)
    return f"{switch.file.location.file}#{path}: {'on: ' if switch.on else ''}{'all but ' if switch.only else ''}{names}{scopes}{folder}"
