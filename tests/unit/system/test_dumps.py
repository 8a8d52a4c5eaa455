"""Archives of advisories, got from a server on this machine: what comes in several goes, what is no archive, what stays."""

from __future__ import annotations

import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from mcpconf.errors import ExitCode, McpconfError
from mcpconf.model.indexed import Got
from mcpconf.ports import Machine
from mcpconf.system.advisories import advisories
from mcpconf.system.dumps import VARIABLE, update
from mcpconf.system.facts import real_machine
from mcpconf.system.web import SystemWeb
from tests.loopback import Answer, body, raw, serving, to
from tests.world import World

QUICK = SystemWeb((5.0, 20.0))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The real machine, as of somebody whose home is a new folder."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr("mcpconf.system.facts.refuse_foreign_home", lambda: None)
    (tmp_path / "home").mkdir()
    return real_machine()


def archive(ecosystem: str, name: str, size: int = 0) -> bytes:
    about = {"package": {"ecosystem": ecosystem, "name": name}, "versions": ["1.0.0"]}
    record = {"id": f"GHSA-{name}", "modified": "2026-11-20T00:00:00Z", "affected": [about]}
    noise = random.Random(1).randbytes(size).hex()
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as opened:
        opened.writestr("GHSA.json", json.dumps(record))
        opened.writestr("noise.json", json.dumps(noise))
    return kept.getvalue()


NPM, PYPI = archive("npm", "a"), archive("PyPI", "b")


def dump(data: bytes, tag: str = '"one"', *, ends: int = 0, ranges: bool = True) -> Answer:
    """As a server of files answers; a connection that `ends` after that many bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if tag and handler.headers.get("If-None-Match") == tag:
            return body(b"", 304)(handler)
        asked = handler.headers.get("Range", "") if handler.headers.get("If-Range") == tag and ranges else ""
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if asked and start >= len(data):
            return body(b"", 416)(handler)
        more = {"Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if asked else {}
        rest = data[start:]
        sent = rest[: max(ends - start, 0)] if ends else rest
        return body(sent, 206 if asked else 200, ETag=tag, **{**more, "Content_Length": str(len(rest))})(handler)

    return answer


def got(here: Machine, npm: Answer, pypi: Answer | None = None) -> tuple[tuple[Got, ...], list[dict[str, str]]]:
    with serving({"/npm/all.zip": npm, "/PyPI/all.zip": pypi or dump(PYPI)}) as server:
        # an address that is the same whatever the port is: what is kept belongs to an address
        found = update(here, At(server.address), "https://mirror.example/osv/")
    return found[1], [headers for path, headers in server.seen if path == "/npm/all.zip"]


class At:
    """The network, in which one server on this machine stands for a mirror."""

    def __init__(self, address: str) -> None:
        self.address = address

    def save(self, url: str, *more: object, **options: str) -> object:
        return QUICK.save(url.replace("https://mirror.example/osv", self.address), *more, **options)


def fails(here: Machine, npm: Answer) -> McpconfError:
    with pytest.raises(McpconfError) as raised:
        got(here, npm)
    return raised.value


def known(here: Machine, *names: str) -> list[bool]:
    found = advisories("", here)
    assert found is not None
    return [found.avoided("npm", name, "1.0.0") for name in names]


def kept(here: Machine) -> dict[str, bytes]:
    folder = Path(here.facts.data_folder) / "osv"
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_archives_are_got_indexed_and_kept_with_their_digests(here: Machine):
    found, _ = got(here, dump(NPM))
    assert found == (
        Got("npm", f"sha256:{hashlib.sha256(NPM).hexdigest()}", len(NPM), fresh=True),
        Got("PyPI", f"sha256:{hashlib.sha256(PYPI).hexdigest()}", len(PYPI), fresh=True),
    )
    assert known(here, "a", "b") == [True, False]
    assert sorted(kept(here)) == ["PyPI.json", "archives/PyPI.zip", "archives/npm.zip", "npm.json"]


def test_what_is_the_newest_already_is_not_sent_again(here: Machine):
    got(here, dump(NPM))
    before = kept(here)
    found, asked = got(here, dump(NPM), dump(archive("PyPI", "c"), '"two"'))
    assert [item.fresh for item in found] == [False, True]
    assert asked[0]["If-None-Match"] == '"one"'
    assert kept(here)["archives/npm.zip"] == before["archives/npm.zip"]
    assert advisories("", here).avoided("pypi", "c", "1.0.0")


def test_without_anything_newer_the_index_stays_as_it_is(here: Machine):
    got(here, dump(NPM))
    index = Path(here.facts.data_folder) / "vulndb.sqlite"
    before = index.stat().st_mtime_ns, index.stat().st_ino
    got(here, dump(NPM))
    assert (index.stat().st_mtime_ns, index.stat().st_ino) == before
    index.unlink()
    got(here, dump(NPM))
    assert known(here, "a") == [True]


def test_the_rest_of_what_broke_off_is_got_the_next_time(here: Machine):
    large = archive("npm", "large", 1_500_000)
    error = fails(here, dump(large, ends=2_000_000))
    assert error.code == ExitCode.INCOMPLETE
    assert "ended 1,0" in str(error)
    assert "`mcpconf vulndb build PATH` reads what was brought here" in error.problems[0].hint
    assert len(kept(here)["npm.part"]) == 2_000_000
    found, asked = got(here, dump(large))
    assert (asked[0]["Range"], asked[0]["If-Range"]) == ("bytes=2000000-", '"one"')
    assert found[0] == Got("npm", f"sha256:{hashlib.sha256(large).hexdigest()}", len(large), fresh=True)
    assert known(here, "large") == [True]
    assert "npm.part" not in kept(here)


@pytest.mark.parametrize(
    "then",
    [
        lambda data: dump(data, '"two"'),
        lambda data: dump(data, ranges=False),
        lambda data: dump(data, ""),
        lambda data: dump(data, 'W/"one"'),
    ],
    ids=["changed", "no-parts", "no-tag", "weak"],
)
def test_what_changed_meanwhile_is_got_from_its_beginning(then: Callable[[bytes], Answer], here: Machine):
    fails(here, dump(archive("npm", "old", 1_500_000), ends=2_000_000))
    new = archive("npm", "new", 1_400_000)
    found, _ = got(here, then(new))
    assert found[0].digest == f"sha256:{hashlib.sha256(new).hexdigest()}"
    assert known(here, "new", "old") == [True, False]


def test_what_is_here_in_whole_but_not_yet_in_its_place_is_got_again(here: Machine):
    """The run was ended between the last byte and the new name."""
    fails(here, dump(NPM + b"more", ends=len(NPM)))
    found, asked = got(here, dump(NPM))
    assert len(asked) == 2
    assert found[0].size == len(NPM)
    assert known(here, "a") == [True]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (raw(b'HTTP/1.0 206 Partial\r\nETag: "one"\r\nContent-Length: 1\r\n\r\nx'), "sent another part"),
        (
            raw(b'HTTP/1.0 206 Partial\r\nETag: "one"\r\nContent-Range: bytes 7-8/9\r\nContent-Length: 1\r\n\r\nx'),
            "sent another part",
        ),
        (body(b"", 500), "answered 500"),
        (body(b"", 404), "answered 404"),
        (body(b"<html>sign in</html>"), "holds no OSV record"),
        (dump(NPM[:-30], '"two"'), "holds no OSV record"),
        (dump(NPM.replace(b"GHSA-a", b"GHSA-x"), '"two"'), "Bad CRC-32"),
        (dump(b"", '"two"'), "holds no OSV record"),
        (raw(b""), "cannot be reached"),
        (to("http://example.org/npm/all.zip"), "only `https` addresses are asked"),
        (body(NPM, Content_Encoding="gzip"), "sent it packed"),
    ],
)
def test_what_is_no_archive_takes_the_place_of_none(broken: Answer, told: str, here: Machine):
    got(here, dump(NPM))
    before = kept(here)
    error = fails(here, broken)
    assert error.code == ExitCode.INCOMPLETE
    assert told in str(error)
    assert kept(here) == before
    assert known(here, "a") == [True]


def test_nothing_newer_than_nothing_is_no_answer(here: Machine):
    assert "answered 304" in str(fails(here, body(b"", 304)))
    assert kept(here) == {}


def test_an_archive_that_is_not_what_was_got_is_got_again(here: Machine):
    got(here, dump(NPM))
    place = Path(here.facts.data_folder) / "osv" / "archives" / "npm.zip"
    place.write_bytes(archive("npm", "other"))
    found, asked = got(here, dump(NPM))
    assert "If-None-Match" not in asked[0]
    assert found[0].fresh
    assert known(here, "a", "other") == [True, False]


def test_a_note_that_is_none_is_no_reason_to_stop(here: Machine):
    got(here, dump(NPM))
    note = Path(here.facts.data_folder) / "osv" / "npm.json"
    for text in ("{", "[]", '{"address": 1}', "\x00"):
        note.write_text(text)
        assert got(here, dump(NPM))[0][0].fresh


def test_an_archive_that_is_too_large_is_not_kept(here: Machine, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mcpconf.system.dumps._MOST_BYTES", 100)
    assert "sent more than 100 bytes" in str(fails(here, dump(NPM)))
    assert kept(here) == {}


def test_a_folder_that_cannot_be_written_is_told(here: Machine):
    folder = Path(here.facts.data_folder) / "osv"
    folder.parent.mkdir(parents=True)
    folder.write_text("a file")
    error = fails(here, dump(NPM))
    assert (error.code, error.problems[0].kind) == (ExitCode.NO_PLAN, "write")


def test_the_command_gets_from_the_mirror_that_the_environment_names(
    here: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    world = World(tmp_path)
    with serving({"/npm/all.zip": dump(NPM), "/PyPI/all.zip": dump(PYPI)}) as server:
        monkeypatch.setenv(VARIABLE, server.address)
        first = world.run("vulndb", "update")
        second = world.run("vulndb", "update", "--mirror", f"{server.address}/", "--format", "json")
    assert first.code == 0, first.stderr
    assert first.stdout.splitlines()[0] == f"npm: got {len(NPM):,} bytes, sha256:{hashlib.sha256(NPM).hexdigest()}"
    assert "Indexed 2 records about npm and PyPI" in first.stdout
    assert [item["fresh"] for item in second.json["archives"]] == [False, False]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--mirror", "https://example.org", "build"), "asks no mirror"),
        (("update", "osv"), "data folder of this machine alone"),
        (("update", "--root", "x"), "data folder of this machine alone"),
    ],
)
def test_words_that_do_not_go_together(words: tuple[str, ...], told: str, here: Machine, tmp_path: Path):
    done = World(tmp_path).run("vulndb", *words)
    assert (done.code, told in done.stderr) == (64, True)
