"""Where mcpconf must not write a policy, it says so; nothing is skipped in silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mcpconf.model.desired import Desired, Edit
from mcpconf.model.observed import Observed
from mcpconf.model.state import State
from mcpconf.ports import Snapshot
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.managed import PolicyFile
from mcpconf.reconcile.policing import Kept, Seen, police
from mcpconf.reconcile.situation import Situation
from mcpconf.system.sources import bundled_rows

PATH = "/etc/github-copilot/managed-settings.json"
POLICY = bundled_rows()["copilot-cli"].policies[0]
FILE = PolicyFile(POLICY, PATH, (Edit(("allowedMcpServers",), []),), "{}", ())
RIGHTS = Seen(None, rights=True)


def drafted(seen: Seen, file: PolicyFile = FILE) -> Draft:
    situation = Situation(
        Desired(), Observed(), State(), policies=(Kept("copilot-cli", PATH, "json", file, seen),), key=b"k" * 32
    )
    return police(situation, Draft())


def test_with_rights_it_is_written_and_remembered():
    draft = drafted(RIGHTS)
    (change,) = draft.changes
    assert (change.action, change.kind, change.address) == ("create", "policy", "copilot-cli/managed/allowedMcpServers")
    assert change.address in draft.records.policies


@pytest.mark.parametrize(
    ("seen", "by", "code"),
    [
        (replace(RIGHTS, rights=False), "no-rights", 2),
        (replace(RIGHTS, linked=True), "policy-place", 3),
        (replace(RIGHTS, loose="/etc"), "policy-place", 3),
    ],
)
def test_without_them_it_is_held(seen: Seen, by: str, code: int):
    draft = drafted(seen)
    (change,) = draft.changes
    assert (change.action, change.hold.by, change.hold.code) == ("held", by, code)
    assert not change.edits
    assert not draft.records.policies


def test_what_root_alone_could_start_is_not_written_for_all():
    (change,) = drafted(replace(RIGHTS, root=True), replace(FILE, personal=("files",))).changes
    assert change.hold.by == "policy-wider"
    (change,) = drafted(RIGHTS, replace(FILE, personal=("files",))).changes
    assert change.action == "create"


@pytest.mark.parametrize("data", [b"{", b'{"allowedMcpServers": [], "allowedMcpServers": []}', b"\xff\xfe{"])
def test_what_cannot_be_read_is_a_problem_and_no_change(data: bytes):
    draft = drafted(replace(RIGHTS, found=Snapshot(PATH, PATH, data, 0o644, 0, 0)))
    assert not draft.changes
    assert PATH in draft.problems
