"""No secret passes the scrubber, nothing unprintable passes the escape, and no text stops the detector."""

import json
import shlex
import string
import unicodedata
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.model.entry import Entry, OAuth, Value
from mcpconf.secrets import Scrubber, describe, escape, find, secret_named
from tests.corpus import CORPUS

anything = st.text(max_size=40)
secrets = st.text(st.characters(exclude_characters="()", exclude_categories=["Cs"]), min_size=8, max_size=30).map(
    lambda text: text + "#7"
)


@given(st.lists(secrets, min_size=1, max_size=6), st.lists(anything, min_size=2, max_size=7), st.randoms())
def test_no_secret_passes(values: list[str], between: list[str], random: object) -> None:
    spell = (
        str,
        json.dumps,
        quote,
        quote_plus,
        shlex.quote,
        repr,
        escape,
        lambda text: json.dumps(text, ensure_ascii=False),
    )
    text = between[0]
    for index, value in enumerate(values):
        text += spell[random.randrange(len(spell))](value) + between[index % len(between)]  # type: ignore[attr-defined]
    clean = Scrubber(values).scrub(text)
    assert not any(value in clean for value in values)


@given(st.lists(secrets, max_size=5), st.text(string.ascii_lowercase + " ", max_size=80))
def test_other_text_passes_unchanged(values: list[str], text: str) -> None:
    assert Scrubber(values).scrub(text) == text


@given(st.text(max_size=60))
def test_escaped_text_is_one_printable_line(text: str) -> None:
    shown = escape(text)
    assert shown.isprintable()
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert escape(shown) == shown


@given(st.text(st.characters(categories=["L", "N", "P"], max_codepoint=0x2FF), max_size=60))
def test_text_without_tricks_is_unchanged(text: str) -> None:
    assert escape(text) == text


names = st.sampled_from(["API_TOKEN", "LOG_LEVEL", "db-password", "x"])
values = st.one_of(anything, st.sampled_from(["Bearer x", "a://b:c@d", "--token=", "${env:A}", '"', "k=", "eyJ"]))


@given(
    st.lists(values, max_size=5),
    st.dictionaries(names, values),
    st.recursive(values, lambda x: st.lists(x) | st.dictionaries(names, x)),
)
def test_the_detector_is_total_and_finds_parts_of_the_text(
    texts: list[str], pairs: dict[str, str], oauth: object
) -> None:
    literal = {name: Value.literal(text) for name, text in pairs.items()}
    entry = Entry(
        "stdio",
        Value.literal("x"),
        tuple(map(Value.literal, texts)),
        literal,
        headers=literal,
        oauth=OAuth(more={"key": oauth}),
    )
    for one in find(entry):
        assert one.value
        if one.place.startswith("args["):
            assert one.value in texts[int(one.place[5:-1])]
        elif one.place.startswith("env."):
            assert one.value in pairs[one.place[4:]]


@given(st.text(string.ascii_letters + string.digits, min_size=24, max_size=60).filter(lambda text: len(set(text)) > 14))
def test_a_description_does_not_show_the_value(value: str) -> None:
    assert value[:5] not in describe(value, b"key")


@given(st.text(max_size=20))
def test_names_in_any_case(name: str) -> None:
    if name.isascii() and secret_named(name.lower()):
        assert secret_named(name.upper())


@pytest.mark.parametrize(
    "unit",
    [
        "a",
        "a:",
        "a=",
        "-",
        "eyJ",
        "-eyJ",
        "sk-",
        "://",
        "a://",
        "a://b:",
        "bearer ",
        '\\"',
        "k = ",
        "token=",
        "x@",
        ".",
    ],
)
def test_long_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * 30_000
    find(Entry("http", url=Value.literal(text), env={"TOKEN": Value.literal(text)}))
    assert escape(text) == text


def test_many_secrets_take_little_time() -> None:
    many = [f"ghp_{number:036d}" for number in range(1_500)]
    text = "ghp_ some text " * 5_000 + many[700]
    assert Scrubber(many).scrub(text).endswith("text (redacted)")


def test_nested_prefixes_are_no_deep_recursion() -> None:
    many = ["a" * length for length in range(8, 600)]
    assert Scrubber(many).scrub("-" + "a" * 599 + "-") == "-(redacted)-"


def test_deep_json_is_no_deep_recursion() -> None:
    deep: object = "x"
    for _ in range(20_000):
        deep = [deep]
    assert find(Entry("http", oauth=OAuth(more={"key": deep}))) == ()


def corpus() -> Path | None:
    here = CORPUS
    return here if here.is_dir() else None


def servers(document: object) -> list[dict[str, object]]:
    found, waiting = [], [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if isinstance(item.get("env"), dict):
                found.append(item["env"])
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item
    return found


def test_plain_variables_of_real_files_are_no_secrets() -> None:
    folder = corpus()
    if folder is None:
        print("corpus: not present")
        return
    looked_at = 0
    for path in sorted(folder.rglob("*.json")):
        try:
            document = json.loads(path.read_bytes())
        except (ValueError, RecursionError):
            continue
        for env in servers(document):
            for name, text in env.items():
                if isinstance(text, str) and not secret_named(name):
                    looked_at += 1
                    found = find(Entry("stdio", env={name: Value.literal(text)}))
                    assert not found, (path.name, name, found)
    assert looked_at > 100
