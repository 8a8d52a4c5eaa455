"""Which files a manifest consists of, in which order, and what becomes of their lines."""

import pytest

from mcpconf.documents.include import MAXIMUM_BYTES, MAXIMUM_INCLUDES
from mcpconf.errors import Where
from tests.layered import load, tell


def files(top, **below):
    return [layer.file for layer in load(top, **below).layers]


def test_layers_are_lowest_first_and_each_is_one_once():
    below = {"one": "include: [base]", "two": "include: [base, one]", "base": ""}
    assert files("include: [one, two]", **below) == ["base", "one", "two", "top"]


def test_one_file_is_what_it_says():
    loaded = load("servers: {s: {command: [a]}}")
    assert ([layer.file for layer in loaded.layers], loaded.origins) == (["top"], {})
    assert loaded.digest == loaded.layers[0].digest


def test_the_digest_covers_every_layer():
    digests = {load("", base=text).digest for text in ("", "servers: {}", "servers: {s: {command: [a]}}")}
    digests.add(load("servers: {}", base="").digest)
    assert len(digests) == 4


def test_every_value_is_found_in_its_own_layer():
    loaded = load(
        "servers:\n  s: {env: {B: c}}\n  t: {command: [b, c]}\nabsent: [{package: npm:c, reason: d}]\npolicy: {require: [owner]}",
        base="servers: {s: {command: [a], env: {A: b}}}\nabsent: [{package: npm:a, reason: b}]\npolicy: {unmanaged: keep, require: [reason]}",
    )
    places = {
        ("servers", "s", "command", 0): ("base", 1, 25),
        ("servers", "s", "env", "A"): ("base", 1, 35),
        ("servers", "s", "env", "B"): ("top", 3, 13),
        ("servers", "s", "timeout"): ("base", 1, 11),
        ("servers", "t", "command", 1): ("top", 4, 20),
        ("absent", 0): ("base", 2, 10),
        ("absent", 1, "reason"): ("top", 5, 27),
        ("policy", "unmanaged"): ("base", 3, 10),
        ("policy", "require", 0): ("base", 3, 37),
        ("policy", "require", 1): ("top", 6, 20),
    }
    assert {path: loaded.where(*path) for path in places} == {path: Where(*at) for path, at in places.items()}


def test_three_layers_shrink_a_selection_one_after_the_other():
    servers = "servers: {s: {command: [a]}, t: {command: [a]}, u: {command: [a]}}"
    loaded = load(
        "include: [two]\nhosts: {cursor: {servers: [u]}}",
        one=f"{servers}\nhosts: {{cursor: {{}}}}",
        two="include: [one]\nhosts: {cursor: {servers: [s, u]}}",
    )
    assert loaded.manifest.hosts["cursor"].servers == ("u",)
    assert loaded.where("hosts", "cursor", "servers", 0) == Where("top", 2, 28)


def test_what_may_no_longer_be_called_does_not_act_without_asking_either():
    loaded = load(
        "servers: {s: {permissions: {tools: {call: [c, b], except: [d]}}}}",
        base="servers: {s: {command: [a], permissions: {tools: {auto: [a, b, c, d]}}}}",
    )
    assert loaded.manifest.servers["s"].tools.auto == ("b", "c")
    assert loaded.where("servers", "s", "permissions", "tools", "auto", 1) == Where("base", 1, 64)
    assert loaded.where("servers", "s", "permissions", "tools", "call", 1) == Where("top", 2, 47)


def test_every_list_of_allowed_packages_counts():
    below = {
        "one": "policy: {packages: {allow: ['npm:@a/*']}}",
        "two": "include: [one]\npolicy: {packages: {allow: ['npm:@a/b', 'npm:c']}}",
        "three": "include: [two]\npolicy: {packages: {allow: ['npm:**']}}",
    }
    assert tell("include: [three]\nservers: {s: {package: 'npm:@a/b', version: 1.0.0}}", **below) == []
    for package, place in (("npm:@a/c", "two:2:21"), ("npm:c", "one:1:21"), ("pypi:d", "one:1:21")):
        [line] = tell(f"include: [three]\nservers: {{s: {{package: '{package}', version: '1.0.0'}}}}", **below)
        assert f"top:2:11 `servers.s` launches `{package}`" in line
        assert f"({place})" in line


PROBLEMS = {
    ("include: [none, base, nowhere]", ("base", "")): [
        "top:1:11 `none` is not there",
        "top:1:23 `nowhere` is not there",
    ],
    ("include: [base]", ("base", "include: [top]"), ("top", "")): [
        "base:1:11 `top` is included by way of itself (take one of the lines out)",
    ],
    ("include: [one]", ("one", "include: [two]"), ("two", "include: [one]")): [
        "two:1:11 `one` is included by way of itself (take one of the lines out)",
    ],
    ("include: [base]\nserver: {}", ("base", "hosts: {curser: {}}\nservers: {s: {comand: [a]}}")): [
        "base:1:9 `hosts.curser` is no known host: `curser` (did you mean `cursor`?)",
        "base:2:15 `servers.s.comand` is no known key (did you mean `command`?)",
        "top:2:1 `server` is no known key (did you mean `servers`?)",
    ],
    ("include: [base, other]", ("base", "a: &b c"), ("other", "a: !d e")): [
        "base:1:4 anchor `&b` (anchors are not read; write values out)",
        "other:1:4 tag `!d` (tags are not read; every value is text, a list or a map)",
    ],
    ("hosts: {cursor: {servers: [t, s]}}", ("base", "servers: {s: {command: [a]}}\nhosts: {cursor: {servers: [t]}}")): [
        "base:2:28 `hosts.cursor.servers[0]` names no server of this manifest: `t` (add it to `servers`, or take it out here)",
        "top:2:28 `hosts.cursor.servers[0]` names no server of this manifest: `t` (add it to `servers`, or take it out here)",
    ],
}  # fmt: skip


@pytest.mark.parametrize("case", PROBLEMS)
def test_problems_name_their_file(case):
    top, *below = case
    assert tell(top, **dict(below)) == PROBLEMS[case]


@pytest.mark.parametrize(("length", "told"), [(8, []), (9, ["f8:1:11 layers are nested deeper than 8 (include the lowest ones directly)"])])  # fmt: skip
def test_depth_has_an_end(length, told):
    below = {f"f{n}": f"include: [f{n + 1}]" for n in range(1, length)} | {f"f{length}": ""}
    assert tell("include: [f1]", **below) == told


def test_number_and_size_have_an_end():
    many = f"include: [{', '.join(['base'] * (MAXIMUM_INCLUDES + 1))}]"
    assert tell(many, base="") == [f"top:1:{11 + 6 * MAXIMUM_INCLUDES} more than {MAXIMUM_INCLUDES} files are included"]
    large = {f"f{n}": "# " + "x" * 900_000 for n in range(MAXIMUM_BYTES // 900_000 + 1)}
    assert tell("", **large) == [f"top:1:27 the layers have more than {MAXIMUM_BYTES:,} bytes together"]
