"""What a machine is asked to be when it goes back: what was ours then, without what must stay away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.errors import Where
from mcpconf.model.address import Address
from mcpconf.model.desired import DesiredEntry
from mcpconf.model.entry import Entry, Value
from mcpconf.model.observed import HostPresence, ObservedFile
from mcpconf.model.owned import Owned, OwnedValues
from mcpconf.model.plan import Left
from mcpconf.ports import Facts
from mcpconf.reconcile.declared import Declared
from mcpconf.reconcile.returning import Returning
from mcpconf.reconcile.situation import Absent, Released
from tests.made_up import row
from tests.pieces import location, situation, there, wanted

FACTS = Facts("linux", "/home/dev", "dev", "id")
ROWS = {host: row(host, 'file.own = { path = "{home}/f.json", write = true }') for host in "hi"}
VALUES = Where("generations/3/owned.json")
X = Entry("stdio", Value.literal("npx"), (Value.literal("-y"), Value.literal("one@1.0.0")))
FILES = tuple(ObservedFile(location(Address(host, "user", "", ""), "/f"), present=True) for host in "hi")
HOSTS = (HostPresence("h", installed=True), HostPresence("i", installed=True))
NOW = wanted("h/user/x", server="srv")


def owned(server="srv", entry=X, **more):
    asked = replace(wanted("h/user/x", entry, server=server), **more)
    return Owned.of(asked)


def turned(entries=None, *, lacking=(), beside=(), asked=(NOW,), **more):
    observed = {"files": FILES, "hosts": HOSTS, **more.pop("observed", {})}
    values = OwnedValues(
        generation=3,
        time="2026-01-01T00:00:00Z",
        user="dev",
        commit="c0ffee",
        entries={"h/user/x": owned()} if entries is None else entries,
        lacking=[*lacking],
        beside=[*beside],
    )
    return Returning(values, VALUES, ROWS, FACTS).turn(
        situation(asked, more.pop("seen", ()), observed=observed, **more)
    )


def kept_away(**more):
    made = turned(**more)
    assert made.rollback is not None
    return [f"{item.address}: {item.reason}" for item in made.rollback.stays]


def test_what_was_ours_is_asked_for_instead_of_the_manifest():
    made = turned(asked=[wanted("h/user/x", Entry("stdio", Value.literal("new")), server="srv"), wanted("h/user/z")])
    (entry,) = made.desired.entries
    assert (str(entry.address), entry.server, entry.identity, entry.where) == ("h/user/x", "srv", "npm:one", VALUES)
    assert (entry.location.path, entry.key_path) == ("/f", ("s", "x"))
    assert entry.encoded["args"] == ["-y", "one@1.0.0"]
    assert (made.purpose, made.command) == ("rollback", ("rollback", "3"))
    assert set(made.reasons) == {"new", "manifest_changed", "revoked", "declared", "limited", "unlimited"}
    assert set(made.reasons.values()) == {"rolled_back"}
    assert made.desired.findings == ()
    back = made.rollback
    assert back is not None
    assert (back.generation, back.time, back.commit, back.stays) == (3, "2026-01-01T00:00:00Z", "c0ffee", [])


def test_servers_are_judged_as_they_were_declared_then():
    entries = {
        "h/user/x": owned(entry=replace(X, auto=("look",)), stated=frozenset({"auto"})),
        "i/user/y": owned("other", Entry("stdio", Value.literal("/opt/y"))),
    }
    declared = Declared(auto={"srv": ("look",)})
    asked = [NOW, wanted("i/user/y", server="other")]
    made = turned(entries, asked=asked, literals=frozenset({"plain"}), declared=declared)
    assert made.declared.called == {("h", "x"): "srv", ("i", "y"): "other"}
    assert made.declared.auto == {"srv": ("look",)}
    assert made.declared.identities["srv"] == {"npm:one"}
    assert made.asked >= {"npm:one"}
    assert {"plain", "npx", "one@1.0.0"} <= made.literals


APPROVED = {
    "still declared": (("look",), ("look", "more"), ("look",), ""),
    "not declared any more": (("look", "go"), ("look",), ("look",), "`go`"),
    "of a server whose tools are not stated": (("look",), None, (), "`look`"),
    "in a pattern that is declared": (("look_a",), ("look_*",), ("look_a",), ""),
    "by a pattern of which less is declared": (("look_*",), ("look_a", "go"), ("look_a",), "`look_*`"),
    "by a pattern that only meets another": (("look_*",), ("*_a",), (), "`look_*`"),
}


@pytest.mark.parametrize("name", APPROVED)
def test_an_approval_comes_back_as_far_as_the_manifest_declares_it(name):
    then, now, back, asking = APPROVED[name]
    entries = {"h/user/x": owned(entry=replace(X, auto=then), stated=frozenset({"auto"}))}
    declared = Declared(auto={} if now is None else {"srv": now})
    made = turned(entries, declared=declared, beside=["grant:h/user/f#a"])
    assert made.declared.auto == {"srv": back}
    assert made.declared.beside == {"grant:h/user/f#a"}
    assert made.rollback is not None
    told = f"{asking}: the manifest does not let that act without asking any more"
    assert made.rollback.stays == ([Left(address="h/user/x#auto", reason=told)] if asking else [])


def test_it_stays_in_the_file_that_it_lies_in_by_now():
    moved = there("h/user/x", X, path="/g")
    made = turned(seen=[moved], observed={"files": (*FILES, moved.file)})
    assert [entry.location.path for entry in made.desired.entries] == ["/g"]


GIVEN_BACK = "the manifest gives it back to the user, under `released`"
NOT_HERE = "its host or project is not here any more"
AWAY = {
    "of a host that is not installed": (
        {"observed": {"hosts": (HostPresence("h", installed=False),)}},
        "its host is not installed any more",
    ),
    "of a host that nobody knows": ({"observed": {"hosts": ()}}, "its host is not installed any more"),
    "in a file that is not looked at": ({"observed": {"files": FILES[1:]}}, NOT_HERE),
    "in a file that is not to be written": (
        {"observed": {"files": (replace(FILES[0], location=replace(FILES[0].location, write=False)),)}},
        NOT_HERE,
    ),
    "that is given back": ({"released": (Released("srv", ()),)}, GIVEN_BACK),
    "that is given back on another host": ({"released": (Released("srv", ("i",)),)}, None),
    "that has expired": ({"expired": frozenset({"srv"})}, "the manifest says that it has expired"),
    "that is forbidden": (
        {"absent": (Absent("npm:one", "it leaks", "m"), Absent("", "unclear", "m"))},
        "the manifest forbids npm:one under `absent`: it leaks",
    ),
    "of which another is forbidden": ({"absent": (Absent("npm:two", "it leaks", "m"),)}, None),
    "that nobody asks for": ({"asked": ()}, "the manifest does not ask for it any more"),
    "that is asked for elsewhere": (
        {"asked": [wanted("i/user/x", server="srv")]},
        "the manifest does not ask for it any more",
    ),
    "that is asked for by another name": ({"asked": [wanted("h/user/y", server="srv")]}, None),
    "whose name is another's": ({"asked": [wanted("h/user/x", identity="npm:two", server="srv")]}, None),
    "whose host only has what is not understood": (
        {"asked": [wanted("h/user/y", identity="", server="srv")]},
        "the manifest does not ask for it any more",
    ),
}


@pytest.mark.parametrize("name", AWAY)
def test_one_that_stays_away(name):
    more, reason = AWAY[name]
    assert kept_away(**more) == ([f"h/user/x: {reason}"] if reason else [])
    assert len(turned(**more).desired.entries) == (0 if reason else 1)


def test_all_that_stays_away_is_told_in_order():
    entries = {"i/user/x": owned(), "h/user/y": owned(), "k/user/x": owned()}
    made = turned(entries, asked=())
    assert made.rollback is not None
    assert made.rollback.stays == [
        Left(address="h/user/y", reason="the manifest does not ask for it any more"),
        Left(address="i/user/x", reason="the manifest does not ask for it any more"),
        Left(address="k/user/x", reason="its host is not installed any more"),
    ]


def test_what_cannot_be_asked_for_again_is_held_in_plain_sight():
    broken = owned().model_copy(update={"launch": ["${odd}"]})
    made = turned({"h/user/x": broken}, lacking=["h/user/y"])
    assert not any(isinstance(entry, DesiredEntry) for entry in made.desired.entries)
    assert [(item.rule, item.severity, item.address, item.message, item.where) for item in made.desired.findings] == [
        ("cannot-say", "error", "h/user/x", "`h/user/x`: the values of it that were kept cannot be read", VALUES),
        ("cannot-say", "error", "h/user/y", "`h/user/y`: it was ours then, but its values were not kept", VALUES),
    ]
    assert kept_away(entries={"h/user/x": broken}) == []
    assert kept_away(entries={"h/user/x": broken}, released=(Released("srv", ()),)) == [f"h/user/x: {GIVEN_BACK}"]
