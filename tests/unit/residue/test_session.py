"""A variable that no file sets, and the session of the user does."""

from dataclasses import replace

import pytest

from mcpconf.canonical import digest
from mcpconf.model.observed import Observed
from mcpconf.reconcile.gone import Gone
from mcpconf.residue import variables
from mcpconf.residue.looking import Surroundings
from mcpconf.system.facts import rooted_machine
from tests.world import World


class Session:
    def session_sets(self, name):
        return name == "FILES_TOKEN"


def gone(secret: str) -> Gone:
    none: frozenset[str] = frozenset()
    return Gone("npm:@x/files", "cursor/user/files", none, none, none, secrets=frozenset({secret}))


@pytest.mark.parametrize(
    ("system", "do"),
    [("macos", "`launchctl unsetenv FILES_TOKEN`"), ("linux", "`systemctl --user unset-environment FILES_TOKEN`")],
)
def test_what_a_session_sets_is_told_with_how_to_end_it(tmp_path, system, do):
    machine = rooted_machine(str(World(tmp_path).root))
    machine = replace(machine, processes=Session(), facts=replace(machine.facts, os=system))
    around = Surroundings(machine, {}, Observed(), lambda words: digest([*words]))
    (left,) = variables.look(around, (gone("FILES_TOKEN"),)).found
    assert (left.where, left.instruction, left.severity) == ("the session of this user", do, "medium")
    assert "given to `files` alone" in left.message
    assert variables.look(around, (gone("OTHER_TOKEN"),)).found == ()
    shared = replace(around, in_use=frozenset({"FILES_TOKEN"}))
    assert variables.look(shared, (gone("FILES_TOKEN"),)).found == ()
