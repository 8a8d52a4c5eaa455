"""Servers that are addresses: one process asks them all, at a server on this machine."""

from __future__ import annotations

import json

import pytest

from mcpconf.model.probe import Limits, Probe, Probed
from mcpconf.system.probing import SystemProber
from tests.toys.web import served

SMALL = Limits(message=100_000, total=200_000, seconds=20.0)
PLACES = ("json", "events", "sse", "modern", "private", "away", "packed", "endless")
SAME = ("json", "events", "sse")
KEY = {"x-key": "opensesame-opensesame"}


@pytest.fixture(scope="module")
def asked() -> tuple[dict[str, Probed], list]:
    with served() as (address, seen):
        probes = [
            Probe(name, "sse" if name == "sse" else "http", url=f"{address}/{name}", limits=SMALL) for name in PLACES
        ]
        probes.append(Probe("known", "http", url=f"{address}/private", headers=KEY, limits=SMALL))
        found = {item.name: item for item in SystemProber().ask(probes)}
    return found, seen


@pytest.mark.parametrize("name", SAME)
def test_each_transport_gives_the_same_bytes(asked, name):
    found = asked[0][name]
    assert found.problem is None, found
    assert [(item.client, item.era) for item in found.transcripts] == [("bare", "initialize"), ("able", "initialize")]
    assert found.transcripts[0].answers == asked[0]["json"].transcripts[0].answers
    assert b'"x-unknown": {"kept": 1.0}' in found.transcripts[0].answers[1].result
    assert len(found.transcripts[0].answers) == 5


def test_a_server_of_2026_gets_its_headers(asked):
    found, seen = asked
    assert found["modern"].problem is None, found["modern"]
    assert {item.era for item in found["modern"].transcripts} == {"discover"}
    sent = [(item.get("mcp-method"), item.get("mcp-protocol-version")) for item in seen]
    assert ("tools/list", "2026-07-28") in sent
    assert ("tools/list", "2025-11-25") in sent


def test_a_header_is_sent_to_the_server_that_it_is_for_and_to_no_other(asked):
    found, seen = asked
    first = json.loads(found["known"].transcripts[0].answers[0].result)
    assert first["instructions"] == "Known by opensesame-opensesame."
    assert sum("x-key" in item for item in seen) < len(seen) / 2


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("private", "unreadable", "it answers nobody that it does not know (HTTP 401)"),
        ("away", "unreadable", "it answers with error"),
        ("packed", "malformed", "it sent packed what was not asked to be"),
        ("endless", "oversized", "it sent more than 200000 bytes in all"),
    ],
)
def test_why_an_address_could_not_be_asked_is_told(asked, name, kind, message):
    problem = asked[0][name].problem
    assert problem is not None, asked[0][name]
    assert (problem.kind, message in problem.message) == (kind, True), problem
