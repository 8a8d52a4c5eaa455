"""Laws of the documents people write: what is written comes back, and nothing that is read breaks the reader."""

import json

import yaml as pyyaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mcpconf.documents.machine import load_machine
from mcpconf.documents.manifest import LoadedManifest, load_manifest
from mcpconf.errors import McpconfError
from mcpconf.formats import yaml
from mcpconf.model.entry import Reference, Value
from mcpconf.model.manifest import Absent, HostSelection, Manifest, Project, Released, Server
from mcpconf.model.package import Package
from mcpconf.model.policy import OnConflict, Policy

HOSTS = ("claude-code", "cursor", "vscode", "codex")
LOADERS = [pyyaml.SafeLoader, *([pyyaml.CSafeLoader] if hasattr(pyyaml, "CSafeLoader") else [])]


class PlainDumper(pyyaml.SafeDumper):
    def ignore_aliases(self, _data):
        return True


def printable(text):
    return not yaml._FORBIDDEN.search(text)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(printable) | st.sampled_from(
    ["no", "1.10", "012", "null", "~", "<<", "a: b", "# c", "- d", "&e", "*f", "!g", "{h", "2026-01-01", "|", "'", '"']
)
trees = st.recursive(
    words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=12,
)
styles = st.fixed_dictionaries(
    {
        "default_flow_style": st.sampled_from([True, False, None]),
        "default_style": st.sampled_from([None, '"', "'"]),
        "indent": st.integers(2, 6),
        "width": st.sampled_from([20, 80, 1000]),
    }
)


def dumped(tree, style):
    """The tree as YAML. PyYAML's writer doubles a backslash where a line is narrower than its indentation: not those."""
    text = pyyaml.dump(tree, Dumper=PlainDumper, allow_unicode=False, sort_keys=False, **style)
    assume(pyyaml.load(text, Loader=pyyaml.BaseLoader) == tree)
    return text


@given(trees, styles, st.sampled_from(LOADERS))
@settings(max_examples=150, deadline=None)
def test_text_comes_back_in_whatever_style_it_is_written(tree, style, loader):
    assert yaml._Builder("m").build(dumped(tree, style), loader).value == tree
    assert yaml._Builder("m").build(json.dumps(tree, ensure_ascii=False), loader).value == tree


def marks(node, path=()):
    """What PyYAML itself says about the places of keys and elements."""
    if isinstance(node, pyyaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark
            yield from marks(value, (*path, key.value))
    elif isinstance(node, pyyaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield (*path, index), value.start_mark
            yield from marks(value, (*path, index))


@given(trees, styles, st.sampled_from(LOADERS))
@settings(max_examples=100, deadline=None)
def test_places_are_those_that_the_parser_saw(tree, style, loader):
    text = dumped(tree, style)
    positions = dict(yaml._Builder("m").build(text, loader).positions)
    del positions[()]
    assert positions == {
        path: (mark.line + 1, mark.column + 1) for path, mark in marks(pyyaml.compose(text, Loader=loader))
    }


names = st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)
sentences = words.filter(str.strip)
literals = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
references = st.sampled_from(
    [
        Reference("workspace"),
        Reference("home"),
        Reference("env", "A"),
        Reference("env", "A_b", "x y"),
        Reference("secret", "S"),
    ]
)
values = st.lists(literals | references, max_size=3).map(Value.of)
hexes = st.text("0123456789abcdef", min_size=64, max_size=64).map("sha256:".__add__)
about = {
    "owner": sentences,
    "reason": sentences,
    "expires": st.dates().map(str),
    "enabled": st.booleans(),
    "timeout": st.integers(1, 86_400),
    "protect": st.booleans(),
}
process = {
    "args": st.lists(values, max_size=3),
    "env": st.dictionaries(st.from_regex(r"[A-Z_]{1,5}", fullmatch=True), values, max_size=3),
    "cwd": values,
    "transport": st.just("stdio"),
} | about


def built(model, required, optional):
    return st.fixed_dictionaries(required, optional=optional).map(lambda fields: model(**fields))


servers = st.one_of(
    built(
        Server,
        {"package": names.map(lambda name: Package("npm", f"@s/{name}")), "version": st.sampled_from(["1.2.3", "0.1.0-rc.1"])},
        process | {"bin": sentences},
    ),
    built(
        Server,
        {"package": st.just(Package("pypi", "a-b")), "version": st.sampled_from(["1.10", "2rc1"])},
        process | {"hash": st.lists(hexes, max_size=2)},
    ),
    built(Server, {"package": st.just(Package("oci", "a/b")), "version": st.just("1")}, process | {"hash": hexes}),
    built(Server, {"command": st.lists(values.filter(lambda v: v.parts), min_size=1, max_size=2)}, process),
    built(
        Server,
        {"url": st.sampled_from(["https://a.example/b?c=d", "http://localhost:1", "${env:URL}/x"]).map(Value.parse)},
        about
        | {
            "transport": st.sampled_from(["http", "sse"]),
            "headers": st.dictionaries(st.from_regex(r"[A-Z-]{1,5}", fullmatch=True), values, max_size=2),
        },
    ),
)  # fmt: skip
strays = st.sampled_from(["keep", "warn", "remove"])
conflicts = st.sampled_from(["fail", "keep", "overwrite"])
policies = built(
    Policy,
    {},
    {
        "unmanaged": strays,
        "on_conflict": conflicts | built(OnConflict, {}, {"not_ours": conflicts, "both_changed": conflicts}),
        "grants": st.sampled_from(["keep", "warn"]),
        "fail_on": st.sampled_from(["error", "warning", "info", "none"]),
        "require": st.lists(st.sampled_from(["exact-version", "hash", "owner", "reason", "expires"]), unique=True),
    },
)


@st.composite
def manifests(draw):
    wanted = draw(st.dictionaries(names, servers, max_size=4))
    some = st.lists(st.sampled_from(sorted(wanted)), max_size=3) if wanted else st.just([])
    hosts = st.lists(st.sampled_from(HOSTS), max_size=2)
    folders = draw(st.lists(names.map("~/src/".__add__), unique=True, max_size=2))
    return Manifest(
        mcpconf=1,
        servers=wanted,
        hosts=draw(
            st.dictionaries(
                st.sampled_from(HOSTS), built(HostSelection, {}, {"servers": some, "create": st.booleans()})
            )
        ),
        projects=[
            draw(
                built(
                    Project,
                    {"path": st.just(folder)},
                    {
                        "hosts": hosts,
                        "servers": some,
                        "unmanaged": strays,
                        "tracked": st.sampled_from(["report", "write"]),
                    },
                )
            )
            for folder in folders
        ],
        policy=draw(policies),
        absent=draw(st.lists(built(Absent, {"package": st.just(Package("npm", "a")), "reason": sentences}, {}))),
        released=draw(st.lists(built(Released, {"server": names, "reason": sentences}, {"hosts": hosts}))),
    )


def as_text(value):
    """Every scalar as people write it."""
    if isinstance(value, dict):
        return {key: as_text(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_text(inner) for inner in value]
    return value if isinstance(value, str) else json.dumps(value)


@given(manifests(), styles)
@settings(max_examples=60, deadline=None)
def test_a_manifest_comes_back_as_it_was_written(manifest, style):
    text = dumped(as_text(manifest.model_dump(by_alias=True, exclude_unset=True)), style)
    assert load_manifest(text, "m", HOSTS).manifest == manifest


def problems_of(load, data):
    try:
        load(data)
    except McpconfError as error:
        return error.code, error.problems
    return 0, ()


def survives(data):
    """Either a document, or problems that say where they are and can be printed."""
    for load in (lambda text: load_manifest(text, "m", HOSTS), lambda text: load_machine(text, "m")):
        code, problems = problems_of(load, data)
        assert code == bool(problems)
        for problem in problems:
            assert problem.where
            assert problem.where.file == "m"
            assert problem.message.isprintable()
            assert problem.hint.isprintable()


@given(st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(deadline=None)
def test_no_bytes_break_the_loader(data):
    survives(data)


@given(st.text(st.sampled_from("abc:-[]{},&*!|>'\"%@`#?~<\\ \n\t\r\ufeff\u2028\x00\ud800"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_no_text_breaks_the_loader(text):
    survives(text)
    survives("mcpconf: 1\n" + text)


SEED = {
    "mcpconf": "1",
    "servers": {
        "a": {"package": "npm:a", "version": "1.0.0", "hash": "x", "args": ["b"], "env": {"C": {"secret": "D"}}},
        "e": {"url": "https://f.example", "headers": {"g": "h"}, "hosts": {"cursor": {"env": {}}}, "permissions": {}},
    },
    "hosts": {"cursor": {"servers": ["a"], "create": "true"}},
    "projects": [{"path": "~/i", "hosts": ["codex"], "servers": ["e"]}],
    "groups": {"j": {"when": {"os": ["linux"]}, "add": {"hosts": {"codex": {}}}}},
    "policy": {"on_conflict": {"not_ours": "keep"}, "require": ["hash"], "schemas": {"K": {}}, "rules": {"L": "none"}},
    "absent": [{"package": "npm:m", "reason": "n"}],
    "released": [{"server": "o", "reason": "p"}],
    "waivers": [{"rule": "MCP1", "expires": "2027-01-01"}],
}
anything = st.recursive(
    st.none() | words | st.sampled_from(["$", "npm:", "oci:", "*", "~/*", "2", "true", "sha256:"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(words | st.sampled_from(["a", "secret", "servers", "mcpconf"]), inner, max_size=2)
    ),
    max_leaves=5,
)


@st.composite
def damaged(draw, value=SEED, depth=0):
    """The seed with something else at one place."""
    if depth and (not isinstance(value, (dict, list)) or not value or draw(st.integers(0, 3)) == 0):
        return draw(anything)
    if isinstance(value, list):
        at = draw(st.integers(0, len(value) - 1))
        return [*value[:at], draw(damaged(value[at], depth + 1)), *value[at + 1 :]]
    key = draw(st.sampled_from(sorted(value)))
    return value | {draw(words) if draw(st.booleans()) else key: draw(damaged(value[key], depth + 1))}


@given(damaged(), damaged())
@settings(max_examples=150, deadline=None)
def test_no_damaged_manifest_breaks_the_loader(one, other):
    survives(json.dumps(one).replace("null", ""))
    survives(json.dumps(one | {"servers": other["servers"]}).replace("null", ""))


def test_the_seed_reaches_the_checks_behind_the_shape():
    supported = {key: SEED[key] for key in ("mcpconf", "hosts", "absent", "released")}
    supported["servers"] = {"a": {"command": ["b"]}}
    assert isinstance(load_manifest(json.dumps(supported), "m", HOSTS), LoadedManifest)
