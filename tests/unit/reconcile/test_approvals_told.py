"""What is written, and said, when an approval is taken back or must be."""

from __future__ import annotations

from dataclasses import replace

from mcpconf.canonical import digest
from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.base import Element
from mcpconf.model.observed import Grant, Location, ObservedFile
from mcpconf.model.tools import EVERY
from mcpconf.permissions import approval
from mcpconf.reconcile.takeback import grant_residue, instead, taken_back

FILE = ObservedFile(
    Location("h", "f", "user", "", "/f", "json", write=True),
    present=True,
    resolved="/real/f",
    mode=0o600,
    owner=7,
    text='{"allow": ["x:*"],\n "rules": {"x": {"y": {"on": "yes"}}}}',
)
LISTED = Grant(
    GrantAddress("h", "user", "", "f", ("allow", "=x:*")),
    "auto",
    "x",
    "*",
    FILE,
    ("allow", Element("x:*")),
    "x:*",
    single="x:{tool}",
)
KEYED = Grant(
    GrantAddress("h", "user", "", "f", ("rules", "x", "y", "on")),
    "auto",
    "x",
    "",
    FILE,
    ("rules", "x", "y", "on"),
    "yes",
    entry=Address("h", "user", "", "x"),
    depth=2,
)


def edits(grant, *texts):
    """Each edit as its path, its value, and the conditions on it."""
    return [
        ("/".join(map(str, edit.path)), "absent" if edit.absent else edit.value, edit.when_empty, edit.unless_there)
        for edit in taken_back(grant, "revoked", "srv", texts).edits
    ]


def test_an_element_makes_room_for_those_that_stay():
    change = taken_back(LISTED, "not_declared", "srv", ("x:a", "x:b"))
    assert (change.address, change.kind, change.action, change.reason) == (
        "grant:h/user/f#allow.=x:%2A",
        "grant",
        "revoke",
        "not_declared",
    )
    assert (change.server, change.host, change.file, change.format, change.line) == ("srv", "h", "/f", "json", 1)
    assert (change.phase, change.restart) == (1, "h")
    assert change.before == {"approval": "runs tool `*` of x without asking"}
    assert change.after == {"approval": ["x:a", "x:b"]}
    assert change.precondition is not None
    assert change.precondition.model_dump() == {
        "value": digest("x:*"),
        "container": "list",
        "resolved": "/real/f",
        "owner": 7,
        "previous": None,
        "mode": 0o600,
    }
    (lost,) = change.privilege
    assert (lost.direction, lost.severity, lost.dimension) == ("narrower", "low", "approval")
    assert lost.text.endswith(", but x:a, x:b")
    element = [edit.path[-1] for edit in change.edits]
    assert element == [Element("x:a"), Element("x:b"), Element("x:*")]
    assert [(edit.value, edit.unless_there, edit.absent) for edit in change.edits] == [
        ("x:a", True, False),
        ("x:b", True, False),
        (None, False, True),
    ]


def test_a_key_goes_with_the_maps_that_it_leaves_empty_below_its_entry():
    assert edits(KEYED) == [
        ("rules/x/y/on", "absent", False, False),
        ("rules/x/y", "absent", True, False),
    ]
    assert edits(replace(KEYED, entry=None)) == [("rules/x/y/on", "absent", False, False)]
    assert edits(KEYED, "off")[0] == ("rules/x/y/off", "yes", False, True)
    change = taken_back(KEYED, "revoked", "srv", ())
    assert change.after is None
    assert change.precondition is not None
    assert change.precondition.container == "map"
    assert change.line == 2


def test_a_start_is_told_as_such():
    (lost,) = taken_back(replace(KEYED, effect="approve"), "revoked", "srv", ()).privilege
    assert lost.text == "- starts without asking"
    (lost,) = taken_back(KEYED, "revoked", "srv", ()).privilege
    assert lost.text == f"- {approval(EVERY)}"
    assert "but" not in lost.text


def test_only_what_covers_more_than_one_tool_leaves_something():
    declared = ("a", "b_*", "*")
    assert instead(LISTED, declared) == ("x:a",)
    assert instead(replace(LISTED, patterns=True), declared) == ("x:a", "x:b_*")
    assert instead(replace(LISTED, tool=""), declared) == ("x:a",)
    assert instead(replace(LISTED, tool="drop"), declared) == ()
    assert instead(replace(LISTED, single=""), declared) == ()


def test_what_a_person_must_do():
    told = grant_residue(LISTED, "which nobody declares", "x", empties=False)
    assert (told.address, told.where) == ("grant:h/user/f#allow.=x:%2A", "/f:1")
    assert told.message == "runs tool `*` of x without asking, which nobody declares"
    assert told.instruction == "take `x:*` out of /f:1 yourself: mcpconf does not write it, then `mcpconf plan`"
    assert grant_residue(KEYED, "revoked here", "x", empties=True).instruction == (
        "an empty list there means everything: disable the server, or put what may act beside `on`, then `mcpconf plan`"
    )
