"""YAML as people write it for us: maps, lists and text, nothing else, with a position for every key.

PyYAML only splits the text into events; no tag ever constructs an object, and no scalar is guessed to be a number, a
boolean or a date. `no`, `1.10`, `012`, `~` and `null` stay the text they are. The one exception: a key or list item with
nothing behind it is None, "nothing said"; empty text is written `""`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NoReturn, TypeAlias

import yaml

from mcpconf.errors import ExitCode, McpconfError, Problem, ProblemKind, Where
from mcpconf.formats.base import BYTE_ORDER_MARK, FormatError, place
from mcpconf.formats.text import decode_text
from mcpconf.model.base import Json
from mcpconf.model.written import shown

Path: TypeAlias = tuple[str | int, ...]
Position: TypeAlias = tuple[int, int]

MAXIMUM_BYTES = 1024 * 1024
MAXIMUM_DEPTH = 50
MAXIMUM_NODES = 100_000
MAXIMUM_PROBLEMS = 100

Loader: TypeAlias = type[yaml.SafeLoader] | type[yaml.CSafeLoader]
LOADER: Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Controls, what YAML 1.1 takes for line ends and other programs do not (U+0085, U+2028, U+2029), marks that turn the
direction of text (U+202A-E, U+2066-9) and U+FEFF: with these a text reads otherwise than it looks."""
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Tree:
    """Maps, lists, text and None; and where each of them is written: lines and columns count from 1.

    The position of a map's member is its key's, that of a list's member its own. `()` is the document.
    """

    value: Json
    positions: Mapping[Path, Position]

    def position(self, path: Path) -> Position:
        """Where `path` is written, or the nearest thing around it that is."""
        while path and path not in self.positions:
            path = path[:-1]
        return self.positions.get(path, (1, 1))


def read(data: bytes | str, file: str) -> Tree:
    """Raises McpconfError (exit 1) with every duplicate key, tag and anchor, or with the first error of syntax."""
    return _Builder(file).build(_text(data, file), LOADER)


def _text(data: bytes | str, file: str) -> str:
    if len(data) > MAXIMUM_BYTES:
        raise _one("oversized", f"the file has more than {MAXIMUM_BYTES:,} bytes", Where(file))
    try:
        text = data if isinstance(data, str) else decode_text(data)
    except FormatError as error:
        raise _one(error.kind, error.message, Where(file, error.line, error.column), error.hint) from None
    text = text.removeprefix(BYTE_ORDER_MARK)
    if found := _FORBIDDEN.search(text):
        escape = f"U+{ord(found[0]):04X}"
        hint = "remove it, or write it as an escape in double quotes"
        raise _one("encoding", f"invisible character {escape}", Where(file, *place(text, found.start())), hint)
    return text


def _one(kind: ProblemKind, message: str, where: Where, hint: str = "") -> McpconfError:
    return McpconfError(ExitCode.NO_PLAN, Problem(kind, message, where, hint))


@dataclass(slots=True)
class _Open:
    """A map or list that is not closed yet. `key` is the key whose value comes next, None while a key is awaited."""

    container: dict[str, Json] | list[Json]
    path: Path
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Builds the tree from events without recursion; `levels` holds what is open, outermost first."""

    file: str
    levels: list[_Open] = field(default_factory=list)
    positions: dict[Path, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    root: Json = None
    nodes: int = 0
    documents: int = 0

    def build(self, text: str, loader: Loader) -> Tree:
        for event in self._events(text, loader):
            if isinstance(event, yaml.DocumentStartEvent):
                self.documents += 1
                if self.documents > 1:
                    self._stop("invalid", "a second document starts here", event, "keep one document in a file")
            elif isinstance(event, yaml.CollectionEndEvent):
                self.levels.pop()
            elif isinstance(event, yaml.NodeEvent):
                self._node(event)
        if self.problems:
            raise McpconfError(ExitCode.NO_PLAN, *self.problems)
        return Tree(self.root, self.positions)

    def _events(self, text: str, loader: Loader) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(text, Loader=loader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            at = min((mark.line + 1, mark.column + 1), place(text, len(text))) if mark else (1, 1)
            self._add("malformed", f"this is not YAML: {error.problem}", at, advice(str(error.problem), text, at))
        except (yaml.YAMLError, ValueError):
            self._add(
                "malformed", "this is not YAML: an escape names no character", (1, 1), "escapes go to `\\U0010FFFF`"
            )

    def _node(self, event: yaml.NodeEvent) -> None:
        self.nodes += 1
        if self.nodes > MAXIMUM_NODES:
            self._stop("oversized", f"there are more than {MAXIMUM_NODES:,} values", event)
        self._refuse_shorthand(event)
        level = self.levels[-1] if self.levels else None
        if level is not None and isinstance(level.container, dict) and level.key is None:
            level.key = self._key(level.container, level.path, event)
            return
        value = self._value(event)
        path = self._put(level, value, event)
        if isinstance(value, (dict, list)):
            if len(self.levels) == MAXIMUM_DEPTH:
                self._stop("oversized", f"nested deeper than {MAXIMUM_DEPTH} levels", event)
            self.levels.append(_Open(value, path))

    def _refuse_shorthand(self, event: yaml.NodeEvent) -> None:
        tag: str | None = getattr(event, "tag", None)
        anchor = event.anchor or ""
        if isinstance(event, yaml.AliasEvent):
            hint = "aliases are not read; write the value out"
            self._complain("invalid", f"alias {shown('*' + anchor)}", event, hint)
        elif anchor:
            self._complain("invalid", f"anchor {shown('&' + anchor)}", event, "anchors are not read; write values out")
        if tag is not None:
            hint = "tags are not read; every value is text, a list or a map"
            self._complain("invalid", f"tag {shown(tag)}", event, hint)

    def _key(self, container: dict[str, Json], path: Path, event: yaml.NodeEvent) -> str:
        """The key, once its faults are told."""
        if isinstance(event, yaml.CollectionStartEvent):
            self._stop("invalid", "a list or a map stands where a key must be", event, "put the text in quotes")
        key = self._scalar(event) or ""
        plain = isinstance(event, yaml.ScalarEvent) and event.implicit[0]
        if plain and key in ("", "<<"):
            message, hint = (
                ("merge key `<<`", "merging is not done; write the keys out") if key else ("a key is missing", "")
            )
            self._complain("invalid", message, event, hint)
            self.positions.setdefault((*path, key), _position(event))
        elif key in container:
            line, column = self.positions[*path, key]
            hint = f"it is also at line {line}, column {column}; keep one"
            self._complain("duplicate-key", f"key {shown(key)} is there twice", event, hint)
        else:
            self.positions[*path, key] = _position(event)
        return key

    def _value(self, event: yaml.NodeEvent) -> Json:
        if isinstance(event, yaml.CollectionStartEvent):
            return {} if isinstance(event, yaml.MappingStartEvent) else []
        return self._scalar(event)

    def _scalar(self, event: yaml.NodeEvent) -> str | None:
        if not isinstance(event, yaml.ScalarEvent) or (event.value == "" and event.implicit[0]):
            return None
        if _SURROGATE.search(event.value):
            hint = "write the character itself, or `\\U` and eight digits"
            self._complain("encoding", "half of a surrogate pair", event, hint)
        return str(event.value)

    def _put(self, level: _Open | None, value: Json, event: yaml.NodeEvent) -> Path:
        if level is None:
            self.root = value
            path: Path = ()
        elif isinstance(level.container, list):
            path = (*level.path, len(level.container))
            level.container.append(value)
        else:
            path = (*level.path, level.key or "")
            level.container[level.key or ""] = value
            level.key = None
            return path
        self.positions[path] = _position(event)
        return path

    def _complain(self, kind: ProblemKind, message: str, event: yaml.Event, hint: str = "") -> None:
        self._add(kind, message, _position(event), hint)
        if len(self.problems) == MAXIMUM_PROBLEMS:
            raise McpconfError(ExitCode.NO_PLAN, *self.problems)

    def _stop(self, kind: ProblemKind, message: str, event: yaml.Event, hint: str = "") -> NoReturn:
        self._add(kind, message, _position(event), hint)
        raise McpconfError(ExitCode.NO_PLAN, *self.problems)

    def _add(self, kind: ProblemKind, message: str, at: Position, hint: str) -> None:
        self.problems.append(Problem(kind, message, Where(self.file, *at), hint))


def _position(event: yaml.Event) -> Position:
    mark = event.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def advice(problem: str, text: str, at: Position) -> str:
    """A hint for what PyYAML found wrong."""
    line = text.split("\n", at[0])[at[0] - 1] if text.count("\n") >= at[0] - 1 else ""
    if "\t" in line[: at[1]]:
        return "indent with spaces, not with tabs"
    if "mapping values are not allowed" in problem:
        return "put text that holds `: ` in quotes"
    return "put text that begins with a special character in quotes" if "cannot start any token" in problem else ""
