"""One file that two hosts read, with rows made for it: no two hosts that ship share a place they both write."""

import json

import pytest

from mcpconf.report.status import render_status
from mcpconf.report.style import Style
from mcpconf.report.text import render_plan
from tests.made_up import Loop, row, told
from tests.world import World

FILE = "~/shared.json"
PLAIN = {"x": {"command": ["/opt/x"]}}
SECRET = {"x": {"command": ["/opt/x"], "env": {"TOKEN": {"secret": "TOKEN"}}}}
BOTH = ("left", "right")


def reader(name, form="${NAME}", write="true"):
    file = f'{{ path = "{{home}}/shared.json", write = {write} }}'
    return row(name, f'file.own = {file}\nrefs = {{ env = "{form}" }}')


@pytest.fixture
def loop(tmp_path):
    return Loop(World(tmp_path), reader("left"), reader("right"), reader("other", "${env:NAME}"))


def known(loop):
    return sorted(loop.state.entries)


def test_equal_spellings_are_one_operation_for_both(loop):
    plan = loop.apply(PLAIN, BOTH)
    assert told(plan) == [("create", "new", "left/user/x", "right/user/x")]
    assert (plan.summary.create, plan.summary.bindings) == (1, 2)
    text = render_plan(plan, Style())
    assert "create: not on this machine yet   (2 places)" in text
    assert "also read by other" in text
    assert render_status(plan, Style()) == " A left/user/x\n A right/user/x\n"
    assert json.loads(loop.world.read(FILE)) == {"servers": {"x": {"command": "/opt/x"}}}
    assert known(loop) == ["left/user/x", "right/user/x"]
    assert loop.plan(PLAIN, BOTH).detailed_exit_code == 0
    assert loop.plan(PLAIN, BOTH).unmanaged == []


def test_a_change_by_hand_is_drift_for_both_and_put_back_once(loop):
    loop.apply(PLAIN, BOTH)
    loop.world.write(FILE, '{"servers": {"x": {"command": "/opt/x", "args": ["--more"]}}}')
    plan = loop.apply(PLAIN, BOTH)
    assert told(plan) == [("update", "drifted", "left/user/x", "right/user/x")]
    assert {item.address for item in plan.drift} == {"left/user/x", "right/user/x"}
    assert json.loads(loop.world.read(FILE)) == {"servers": {"x": {"command": "/opt/x"}}}


def test_different_spellings_are_an_error_that_names_both_and_write_nothing(loop):
    plan = loop.plan(SECRET, ("left", "other"))
    assert [(change.action, change.address) for change in plan.changes] == [
        ("held", "left/user/x"),
        ("held", "other/user/x"),
    ]
    assert {finding.severity for finding in plan.findings} == {"error"}
    assert all("`left/user/x` and `other/user/x`" in finding.message for finding in plan.findings)
    assert plan.exit_code == 3
    assert told(loop.plan(SECRET, BOTH)) == [("create", "new", "left/user/x", "right/user/x")]


def test_what_was_written_is_not_taken_away_when_the_hosts_come_to_disagree(loop):
    loop.apply(SECRET, ("left",))
    plan = loop.plan(SECRET, ("left", "other"))
    assert {change.action for change in plan.changes} == {"held"}
    assert all("still there" in finding.message for finding in plan.findings if finding.address == "left/user/x")


def test_an_entry_stays_while_another_reader_still_wants_it(loop):
    loop.apply(PLAIN, BOTH)
    assert told(loop.apply(PLAIN, hosts=("right",))) == []
    assert known(loop) == ["right/user/x"]
    assert json.loads(loop.world.read(FILE)) == {"servers": {"x": {"command": "/opt/x"}}}
    loop.world.write(FILE, '{"servers": {"x": {"command": "/opt/y"}}}')
    assert told(loop.apply(PLAIN, hosts=("right",))) == [("replace", "drifted", "right/user/x")]
    assert told(loop.apply({}, ("right",))) == [("delete", "revoked", "right/user/x")]
    assert loop.state.tombstones == []


def test_a_revocation_is_one_operation_too(loop):
    loop.apply(PLAIN, BOTH)
    plan = loop.apply({}, BOTH)
    assert told(plan) == [("delete", "revoked", "left/user/x", "right/user/x")]
    assert (known(loop), loop.state.tombstones) == ([], [])
    assert json.loads(loop.world.read(FILE)) == {}
    assert loop.plan({}, BOTH).detailed_exit_code == 0


def test_a_host_that_joins_knows_what_was_written_for_the_other(loop):
    loop.apply(PLAIN, hosts=("left",))
    loop.apply(PLAIN, hosts=("left", "right"))
    assert known(loop) == ["left/user/x", "right/user/x"]
    loop.apply(PLAIN, hosts=("left",))
    loop.world.write(FILE, '{"servers": {"x": {"command": "/opt/x", "args": ["--more"]}}}')
    plan = loop.plan(PLAIN, hosts=("left", "right"))
    assert told(plan) == [("update", "drifted", "left/user/x", "right/user/x")]


def test_what_a_reader_finds_that_another_host_is_given_is_no_stray(loop):
    plan = loop.apply(PLAIN, hosts=("left",), policy={"unmanaged": "remove"})
    assert told(plan) == [("create", "new", "left/user/x")]
    again = loop.plan(PLAIN, hosts=("left",), policy={"unmanaged": "remove"})
    assert (again.changes, again.unmanaged) == ([], [])


def test_a_stray_that_one_host_may_remove_is_gone_for_all(loop):
    loop.world.write(FILE, '{"servers": {"mine": {"command": "/mine"}}}')
    plan = loop.apply(PLAIN, hosts=("left", "right"), policy={"unmanaged": "remove"})
    assert ("delete", "unmanaged", "left/user/mine", "right/user/mine") in told(plan)
    assert loop.plan(PLAIN, BOTH, policy={"unmanaged": "remove"}).changes == []


def test_a_target_of_one_address_is_the_whole_operation(loop):
    assert told(loop.plan(PLAIN, BOTH, targets=("right/user/x",))) == [("create", "new", "left/user/x", "right/user/x")]
    assert told(loop.plan(PLAIN, BOTH, excludes=("left/**",))) == []
    loop.apply(PLAIN, BOTH, targets=("right/user/x",))
    assert known(loop) == ["left/user/x", "right/user/x"]


def test_a_reader_that_may_not_write_leaves_no_residue(tmp_path):
    loop = Loop(World(tmp_path), reader("left"), reader("reader", write="false"))
    loop.apply(PLAIN, hosts=("left",))
    plan = loop.apply({}, ("left",))
    assert (plan.residue, plan.unmanaged) == ([], [])
    loop.world.write(FILE, '{"servers": {"x": {"command": "/opt/x"}, "mine": {"command": "/mine"}}}')
    plan = loop.plan(PLAIN, hosts=("left", "reader"), policy={"unmanaged": "remove"})
    assert told(plan)[0][:3] == ("delete", "unmanaged", "left/user/mine")
    assert all(item.removed for item in plan.unmanaged)
