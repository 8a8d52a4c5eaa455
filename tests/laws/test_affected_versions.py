"""Which versions are affected, held against the plain reading of the schema: a set of numbers for each line."""

from __future__ import annotations

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.advisories import collected
from mcpconf.advisories.records import advisories_of

HIGHEST = 14
WORLD = range(1, HIGHEST + 1)
"""Versions are numbers here; `12` is written `12.0.0`."""

Line = list[tuple[int, str, int]]
"""Stretches of one line in order: where it is introduced, how it ends (`fixed`, `last_affected`, or "" for never), and at what."""


@st.composite
def lines(draw: st.DrawFn) -> Line:
    marks = sorted(draw(st.sets(st.integers(0, HIGHEST), min_size=1, max_size=6)))
    stretches: Line = []
    for at in range(0, len(marks), 2):
        start, end = marks[at], marks[at + 1] if at + 1 < len(marks) else None
        kind = "" if end is None else draw(st.sampled_from(["fixed", "last_affected"]))
        stretches.append((start, kind, end or 0))
    return stretches


def affected(line: Line) -> set[int]:
    found: set[int] = set()
    for start, kind, end in line:
        top = HIGHEST if not kind else end - 1 if kind == "fixed" else end
        found |= {number for number in WORLD if start <= number <= top}
    return found


def spelled(number: int, ecosystem: str) -> str:
    return f"{number}.0.0" if ecosystem == "npm" else f"{number}.0"


def record(name: str, ecosystem: str, some: list[Line], order: random.Random) -> dict:
    ranges = []
    for line in some:
        events = []
        for start, kind, end in line:
            events.append({"introduced": "0" if start == 0 else spelled(start, ecosystem)})
            events += [{kind: spelled(end, ecosystem)}] if kind else []
        order.shuffle(events)
        ranges.append({"type": "SEMVER" if ecosystem == "npm" else "ECOSYSTEM", "events": events})
    order.shuffle(ranges)
    written = {"npm": "npm", "pypi": "PyPI"}[ecosystem]
    return {"id": name, "affected": [{"package": {"ecosystem": written, "name": "x"}, "ranges": ranges}]}


ECOSYSTEMS = st.sampled_from(["npm", "pypi"])
SEVERAL = st.lists(lines(), min_size=1, max_size=3)


@given(ECOSYSTEMS, SEVERAL, st.randoms(use_true_random=False))
def test_a_version_is_affected_if_it_lies_in_a_stretch_of_any_line_in_whatever_order_they_stand(
    ecosystem: str, some: list[Line], order: random.Random
):
    data = collected([advisories_of(json.dumps(record("GHSA-1", ecosystem, some, order)).encode())])
    wanted = set().union(*map(affected, some))
    found = {number for number in WORLD if data.judge(ecosystem, "x", spelled(number, ecosystem)).known}
    assert found == wanted
    endless = any(not kind for line in some for _, kind, _ in line)
    assert bool(data.about_the_next(ecosystem, "x")) == endless


@given(ECOSYSTEMS, SEVERAL, st.randoms(use_true_random=False))
def test_the_first_fix_is_the_nearest_end_above_that_nothing_calls_affected_and_never_the_greatest_of_all(
    ecosystem: str, some: list[Line], order: random.Random
):
    data = collected([advisories_of(json.dumps(record("GHSA-1", ecosystem, some, order)).encode())])
    bad = set().union(*map(affected, some))
    ends = {end for line in some for _, kind, end in line if kind == "fixed"} - bad
    for number in sorted(bad):
        (known,) = data.judge(ecosystem, "x", spelled(number, ecosystem)).known
        above = sorted(end for end in ends if end > number)
        below = sorted(end for end in ends if end < number)
        assert known.fixed == tuple(spelled(end, ecosystem) for end in (*above, *below))
        for line in some:
            own = [end for start, kind, end in line if kind == "fixed" and start <= number < end and end not in bad]
            if own and len(some) == 1:
                assert known.fixed[0] == spelled(own[0], ecosystem)


@given(ECOSYSTEMS, st.lists(SEVERAL, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_the_way_out_is_a_version_of_which_no_record_says_anything(
    ecosystem: str, records: list[list[Line]], order: random.Random
):
    written = [record(f"GHSA-{at}", ecosystem, some, order) for at, some in enumerate(records)]
    data = collected(advisories_of(json.dumps(item).encode()) for item in written)
    bad = set().union(*(affected(line) for some in records for line in some))
    ends = {end for some in records for line in some for _, kind, end in line if kind == "fixed"} - bad
    for number in sorted(bad):
        known = data.judge(ecosystem, "x", spelled(number, ecosystem)).known
        found = data.way_out(ecosystem, "x", spelled(number, ecosystem), known)
        above = [end for end in sorted(ends) if end > number]
        assert not found or int(found.partition(".")[0]) not in bad
        if found and above:
            assert int(found.partition(".")[0]) > number or not any(
                spelled(end, ecosystem) in item.fixed for item in known for end in above
            )
