"""What becomes of each approval, beside the changes of entries."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.errors import Problem
from mcpconf.model.address import Address
from mcpconf.model.finding import Finding
from mcpconf.model.observed import ObservedFile
from mcpconf.model.plan import Granted
from mcpconf.model.state import Revoked, State, Tombstone
from mcpconf.reconcile.declared import Declared
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.grants import Grants
from mcpconf.reconcile.revoked import RevokedHere
from mcpconf.reconcile.situation import Policy, Released
from tests.pieces import approval, change, location, situation, there, wanted, written

X = Address("h", "user", "", "x")
ASKED = (wanted("h/user/x", server="srv", stated=frozenset({"auto"})),)
STATES = Declared(called={("h", "x"): "srv"}, auto={"srv": ("a", "b_*")}, identities={"srv": frozenset({"npm:one"})})
ELSEWHERE = ObservedFile(location(X, "/p", write=False), present=True)
GONE = (Tombstone(address="h/user/x", identity="npm:one"),)
REMOVE = {"policy": Policy(grants="remove"), "reach": frozenset({("h", "")})}
REVOKED = State(revoked=[Revoked(server="x", since="2026-01-01", by="dev", known=False)])


def settled(grants, *, draft=None, ignored=False, asked=(), seen=(), state=None, **more):
    """What a draft gets, a line for each thing."""
    draft = draft or Draft()
    files = {"grants": tuple(grants), **more.pop("observed", {})}
    whole = situation(asked, seen, state, observed=files, **more)
    before = len(draft.changes)
    Grants(whole, draft, RevokedHere(whole), lambda _address: ignored).settle()
    lines = [f"{item.action} {item.reason} {item.server}" for item in draft.changes[before:]]
    lines += [f"told {item.reason}" for item in draft.unmanaged if not item.removed]
    lines += [f"residue {item.message}" for item in draft.residue]
    lines += [f"declared {item.server} {item.by}".strip() for item in draft.records.grants.values()]
    return lines


def one(tool="c", server="x", **more):
    return approval(f"{server}:{tool}", server, tool, **more)


RUNS = "runs tool `c` of x without asking"
CASES = {
    "of a stranger": ([one()], {}, [f"told {RUNS}"]),
    "within what is declared": ([one("a")], {"asked": ASKED, "declared": STATES}, ["declared srv"]),
    "within a pattern that is declared": ([one("b_c")], {"asked": ASKED, "declared": STATES}, ["declared srv"]),
    "beyond what is declared": ([one()], {"asked": ASKED, "declared": STATES}, ["revoke not_declared srv"]),
    "of some tools": ([one(effect="some")], {"asked": ASKED, "declared": STATES}, ["revoke not_declared srv"]),
    "of all tools": ([one("")], {"asked": ASKED, "declared": STATES}, ["revoke not_declared srv"]),
    "declared once": (
        [one()],
        {"asked": ASKED, "declared": STATES, "state": State(grants={str(one().address): "srv"})},
        ["revoke revoked srv"],
    ),
    "of no server": ([one(server="")], REMOVE, ["told runs tool `c` of every server without asking"]),
    "of a sign-in": ([one(effect="token")], REMOVE, ["told keeps a sign-in for x"]),
    "by a name that was ours": ([one()], {"draft": Draft(gone=[*GONE])}, ["revoke revoked x"]),
    "by a name that was ours, in the state": (
        [one()],
        {"state": State(entries={"h/user/x": written("srv")})},
        ["revoke revoked x"],
    ),
    "by a name that was ours on another host": (
        [one()],
        {"state": State(entries={"i/user/x": written("srv")})},
        [f"told {RUNS}"],
    ),
    "of what was given back": (
        [one()],
        {"state": State(entries={"h/user/x": written("srv")}), "released": (Released("srv", ()),)},
        [f"told {RUNS}"],
    ),
    "by a name that was ours and is another's by now": (
        [one()],
        {"draft": Draft(gone=[*GONE]), "seen": [there("h/user/x", identity="npm:two")]},
        [f"told ambiguous: {RUNS}, and that is another server here"],
    ),
    "by a name of ours that this plan clears": (
        [one()],
        {
            "draft": Draft(gone=[*GONE], changes=[change("h/user/x", "delete")]),
            "seen": [there("h/user/x", identity="npm:two")],
        },
        ["revoke revoked x"],
    ),
    "that may mean another": (
        [one(readings=("y", "z"))],
        {"seen": [there("h/user/y")]},
        [f"told ambiguous: {RUNS}; it may mean `x`, `y`, `z`"],
    ),
    "that may mean strangers": ([one(readings=("y",))], {"seen": [there("i/user/y")]}, [f"told {RUNS}"]),
    "to start what is wanted": ([one(effect="approve")], {"asked": ASKED, **REMOVE}, ["told starts x without asking"]),
    "to start what is not wanted": ([one(effect="approve")], REMOVE, ["revoke unmanaged x"]),
    "where policy removes": ([one()], REMOVE, ["revoke unmanaged x"]),
    "out of the reach of policy": ([one()], {**REMOVE, "reach": frozenset({("i", "")})}, [f"told {RUNS}"]),
    "in a file of others, where policy removes": ([one(file=ELSEWHERE)], REMOVE, [f"told {RUNS}"]),
    "that is not to be written, where policy removes": ([one(write=False)], REMOVE, [f"told {RUNS}"]),
    "in a file of others": (
        [one(file=ELSEWHERE)],
        {"asked": ASKED, "declared": STATES},
        [f"residue {RUNS}, which nobody declares"],
    ),
    "that may not be written": (
        [one(write=False)],
        {"asked": ASKED, "declared": STATES},
        [f"residue {RUNS}, which nobody declares"],
    ),
    "whose list would be empty": (
        [one(crowd=1)],
        {"asked": ASKED, "declared": STATES},
        [f"residue {RUNS}, which nobody declares"],
    ),
    "whose list keeps another": ([one(crowd=2)], {"asked": ASKED, "declared": STATES}, ["revoke not_declared srv"]),
    "in its own entry": ([one(entry=X)], {"asked": ASKED, "declared": STATES}, []),
    "in an entry that is held": (
        [one(entry=X)],
        {"asked": ASKED, "declared": STATES, "draft": Draft(changes=[change("h/user/x", "held")])},
        ["revoke not_declared srv"],
    ),
    "in an entry in conflict": (
        [one(entry=X)],
        {"asked": ASKED, "declared": STATES, "draft": Draft(changes=[change("h/user/x", "conflict")])},
        ["revoke not_declared srv"],
    ),
    "in an entry that git tracks": (
        [one(entry=X)],
        {"asked": ASKED, "declared": STATES, "draft": Draft(tracked={"h/user/x": change("h/user/x")})},
        ["revoke not_declared srv"],
    ),
    "in an entry that goes": ([one(entry=X)], {"draft": Draft(changes=[change("h/user/x", "delete")])}, []),
    "in an entry without tools": ([one(entry=X)], {"asked": (wanted("h/user/x"),)}, [f"told {RUNS}"]),
    "in its own entry, not to be written": (
        [one(entry=X, write=False)],
        {"asked": ASKED, "declared": STATES},
        [f"residue {RUNS}, which nobody declares"],
    ),
    "that is ignored": ([one()], {"asked": ASKED, "declared": STATES, "ignored": True}, [f"told {RUNS}"]),
    "that is ignored, of what was ours": (
        [one()],
        {"draft": Draft(gone=[*GONE]), "ignored": True},
        ["revoke revoked x"],
    ),
    "revoked here": ([one()], {"state": REVOKED}, ["revoke revoked_locally x"]),
    "revoked here, that is ignored": ([one()], {"state": REVOKED, "ignored": True}, ["revoke revoked_locally x"]),
    "revoked here, in a file of others": (
        [one(file=ELSEWHERE)],
        {"state": REVOKED},
        [f"residue {RUNS}, revoked here"],
    ),
    "revoked here, that may mean another": (
        [one(readings=("y",))],
        {"state": REVOKED, "seen": [there("h/user/y")]},
        [f"told ambiguous: {RUNS}; it may mean `x`, `y`"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_approval(name):
    grants, more, lines = CASES[name]
    draft = more.get("draft")
    fresh = replace(draft, changes=[*draft.changes], unmanaged=[], residue=[]) if draft else None
    assert settled(grants, **{**more, "draft": fresh}) == lines


def test_a_server_that_the_host_cannot_be_asked_for_is_still_wanted():
    finding = Finding(rule="R", severity="error", subject="desired", address="h/user/x", message="m")
    whole = situation((), (), State(entries={"h/user/x": written("srv")}), observed={"grants": (one(),)})
    whole = replace(whole, desired=replace(whole.desired, findings=(finding,)))
    draft = Draft()
    Grants(whole, draft, RevokedHere(whole), lambda _address: False).settle()
    assert (draft.changes, len(draft.unmanaged)) == ([], 1)


def test_what_covers_too_much_makes_room_for_what_is_declared():
    draft = Draft()
    wide = one("*", single="x:{tool}")
    assert settled([wide], draft=draft, asked=ASKED, declared=STATES) == [
        "revoke not_declared srv",
        f"declared srv {wide.address}",
    ]
    assert draft.records.grants == {"grant:h/user/g#allow.=x:a": Granted(server="srv", by=str(wide.address))}
    draft = Draft()
    assert settled([wide], draft=draft, asked=ASKED, declared=STATES, key=None) == ["revoke not_declared srv"]


def test_one_that_is_only_told_says_whose_it_is_where_that_is_certain():
    for grant, seen, identity in (one(), (), "x"), (one(readings=("y",)), (there("h/user/y"),), ""):
        draft = Draft()
        settled([grant], draft=draft, seen=seen)
        assert [(item.identity, item.kind, item.where, item.new) for item in draft.unmanaged] == [
            (identity, "grant", "/g", False)
        ]


def test_only_a_new_one_is_drift():
    address = str(one().address)
    for baseline, count in (None, 0), ([], 1):
        draft = Draft()
        settled([one()], draft=draft, asked=ASKED, declared=STATES, state=State(baseline=baseline))
        told = [(item.kind, item.address, item.severity, item.will, item.message, item.where) for item in draft.drift]
        message = "an approval that nobody declared"
        assert told == [("grant_added", address, "high", "revert", message, "/g")] * count
    draft = Draft()
    settled([one()], draft=draft, state=REVOKED.model_copy(update={"baseline": []}))
    assert [(item.kind, item.where) for item in draft.drift] == [("revoked_locally", "/g")]
    draft = Draft()
    settled([one()], draft=draft, state=State(baseline=[], entries={"h/user/x": written()}))
    assert draft.drift == []


def test_what_is_taken_back_is_forgotten_if_it_was_declared():
    address = str(one().address)
    for known in {}, {address: "srv"}:
        draft = Draft()
        settled([one()], draft=draft, asked=ASKED, declared=STATES, state=State(grants=known))
        assert draft.records.forget == [*known]
    draft = Draft()
    settled([one()], draft=draft, state=State(grants={address: "srv"}), **REMOVE)
    assert (len(draft.changes), draft.records.forget) == (1, [address])


def test_what_is_taken_back_by_policy_is_listed_as_removed():
    draft = Draft()
    settled([one()], draft=draft, **REMOVE)
    assert [(item.removed, item.address) for item in draft.unmanaged] == [(True, str(one().address))]


def test_what_was_declared_and_is_gone_is_forgotten_if_all_was_read():
    state = State(grants={str(one().address): "srv", "grant:h/user/g#allow.=y:b": "y"})
    draft = Draft()
    settled([one("a")], draft=draft, state=State(grants={**state.grants, str(one("a").address): "srv"}))
    assert draft.records.forget == [f"grant:h/user/g#allow.={text}" for text in ("x:a", "x:c", "y:b")]
    problem = Problem("malformed", "m")
    for more in {"problems": (problem,)}, {"files": (replace(ELSEWHERE, problem=problem),)}:
        draft = Draft()
        settled([], draft=draft, state=state, observed=more)
        assert draft.records.forget == []
