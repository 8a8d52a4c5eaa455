from __future__ import annotations

from typing import get_args

import pytest

from mcpconf.model.outcome import End, Failure, Outcome
from mcpconf.report.outcome import render_outcome, render_recovery
from mcpconf.report.style import Style

STYLE = Style(home="/home/dev")


@pytest.mark.parametrize("end", get_args(End))
def test_every_end_has_a_first_line_that_is_true(end: str) -> None:
    nothing = render_outcome(Outcome(end=end, exit_code=0, serial=1), STYLE).splitlines()[0]
    assert nothing.endswith(".")
    assert not nothing.startswith("Applied") or end == "applied"
    done = Outcome(end=end, exit_code=0, serial=1, applied=["a", "b"], files=["/f"])
    assert "2 changes in 1 file" in render_outcome(done, STYLE).splitlines()[0]


def test_an_outcome_tells_all_it_knows() -> None:
    text = render_outcome(
        Outcome(
            end="narrowed",
            exit_code=8,
            serial=1,
            applied=["cursor/user/a"],
            not_attempted=["cursor/user/b"],
            rolled_back=["cursor/user/c"],
            held=["cursor/user/d"],
            files=["/home/dev/f"],
            failures=[Failure(file="/home/dev/f", message="no \x1b space", hint="make room")],
            backups=["/home/dev/b"],
            expires="2027-01-01",
            restart=["cursor"],
        ),
        STYLE,
    )
    assert text == (
        "Only what takes away was applied: 1 change in 1 file.\n"
        "error: no \\x1b space\n"
        "  --> ~/f\n"
        "  hint: make room\n"
        "not attempted: cursor/user/b\n"
        "put back: cursor/user/c\n"
        "left out: cursor/user/d\n"
        "the old content stays in ~/b until 2027-01-01; rotate the secret in it\n"
        "Restart cursor for this to take effect.\n"
        "Some files could not be checked, and were left alone; `mcpconf plan` names them.\n"
        "hint: `mcpconf plan` shows what is left to do, and what is in the way\n"
    )


def test_recovery() -> None:
    assert render_recovery(Outcome(end="nothing", exit_code=0, serial=1), STYLE) == "Nothing to recover.\n"
    done = render_recovery(Outcome(end="narrowed", exit_code=0, serial=1, rolled_back=["/home/dev/f"]), STYLE)
    assert done.startswith("Recovered: ")
    assert "\n  ~/f\n" in done
    failed = Outcome(end="recover", exit_code=6, serial=1, failures=[Failure(file="/f", message="in the way")])
    assert "error: in the way\n  --> /f\nhint: run `mcpconf recover`\n" in render_recovery(failed, STYLE)
