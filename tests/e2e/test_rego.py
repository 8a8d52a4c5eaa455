"""Rules in Rego, evaluated by the real library: what they find, and what a text cannot do. Takes the extra `rego`."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from mcpconf.system.denying import LONGEST_MESSAGE, MOST_MESSAGES
from mcpconf.system.rego import denied
from tests.e2e.test_history_of_the_manifest import git
from tests.world import World

pytestmark = pytest.mark.skipif(find_spec("regopy") is None, reason="regopy: not installed (the extra `rego`)")

OWNED = """package mcpconf
deny contains message if {
  not endswith(input.owner, "@example.org")
  message := sprintf("%v is not of ours", [input.owner])
}
deny contains "has no owner" if not input.owner
"""


def said(body: str, **server: object) -> object:
    return denied(f"package mcpconf\n{body}", [server])[0]


def test_each_server_has_its_own_answers() -> None:
    servers = [{"owner": "a@example.org"}, {"owner": "eve@example.net"}, {}]
    assert denied(OWNED, servers) == ((), ("eve@example.net is not of ours",), ("has no owner",))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("deny contains message if {", "cannot be evaluated (this is unclosed)"),
        ("allow := true", "has no `deny`"),
        ('deny["old"] { true }', "has a `deny` that is no set of texts: write `deny contains message if { ... }`"),
        ("deny contains 5", "has a `deny` that is no set of texts: write `deny contains message if { ... }`"),
        ('deny contains "a" if typo(input)', "cannot be compiled"),
        ('deny contains "a" if http.send({"url": "http://a.example"})', "calls `http.send`, which is not there"),
    ],
)
def test_a_text_that_says_nothing_is_never_taken_for_one_that_finds_nothing(body: str, why: str) -> None:
    assert said(body, owner="a") == why


def test_a_call_is_not_one_in_a_text_or_a_comment() -> None:
    body = '# http.send(x)\ndeny contains message if { input.a; message := "see http.send(x)" }\n'
    assert said(body, a="b") == ("see http.send(x)",)


def test_a_text_that_the_library_does_not_survive_ends_another_process() -> None:
    text = "package mcpconf\ndeny contains " + "[" * 5000 + "]" * 5000
    assert denied(text, [{}], seconds=5.0)[0] in ("ended the process that evaluates it", "takes longer than 5 s")


def test_a_text_that_does_not_end_is_ended() -> None:
    text = f'package mcpconf\ndeny contains "a" if regex.match("^(a+)+$", "{"a" * 40}b")'
    assert denied(text, [{}, {}], seconds=1.0) == ("takes longer than 1 s",) * 2


def test_a_text_learns_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCPCONF_CANARY", "hunter2")
    assert os.environ["MCPCONF_CANARY"]
    found = said('deny contains sprintf("%v", [opa.runtime().env]) if true')
    assert isinstance(found, tuple)
    assert "LANG" in found[0]
    assert "hunter2" not in found[0]
    assert "HOME" not in found[0]


def test_what_a_text_says_is_bounded() -> None:
    many = said('deny contains sprintf("%v\\nof many %s", [n, "aaaaaaaaaa"]) if some n in numbers.range(1, 500)')
    assert isinstance(many, tuple)
    assert len(many) == MOST_MESSAGES
    assert not any("\n" in message for message in many)
    assert len(said(f'deny contains "{"a" * 5000}"')[0]) == LONGEST_MESSAGE


MANIFEST = """mcpconf: 1
servers:
  far: {url: "https://mcp.example.net/mcp", owner: eve@example.net, headers: {X-Key: "${secret:KEY}"}}
  own: {command: [/opt/own, --token, sk-hunter2hunter2hunter2], owner: a@example.org}
policy:
  rules: {ACME003: warning}
  rego:
    ACME002: |
      package mcpconf
      deny contains message if {
        not endswith(input.owner, "@example.org")
        message := sprintf("%v is not of ours", [input.owner])
      }
    ACME003: |
      package mcpconf
      deny contains sprintf("starts %v", [input.command]) if input.command
"""


def test_what_it_finds_is_told_under_its_id_without_secrets(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.say(MANIFEST)
    ran = world.run("validate")
    assert ran.code == 3
    assert "error ACME002: `far`: eve@example.net is not of ours" in ran.stdout
    assert "warning ACME003: `own`: starts" in ran.stdout
    assert "hunter2" not in ran.stdout


def test_the_texts_of_the_base_judge_alone(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.say(MANIFEST)
    world.commit("Grace", "2026-11-01")
    git(tmp_path, "branch", "-M", "main")
    git(tmp_path, "checkout", "-q", "-b", "change")
    world.say(MANIFEST.replace('@example.org")', '")').replace("starts %v", "runs %v"))
    world.commit("eve", "2026-11-02")
    ran = world.run("check", "--base", "main")
    assert ran.code == 3
    assert "another rule, which judges once it is merged" in ran.stdout
    assert "eve@example.net is not of ours" in ran.stdout
    assert "starts" in ran.stdout
    assert "runs" not in ran.stdout
