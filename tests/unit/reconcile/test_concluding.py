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
from mcpconf.model.plan import (
    Ignored,
    Rollback,
    Unmanaged,
)
from mcpconf.model.residue import Residue
from mcpconf.model.state import Pinned
from mcpconf.reconcile.conclude import Header, conclude, plan_digest
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.drift import drift
from mcpconf.reconcile.situation import Choices, NoRules, Policy
from mcpconf.reconcile.situation import Ignored as LetBe
from tests.pieces import change, location, situation, there, wanted

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


class Read(NoRules):
    def readers(self, file, container):
        return ("h", "i") if (file, container) == ("/f", ("s",)) else ()


def test_hosts_that_read_a_place_are_told():
    (made,) = concluded(change("h/user/x", file="/f", key_path=["s", "x"]), rules=Read()).changes
    assert made.also_read_by == ["i"]
