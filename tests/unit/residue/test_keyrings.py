"""A keyring that does not answer, and rows that cannot be told apart by it."""

from dataclasses import replace

import pytest

from mcpconf.canonical import digest
from mcpconf.errors import McpconfError, Problem
from mcpconf.hosts.keyrings import read_keyring
from mcpconf.hosts.tables import Table
from mcpconf.model.observed import HostPresence, Observed
from mcpconf.reconcile.gone import Gone
from mcpconf.residue import keyrings
from mcpconf.residue.looking import Surroundings
from mcpconf.system.facts import rooted_machine
from mcpconf.system.sources import bundled_rows
from tests.world import World

NONE: frozenset[str] = frozenset()
FAR = Gone("url:https://far.example/mcp", "codex/user/far", NONE, NONE, NONE)
PROBLEM = Problem("unreadable", "it does not answer", None, "")


class Silent:
    def keyring(self):
        return PROBLEM


def test_one_that_does_not_answer_may_hold_anything(tmp_path):
    machine = rooted_machine(str(World(tmp_path, {"os": "macos", "home": "/Users/dev", "user": "dev"}).root))
    here = Observed(hosts=(HostPresence("codex", installed=True),))
    around = Surroundings(machine, bundled_rows(), here, lambda words: digest([*words]))
    looked = keyrings.look(replace(around, machine=replace(machine, processes=Silent())), (FAR,))
    assert (looked.problems, looked.unsure) == ((PROBLEM,), frozenset({FAR.identity}))
    assert keyrings.look(around, (FAR,)).skipped == "a folder that stands for a machine has no keyring"


@pytest.mark.parametrize(
    "said",
    [
        {"service": "x"},
        {"service": "x", "account": "{server}", "of": ["{url}"]},
        {"service": "x", "account": "{server}|{mark}"},
        {"service": "x", "account": "{server}|{mark}", "of": ["{url}"], "digits": 8},
        {"systems": ["beos"]},
        {"secret": "x"},
    ],
)
def test_what_would_tell_by_a_name_alone_is_refused(said):
    with pytest.raises(McpconfError):
        read_keyring(Table(said, "row.toml"))
