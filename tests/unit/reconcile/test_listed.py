"""What a plan lists beside its changes: what the manifest does not put there, and files that others may write."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.model.change import Hold
from mcpconf.model.entry import Entry, Value
from mcpconf.model.plan import Unmanaged
from mcpconf.model.state import State
from mcpconf.reconcile.changes import Builder
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.ignoring import Ignoring
from mcpconf.reconcile.listing import Listing
from mcpconf.reconcile.situation import Choices, Ignored, NoRules, Policy, Released
from mcpconf.reconcile.strays import stray
from tests.pieces import ONE, change, situation, there, wanted

REMOVE = {"policy": Policy(unmanaged="remove"), "reach": frozenset({("h", "")})}
FIVE = [there(f"h/user/{name}") for name in "abcde"]
SECRET = Entry("stdio", ONE.command, ONE.args, {"A": Value.literal("ghp_q7Zr2LxW9vBn4KtY6mHs1JdP8cFg3RaEoUiT")})


def listed(*entries, draft=None, reason="", **more):
    whole = situation((), entries, more.pop("state", None), **more)
    draft = draft or Draft()
    ignoring = Ignoring(whole.ignored, draft)
    listing = Listing(whole, draft, ignoring, [stray(whole, entry, reason) for entry in entries])
    listing.remove(Builder(whole))
    listing.finish()
    return draft


def test_more_than_half_of_what_was_here_is_not_removed_at_once():
    draft = listed(*FIVE, **REMOVE)
    assert [(item.action, item.reason) for item in draft.changes] == [("held", "unmanaged")] * 5
    assert draft.changes[0].hold == Hold(
        by="mass-removal",
        message="more than half of what was here before the first apply would be removed",
        hint="look at each, then `mcpconf apply --allow-mass-removal`",
        action="delete",
    )
    assert not any(item.removed for item in draft.unmanaged)
    made = listed(*FIVE, **REMOVE, choices=Choices(allow_mass_removal=True))
    assert [item.action for item in made.changes] == ["delete"] * 5
    assert all(item.removed for item in made.unmanaged)
    assert [item.action for item in listed(*FIVE[:4], **REMOVE).changes] == ["delete"] * 4


@pytest.mark.parametrize(("others", "action"), [(4, "held"), (5, "delete")])
def test_half_of_it_may_be_removed(others, action):
    baseline = [str(entry.address) for entry in FIVE] + [f"h/user/gone{number}" for number in range(others)]
    draft = listed(*FIVE, **REMOVE, state=State(baseline=[*baseline, "grant:h/user/g#a", "grant:h/user/g#b"]))
    assert {item.action for item in draft.changes} == {action}


def test_what_came_later_may_be_removed_in_any_number():
    draft = listed(*FIVE, **REMOVE, state=State(baseline=[]))
    assert {item.action for item in draft.changes} == {"delete"}


@pytest.mark.parametrize(
    ("policy", "more", "removed", "kept"),
    [
        ({"unmanaged": "remove"}, {}, True, False),
        ({"unmanaged": "remove"}, {"reach": frozenset()}, False, False),
        ({"unmanaged": "remove"}, {"released": (Released("x", ()),)}, False, False),
        ({"unmanaged": "warn"}, {}, False, False),
        ({"unmanaged": "keep"}, {}, False, True),
        ({"unmanaged": "remove", "projects": {("h", ""): "keep"}}, {}, False, True),
        ({"unmanaged": "remove"}, {"ignored": (Ignored("h/user/x", "", "why", "2030-01-01"),)}, False, True),
    ],
)
def test_what_policy_says(policy, more, removed, kept):
    draft = listed(there("h/user/x"), policy=Policy(**policy), **{"reach": REMOVE["reach"], **more})
    (item,) = draft.unmanaged
    assert (item.removed, item.kept, bool(draft.changes)) == (removed, kept, removed)
    assert bool(draft.ignored) is ("ignored" in more)


@pytest.mark.parametrize(
    ("more", "will"),
    [
        ({}, "nothing"),
        (REMOVE, "revert"),
        ({"draft": lambda: Draft(changes=[change("h/user/x", "held")])}, "held"),
        ({"draft": lambda: Draft(changes=[change("i/user/x", "delete", file="/f", key_path=["s", "x"])])}, "revert"),
        ({"draft": lambda: Draft(changes=[change("i/user/x", "delete", file="/g", key_path=["s", "x"])])}, "nothing"),
    ],
)
def test_only_a_new_one_is_drift(more, will):
    given = dict(more)
    if "draft" in given:
        given["draft"] = given["draft"]()
    entry = there("h/user/x")
    draft = listed(entry, state=State(baseline=["h/user/z"]), **given)
    (item,) = draft.drift
    assert (item.kind, item.address, item.will, item.message) == ("unmanaged", "h/user/x", will, "not in the manifest")
    assert draft.unmanaged[0].new
    assert listed(entry).drift == []
    known = State(baseline=[], seen={"h/user/x": situation().seen_digest(entry.raw)})
    assert listed(entry, state=known).drift == []


class Writing(NoRules):
    def runtime(self, host):
        return frozenset({"seen"}) if host == "h" else frozenset()


@pytest.mark.parametrize(
    ("more", "value"),
    [
        ({}, {"seen": 1, "a": {"on": 1}}),
        ({"runtime": 1}, {"a": {"on": 1}}),
        ({"approvals": (("a", "on"),)}, {"seen": 1}),
        ({"runtime": 1, "approvals": (("a", "on"),)}, {}),
    ],
)
def test_a_stray_is_known_again_by_what_people_wrote(more, value):
    entry = there("h/user/x", raw={"seen": 1, "a": {"on": 1}}, **more)
    whole = situation((), [entry], rules=Writing())
    assert stray(whole, entry, "").digest == whole.seen_digest(value)


def grant(**more):
    more = {"identity": "x", "new": True, "removed": False, "where": "/g:2", "reason": "runs x", **more}
    return Unmanaged(address="grant:h/user/g#allow.=x", kind="grant", **more)


def test_a_new_approval_is_drift_unless_it_goes():
    draft = listed(draft=Draft(unmanaged=[grant()]))
    (item,) = draft.drift
    assert (item.kind, item.address, item.message) == ("unmanaged", grant().address, "runs x")
    assert (item.severity, item.will, item.where) == ("medium", "nothing", "/g:2")
    assert draft.unmanaged == [grant()]
    for one in grant(new=False), grant(removed=True):
        draft = listed(draft=Draft(unmanaged=[one]))
        assert (draft.drift, draft.unmanaged) == ([], [one])


def test_an_approval_that_the_manifest_lets_be_is_only_counted():
    let_be = Ignored("grant:h/**", "", "theirs", "2030-01-01")
    draft = listed(draft=Draft(unmanaged=[grant()]), ignored=(let_be,))
    assert (draft.drift, draft.unmanaged) == ([], [grant(new=False, kept=True)])
    assert draft.ignored == [(let_be, grant().address)]
    draft = listed(draft=Draft(unmanaged=[grant(removed=True)]), ignored=(let_be,))
    assert (draft.unmanaged, draft.ignored) == ([grant(removed=True)], [])


@pytest.mark.parametrize(
    ("entry", "mode", "message"),
    [
        (ONE, 0o644, None),
        (ONE, 0o620, "mode 0620: others may write it"),
        (ONE, 0o602, "mode 0602: others may write it"),
        (SECRET, 0o600, None),
        (SECRET, 0o640, "mode 0640: others may read a secret in it"),
        (SECRET, 0o604, "mode 0604: others may read a secret in it"),
        (SECRET, 0o622, "mode 0622: others may write it"),
        (SECRET, None, None),
    ],
)
def test_a_file_that_others_may_read_or_write(entry, mode, message):
    found = there("h/user/x", entry)
    file = replace(found.file, mode=mode)
    plain = there("h/user/y", path="/plain")
    seen = [replace(found, file=file), plain]
    whole = situation([wanted("h/user/x", entry)], seen)
    draft = Draft()
    Listing(whole, draft, Ignoring((), draft), []).finish()
    assert [(item.kind, item.address, item.message, item.where, item.counted) for item in draft.drift] == (
        [("perm_drift", "/f", message, "/f", False)] if message else []
    )
    assert [item.severity for item in draft.drift] == (
        [] if not message else ["high" if "write" in message else "medium"]
    )
