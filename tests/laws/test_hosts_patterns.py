"""Patterns give every reading, each reading writes the text back, and the work is bounded."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf.formats import FORMATS
from mcpconf.hosts.patterns import Blocked, Found, fill, find, readings, steps
from mcpconf.hosts.places import absolute, locations, present, spelled
from mcpconf.hosts.rows import load_row
from mcpconf.model.base import ABSENT, Element, lookup
from mcpconf.ports import Facts

DATA = Path(__file__).parents[2] / "mcpconf" / "hosts" / "data"
ROWS = [load_row(path.read_text(), path.name) for path in sorted(DATA.glob("*.toml"))]
PATTERNS = ["mcp__{server}__{tool}", "mcp__{server}", "Mcp({server}:{tool})", "{server}:{tool}", "{server}-{hash}", "x"]
texts = st.text("ab_:-mcp()0*", max_size=12)
words = st.text("ab_:-0*(é ", min_size=1, max_size=6)


@settings(max_examples=200)
@given(st.sampled_from(PATTERNS), words, words)
def test_what_was_written_is_among_the_readings(pattern, server, tool):
    bindings = {"server": server, "tool": tool, "hash": "0123456789abcdef"}
    text = fill(pattern, bindings)
    found = [dict(reading) for reading in readings(pattern, text)]
    assert {hole: bindings[hole] for hole in bindings if f"{{{hole}}}" in pattern} in found
    assert len({str(sorted(reading.items())) for reading in found}) == len(found)


@settings(max_examples=200)
@given(st.sampled_from(PATTERNS), texts)
def test_every_reading_writes_the_text_back(pattern, text):
    for reading in readings(pattern, text):
        assert fill(pattern, reading) == text
        assert all(reading.values())


@settings(max_examples=100)
@given(st.lists(texts | st.integers() | st.none()))
def test_elements_are_found_by_what_they_are(items):
    at = (("list",), ("[mcp__{server}__{tool}]", "[mcp__{server}]"))
    found = [result for result in find(at, {"list": items}) if isinstance(result, Found)]
    assert {result.value for result in found} == {
        item for item in items if isinstance(item, str) and item.startswith("mcp__") and len(item) > 5
    }
    assert all(result.path == ("list", Element(result.value)) for result in found)


rules = st.lists(
    st.fixed_dictionaries(
        {"tool": texts},
        optional={"action": st.sampled_from(["allow", "deny"]), "names": st.lists(texts, max_size=2), "if": texts},
    ),
    max_size=6,
)


@settings(max_examples=150)
@given(rules, st.sampled_from(["json", "jsonc", "toml", "yaml"]))
def test_a_rule_of_a_list_is_named_by_what_it_says(items, notation):
    """What a path names can be looked up by it, and is gone, with its likes and nothing else, once it is removed."""
    at = (("rules",), ("[tool=mcp__{server}__{tool}&action={effect}&!if]", "[action={effect}&names[]={server}]"))
    form = FORMATS[notation]
    text = form.put("", ("rules",), items)
    for found in find(at, {"rules": items}):
        assert isinstance(found, Found)
        step = found.path[-1]
        assert lookup({"rules": items}, found.path) == found.value
        assert found.bindings["effect"] == found.value["action"]
        if "tool" in found.bindings:
            assert found.value.get("if") is None
            assert steps(at, found.bindings) == found.path
            assert step.said == {"tool": found.value["tool"], "action": found.value["action"]}
        else:
            assert found.bindings["server"] in found.value["names"]
            assert step.said is None
        left = form.parse(form.put(text, found.path, ABSENT)).value.get("rules", [])
        assert left == [item for item in items if not step.fits(item)]


def test_a_hole_means_the_same_wherever_it_stands():
    at = (("{server}",), ("tools",), ("[{server}:{tool}]",))
    found = list(find(at, {"a": {"tools": ["a:x", "b:y"]}, "c": {}, "d": {"tools": {}}}))
    assert [result.path for result in found] == [("d", "tools"), ("a", "tools", Element("a:x"))]
    assert [isinstance(result, Blocked) for result in found] == [True, False]


def test_a_hash_is_a_hash_in_every_position():
    assert list(readings("{hash}:{tool}", "0123456789abcdef:x:y")) == [{"hash": "0123456789abcdef", "tool": "x:y"}]
    assert list(readings("{hash}:{tool}", "0123456789ABCDEF:x")) == []


def test_a_text_of_separators_costs_little():
    hostile = ["mcp__" + "_" * length for length in (1000, 100_000, 5_000_000)]
    at = (("[mcp__{server}__{tool}]",),)
    assert len(list(find(at, hostile))) == 16


folders = st.lists(st.sampled_from(["src", "app", "é x", ".hidden"]), max_size=3).map("/".join)
systems = st.sampled_from([("linux", "/home/dev", ""), ("macos", "/Users/dev", ""), ("windows", "C:/Users/dev", "D:")])


@settings(max_examples=100)
@given(systems, folders, st.booleans(), st.dictionaries(st.sampled_from(["XDG_CONFIG_HOME", "CODEX_HOME"]), texts))
def test_places_are_absolute_unique_and_know_their_project(system, folder, below_home, env):
    name, home, drive = system
    facts = Facts(name, home, "dev", "1", env)
    project = f"{home if below_home else drive}/{folder}".rstrip("/") or "/"
    assert absolute(spelled(project, facts), facts) == project
    for row in ROWS:
        found = locations(row, facts, [project], lambda _folder: ("one", "a.config.toml", "b.json"))
        assert len({(place.file, place.path) for place in found}) == len(found)
        for place in found:
            assert place.path.startswith("/") or place.path[1:3] == ":/"
            assert "//" not in place.path
            if place.scope == "plugin":
                assert place.project in place.path
            elif place.project and place.scope != "profile":
                assert place.path.startswith(absolute(place.project, facts).rstrip("/") + "/")
        assert all(path.startswith(("/", "C:/")) for path in present(row, facts))
