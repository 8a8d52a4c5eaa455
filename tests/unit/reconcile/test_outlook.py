"""What the machine would be like after a plan, and what is held for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.model.address import Address
from mcpconf.model.change import FieldChange
from mcpconf.model.observed import HostPresence, Location, Observed, ObservedEntry, ObservedFile
from mcpconf.reconcile.changes import Builder
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.merging import RowRules
from mcpconf.reconcile.outlook import Outlook
from mcpconf.reconcile.situation import NoRules, Shadow
from mcpconf.system.sources import bundled_rows
from tests.pieces import ONE, OTHER, change, situation, there, wanted

PART = there("h/project:~/p/x", path="/p")
WHOLE = there("h/user/x")
TRANSPORT = [FieldChange(name="env"), FieldChange(name="transport")]


class Merging(NoRules):
    """Takes every other entry of the name for a part that is left, or that clashes; notes what was asked."""

    def __init__(self):
        self.asked = []

    def left_over(self, entries, gone):
        self.asked.append(("left", sorted({str(entry.address) for entry in entries}), str(gone)))
        return tuple(entry.address for entry in entries if entry.address != gone)

    def clashing(self, entries, changed):
        self.asked.append(("clash", sorted({str(entry.address) for entry in entries}), str(changed.address)))
        return tuple(entry.address for entry in entries if entry.address != changed.address)


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        (change("h/user/x", "delete"), [("left", ["h/project:~/p/x", "h/user/x"], "h/user/x")]),
        (change("h/user/x", "create"), [("clash", ["h/project:~/p/x", "h/user/x"], "h/user/x")]),
        (
            change("h/user/x", "replace", fields=TRANSPORT),
            [("clash", ["h/project:~/p/x", "h/user/x"], "h/user/x")],
        ),
        (change("h/user/x", "update", fields=TRANSPORT[:1]), []),
        (change("h/user/x", "conflict", fields=TRANSPORT), []),
        (change("h/user/x", "revoke", kind="grant", fields=TRANSPORT), []),
    ],
)
def test_a_part_in_another_file_holds_what_would_break_the_host(made, asked):
    rules = Merging()
    whole = situation([wanted("h/user/x")], [PART, WHOLE, there("i/user/x"), there("h/user/y")], rules=rules)
    draft = Draft(changes=[made])
    Outlook(whole, Builder(whole), draft).hold_partial()
    assert rules.asked == asked
    (left,) = draft.changes
    if not asked:
        assert left == made
        return
    assert left.hold is not None
    assert (left.action, left.hold.by, left.hold.code, left.hold.action) == ("held", "partial-entry", 2, made.action)
    assert left.hold.message == "after it, h would not start: a part of the server is also in /p"
    assert left.hold.hint == "remove `x` from /p first, then `mcpconf plan`"


def test_what_goes_too_is_no_part():
    rules = Merging()
    whole = situation((), [PART, WHOLE], rules=rules)
    draft = Draft(changes=[change(str(PART.address), "delete"), change("h/user/x", "delete")])
    Outlook(whole, Builder(whole), draft).hold_partial()
    assert [item.action for item in draft.changes] == ["delete", "delete"]
    assert len(rules.asked) == 2


class Winning(NoRules):
    """One entry wins over another, everywhere or in its project."""

    def __init__(self, winner="h/user/w"):
        self.winner = Address.parse(winner)
        self.given = {}
        self.limited = frozenset()

    def shadows(self, entries, limited):
        self.given = {str(entry.address): entry.raw for entry in entries}
        self.limited = limited
        return {Address.parse("h/user/x"): Shadow(self.winner, "/w")}


def shadowed(*changes, rules=None, asked=None, seen=(WHOLE,), **draft):
    rules = rules or Winning()
    whole = situation([wanted("h/user/x")] if asked is None else asked, seen, rules=rules)
    made = Draft(changes=[*changes], **draft)
    Outlook(whole, Builder(whole), made).hold_shadowed()
    return made


@pytest.mark.parametrize(
    ("made", "winner", "held"),
    [
        (change("h/user/x"), "h/user/w", True),
        (change("h/user/x", "update"), "h/user/w", True),
        (change("h/user/x", "update", phase=1), "h/user/w", False),
        (change("h/user/x", "conflict"), "h/user/w", False),
        (change("h/user/x"), "h/project:~/p/w", False),
        (None, "h/user/w", True),
        (None, "h/project:~/p/w", True),
    ],
)
def test_what_would_have_no_effect_is_held(made, winner, held):
    draft = shadowed(*([made] if made else []), rules=Winning(winner))
    (left,) = draft.changes
    (item,) = draft.drift
    message = f"`{winner}` in /w wins over it"
    assert (item.kind, item.severity, item.will, item.where) == ("shadowed", "high", "held", "/w")
    assert (item.pointer, item.message, item.address) == (winner, message, "h/user/x")
    assert (left.hold is not None) is held
    if left.hold is not None:
        assert (left.hold.by, left.hold.message, left.hold.code) == ("shadowed", message, 2)
        assert left.hold.hint == "remove or rename `w` in /w, then `mcpconf plan`"
        assert left.hold.action == (made.action if made else "")
        assert left.action == "held"


def test_a_winner_that_is_there_is_told_by_its_place():
    draft = shadowed(seen=(WHOLE, there("h/user/w", path="/here")))
    assert [item.where for item in draft.drift] == ["/here"]


def test_what_is_not_wanted_or_let_be_is_not_judged():
    assert shadowed(asked=()).drift == []
    assert shadowed(untouched={"h/user/x"}).drift == []
    assert shadowed(kept=[change("h/user/x")]).drift == []
    assert shadowed(tracked={"h/user/x": change("h/user/x")}).drift == []


def test_the_machine_is_judged_as_it_will_be():
    rules = Winning()
    ours = wanted("h/user/x", encoded={"command": "new"}, stated=frozenset({"call"}))
    other = there("h/user/y")
    shadowed(change("h/user/x", "update"), change("h/user/y", "delete"), rules=rules, asked=[ours], seen=(WHOLE, other))
    assert rules.given == {"h/user/x": {"command": "new"}}
    assert rules.limited == {ours.address}
    for action in "conflict", "held":
        unlimited = [replace(ours, stated=frozenset())]
        shadowed(change("h/user/x", action), rules=rules, asked=unlimited, seen=(WHOLE, other))
        assert rules.given == {"h/user/x": {"command": "npx"}, "h/user/y": {"command": "npx"}}
    assert rules.limited == frozenset()


def test_an_entry_of_another_name_is_judged_by_that():
    rules = Winning()
    old = there("h/user/old")
    moved = change("h/user/x", "update", previous_address="h/user/old")
    shadowed(moved, rules=rules, seen=(old,))
    assert [*rules.given] == ["h/user/x"]
    shadowed(moved.model_copy(update={"action": "held"}), rules=rules, seen=(old,))
    assert [*rules.given] == ["h/user/old"]


@pytest.mark.parametrize(("action", "held"), [("update", True), ("conflict", False)])
def test_what_the_old_name_leaves_behind_may_be_too_little(action, held):
    rules = Merging()
    parts = [there("h/project:~/p/old", path="/p"), there("h/user/old")]
    moved = change("h/user/x", action, previous_address="h/user/old")
    whole = situation([wanted("h/user/x")], parts, rules=rules)
    draft = Draft(changes=[moved])
    Outlook(whole, Builder(whole), draft).hold_partial()
    left = ("left", ["h/project:~/p/old", "h/user/old"], "h/user/old")
    assert rules.asked == [("clash", [], "h/user/x"), *([left] if held else [])]
    assert [item.hold and item.hold.by for item in draft.changes] == ["partial-entry" if held else None]


class Losing(NoRules):
    """Every entry loses against the same one."""

    def shadows(self, entries, limited):  # noqa: ARG002
        return {entry.address: Shadow(Address.parse("h/user/w"), "/w") for entry in entries}


def test_one_that_is_not_wanted_hides_no_other():
    seen = [there(f"h/user/{name}") for name in "cab"]
    asked = [wanted("h/user/c"), wanted("h/user/b")]
    draft = shadowed(rules=Losing(), asked=asked, seen=seen)
    assert [item.address for item in draft.drift] == ["h/user/b", "h/user/c"]
    draft = shadowed(rules=Losing(), asked=asked, seen=seen, untouched={"h/user/b"})
    assert [item.address for item in draft.drift] == ["h/user/c"]


def of_row(text, file, entry, rank):
    address = Address.parse(text)
    host, scope, project = address.host, address.scope, address.project
    place = ObservedFile(Location(host, file, scope, project, f"/{scope}", "json", write=True), present=True)
    return ObservedEntry(address, entry, {"type": "stdio", "command": "npx"}, "", place, ("mcpServers", "x"), rank)


def test_each_host_is_asked_for_its_own_entries():
    mine = of_row("claude-code/user/x", "state", ONE, 5)
    local = of_row("claude-code/local:~/p/x", "state", OTHER, 3)
    elsewhere = of_row("cursor/user/x", "user", OTHER, 0)
    seen = (mine, local, elsewhere)
    hosts = (HostPresence("claude-code", installed=True), HostPresence("cursor", installed=True))
    observed = Observed(entries=seen, files=tuple(item.file for item in seen), hosts=hosts)
    rules = RowRules(bundled_rows(), observed)
    assert rules.shadows(seen, frozenset()) == {mine.address: Shadow(local.address, "/local")}
    assert rules.shadows((mine, elsewhere), frozenset()) == {}
    ruling = ObservedFile(
        Location("claude-code", "managed-mcp", "managed", "", "/managed", "json", write=False), present=True
    )
    whole = RowRules(bundled_rows(), replace(observed, files=(*observed.files, ruling)))
    alone = Shadow(Address("claude-code", "managed", "", "x"), "/managed")
    assert whole.shadows((mine, elsewhere), frozenset()) == {mine.address: alone}
    gone = RowRules(bundled_rows(), replace(observed, files=(replace(ruling, present=False),)))
    assert gone.shadows((mine,), frozenset()) == {}
