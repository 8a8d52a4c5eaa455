"""What of the store counts as drift: what entries of ours start by now, and not what they are to start next."""

from __future__ import annotations

from mcpconf.artifacts.supplied import Supplied
from mcpconf.model.desired import Desired
from mcpconf.model.installed import Changed, Installed, Missing
from mcpconf.model.observed import Observed
from mcpconf.model.state import Applied, State
from mcpconf.reconcile.situation import Situation
from mcpconf.reconcile.stored import drift_of_store


def found(installation, pending=()):
    ours = Applied(server="files", identity="npm:files", fields={}, file="/f")
    supplied = Supplied(
        installations={"files": installation, "others": Missing()}, folders={"files": "/s", "others": "/o"}
    )
    asked = Situation(Desired(), Observed(), State(entries={"cursor/user/files": ours}), supplied=supplied)
    return [(item.kind, item.address, item.will) for item in drift_of_store(asked, pending)]


def test_what_was_started_from_a_folder_that_is_gone():
    assert found(Missing()) == [("artifact_missing", "artifact:files", "revert")]


def test_an_upgrade_is_none():
    """The folder of the next version was never there."""
    assert found(Missing(), ["files"]) == []


def test_other_bytes_are_drift_whatever_is_planned():
    assert found(Changed(changed=("a.js",)), ["files"]) == [("artifact_drift", "artifact:files", "held")]
    assert found(Installed(3)) == []
