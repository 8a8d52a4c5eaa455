"""How good the detectors of secrets are: `MCPCONF_CORPUS=FOLDER python -m tests.benchmarks.secrets`.

Every server in every file of the corpus is asked for secrets in clear. Where a secret stood, the corpus has its shape, such as
`Xx00xX`: that is filled with letters and digits of the same classes, always the same ones, and all the rest is plain. With
`MCPCONF_LABELLED_SECRETS=FILE`, lines of JSON such as `{"entry": {"command": "x", "env": {"TOKEN": "..."}}, "secrets":
["env.TOKEN"]}` are asked instead. Precision and recall are told by kind of place; of a hit its shape is shown and never its
text. Whatever is told and no secret by its label ends it with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import string
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from random import Random
from typing import NamedTuple

from mcpconf.formats import FORMATS
from mcpconf.formats.base import FormatError
from mcpconf.model.base import Json
from mcpconf.model.entry import Entry, Value
from mcpconf.secrets import SecretLiteral, find
from tests.corpus import CORPUS

VARIABLE = "MCPCONF_LABELLED_SECRETS"
_NOTATIONS = {".json": "jsonc", ".jsonc": "jsonc", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}
_REFERENCE = re.compile(r"\$\{[^}]*\}|\{\{[^}]*\}\}|\{env:[^}]*\}|\$\{\{[^}]*\}\}")
_COMMANDS, _VARIABLES, _ADDRESSES = (
    ("command", "cmd"),
    ("env", "environment", "envs"),
    ("url", "serverUrl", "httpUrl", "uri"),
)


_MASKED = re.compile(r"(?<![A-WYZa-wyz1-9])[xX0](?:[xX0_.+/=-]{6,})[xX0]=*")
"""What stands for a secret in the corpus."""


class Asked(NamedTuple):
    """One server, and where its secrets are."""

    name: str
    entry: Entry
    secrets: frozenset[str]


def value(text: Json) -> Value:
    """As a host would read it: what stands for something else is none of ours to judge."""
    return Value.literal(_REFERENCE.sub("", text) if isinstance(text, str) else "")


def filled(document: Json, random: Random) -> Json:
    """The document as it was before secrets were masked, or as it may have been. A word of one letter is a placeholder."""
    if isinstance(document, dict):
        return {key: filled(item, random) for key, item in document.items()}
    if isinstance(document, list):
        return [filled(item, random) for item in document]
    if not isinstance(document, str):
        return document
    classes = {"x": string.ascii_lowercase, "X": string.ascii_uppercase, "0": string.digits}

    def fill(match: re.Match[str]) -> str:
        if len({*match[0]} & classes.keys()) < 2:
            return match[0]
        return "".join(random.choice(classes[char]) if char in classes else char for char in match[0])

    return _MASKED.sub(fill, document)


def places(entry: Entry) -> dict[str, Value]:
    return {
        "command": entry.command,
        "url": entry.url,
        **{f"args[{index}]": item for index, item in enumerate(entry.args)},
        **{f"env.{name}": item for name, item in entry.env.items()},
        **{f"headers.{name}": item for name, item in entry.headers.items()},
    }


def entry_of(said: dict[str, Json]) -> Entry:
    def first(names: tuple[str, ...], kind: type) -> Json:
        return next((said[name] for name in names if isinstance(said.get(name), kind)), kind())

    headers = said.get("headers", said.get("http_headers"))
    arguments = [item for item in first(("args", "command"), list) if isinstance(item, str)]
    return Entry(
        "stdio",
        value(first(_COMMANDS, str)),
        tuple(map(value, arguments)),
        env={str(name): value(text) for name, text in first(_VARIABLES, dict).items()},
        url=value(first(_ADDRESSES, str)),
        headers={str(name): value(text) for name, text in headers.items()} if isinstance(headers, dict) else {},
    )


def servers(document: Json) -> Iterator[dict[str, Json]]:
    waiting = [document]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            if any(name in item for name in (*_COMMANDS, *_ADDRESSES)):
                yield item
            waiting += item.values()
        elif isinstance(item, list):
            waiting += item


def of_corpus(folder: Path) -> Iterator[Asked]:
    for path in sorted(folder.rglob("*")):
        if path.suffix in _NOTATIONS and path.is_file():
            try:
                document = FORMATS[_NOTATIONS[path.suffix]].parse(path.read_text(errors="replace")).value
            except FormatError:
                continue
            for said in servers(document):
                masked, entry = entry_of(said), entry_of(filled(said, Random(path.name)))
                secrets = {name for name, item in places(entry).items() if places(masked)[name] != item}
                yield Asked(str(path.relative_to(folder)), entry, frozenset(secrets))


def labelled(file: Path) -> Iterator[Asked]:
    for number, line in enumerate(file.read_text().splitlines(), 1):
        said = json.loads(line)
        yield Asked(f"line {number}", entry_of(said["entry"]), frozenset(said["secrets"]))


def shape(text: str) -> str:
    """`ghp_` and letters become `a4 _1 A2 a3`: enough to tell a token from a path."""
    classes = ("9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else c for c in text)
    runs = [f"{kind}{len([*items])}" for kind, items in groupby(classes)]
    return " ".join(runs[:12]) + (" ..." if len(runs) > 12 else "")


def main(words: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.secrets", description=__doc__)
    parser.add_argument("--missed", action="store_true", help="show where a secret is that nothing tells")
    parser.add_argument("--each", action="store_true", help="show each hit: file, place, kind and shape")
    options = parser.parse_args(words)
    file = os.environ.get(VARIABLE, "")
    if not file and not CORPUS.is_dir():
        print(f"{VARIABLE} names no file, and there is no corpus; see the beginning of {__file__}")
        return 0
    found = [(item, find(item.entry)) for item in (labelled(Path(file)) if file else of_corpus(CORPUS))]
    for item, hits in found if options.each else ():
        for hit in hits:
            print(f"{item.name}: {hit.place}: {hit.kind}: {shape(hit.value)}")
    for item, hits in found if options.missed else ():
        for name in sorted(item.secrets - {hit.place for hit in hits}):
            print(f"missed: {item.name}: {name}: {shape(str(places(item.entry)[name]))}")
    return _report(found)


def _report(found: list[tuple[Asked, tuple[SecretLiteral, ...]]]) -> int:
    hits = [hit for _, told in found for hit in told]
    print(f"{len(found)} servers, {len(hits)} secrets told in {sum(bool(told) for _, told in found)} of them")
    for kind, count in Counter(hit.kind for hit in hits).most_common():
        print(f"{count:>7} {kind}")
    judged = [(item, frozenset(hit.place for hit in told)) for item, told in found]
    print(f"{'':10}{'told':>8}{'right':>8}{'missed':>8}{'precision':>11}{'recall':>8}")
    for part in ("args", "command", "env", "headers", "url", ""):
        wanted = sum(place.startswith(part) for item, _ in judged for place in item.secrets)
        told = sum(place.startswith(part) for _, places in judged for place in places)
        right = sum(place.startswith(part) for item, places in judged for place in places & item.secrets)
        precision, recall = right / told if told else 1.0, right / wanted if wanted else 1.0
        print(f"{part or 'all':10}{told:>8}{right:>8}{wanted - right:>8}{precision:>11.1%}{recall:>8.1%}")
    alarms = [(item.name, place) for item, places in judged for place in sorted(places - item.secrets)]
    for name, place in alarms:
        print(f"false alarm: {name}: {place}")
    return 1 if alarms else 0


if __name__ == "__main__":
    sys.exit(main())
