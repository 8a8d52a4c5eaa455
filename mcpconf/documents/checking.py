"""From a tree to a model, or to every problem in it: what, at which line and column, and what to write instead."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from mcpconf.errors import ExitCode, McpconfError, Problem, Where
from mcpconf.formats.yaml import Path, Tree
from mcpconf.model.base import Document, Json
from mcpconf.model.written import Fault, shape, shown
from mcpconf.secrets import secret_named

D = TypeVar("D", bound=Document)

MAXIMUM_PROBLEMS = 100
"""More are not told: nobody reads them, and a hostile document must not choose how long we compare words."""

_LONGEST_WORD = 64
_MOST_CANDIDATES = 1000

_SHAPES = {
    "string_type": "text",
    "dict_type": "a map",
    "model_type": "a map",
    "tuple_type": "a list",
}
_MISSING = {
    "mcpconf": "begin the file with `mcpconf: 1`",
    "reason": "say why, for those who come later",
    "expires": "say until when, such as `2027-06-30`",
}


def check(model: type[D], value: Json, tree: Tree, file: str, found: Iterable[Fault] = ()) -> D:
    """Build the model. `found` are faults known before; nothing more is said of their keys and what lies below.

    Raises McpconfError (exit 1) with every problem, in the order of the lines.
    """
    faults = list(islice(found, MAXIMUM_PROBLEMS))
    unsaid = list(islice(_beside(_unsaid(value), {fault.at for fault in faults}), MAXIMUM_PROBLEMS))
    faults += unsaid
    try:
        document = model.model_validate(value)
    except ValidationError as error:
        doubtful = {fault.at[:-1] for fault in unsaid}
        other = _beside(_faults(error, model, tree), {fault.at for fault in faults})
        faults += [fault for fault in other if fault.at not in doubtful]
    if faults:
        raise McpconfError(ExitCode.NO_PLAN, *problems(faults, tree, file))
    return document


def problems(faults: Iterable[Fault], tree: Tree, file: str) -> tuple[Problem, ...]:
    """The first MAXIMUM_PROBLEMS, in the order of the lines."""
    ordered = sorted(faults, key=lambda fault: tree.position(fault.at))
    told = [
        Problem("invalid", f"{_subject(fault.at)} {fault.message}", Where(file, *tree.position(fault.at)), fault.hint)
        for fault in ordered[:MAXIMUM_PROBLEMS]
    ]
    if len(ordered) > MAXIMUM_PROBLEMS:
        told.append(Problem("invalid", "there are more problems below this line", told[-1].where))
    return tuple(told)


def did_you_mean(word: str, known: Collection[str]) -> str:
    """A hint, empty if nothing is near."""
    import difflib

    candidates = [name for name in islice(known, _MOST_CANDIDATES) if len(name) <= _LONGEST_WORD]
    near = difflib.get_close_matches(word, candidates, n=1) if len(word) <= _LONGEST_WORD else []
    return f"did you mean `{near[0]}`?" if near else ""


def select(value: Json, pattern: tuple[str, ...]) -> Iterator[tuple[Path, Json]]:
    """Every value that a pattern leads to, with its path. `*` is any key or element; what is not there is left out."""
    reached: list[tuple[Path, Json]] = [((), value)]
    for step in pattern:
        reached = [((*path, key), inner) for path, outer in reached for key, inner in _members(outer, step)]
    yield from reached


def _members(value: Json, step: str) -> Iterator[tuple[str | int, Json]]:
    if isinstance(value, dict):
        yield from value.items() if step == "*" else ((step, value[step]) for _ in range(step in value))
    elif isinstance(value, list) and step == "*":
        yield from enumerate(value)


def _unsaid(value: Json) -> Iterator[Fault]:
    """Keys and elements that are written and have nothing behind them."""
    waiting: list[tuple[Path, Json]] = [((), value)]
    while waiting:
        path, outer = waiting.pop()
        for key, inner in _members(outer, "*"):
            if inner is None:
                yield Fault("has no value", 'leave it out, or write `""` for empty text', (*path, key))
            elif isinstance(inner, (dict, list)):
                waiting.append(((*path, key), inner))


def _beside(faults: Iterable[Fault], known: Collection[Path]) -> Iterator[Fault]:
    """Faults that are neither at a known place nor below one."""
    for fault in faults:
        if not any(fault.at[:length] in known for length in range(len(fault.at) + 1)):
            yield fault


def _faults(error: ValidationError, model: type[BaseModel], tree: Tree) -> Iterator[Fault]:
    located = [
        (tuple(step for step in item["loc"] if step != "[key]"), item) for item in error.errors(include_url=False)
    ]
    located.sort(key=lambda pair: tree.position(pair[0]))
    for path, item in located[:MAXIMUM_PROBLEMS]:
        yield from _translated(path, item, model)


def _translated(path: Path, item: Mapping[str, Any], model: type[BaseModel]) -> Iterator[Fault]:
    """One of pydantic's complaints in our words."""
    context = item.get("ctx", {})
    match item["type"]:
        case "value_error":
            yield from (replace(fault, at=(*path, *fault.at)) for fault in context["error"].faults)
        case "extra_forbidden":
            known = _keys(model, path[:-1])
            listed = "known here: " + ", ".join(f"`{key}`" for key in known)
            yield Fault("is no known key", did_you_mean(str(path[-1]), known) or listed, path)
        case "missing":
            yield Fault(f"has no `{path[-1]}`", _MISSING.get(str(path[-1]), ""), path[:-1])
        case "literal_error":
            expected = str(context["expected"]).replace("'", "`")
            near = did_you_mean(str(item["input"]), expected.split("`")[1::2])
            yield Fault(f"must be {expected}, not {_found(path, item['input'])}", near, path)
        case "string_pattern_mismatch":
            hint = "use lower-case letters, digits and `-`, at most 32, beginning with a letter or digit"
            yield Fault(f"is no name of a server: {shown(item['input'])}", hint, path)
        case kind:
            wanted = _SHAPES.get(kind, kind)
            hint = "put it in brackets: `[...]`" if kind == "tuple_type" and isinstance(item["input"], str) else ""
            yield Fault(f"must be {wanted}, not {_found(path, item['input'])}", hint, path)


def _found(path: Path, value: object) -> str:
    """What stands there; under the name of a secret no text is quoted."""
    return "this text" if isinstance(value, str) and path and secret_named(str(path[-1])) else shape(value)


def _keys(model: Any, path: Path) -> list[str]:
    """The keys that the map at `path` may have, in the order of the model."""
    for step in path:
        model = _inner(_plain(model), step)
    model = _plain(model)
    fields = getattr(model, "model_fields", {})
    return [field.alias or name for name, field in fields.items()]


def _inner(kind: Any, step: str | int) -> Any:
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    if get_origin(kind) is tuple:
        return get_args(kind)[0]
    fields = getattr(kind, "model_fields", {})
    return next((field.annotation for name, field in fields.items() if step in (field.alias, name)), None)


def _plain(kind: Any) -> Any:
    """The type without what may be said around it: `Annotated`, `| None`."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = next(option for option in get_args(kind) if option is not type(None))
    return kind


def _subject(path: Path) -> str:
    """Such as `servers.files.args[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    return shown(text) if path else "the document"
