"""Texts to values with nothing of ours: Python's own parsers, and a few lines around them."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import yaml


class RepeatedKeyError(ValueError):
    """A key is there twice."""


def read_document(text: str, notation: str) -> Any:
    """Raises ValueError for what the host's reader does not take, and RepeatedKeyError for a key that is there twice."""
    text = text.removeprefix("\ufeff")
    match notation:
        case "toml":
            return tomllib.loads(text)
        case "yaml":
            return _yaml(text)
        case "jsonc":
            text = re.sub(rf"({_QUOTED})|//[^\n]*|/\*.*?\*/", r"\1", text, flags=re.DOTALL)
            text = re.sub(rf"({_QUOTED})|,(?=\s*[}}\]])", r"\1", text)
    return json.loads(text, object_pairs_hook=_without_repetition)


_QUOTED = r'"(?:\\.|[^"\\])*"'


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise RepeatedKeyError("a key is there twice")
    return dict(pairs)


class _Core(yaml.SafeLoader):
    """The scalars of YAML 1.2: `yes`, `on` and `1:30` are texts, and so are digits behind a zero."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(0|[1-9][0-9]*)|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    _Core.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _yaml(text: str) -> Any:
    try:
        node = yaml.compose(text, Loader=_Core)
        _look_for_repetition(node)
        return yaml.load(text, Loader=_Core)  # as safe as its base
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from None


def _look_for_repetition(node: yaml.Node | None) -> None:
    match node:
        case yaml.MappingNode():
            keys = [str(key.value) for key, _ in node.value]
            if len(set(keys)) < len(keys):
                raise RepeatedKeyError("a key is there twice")
            for _, value in node.value:
                _look_for_repetition(value)
        case yaml.SequenceNode():
            for item in node.value:
                _look_for_repetition(item)
