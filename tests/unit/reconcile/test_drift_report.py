"""The report of drift: what of a plan is a difference of the machine itself."""

from __future__ import annotations

import pytest

from mcpconf.model.change import Change
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.model.plan import Ignored, Plan, Summary, Unknown
from mcpconf.model.residue import Residue
from mcpconf.reconcile.drift import KINDS, drift
from mcpconf.reconcile.drifted import drift_report
from tests.pieces import change

ORIGIN, MACHINE, STATE = (
    PlanOrigin(manifest="m"),
    PlanMachine(os="linux", user="dev", id="i"),
    PlanState(serial=3, applied=True),
)


def reported(**more):
    return drift_report(Plan(mcpconf_version="1.2.3", origin=ORIGIN, machine=MACHINE, state=STATE, **more))


def conflict(address="h/user/x", reason="not_ours", **more) -> Change:
    return change(address, "conflict", reason=reason, file="/f", hint="decide", **more)


def test_nothing_is_no_drift():
    report = reported()
    assert (report.mcpconf_version, report.origin, report.machine, report.state) == ("1.2.3", ORIGIN, MACHINE, STATE)
    assert (report.drift, report.exit_code, report.complete, report.blocked) == ([], 0, True, False)
    assert report.kinds == dict.fromkeys(KINDS, 0)


def test_a_conflict_with_what_was_never_ours_is_drift():
    (item,) = reported(changes=[conflict(line=7)]).drift
    assert (item.kind, item.address, item.severity, item.will) == ("conflict", "h/user/x", "medium", "nothing")
    assert item.message == "it was there before mcpconf, with other values"
    assert (item.where, item.pointer, item.hint) == ("/f:7", "not_ours", "decide")
    assert reported(changes=[conflict()]).drift[0].where == "/f"
    told = drift("conflict", "h/user/x", "m", pointer="env")
    assert reported(changes=[conflict()], drift=[told]).drift == [told]
    assert reported(changes=[change("h/user/x", "held")]).drift == []


def test_residue_is_grave_drift_with_its_instruction():
    left = Residue(address="h/user/x", message="m", where="/f:3", instruction="take it out")
    (item,) = reported(residue=[left]).drift
    assert (item.kind, item.severity, item.will, item.counted) == ("residue", "high", "nothing", True)
    assert (item.address, item.message, item.where, item.hint) == ("h/user/x", "m", "/f:3", "take it out")


@pytest.mark.parametrize(
    ("where", "path"),
    [
        ("/f", "/f"),
        ("/f:3", "/f"),
        ("/f:3:14", "/f"),
        ("/f#servers.x", "/f"),
        ("C:/f:3", "C:/f"),
        ("/a#b/f", "/a#b/f"),
        ("", ""),
    ],
)
def test_what_could_not_be_checked_is_the_same_wherever_its_mistake_stands(where, path):
    unread = Unknown(address="h/user", kind="malformed", reason="no map", where=where, hint="put it right")
    (item,) = reported(unknowns=[unread], complete=False, exit_code=8).drift
    assert (item.kind, item.address, item.severity, item.will) == ("unknown", "h/user", "medium", "nothing")
    assert (item.message, item.where, item.pointer) == ("no map", where, f"malformed {path}")
    assert item.hint == "put it right"
    (item,) = reported(unknowns=[unread.model_copy(update={"address": ""})]).drift
    assert item.address == path


def test_the_gravest_comes_first():
    items = [
        drift("drift_edit", "h/user/b", "m"),
        drift("disabled_by_user", "h/user/a", "m", severity="low"),
        drift("drift_edit", "h/user/a", "m", pointer="env"),
        drift("drift_edit", "h/user/a", "m", pointer="cwd"),
        drift("floating", "h/user/z", "m", severity="high"),
        drift("shadowed", "h/user/z", "m", severity="critical"),
    ]
    report = reported(drift=items)
    assert [item.severity for item in report.drift] == ["critical", "high", "medium", "medium", "medium", "low"]
    same = [item for item in report.drift if item.address == "h/user/a" and item.severity == "medium"]
    assert [item.id for item in same] == sorted(item.id for item in same)
    assert report.drift[4].address == "h/user/b"
    told = {"drift_edit": 3, "disabled_by_user": 1, "floating": 1, "shadowed": 1}
    assert report.kinds == {kind: told.get(kind, 0) for kind in KINDS}


def test_what_else_there_is_is_only_counted():
    report = reported(
        drift=[drift("drift_edit", "h/user/a", "m"), drift("drift_edit", "i/user/b", "m")],
        changes=[
            change("h/user/a", "update"),
            change("h/user/b", "update", also=["i/user/b"]),
            change("h/user/c", "update"),
            change("h/user/d", "held"),
            change("h/user/e", "delete"),
        ],
        ignored=[
            Ignored(rule="host-runtime", count=3),
            Ignored(rule="ignore", count=7),
            Ignored(rule="foreign-key", count=2),
        ],
        summary=Summary(converged=4),
    )
    assert (report.pending, report.noise, report.converged) == (2, 5, 4)


@pytest.mark.parametrize(
    ("more", "code", "blocked"),
    [
        ({"drift": [drift("drift_edit", "h/user/x", "m")]}, 2, False),
        ({"drift": [drift("perm_drift", "/f", "m").model_copy(update={"counted": False})]}, 0, False),
        ({"drift": [drift("drift_edit", "h/user/x", "m")], "exit_code": 3, "blocked": True}, 3, True),
        ({"exit_code": 3}, 3, True),
        ({"exit_code": 8, "complete": False}, 8, False),
        ({"changes": [change("h/user/x")], "detailed_exit_code": 2}, 0, False),
    ],
)
def test_the_code_of_the_report(more, code, blocked):
    report = reported(**more)
    assert (report.exit_code, report.blocked, report.complete) == (code, blocked, code != 8)
