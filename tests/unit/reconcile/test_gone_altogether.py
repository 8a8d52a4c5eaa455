"""What counts as taken away altogether, by which names and signs it is looked for, and what is never taken for it."""

from __future__ import annotations

import pytest

from mcpconf.model.past import Bygone, Hindsight
from mcpconf.model.revocation import Revocation
from mcpconf.model.state import Revoked, State, Tombstone
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.gone import Gone, taken
from mcpconf.reconcile.situation import Choices, Released
from tests.pieces import situation

ADA = Revocation(commit="a" * 40, author="Ada", date="2026-03-01")
BOB = Revocation(commit="b" * 40, author="Bob", date="2026-04-01")
ASKED = frozenset({"npm:one"})
"""What servers of the manifest are."""


def mark(address: str = "h/user/x", identity: str = "npm:one", **more) -> Tombstone:
    return Tombstone(address=address, identity=identity, **more)


def bygone(mark: Tombstone, by: Revocation = ADA, server: str = "x") -> Bygone:
    return Bygone(server, mark, (), by)


def left(*marks: Tombstone, here=None, **more) -> tuple[Gone, ...]:
    """What is gone where the machine still has these marks to verify."""
    return taken(here or situation(**more), Draft(gone=[*marks])).gone


def revoked(*marks: Tombstone, **more) -> State:
    return State(revoked=[Revoked(server="mine", since="2026-01-01T00:00", by="dev", marks=[*marks], **more)])


def test_another_program_of_a_plain_name_is_told_by_its_command_line():
    [item] = left(mark(identity="command:files", arguments="sha256:a"))
    assert item.is_it("command:files", "sha256:a")
    assert not item.is_it("command:files", "sha256:b")
    assert not item.is_it("command:other", "sha256:a")


@pytest.mark.parametrize("identity", ["npm:one", "command:python -m files", "command:node /opt/files.js"])
def test_a_package_a_module_and_a_script_are_told_by_what_they_are(identity):
    [item] = left(mark(identity=identity, arguments="sha256:a"))
    assert item.is_it(identity, "sha256:b")
    assert not item.is_it("npm:other", "sha256:a")


def test_all_that_was_known_of_one_thing_is_looked_for():
    one = mark("h/user/x", environment=["A"], secrets=["KEY"], arguments="sha256:a", program="p", state_paths=["/a"])
    two = mark("i/user/y", environment=["B"], secrets=["PIN"], arguments="sha256:b", program="q", state_paths=["/b"])
    [item] = left(one, two)
    assert item == Gone(
        "npm:one",
        "h/user/x",
        frozenset({"x", "y"}),
        frozenset({"A", "B"}),
        frozenset({"sha256:a", "sha256:b"}),
        None,
        frozenset({"KEY", "PIN"}),
        frozenset({"p", "q"}),
        frozenset({"/a", "/b"}),
    )


def test_what_nobody_knew_is_no_sign():
    [item] = left(mark(environment=["LEVEL", "API_KEY"]))
    assert (item.arguments, item.programs, item.state_paths) == (frozenset(), frozenset(), frozenset())
    assert item.secrets == {"API_KEY"}
    assert item.names == {"x"}


def test_who_took_it_away_is_told_by_whichever_knows():
    told = Hindsight((bygone(mark()), bygone(mark("i/user/x"), BOB)))
    assert left(mark(), hindsight=told)[0].by == ADA
    assert left(hindsight=told)[0].by == ADA
    assert left(here=situation((), (), revoked(mark()), hindsight=told))[0].by == ADA
    assert left(mark())[0].by is None


def test_an_approval_and_what_nobody_can_name_are_no_server():
    assert left(mark("grant:h/user/g#allow.=x"), mark(identity="")) == ()
    assert left(here=situation((), (), revoked(mark("grant:h/user/g#allow.=x"), mark(identity="")))) == ()


def test_what_the_manifest_has_under_any_name_is_not_gone():
    assert left(mark("h/user/old"), mark("h/user/new", "npm:two"), asked=ASKED)[0].identity == "npm:two"
    assert left(mark("h/user/old"), asked=ASKED) == ()
    assert left(hindsight=Hindsight((bygone(mark()),)), asked=ASKED) == ()


def test_what_was_given_to_the_user_is_not_gone():
    given = {"released": (Released("x", ()),)}
    assert left(mark("h/user/x"), **given) == ()
    assert left(mark("h/user/y"), **given) != ()
    by_name = Hindsight((bygone(mark("h/user/y"), server="x"),))
    assert left(hindsight=by_name, **given) == ()
    assert left(hindsight=by_name, released=(Released("y", ()),)) != ()


def test_what_a_person_revoked_is_gone_though_the_manifest_has_it():
    [item] = left(here=situation((), (), revoked(mark()), asked=ASKED))
    assert item.names == {"mine", "x"}
    assert left(here=situation((), (), revoked(mark(), part="auto"))) == ()


def test_what_was_seen_to_be_absent_is_looked_for_again_where_somebody_asks():
    state = State(verified=[mark()])
    assert left(here=situation((), (), state)) == ()
    [item] = left(here=situation((), (), state, choices=Choices(tracing="")))
    assert item.names == {"x"}


def test_one_server_is_traced_by_any_name_it_had():
    marks = mark("h/user/x"), mark("i/user/y"), mark("h/user/z", "npm:two")
    for name, found in (
        ("x", ["npm:one"]),
        ("y", ["npm:one"]),
        ("z", ["npm:two"]),
        ("w", []),
        ("", ["npm:one", "npm:two"]),
    ):
        here = situation(choices=Choices(tracing=name))
        assert [item.identity for item in left(*marks, here=here)] == found


@pytest.mark.parametrize(("purpose", "found"), [("apply", 1), ("revoke", 1), ("rollback", 0), ("destroy", 0)])
def test_only_who_takes_away_looks_for_what_is_gone(purpose, found):
    assert len(left(mark(), purpose=purpose)) == found
