"""Programs of the system that are asked: for a bounded time and size, and a part of an answer is none."""

import sys
import time

import pytest

from mcpconf.system.asked import asked

LONG = 30.0


def python(code: str, **more) -> bytes | None:
    return asked(sys.executable, "-I", "-c", code, **{"seconds": LONG, **more})


def test_an_answer_is_what_was_printed_and_not_what_was_complained():
    assert python("import sys; sys.stderr.write('no'); sys.stdout.write('yes')") == b"yes"


def test_only_the_variables_that_are_meant_are_given(monkeypatch):
    monkeypatch.setenv("MINE", "1")
    told = python("import os; print('MINE' in os.environ, os.environ['TZ'])", environment={"TZ": "UTC"})
    assert told is not None
    assert told.split() == [b"False", b"UTC"]


@pytest.mark.parametrize(
    "code",
    ["import sys; print('half'); sys.exit(3)", "print('x' * 101)", "import os, signal; os.kill(os.getpid(), 9)"],
)
def test_a_part_of_an_answer_is_none(code):
    assert python(code, most=100) is None


def test_what_prints_without_end_is_ended_in_time():
    begun = time.monotonic()
    assert python("while True: print('x' * 4096)", seconds=1.0, most=4096) is None
    assert time.monotonic() - begun < LONG


def test_what_is_not_there_answers_nothing(tmp_path):
    assert asked(str(tmp_path / "nothing"), seconds=LONG) is None
