"""What must not be here any more: where it is taken away, where a person must, and when that is done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.entry import Entry, Value
from mcpconf.model.state import Tombstone
from mcpconf.reconcile.changes import Builder
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.lasting import lifted
from mcpconf.reconcile.records import arguments
from mcpconf.reconcile.revocation import Forbidden, end_elsewhere, writable
from mcpconf.reconcile.situation import Absent, Released
from tests.pieces import ONE, OTHER, approval, change, location, situation, there, wanted

ENV = Entry("stdio", ONE.command, ONE.args, {"B": Value.literal("b"), "A": Value.literal("a")})


def mark(address="i/user/x", entry=ONE, identity="npm:one"):
    digest = arguments(situation(), entry)
    return Tombstone(address=address, identity=identity, environment=sorted(entry.env), arguments=digest)


def ended(*entries, gone=(), ignored=(), **more):
    """The addresses dealt with, the changes, and the residue."""
    whole = situation((), entries, **more)
    draft = Draft(gone=[*gone])
    found = end_elsewhere(whole, Builder(whole), draft, entries, lambda address: str(address) in ignored)
    changes = [f"{item.action} {item.reason} {item.address}" for item in draft.changes]
    return sorted(map(str, found)), changes, [(item.message, item.instruction) for item in draft.residue]


STILL = "`npm:one` was revoked at `i/user/x`, and is still here"
REMOVE = "remove `y` from /f, or list it under `released`, then `mcpconf plan`"
YOURSELF = "remove `y` from /f yourself, for mcpconf does not write it, then `mcpconf plan`"
GONE = ["delete revoked_elsewhere h/user/y"]


@pytest.mark.parametrize(
    ("entry", "more", "result"),
    [
        (there("h/user/y"), {}, (["h/user/y"], GONE, [])),
        (there("h/user/y"), {"ignored": ("h/user/y",)}, (["h/user/y"], GONE, [])),
        (there("h/user/y", OTHER), {}, (["h/user/y"], [], [(STILL, REMOVE)])),
        (there("h/user/y", ENV), {}, (["h/user/y"], [], [(STILL, REMOVE)])),
        (there("h/user/y", ENV), {"gone": [mark(entry=ENV)]}, (["h/user/y"], GONE, [])),
        (there("h/user/y", OTHER), {"ignored": ("h/user/y",)}, ([], [], [])),
        (there("h/user/y", write=False), {}, (["h/user/y"], [], [(STILL, YOURSELF)])),
        (there("h/user/y", OTHER, write=False), {}, (["h/user/y"], [], [(STILL, YOURSELF)])),
        (there("h/user/y"), {"gone": [mark(identity="npm:two")]}, ([], [], [])),
        (there("h/user/y", identity=""), {"gone": [mark(identity="")]}, ([], [], [])),
        (there("h/user/y"), {"asked": frozenset({"npm:one"})}, ([], [], [])),
        (there("h/user/y"), {"asked": frozenset({"npm:two"})}, (["h/user/y"], GONE, [])),
        (there("h/user/y"), {"released": (Released("y", ("h",)),)}, ([], [], [])),
        (there("h/user/y"), {"released": (Released("y", ("i",)),)}, (["h/user/y"], GONE, [])),
    ],
)
def test_what_was_ours_elsewhere(entry, more, result):
    assert ended(entry, **{"gone": [mark()], **more}) == result


def test_one_that_is_let_be_hides_no_other():
    first, last = there("h/user/a"), there("h/user/y")
    for skipped in there("h/user/b", identity="npm:two"), there("h/user/b", OTHER):
        found, changes, _ = ended(first, skipped, last, gone=[mark()], ignored=("h/user/b",))
        assert found == ["h/user/a", "h/user/y"]
        assert len(changes) == 2
    found, changes, _ = ended(there("h/user/y"), gone=[mark(entry=OTHER), mark()])
    assert changes == GONE


@pytest.mark.parametrize(
    ("server", "hosts", "address", "back"),
    [
        ("x", (), "h/user/x", True),
        ("x", ("h",), "h/user/x", True),
        ("x", ("i", "h"), "h/user/x", True),
        ("x", ("i",), "h/user/x", False),
        ("y", (), "h/user/x", False),
        ("y", ("h",), "h/user/x", False),
    ],
)
def test_what_was_given_back(server, hosts, address, back):
    assert situation(released=(Released(server, hosts),)).handed_back(Address.parse(address), "x") is back


UNTOLD = Problem("unreadable", "git does not say")


@pytest.mark.parametrize(
    ("address", "write", "may_write", "tracked", "answer"),
    [
        ("h/user/x", True, False, True, True),
        ("h/user/x", False, False, False, False),
        ("h/managed/x", True, False, False, False),
        ("h/system/x", True, False, False, False),
        ("h/profile/x", True, False, False, False),
        ("h/project:~/p/x", True, False, False, True),
        ("h/project:~/p/x", True, False, True, False),
        ("h/project:~/p/x", True, False, UNTOLD, False),
        ("h/project:~/p/x", True, True, True, True),
        ("h/project:~/p/x", True, True, UNTOLD, True),
        ("h/project:~/p/x", False, True, False, False),
    ],
)
def test_where_mcpconf_writes(address, write, may_write, tracked, answer):
    place = location(Address.parse(address), "/p", write=write)
    whole = situation(tracked=lambda path: tracked if path == "/p" else False, projects={("h", "~/p"): may_write})
    assert writable(whole, place) is answer


def test_what_is_forbidden_is_deleted_or_told():
    whole = situation((), absent=(Absent("npm:one", "it leaks", "m:1"), Absent("", "unclear", "m:2")))
    forbidden = Forbidden(whole)
    assert forbidden.names(there("h/user/x"))
    assert not forbidden.names(there("h/user/x", OTHER, identity="npm:two"))
    assert not forbidden.names(there("h/user/x", Entry("unknown"), identity=""))
    assert not Forbidden(situation()).names(there("h/user/x"))
    draft = Draft()
    forbidden.end(Builder(whole), draft, there("h/user/x"))
    forbidden.end(Builder(whole), draft, there("h/user/y", write=False))
    assert [(item.address, item.reason) for item in draft.changes] == [("h/user/x", "must_be_absent")]
    (left,) = draft.residue
    assert (left.address, left.where) == ("h/user/y", "/f")
    assert (left.message, left.instruction) == ("`npm:one` must not be on this machine (it leaks)", YOURSELF)


def done(seen=(), asked=(), *, grants=(), changes=(), gone=None, written=(), **observed):
    whole = situation(asked, seen, observed={"grants": tuple(grants), **observed})
    draft = Draft(gone=gone or [mark("h/user/x")], changes=[*changes])
    return [mark.address for mark in lifted(whole, draft, written)]


DELETED = change("h/user/x", "delete", file="/f", key_path=["s", "x"])


def test_a_tombstone_is_lifted_once_nothing_is_left():
    assert done() == ["h/user/x"]
    assert done([there("h/user/y")]) == []
    assert done([there("h/user/y", identity="npm:two")]) == ["h/user/x"]
    assert done([there("h/user/y")], written={"h/user/y"}) == ["h/user/x"]
    assert done((), [wanted("h/user/y")]) == []
    assert done((), [wanted("h/user/y", identity="npm:two")]) == ["h/user/x"]
    assert done(gone=[mark("h/user/x"), mark("h/user/z", identity="npm:two")]) == ["h/user/x", "h/user/z"]


def test_a_place_that_is_emptied_counts_for_all_who_read_it():
    other = there("i/user/x")
    assert done([other], changes=[DELETED], written={"h/user/x"}) == ["h/user/x"]
    assert done([other], changes=[DELETED]) == []


def test_an_approval_by_its_name_keeps_a_tombstone():
    address = Address.parse("h/user/x")
    assert done(grants=[approval("x:c", "x")]) == []
    assert done(grants=[approval("x:c", "y")]) == ["h/user/x"]
    assert done(grants=[approval("x:c", "x")], written={"grant:h/user/g#allow.=x:c"}) == ["h/user/x"]
    assert done(grants=[approval("x:c", "x", entry=address)], written={"h/user/x"}) == ["h/user/x"]
    assert done(grants=[approval("x:c", "x", entry=address)], written={"grant:h/user/g#allow.=x:c"}) == ["h/user/x"]
    assert done(grants=[approval("x:c", "x", entry=address)], written={"h/user/y"}) == []
    assert done(gone=[mark("i/user/x")], grants=[approval("x:c", "x")]) == ["i/user/x"]
    assert done((), [wanted("h/user/x", identity="npm:two")], grants=[approval("x:c", "x")]) == ["h/user/x"]
    assert done(grants=[replace(approval("x:c", "y"), identity="npm:one")]) == []


def test_nothing_is_lifted_while_something_was_not_read():
    entry = there("h/user/y", identity="npm:two")
    assert done(problems=(UNTOLD,)) == []
    assert done([entry], files=(replace(entry.file, problem=UNTOLD),)) == []
    assert done([entry], files=(entry.file,)) == ["h/user/x"]
