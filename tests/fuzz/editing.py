"""What must hold of every text and every edit of it."""

from __future__ import annotations

from random import Random
from typing import get_args

from mcpconf.canonical import same
from mcpconf.errors import ProblemKind
from mcpconf.formats import FORMATS, FormatError, decode_text, encode_text
from mcpconf.formats.path import after_put
from mcpconf.formats.toml_edit import verify
from mcpconf.model.base import ABSENT, APPEND, Element

KINDS = get_args(ProblemKind)
_KEYS = ("new", "mcpServers", "a b", "é", "", "a.b", "yes", '"', "<<", "\t", "command", "0")
_SCALARS = ("x", "", "no", "1", "a: b # c", "\u2028", "'\"\\", "é😀", 1, -2.5, True, "two\nlines\n", " ", "${A}")


def edit(form: str, data: bytes) -> None:
    """Parse, ask for places, put, and read back. The edit follows from the bytes alone."""
    try:
        text = decode_text(data)
        value = FORMATS[form].parse(text).value
    except FormatError as error:
        refused(error, data)
        return
    assert encode_text(text) == data
    random = Random(data)
    paths = list(paths_into(value))
    for path in random.sample(paths, min(3, len(paths))):
        at = position(form, text, path)
        assert at is None or (1 <= at[0] <= text.count("\n") + 1 and at[1] >= 1), (path, at)
        put(form, text, value, *_change(value, path, random))
        if path and isinstance(path[-1], str) and path[-1] != "name":
            rename(form, text, value, path, random.choice([key for key in _KEYS if key != "<<"]))


def put(form: str, text: str, value, path, wanted) -> None:
    write, parse = FORMATS[form].put, FORMATS[form].parse
    try:
        new = write(text, path, wanted)
    except FormatError as error:
        refused(error)
        return
    told = (path, wanted)
    verify(parse(new).value, after_put(value, path, wanted), path, wanted if form == "toml" else None)
    count = missing(value, path)
    if wanted is ABSENT:
        assert write(new, path, ABSENT) == new, told
        assert count == len(path) or new == text, told
    elif count < len(path):
        assert same(reach(parse(new).value, path, wanted), wanted), told
        assert APPEND in path or write(new, path, wanted) == new, told
        undone = write(new, path[: count + 1], ABSENT) if APPEND not in path[: count + 1] else text
        assert undone == text or not (count or value), told
    elif all(isinstance(step, str) for step in path) and (path or isinstance(wanted, (dict, list))):
        assert write(new, path, wanted) == new, told
        if same(reach(value, path), wanted) and text.strip("\ufeff \t\r\n"):
            assert new == text, told


def rename(form: str, text: str, value, path, name: str) -> None:
    """A key gets another name in place, and its old one again."""
    other, parse = FORMATS[form].rename, FORMATS[form].parse
    try:
        new = other(text, path, name)
    except FormatError as error:
        refused(error)
        return
    renamed = (*path[:-1], name)
    assert list(reach(parse(new).value, path[:-1])) == [
        name if key == path[-1] else key for key in reach(value, path[:-1])
    ], (path, name)
    assert same(reach(parse(new).value, renamed), reach(value, path)), (path, name)
    assert same(parse(other(new, renamed, path[-1])).value, value), (path, name)


def position(form: str, text: str, path) -> tuple[int, int] | None:
    try:
        return FORMATS[form].position(text, path)
    except FormatError as error:
        refused(error)
        return None


def refused(error: FormatError, data: bytes | None = None) -> None:
    """A refusal says what it is; where the text is wrong, also the place, which is in it."""
    assert error.kind in KINDS
    assert error.message
    assert (error.line is None) == (error.column is None)
    assert error.line is not None or error.kind in ("container", "encoding", "oversized"), error.message
    lines = None if data is None else data.decode("utf-8", "replace").count("\n") + 1
    assert lines is None or error.line is None or error.line <= lines, error.message


def paths_into(value, path=(), deep: int = 12):
    yield path
    if deep and isinstance(value, dict):
        for key, item in value.items():
            yield from paths_into(item, (*path, key), deep - 1)
    elif deep and isinstance(value, list):
        named = {
            item["name"]: item
            for item in reversed(value)
            if isinstance(item, dict) and isinstance(item.get("name"), str)
        }
        yield from ((*path, Element(item)) for item in value if isinstance(item, str))
        for name, item in named.items():
            yield from paths_into(item, (*path, Element(name, "name")), deep - 1)


def reach(value, path, otherwise=None):
    """What a path leads to; of an element that is plain text, the text."""
    for step in path:
        if isinstance(step, str):
            value = value[step]
        elif step is APPEND:
            value = value[-1]
        elif step.key:
            value = next(item for item in value if isinstance(item, dict) and item.get(step.key) == step.value)
        else:
            return otherwise if step.value not in value else step.value
    return value


def missing(value, path) -> int:
    """How many steps of a path exist."""
    for count, step in enumerate(path):
        if isinstance(step, str):
            if not isinstance(value, dict) or step not in value:
                return count
            value = value[step]
        elif not isinstance(step, Element) or not isinstance(value, list):
            return count
        else:
            found = [
                item
                for item in value
                if (isinstance(item, dict) and item.get(step.key) == step.value if step.key else item == step.value)
            ]
            if not found:
                return count
            value = found[0]
    return len(path)


def _change(value, path, random: Random):
    """A path and what to put there: near what is there, or anything."""
    held = reach(value, path)
    kind = random.randrange(4)
    if kind == 0 and path:
        return path, ABSENT
    if kind == 1:
        return path, held if not isinstance(path[-1:], Element) else ABSENT
    if kind == 2 and isinstance(held, dict):
        more = random.choice(((), (random.choice(_KEYS),), (APPEND,)))
        key = random.choice(_KEYS)
        return (*path, key, *(more if key not in held else ())), _made(random, 2)
    if kind == 2 and isinstance(held, list):
        text = random.choice(("x", "-y", "no", "é"))
        return random.choice((((*path, Element(text)), text), ((*path, APPEND), text)))
    if path and isinstance(path[-1], Element):
        last = path[-1]
        return path, {last.key: last.value, "k": _made(random, 1)} if last.key else last.value
    return path, _near(held, random) if random.random() < 0.6 else _made(random, 3)


def _near(value, random: Random):
    """The same with a member more, less or other."""
    if isinstance(value, dict):
        kept = {key: _near(item, random) if random.random() < 0.2 else item for key, item in value.items()}
        if kept and random.random() < 0.5:
            del kept[random.choice([*kept])]
        return kept | ({random.choice(_KEYS): _made(random, 1)} if random.random() < 0.5 else {})
    if isinstance(value, list):
        kept = [item for item in value if random.random() < 0.8]
        return kept + [random.choice(_SCALARS)] * (random.random() < 0.5)
    return random.choice(_SCALARS)


def _made(random: Random, deep: int):
    kind = random.randrange(4) if deep else 3
    if kind == 0:
        return {random.choice(_KEYS): _made(random, deep - 1) for _ in range(random.randrange(4))}
    if kind == 1:
        return [_made(random, deep - 1) for _ in range(random.randrange(4))]
    return random.choice(_SCALARS)
