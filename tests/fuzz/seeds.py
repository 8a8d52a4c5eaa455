"""Texts as people and hosts have them: the files of the scenarios and examples, and a corpus where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from tests.corpus import CORPUS

TESTS = Path(__file__).resolve().parents[1]
FORMATS = {".json": "json", ".jsonc": "jsonc", ".toml": "toml", ".yaml": "yaml", ".yml": "yaml"}
LARGEST = 30_000


class Seed(NamedTuple):
    """`path` is that on the machine, with `~`; only its ending counts for files of a corpus."""

    path: str
    data: bytes

    @property
    def format(self) -> str:
        return FORMATS[Path(self.path).suffix]


@cache
def host_files() -> tuple[Seed, ...]:
    """Files of hosts; none is larger than LARGEST, for what counts is their shape."""
    found = [*_of_scenarios(), *_of_examples(), *_of_corpus()]
    return tuple(dict.fromkeys(seed for seed in found if len(seed.data) <= LARGEST))


@cache
def manifests() -> tuple[Seed, ...]:
    texts = [text for case in _scenarios() for text in _manifests(case)]
    texts += [path.read_text() for path in sorted(TESTS.parent.glob("examples/*/mcpconf.yaml"))]
    return tuple(dict.fromkeys(Seed("mcpconf.yaml", text.encode()) for text in texts))


@cache
def _scenarios() -> tuple[dict, ...]:
    reader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return tuple(yaml.load(path.read_text(), reader) for path in sorted((TESTS / "cases").rglob("*.yaml")))


def _manifests(case: dict) -> Iterator[str]:
    for part in (case, *case["steps"]):
        yield from (part[key] for key in ("manifest", "manifest_is", "imported") if isinstance(part.get(key), str))
        yield from part.get("layers", {}).values()


def _of_scenarios() -> Iterator[Seed]:
    for case in _scenarios():
        for part in (case, *case["steps"]):
            for path, text in {**part.get("files", {}), **part.get("write", {})}.items():
                if Path(path).suffix in FORMATS and isinstance(text, str):
                    yield Seed(path, text.encode())


def _of_examples() -> Iterator[Seed]:
    for path in sorted(TESTS.parent.glob("examples/*/machine/home/dev/**/*")):
        if path.suffix in FORMATS and path.is_file():
            yield Seed("~/" + str(path).partition("/home/dev/")[2], path.read_bytes())


def _of_corpus() -> Iterator[Seed]:
    for path in sorted(CORPUS.glob("*/*")) if CORPUS.is_dir() else ():
        if path.suffix in FORMATS:
            yield Seed(path.name, path.read_bytes())
