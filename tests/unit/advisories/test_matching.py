"""Which versions an OSV record is about: by its lines, never by the greatest number."""

from __future__ import annotations

import json

import pytest

from mcpconf.advisories import Advisories, collected
from mcpconf.advisories.records import advisories_of

FILESYSTEM = "@modelcontextprotocol/server-filesystem"
DATES = ("2025.1.14", "2025.7.1", "2025.12.18", "2026.1.14", "2026.7.10", "2026.8.31")


def line(*events: str, kind: str = "SEMVER") -> dict:
    """`introduced 0`, `fixed 2.4.0`."""
    return {"type": kind, "events": [dict([event.split(" ", 1)]) for event in events]}


def affected(name: str, *ranges: dict, ecosystem: str = "npm", versions: tuple[str, ...] = ()) -> dict:
    package = {"ecosystem": ecosystem, "name": name}
    return {"package": package, "ranges": list(ranges), **({"versions": list(versions)} if versions else {})}


def record(*about: dict, **more) -> dict:
    return {"id": "GHSA-1", "modified": "2026-11-20T00:00:00Z", "affected": list(about), **more}


def known(*records: dict) -> Advisories:
    return collected(advisories_of(json.dumps(item).encode()) for item in records)


def ids(advisories: Advisories, version: str, name: str = FILESYSTEM, ecosystem: str = "npm") -> list[str]:
    verdict = advisories.judge(ecosystem, name, version)
    assert verdict is not None
    return [item.id for item in verdict.known]


TWO_LINES = record(
    affected(FILESYSTEM, line("introduced 0", "fixed 2.4.0"), line("introduced 2025.1.14", "last_affected 2026.8.31"))
)


@pytest.mark.parametrize("version", [*DATES, "0.5.1", "2.0.1", "2.3.0", "2.4.0-rc.1"])
def test_every_date_of_the_filesystem_server_is_affected_though_its_number_is_greater(version: str):
    assert ids(known(TWO_LINES), version) == ["GHSA-1"]


@pytest.mark.parametrize("version", ["2.4.0", "2.5.0", "3.0.0", "2026.9.1"])
def test_the_fix_is_on_the_line_with_the_smaller_number(version: str):
    assert ids(known(TWO_LINES), version) == []


def test_the_fix_is_named_and_a_fix_that_another_line_calls_affected_is_not():
    (item,) = known(TWO_LINES).judge("npm", FILESYSTEM, "2026.8.31").known
    assert item.fixed == ("2.4.0",)
    reopened = record(affected("x", line("introduced 0", "fixed 1.1.0"), line("introduced 1.1.0", "fixed 1.2.0")))
    (item,) = known(reopened).judge("npm", "x", "1.0.0").known
    assert item.fixed == ("1.2.0",)


def test_one_line_with_several_holes_in_any_order():
    data = known(record(affected("x", line("fixed 2.2.0", "introduced 1.8.0", "introduced 2.0.0", "fixed 1.30.0"))))
    hits = [
        version
        for version in ("1.7.9", "1.8.0", "1.29.9", "1.30.0", "2.0.0", "2.1.9", "2.2.0")
        if ids(data, version, "x")
    ]
    assert hits == ["1.8.0", "1.29.9", "2.0.0", "2.1.9"]


def test_a_limit_bounds_what_is_said():
    data = known(record(affected("x", line("introduced 1.0.0", "limit 2.0.0"))))
    assert [bool(ids(data, version, "x")) for version in ("0.9.0", "1.5.0", "2.0.0")] == [False, True, False]
    assert ids(known(record(affected("x", line("introduced 1.0.0", "limit *")))), "9.0.0", "x")


def test_malware_without_an_end_has_no_fix():
    data = known(record(affected("postmark-mcp", line("introduced 1.0.16")), id="MAL-2025-47604"))
    assert ids(data, "1.0.12", "postmark-mcp") == []
    (item,) = data.judge("npm", "postmark-mcp", "1.0.18").known
    assert (item.malware, item.severity, item.fixed) == (True, "critical", ())


@pytest.mark.parametrize(
    ("version", "hit"),
    [
        ("1.22.0", True),
        ("1.23.0rc1", True),
        ("1.23.0", False),
        ("1.23.0.post1", False),
        ("1.23", False),
        ("v1.22", True),
    ],
)
def test_pypi_orders_by_pep_440(version: str, *, hit: bool):
    data = known(record(affected("mcp", line("introduced 0", "fixed 1.23.0", kind="ECOSYSTEM"), ecosystem="PyPI")))
    assert bool(ids(data, version, "mcp", "pypi")) == hit


@pytest.mark.parametrize(("version", "hit"), [("2026.11.11", True), ("2026.11.12", False), ("2026.11.11.post1", False)])
def test_last_affected_is_the_last_one(version: str, *, hit: bool):
    events = line("introduced 0", "last_affected 2026.11.11", kind="ECOSYSTEM")
    assert bool(ids(known(record(affected("a", events, ecosystem="PyPI"))), version, "a", "pypi")) == hit


def test_versions_are_listed_too_and_written_in_more_than_one_way():
    data = known(record(affected("a", ecosystem="PyPI", versions=("1.0", "2.0rc1"))))
    assert [bool(ids(data, version, "a", "pypi")) for version in ("1.0.0", "2.0.0rc1", "2.0", "broken?")] == [
        True,
        True,
        False,
        False,
    ]


def test_the_same_name_in_two_ecosystems_is_two_packages():
    everything = line("introduced 0")
    data = known(
        record(affected("mcp", everything, ecosystem="RubyGems"), id="GHSA-ruby"),
        record(affected("mcp", line("introduced 0", "fixed 1.0.0"), ecosystem="PyPI"), id="GHSA-python"),
        record(affected("mcp", everything), id="GHSA-node"),
    )
    assert ids(data, "0.9", "mcp", "pypi") == ["GHSA-python"]
    assert ids(data, "9.0.0", "mcp") == ["GHSA-node"]


def test_pypi_names_have_many_spellings_and_npm_names_one():
    data = known(
        record(affected("MCP_Server.Git", line("introduced 0"), ecosystem="PyPI")),
        record(affected("Server", line("introduced 0")), id="GHSA-2"),
    )
    assert ids(data, "1.0", "mcp-server-git", "pypi") == ["GHSA-1"]
    assert ids(data, "1.0.0", "server") == []


def test_what_was_withdrawn_says_nothing():
    data = known(record(affected("x", line("introduced 0")), withdrawn="2026-01-01T00:00:00Z"), TWO_LINES)
    assert ids(data, "1.0.0", "x") == []


def test_several_names_of_one_thing_count_once():
    about = affected("mcp", line("introduced 0", "fixed 1.23.0", kind="ECOSYSTEM"), ecosystem="PyPI")
    data = known(
        record(about, id="PYSEC-2026-1617", aliases=["CVE-2025-66416"]),
        record(about, id="GHSA-9h52-p55h-vw2f", aliases=["CVE-2025-66416"], database_specific={"severity": "MODERATE"}),
        record(about, id="GHSA-other"),
    )
    first, second = data.judge("pypi", "mcp", "1.0").known
    assert (first.id, first.aliases, first.severity) == (
        "GHSA-9h52-p55h-vw2f",
        ("CVE-2025-66416", "PYSEC-2026-1617"),
        "medium",
    )
    assert first.fixed == ("1.23.0",)
    assert second.id == "GHSA-other"


def test_a_fix_of_one_name_that_another_calls_affected_is_none():
    names = {"aliases": ["CVE-1"]}
    data = known(
        record(affected("x", line("introduced 0", "fixed 1.1.0")), id="GHSA-1", **names),
        record(affected("x", line("introduced 0", "fixed 1.2.0")), id="PYSEC-1", **names),
    )
    (item,) = data.judge("npm", "x", "1.0.0").known
    assert item.fixed == ("1.2.0",)


def test_commits_are_no_versions():
    data = known(record(affected("x", {"type": "GIT", "repo": "r", "events": [{"introduced": "0"}]})), TWO_LINES)
    assert ids(data, "1.0.0", "x") == []


@pytest.mark.parametrize("events", [line("introduced 0", "fixed soon"), {"type": "SEMVER", "events": [{"fixed": 3}]}])
def test_a_range_with_an_end_that_is_no_version_is_undecided_and_never_clean(events: dict):
    verdict = known(record(affected("x", events))).judge("npm", "x", "1.0.0")
    assert (verdict.known, verdict.undecided) == ((), ("GHSA-1",))


def test_a_version_without_an_order_is_undecided():
    assert known(TWO_LINES).judge("npm", FILESYSTEM, "nightly").undecided == ("GHSA-1",)


def test_no_data_is_unknown():
    assert Advisories().judge("npm", "x", "1.0.0") is None
    assert known(TWO_LINES).judge("pypi", "mcp", "1.0") is None
    assert known(TWO_LINES).judge("npm", "x", "1.0.0").known == ()
    assert not Advisories().avoided("npm", "x", "1.0.0")


def test_what_is_known_is_avoided():
    assert known(TWO_LINES).avoided("npm", FILESYSTEM, "2026.8.31")
    assert not known(TWO_LINES).avoided("npm", FILESYSTEM, "2.4.0")


def test_the_age_of_the_data_is_that_of_its_youngest_record():
    data = known(TWO_LINES, {**TWO_LINES, "id": "GHSA-2", "modified": "2026-11-21T00:00:00Z"})
    assert (data.count, data.newest, data.unread) == (2, "2026-11-21T00:00:00Z", 0)


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[]", b'{"id": 3}', b"[" * 100_000, b"\xff\xfe", b'{"id": "x' + b"x" * 300 + b'"}'],
    ids=range(7),
)
def test_what_is_no_record_is_counted(data: bytes):
    assert advisories_of(data) is None
    assert collected([advisories_of(data)]).unread == 1


@pytest.mark.parametrize(
    "item",
    [
        {"affected": 3},
        {"affected": [3, {"package": 3}, {"package": {"ecosystem": "npm", "name": ["x"]}}]},
        {"affected": [{"package": {"ecosystem": "npm", "name": "x"}, "ranges": {"a": 1}, "versions": "all"}]},
        {"affected": [{"package": {"ecosystem": "npm", "name": "x"}, "ranges": [{"type": [], "events": 3}]}]},
        {"affected": [affected("x")], "aliases": {"a": 1}, "summary": 3, "database_specific": []},
    ],
    ids=range(5),
)
def test_what_has_another_shape_is_left_out(item: dict):
    assert ids(known({"id": "GHSA-1", **item}, TWO_LINES), "1.0.0", "x") == []


def test_what_is_too_much_for_one_record_is_not_read_in_part():
    many = record(affected("x", *(line("introduced 0", f"fixed 1.{number}.0") for number in range(600))))
    assert advisories_of(json.dumps(many).encode()) is None
