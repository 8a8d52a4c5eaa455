"""Approvals of servers that have another name by now, and approvals that share a list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.base import Element
from mcpconf.model.finding import Finding
from mcpconf.model.observed import ObservedFile
from mcpconf.model.plan import Granted
from mcpconf.model.state import Revoked, State
from mcpconf.reconcile.declared import Declared
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.grants import Grants
from mcpconf.reconcile.revoked import RevokedHere
from mcpconf.reconcile.situation import NoRules, Policy
from tests.pieces import approval, change, location, situation, there, wanted, written

OLD, NEW = Address("h", "user", "", "old"), Address("h", "user", "", "new")
G = ObservedFile(location(OLD, "/g"), present=True, text='{"allow": ["old:a", "old:c", "old:*"]}')
STATED = wanted("h/user/new", server="srv", stated=frozenset({"auto"}))
STATES = Declared(called={("h", "new"): "srv"}, auto={"srv": ("a",)}, identities={"srv": frozenset({"npm:one"})})
OURS = {"h/user/old": written("srv")}
REMOVE = {"policy": Policy(grants="remove"), "reach": frozenset({("h", "")})}


class Spelling(NoRules):
    def respelled(self, grant, name, others):  # noqa: ARG002
        last = grant.key_path[-1]
        return (*grant.key_path[:-1], Element(f"{name}:{grant.tool}")) if isinstance(last, Element) else None


def one(tool, **more):
    return approval(f"old:{tool}", "old", tool, file=more.pop("file", G), **more)


def settled(*grants, state=None, asked=(STATED,), seen=(), changes=(), **more):
    draft = Draft(renamed={OLD: NEW}, changes=[change("h/user/new", "update"), *changes])
    given = {"observed": {"grants": grants}, "rules": Spelling(), "declared": STATES, **more}
    whole = situation(asked, seen, state or State(entries=OURS), **given)
    Grants(whole, draft, RevokedHere(whole), lambda _address: False).settle()
    return draft


def told(draft):
    lines = [f"{item.action} {item.reason} {item.address}" for item in draft.changes if item.kind == "grant"]
    lines += [f"told {item.address} {item.reason.partition(':')[0]}" for item in draft.unmanaged]
    return lines + [f"declared {address}" for address in draft.records.grants]


def test_what_is_declared_gets_the_new_name_and_what_is_not_goes():
    assert told(settled(one("a"), one("c"))) == [
        "update renamed grant:h/user/g#allow.=new:a",
        "revoke not_declared grant:h/user/g#allow.=old:c",
    ]
    known = State(entries=OURS, grants={str(one("a").address): "srv"})
    draft = settled(one("a"), state=known)
    after = "grant:h/user/g#allow.=new:a"
    assert draft.records.grants == {after: Granted(server="srv", by=after)}


def test_what_makes_room_is_spelled_for_the_new_name():
    draft = settled(one("*", single="old:{tool}", patterns=True))
    (taken,) = [item for item in draft.changes if item.kind == "grant"]
    assert (taken.reason, taken.after) == ("not_declared", {"approval": ["new:a"]})
    assert [*draft.records.grants] == ["grant:h/user/g#allow.=new:a"]


def test_what_cannot_be_carried_stays_as_it_is():
    held = settled(one("a"), changes=[change("h/user/z", "held")])
    assert told(held)[0].startswith("update renamed")
    assert told(settled(one("a", readings=("y",)), seen=[there("h/user/y")])) == [
        "told grant:h/user/g#allow.=old:a ambiguous"
    ]
    assert told(settled(one("a", write=False))) == [f"declared {one('a').address}"]


def test_an_approval_in_the_entry_goes_along_with_it():
    key = ("s", "old", "allow", "c")
    address = GrantAddress("h", "user", "", "f", key)
    grant = replace(one("c"), address=address, key_path=key, entry=OLD, depth=2)
    known = State(entries=OURS, grants={str(address): "srv"})
    draft = settled(grant, state=known)
    assert told(draft) == ["declared grant:h/user/f#s.new.allow.c"]
    listed = replace(grant, key_path=("s", "old", Element("c")))
    assert told(settled(listed)) == []


@pytest.mark.parametrize("address", ["h/user/new", "h/user/old"])
def test_a_name_that_is_given_up_is_not_taken_for_what_left(address):
    state = State(entries={"h/user/old": written("srv")})
    assert told(settled(one("c"), asked=(), state=state, declared=Declared()))[0].startswith("update renamed")
    finding = Finding(rule="R", severity="error", subject="desired", address="h/user/new", message="m")
    whole = situation(
        (), (), State(entries={address: written("srv")}), observed={"grants": (one("c"),)}, was={"new": ("old",)}
    )
    whole = replace(whole, desired=replace(whole.desired, findings=(finding,)))
    draft = Draft()
    Grants(whole, draft, RevokedHere(whole), lambda _address: False).settle()
    assert told(draft) == [f"told {one('c').address} runs tool `c` of old without asking"]


def test_a_name_that_is_still_wanted_hides_none_that_left():
    state = State(entries={"h/user/new": written("srv"), "h/user/gone": written("gone"), "h/user/old": written("srv")})
    staying = frozenset({("h", "old")})
    draft = settled(approval("gone:c", "gone", "c", file=G), state=state, staying=staying)
    assert told(draft) == ["revoke revoked grant:h/user/g#allow.=gone:c"]


def listed(name, tool, crowd):
    text = f"x:{tool}"
    grant = approval(text, "x", tool, crowd=crowd)
    return replace(grant, address=grant.address.respelled((name, f"={text}")), key_path=(name, Element(text)))


def judged(*grants, **more):
    whole = situation((), (), State(entries={"h/user/x": written()}), observed={"grants": grants}, **more)
    draft = Draft()
    Grants(whole, draft, RevokedHere(whole), lambda _address: False).settle()
    return [item.address for item in draft.changes], [item.address for item in draft.residue]


def test_a_list_that_would_be_empty_is_looked_at_by_itself():
    one_of_two = listed("allow", "a", 2), listed("deny", "b", 2)
    assert judged(*one_of_two) == ([str(grant.address) for grant in one_of_two], [])
    both_of_two = listed("allow", "a", 2), listed("allow", "b", 2)
    assert judged(*both_of_two) == ([], [str(grant.address) for grant in both_of_two])
    other = replace(both_of_two[1], file=replace(both_of_two[1].file, location=location(OLD, "/k")))
    assert judged(both_of_two[0], other) == ([str(both_of_two[0].address), str(other.address)], [])


def test_what_makes_room_is_only_what_may_stay():
    declared = Declared(called={("h", "x"): "srv"}, auto={"srv": ("a",)})
    wide = approval("x:*", "x", "*", single="x:{tool}")
    state = State(revoked=[Revoked(server="x", since="2026-01-01", by="dev")])
    for more in {"state": state}, {"grant": replace(wide, effect="approve"), **REMOVE}:
        given = dict(more)
        grant, known = given.pop("grant", wide), given.pop("state", None)
        whole = situation((), (), known, observed={"grants": (grant,)}, declared=declared, **given)
        draft = Draft()
        Grants(whole, draft, RevokedHere(whole), lambda _address: False).settle()
        assert [(item.reason, item.after) for item in draft.changes] == [
            ("revoked_locally" if known else "unmanaged", None)
        ]
        assert draft.records.grants == {}
        assert [item.identity for item in draft.unmanaged] == ([] if known else ["x"])


@pytest.mark.parametrize(
    ("declared", "asked", "ambiguous"),
    [
        (Declared(called={("h", "x"): "srv"}, identities={"srv": frozenset({"npm:one"})}), (), True),
        (Declared(called={("h", "x"): "srv"}, identities={"srv": frozenset({"npm:two"})}), (), False),
        (Declared(identities={"srv": frozenset({"npm:one"})}), (wanted("h/user/x", server="srv"),), True),
        (Declared(identities={"": frozenset({"npm:one"}), "XX": frozenset({"npm:one"})}), (), True),
        (Declared(identities={"XX": frozenset({"npm:one"})}), (), False),
        (Declared(called={("h", "x"): "srv"}), (), False),
    ],
)
def test_a_name_of_ours_that_is_another_server_here(declared, asked, ambiguous):
    grant = approval("x:c", "x", "c")
    seen = [there("h/user/x", identity="npm:two")]
    whole = situation(asked, seen, None, observed={"grants": (grant,)}, declared=declared)
    draft = Draft()
    Grants(whole, draft, RevokedHere(whole), lambda _address: False).settle()
    (item,) = draft.unmanaged
    assert item.reason.startswith("ambiguous") is ambiguous
