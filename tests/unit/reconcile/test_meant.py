"""What somebody means who revokes a name or an address: the server of the manifest, and every form it is known in."""

from __future__ import annotations

import pytest

from mcpconf.errors import McpconfError
from mcpconf.model.address import Address
from mcpconf.model.state import Revoked, State, Tombstone
from mcpconf.reconcile.declared import Declared
from mcpconf.reconcile.meant import meant
from mcpconf.reconcile.records import arguments, mark_of, tombstone
from tests.pieces import ONE, OTHER, approval, situation, there, wanted, written

NONE = situation()
ASKED = wanted("h/user/x", server="srv")
LINE = arguments(NONE, ONE)


def typed(server="", **more):
    return Revoked(server=server, since="2026-01-01", by="dev", **more)


def told(revoked, asked=(), seen=(), state=None, **more):
    found = meant(situation(asked, seen, state, **more), revoked)
    return found.server, found.known, [mark.address for mark in found.marks]


def form(text, entry=ONE, identity="npm:one"):
    return Tombstone(address=text, identity=identity, arguments=arguments(NONE, entry))


STATES = Declared(
    called={("h", "x"): "srv", ("i", "own"): "srv", ("i", "z"): "z"},
    identities={"srv": frozenset({"npm:one"}), "z": frozenset({"npm:z"})},
)
TYPED = {
    "a name that nobody knows": (typed("x"), {}, ("x", False, [])),
    "a name of the manifest": (typed("srv"), {"asked": [ASKED]}, ("srv", True, ["h/user/x"])),
    "the name on a host": (typed("x"), {"asked": [ASKED]}, ("srv", True, ["h/user/x"])),
    "a name of the manifest, of what cannot be told": (
        typed("srv"),
        {"asked": [wanted("h/user/x", server="srv", identity="")]},
        ("srv", False, ["h/user/x"]),
    ),
    "a name that is the manifest's, and another's on a host": (
        typed("x"),
        {"asked": [ASKED, wanted("i/user/y", server="x", identity="npm:two")]},
        ("x", True, ["i/user/y"]),
    ),
    "a name for a host that is not here": (
        typed("srv"),
        {"declared": STATES},
        ("srv", True, ["h/user/x", "i/user/own"]),
    ),
    "a name that is here already": (
        typed("srv"),
        {"declared": STATES, "asked": [ASKED]},
        ("srv", True, ["h/user/x", "i/user/own"]),
    ),
    "a name of the state": (
        typed("srv"),
        {"state": State(entries={"h/user/own": written("srv")})},
        ("srv", True, ["h/user/own"]),
    ),
    "a name that was taken away": (
        typed("x"),
        {"state": State(tombstones=[form("h/user/x")])},
        ("x", True, ["h/user/x"]),
    ),
    "a name that the machine has": (typed("x"), {"seen": [there("h/user/x")]}, ("x", False, ["h/user/x"])),
    "a name that the machine has, and another for the same": (
        typed("x"),
        {"seen": [there("h/user/x"), there("h/user/y"), there("h/user/z", identity="npm:two")]},
        ("x", False, ["h/user/x", "h/user/y"]),
    ),
    "a name, and the same in another form": (
        typed("srv"),
        {"asked": [ASKED], "seen": [there("h/user/y", OTHER)]},
        ("srv", True, ["h/user/x"]),
    ),
    "a name, whose approvals are meant": (
        typed("x", part="auto"),
        {"seen": [there("h/user/x"), there("h/user/y")]},
        ("x", False, ["h/user/x", "h/user/y"]),
    ),
    "an address that the manifest asks for": (typed(address="h/user/x"), {"asked": [ASKED]}, ("", True, ["h/user/x"])),
    "an address of what cannot be told": (
        typed(address="h/user/x"),
        {"asked": [wanted("h/user/x", identity="")]},
        ("", True, ["h/user/x"]),
    ),
    "an address that the machine has": (
        typed(address="h/user/x"),
        {"seen": [there("h/user/x")]},
        ("", False, ["h/user/x"]),
    ),
    "an address that nobody knows": (typed(address="h/user/x"), {"asked": [wanted("h/user/y")]}, ("", False, [])),
    "what was known before": (typed("x", known=True, marks=[form("j/user/x")]), {}, ("x", True, ["j/user/x"])),
}


@pytest.mark.parametrize("name", TYPED)
def test_what_was_typed(name):
    revoked, more, answer = TYPED[name]
    given = dict(more)
    assert told(revoked, given.pop("asked", ()), given.pop("seen", ()), given.pop("state", None), **given) == answer


def test_a_form_is_told_once_with_all_that_is_known_of_it():
    state = State(entries={"h/user/x": written("srv", arguments=LINE)}, tombstones=[form("i/user/srv", OTHER)])
    found = meant(situation([ASKED], [there("h/user/x")], state), typed("srv"))
    assert found.marks == [mark_of(NONE, ASKED.address, ASKED), form("i/user/srv", OTHER)]
    assert found.marks[0] == tombstone(Address.parse("h/user/x"), state.entries["h/user/x"])


def test_an_earlier_revocation_is_no_part_of_another():
    state = State(revoked=[typed("y")])
    assert told(typed("x"), (), [there("h/user/y")], state) == ("x", False, [])


def test_a_name_that_hosts_give_to_several_servers_is_refused():
    asked = [wanted("h/user/x", server="one"), wanted("i/user/x", server="two"), wanted("i/user/y", server="three")]
    with pytest.raises(McpconfError) as caught:
        told(typed("x"), asked)
    (problem,) = caught.value.problems
    assert (caught.value.code, problem.kind, problem.where) == (64, "usage", None)
    assert problem.message == "`x` is what hosts call `one`, `two`"
    assert problem.hint == "name one of them, or an address"


C = "grant:h/user/g#allow.=x:c"


@pytest.mark.parametrize(
    ("address", "grants", "declared", "answer"),
    [
        (C, [approval("x:c", "x", "c")], STATES, ("srv", True, [])),
        (C, [approval("x:c", "x", "c")], Declared(), ("x", False, [])),
        (C, [approval("y:c", "y", "c")], STATES, ("", False, [])),
        ("grant:h/**", [approval("x:c", "x", "c"), approval("x:d", "x", "d")], STATES, ("srv", True, [])),
        ("grant:h/**", [approval("x:c", "x", "c"), approval("y:c", "y", "c")], STATES, ("", False, [])),
    ],
)
def test_an_approval_is_of_a_server_where_all_that_are_meant_are(address, grants, declared, answer):
    assert told(typed(address=address), observed={"grants": tuple(grants)}, declared=declared) == answer
