"""Every format, read back by a parser of its own: no character that acts, no secret, and exactly what the JSON says."""

from __future__ import annotations

import json
import os
import re
import tempfile
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mcpconf.cli.reporting import DriftFormat, ManifestFormat, PlanFormat, StateFormat
from mcpconf.documents.schema import schemas
from tests.e2e.test_hostile_text import HIDDEN, MANIFEST, nasty, put_into_hosts
from tests.world import World

OFFERED = {
    "plan": PlanFormat.__args__,
    "status": StateFormat.__args__,
    "verify": StateFormat.__args__,
    "drift": DriftFormat.__args__,
    "validate": ManifestFormat.__args__,
}
SECRET = "xq7-Zr9_pL2&<w'\"`K4"
SCHEMA = Path(os.environ.get("MCPCONF_SARIF_SCHEMA", "/nowhere"))
METRIC = re.compile(r'[a-z_]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? -?[0-9]+(?:\.[0-9]+)?')
MARKUP = (
    "`code` ``more``",
    "@org/team #1 <!-- x --> <b>b</b>",
    "[a](javascript:x) ![i](http://x)",
    "| a | b |",
    "::error::x",
    "##[add-mask]x",
    "%0A::stop-commands::x",
    "]]>&amp;<x/>",
    '\\" \\n {a="b"}',
)
texts = st.one_of(nasty, st.sampled_from(MARKUP), st.text("`@#<>&[]()!|:%\\\"'-*_ x", max_size=14))


def reports(world: World, command: str) -> dict[str, str]:
    """The same run in every format that the command offers."""
    files = {form: world.folder / f"report.{form}" for form in OFFERED[command]}
    ran = world.run(command, *(f"--out-format={form}={path}" for form, path in files.items()))
    assert ran.code in (0, 1, 2, 3, 8), ran.stderr
    told = {form: path.read_text("utf-8") for form, path in files.items()}
    if command != "validate" or ran.code != 1:
        assert told["text"] == ran.stdout
    for form, text in told.items():
        acting = sorted({repr(char) for char in text if char != "\n" and unicodedata.category(char) in HIDDEN})
        assert not acting, (command, form, acting)
        if form != "text":
            assert text.endswith("\n") or not text, (command, form)
    told["exit"] = str(ran.code)
    return told


def check(world: World, command: str) -> dict[str, str]:
    told = reports(world, command)
    data, code = json.loads(told["json"]), int(told["exit"])
    ids, waived = expected(command, data)
    if "sarif" in told:
        check_sarif(told["sarif"], ids, code)
    if "github" in told:
        check_github(told["github"], len(ids) - len(waived))
    if "junit" in told:
        check_junit(told["junit"], code, ids if command in ("drift", "validate") else None)
    if "markdown" in told:
        spans = check_markdown(told["markdown"])
        wanted = {item["id"] for item in data["drift"]}
        assert wanted <= set(spans) or "left out" in told["markdown"]
    if "prom" in told:
        check_metrics(told["prom"], data)
    if "ndjson" in told:
        check_lines(told["ndjson"], command, data)
    return told


def expected(command: str, data: dict) -> tuple[list[str], list[str]]:
    """Ids of what the JSON tells, and of those that are waived. Problems, and what is in the way, have no id there."""
    if command == "drift":
        return [item["id"] for item in data["drift"]], []
    found = data.get("findings", [])
    waived = [item["fingerprint"] for item in found if item["waived"]]
    return [item["fingerprint"] for item in found], waived


def check_sarif(text: str, ids: list[str], code: int) -> None:
    log = json.loads(text)
    if SCHEMA.exists():
        from jsonschema import Draft4Validator, FormatChecker

        Draft4Validator(json.loads(SCHEMA.read_text()), format_checker=FormatChecker()).validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["invocations"][0]["exitCode"] == code
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert 0 < float(rule["properties"]["security-severity"]) <= 10
        assert rule["help"]["text"]
        assert rule["shortDescription"]["text"]
    told = []
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert set(result["partialFingerprints"]) == {"mcpconf/v1"}
        told.append(result["partialFingerprints"]["mcpconf/v1"])
        (location,) = result["locations"]
        artifact = location["physicalLocation"]["artifactLocation"]
        assert urlsplit(artifact["uri"]).scheme in ("", "file")
        if artifact.get("uriBaseId") == "%SRCROOT%":
            assert not artifact["uri"].startswith(("/", ".", "file:"))
    assert set(ids) <= set(told)


def check_github(text: str, at_least: int) -> None:
    """As the runner reads it: a line is a command with properties, and data with three escapes."""
    told = 0
    for line in text.splitlines():
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::([^\r\n]*)", line)
        assert match, line
        properties = dict(pair.split("=", 1) for pair in match[2].split(","))
        assert set(properties) <= {"file", "line", "col", "title"}
        assert "title" in properties
        rest = re.match(r"([0-9]+) more result", match[3]) if match[1] == "notice" else None
        told += int(rest[1]) if rest else 1
        assert not re.search(r"%(?!25|0D|0A)", match[3])
    assert text.count("::error ") <= 10
    assert text.count("\n::warning ") <= 10
    assert told >= at_least


def check_junit(text: str, code: int, ids: list[str] | None) -> None:
    root = ET.fromstring(text)
    (suite,) = root
    cases = list(suite)
    assert int(suite.get("tests")) == len(cases) > 0
    failed = [case for case in cases if case.find("failure") is not None or case.find("error") is not None]
    assert int(suite.get("failures")) + int(suite.get("errors")) == len(failed)
    assert bool(failed) == bool(code), text
    names = [case.get("name") for case in cases]
    assert len(set(names)) == len(names)
    told = {match[1] for match in (re.search(r"\[([0-9a-f]{16})\]\Z", name) for name in names) if match}
    if ids is not None:
        assert set(ids) <= told


def check_markdown(text: str) -> list[str]:
    """The texts of all code spans. Beside them stands nothing that links, calls somebody or is HTML."""
    assert len(text) <= 60_000
    spans = []
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(text):
        assert token.type not in ("html_block", "fence", "code_block", "table_open"), token
        for part in token.children or []:
            assert part.type in ("text", "code_inline", "strong_open", "strong_close", "softbreak"), part
            if part.type == "code_inline":
                spans.append(part.content)
            elif part.type == "text":
                assert not re.search(r"[@#<>&\[\]]", part.content), part.content
    return spans


def check_metrics(text: str, data: dict) -> None:
    values: dict[str, float] = {}
    typed = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        elif not line.startswith("# HELP "):
            assert METRIC.fullmatch(line), line
            name, _, value = line.rpartition(" ")
            assert name not in values
            assert name.partition("{")[0] in typed
            values[name] = float(value)
    if "kinds" in data:
        assert {kind: values[f'mcpconf_drift{{kind="{kind}"}}'] for kind in data["kinds"]} == data["kinds"]
    else:
        assert values["mcpconf_in_sync"] == (data["detailed_exit_code"] == 0)
        assert values["mcpconf_unread"] == len(data["unknowns"])
        for action in ("create", "update", "replace", "delete", "revoke", "conflict", "held", "unknown"):
            assert values[f'mcpconf_changes{{action="{action}"}}'] == data["summary"][action]


def check_lines(text: str, command: str, data: dict) -> None:
    lines = [json.loads(line) for line in text.splitlines()]
    assert text.isascii()
    assert lines[0]["type"] == "version"
    assert lines[0]["ui"] == "1.2"
    for line in lines:
        assert {"@level", "@message", "@module", "@timestamp", "type"} <= set(line)
        assert line["@level"] in ("info", "warn", "error")
    drifted = [line["drift"] for line in lines if line["type"] == "resource_drift"]
    assert drifted == [item for item in data["drift"] if command != "drift" or item["kind"] != "unknown"]
    (summary,) = [line for line in lines if line["type"] == "change_summary"]
    assert {"add", "change", "remove", "import", "operation"} == set(summary["changes"])
    planned = [line for line in lines if line["type"] == "planned_change"]
    if command == "drift":
        assert not planned
        return
    assert [line["change"]["resource"]["addr"] for line in planned] == [item["address"] for item in data["changes"]]
    assert summary["summary"] == data["summary"]
    told = {line["id"] for line in lines if line["type"] == "diagnostic"}
    assert {item["fingerprint"] for item in data["findings"] if not item["waived"]} <= told


COMMANDS = tuple(OFFERED)


@settings(max_examples=6)
@given(texts, texts)
@example("`x` @org/team", "::error::<b>|")
@example("\x1b]8;;https://evil.example\x1b\\", "\u202e")
@example("\ud800", "]]>&<")
def test_hostile_texts_of_a_machine(one: str, two: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.say(MANIFEST % (("x",) * 6))
        put_into_hosts(world, one, two)
        for command in COMMANDS:
            check(world, command)
        world.run("apply", "--yes", "--on-conflict", "overwrite")
        put_into_hosts(world, two, one)
        for command in ("status", "drift"):
            check(world, command)


@settings(max_examples=6)
@given(texts, texts)
@example("`x` @org/team <b>", "##[error]x\n::error::y")
def test_hostile_texts_of_a_manifest(one: str, two: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.manifest.write_text(MANIFEST % tuple(json.dumps(text) for text in (one, "A" + two, one, one, two, two)))
        told = check(world, "validate")
        if told["exit"] != "1":
            for command in COMMANDS:
                check(world, command)
        world.say(f"mcpconf: 1\nservers: {{{json.dumps(one)}: {{{json.dumps(two)}: x}}}}\n")
        assert check(world, "validate")["exit"] == "1"


@pytest.mark.parametrize("command", COMMANDS)
def test_no_secret_is_in_any_format(command: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.say(MANIFEST % (("x",) * 6))
    entry = {"command": "run", "args": ["--token", SECRET, f"--api-key={SECRET}"], "env": {"API_TOKEN": SECRET}}
    headers = {"Authorization": f"Bearer {SECRET}"}
    servers = {"a": entry, "b": {"url": f"https://u:{SECRET}@example.com/x", "headers": headers}, "files": entry}
    world.write("~/.cursor/mcp.json", json.dumps({"mcpServers": servers}))
    world.write("~/.config/Code/User/mcp.json", json.dumps({"servers": servers}))
    spellings = {SECRET, json.dumps(SECRET)[1:-1], SECRET.replace("&", "&amp;").replace("<", "&lt;"), SECRET[:12]}
    told = check(world, command)
    for form, text in told.items():
        assert not [spelling for spelling in spellings if spelling in text], form


def test_the_example_in_every_format(tmp_path: Path) -> None:
    world = World.example(tmp_path, Path(__file__).parents[2] / "examples" / "workstation")
    from jsonschema import Draft202012Validator

    for command in COMMANDS:
        told = check(world, command)
        if command == "drift":
            Draft202012Validator(schemas()["drift"]).validate(json.loads(told["json"]))
    assert world.run("apply", "--yes").code == 0
    for command in COMMANDS:
        assert check(world, command)["exit"] == "0"


def test_the_schema_of_sarif_is_there() -> None:
    if not SCHEMA.exists():
        pytest.skip("SARIF schema: not present")
    assert json.loads(SCHEMA.read_text())["title"].startswith("Static Analysis Results Format (SARIF) Version 2.1.0")
