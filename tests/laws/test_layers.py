"""Laws of layers: one alone is itself, later ones take nothing away from what earlier ones demand, every value is found."""

from __future__ import annotations

import copy
import json
import re
from itertools import chain

import yaml as pyyaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcpconf.errors import McpconfError
from mcpconf.model.manifest import Manifest
from mcpconf.ports import Facts
from mcpconf.resolve.groups import of_machine
from mcpconf.rules import RULES
from tests.layered import HOSTS, load

SERVERS = ("a", "b", "c")
LABELS = ("x", "y")
SUBJECT = re.compile("`(.*?)`")
PACKAGES = ("npm:p", "npm:@s/p", "npm:@s/q", "pypi:p")
some_servers = st.lists(st.sampled_from(SERVERS), unique=True, max_size=3)
some_hosts = st.lists(st.sampled_from(HOSTS[:2]), unique=True, max_size=2)
texts = st.sampled_from(["one", "two"])
variables = st.dictionaries(st.sampled_from(["V", "W"]), texts, max_size=2)
keys = {
    "args": st.lists(texts, max_size=2),
    "env": variables,
    "hosts": st.dictionaries(
        st.sampled_from(HOSTS[:2]),
        st.fixed_dictionaries({}, optional={"args": st.lists(texts, max_size=2), "env": variables, "name": texts}),
        max_size=2,
    ),
    "enabled": st.sampled_from(["true", "false"]),
}
launched = st.sampled_from(PACKAGES).map(lambda name: {"package": name, "version": "1.0.0"})
servers = st.dictionaries(
    st.sampled_from(SERVERS),
    st.tuples(launched | st.just({}), st.fixed_dictionaries({}, optional=keys)).map(lambda both: both[0] | both[1]),
    max_size=3,
)
selections = st.fixed_dictionaries({}, optional={"servers": some_servers, "create": st.sampled_from(["true", "false"])})
hosts = st.dictionaries(st.sampled_from(HOSTS[:2]), selections, max_size=2)
groups = st.dictionaries(
    st.sampled_from(["g", "h"]),
    st.fixed_dictionaries(
        {"when": st.fixed_dictionaries({"labels": st.lists(st.sampled_from(LABELS), min_size=1, max_size=2)})},
        optional={
            "add": st.fixed_dictionaries({}, optional={"servers": some_servers, "hosts": hosts}),
            "drop": st.fixed_dictionaries({}, optional={"servers": some_servers, "hosts": some_hosts}),
        },
    ),
    max_size=2,
)
projects = st.lists(
    st.fixed_dictionaries(
        {"path": st.sampled_from(["~/a", "~/b"])},
        optional={
            "hosts": some_hosts,
            "servers": some_servers,
            "unmanaged": st.sampled_from(["keep", "warn", "remove"]),
            "tracked": st.sampled_from(["report", "write"]),
        },
    ),
    unique_by=lambda project: project["path"],
    max_size=2,
)
severities = st.dictionaries(
    st.sampled_from(sorted(RULES)), st.sampled_from(["error", "warning", "info", "none"]), max_size=2
)
policies = st.fixed_dictionaries(
    {},
    optional={
        "unmanaged": st.sampled_from(["keep", "warn", "remove"]),
        "grants": st.sampled_from(["keep", "warn"]),
        "fail_on": st.sampled_from(["none", "error", "warning", "info"]),
        "expired": st.sampled_from(["warn", "remove"]),
        "cooldown": st.sampled_from(["0", "3", "7"]),
        "registries": st.lists(st.sampled_from(["npm.acme.example", "wheels.acme.example"]), unique=True, max_size=2),
        "require": st.lists(st.sampled_from(["owner", "reason"]), unique=True, max_size=2),
        "rules": severities,
        "packages": st.fixed_dictionaries(
            {},
            optional={
                "allow": st.lists(st.sampled_from(["npm:**", "npm:@s/*", "npm:p"]), max_size=2),
                "deny": st.lists(st.sampled_from(["npm:@s/q", "pypi:*"]), max_size=2),
            },
        ),
    },
)
manifests = st.fixed_dictionaries(
    {"servers": servers},
    optional={"hosts": hosts, "groups": groups, "projects": projects, "policy": policies},
)


class Plain(pyyaml.SafeDumper):
    def ignore_aliases(self, _data):
        return True


def text(value: object) -> str:
    """One value a line, so that a line tells which it is."""
    style = {"sort_keys": False, "default_flow_style": False, "default_style": '"', "width": 1000}
    return pyyaml.dump(value, Dumper=Plain, **style) if value else ""


def written(*layers: dict):
    """The texts of layers, the first the lowest: of the top, and of those below by name."""
    below = {f"layer{number}": text(layer) for number, layer in enumerate(layers[:-1])}
    head = f"include: [{', '.join(below)}]\n" if below else ""
    return head + text(layers[-1]), below


def merged(*layers: dict):
    """The layers as one, without what may not be said."""
    layers = copy.deepcopy(layers)
    while True:
        top, below = written(*layers)
        try:
            return load(top, **below), layers
        except McpconfError as error:
            for problem in error.problems:
                file = problem.where.file
                _remove(layers[-1 if file == "top" else int(file.removeprefix("layer"))], problem.message)


def _remove(layer: dict, message: str) -> None:
    """Take out what a problem is about. An earlier one may have taken it out already, or the rest of its list."""
    steps = SUBJECT.match(message)[1].replace("[", ".").replace("]", "").split(".")
    steps = steps[:1] if steps[0] == "projects" else steps[:-1] if steps[-1].isdigit() else steps
    for step in steps[:-1]:
        layer = layer.get(step) if isinstance(layer, dict) else None
    if isinstance(layer, dict):
        layer.pop(steps[-1], None)


@given(manifests)
@settings(max_examples=100, deadline=None)
def test_one_layer_is_what_it_says_alone(value):
    alone, [value] = merged(value)
    included, _ = merged(value, {})
    assert included.manifest.model_dump() == alone.manifest.model_dump()
    assert included.where("servers").file in ("layer0", "top")


ORDERS = {
    "unmanaged": ("keep", "warn", "remove"),
    "grants": ("keep", "warn", "remove"),
    "fail_on": ("none", "error", "warning", "info"),
    "expired": ("warn", "remove"),
}
GRAVE = ("none", "info", "warning", "error")


def admits(manifest: Manifest, package: str) -> bool:
    packages = manifest.policy.packages
    return packages is None or not packages.refuses(package)


@given(manifests, manifests)
@settings(max_examples=150, deadline=None)
def test_no_later_layer_widens_a_policy(lower, upper):
    (alone, _), (both, (lower, upper)) = merged(lower), merged(lower, upper)
    assume("policy" in lower)
    old, new = alone.manifest.policy, both.manifest.policy
    for name, order in ORDERS.items():
        assert order.index(getattr(new, name)) >= order.index(getattr(old, name))
    assert set(new.require) >= set(old.require)
    assert new.cooldown >= old.cooldown
    assert set(new.registries) <= set(old.registries)
    for rule in RULES.values():
        assert GRAVE.index(new.rules.get(rule.id, rule.severity)) >= GRAVE.index(old.rules.get(rule.id, rule.severity))
    for package in PACKAGES:
        assert admits(alone.manifest, package) or not admits(both.manifest, package)
    for name, server in both.manifest.servers.items():
        assert name in lower["servers"] or admits(alone.manifest, str(server.package))


def granted(manifest: Manifest, labels: tuple[str, ...], known: set[str], hosts: set[str]) -> set[tuple[str, str]]:
    """Which of some servers one machine has on which of some hosts."""
    facts = Facts(os="linux", home="/home/dev", user="dev", id="", labels=labels)
    mine = of_machine(manifest, facts).manifest
    return {
        (host, server)
        for host, selection in mine.hosts.items()
        for server in (selection.servers if selection.servers is not None else mine.servers)
        if server in known and host in hosts
    }


def selecting(group: str, *names: str):
    """A layer that has these servers, and says who gets which, by a group of this name too."""
    written = st.just({name: {"package": f"npm:{name}", "version": "1.0.0"} for name in names})
    few = st.lists(st.sampled_from(SERVERS), min_size=1, max_size=2, unique=True)
    more = st.fixed_dictionaries({"servers": few}, optional={"hosts": hosts})
    less = st.fixed_dictionaries({"servers": few}, optional={"hosts": some_hosts})
    when = st.sampled_from(LABELS).map(lambda label: {"labels": [label]})
    changes = st.fixed_dictionaries({"when": when}, optional={"add": more, "drop": less})
    selected = st.dictionaries(st.sampled_from(HOSTS[:2]), selections, min_size=1)
    return st.fixed_dictionaries({"servers": written, "hosts": selected, "groups": changes.map(lambda it: {group: it})})


@given(selecting("g", "a", "b"), selecting("h", "c"), st.lists(st.sampled_from(LABELS), unique=True).map(tuple))
@settings(max_examples=300, deadline=None)
def test_no_later_layer_puts_a_server_where_an_earlier_one_does_not(lower, upper, labels):
    (alone, _), (both, _) = merged(lower), merged(lower, upper)
    named = {*alone.manifest.hosts}
    for group in alone.manifest.groups.values():
        named |= {*(group.add.hosts if group.add else ())}
    known = set(alone.manifest.servers)
    assert granted(both.manifest, labels, known, named) <= granted(alone.manifest, labels, known, named)


@given(manifests, manifests)
@settings(max_examples=120, deadline=None)
def test_what_an_earlier_layer_says_of_a_server_stays(lower, upper):
    (alone, _), (both, _) = merged(lower), merged(lower, upper)
    for name, old in alone.manifest.servers.items():
        new = both.manifest.servers[name]
        for key in old.model_fields_set - {"env", "hosts"}:
            assert getattr(new, key) == getattr(old, key)
        assert old.env.items() <= new.env.items()
        for host in HOSTS[:2]:
            assert old.on(host).env.items() <= new.on(host).env.items()
            assert not old.on(host).args or old.on(host).args == new.on(host).args


def leaves(value: object, path: tuple[str | int, ...] = ()):
    if isinstance(value, (dict, list, tuple)):
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        return chain.from_iterable(leaves(inner, (*path, key)) for key, inner in pairs)
    return [(path, value)]


@given(manifests, manifests, manifests)
@settings(max_examples=120, deadline=None)
def test_every_value_is_where_it_is_said_to_be(low, middle, high):
    loaded, layers = merged(low, middle, high)
    top, below = written(*layers)
    lines = {name: said.split("\n") for name, said in (below | {"top": top}).items()}
    dump = loaded.manifest.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"mcpconf"})
    for path, value in leaves(dump):
        where = loaded.where(*path)
        word = value if isinstance(value, str) else json.dumps(value)
        assert f'"{word}"' in lines[where.file][where.line - 1], (path, where)


@given(manifests, st.permutations(LABELS), st.sampled_from(["linux", "macos", "windows"]))
@settings(max_examples=100, deadline=None)
def test_the_order_of_labels_makes_no_difference(value, labels, system):
    loaded, _ = merged(value)
    one, other = (
        of_machine(loaded.manifest, Facts(os=system, home="/h", user="u", id="", labels=tuple(some)))
        for some in (labels, LABELS)
    )
    assert one == other
    assert list(one.groups) == [name for name in loaded.manifest.groups if name in one.groups]
    assert {("servers", name) for name in one.manifest.servers} <= set(one.reasons)
