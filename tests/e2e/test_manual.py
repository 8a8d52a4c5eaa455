"""The manual: every page is whole, every example prints what the page says, and nothing that the program has is missing."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from mcpconf.documents.machine import load_machine
from mcpconf.documents.schema import schemas
from mcpconf.errors import ExitCode
from mcpconf.report import outcome, sections, status, style
from mcpconf.report.explain import FAMILIES
from mcpconf.report.manual import ORDER, pages
from mcpconf.report.page import lay_out
from mcpconf.report.style import Style
from mcpconf.system.manual import manual
from mcpconf.system.sources import bundled_rows
from tests.hints import commands
from tests.manual import generated
from tests.transcripts import rerun
from tests.world import World

MANUAL = manual()
GOLDENS = Path(__file__).parents[1] / "goldens"


def block(page: str, mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n```yaml\n(.*?)```", MANUAL[page], re.DOTALL)
    assert found is not None
    return found[1]


def named(page: str) -> set[str]:
    """The words in backticks and fenced blocks of a page."""
    return set(re.findall(r"[\w-]+", " ".join(re.findall(r"`[^`]+`|```.*?```", MANUAL[page], re.DOTALL))))


@pytest.mark.parametrize("name", MANUAL)
def test_examples_print_what_the_page_says(name: str) -> None:
    assert rerun(MANUAL[name]) == MANUAL[name], "`python -m tests.manual` writes it anew"


@pytest.mark.parametrize("name", MANUAL)
def test_commands_in_backticks_can_be_run(name: str) -> None:
    prose = re.sub(r"^```.*?^```", "", MANUAL[name], flags=re.DOTALL | re.MULTILINE)
    commands(re.sub(r"`mcpconf COMMAND --help`| > [^` ]+(?=`)", "", prose))


@pytest.mark.parametrize("name", MANUAL)
def test_links_lead_to_pages(name: str) -> None:
    prose = re.sub(r"`[^`\n]*`", "", MANUAL[name])  # what stands in backticks is quoted, and leads nowhere
    for target in re.findall(r"\]\(([^)#]+)", prose):
        assert target.removesuffix(".md") in MANUAL, target


def test_every_page_has_its_place_and_says_what_it_is_for() -> None:
    assert sorted(ORDER) == sorted(MANUAL)
    for page in pages(MANUAL):
        assert page.text.startswith(f"# {page.title}\n\n")
        assert 20 < len(page.about) < 140, page


def test_generated_pages_are_those_of_this_program() -> None:
    for name, text in generated().items():
        assert rerun(text) == MANUAL[name], "`python -m tests.manual` writes it anew"


def test_every_host_is_told_at_a_glance_and_confirmed_by_what_real_hosts_said() -> None:
    glance = MANUAL["hosts"].split("\n## ")[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in glance.splitlines() if line[:1] == "|"]
    told = {row[0]: row[-1] for row in rows[2:]}
    confirmed = json.loads((Path(__file__).parents[1] / "hosts" / "confirmed.json").read_text())
    hosts = bundled_rows()
    assert set(confirmed) <= set(hosts)
    assert set(told) == {row.title for row in hosts.values()}
    for row in hosts.values():
        said = confirmed.get(row.id)
        wanted = "-" if said is None else f"{said['version']}, {said['date']}: {', '.join(said['compared'])}"
        assert told[row.title] == wanted


def test_the_manifest_that_uses_every_key_acts(tmp_path: Path) -> None:
    world = World(tmp_path, {"os": "linux", "home": "/home/dev", "user": "dev", "labels": ["data"]})
    world.say(block("documents", "manifest"))
    world.layer("org/base.yaml", "mcpconf: 1\n")
    checked = world.run("validate")
    assert checked.code == 0, checked
    assert world.run("plan").code == 0
    load_machine(block("documents", "machine"), "machine.yaml")


def keys(schema: object) -> set[str]:
    found = set()
    if isinstance(schema, dict):
        found |= set(schema.get("properties", {}))
        for inner in schema.values():
            found |= keys(inner)
    elif isinstance(schema, list):
        for inner in schema:
            found |= keys(inner)
    return found


@pytest.mark.parametrize("document", ["manifest", "machine"])
def test_every_key_of_a_document_is_told(document: str) -> None:
    assert keys(schemas()[document]) <= named("documents")


def test_every_exit_code_is_told() -> None:
    told = {int(number) for number in re.findall(r"^\| (\d+) \|", MANUAL["exit-codes"], re.MULTILINE)}
    assert told == {int(code) for code in ExitCode}


def test_every_sign_and_end_is_told() -> None:
    page = MANUAL["reading-a-plan"]
    signs = {*style.SYMBOLS.values(), *sections._ARROWS.values(), "<>", "v", "??", "!!", "!R"}
    signs |= {*status._APPLY.values(), *status._MACHINE.values()}
    assert {sign for sign in signs if f"`{sign}`" not in page} == set()
    ends = [words for _, words in outcome._ENDS.values()] + [*outcome._MISTAKEN.values()]
    assert [words for words in ends if words not in page] == []


def test_every_heading_and_label_of_the_screens_is_told() -> None:
    page = MANUAL["reading-a-plan"]
    screens = "".join(path.read_text() for path in GOLDENS.glob("*.txt") if path.stem.startswith(("plan", "apply")))
    labels = set(re.findall(r"^([A-Z][A-Za-z ]+)(?=: |   )", screens, re.MULTILINE))
    assert len(labels) > 6
    assert {label for label in labels if label not in page} == set()


def test_every_word_of_a_plan_has_a_line() -> None:
    for family, words in FAMILIES.items():
        page = MANUAL["rules" if family == "rule" else "words"]
        assert all(f"`{word}`" in page or f"## {word}: " in page for word in words), family


def test_the_list_of_pages(tmp_path: Path) -> None:
    world = World(tmp_path)
    listed = world.run("docs")
    assert listed.code == 0
    assert [line.split()[0] for line in listed.stdout.splitlines()[1:-1] if line[2] != " "] == [*ORDER]
    assert [page["name"] for page in world.run("docs", "--format", "json").json["pages"]] == [*ORDER]


def test_a_page_is_its_markdown_for_a_pipe(tmp_path: Path) -> None:
    world = World(tmp_path)
    for name, text in MANUAL.items():
        assert world.run("docs", name).stdout == text
        assert json.loads(world.run("docs", name, "--format", "json").stdout)["text"] == text


@pytest.mark.parametrize(("word", "hint"), [("quikstart", "did you mean `quickstart`?"), ("zzz", "lists the pages")])
def test_a_page_that_is_none(word: str, hint: str, tmp_path: Path) -> None:
    ran = World(tmp_path).run("docs", word)
    assert (ran.code, ran.stdout) == (64, "")
    assert f"no page `{word}`" in ran.stderr
    assert hint in ran.stderr


@pytest.mark.parametrize("width", [60, 100, 140])
@pytest.mark.parametrize("name", MANUAL)
def test_a_page_fits_the_terminal_and_loses_nothing(name: str, width: int) -> None:
    plain = lay_out(MANUAL[name], Style(width=width))
    coloured = lay_out(MANUAL[name], Style(colour=True, width=width))
    assert re.sub(r"\x1b\[\d+m", "", coloured) == plain
    prose = [line for line in plain.splitlines() if not line.startswith("    ")]
    unbroken = re.compile(r"`[^`]+`|\S+")
    assert [line for line in prose if len(line) > width > 2 * max(map(len, unbroken.findall(line)))] == []
    lost = {*re.findall(r"[\w./]{2,}", re.sub(r"<!--.*?-->|```\w*", "", MANUAL[name]))} - {
        *re.findall(r"[\w./]{2,}", plain)
    }
    assert {word for word in lost if not word.endswith(".md")} == set()
    assert os.linesep in plain
