"""What becomes of one address, by what is desired, observed and was applied there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.errors import Problem
from mcpconf.model.entry import Entry, Value
from mcpconf.model.finding import Finding
from mcpconf.model.origin import PlanMachine, PlanOrigin, PlanState
from mcpconf.model.state import Applied, Revoked, State
from mcpconf.reconcile import reconcile
from mcpconf.reconcile.conclude import Header, conclude
from mcpconf.reconcile.records import arguments
from mcpconf.reconcile.situation import Absent, Choices, Ignored, Policy, Released
from mcpconf.reconcile.table import decide, field_digests
from tests.pieces import ONE, OTHER, PARTS, situation, there, wanted

ENV = Entry("stdio", ONE.command, ONE.args, {"A": Value.literal("a")})
ENV_OF_ANOTHER = Entry("stdio", ONE.command, ONE.args, {"A": Value.literal("b")})
MORE = Entry("stdio", ONE.command, (*ONE.args, Value.literal("--more")))
DIGEST = situation().field_digest
AT, HEADER = (
    "h/user/x",
    Header(
        "0", PlanOrigin(manifest="m"), PlanMachine(os="linux", user="dev", id="i"), PlanState(serial=0, applied=False)
    ),
)
SECRET = "ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT"
CLEAR = Entry("stdio", ONE.command, ONE.args, {"A": Value.literal(SECRET)})
REFERRING = Entry("stdio", ONE.command, ONE.args, {"A": Value.parse("${secret:A}")})


def ours(entry=ONE, **more):
    return wanted(AT, entry, parts=PARTS, **more)


def last(entry=ONE, identity="npm:one", **more):
    fields = field_digests(wanted(AT, entry), DIGEST)
    line = arguments(situation(), entry)
    more = {"environment": sorted(entry.env), "arguments": line, "file": "/f", **more}
    return Applied(server="x", identity=identity, fields=fields, **more)


def found(entry=ONE, identity="npm:one", **more):
    return there(AT, entry, identity=identity, **more)


TABLE = [
    (ours(), None, None, "create new"),
    (ours(), None, last(), "create removed_by_hand"),
    (ours(), found(), last(), "nothing "),
    (ours(), found(), None, "recorded "),
    (ours(), found(), last(ENV), "recorded "),
    (ours(), found(ENV), last(ENV), "update manifest_changed"),
    (ours(), found(ENV), last(), "update drifted"),
    (ours(), found(OTHER, "npm:two"), last(), "update drifted"),
    (ours(), found(ENV), last(ENV_OF_ANOTHER), "conflict both_changed"),
    (ours(ENV), found(MORE), last(MORE), "update manifest_changed"),
    (ours(MORE), found(ENV), last(ENV), "update manifest_changed"),
    (ours(MORE), found(ENV), last(MORE), "update drifted"),
    (ours(MORE), found(OTHER), last(), "conflict both_changed"),
    (ours(), found(ENV), None, "conflict not_ours"),
    (ours(), found(OTHER, "npm:two"), None, "conflict name_taken"),
    (ours(), found(OTHER, "npm:two"), last(MORE), "conflict name_taken"),
    (None, None, last(), "gone "),
    (None, found(), last(), "delete revoked"),
    (None, found(ENV), last(), "delete revoked_and_changed"),
    (None, found(identity="npm:two"), last(), "unmanaged name_reused"),
    (None, found(), None, "unmanaged "),
]


@pytest.mark.parametrize(("desired", "observed", "applied", "words"), TABLE)
def test_a_row_of_the_table(desired, observed, applied, words):
    verdict = decide(desired, observed, applied, DIGEST)
    assert f"{verdict.outcome} {verdict.reason}" == words


def test_each_field_has_a_reason_of_its_own():
    both = Entry("stdio", ONE.command, MORE.args, ENV.env)
    verdict = decide(ours(), found(both), last(ENV), DIGEST)
    assert verdict.fields == (("launch", "drifted"), ("env", "manifest_changed"))
    assert (verdict.outcome, verdict.reason) == ("update", "drifted")
    new = last().model_copy(update={"fields": {}})
    assert decide(ours(), found(both), new, DIGEST).reason == "manifest_changed"


def walked(desired=None, observed=None, applied=None, /, **more):
    asked = [desired] if isinstance(desired, type(ours())) else desired or ()
    seen = [observed] if isinstance(observed, type(found())) else observed or ()
    state = State(entries={AT: applied} if applied else {}, **more.pop("state", {}))
    return reconcile(situation(asked, seen, state, **more))


def lines(draft):
    told = [f"{item.action} {item.reason} {item.address}" for item in draft.changes]
    told += [f"left {item.reason}".strip() for item in draft.unmanaged]
    told += [f"residue {item.message}" for item in draft.residue]
    told += [f"remember {address}" for address in draft.records.entries]
    return told + [f"forget {address}" for address in draft.records.forget]


OVERWRITE, KEEP = Choices(on_conflict="overwrite"), Choices(on_conflict="keep")
NAMED = Choices(on_conflict="overwrite", targets=(AT,))
NOT_OURS = {"not_ours": "overwrite"}
RELEASED = (Released("x", ()),)
DONE = [f"remember {AT}"]


@pytest.mark.parametrize(
    ("row", "more", "result"),
    [
        (0, {}, [f"create new {AT}", *DONE]),
        (0, {"key": None}, [f"create new {AT}"]),
        (1, {}, [f"create removed_by_hand {AT}", *DONE]),
        (2, {}, []),
        (3, {}, DONE),
        (5, {}, [f"update manifest_changed {AT}", *DONE]),
        (6, {}, [f"update drifted {AT}", *DONE]),
        (8, {}, [f"conflict both_changed {AT}"]),
        (8, {"policy": Policy(both_changed="overwrite")}, [f"update both_changed {AT}", *DONE]),
        (8, {"policy": Policy(not_ours="overwrite")}, [f"conflict both_changed {AT}"]),
        (8, {"choices": KEEP, "policy": Policy(both_changed="overwrite")}, []),
        (13, {}, [f"conflict not_ours {AT}"]),
        (13, {"policy": Policy(not_ours="overwrite")}, [f"update not_ours {AT}", *DONE]),
        (13, {"policy": Policy(both_changed="overwrite")}, [f"conflict not_ours {AT}"]),
        (13, {"policy": Policy(not_ours="keep")}, []),
        (13, {"choices": OVERWRITE}, [f"update not_ours {AT}", *DONE]),
        (14, {"choices": OVERWRITE}, [f"conflict name_taken {AT}"]),
        (14, {"choices": KEEP}, []),
        (14, {"choices": NAMED}, [f"replace name_taken {AT}", *DONE]),
        (
            14,
            {"choices": Choices(targets=(AT,)), "policy": Policy(not_ours="overwrite")},
            [f"conflict name_taken {AT}"],
        ),
        (16, {}, [f"forget {AT}"]),
        (17, {}, [f"delete revoked {AT}", f"forget {AT}"]),
        (17, {"released": RELEASED}, ["left released", f"forget {AT}"]),
        (18, {}, [f"delete revoked_and_changed {AT}", f"forget {AT}"]),
        (19, {}, ["left name_reused", f"forget {AT}"]),
        (20, {}, ["left"]),
        (20, {"policy": Policy(unmanaged="remove")}, ["left"]),
        (
            20,
            {"policy": Policy(unmanaged="remove"), "reach": frozenset({("h", "")})},
            [f"delete unmanaged {AT}", "left"],
        ),
        (20, {"absent": (Absent("npm:one", "bad", "m"),)}, [f"delete must_be_absent {AT}"]),
        (17, {"absent": (Absent("npm:one", "bad", "m"),)}, [f"delete must_be_absent {AT}", f"forget {AT}"]),
        (7, {"absent": (Absent("npm:two", "bad", "m"),)}, [f"replace must_be_absent {AT}", *DONE]),
        (14, {"absent": (Absent("npm:two", "bad", "m"),)}, [f"replace must_be_absent {AT}", *DONE]),
        (6, {"ignored": (Ignored(AT, "", "why", "2030-01-01"),)}, []),
        (6, {"ignored": (Ignored(AT, "env", "why", "2030-01-01"),)}, []),
        (6, {"ignored": (Ignored(AT, "cwd", "why", "2030-01-01"),)}, [f"update drifted {AT}", *DONE]),
    ],
)
def test_what_a_plan_does_about_it(row, more, result):
    desired, observed, applied, _ = TABLE[row]
    draft = walked(desired, observed, applied, **more)
    assert lines(draft) == result
    assert bool(draft.kept) is (
        "keep" in (more.get("choices", Choices()).on_conflict, more.get("policy", Policy()).not_ours)
    )
    assert bool(draft.ignored) is ("ignored" in more and more["ignored"][0].field != "cwd")


def test_what_was_displaced_is_deleted_where_the_change_may_not_be_made():
    draft = walked(*TABLE[7][:3], absent=(Absent("npm:two", "bad", "m"),))
    assert (draft.instead[AT].action, draft.instead[AT].reason) == ("delete", "must_be_absent")
    (made,) = draft.changes
    assert (made.phase, {item.reason for item in made.fields}) == (1, {"drifted"})
    (made,) = walked(*TABLE[14][:3], absent=(Absent("npm:two", "bad", "m"),)).changes
    assert {item.reason for item in made.fields} == {"must_be_absent"}


def test_what_is_forbidden_and_lies_where_mcpconf_does_not_write_is_only_told():
    bad = found(OTHER, "npm:two", write=False)
    forbidden = {"absent": (Absent("npm:two", "bad", "m"),)}
    told = "residue `npm:two` must not be on this machine (bad)"
    assert lines(walked(None, bad, **forbidden)) == [told]
    assert lines(walked(None, bad, last(identity="npm:two"), **forbidden)) == [told, f"forget {AT}"]
    assert lines(walked(ours(), bad, last(), **forbidden)) == [f"create removed_by_hand {AT}", told, *DONE]


def test_an_entry_that_is_no_server_holds_its_name():
    other = found(Entry("unknown"), "")
    draft = walked(ours(), None, observed={"others": (other, there("h/user/z", Entry("unknown"), identity=""))})
    assert lines(draft) == [f"conflict name_taken {AT}"]
    assert lines(walked(None, None, last(), observed={"others": (other,)})) == [f"forget {AT}"]


def test_an_entry_that_is_protected_or_lies_elsewhere_is_not_deleted():
    (made,) = walked(None, found(), last(protect=True)).changes
    assert made.hold is not None
    assert (made.action, made.hold.by, made.hold.action) == ("held", "protect", "delete")
    assert made.hold.message == "it was written with `protect: true`"
    draft = walked(None, found(write=False), last())
    assert lines(draft) == ["residue revoked, but it lies where mcpconf does not write"]


def test_what_could_not_be_read_is_unknown():
    file = replace(found().file, problem=Problem("malformed", "m"))
    draft = walked(ours(), None, last(), observed={"files": (file,)})
    assert lines(draft) == [f"unknown unreadable {AT}"]
    assert lines(walked(None, None, last(), observed={"files": (file,)})) == []


def test_a_server_that_a_host_cannot_have_is_not_taken_away():
    finding = Finding(rule="R", severity="error", subject="desired", address=AT, message="m")
    whole = situation((), [found()], State(entries={AT: last()}))
    whole = replace(whole, desired=replace(whole.desired, findings=(finding,)))
    assert lines(reconcile(whole)) == []


def test_secrets_in_clear_become_references_without_a_question():
    assert lines(walked(ours(REFERRING), found(CLEAR))) == [f"update not_ours {AT}", *DONE]
    draft = walked(ours(REFERRING), found(CLEAR))
    assert draft.unset == {AT: ["A"]}
    assert walked(ours(REFERRING), found(CLEAR), environment=frozenset({"A"})).unset == {}
    plain = Entry("stdio", ONE.command, ONE.args, {"A": Value.literal("plain")})
    assert lines(walked(ours(REFERRING), found(plain))) == [f"conflict not_ours {AT}"]
    assert lines(walked(ours(REFERRING), found(CLEAR), last(MORE))) == [f"conflict both_changed {AT}"]


def test_a_file_that_git_tracks_is_left_alone():
    place = "h/project:~/p/x"
    asked = [wanted(place)]
    for answer, problems in (True, []), (Problem("unreadable", "m"), ["/f"]):
        draft = reconcile(situation(asked, tracked=lambda _path, answer=answer: answer))
        assert (lines(draft), [*draft.tracked], [*draft.problems]) == ([], [place], problems)
    assert lines(reconcile(situation(asked))) == [f"create new {place}", f"remember {place}"]


def test_what_was_revoked_here_goes_and_is_not_written():
    state = {"revoked": [Revoked(server="x", since="2026-01-01T00:00", by="dev", reason="bad")]}
    draft = walked(ours(), found(), last(), state=state)
    assert lines(draft) == [f"delete revoked_locally {AT}", f"forget {AT}"]
    assert (draft.withheld, [item.kind for item in draft.drift]) == ({AT}, ["revoked_locally"])
    draft = walked(ours(), None, None, state=state)
    (made,) = draft.changes
    assert made.hold is not None
    assert (made.action, made.hold.message) == ("held", "was revoked here on 2026-01-01 by dev: bad")
    assert made.hold.hint == "take `x` out of the manifest, or `mcpconf revoke --undo x`"


def plan(findings=(), **more):
    desired, observed, applied = more.pop("row", TABLE[0][:3])
    whole = situation(
        [desired] if desired else [],
        [observed] if observed else [],
        State(entries={AT: applied} if applied else {}),
        **more,
    )
    return conclude(whole, reconcile(whole), findings, HEADER)


def finding(subject="desired", severity="error", address=AT, **more):
    return Finding(rule="R", severity=severity, subject=subject, address=address, message="m", hint="do", **more)


def test_a_plan_counts_and_ends_with_a_code():
    assert (plan().exit_code, plan().detailed_exit_code, plan().summary.create) == (0, 2, 1)
    assert (plan(row=TABLE[2][:3]).detailed_exit_code, plan(row=TABLE[2][:3]).blocked) == (0, False)
    drifted = plan(row=TABLE[6][:3])
    assert (drifted.summary.drift, drifted.summary.bindings, drifted.summary.servers, drifted.summary.hosts) == (
        1,
        1,
        1,
        1,
    )
    assert [(item.will, item.hint) for item in drifted.drift] == [
        ("revert", f"`mcpconf apply --target {AT}` undoes it")
    ]
    left = plan(row=TABLE[20][:3])
    assert (left.summary.unmanaged, left.detailed_exit_code) == (1, 0)
    removed = plan(row=TABLE[20][:3], policy=Policy(unmanaged="remove"), reach=frozenset({("h", "")}))
    assert (removed.summary.unmanaged, removed.summary.delete) == (0, 1)


def test_an_error_holds_a_change_and_keeps_it_from_the_records():
    for item in finding(), finding(address="server:x"):
        held = plan([item])
        assert [(made.action, made.hold and made.hold.by) for made in held.changes] == [("held", "R")]
        assert (held.exit_code, held.records.entries, held.summary.held) == (3, {}, 1)
    free = plan([finding(severity="warning"), finding("observed"), finding(address="h/user/y", severity="info")])
    assert ([made.action for made in free.changes], free.exit_code) == (["create"], 0)
    assert [*free.records.entries] == [AT]
    assert plan([finding(severity="warning")], policy=Policy(fail_on="warning")).exit_code == 3
    assert plan([finding()], policy=Policy(fail_on="none")).exit_code == 0
    assert plan([finding("document")]).blocked
    assert plan([finding("observed")], policy=Policy(observed=frozenset({"R"}))).exit_code == 3
    asked = plan([finding(address="h/user/z")])
    assert [(made.address, made.reason) for made in asked.changes if made.hold] == [("h/user/z", "cannot_be_asked")]


def test_what_is_not_chosen_keeps_its_number_and_is_not_remembered():
    chosen = plan(choices=Choices(excludes=(AT,)))
    assert (chosen.changes, chosen.records.entries, chosen.excludes) == ([], {}, [AT])
    drifted = plan(row=TABLE[6][:3], choices=Choices(excludes=("1",)))
    assert drifted.drift == []
