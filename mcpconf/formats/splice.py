"""Members in brackets: where to cut and what to write so that a member comes or goes and nothing else moves.

Serves every notation in which members stand between two brackets and are parted by commas. A comment on the line of a
member goes with it; a comment on a line of its own always stays, for a person wrote it and it may be about anything.
Every insertion is undone, byte for byte, by the removal of the same member.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mcpconf.model.base import Json

Splice = tuple[int, int, str]

_BREAK = re.compile(r"[ \t]*+(?:\r\n|\n|\r)")
_BLANKS = re.compile(r"[ \t]*+")
_SPACE = re.compile(r"[ \t\r\n]*+")


@dataclass(frozen=True, slots=True)
class Member:
    """One member by its offsets: its key (or value, in a list) begins at `start`, its value spans `value` to `end`."""

    key: str | None
    start: int
    key_end: int
    value: int
    end: int
    content: Json


@dataclass(frozen=True, slots=True)
class Box:
    """A map or list by the offsets of its two brackets."""

    open: int
    close: int
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """How a new member is set.

    `lined`: an empty box is broken into lines. `indent` is used where no neighbour on a line of its own shows one.
    `gap` follows a comma within a line, `pad` the bracket of an empty box, `trailing` says that a last member of a box
    broken into lines has a comma too.
    """

    eol: str
    indent: str
    gap: str
    pad: str
    lined: bool
    trailing: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A text, the same with its comments blanked, and the notation's run of comments within a line."""

    text: str
    bare: str
    comments: re.Pattern[str]

    def comma(self, start: int, end: int) -> int:
        return self.bare.find(",", start, end)

    def tail(self, offset: int) -> int:
        """The end of the comments that follow on the line."""
        match = self.comments.match(self.text, offset)
        return match.end() if match else offset

    def ends_line(self, offset: int) -> bool:
        return _BREAK.match(self.text, offset) is not None

    def blanks(self, offset: int) -> int:
        match = _BLANKS.match(self.text, offset)
        return match.end() if match else offset

    def space(self, offset: int) -> int:
        """The end of blanks and line breaks."""
        match = _SPACE.match(self.text, offset)
        return match.end() if match else offset

    def line_break(self, offset: int) -> int | None:
        """Where the line break before `offset` begins, if only blanks stand between; else None."""
        text = self.text
        while offset and text[offset - 1] in " \t":
            offset -= 1
        if text.endswith("\r\n", 0, offset):
            return offset - 2
        return offset - 1 if offset and text[offset - 1] in "\r\n" else None

    def indent(self, offset: int) -> str:
        """The blanks at the start of the line that holds `offset`."""
        start = max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1
        return self.text[start : self.blanks(start)]

    def without(self, cuts: Iterable[Splice]) -> Source:
        """The source after the splices, which must be in order and apart. What they write holds no comment."""
        return Source(spliced(self.text, cuts), spliced(self.bare, cuts), self.comments)


def spliced(text: str, splices: Iterable[Splice]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end, new in splices:
        pieces += text[position:start], new
        position = end
    return "".join((*pieces, text[position:]))


def insertion(source: Source, box: Box, index: int, entry: str, layout: Layout) -> list[Splice]:
    """Make `entry` the member at `index`."""
    if not box.members:
        return _first(source, box, entry, layout)
    if index == 0:
        return _foremost(source, box, entry, layout)
    before = box.members[index - 1]
    following = box.members[index].start if index < len(box.members) else None
    comma = source.comma(before.end, box.close if following is None else following)
    anchor = before.end if comma < 0 else comma + 1
    tail = source.tail(anchor)
    shown = before.start if following is None else following
    lined = source.line_break(shown) is not None
    if not lined and not (following is None and tail > anchor and source.ends_line(tail)):
        if comma < 0:
            return [(tail, tail, "," + layout.gap + entry)]
        return [(anchor, anchor, layout.gap + entry + ",")]
    line = layout.eol + (source.indent(shown) if lined else layout.indent) + entry
    if comma < 0:
        return [(anchor, anchor, ","), (tail, tail, line)]
    return [(tail, tail, line + ",")]


def _foremost(source: Source, box: Box, entry: str, layout: Layout) -> list[Splice]:
    first = box.members[0].start
    if source.line_break(first) is None:
        return [(first, first, entry + "," + layout.gap)]
    tail = source.tail(box.open + 1)
    return [(tail, tail, layout.eol + source.indent(first) + entry + ",")]


def _first(source: Source, box: Box, entry: str, layout: Layout) -> list[Splice]:
    inside = source.text[box.open + 1 : box.close]
    line = layout.eol + layout.indent + entry + ("," if layout.trailing else "")
    if inside.strip():
        end = box.open + 1 + len(inside.rstrip(" \t\r\n"))
        return [(end, end, line)]
    if layout.lined or "\n" in inside or "\r" in inside:
        return [(box.close, box.close, line + layout.eol + source.indent(box.open))]
    pad = "" if inside else layout.pad
    return [(box.close, box.close, pad + entry + pad)]


@dataclass(frozen=True, slots=True)
class _Cut:
    """What is known of a member that goes: `tail` is the end of all that goes with it, behind its comma and comments."""

    member: Member
    break_before: int | None
    comma: int
    tail: int
    ends_line: bool


def _cut(source: Source, box: Box, index: int) -> _Cut:
    member = box.members[index]
    last = index == len(box.members) - 1
    comma = source.comma(member.end, box.close if last else box.members[index + 1].start)
    after = member.end if comma < 0 else comma + 1
    tail = source.tail(after)
    whole = source.ends_line(tail)
    if not whole and comma >= 0:
        tail = after
    return _Cut(member, _break_before(source, box, index), comma, tail, whole)


def _break_before(source: Source, box: Box, index: int) -> int | None:
    """Where the line break begins before a member, if only comments that stand beside it come between; else None."""
    start = box.members[index].start
    position = source.comma(box.members[index - 1].end, start) + 1 if index else box.open + 1
    found = None
    while position < start:
        tail = source.tail(position)
        if _broken(source.text[position:tail]):
            found = None
        position = source.space(tail)
        if _broken(source.text[tail:position]):
            found = source.line_break(position)
    return found


def removal(source: Source, box: Box, index: int) -> list[Splice]:
    """Take the member at `index` out."""
    cut = _cut(source, box, index)
    if len(box.members) == 1:
        return [_sole(source, box, cut)]
    last = index == len(box.members) - 1
    start, end = cut.member.start, cut.tail
    if index == 0:
        return [_leading(source, box.open + 1, cut)]
    comma = source.comma(box.members[index - 1].end, start)
    if cut.break_before is not None:
        lone = cut.ends_line or (last and not _line_comment(source, comma + 1, cut.break_before))
        start, end = (cut.break_before, end) if lone else (start, end if last else source.blanks(end))
    elif not _broken(source.text[comma + 1 : start]):
        start = comma + 1
    if not last or cut.comma >= 0:
        return [(start, end, "")]
    return [(comma, end, "")] if start == comma + 1 else [(comma, comma + 1, ""), (start, end, "")]


def _leading(source: Source, inside: int, cut: _Cut) -> Splice:
    """The first of several members: what follows moves up to its place."""
    if not cut.ends_line:
        return (cut.member.start, source.blanks(cut.tail), "")
    if cut.break_before is not None:
        return (cut.break_before, cut.tail, "")
    start = cut.member.start
    while start > inside and source.text[start - 1] in " \t":
        start -= 1
    return (start, cut.tail, "")


def _sole(source: Source, box: Box, cut: _Cut) -> Splice:
    """The only member: an empty box remains, closed up if only the usual blanks of its style were in it."""
    before = source.text[box.open + 1 : cut.member.start]
    rest = source.text[cut.tail : box.close]
    if cut.break_before is None:
        if before and before == rest and not before.strip():
            return (box.open + 1, box.close, "")
        return (cut.member.start, cut.tail, "")
    base = source.indent(box.open)
    if not before.strip() and rest in {"\n" + base, "\r\n" + base, "\r" + base}:
        return (cut.break_before, box.close, "")
    if not cut.ends_line and _line_comment(source, box.open + 1, cut.break_before):
        return (cut.member.start, cut.tail, "")
    return (cut.break_before, cut.tail, "")


def _broken(text: str) -> bool:
    return "\n" in text or "\r" in text


def _line_comment(source: Source, start: int, end: int) -> bool:
    """Whether the line that ends at `end` ends in a comment that would swallow what is moved behind it."""
    tail = start
    while tail < end:
        start = source.space(tail)
        tail = source.tail(start)
    return tail > start and not source.text.endswith("*/", start, tail)
