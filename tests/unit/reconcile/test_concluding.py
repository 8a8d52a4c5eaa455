"""What a plan says once its changes are known: order, counts, codes, and what is remembered of which change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.errors import Problem, Where
from mcpconf.model.address import Address
from mcpconf.model.change import Hold, Privilege
from mcpconf.model.finding import Finding, Waived
from mcpconf.model.observed import HostPresence, ObservedFile
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.model.owned import Owned
from mcpconf.model.plan import (
    Granted,
    Ignored,
    PlanWaiver,
    Records,
    Rollback,
    Sighting,
    Unmanaged,
)
from mcpconf.model.residue import Residue
from mcpconf.model.state import Pinned, State, Tombstone
from mcpconf.reconcile.conclude import Header, conclude, plan_digest, planned_finding
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import drift
from mcpconf.reconcile.situation import Choices, NoRules, Policy
from mcpconf.reconcile.situation import Ignored as LetBe
from tests.pieces import change, location, situation, there, wanted, written

ORIGIN = PlanOrigin(commit="c0ffee", manifest="m", manifest_digest="sha256:m")
HEADER = Header(
    "1.2.3", ORIGIN, PlanMachine(os="linux", user="dev", id="i", groups=["g"]), PlanState(serial=7, applied=True)
)
LATER = "2030-01-01"
WAIVED = Waived("it is known", LATER, Where("m", 9))


def concluded(*changes, findings=(), draft=None, **more):
    given = {name: more.pop(name, ()) for name in ("asked", "seen")}
    whole = situation(given["asked"], given["seen"], more.pop("state", None), **more)
    return conclude(whole, draft or Draft(changes=[*changes]), findings, HEADER)


def finding(subject="desired", **more):
    more = {"rule": "R", "severity": "error", "address": "h/user/x", "message": "m", "hint": "do", **more}
    return Finding(subject=subject, **more)


def test_a_plan_says_where_it_comes_from():
    made = concluded(
        purpose="rollback",
        choices=Choices(targets=("h/**",), excludes=("i/**",)),
        rollback=Rollback(generation=3, time="t"),
        asked=[wanted("h/user/x"), wanted("i/user/x")],
        warnings=(Problem("stale", "half of it is lost", Where("state.json", 2)),),
    )
    assert (made.mcpconf_version, made.origin, made.machine, made.state) == (
        "1.2.3",
        ORIGIN,
        HEADER.machine,
        HEADER.state,
    )
    assert (made.purpose, made.rollback, made.pinned) == ("rollback", Rollback(generation=3, time="t"), None)
    assert (made.targets, made.excludes) == (["h/**"], ["i/**"])
    assert made.warnings == ["state.json:2: half of it is lost"]
    assert made.records.pinned == Pinned(generation=3, commit="c0ffee", manifest="sha256:m")


def test_the_seal_of_a_plan_covers_all_but_itself():
    made = concluded(change("h/user/x"))
    assert made.plan_digest == plan_digest(made)
    assert plan_digest(made.model_copy(update={"seal": "s", "plan_digest": "d"})) == made.plan_digest
    assert plan_digest(made.model_copy(update={"why": "because"})) != made.plan_digest


def gains(severity, direction="wider"):
    return [Privilege(direction=direction, severity=severity, dimension="launch", text="t")]


def test_what_gives_most_comes_first():
    made = concluded(
        change("h/user/b", "delete"),
        change("h/user/a", "delete"),
        change("h/user/c", "create"),
        change("h/user/d", "update", privilege=gains("critical", "narrower")),
        change("h/user/e", "update", privilege=gains("low")),
        change("h/user/f", "update", privilege=gains("medium") + gains("high")),
        change("h/user/g", "update", privilege=gains("critical", "both")),
        change("h/user/h", "update", privilege=gains("medium")),
    )
    assert [item.address[-1] for item in made.changes] == [*"gfhecdab"]
    assert [item.index for item in made.changes] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_what_could_not_be_checked_is_told_with_its_place():
    place = location(Address("h", "user", "", ""), "/a")
    files = (
        ObservedFile(place, Problem("malformed", "no map", Where("/a", 3), "put it right")),
        ObservedFile(replace(place, path="/b"), Problem("unreadable", "no permission")),
        ObservedFile(replace(place, path="/c")),
    )
    problems = (Problem("oversized", "too many projects", Where("/d"), "see `mcpconf doctor`"), Problem("stale", "odd"))
    draft = Draft(problems={"/e": Problem("unreadable", "git does not say", Where("/e"))})
    made = concluded(draft=draft, observed={"files": files, "problems": problems})
    assert [(item.address, item.kind, item.reason, item.where, item.hint) for item in made.unknowns] == [
        ("", "stale", "odd", "", "`mcpconf plan`"),
        ("h/user", "malformed", "no map", "/a:3", "put it right, then `mcpconf plan`"),
        ("h/user", "unreadable", "no permission", "/b", "`mcpconf plan`"),
        ("", "oversized", "too many projects", "/d", "see `mcpconf doctor`"),
        ("", "unreadable", "git does not say", "/e", "`mcpconf plan`"),
    ]
    assert (made.complete, made.summary.unknown, made.exit_code, made.detailed_exit_code) == (False, 5, 8, 8)


def test_unknown_changes_count_where_they_are_more_than_their_files():
    made = concluded(change("h/user/x", "unknown"), change("h/user/y", "unknown"))
    assert (made.summary.unknown, made.complete, made.exit_code) == (2, True, 0)


def test_what_was_not_compared_is_counted():
    let_be = LetBe("h/user/x", "env", "theirs", LATER), LetBe("h/**", "", "all of it", LATER)
    draft = Draft(ignored=[(let_be[0], "h/user/x"), (let_be[1], "h/user/y"), (let_be[1], "h/user/z")])
    made = concluded(
        draft=draft,
        asked=[wanted("h/user/x")],
        seen=[
            there("h/user/x", runtime=2, foreign=("a", "b", "c")),
            there("h/user/w", runtime=1, foreign=("a",)),
        ],
        observed={"others": (there("h/user/o"),)},
    )
    assert made.ignored == [
        Ignored(rule="host-runtime", count=3),
        Ignored(rule="no-server", count=1),
        Ignored(rule="foreign-key", count=3, where="h/user/x"),
        Ignored(rule="ignore", count=1, where="h/user/x#env", reason="theirs", expires=LATER),
        Ignored(rule="ignore", count=2, where="h/**", reason="all of it", expires=LATER),
    ]
    assert concluded(asked=[wanted("h/user/x")], seen=[there("h/user/x")]).ignored == []


def test_the_summary_counts_what_is_there_and_what_is_done():
    listed = [
        Unmanaged(address=f"h/user/{name}", identity="", kind="server", new=False, removed=removed, where="/f")
        for name, removed in (("q", False), ("p", True), ("r", False))
    ]
    draft = Draft(
        changes=[change("h/user/x"), change("i/user/y", "held", hold=Hold(by="R", message="m", code=2))],
        kept=[change("h/user/k", "conflict")],
        converged=2,
        unmanaged=listed,
        residue=[Residue(address=f"h/user/{name}", message="m", where="/f") for name in ("t", "s")],
    )
    made = concluded(
        draft=draft,
        asked=[wanted("h/user/x"), wanted("i/user/x"), wanted("i/user/y")],
        reach=frozenset({("h", ""), ("i", ""), ("i", "~/p"), ("j", "")}),
        observed={"hosts": tuple(HostPresence(host, installed=host == "h") for host in ("h", "i", "j", "k"))},
        findings=[finding("observed", waived=WAIVED), finding("observed")],
    )
    told = {name: count for name, count in made.summary.model_dump().items() if count}
    assert told == {
        "create": 1,
        "held": 1,
        "kept": 1,
        "converged": 2,
        "unmanaged": 2,
        "residue": 2,
        "waived": 1,
        "servers": 2,
        "hosts": 2,
        "bindings": 3,
        "not_installed": 2,
    }
    assert [item.address for item in made.unmanaged] == ["h/user/p", "h/user/q", "h/user/r"]
    assert [item.address for item in made.residue] == ["h/user/s", "h/user/t"]
    assert (made.exit_code, made.detailed_exit_code) == (0, 2)


@pytest.mark.parametrize("action", ["create", "update", "replace", "delete", "revoke", "conflict", "held"])
def test_each_change_is_one_for_scripts(action):
    assert concluded(change("h/user/x", action)).detailed_exit_code == 2


def test_what_a_person_has_to_look_at_is_a_change_for_scripts():
    assert (
        concluded(draft=Draft(residue=[Residue(address="h/user/x", message="m", where="/f")])).detailed_exit_code == 2
    )
    assert concluded(draft=Draft(drift=[drift("residue", "h/user/x", "m")])).detailed_exit_code == 2
    uncounted = drift("perm_drift", "/f", "m").model_copy(update={"counted": False})
    assert concluded(draft=Draft(drift=[uncounted])).detailed_exit_code == 0
    assert concluded(draft=Draft(kept=[change("h/user/k", "conflict")], converged=1)).detailed_exit_code == 0


@pytest.mark.parametrize(
    ("changes", "more", "code"),
    [
        ([change("h/user/x", "held", hold=Hold(by="R", message="m", code=3))], {}, 3),
        ([change("h/user/x", "held", hold=Hold(by="R", message="m", code=2))], {}, 0),
        ([change("h/user/x", "held", hold=Hold(by="R", message="m"))], {"choices": Choices(excludes=("1",))}, 0),
        ([], {"draft": Draft(withheld={"h/user/x"})}, 3),
        (
            [],
            {
                "draft": Draft(withheld={"h/user/x"}),
                "asked": [wanted("h/user/x")],
                "choices": Choices(excludes=("h/user/x",)),
            },
            0,
        ),
        ([], {"findings": [finding("document")]}, 3),
        ([], {"findings": [finding("document", severity="warning")]}, 0),
        ([], {"findings": [finding("document", waived=WAIVED)]}, 0),
        ([], {"findings": [finding("observed")], "policy": Policy(observed=frozenset({"R"}))}, 3),
        ([], {"findings": [finding("observed")], "policy": Policy(observed=frozenset({"S"}))}, 0),
        ([], {"findings": [finding("repaired")], "policy": Policy(observed=frozenset({"R"}))}, 0),
        (
            [],
            {"findings": [finding("observed", severity="warning")], "policy": Policy(observed=frozenset({"R"}))},
            0,
        ),
    ],
)
def test_what_blocks(changes, more, code):
    made = concluded(*changes, **more)
    assert made.exit_code == code
    assert made.blocked is (code == 3 and [item.subject for item in more.get("findings", ())] == ["document"])
    assert made.withheld == (["h/user/x"] if code == 3 and "draft" in more else [])


def test_a_machine_that_could_not_be_read_whole_may_be_blocked_all_the_same():
    unread = {"problems": (Problem("stale", "m"),)}
    assert concluded(findings=[finding("document")], observed=unread).exit_code == 3


def test_drift_says_what_this_plan_does_about_it():
    items = [
        drift("drift_edit", "h/user/x", "m", will="revert", severity="medium", pointer="env"),
        drift("drift_edit", "h/user/y", "m", will="revert", severity="high"),
        drift("drift_edit", "h/user/w", "m", will="revert", severity="medium"),
        drift("perm_drift", "/f", "m", severity="low"),
        drift("shadowed", "h/user/z", "m", will="held", severity="critical"),
        drift("drift_edit", "h/user/x", "m", will="revert", severity="medium", pointer="cwd"),
    ]
    changes = [change("h/user/x", "held"), change("h/user/y", "update", also=["h/user/w"])]
    made = concluded(draft=Draft(changes=changes, drift=items))
    told = [f"{item.address} {item.pointer} {item.will} {item.hint}" for item in made.drift]
    by_id = sorted((items[0], items[5]), key=lambda item: item.id)
    undoes = "revert `mcpconf apply --target {0}` undoes it"
    assert told == [
        "h/user/z  held remove or rename the entry that wins, then `mcpconf plan`",
        f"h/user/y  {undoes.format('h/user/y')}",
        f"h/user/w  {undoes.format('h/user/w')}",
        *(f"h/user/x {item.pointer} held `mcpconf plan --target h/user/x` says what is in the way" for item in by_id),
        "/f  nothing `chmod 600 /f`, then `mcpconf plan`",
    ]
    assert made.summary.drift == 6
    narrowed = concluded(draft=Draft(changes=changes, drift=items), choices=Choices(targets=("h/user/y",)))
    assert [(item.address, item.will) for item in narrowed.drift] == [("h/user/y", "revert")]


def test_only_what_stays_and_is_waived_does_not_count():
    items = [drift("unmanaged", "h/user/x", "m"), drift("drift_edit", "h/user/y", "m", will="revert")]
    waived = [finding("observed", waived=WAIVED, drift=item.id) for item in items]
    made = concluded(draft=Draft(drift=items), findings=waived)
    assert [(item.address, item.counted) for item in made.drift] == [("h/user/x", False), ("h/user/y", True)]
    spoken = [replace(item, waived=None) for item in waived]
    assert all(item.counted for item in concluded(draft=Draft(drift=items), findings=spoken).drift)
    assert all(
        item.counted for item in concluded(draft=Draft(drift=items), findings=[replace(waived[0], drift="")]).drift
    )


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


class Read(NoRules):
    def readers(self, file, container):
        return ("h", "i") if (file, container) == ("/f", ("s",)) else ()


def test_hosts_that_read_a_place_are_told():
    (made,) = concluded(change("h/user/x", file="/f", key_path=["s", "x"]), rules=Read()).changes
    assert made.also_read_by == ["i"]


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
