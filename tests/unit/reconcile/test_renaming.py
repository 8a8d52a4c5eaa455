"""Servers with another name by now: which entry is theirs, how it gets the name, and what becomes of its approvals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.canonical import digest
from mcpconf.model.address import Address, GrantAddress
from mcpconf.model.base import Element
from mcpconf.model.change import EditStep, FieldChange, PlannedEdit, Precondition
from mcpconf.model.entry import Entry, Value
from mcpconf.model.observed import ObservedFile
from mcpconf.model.plan import Granted, Sighting
from mcpconf.model.state import State
from mcpconf.reconcile.carrying import Renamed
from mcpconf.reconcile.declared import Declared
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.renaming import Known, Move, former, moves, renamed, with_previous
from mcpconf.reconcile.situation import NoRules, Released
from tests.pieces import ONE, OTHER, approval, change, location, situation, there, wanted, written

OLD, NEW = Address("h", "user", "", "old"), Address("h", "user", "", "new")
WAS = {"new": ("older", "old")}
ASKED = wanted("h/user/new")
HERE = there("h/user/old")
ENV = Entry("stdio", ONE.command, ONE.args, {"A": Value.literal("a")})


def moved(*, asked=(ASKED,), seen=(HERE,), applied=None, unreadable=(), was=WAS, **more):
    whole = situation(asked, seen, was=was, **more)
    observed = {entry.address: entry for entry in seen}
    last = {
        Address.parse(text): item for text, item in ({"h/user/old": written()} if applied is None else applied).items()
    }
    return moves(whole, {entry.address: entry for entry in asked}, Known(observed, last, unreadable))


def told(found):
    (move,) = found.values()
    return move.observed is not None, move.applied is not None, move.rival, move.renames


STRANGER = there("h/user/old", OTHER, identity="npm:two")
RIVAL = there("h/user/new")
MOVED = {
    "what was written": ({}, (True, True, False, True)),
    "what was written, and changed by hand": ({"seen": (there("h/user/old", OTHER),)}, (True, True, False, True)),
    "what was written, and is something else": ({"seen": (STRANGER,)}, None),
    "what was never written, in the same form": ({"applied": {}}, (True, False, False, True)),
    "what was never written, with other arguments": ({"applied": {}, "seen": (there("h/user/old", OTHER),)}, None),
    "what was never written, with other variables": ({"applied": {}, "seen": (there("h/user/old", ENV),)}, None),
    "what was never written, and is something else": (
        {"applied": {}, "seen": (there("h/user/old", identity="npm:two"),)},
        None,
    ),
    "what was never written, where the new one was": ({"applied": {"h/user/new": written()}}, None),
    "what was written, where the new one was too": (
        {"applied": {"h/user/old": written(), "h/user/new": written()}},
        (True, True, False, True),
    ),
    "what was written, beside one of the new name": ({"seen": (HERE, RIVAL)}, (True, True, True, False)),
    "what was written, beside one that we wrote": (
        {"seen": (HERE, RIVAL), "applied": {"h/user/old": written(), "h/user/new": written()}},
        None,
    ),
    "what was never written, beside one of the new name": ({"seen": (HERE, RIVAL), "applied": {}}, None),
    "what is gone": ({"seen": ()}, (False, True, False, False)),
    "what may be gone": ({"seen": (), "unreadable": ("/f",)}, None),
    "what was never there": ({"seen": (), "applied": {}}, None),
    "what was given back": ({"released": (Released("x", ()),)}, None),
    "what lies where mcpconf does not write": ({"seen": (there("h/user/old", write=False),)}, None),
    "what another server is called": ({"asked": (ASKED, wanted("h/user/old", identity="npm:two"))}, None),
    "what nobody says had another name": ({"was": {}}, None),
    "what has the name on another host": ({"seen": (there("i/user/old"),), "applied": {"i/user/old": written()}}, None),
}


@pytest.mark.parametrize("name", MOVED)
def test_an_entry_by_an_earlier_name(name):
    more, answer = MOVED[name]
    found = moved(**more)
    assert (told(found) if found else None) == answer
    assert all((address, move.before) == (NEW, OLD) for address, move in found.items())


def test_the_first_earlier_name_that_is_there_counts():
    older = there("h/user/older")
    found = moved(seen=(HERE, older), applied={"h/user/old": written(), "h/user/older": written()})
    assert [str(move.before) for move in found.values()] == ["h/user/older"]


def test_it_is_wanted_where_it_lies():
    listed = there("h/user/old", path="/elsewhere", key_path=("list", Element("old", "name")))
    (move,) = moved(seen=(listed,)).values()
    assert move.wanted.location == listed.file.location
    assert move.wanted.key_path == ("list", Element("new", "name"))
    (move,) = moved(seen=(there("h/user/old", key_path=("deep", "s", "old")),)).values()
    assert move.wanted.key_path == ("deep", "s", "new")
    (move,) = moved(seen=(listed, RIVAL)).values()
    assert (move.wanted, move.rival) == (ASKED, True)


def test_earlier_addresses_are_of_the_server_whatever_a_host_calls_it():
    called = Declared(called={("h", "own"): "new"})
    whole = situation((), (), was=WAS, declared=called)
    assert former(whole, ["h/user/own", "i/project:~/p/new"]) == {
        "h/user/older",
        "h/user/old",
        "i/project:~/p/older",
        "i/project:~/p/old",
    }
    assert former(whole, ["i/user/own", "h/user/z"]) == set()


def update(**more):
    known = Precondition(value="sha256:v", container="map", resolved="/f", owner=7, mode=0o600)
    return change("h/user/new", "update", reason="manifest_changed", precondition=known, **more)


def test_a_change_gives_the_name_first():
    edit = PlannedEdit(at=["s", "new", "env"], value={})
    made = renamed(update(fields=[FieldChange(name="env")], edits=[edit], phase=1), Move(OLD, ASKED, HERE))
    assert (made.reason, made.action, made.phase) == ("renamed", "update", 1)
    assert (made.previous_address, made.previous_key_path) == ("h/user/old", ["s", "old"])
    assert [(item.name, item.before, item.after, item.reason) for item in made.fields] == [
        ("name", "old", "new", "renamed"),
        ("env", None, None, ""),
    ]
    assert made.edits == [PlannedEdit(at=["s", "old"], name="new"), edit]
    assert made.precondition is not None
    assert (made.precondition.value, made.precondition.previous) == ("absent", "sha256:v")
    assert (made.precondition.owner, made.precondition.mode) == (7, 0o600)
    assert renamed(update(phase=1), Move(OLD, ASKED, HERE)).phase == 2
    assert renamed(change("h/user/new", "held"), Move(OLD, ASKED, HERE)).precondition is None


def test_what_an_entry_says_of_its_own_name_is_changed_too():
    asked = replace(ASKED, encoded={"name": "new", "id": "old", "command": "npx"})
    seen = replace(HERE, raw={"name": "old", "id": "old", "title": "old", "command": "npx"})
    named = PlannedEdit(at=["s", "new", "name"], value="new")
    assert renamed(update(), Move(OLD, asked, seen)).edits == [PlannedEdit(at=["s", "old"], name="new"), named]
    listed = replace(seen, key_path=("list", Element("old", "name")))
    there_too = replace(asked, key_path=("list", Element("new", "name")))
    step = EditStep(element="old", key="name")
    assert renamed(update(), Move(OLD, there_too, listed)).edits == [
        PlannedEdit(at=["list", step, "name"], value="new")
    ]
    plain = PlannedEdit(at=["s", "old"], name="new")
    assert renamed(update(), Move(OLD, asked, replace(HERE, raw="old"))).edits == [plain]
    assert renamed(update(), Move(OLD, replace(ASKED, encoded="new"), seen)).edits == [plain]


def test_where_it_lay_is_kept_of_a_conflict_too():
    made = with_previous(change("h/user/new", "conflict"), Move(OLD, ASKED, HERE, rival=True))
    assert (made.previous_address, made.previous_key_path) == ("h/user/old", ["s", "old"])
    gone = with_previous(change("h/user/new"), Move(OLD, ASKED, None, written()))
    assert (gone.previous_address, gone.previous_key_path) == ("h/user/old", [])


class Spelling(NoRules):
    """Texts are `SERVER:TOOL`; notes what names were to be avoided."""

    def __init__(self):
        self.others = set()

    def respelled(self, grant, name, others):
        self.others = set(others)
        last = grant.key_path[-1]
        text = last.value if isinstance(last, Element) else last
        if grant.readings or not text.startswith(f"{grant.server}:"):
            return None
        new = f"{name}:{grant.tool}"
        return (*grant.key_path[:-1], Element(new) if isinstance(last, Element) else new)


G = ObservedFile(
    location(Address("h", "user", "", ""), "/g"),
    present=True,
    resolved="/real",
    owner=7,
    mode=0o600,
    text='{\n"allow": [\n"old:c"]}',
)
C = approval("old:c", "old", "c", file=G)
MAP = replace(
    C,
    address=GrantAddress("h", "user", "", "g", ("allow", "old:c")),
    key_path=("allow", "old:c"),
    value={"ok": True},
    file=replace(G, text='{"allow": {"old:c": {"ok": true}}}'),
)


def carried(grant=C, *, draft=None, state=None, seen=(), **more):
    draft = draft or Draft()
    draft.renamed = {OLD: NEW}
    whole = situation((), seen, state, **{"rules": Spelling(), **more})
    return Renamed(whole, draft).carry(grant), draft


def test_an_approval_gets_the_new_name():
    done, draft = carried()
    assert done
    (made,) = draft.changes
    assert (made.address, made.previous_address) == ("grant:h/user/g#allow.=new:c", str(C.address))
    assert (made.kind, made.server, made.host, made.action, made.actions) == ("grant", "new", "h", "update", ["update"])
    assert (made.reason, made.phase, made.restart) == ("renamed", 2, "h")
    assert (made.file, made.format, made.line) == ("/g", "json", 3)
    assert made.key_path == ["allow", EditStep(element="new:c")]
    assert made.previous_key_path == ["allow", EditStep(element="old:c")]
    assert made.edits == [
        PlannedEdit(at=["allow", EditStep(element="old:c")], value="new:c"),
        PlannedEdit(at=["allow", EditStep(element="old:c")], absent=True),
    ]
    assert [(item.name, item.before, item.after) for item in made.fields] == [("approval", "old:c", "new:c")]
    assert made.before == {"approval": "runs tool `c` of old without asking"}
    known = made.precondition
    assert known is not None
    assert (known.value, known.container, known.previous) == ("absent", "list", digest("old:c"))
    assert (known.resolved, known.owner, known.mode) == ("/real", 7, 0o600)


def test_an_approval_in_a_map_keeps_its_place_and_value():
    done, draft = carried(MAP)
    assert done
    (made,) = draft.changes
    assert (made.address, made.previous_address) == ("grant:h/user/g#allow.new:c", "grant:h/user/g#allow.old:c")
    assert made.edits == [PlannedEdit(at=["allow", "old:c"], name="new:c")]
    assert made.precondition is not None
    assert (made.precondition.container, made.precondition.previous) == ("map", digest({"ok": True}))


CARRIED = {
    "of the server": ({}, True),
    "of another server": ({"grant": approval("z:c", "z", "c", file=G)}, False),
    "that may mean another": ({"grant": replace(C, readings=("z",))}, False),
    "that is not to be written": ({"grant": replace(C, write=False)}, False),
    "in a file of others": (
        {"grant": replace(C, file=replace(G, location=replace(G.location, write=False)))},
        False,
    ),
    "that is there already": ({"grant": replace(C, file=replace(G, text='{"allow": ["old:c", "new:c"]}'))}, False),
    "whose entry is held": ({"draft": Draft(changes=[change("h/user/new", "held")])}, False),
    "whose entry is written": ({"draft": Draft(changes=[change("h/user/new", "update")])}, True),
    "whose entry is kept": ({"draft": Draft(kept=[change("h/user/new", "conflict")])}, False),
    "whose entry git tracks": ({"draft": Draft(tracked={"h/user/new": change("h/user/new", "unknown")})}, False),
    "whose old name another entry has": ({"seen": (there("h/project:~/p/old"),)}, False),
    "whose old name one on another host has": ({"seen": (there("i/user/old"), HERE)}, True),
}


@pytest.mark.parametrize("name", CARRIED)
def test_an_approval_goes_along_only_where_that_is_certain(name):
    more, answer = CARRIED[name]
    done, draft = carried(more.get("grant", C), **{key: item for key, item in more.items() if key != "grant"})
    assert done is answer
    assert len([item for item in draft.changes if item.kind == "grant"]) == int(answer)


def test_one_text_is_spelled_anew_once():
    _, draft = carried()
    other = replace(C, address=C.address.respelled(("allow", "=old:c", "again")))
    assert carried(other, draft=draft)[0]
    assert len(draft.changes) == 1
    elsewhere = replace(C, file=replace(G, location=replace(G.location, path="/k")))
    assert carried(elsewhere, draft=draft)[0]
    assert len(draft.changes) == 2
    assert carried(approval("old:d", "old", "d", file=G), draft=draft)[0]
    assert len(draft.changes) == 3
    removed = Draft(changes=[draft.changes[0].model_copy(update={"reason": "revoked"})])
    carried(draft=removed)
    assert len(removed.changes) == 2


def test_names_that_a_text_must_not_mean_are_those_of_the_host():
    rules = Spelling()
    called = Declared(called={("h", "m"): "m", ("i", "n"): "n"})
    carried(rules=rules, seen=(there("h/user/seen"), there("i/user/far")), declared=called)
    assert rules.others == {"m", "seen"}


def test_what_is_known_of_an_approval_goes_along():
    before = str(C.address)
    state = State(grants={before: "srv"}, seen={before: "seen"})
    for grant, after, value in (
        (C, "grant:h/user/g#allow.=new:c", "new:c"),
        (MAP, "grant:h/user/g#allow.new:c", {"ok": True}),
    ):
        text = str(grant.address)
        known = State(grants={text: "srv"}, seen={text: "seen"})
        _, draft = carried(grant, state=known)
        assert draft.records.grants == {after: Granted(server="srv", by=after)}
        assert draft.records.forget == [text]
        assert draft.records.seen == {after: Sighting(digest=situation().seen_digest(value), by=after)}
    _, draft = carried()
    assert (draft.records.grants, draft.records.forget, draft.records.seen) == ({}, [], {})
    _, draft = carried(state=State(seen=state.seen), key=None)
    assert draft.records.seen == {}


def inside(state=None, entry=OLD):
    draft = Draft(renamed={OLD: NEW})
    key = ("s", "old", "allow", "c")
    grant = replace(MAP, address=GrantAddress("h", "user", "", "f", key), key_path=key, entry=entry, depth=2)
    Renamed(situation((), (), state), draft).inside(grant)
    return draft.records


def test_what_is_known_of_an_approval_in_an_entry_goes_along_with_that():
    before, after = "grant:h/user/f#s.old.allow.c", "grant:h/user/f#s.new.allow.c"
    state = State(grants={before: "srv"}, seen={before: "seen"})
    records = inside(state)
    assert records.grants == {after: Granted(server="srv", by="h/user/new")}
    assert records.forget == [before]
    assert records.seen == {after: Sighting(digest=situation().seen_digest({"ok": True}), by="h/user/new")}
    for entry in None, Address.parse("h/user/z"):
        assert inside(state, entry).grants == {}


def text_of(grant=C, text="old:d", **more):
    draft = more.pop("draft", None) or Draft()
    draft.renamed = {OLD: NEW}
    whole = situation((), more.pop("seen", ()), **{"rules": Spelling(), **more})
    return Renamed(whole, draft).text(replace(grant, single=f"{grant.server}:{{tool}}"), text)


def test_a_text_in_place_of_an_approval_has_the_new_name():
    assert text_of() == "new:d"
    assert text_of(MAP) == "new:d"
    assert text_of(text="strange") == "strange"
    assert text_of(approval("z:c", "z", "c", file=G), "z:d") == "z:d"
    assert text_of(draft=Draft(changes=[change("h/user/new", "held")])) == "old:d"
    assert text_of(replace(C, file=replace(G, text='{"allow": ["new:d"]}'))) == "old:d"


def test_names_and_entries_once_all_is_done():
    renaming = Renamed(situation(), Draft(renamed={OLD: NEW}))
    assert renaming.name(("h", "old")) == ("h", "new")
    assert renaming.name(("i", "old")) == ("i", "old")
    assert (renaming.entry(OLD), renaming.entry(NEW), renaming.entry(None)) == (NEW, NEW, None)
