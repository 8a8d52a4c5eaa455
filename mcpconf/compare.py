"""Which owned fields differ between what is wanted and what a host reads, and how to say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mcpconf.canonical import same
from mcpconf.model.base import Json
from mcpconf.model.entry import FIELDS_OF_TOOLS, FIELDS_OWNED, FIELDS_STATED, Entry, field_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Detail:
    """One difference inside a field: `args[2]`, `env.GITHUB_TOKEN`. None means not there on that side."""

    name: str
    before: Json
    after: Json


def owned_fields(stated: Iterable[str]) -> tuple[str, ...]:
    """The fields an entry owns: those that always count, and those the manifest states."""
    chosen = set(stated)
    return (*FIELDS_OWNED, *(name for name in FIELDS_STATED if name in chosen))


def differing(wanted: Entry, found: Entry, stated: Iterable[str]) -> tuple[str, ...]:
    """Names of owned fields that differ, in the order of the table of fields."""
    return tuple(
        name
        for name in owned_fields(stated)
        if not _plainly_equal(wanted, found, name) and not same(field_value(wanted, name), field_value(found, name))
    )


def _plainly_equal(wanted: Entry, found: Entry, name: str) -> bool:
    """The quick answer, without digests."""
    if name == "launch":
        return (wanted.command == found.command and wanted.args == found.args) or _tells_alike(wanted, found)
    return bool(getattr(wanted, name) == getattr(found, name))


def _tells_alike(wanted: Entry, found: Entry) -> bool:
    """Whether both start a bridge that reads its arguments alike."""
    if len(wanted.args) != len(found.args) or all(word.text != "--header" for word in found.args):
        return False
    from mcpconf.packages.bridge import alike

    return alike(wanted.argv, found.argv)


def details(name: str, before: Json, after: Json) -> tuple[Detail, ...]:
    """The smallest differences inside one field, for people. `before` and `after` must be safe to print.

    A changed list of arguments is told by index, `command` standing for the first; a changed map by key; a list of tools
    by what came and went.
    """
    if name in FIELDS_OF_TOOLS:
        return tuple(_tools(name, before, after))
    if not isinstance(before, (list, dict)) or type(before) is not type(after) or not before:
        return (Detail(name, before, after),)
    from deepdiff import DeepDiff

    tree = DeepDiff(before, after, view="tree", threshold_to_diff_deeper=0)
    found = [
        Detail(_spell(name, level.path(output_format="list")), _side(level.t1), _side(level.t2))
        for levels in tree.values()
        for level in levels
    ]
    return tuple(sorted(found, key=lambda detail: (_natural(detail.name), str(detail.before))))


def _tools(name: str, before: Json, after: Json) -> Iterator[Detail]:
    if before is None or after is None:
        yield Detail(name, before, after)
        return
    yield from (Detail(name, item, None) for item in before if item not in after)
    yield from (Detail(name, None, item) for item in after if item not in before)


def _side(value: object) -> Json:
    return None if type(value).__name__ == "NotPresent" else value


def _spell(name: str, path: list[str | int]) -> str:
    if name == "launch":
        index = path[0]
        assert isinstance(index, int)
        return "command" if index == 0 else f"args[{index - 1}]"
    return name + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _natural(name: str) -> tuple[str, int]:
    head, bracket, tail = name.partition("[")
    return head, int(tail.rstrip("]")) if bracket and tail.rstrip("]").isdigit() else -1
