"""What the command line asks for, and which changes are one."""

from __future__ import annotations

import pytest

from mcpconf.errors import McpconfError
from mcpconf.model.change import EditStep, Hold, PlannedEdit
from mcpconf.reconcile.scope import Scope
from mcpconf.reconcile.sharing import joined
from mcpconf.reconcile.situation import Choices, NoRules
from tests.pieces import change, situation, there, wanted

CHANGES = [
    change("h/user/a", server="srv", index=1),
    change("h/user/b", index=2, also=["i/user/b"]),
    change("i/project:~/p/a", index=3),
]


def scope(*targets, excludes=(), asked=(), seen=()):
    choices = Choices(targets=targets, excludes=excludes)
    return Scope(situation(asked, seen, choices=choices), CHANGES)


def chosen(*targets, excludes=()):
    told = scope(*targets, excludes=excludes)
    return [item.index for item in CHANGES if told.chooses(item)]


@pytest.mark.parametrize(
    ("targets", "excludes", "numbers"),
    [
        ((), (), [1, 2, 3]),
        (("1",), (), [1]),
        (("3", "1"), (), [1, 3]),
        (("srv",), (), [1]),
        (("a",), (), [1, 3]),
        (("i/**",), (), [2, 3]),
        (("h/user/b",), (), [2]),
        ((), ("2",), [1, 3]),
        ((), ("i/user/b",), [1, 3]),
        (("h/*/*",), ("a",), [2]),
    ],
)
def test_changes_by_number_name_and_pattern(targets, excludes, numbers):
    assert chosen(*targets, excludes=excludes) == numbers


def test_what_no_change_is_made_for_is_covered_by_its_address():
    told = scope("h/**", excludes=("3",), seen=[there("h/user/c")])
    assert told.covers("h/user/c")
    assert not told.covers("j/user/c")
    assert not told.covers("i/project:~/p/a")
    assert told.covers("h/user/a")
    assert not told.covers("h/user/a", 3)


@pytest.mark.parametrize("pattern", ["0", "4", "00000000001", "nobody", "j/**"])
def test_what_names_nothing_is_a_mistake(pattern):
    for more in ((pattern,), ()), ((), (pattern,)):
        with pytest.raises(McpconfError) as caught:
            scope(*more[0], excludes=more[1])
        (problem,) = caught.value.problems
        assert (caught.value.code, problem.message) == (64, f"`{pattern}` names nothing in this plan")
        assert (problem.kind, problem.where, problem.hint) == (
            "usage",
            None,
            "`mcpconf plan` shows the numbers and addresses",
        )


def test_a_thing_that_needs_no_change_may_be_named_all_the_same():
    scope("1", "000000003", "srv", "b")
    scope("i/user/b")
    scope("j/user/seen", seen=[there("j/user/seen")])
    scope("asked", asked=[wanted("j/user/asked")])
    with pytest.raises(McpconfError):
        scope("seen")


def at(address, action="create", *, file="/f", key=("s", "x"), **more):
    return change(address, action, file=file, key_path=[*key], **more)


HOLD = Hold(by="R", message="m")


class Shared(NoRules):
    """Three hosts read the file."""

    def readers(self, file, container):
        return ("h", "i", "j") if (file, container) == ("/f", ("s",)) else ()


def one_by_one(*changes):
    return [item.addresses for item in joined(changes, NoRules())]


def test_one_place_is_one_change():
    assert one_by_one(at("h/user/x"), at("i/user/x")) == [("h/user/x", "i/user/x")]
    assert one_by_one(at("h/user/x"), at("i/user/x", file="/g")) == [("h/user/x",), ("i/user/x",)]
    assert one_by_one(at("h/user/x"), at("i/user/x", key=("s", "y"))) == [("h/user/x",), ("i/user/x",)]
    assert one_by_one(at("h/user/x", "unknown"), at("i/user/x", "unknown")) == [("h/user/x",), ("i/user/x",)]
    assert one_by_one(at("h/user/x", key=()), at("i/user/x", key=())) == [("h/user/x",), ("i/user/x",)]


@pytest.mark.parametrize("order", [1, -1])
def test_one_that_is_held_holds_all(order):
    free = at("h/user/x", edits=[PlannedEdit(at=["s", "x"], value=1)])
    (whole,) = joined([free, at("i/user/x", "held", hold=HOLD)][::order], NoRules())
    assert (whole.action, whole.hold, whole.addresses, whole.edits) == ("held", HOLD, ("i/user/x", "h/user/x"), [])


def test_all_that_is_held_at_a_place_is_one_too():
    assert one_by_one(at("h/user/x", "held", hold=HOLD), at("i/user/x", "held", hold=HOLD)) == [
        ("h/user/x", "i/user/x")
    ]


def test_the_edits_of_all_are_made_once_in_the_later_phase():
    entry, own = PlannedEdit(at=["s", "x"], value=1), PlannedEdit(at=[EditStep(append=True)], value=2)
    (whole,) = joined([at("h/user/x", phase=1, edits=[entry]), at("i/user/x", phase=2, edits=[entry, own])], NoRules())
    assert (whole.edits, whole.phase) == ([entry, own], 2)
    (alone,) = joined([at("h/user/x", phase=1, edits=[entry, entry])], NoRules())
    assert (alone.edits, alone.phase, alone.also) == ([entry, entry], 1, [])


def test_who_else_reads_it():
    (whole,) = joined([at("h/user/x"), at("i/user/x")], Shared())
    assert whole.also_read_by == ["j"]
    (nowhere,) = joined([change("h/user/x", file="/f")], Shared())
    assert nowhere.also_read_by == []
