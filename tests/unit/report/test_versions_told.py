"""How locked versions stand, and the text of a pull request: complete, in the words of a person, and inert."""

from __future__ import annotations

import re

from mcpconf.advisories import Advisories, Advisory, Known, Verdict
from mcpconf.advisories.closure import Hit, Judged
from mcpconf.artifacts import UNSET, Copy, npm
from mcpconf.artifacts.changes import lock_changes
from mcpconf.artifacts.elsewhere import Elsewhere, elsewhere
from mcpconf.artifacts.offers import Release
from mcpconf.artifacts.standing import Offered, Outdated, Side, Standing, Updated
from mcpconf.errors import Problem
from mcpconf.model.lock import Attested, Lock, LockedServer, Publisher
from mcpconf.report.outdated import outdated_data, render_outdated
from mcpconf.report.pullrequest import render_pull_request
from mcpconf.report.style import Style
from mcpconf.report.updated import render_updated, updated_data
from mcpconf.system.facts import rooted_machine
from tests.surfaces import surface, tool
from tests.unit.artifacts.test_lock_changes import VERIFIED, component, locked
from tests.world import World

STYLE = Style(width=120)
ESCAPE = Known("GHSA-p9cv-8g75-4xcg", ("CVE-1",), "high", malware=False, summary="escape", fixed=("2.4.0",))
MALWARE = Known("MAL-2025-1", (), "critical", malware=True, summary="", fixed=())
DATA = Advisories(count=3201, newest="2026-11-20T00:00:00Z", ecosystems=frozenset({"npm"}))


def hit(known: Known, package: str = "files", version: str = "2026.8.31", *, own: bool = True) -> Hit:
    return Hit(package, version, own, known)


def standing(name: str, *states: str, **more) -> Standing:
    return Standing(name, f"npm:{name}", more.pop("locked", "1.0.0"), states, **more)


def offered(newest: str, wanted: str | None = None, withdrawn: str = "") -> Offered:
    release = Release(newest, "2026-11-01T00:00:00Z")
    return Offered(Release(wanted or newest), release, release, Release("1.0.0", "", withdrawn))


FOUND = Outdated(
    (
        standing("current", "up to date", offered=offered("1.0.0"), age=25, judged=Judged()),
        standing(
            "files",
            "advisory",
            "newer version",
            offered=offered("2.4.0", "1.0.0"),
            age=3,
            judged=Judged((hit(ESCAPE),)),
        ),
        standing("left", "withdrawn", offered=offered("1.0.0", withdrawn="use another")),
        standing(
            "deep", "advisory", offered=offered("1.0.0"), judged=Judged((hit(MALWARE, "dep", "0.1.0", own=False),))
        ),
        standing("fresh", "not locked", locked=""),
        standing("gone", "unknown", problem=Problem("unreadable", "`gone` cannot be looked up: no network", None, "h")),
    ),
    DATA,
    7,
)


def test_a_table_of_how_versions_stand():
    assert render_outdated(FOUND, STYLE).splitlines()[:14] == [
        "SERVER   LOCKED  WANTED  NEWEST  AGE   STATE",
        "current  1.0.0   1.0.0   1.0.0   25 d  up to date",
        "files    1.0.0   1.0.0   2.4.0   3 d   advisory, newer version",
        "left     1.0.0   1.0.0   1.0.0         withdrawn",
        "deep     1.0.0   1.0.0   1.0.0         advisory",
        "fresh    -       ?       ?             not locked",
        "gone     1.0.0   ?       ?             unknown",
        "  files  GHSA-p9cv-8g75-4xcg (high), fixed in 2.4.0",
        "  left   withdrawn: use another",
        "  deep   MAL-2025-1 (malware) in dep 0.1.0, no fix known",
        "advisories: 3201 records, the newest of 2026-11-20; nothing about PyPI packages: unknown",
        "cooldown: 7 days",
        "",
        "error: `gone` cannot be looked up: no network",
    ]


def test_what_others_would_run_instead_of_what_is_locked():
    copies = (
        Elsewhere(Copy("/home/dev/.npm/_npx/1/node_modules/files", "0.9.0", "npx"), Verdict((ESCAPE,))),
        Elsewhere(Copy("/usr/lib/node_modules/files", "1.1.0", "npm"), None),
    )
    found = Outdated((standing("files", "up to date", elsewhere=copies),), None, 0)
    text = render_outdated(found, STYLE)
    assert "npx would run 0.9.0, GHSA-p9cv-8g75-4xcg, from /home/dev/.npm/_npx/1/node_modules/files" in text
    assert "npm would run 1.1.0, from /usr/lib/node_modules/files" in text
    assert [item["advisories"] for item in outdated_data(found)["servers"][0]["elsewhere"]] == [
        ["GHSA-p9cv-8g75-4xcg"],
        None,
    ]


def test_a_copy_is_told_if_it_is_another_version_or_a_bad_one(tmp_path):
    world = World(tmp_path)
    world.write("~/.npm/_npx/aaaaaaaaaaaaaaaa/node_modules/files/package.json", '{"name": "files", "version": "1.0.0"}')
    machine = rooted_machine(str(world.root))
    record = Advisory("GHSA-1", "npm", "files", "2026-11-20T00:00:00Z", versions=("1.0.0",))
    bad = Advisories({("npm", "files"): (record,)}, 1, ecosystems=frozenset({"npm"}))
    same, other = (LockedServer(input_digest=UNSET, package="npm:files", version=v) for v in ("1.0.0", "1.1.0"))
    copies = tuple(npm.copies(same, machine))
    assert [item.worth_telling(same) for item in elsewhere(copies, same, None)] == [False]
    (found,) = elsewhere(copies, same, bad.judge)
    assert (found.worth_telling(same), found.certain, [known.id for known in found.known]) == (True, True, ["GHSA-1"])
    (found,) = elsewhere(copies, other, None)
    assert (found.worth_telling(other), found.certain, found.verdict) == (True, False, None)


def test_without_data_advisories_are_unknown_and_not_none():
    text = render_outdated(Outdated((standing("a", "up to date", offered=offered("1.0.0")),), None, 0), STYLE)
    assert "advisories: unknown; no OSV records are on this machine (`--advisories PATH`)" in text
    assert outdated_data(Outdated((standing("a", "up to date"),), None, 0))["servers"][0]["advisories"] is None


def test_the_exit_code_is_the_worst_of_what_stands_there():
    def code(*standings: Standing) -> int:
        return Outdated(standings, None, 0).exit_code

    assert code(standing("a", "up to date"), standing("b", "newer but too young"), standing("c", "unknown")) == 0
    assert code(standing("a", "newer than wanted")) == 0
    for state in ("newer version", "safe version", "advisory", "withdrawn", "not locked"):
        assert code(standing("a", "up to date"), standing("b", state)) == 2
    untold = standing("c", "unknown", unasked="nobody is asked")
    assert code(untold) == code(untold, standing("b", "not locked")) == 8
    assert code(untold, standing("a", "up to date")) == 0
    assert code(untold, standing("a", "advisory")) == 2
    assert code(standing("a", "newer version"), standing("b", "unknown", problem=Problem("unreadable", "x"))) == 8


def test_as_data_with_everything_the_text_has():
    data = outdated_data(FOUND)
    files = data["servers"][1]
    assert (files["locked"], files["wanted"]["version"], files["newest"]["version"]) == ("1.0.0", "1.0.0", "2.4.0")
    assert files["advisories"]["affected"][0]["id"] == "GHSA-p9cv-8g75-4xcg"
    assert data["servers"][2]["withdrawn"] == "use another"
    assert data["servers"][5]["problem"]["hint"] == "h"
    assert (data["exit_code"], data["cooldown"], data["advisories"]["records"]) == (8, 7, 3201)


def updated(before: LockedServer, after: LockedServer, **more) -> Updated:
    (change,) = lock_changes(Lock(servers={"files": before}), Lock(servers={"files": after}))
    sides = {
        "old": Side(Release(before.version, "2026-08-31T00:00:00Z"), 87, Judged((hit(ESCAPE),))),
        "new": Side(Release(after.version, "2026-11-20T00:00:00Z"), 6, Judged()),
    }
    return Updated("files", "mcpconf.yaml", "mcpconf.lock", ("servers.files.version",), change, **{**sides, **more})


PLAIN = updated(
    locked("2026.8.31", component("gone", "1.0.0"), component("same", "1.0.0"), provenance=VERIFIED),
    locked("2.4.0", component("come", "2.0.0"), component("same", "1.1.0"), provenance=Attested(state="absent")),
)


def test_the_text_of_a_pull_request():
    lines = [line for line in render_pull_request(PLAIN, STYLE).splitlines() if line and "sha512" not in line]
    assert lines == [
        "### `files`: `2026.8.31` → `2.4.0`",
        "`npm:@modelcontextprotocol/server-filesystem`",
        "#### Look at this first",
        "- **older than before**: `2026.8.31  ->  2.4.0`",
        "- **provenance absent where it was present**: `github.com/a/b release.yml  ->  none`",
        "#### What changed",
        "- published: `2026-08-31 (87 days old)` → `2026-11-20 (6 days old)`",
        "- provenance: `verified (github.com/a/b release.yml)` → `absent`",
        "#### Advisories",
        "- **fixed**: `GHSA-p9cv-8g75-4xcg (high), fixed in 2.4.0`",
        "#### Tools",
        "not probed",
        "#### Dependencies: 1 added, 1 removed, 1 changed",
        "- added `come`: `2.0.0`",
        "- removed `gone`: `1.0.0`",
        "- changed `same`: `1.0.0` → `1.1.0`",
        "#### Bytes",
    ]


def test_as_text_and_as_data():
    text = render_updated(PLAIN, STYLE)
    assert text.startswith("~ files   npm:@modelcontextprotocol/server-filesystem   2026.8.31  ->  2.4.0\n")
    assert "advisory fixed: GHSA-p9cv-8g75-4xcg (high), fixed in 2.4.0" in text
    assert text.endswith("tools: not probed\nchanged: mcpconf.yaml (servers.files.version), mcpconf.lock\n")
    data = updated_data(PLAIN)
    assert [alarm["kind"] for alarm in data["change"]["alarms"]] == ["downgrade", "provenance_lost"]
    assert (data["old"]["age"], data["new"]["age"]) == (87, 6)
    assert [item["id"] for item in data["advisories"]["fixed"]] == ["GHSA-p9cv-8g75-4xcg"]


def test_what_is_still_there_or_new_is_told_apart():
    both = {
        "old": Side(Release("1"), None, Judged((hit(ESCAPE),))),
        "new": Side(Release("2"), None, Judged((hit(ESCAPE), hit(MALWARE)), ("GHSA-odd",))),
    }
    text = render_pull_request(updated(locked("1.0.0"), locked("1.1.0"), **both), STYLE)
    assert "- **still there**: `GHSA-p9cv" in text
    assert "- **introduced**: `MAL-2025-1 (malware), no fix known`" in text
    assert "`advisories that could not be held against it: GHSA-odd`" in text
    assert "published: `on an unknown day`" in text


def test_without_data_a_pull_request_does_not_say_that_nothing_is_known():
    sides = {"old": Side(Release("1"), None, None), "new": Side(Release("2"), None, None)}
    text = render_pull_request(updated(locked("1.0.0"), locked("1.1.0"), **sides), STYLE)
    assert "advisories: unknown" in text
    assert "none known" not in text


HOSTILE = "@team <img src=x onerror=1> ```\n# title\n[x](javascript:1) \u202e\x1b[2J #12"


def test_nothing_of_others_is_markup_a_mention_or_unseen():
    evil = component("x", "1.0.0").model_copy(update={"name": HOSTILE, "version": HOSTILE})
    change = updated(
        locked("1.0.0", publisher=Publisher(owners=["alice"], repository="r")),
        locked("1.1.0", evil, publisher=Publisher(owners=[HOSTILE], repository=HOSTILE), program=HOSTILE),
        new=Side(
            Release("1.1.0", "2026-11-20T00:00:00Z", HOSTILE), 1, Judged((hit(ESCAPE, HOSTILE, HOSTILE, own=False),))
        ),
    )
    text = render_pull_request(change, STYLE)
    outside = re.sub(r"(`+).+?(?<!`)\1(?!`)", "", text)
    assert not re.search(r"[@<\[\]]|\(java|title", outside)
    assert text.isprintable() or {char for char in text if not char.isprintable()} == {"\n"}
    assert len(text) < 60_000


def test_a_pull_request_says_what_a_server_shows_otherwise():
    evil = "`](http://x) @everyone <img src=x>\n# title"
    before = locked("1.0.0", surface=surface("Hello.", tools={"read": tool("Reads.")}))
    after = locked("1.1.0", surface=surface("Hello.", tools={"read": tool(f"Reads. {evil}"), evil: tool()}))
    told = updated(before, after)
    text = render_pull_request(told, STYLE)
    assert "#### Tools and what else it shows: 1 wider, 1 text" in text
    assert "- **text** ``tool `read`: description: + " in text
    assert not re.search(r"[@<\[\]]|\(http|^# title", re.sub(r"(`+).+?(?<!`)\1(?!`)", "", text), re.MULTILINE)
    assert updated_data(told)["tools"] == "changed"
    assert "surface: 1 wider, 1 text" in render_updated(told, STYLE)
    same = updated(before, locked("1.1.0", surface=before.surface))
    assert "#### Tools\n\nas before\n" in render_pull_request(same, STYLE)


def test_a_pull_request_is_never_longer_than_a_comment_may_be():
    many = [component(f"dependency-with-a-long-name-{number}", "1.0.0") for number in range(2_000)]
    text = render_pull_request(updated(locked("1.0.0"), locked("1.1.0", *many)), STYLE)
    assert len(text) <= 60_000
    assert "lines left out; the JSON of this run has them." in text


def test_a_server_that_stays():
    stays = Updated("files", "mcpconf.yaml", "mcpconf.lock", (), None, PLAIN.new, PLAIN.new)
    assert render_updated(stays, STYLE) == "files stays as it is: 2.4.0.\n"
    assert render_pull_request(stays, STYLE) == "### `files` stays as it is\n"
    assert updated_data(stays)["change"] is None
