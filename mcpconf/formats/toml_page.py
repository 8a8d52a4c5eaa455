"""A TOML text as its statements: table headers and key-value pairs, each with the path of what it defines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import takewhile

from mcpconf.formats.path import Steps
from mcpconf.formats.splice import Source, spliced
from mcpconf.formats.style import line_end
from mcpconf.formats.toml_notation import COMMENTS, end, keys_at, parts_at, value_end, value_from, without_comments

_BLANK = re.compile(r"[ \t\r\n]*+")
_SPACES = re.compile(r"[ \t]*+")
_REST_OF_LINE = re.compile(r"[^\n]*+\n?")


@dataclass(frozen=True, slots=True)
class Statement:
    """A header or a pair. `start` and `next` enclose its lines; `path` has indices for arrays of tables.

    For a pair, `value` and `end` span its value and `table` is the path of its section; for a header both offsets are 0
    and `table` is its own path.
    """

    number: int
    path: Steps
    table: Steps
    start: int
    key: int
    key_end: int
    next: int
    value: int = 0
    end: int = 0

    @property
    def is_pair(self) -> bool:
        return self.end > 0


class Page:
    """The text (without byte order mark) and what is in it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.bare = without_comments(text)
        self.eol = line_end(text)
        self.statements = _statements(self.bare)
        self._pairs: dict[Steps, Statement] = {}
        self._headers: dict[Steps, Statement] = {}
        for statement in self.statements:
            (self._pairs if statement.is_pair else self._headers).setdefault(statement.path, statement)

    @property
    def source(self) -> Source:
        return Source(self.text, self.bare, COMMENTS)

    def under(self, steps: Steps) -> list[Statement]:
        """What defines a value or a part of it."""
        return [each for each in self.statements if each.path[: len(steps)] == steps]

    def owner(self, steps: Steps) -> Statement | None:
        """The pair whose value is, or holds, the value at a path."""
        found = (self._pairs.get(steps[:length]) for length in range(1, len(steps) + 1))
        return min((each for each in found if each), key=lambda each: each.number, default=None)

    def section(self, statement: Statement) -> list[Statement]:
        """The pairs that follow a statement, up to the next header."""
        following = (self.statements[index] for index in range(statement.number + 1, len(self.statements)))
        return list(takewhile(lambda each: each.is_pair, following))

    def dotted(self, steps: Steps) -> list[Statement]:
        """The pairs whose dotted keys define this table."""
        return [each for each in self.under(steps) if each.is_pair and len(each.table) < len(steps)]

    def is_inline(self, statement: Statement) -> bool:
        """Whether this is a pair whose value is an inline table."""
        return statement.is_pair and self.text[statement.value] == "{"

    def header(self, steps: Steps) -> Statement | None:
        """The line that opens exactly this table."""
        return self._headers.get(steps)

    def key_part(self, statement: Statement, steps: Steps) -> tuple[int, int] | None:
        """Where the last key of a path stands in a statement below it; None if another line says that key."""
        before = len(statement.table) if statement.is_pair else 0
        if before >= len(steps):
            return None
        number = sum(isinstance(step, str) for step in steps[before:]) - 1
        return parts_at(self.bare, statement.key)[number]

    def root_pairs(self) -> list[Statement]:
        return list(takewhile(lambda each: each.is_pair, self.statements))

    def after_comments(self, offset: int) -> int:
        """Behind the comment lines at an offset, if they end in a blank line or the text: they speak of what is above."""
        position = offset
        while self.text.startswith("#", end(_SPACES, self.text, position)):
            position = end(_REST_OF_LINE, self.text, position)
        rest = self.text[position : end(_REST_OF_LINE, self.text, position)]
        return offset if rest.strip() else position

    def behind(self, steps: Steps) -> int:
        """Behind all that defines the table at a path, and the comments below it; else behind the last line."""
        group = self.under(steps)
        if not group or not steps:
            return self.last_line()
        last = [group[-1], *self.section(group[-1])][-1]
        return self.after_comments(last.next)

    def block(self, header: Statement) -> tuple[int, int]:
        """The lines of a table with the blank line above it."""
        last = [header, *self.section(header)][-1]
        above = self.text[: header.start].removesuffix("\n").removesuffix("\r")
        return (len(above) if not above or above.endswith("\n") else header.start), last.next

    def pair_lines(self, pair: Statement) -> tuple[int, int]:
        """The lines of a pair, with those that came with it if it is the only one of its section.

        In front of all tables that is the blank line below. A header that stands behind its own sub-tables, where it
        says nothing, came with the pair right below it; with a blank line between, only that line did.
        """
        if self.root_pairs() == [pair]:
            return pair.start, self._past_blank(pair.next)
        header = self.header(pair.table)
        if header and self.section(header) == [pair] and self.is_late(header):
            between = self.text[header.next : pair.start]
            if not between:
                return self.block(header)
            return (pair.start if between.strip(" \t\r\n") else header.next), pair.next
        return pair.start, pair.next

    def is_late(self, header: Statement) -> bool:
        """Whether the header stands behind sub-tables of its own, which have defined the table already."""
        group = self.under(header.path)
        return group[0] is not header

    def _past_blank(self, offset: int) -> int:
        """Behind one blank line, unless only blanks follow."""
        line = end(_REST_OF_LINE, self.text, offset)
        return offset if self.text[offset:line].strip() or not self.text[line:].strip() else line

    def top(self) -> int:
        """Where the first pair of a document goes that has only tables: behind a comment that a blank line ends."""
        behind = self.after_comments(0)
        return end(_REST_OF_LINE, self.text, behind) if behind else 0

    def last_line(self) -> int:
        """Behind the last line that has something on it."""
        used = len(self.text.rstrip(" \t\r\n"))
        return end(_REST_OF_LINE, self.text, used) if used else 0

    def with_lines(self, offset: int, lines: str) -> Page:
        """Insert whole lines where a line begins or the text ends. A missing last line end stays missing."""
        if offset and not self.text.endswith("\n", 0, offset):
            return Page(self.text[:offset] + self.eol + lines.removesuffix(self.eol))
        return Page(self.text[:offset] + lines + self.text[offset:])

    def without_lines(self, cuts: list[tuple[int, int]]) -> Page:
        """Remove whole lines, given in order; a table at the top takes the blank line below along.

        A missing last line end stays missing.
        """
        if not cuts[0][0] and not self.statements[0].is_pair:
            cuts[0] = 0, self._past_blank(cuts[0][1])
        text = spliced(self.text, [(start, stop, "") for start, stop in cuts])
        if cuts[-1][1] == len(self.text) and not self.text.endswith("\n"):
            text = text.removesuffix("\n").removesuffix("\r")
        return Page(text)


def _statements(bare: str) -> list[Statement]:
    found: list[Statement] = []
    counts: dict[Steps, int] = {}
    table: Steps = ()
    position = end(_BLANK, bare, 0)
    while position < len(bare):
        start = bare.rfind("\n", 0, position) + 1
        if bare[position] == "[":
            many = bare.startswith("[[", position)
            key = end(_SPACES, bare, position + (2 if many else 1))
            keys, key_end = keys_at(bare, key)
            table = _resolved(keys, counts, many=many)
            stop = end(_SPACES, bare, key_end) + (2 if many else 1)
            following = end(_REST_OF_LINE, bare, stop)
            found.append(Statement(len(found), table, table, start, key, key_end, following))
        else:
            keys, key_end = keys_at(bare, position)
            value = value_from(bare, key_end)
            stop = value_end(bare, value)
            following = end(_REST_OF_LINE, bare, stop)
            found.append(
                Statement(len(found), (*table, *keys), table, start, position, key_end, following, value, stop)
            )
        position = end(_BLANK, bare, following)
    return found


def _resolved(keys: tuple[str, ...], counts: dict[Steps, int], *, many: bool) -> Steps:
    """The path of a header: a step into an array of tables means its last element; `[[x]]` begins a new one."""
    path: Steps = ()
    for number, key in enumerate(keys):
        path = (*path, key)
        if many and number == len(keys) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
