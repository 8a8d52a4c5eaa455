"""What a host must see of each server of `manifest.yaml`: plain values, as a started server gets them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Facts = Mapping[str, Any]
"""By field: what is known of one server. A field that is not in it is not known."""

VARIABLES = {"TOY_VALUE": "a value ü", "TOY_WORD": "word", "TOY_TOKEN": "token-of-a-toy"}

WORDS = ["a b", "quote\"'s", "back\\slash", "ünï→😀", "", "--flag=x y", "tab\there", "#no comment", "[x] {y} <z>"]

PLACES = {"web": "/web", "bearer": "/bearer", "keyed": "/keyed", "placed": "/word", "events": "/sse"}
"""Where the servers of the manifest that have an address are, below the address of the one that answers for all."""

TOOLS = ["search", "write"]
"""What every server offers."""

USUAL: Facts = {"enabled": True, "tools": TOOLS, "auto": [], "timeout": None}
"""What holds where the manifest says nothing else."""

_ARGUMENTS = {
    "words": WORDS,
    "dollar-name": ["$TOY_VALUE"],
    "dollar-braces": ["${TOY_VALUE}"],
    "dollar-env": ["${env:TOY_VALUE}"],
    "braces-env": ["{env:TOY_VALUE}"],
    "dollar-default": ["${TOY_UNSET:-instead}"],
    "percents": ["%TOY_VALUE%"],
    "argument": ["--value=a value ü"],
}
_LOCAL: dict[str, Facts] = {
    "plain": {},
    **{name: {} for name in _ARGUMENTS},
    "values": {"env": {"LITERAL": "a=b c", "EMPTY": "", "NUMBER": "1.10", "SPECIAL": "ünï \"quoted\" 'back\\slash'"}},
    "handed": {"env": {"TOY_VALUE": "a value ü", "TOY_TOKEN": "token-of-a-toy"}},
    "renamed": {"env": {"OTHER": "a value ü"}},
    "within": {"env": {"WITHIN": "<a value ü>"}},
    "defaulted": {"env": {"WITH_DEFAULT": "fall back"}},
    "folder": {},
    "on": {},
    "off": {"enabled": False},
    "patient": {"timeout": 90},
    "limited": {"tools": ["search"]},
    "allowed": {"tools": ["search", "write"]},
    "denied": {"tools": ["search"]},
    "trusted": {"tools": ["search", "write"], "auto": ["search"]},
    "mine": {},
    "shared": {},
}
_REMOTE: dict[str, Facts] = {
    "web": {"query": "?a=b", "headers": {"x-literal": "one two"}},
    "bearer": {"query": "", "headers": {"authorization": "Bearer token-of-a-toy"}},
    "keyed": {"query": "", "headers": {"x-key": "token-of-a-toy"}},
    "placed": {"query": "", "headers": {}},
    "events": {"query": "", "headers": {"x-events": "yes"}, "transport": "sse"},
}


def wanted(tell: list[str], records: str, web: str, home: str) -> dict[str, Facts]:
    """`tell`: the command of a server that writes down how it was started, in the folder `records`."""
    seen: dict[str, Facts] = {}
    for name, facts in _LOCAL.items():
        argv = [*tell, f"{records}/{name}", *_ARGUMENTS.get(name, ())]
        seen[name] = {**USUAL, "transport": "stdio", "argv": argv, "env": {}, **facts}
    for name, facts in _REMOTE.items():
        seen[name] = {**USUAL, "transport": "http", **facts, "url": web + PLACES[name] + facts["query"]}
    seen["folder"] = {**seen["folder"], "cwd": f"{home}/work"}
    seen["mine"] = {**seen["mine"], "argv": [*seen["mine"]["argv"], f"{home}/project"]}
    return seen
