"""A plan of everything at once: the order of its sections, and what each says."""

from __future__ import annotations

import pytest

from mcpconf.model.change import TERRAFORM_ACTIONS, Change, FieldChange, Hold, Privilege
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.model.plan import (
    Drift,
    Ignored,
    Plan,
    PlanFinding,
    Summary,
    Unknown,
    Unmanaged,
)
from mcpconf.model.residue import Residue
from mcpconf.reconcile.reasons import REASONS
from mcpconf.report.changes import grouped
from mcpconf.report.status import render_status
from mcpconf.report.style import Style
from mcpconf.report.text import render_plan, verdict

STYLE = Style(home="/home/dev")
TITLES = ["PRIVILEGE CHANGES", "DRIFT", "CHANGES", "UNMANAGED", "RESIDUE", "FINDINGS", "NOT CHECKED", "Plan: "]


def change(index: int, host: str = "cursor", action: str = "update", reason: str = "drifted", **more) -> Change:
    words = {"server": "files", "file": f"/home/dev/.{host}.json", "line": 3, "restart": host, **more}
    return Change(
        address=f"{host}/user/files",
        host=host,
        index=index,
        action=action,
        actions=TERRAFORM_ACTIONS[action],
        reason=reason,
        **words,
    )


def plan(**more) -> Plan:
    words = {
        "origin": PlanOrigin(commit="4f1c9e2aaaa", dirty=True, manifest="mcpconf.yaml"),
        "machine": PlanMachine(os="linux", user="dev", id="1"),
        "state": PlanState(serial=3, applied=True),
        "exit_code": 0,
        "detailed_exit_code": 2,
    }
    return Plan(mcpconf_version="1", **{**words, **more})


WIDER = Privilege(direction="wider", severity="critical", dimension="path", text="~/work  ->  ~")
MIXED = Privilege(direction="both", severity="medium", dimension="version", text="1  ->  2")
NARROWER = Privilege(direction="narrower", severity="low", dimension="server", text="server removed: npm:x")
FULL = plan(
    changes=[
        change(1, privilege=[WIDER, MIXED]),
        change(2, "codex", "delete", "revoked", server="slack", privilege=[NARROWER], foreign=["odd"]),
        change(3, "vscode", "held", "new", hold=Hold(by="MCP101", message="why", hint="how", action="create")),
        change(4, "zed", "conflict", "both_changed", hint="settle it"),
        change(5, "amp", "unknown", "unreadable"),
    ],
    drift=[
        Drift(
            id="1", address="cursor/user/files", kind="drift_edit", severity="high", will="revert", message="changed"
        ),
        Drift(id="2", address="cursor/user/new", kind="unmanaged", severity="medium", will="nothing", message="new"),
        Drift(id="3", address="x", kind="shadowed", severity="high", will="held", message="hidden"),
        Drift(
            id="4",
            address="/f",
            kind="perm_drift",
            severity="high",
            will="nothing",
            message="m",
            where="/f",
            counted=False,
        ),
    ],
    unmanaged=[
        Unmanaged(address=f"cursor/user/u{n:02}", identity="npm:u", kind="server", new=False, removed=False, where="/f")
        for n in range(15)
    ],
    residue=[Residue(address="a/user/slack", message="still there", where="/home/dev/x:3", instruction="remove it")],
    unknowns=[
        Unknown(address="amp/user", kind="malformed", reason="broken", where="/home/dev/.amp.json:1:2", hint="mend")
    ],
    findings=[
        PlanFinding(
            rule="MCP204", severity="warning", subject="repaired", address="r", message="mended", fingerprint="1"
        ),
        PlanFinding(rule="MCP101", severity="error", subject="desired", address="d", message="blocks", hint="pin it"),
    ],
    warnings=["the state is old"],
    summary=Summary(
        update=1, delete=1, held=1, conflict=1, unknown=1, drift=3, residue=1, unmanaged=15, servers=2, hosts=1
    ),
    exit_code=3,
    detailed_exit_code=3,
    complete=False,
)


def test_sections_stand_in_the_order_of_what_matters() -> None:
    text = "\n" + render_plan(FULL, STYLE, (), 3)
    places = [text.index(f"\n{title}") for title in TITLES]
    assert places == sorted(places)
    assert text.endswith("exit 3\n")


@pytest.mark.parametrize(
    "said",
    [
        "mcpconf plan   mcpconf.yaml@4f1c9e2 (uncommitted changes)   dev on linux",
        "warning: the state is old",
        "PRIVILEGE CHANGES   1 wider, 1 mixed, 1 narrower",
        "  ^^  CRITICAL  files  cursor  path  ~/work  ->  ~",
        "  <>  MEDIUM    files  cursor  version  1  ->  2",
        "  v   LOWER     slack  codex   server removed: npm:x",
        "DRIFT since last apply   1 will be undone, 1 held, 1 stays, 1 warning",
        "hidden (held)",
        "new (stays)",
        "  [2] - slack   delete: no longer in the manifest",
        "        also removes `odd`, which mcpconf does not know",
        "  [3] x files   HELD create: not on this machine yet",
        "        held by MCP101: why",
        "        hint: how",
        "        hint: settle it",
        "see NOT CHECKED",
        "UNMANAGED   15 left alone; not in the manifest",
        "  and 3 more: `mcpconf status` lists all",
        "  1. high a/user/slack   ~/x:3",
        "     do: remove it",
        "FINDINGS   1 error, 1 warning; 1 repaired by this plan",
        "    at r; repaired by this plan",
        "  ? ~/.amp.json:1:2   amp/user",
        "    hint: mend",
        "Restart needed: codex, cursor.",
        "HELD: apply leaves out [3].",
        "CONFLICT: until [4] is settled, apply only takes away.",
        "hint: `--exclude 4` leaves it out",
        "NOT CHECKED: apply leaves those files alone.",
    ],
)
def test_it_says(said: str) -> None:
    assert said in render_plan(FULL, STYLE)


def test_what_blocks_comes_before_what_is_repaired() -> None:
    text = render_plan(FULL, STYLE)
    assert text.index("MCP101  blocks") < text.index("MCP204  mended")


def test_every_line_of_status() -> None:
    lines = render_status(FULL, STYLE).splitlines()
    assert lines[:5] == [
        " !" + " amp/user/files",
        " D codex/user/files",
        "MM cursor/user/files",
        " X vscode/user/files",
        "MC zed/user/files",
    ]
    assert "?? cursor/user/u00" in lines
    assert "M  x   hidden" in lines
    assert "M  /f   m   (a warning)" in lines
    assert "!! ~/.amp.json:1:2   broken" in lines
    assert "!R a/user/slack   still there" in lines


def test_equal_changes_are_one_group_and_unknown_ones_are_grouped_by_file() -> None:
    field = [FieldChange(name="url", before="a", after="b")]
    changes = [change(1, fields=field), change(2, "codex", fields=field), change(3, "zed")]
    unknown = [change(n, action="unknown", reason="unreadable", server=f"s{n}") for n in (4, 5)]
    assert [[item.index for item in group] for group in grouped([*changes, *unknown])] == [[1, 2], [3], [4, 5]]
    text = render_plan(plan(changes=[*changes, *unknown]), STYLE)
    assert "[1,2] ~ files   update: changed by hand since the last apply   (2 places)" in text
    assert "[4,5] ? s4, s5   unknown:" in text


def test_a_long_difference_is_told_on_two_lines() -> None:
    field = FieldChange(name="url", before="https://example.org/" + "a" * 50, after="https://example.org/" + "b" * 50)
    lines = render_plan(plan(changes=[change(1, fields=[field])]), STYLE).splitlines()
    at = lines.index("        url:")
    assert lines[at + 1].startswith('            "https://example.org/aa')
    assert lines[at + 2].startswith('        ->  "https://example.org/bb')


def test_a_document_finding_stops_everything() -> None:
    text = render_plan(plan(changes=[change(1)], blocked=True, detailed_exit_code=3), STYLE)
    assert "BLOCKED: a finding about the manifest as a whole stops every change." in text
    assert "BLOCKED" in render_status(plan(blocked=True, detailed_exit_code=3), STYLE)


def test_no_changes_is_one_line_and_the_first() -> None:
    quiet = plan(
        detailed_exit_code=0,
        summary=Summary(servers=9, hosts=6),
        ignored=[Ignored(rule="host-runtime", count=11)],
        origin=PlanOrigin(manifest="mcpconf.yaml"),
    )
    line = "No changes. 9 servers on 6 hosts match mcpconf.yaml (11 runtime keys ignored).\n"
    assert render_plan(quiet, STYLE) == render_status(quiet, STYLE) == verdict(quiet, STYLE) == line
    noted = quiet.model_copy(update={"unmanaged": FULL.unmanaged, "drift": FULL.drift[3:]})
    text = render_plan(noted, STYLE)
    assert text.startswith(line + "\nwarning: /f: m\n")
    assert text.endswith("15 unmanaged, seen and left alone: `mcpconf status` lists them\n")


def test_a_part_of_a_plan_says_so() -> None:
    text = render_plan(FULL.model_copy(update={"targets": ["cursor/**"], "excludes": ["x"]}), STYLE)
    assert "Only a part of the plan: cursor/**, not x." in text
    assert "mended" not in text


def test_the_verdict_counts() -> None:
    text = verdict(FULL, Style(width=160))
    assert "differ: 1 to update, 1 to delete, 1 in conflict, 1 held, 1 not checked," in text
    assert text.endswith("hint: `mcpconf plan` says what\n")


def test_every_reason_has_words() -> None:
    assert all(text and text[0].islower() and not text.endswith(".") for text, *_ in REASONS.values())
