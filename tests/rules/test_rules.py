"""Every rule: what it finds, what it leaves in peace, how grave it is by subject, and its own documentation.

`<code>/bad*.yaml` has `manifest`, `files`, maybe `hand` (files written by hand after a first apply), and `finds`: the
findings of the rule as `severity subject address`; `links` and `modes` are of files; `then` is the manifest after a first apply; `lock` and `approvals` stand beside the manifest, `relocked` in its place after a first
apply; `programs` are files that can be executed; `machine` is more of what `machine.yaml` says; `advisories` are OSV records of which there is an index; `before` is the manifest
of the base, with `lock`, that `manifest`, with `relocked`, is a change of, which `check` then looks at; `exit` is that of `plan --detailed-exitcode`. `good*.yaml` finds nothing.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mcpconf.rules import RULES
from mcpconf.rules.frame import Rule
from mcpconf.rules.threats import OWASP, THREATS
from tests.hints import check_plan
from tests.manual import PAGES
from tests.world import World

FOLDER = Path(__file__).parent
FIXTURES = sorted(FOLDER.glob("*/*.yaml"))


def fill(world: World, case: dict) -> None:
    """What lies on the machine and beside the manifest before anything is run."""
    for name, content in case.get("files", {}).items():
        world.write(name, content)
    for name, target in case.get("links", {}).items():
        world.path(name).parent.mkdir(parents=True, exist_ok=True)
        world.path(name).symlink_to(target)
    for name, mode in case.get("modes", {}).items():
        world.path(name).chmod(int(mode, 8))
    for name in case.get("programs", ()):
        world.path(name).chmod(0o755)
    for number, record in enumerate(case.get("advisories", ())):
        world.layer(f"osv/{number}.json", record)
    if "advisories" in case:
        assert world.run("vulndb", "build", "osv").code == 0
    if "lock" in case:
        world.layer("mcpconf.lock", case["lock"])
    if "approvals" in case:
        world.layer("mcpconf.approvals", case["approvals"])


@pytest.mark.parametrize("path", FIXTURES, ids=[f"{path.parent.name}-{path.stem}" for path in FIXTURES])
def test_fixture(path: Path, tmp_path: Path):
    case = yaml.safe_load(path.read_text())
    world = World(tmp_path, {"os": "linux", "home": "/home/dev", "user": "dev", **case.get("machine", {})})
    if "before" in case:
        check_change(case, path, world)
        return
    world.say(case["manifest"])
    fill(world, case)
    if case.keys() & {"hand", "relocked", "then"}:
        assert world.run("apply", "--yes").code == 0
    if "relocked" in case:
        world.layer("mcpconf.lock", case["relocked"])
    if "then" in case:
        world.say(case["then"])
    for name, content in case.get("hand", {}).items():
        world.write(name, content)
    data = world.plan()
    found = [
        f"{item['severity']} {item['subject']} {item['address']}"
        for item in data["findings"]
        if item["rule"] == path.parent.name
    ]
    assert sorted(found) == sorted(case.get("finds", [])), data["findings"]
    assert bool(found) == path.stem.startswith("bad")
    assert data["detailed_exit_code"] == case["exit"], data["summary"]
    check_plan(data)
    for item in data["findings"]:
        assert item["message"]
        assert item["hint"]
        assert len(item["fingerprint"]) == 16


def check_change(case: dict, path: Path, world: World) -> None:
    world.say(case["before"])
    fill(world, case)
    base = world.commit("Ada", "2026-03-01")
    world.say(case["manifest"])
    if "relocked" in case:
        world.layer("mcpconf.lock", case["relocked"])
    world.commit("Grace", "2026-03-02")
    ran = world.run("check", "--base", base, "--format", "json")
    findings = ran.json["findings"]
    found = [
        f"{item['severity']} {item['subject']} {item['address']}"
        for item in findings
        if item["rule"] == path.parent.name
    ]
    assert sorted(found) == sorted(case.get("finds", [])), findings
    assert bool(found) == path.stem.startswith("bad")
    assert ran.code == case["exit"], ran.stderr


def test_every_rule_has_a_bad_and_a_good_fixture():
    stems = {code: {path.stem[:3] for path in FIXTURES if path.parent.name == code} for code in RULES}
    assert all(found == {"bad", "goo"} for found in stems.values()), stems
    assert {path.parent.name for path in FIXTURES} == set(RULES)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_every_rule_documents_itself(rule: Rule):
    assert rule.id.startswith("MCP")
    for text in (rule.title, rule.threat, rule.what, rule.why, rule.example, rule.fix):
        assert text.strip() == text
        assert len(text) > 4
    assert rule.title[0].islower()
    assert rule.what.endswith(".")
    assert rule.why.endswith(".")
    assert not rule.fix.endswith(".")
    assert set(rule.threats) <= set(THREATS), f"a threat is one of {', '.join(THREATS)}"
    assert rule.owasp in OWASP, "the nearest of the OWASP MCP Top 10"


def test_every_threat_that_the_paper_numbers_has_its_number():
    numbers = [threat.number for threat in THREATS.values() if threat.number]
    assert sorted(numbers) == list(range(1, 17))
    assert sum(threat.first for threat in THREATS.values()) == 9


def test_every_threat_has_a_rule_and_says_what_is_not_seen():
    assert {word for rule in RULES.values() for word in rule.threats} == set(THREATS)
    assert all(text.endswith(".") for threat in THREATS.values() for text in (threat.held, threat.unseen))


def test_the_page_of_threats_names_every_rule_that_there_is_and_no_other():
    page = (PAGES / "threats.md").read_text()
    assert set(re.findall(r"MCP\d{3}\b", page)) == set(RULES)
