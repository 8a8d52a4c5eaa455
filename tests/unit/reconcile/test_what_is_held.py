"""What a plan holds back, and what of it is remembered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.errors import Where
from mcpconf.model.change import Hold
from mcpconf.model.owned import Owned
from mcpconf.model.plan import (
    Granted,
    PlanWaiver,
    Records,
    Sighting,
)
from mcpconf.model.state import Pinned, State, Tombstone
from mcpconf.reconcile.conclude import planned_finding
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.situation import Choices
from tests.pieces import change, written
from tests.unit.reconcile.test_concluding import LATER, WAIVED, concluded, finding


def owned(path="/f"):
    return Owned(server="x", file=path, key_path=["s"], transport="stdio")


def test_only_what_is_done_is_remembered():
    made, held, gone = change("h/user/a"), change("h/user/b"), change("h/user/c", "delete")
    letters = [*"abcd"]
    records = Records(
        entries={f"h/user/{name}": written(name) for name in letters},
        owned={f"h/user/{name}": owned() for name in letters},
        grants={f"grant:h/user/g#{name}": Granted(server="x", by=f"h/user/{name}") for name in letters},
        seen={f"h/user/s{name}": Sighting(digest="d", by=f"h/user/{name}") for name in letters},
        forget=[f"h/user/{name}" for name in letters],
        tombstones=[Tombstone(address=f"h/user/{name}", identity="") for name in letters],
    )
    draft = Draft(changes=[made, held, gone], records=records)
    got = concluded(draft=draft, findings=[finding(address="h/user/b")]).records
    assert [address[-1] for address in got.entries] == [*"ad"]
    assert [address[-1] for address in got.owned] == [*"ad"]
    assert [address[-1] for address in got.grants] == [*"acd"]
    assert [address[-1] for address in got.seen] == [*"acd"]
    assert [address[-1] for address in got.forget] == [*"acd"]
    assert [mark.address[-1] for mark in got.tombstones] == [*"acd"]
    narrowed = concluded(draft=draft, choices=Choices(targets=("h/user/b",))).records
    assert [address[-1] for address in narrowed.entries] == [*"bd"]


def test_what_is_done_for_several_is_remembered_of_each():
    shared = change("h/user/x", file="/f", key_path=["s", "x"])
    records = Records(entries={"h/user/x": written(), "i/user/x": written()})
    both = Draft(changes=[shared, shared.model_copy(update={"address": "i/user/x", "host": "i"})], records=records)
    made = concluded(draft=both)
    assert [item.addresses for item in made.changes] == [("h/user/x", "i/user/x")]
    assert [*made.records.entries] == ["h/user/x", "i/user/x"]
    gone = Draft(changes=[item.model_copy(update={"action": "delete"}) for item in both.changes], records=records)
    assert concluded(draft=gone).records.entries == {}


def test_a_pinned_machine_only_takes_away():
    state = State(pinned=Pinned(generation=4, commit="c0ffee"))
    made = concluded(change("h/user/x"), change("h/user/y", "delete", phase=1), state=state)
    assert (made.pinned, made.records.pinned) == (4, state.pinned)
    assert [(item.address, item.hold and item.hold.by) for item in made.changes] == [
        ("h/user/y", None),
        ("h/user/x", "pinned"),
    ]
    (held,) = [item.hold for item in made.changes if item.hold is not None]
    assert (held.code, held.action, held.message) == (2, "create", "the machine went back to generation 4")
    assert held.hint == "commit a change of the manifest, or `mcpconf apply --unpin`"
    moved = State(pinned=Pinned(generation=4, commit="bad"))
    for more in {"state": moved}, {"state": state, "choices": Choices(unpin=True)}:
        made = concluded(change("h/user/x"), **more)
        assert (made.pinned, made.records.pinned) == (None, None)
        assert [item.action for item in made.changes] == ["create"]
    made = concluded(change("h/user/x"), state=state, purpose="destroy")
    assert (made.pinned, made.records.pinned, [item.action for item in made.changes]) == (
        None,
        state.pinned,
        ["create"],
    )


def test_a_wish_that_could_not_be_asked_for_is_held_in_plain_sight():
    lost = finding(address="h/user/z", where=Where("m", 4))
    made = concluded(change("h/user/x"), findings=[lost, finding(address="server:q"), finding(address="h/user/y")])
    told = [item for item in made.changes if item.reason == "cannot_be_asked"]
    assert [(item.address, item.server, item.host, item.where) for item in told] == [
        ("h/user/y", "y", "h", ""),
        ("h/user/z", "z", "h", "m:4"),
    ]
    assert all((item.action, item.actions) == ("held", ["no-op"]) for item in told)
    assert [item.hold for item in told] == [Hold(by="R", message="m", hint="do", action="create")] * 2


@pytest.mark.parametrize(
    ("action", "held"),
    [("create", True), ("update", True), ("replace", True), ("conflict", True), ("delete", False), ("unknown", False)],
)
def test_the_gravest_finding_holds_what_would_be_written(action, held):
    findings = [finding(rule="B"), finding(rule="A", message="grave", hint="undo"), finding(rule="C")]
    (made,) = concluded(change("h/user/x", action), findings=findings).changes
    assert made.hold == (Hold(by="A", message="grave", hint="undo", action=action) if held else None)
    (made,) = concluded(change("h/user/x", action), findings=[finding(address="server:x")]).changes
    assert (made.hold is not None) is held
    (made,) = concluded(change("h/user/x", action), findings=[finding(address="server:y")]).changes
    assert made.hold is None


@pytest.mark.parametrize(
    ("made", "choices", "held"),
    [
        (change("h/user/x", "update"), Choices(), True),
        (change("h/user/x", "update"), Choices(move_secrets=True), False),
        (change("h/user/x", "conflict"), Choices(), False),
        (change("h/user/y", "update"), Choices(), False),
    ],
)
def test_a_secret_that_is_not_set_holds_what_would_refer_to_it(made, choices, held):
    draft = Draft(changes=[made], unset={"h/user/x": ["A", "B"]})
    whole = concluded(draft=draft, choices=choices, command=("rollback", "3"))
    (made,) = whole.changes
    assert (made.hold is not None) is held
    if made.hold is not None:
        assert (made.hold.by, made.hold.code, made.hold.action) == ("secret-not-set", 2, "update")
        assert made.hold.message == "the literal would become a reference to `A`, `B`, which is not set here"
        again = "`mcpconf rollback 3 --move-secrets`"
        assert made.hold.hint == f"set it where the host starts, or {again} writes the reference all the same"
        assert whole.exit_code == 0


def test_an_approval_gets_a_new_name_only_with_its_entry():
    grant = change("grant:h/user/g#a", "update", kind="grant", server="x")
    taken = change("grant:h/user/g#b", "revoke", kind="grant", server="x", phase=1)
    other = change("grant:h/user/g#c", "update", kind="grant", server="y")
    elsewhere = change("grant:i/user/g#c", "update", kind="grant", server="x")
    draft = [change("h/user/x", "update"), grant, taken, other, elsewhere]
    made = {item.address: item.hold for item in concluded(*draft, findings=[finding()]).changes}
    held = {address for address, hold in made.items() if hold is not None}
    assert held == {"h/user/x", grant.address}
    assert made[grant.address] == made["h/user/x"]
    assert all(item.hold is None for item in concluded(*draft).changes)


def test_a_finding_keeps_all_that_was_said():
    told = finding(where=Where("m", 4), evidence="e", fingerprint="f", waived=WAIVED)
    shown = planned_finding(told)
    assert shown.model_dump(exclude={"waived"}) == {
        "rule": "R",
        "severity": "error",
        "subject": "desired",
        "address": "h/user/x",
        "message": "m",
        "hint": "do",
        "where": "m:4",
        "evidence": "e",
        "fingerprint": "f",
    }
    assert shown.waived == PlanWaiver(reason="it is known", expires=LATER, where="m:9")
    plain = planned_finding(finding(waived=replace(WAIVED, where=None)))
    assert (plain.where, plain.waived and plain.waived.where) == ("", "")
    assert planned_finding(finding()).waived is None
    grave = [finding(rule="B"), finding(rule="A", severity="warning"), finding(rule="A"), finding(rule="C")]
    assert [f"{item.rule} {item.severity}" for item in concluded(findings=grave).findings] == [
        "A error",
        "B error",
        "C error",
        "A warning",
    ]
