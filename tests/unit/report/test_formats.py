"""Bounds of the formats that no ordinary machine reaches, and where files are told to lie."""

from __future__ import annotations

import json

import pytest

from mcpconf.report.github import render_github
from mcpconf.report.ground import Ground, Place
from mcpconf.report.junit import render_junit
from mcpconf.report.markup import MOST, fitted, span
from mcpconf.report.notices import LONGEST, Notice, bounded
from mcpconf.report.sarif import MOST_RESULTS, render_sarif

HERE = Ground("/home/dev", "/src/shop/sub", "/src/shop", "mcpconf.yaml")
ROOTED = Ground("/home/dev", "/", "/", "m.yaml")


def notice(number: int, level: str = "error", **more) -> Notice:
    return Notice(f"{number:016x}", "MCP101", level, 8.0, f"cursor/user/s{number}", "it floats", "pin it", **more)


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("mcpconf.yaml:3:5", Place("sub/mcpconf.yaml", True, 3, 5)),
        ("../org/base.yaml:2", Place("org/base.yaml", True, 2)),
        ("./x.yaml", Place("sub/x.yaml", True)),
        ("/src/shop/.cursor/mcp.json:7", Place(".cursor/mcp.json", True, 7)),
        ("/src/shopping/x", Place("/src/shopping/x", False)),
        ("/home/dev/.claude.json:0", Place("~/.claude.json", False)),
        ("C:/Users/x/mcp.json:4", Place("C:/Users/x/mcp.json", False, 4)),
        ("C:\\Users\\x", Place("C:/Users/x", False)),
        ("/etc/x#servers", Place("/etc/x", False)),
        ("/src/shop/a:b/c:12", Place("a:b/c", True, 12)),
    ],
)
def test_where_a_file_lies(where: str, place: Place) -> None:
    assert HERE.place(where) == place


def test_nowhere() -> None:
    assert HERE.place("") is None
    assert Ground().place("x:1") == Place("x", False, 1)
    assert ROOTED.place("/x:1") == Place("/x", False, 1)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a b/c%d.json", "a%20b/c%25d.json"),
        ("a:b/c", "a%3Ab/c"),
        ("~/.claude.json", "~/.claude.json"),
        ("/etc/x", "file:///etc/x"),
        ("C:/x", "file:///C%3A/x"),
        ("é\ud800", "%C3%A9%5Cud800"),
    ],
)
def test_a_path_as_a_reference(path: str, uri: str) -> None:
    assert Place(path, False).uri == uri


def test_only_the_gravest_results_are_kept() -> None:
    run = json.loads(render_sarif([notice(number) for number in range(MOST_RESULTS + 2)], 3))["runs"][0]
    assert len(run["results"]) == MOST_RESULTS
    (told,) = run["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == "2 results of lower severity left out"


def test_ten_of_each_and_a_count() -> None:
    notices = [notice(n) for n in range(12)] + [notice(n, "warning") for n in range(11)] + [notice(1, "note")]
    lines = render_github([*notices, notice(2, waived="until 2030-01-01: known")]).splitlines()
    assert [line.split()[0] for line in lines] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"]
    assert lines[-1].endswith("::4 more results: `mcpconf` prints all of them")
    assert render_github([]) == ""


def test_an_annotation_escapes_what_ends_it() -> None:
    place = Place("a,b:c%.yaml", True, 3, 4)
    told = Notice("0" * 16, "MCP101", "error", 8.0, "x", "100%\nsure: a,b", place=place)
    assert render_github([told]) == (
        "::error file=a%2Cb%3Ac%25.yaml,line=3,col=4,title=MCP101 unpinned version"
        "::100%25%0Asure: a,b%0Aat x%0Ain a,b:c%25.yaml:3:4\n"
    )


def test_a_suite_is_never_empty() -> None:
    assert '<testcase classname="mcpconf verify" name="in order" time="0" />' in render_junit([], "mcpconf verify")


def test_what_does_not_fail_passes_and_what_is_waived_is_skipped() -> None:
    text = render_junit([notice(1, fails=False), notice(2, fails=False, waived="until then")], "s")
    assert 'tests="2" failures="0" errors="0" skipped="1"' in text
    assert "<system-out>it floats" in text
    assert '<skipped message="until then" />' in text


@pytest.mark.parametrize(
    ("text", "shown"),
    [("x", "`x`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("``", "``` `` ```"), (" x", "`  x `"), ("", "`  `")],
)
def test_a_code_span_holds_any_text(text: str, shown: str) -> None:
    assert span(text) == shown


def test_the_middle_is_left_out() -> None:
    text = fitted(["head"], ["x" * 99] * 2_000, ["end"])
    assert len(text) <= MOST
    assert text.startswith("head\nxxx")
    assert text.endswith("lines left out; the JSON of this run has them.\nend\n")
    assert fitted(["head"], ["x"], []) == "head\nx\n"


def test_a_text_is_bounded() -> None:
    assert bounded("a\x1bb") == "a\\x1bb"
    assert bounded("x" * (LONGEST + 1)).endswith("x... (1001 characters)")
