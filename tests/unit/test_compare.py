"""Which fields differ, and the smallest differences in them."""

import pytest

from mcpconf.compare import Detail, details, differing, owned_fields
from mcpconf.model.entry import FIELDS_OWNED, Entry, Value

LONG = ["npx", *map(str, range(12))]
OTHER = ["npm", "0", "1", "x", *map(str, range(3, 11)), "y"]

TOLD = {
    "arguments, in the order of their numbers": (
        ("launch", LONG, OTHER),
        [("args[2]", "2", "x"), ("args[11]", "11", "y"), ("command", "npx", "npm")],
    ),
    "an argument more": (("launch", ["a", "b"], ["a", "b", "c"]), [("args[1]", None, "c")]),
    "an argument less": (("launch", ["a", "b"], ["a"]), [("args[0]", "b", None)]),
    "a map by its keys": (
        ("env", {"A": "1", "B": "2", "S": "s"}, {"A": "3", "C": "4", "S": "s"}),
        [("env.A", "1", "3"), ("env.B", "2", None), ("env.C", None, "4")],
    ),
    "a map that was empty": (("env", {}, {"A": "3"}), [("env", {}, {"A": "3"})]),
    "a map that is not there": (("env", {"A": "1"}, None), [("env", {"A": "1"}, None)]),
    "a map in place of a list": (("launch", ["a"], {"a": "b"}), [("launch", ["a"], {"a": "b"})]),
    "a text": (("url", "a", "b"), [("url", "a", "b")]),
    "a list in a map": (
        ("oauth", {"more": {"x": [1, 2]}, "scopes": ["a"]}, {"more": {"x": [1, 3]}, "scopes": ["b"]}),
        [("oauth.more.x[1]", 2, 3), ("oauth.scopes[0]", "a", "b")],
    ),
    "a key with a bracket": (("env", {"a[1": "1"}, {"a[1": "2"}), [("env.a[1", "1", "2")]),
    "tools that came and went": (("call", ["a", "b"], ["b", "c"]), [("call", "a", None), ("call", None, "c")]),
    "tools where none were named": (("auto", None, ["b"]), [("auto", None, ["b"])]),
    "tools where none are named now": (("without", ["a"], None), [("without", ["a"], None)]),
}


@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_of_a_field(name):
    given, wanted = TOLD[name]
    assert details(*given) == tuple(Detail(*item) for item in wanted)


def test_a_field_that_the_manifest_states_counts_beside_those_that_always_do():
    assert owned_fields(["timeout", "env", "auto"]) == (*FIELDS_OWNED, "timeout", "auto")


def test_only_fields_that_differ_are_named():
    wanted = Entry("stdio", Value.literal("npx"), (Value.literal("a"),), cwd=Value.literal("/x"), timeout=1)
    assert differing(wanted, wanted, ["timeout"]) == ()
    assert differing(wanted, Entry("stdio", Value.literal("npx"), (Value.literal("b"),)), ["timeout"]) == (
        "launch",
        "cwd",
        "timeout",
    )
    assert differing(wanted, Entry("stdio", Value.literal("npm"), wanted.args, cwd=wanted.cwd), []) == ("launch",)
