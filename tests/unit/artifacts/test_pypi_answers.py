"""What uv may answer, in words seen of version 0.13, and what is made of it."""

from time import process_time

import pytest

from mcpconf.artifacts.pypi_offers import _release
from mcpconf.artifacts.pypi_pylock import closure
from mcpconf.artifacts.pypi_uv import failure, told
from mcpconf.errors import Problem
from mcpconf.workshop import Ran

HEAD = 'lock-version = "1.0"\nrequires-python = ">=3.10"\n'
SHA = "ab" * 32


def package(name: str, version: str, more: str) -> str:
    return f'[[packages]]\nname = "{name}"\nversion = "{version}"\n{more}\n'


def wheel(file: str) -> str:
    return f'wheels = [{{ url = "https://x.test/a/{file}", hashes = {{ sha256 = "{SHA}" }} }}]'


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (b"\xff", "malformed", "no lock"),
        (b"packages = 1", "malformed", "no lock"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "malformed", "no lock"),
        ((HEAD + package("a", "1", "")).encode(), "hash", "no sha256 for `a`"),
        (
            (HEAD + package("a", "1", f'wheels = [{{ url = "a.whl", hashes = {{ md5 = "{SHA}" }} }}]')).encode(),
            "hash",
            "no sha256 for `a`",
        ),
        (
            (HEAD + package("a", "1", '[packages.vcs]\ntype = "git"\nurl = "https://x.test/r"')).encode(),
            "not-supported",
            "depends on `a` by an address",
        ),
    ],
)
def test_answers_that_are_no_lock(answer: bytes, kind: str, words: str) -> None:
    found = closure(answer)
    assert isinstance(found, Problem)
    assert (found.kind, words in found.message) == (kind, True)


def test_one_version_that_two_indexes_have() -> None:
    one = package("A.b", "1", f"marker = \"sys_platform == 'win32'\"\n{wheel('a_b-1-cp310-none-win32.whl')}")
    other = package("a-b", "1", f"marker = \"sys_platform != 'win32'\"\n{wheel('a_b-1%2Bx-py3-none-any.whl')}")
    found = closure((HEAD + one + other).encode())
    assert not isinstance(found, Problem)
    component = found.components["a-b"]
    assert sorted(component.artifacts) == ["a_b-1+x-py3-none-any.whl", "a_b-1-cp310-none-win32.whl"]
    assert component.marker == "(sys_platform == 'win32') or (sys_platform != 'win32')"


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (
            "error: Failed to fetch: https://i.test/simple/a/ cause: HTTP status client error (403 Forbidden) for url (x)",
            "unreadable",
            "the package index at `i.test` answers `403 Forbidden`",
        ),
        ("error: error sending request", "unreadable", "the package index cannot be reached"),
        (
            "error: x hint: Packages were unavailable because the network was disabled.",
            "missing",
            "what it needs is not on this machine, and `--offline` asks no index",
        ),
        (
            "error: No solution found when resolving dependencies cause: Because a and b",
            "missing",
            "no versions fit together: Because a and b",
        ),
        ("error: " + "x" * 400, "unreadable", "`uv` says: " + "x" * 300 + "..."),
    ],
)
def test_failures(text: str, kind: str, message: str) -> None:
    found = failure(text)
    assert (found.kind, found.message) == (kind, message)
    assert found.hint


def test_an_answer_about_one_package_that_is_nested_without_end() -> None:
    found = _release(Ran(0, b"a = " + b"[" * 5000 + b"]" * 5000, b""))
    assert isinstance(found, Problem)
    assert found.kind == "malformed"


SAID = "error: x GET https://dev:hunter2secret@i.test/a?_authToken=npm_abcdefghijklmnopqrstuvwxyz0123456789 no"


@pytest.mark.parametrize(
    "text", [SAID, f"error: Failed to fetch: {SAID}", f"{'x ' * 5000}{SAID}", "a" * 200_000 + " x"]
)
def test_no_secret_in_what_uv_says(text: str) -> None:
    for found in (
        told(Ran(2, b"", text.encode())),
        failure(text).message,
        failure(told(Ran(2, b"", text.encode()))).message,
    ):
        assert "hunter2secret" not in found
        assert "npm_abcdef" not in found


def test_the_longest_words_of_uv_are_read_in_little_time() -> None:
    before = process_time()
    assert len(failure("a" * 400_000 + " x").message) < 400
    assert process_time() - before < 5
