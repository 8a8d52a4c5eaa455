"""What a revocation on this machine means: which entries, which wishes of the manifest, which approvals, and until when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.entry import Entry, Value
from mcpconf.model.finding import Finding
from mcpconf.model.state import Revoked, State, Tombstone
from mcpconf.reconcile.declared import Declared
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.recall import because, withhold_approvals
from mcpconf.reconcile.records import arguments, mark_of
from mcpconf.reconcile.revoked import RevokedHere, relieved
from mcpconf.reconcile.situation import NoRules, Released
from tests.pieces import ONE, OTHER, approval, change, situation, there, wanted

ENV = Entry("stdio", ONE.command, ONE.args, {"B": Value.literal("b"), "A": Value.literal("a")})
X = Address("h", "user", "", "x")


def mark(address="h/user/x", entry=ONE, identity="npm:one"):
    return Tombstone(
        address=address,
        identity=identity,
        environment=sorted(entry.env),
        arguments=arguments(situation(), entry),
    )


def off(server="x", /, *marks, **more):
    return Revoked(**{"server": server, "since": "2026-01-01T00:00", "by": "dev", "marks": [*marks], **more})


def known(*marks, **more):
    return off("x", *(marks or [mark()]), known=True, **more)


def here(*revoked, asked=(), seen=(), **more):
    return RevokedHere(situation(asked, seen, State(revoked=[*revoked]), **more))


AT_X = off("", address="h/user/x")
ENTRIES = {
    "at an address that was named": (AT_X, there("h/user/x"), {}, True),
    "at an address that fits": (off("", address="h/**"), there("h/user/y"), {}, True),
    "the same at another address": (
        off("", mark(), address="h/user/x", known=True),
        there("h/user/y"),
        {},
        None,
    ),
    "of its name, and what it is": (known(), there("i/user/x"), {}, True),
    "of its name, and not understood": (known(), there("i/user/x", identity=""), {}, True),
    "of its name, and something else": (known(), there("h/user/x", identity="npm:two"), {}, None),
    "of its name, where nobody says what it is": (off(), there("h/user/x", identity="npm:two"), {}, True),
    "of its name, where what it is has no identity": (
        known(mark(identity="")),
        there("h/user/x", identity="npm:two"),
        {},
        True,
    ),
    "of another name, where nobody says what it is": (off(), there("h/user/y"), {}, None),
    "of the name that it has on a host": (
        known(mark("h/user/own", identity="npm:two"), mark(identity="npm:one")),
        there("h/user/own", identity=""),
        {},
        True,
    ),
    "of the name that it has on another host": (known(mark("h/user/own")), there("i/user/own", identity=""), {}, None),
    "of another name, in the same form": (known(), there("h/user/y"), {}, True),
    "of another name, in one of its forms": (
        known(mark(entry=OTHER), mark(entry=ENV)),
        there("h/user/y", ENV),
        {},
        True,
    ),
    "of another name, with other arguments": (known(), there("h/user/y", OTHER), {}, False),
    "of another name, with other variables": (known(), there("h/user/y", ENV), {}, False),
    "of another name, in a form that nobody knows": (
        known(Tombstone(address="h/user/x", identity="npm:one")),
        there("h/user/y", replace(ONE, command=Value.literal(""), args=())),
        {},
        False,
    ),
    "in another form, given back": (known(), there("h/user/y", OTHER), {"released": (Released("y", ()),)}, None),
    "in its form, given back": (known(), there("h/user/y"), {"released": (Released("y", ()),)}, True),
    "of which only the approvals are meant": (known(part="auto"), there("h/user/x"), {}, None),
    "an approval": (off("", address="grant:**"), there("h/user/x"), {}, None),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry(name):
    revoked, entry, more, certain = ENTRIES[name]
    told = here(revoked, seen=[entry], **more)
    found = told.entry(entry.address)
    assert (found.certain if found else None) is certain
    assert [*told.found()] == ([(entry.address, found)] if found else [])
    assert found is None or found.by is told.situation.state.revoked[0]


def test_of_several_the_one_that_is_certain_counts():
    doubtful, certain = known(mark(entry=OTHER)), AT_X
    entry = there("h/user/x", ONE)
    for order in (doubtful, certain), (certain, doubtful):
        found = here(*order, seen=[replace(entry, address=Address.parse("h/user/x"))]).entry(X)
        assert found is not None
        assert found.certain


WISHES = {
    "of its name": (off(), wanted("h/user/x"), {}, True),
    "of another name": (off(), wanted("h/user/y"), {}, False),
    "of its name on the host": (off(), wanted("h/user/x", server="srv"), {}, True),
    "of the manifest's name": (off("srv"), wanted("h/user/x", server="srv"), {}, True),
    "that was called so": (off(), wanted("h/user/y", server="y"), {"was": {"y": ("w", "x")}}, True),
    "that was called otherwise": (off(), wanted("h/user/y", server="y"), {"was": {"y": ("w",), "z": ("x",)}}, False),
    "of what it is": (known(), wanted("h/user/y"), {}, True),
    "of its name, and something else": (known(), wanted("h/user/x", identity="npm:two"), {}, False),
    "of its name, not known what it is": (known(mark(identity="")), wanted("h/user/x", identity="npm:two"), {}, True),
    "at its address": (AT_X, wanted("h/user/x", identity="npm:two"), {}, True),
    "at an address that it had": (AT_X, wanted("h/user/y", server="y"), {"was": {"y": ("x",)}}, True),
    "at another address": (off("", mark(), address="h/user/x", known=True), wanted("h/user/y"), {}, False),
    "of which only the approvals are meant": (off(part="auto"), wanted("h/user/x"), {}, False),
    "at the place of what is revoked": (AT_X, wanted("i/user/x"), {"seen": [there("h/user/x")]}, True),
    "at the place of what may be something else": (
        known(),
        wanted("i/user/y", identity="npm:two"),
        {"seen": [there("h/user/y", OTHER)]},
        False,
    ),
    "in another file": (AT_X, wanted("i/user/x", path="/g"), {"seen": [there("h/user/x")]}, False),
}


@pytest.mark.parametrize("name", WISHES)
def test_a_wish_of_the_manifest(name):
    revoked, entry, more, waits = WISHES[name]
    other = wanted("k/user/other", identity="npm:other", path="/other")
    told = here(revoked, asked=[entry, other], **more)
    assert told.wished == ({entry.address: told.situation.state.revoked[0]} if waits else {})
    assert told.allowed().entries == ((other,) if waits else (entry, other))


def test_who_wants_the_same_place_waits_too():
    finding = Finding(rule="R", severity="error", subject="desired", address="h/user/z", message="m")
    asked = [wanted("h/user/x", identity="npm:one"), wanted("i/user/x", identity="npm:two")]
    whole = situation(asked, (), State(revoked=[known()]))
    whole = replace(whole, desired=replace(whole.desired, findings=(finding,)))
    told = RevokedHere(whole)
    assert {str(address) for address in told.wished} == {"h/user/x", "i/user/x"}
    assert (told.allowed().entries, told.allowed().findings) == ((), (finding,))
    assert here(asked=asked).allowed().entries == tuple(asked)


C = "grant:h/user/g#allow.=x:c"
OWN = approval("x:c", "x", "c", entry=X)
STRANGER = there("h/user/x", identity="npm:two")
PROJECT = there("h/project:~/p/x", identity="npm:two", path="/p")
GRANTS = {
    "that was named": (off("", address=C), approval("x:c", "x", "c"), (), "revoked"),
    "that fits": (off("", address="grant:h/**"), approval("z:c", "z", "c"), (), "revoked"),
    "beside the one that was named": (off("", address=C), approval("x:d", "x", "d"), (), ""),
    "that was named, beside a stranger": (off("", address=C), approval("x:c", "x", "c"), (STRANGER,), "revoked"),
    "of the server": (known(), approval("x:c", "x", "c"), (), "revoked"),
    "of the server by its name on the host": (known(mark("h/user/own")), approval("o", "own"), (), "revoked"),
    "of the server by its name on another": (known(mark("i/user/own")), approval("o", "own"), (), ""),
    "of another server": (known(), approval("y:c", "y", "c"), (), ""),
    "of every server": (known(), approval("c", "", "c"), (), ""),
    "that may mean the server": (known(), approval("y:c", "y", "c", readings=("x",)), (), "revoked"),
    "of the server, and of a stranger": (known(), approval("x:c", "x", "c"), (STRANGER,), "doubtful"),
    "of the server, and of another entry": (known(), approval("x:c", "x", "c"), (PROJECT,), "doubtful"),
    "that may mean a stranger": (
        known(),
        approval("x:c", "x", "c", readings=("y",)),
        (there("h/user/y", identity="npm:two"),),
        "doubtful",
    ),
    "in the entry": (known(), OWN, (there("h/user/x"),), ""),
    "at the address": (off("", mark(), address="h/user/x"), approval("x:c", "x", "c"), (there("h/user/x"),), "revoked"),
    "at the address, with another entry": (
        off("", mark(), address="h/user/x"),
        approval("x:c", "x", "c"),
        (there("h/user/x"), PROJECT),
        "",
    ),
    "beside the address": (off("", mark(), address="h/user/x"), approval("y:c", "y", "c"), (), ""),
    "at the address of approvals alone": (
        off("", mark(), address="h/user/x", part="auto"),
        approval("x:c", "x", "c"),
        (there("h/user/x"),),
        "",
    ),
    "in the entry, of approvals alone": (known(part="auto"), OWN, (there("h/user/x"),), "revoked"),
    "in an entry at the address, of approvals alone": (
        off("", address="h/user/x", part="auto"),
        OWN,
        (there("h/user/x", identity="npm:two"),),
        "revoked",
    ),
    "in an entry that may be another's, of approvals alone": (
        known(mark("h/user/y"), part="auto", server="y"),
        OWN,
        (there("h/user/x", OTHER),),
        "",
    ),
    "in a stranger, of approvals alone": (known(part="auto"), OWN, (STRANGER,), ""),
    "of the server that stays": (known(part="auto"), approval("x:c", "x", "c"), (there("h/user/x"),), "revoked"),
    "of the server that stays, beside a stranger": (
        known(part="auto"),
        approval("x:c", "x", "c"),
        (there("h/user/x"), PROJECT),
        "doubtful",
    ),
}


@pytest.mark.parametrize("name", GRANTS)
def test_an_approval(name):
    revoked, grant, seen, answer = GRANTS[name]
    told = here(off("other"), revoked, seen=seen)
    found = told.approval(grant)
    assert found is (told.situation.state.revoked[1] if answer else None)
    if found is not None:
        assert told.doubtful(grant, found, ()) is (answer == "doubtful")


def test_an_approval_by_a_name_that_is_known_may_be_about_another():
    grant = approval("x:c", "x", "c", readings=("y",))
    told = here(known())
    (revoked,) = told.situation.state.revoked
    assert told.doubtful(grant, revoked, {("h", "y")})
    assert not told.doubtful(grant, revoked, {("i", "y"), ("h", "x"), ("h", "z")})
    assert not told.doubtful(replace(grant, entry=X), revoked, {("h", "y")})
    named = here(off("", address=C))
    assert not named.doubtful(grant, named.situation.state.revoked[0], {("h", "y")})


class Bringing(NoRules):
    """Every entry brings one approval of its own along, unless it is called `plain`."""

    def approvals(self, desired):
        name = desired.address.server
        return () if name == "plain" else (approval(f"{name}:c", name, "c", entry=desired.address),)


BRINGS = approval("x:c", "x", "c").address
APPROVING = {
    "of the server": (off(part="auto"), wanted("h/user/x"), {}, True),
    "of what the server is": (known(part="auto"), wanted("h/user/y"), {}, True),
    "of a server that was called so": (off(part="auto"), wanted("h/user/y"), {"was": {"y": ("x",)}}, True),
    "of another server": (off(part="auto"), wanted("h/user/y"), {}, False),
    "of a server that brings none": (off("plain", part="auto"), wanted("h/user/plain"), {}, False),
    "at its address": (off("", address=str(BRINGS)), wanted("h/user/x"), {}, True),
    "at another address": (off("", address=str(BRINGS)), wanted("h/user/y"), {}, False),
    "with the whole server": (off(), wanted("h/user/x"), {}, False),
}


@pytest.mark.parametrize("name", APPROVING)
def test_an_approval_that_an_entry_would_bring_along(name):
    revoked, entry, more, answer = APPROVING[name]
    told = here(off("other", part="auto"), revoked, asked=[entry], rules=Bringing(), **more)
    (_, same) = told.situation.state.revoked
    assert told.approving(entry) is (same if answer else None)


@pytest.mark.parametrize(
    ("action", "held"), [("create", True), ("update", True), ("replace", True), ("conflict", False), ("delete", False)]
)
def test_an_entry_that_would_bring_one_back_is_not_written(action, held):
    told = here(off(part="auto"), asked=[wanted("h/user/x"), wanted("h/user/y")], rules=Bringing())
    draft = Draft(changes=[change("h/user/y"), change("h/user/x", action)])
    withhold_approvals(draft, told)
    assert draft.withheld == {"h/user/x"}
    first, last = draft.changes
    assert (first.action, last.action) == ("create", "held" if held else action)
    assert (last.hold is not None) is held
    if last.hold is not None:
        assert (last.reason, last.hold.by, last.hold.action) == ("revoked_locally", "revoked_locally", action)


def test_one_that_is_not_written_at_all_brings_nothing_back():
    told = here(off(), off(part="auto"), asked=[wanted("h/user/x")], rules=Bringing())
    draft = Draft()
    withhold_approvals(draft, told)
    assert draft.withheld == set()


@pytest.mark.parametrize(
    ("revoked", "what", "target"),
    [
        (off(), "`x`", "x"),
        (off("", address="h/user/x"), "it", "h/user/x"),
        (off(part="auto"), "the approval", "x#auto"),
        (off("", address=C), "the approval", C),
    ],
)
def test_a_wish_says_how_to_end_its_waiting(revoked, what, target):
    hold = because(revoked)
    assert hold.hint == f"take {what} out of the manifest, or `mcpconf revoke --undo {target}`"
    assert (hold.by, hold.action, hold.code) == ("revoked_locally", "create", 3)
    assert hold.message == "was revoked here on 2026-01-01 by dev"


def test_the_form_of_an_entry():
    assert mark_of(situation(), X, there("h/user/x", ENV)) == mark(entry=ENV)
    assert mark().environment == []
    assert mark(entry=ENV).environment == ["A", "B"]


LISTED = Declared(called={("h", "x"): "x"}, identities={"x": frozenset({"npm:one"})})
NOT_READ = Problem("malformed", "m")


@pytest.mark.parametrize(
    ("revoked", "more", "ends"),
    [
        (known(), {}, True),
        (off(), {}, False),
        (known(), {"wanted": [wanted("h/user/x")]}, False),
        (known(), {"seen": [there("h/user/x")]}, False),
        (known(), {"seen": [there("h/user/x")], "written": {"h/user/x"}}, True),
        (known(), {"seen": [there("h/user/y", OTHER)]}, False),
        (known(), {"seen": [STRANGER]}, True),
        (known(), {"observed": {"problems": (NOT_READ,)}}, False),
        (known(), {"observed": {"files": (replace(STRANGER.file, problem=NOT_READ),)}}, False),
        (known(), {"observed": {"grants": (approval("x:c", "x", "c"),)}}, False),
        (known(), {"observed": {"grants": (approval("x:c", "x", "c"),)}, "written": {C}}, True),
        (known(), {"observed": {"grants": (approval("x:c", "x", "c"),)}, "seen": [STRANGER]}, True),
        (known(), {"observed": {"grants": (approval("y:c", "y", "c"),)}}, True),
        (known(), {"asked": frozenset({"npm:one"})}, False),
        (known(), {"asked": frozenset({"npm:two"})}, True),
        (known(), {"declared": LISTED}, True),
        (known(mark(identity="")), {"declared": LISTED}, False),
        (known(mark(identity="")), {}, True),
        (known(part="auto"), {"declared": LISTED}, False),
        (known(part="auto"), {}, True),
        (known(address=C), {"declared": LISTED}, False),
        (known(address=C), {}, True),
        (known(address="h/user/x"), {"declared": LISTED}, False),
        (known(mark("i/user/x"), address="i/user/x"), {"declared": LISTED}, True),
        (known(address="h/user/x", server=""), {}, True),
    ],
)
def test_a_revocation_ends_once_the_manifest_has_dropped_it_and_it_is_nowhere(revoked, more, ends):
    asked, seen, written = (more.get(name, ()) for name in ("wanted", "seen", "written"))
    told = {name: more[name] for name in ("observed", "declared", "asked") if name in more}
    whole = situation(asked, seen, State(revoked=[off("other"), revoked]), **told)
    assert relieved(whole, written) == ([revoked.target] if ends else [])


def test_nothing_ends_where_nothing_is_revoked():
    assert relieved(situation(), ()) == []
