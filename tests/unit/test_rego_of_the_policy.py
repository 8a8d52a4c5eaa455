"""Rules in Rego of a policy: what becomes of their answers, whose texts judge a change, and what happens without the library."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from mcpconf.documents.manifest import LoadedManifest
from mcpconf.model.base import Json
from mcpconf.model.desired import Desired
from mcpconf.model.finding import Finding
from mcpconf.model.manifest import Manifest
from mcpconf.model.observed import Observed
from mcpconf.model.rego import Denials, Denying
from mcpconf.model.state import State
from mcpconf.reconcile.draft import Draft
from mcpconf.reconcile.situation import Situation
from mcpconf.review.tightness import judging
from mcpconf.rules import judge
from tests.e2e.test_history_of_the_manifest import git
from tests.world import World

TEXT = "package mcpconf\ndeny contains 1"
SERVERS = {"far": {"url": "https://a.example/mcp"}, "near": {"command": ["/opt/own"], "owner": "a@example.org"}}


def loaded(**policy: object) -> LoadedManifest:
    return LoadedManifest.in_memory(
        Manifest.model_validate({"mcpconf": 1, "servers": SERVERS, "policy": {"rego": {"ACME002": TEXT}, **policy}})
    )


def found(denied: Denying | None, **policy: object) -> list[Finding]:
    situation = Situation(Desired(), Observed(), State())
    evidence = replace(loaded(**policy).evidence(situation, Draft()), denied=denied)
    return [item for item in judge(evidence) if item.rule == "ACME002"]


def without_owner(text: str, servers: Sequence[Json]) -> tuple[Denials, ...]:
    assert text == TEXT
    return tuple(() if "owner" in server else ("has no owner", "is far") for server in servers)


def broken(text: str, servers: Sequence[Json]) -> tuple[Denials, ...]:
    return ("takes longer than 1 s",) * len(servers)


def test_each_message_is_a_finding_as_grave_as_the_policy_says() -> None:
    told = [("server:far", "`far`: has no owner"), ("server:far", "`far`: is far")]
    assert [(item.address, item.message) for item in found(without_owner)] == told
    assert {item.severity for item in found(without_owner)} == {"error"}
    assert {item.severity for item in found(without_owner, rules={"ACME002": "info"})} == {"info"}
    assert not found(without_owner, rules={"ACME002": "none"})


@pytest.mark.parametrize("denied", [broken, None])
def test_what_cannot_be_evaluated_is_an_error_whatever_the_policy_says(denied: Denying | None) -> None:
    for items in (found(denied), found(denied, rules={"ACME002": "none"})):
        assert [(item.address, item.severity) for item in items] == [("server:far", "error"), ("server:near", "error")]


def test_the_texts_of_the_base_judge_a_change() -> None:
    for after in ({}, {"ACME002": f"{TEXT}\n"}, {"ACME009": TEXT}):
        assert judging(loaded(), loaded(rego=after)).manifest.policy.rego == {"ACME002": TEXT}


def test_without_the_library_a_manifest_with_rego_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "regopy", None)
    world = World(tmp_path)
    world.say("mcpconf: 1\nhosts: {cursor: {create: true}}\n")
    world.commit("Grace", "2026-11-01")
    git(tmp_path, "branch", "-M", "main")
    git(tmp_path, "checkout", "-q", "-b", "change")
    world.say("mcpconf: 1\nhosts: {cursor: {create: true}}\npolicy: {rego: {ACME002: package mcpconf}}\n")
    world.commit("eve", "2026-11-02")
    for words in (["validate"], ["plan"], ["check", "--base", "change"]):
        ran = world.run(*words)
        assert ran.code == 1, words
        assert "pip install 'mcpconf[rego]'" in ran.stderr
    ran = world.run("check", "--base", "main")
    assert ran.code == 0
    assert "+ ACME002, which judges once it is merged" in ran.stdout
