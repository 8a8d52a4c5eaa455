"""The edits of a TOML text: lines and tables come and go as a person would write them; inline values change in place."""

from __future__ import annotations

from collections.abc import Sequence

from mcpconf.canonical import same
from mcpconf.formats.base import FormatError, pointer
from mcpconf.formats.path import Steps
from mcpconf.formats.splice import Box, Member, spliced
from mcpconf.formats.style import Style, sniffed
from mcpconf.formats.toml_notation import COLON, TomlNotation, key_text, loaded_value, renamed_key
from mcpconf.formats.toml_page import Page, Statement
from mcpconf.formats.tree import Tree
from mcpconf.model.base import Json

_STYLE = Style(colon=" = ", map_pad=" ")


class Editor:
    """Edits a page step by step; `page` is the text so far. May raise DottedKeyError, which `undot` removes the cause of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._notation = TomlNotation()

    def remove(self, steps: Steps) -> None:
        owner = self.page.owner(steps)
        if owner is None or owner.path == steps:
            self._remove_lines(steps)
            return
        tree, member = self._inside(owner, steps[:-1])
        tree.remove(member.value, _index(self._notation.box(tree.source, member.value), steps[-1]))
        self.page = Page(tree.source.text)

    def add(self, steps: Steps, key: str | None, value: Json, after: Sequence[str] | None = None) -> None:
        """Put a member (an element, without key) into the map or list at `steps`, behind all or the last of `after`."""
        owner = self.page.owner(steps)
        if owner is not None:
            tree, member = self._inside(owner, steps)
            tree.insert(member.value, len(member.content), (key, value), lined=True)
            self.page = Page(tree.source.text)
        elif key is None:
            if not isinstance(value, dict):
                raise FormatError("container", f"`{pointer(steps)}` takes only tables")
            self._add_tables(steps, value, many=True)
        elif isinstance(value, dict) and self._as_table(steps, key, value):
            self._add_tables((*steps, key), value)
        else:
            self._add_pair(steps, key, value, after)

    def change(self, steps: Steps, current: Json, wanted: Json) -> None:
        if same(current, wanted):
            return
        owner = self.page.owner(steps)
        if owner is not None:
            tree, member = self._inside(owner, steps)
            lined = owner.path == steps or tree.source.line_break(member.start) is not None
            tree.change(member, wanted, lined=lined)
            self.page = Page(tree.source.text)
        elif isinstance(current, dict) and isinstance(wanted, dict):
            self._merge(steps, current, wanted)
        elif isinstance(current, list) and isinstance(wanted, list) and wanted and all(map(_is_map, wanted)):
            self._merge_tables(steps, current, wanted)
        elif isinstance(steps[-1], str):
            self.remove(steps)
            self.add(steps[:-1], steps[-1], wanted)
        else:
            raise FormatError("container", f"`{pointer(steps)}` is a table and can only be replaced by a table")

    def rename(self, steps: Steps, name: str) -> None:
        """Spell the last key of a path otherwise, in each header and pair that it is a part of."""
        owner = self.page.owner(steps)
        if owner is not None and owner.path != steps:
            member = self._inside(owner, steps)[1]
            spans = [(member.start, member.key_end)]
        else:
            spans = [span for each in self.page.under(steps) if (span := self.page.key_part(each, steps))]
        text = self.page.text
        self.page = Page(spliced(text, [(start, end, renamed_key(text[start:end], name)) for start, end in spans]))

    def undot(self, offset: int) -> None:
        """Write the pair that holds an inline table with dotted keys without them."""
        owner = next(each for each in self.page.statements if each.is_pair and each.start <= offset < each.next)
        value = loaded_value(self.page.text[owner.value : owner.end])
        written = self._notation.written(value, self._style(owner.start), "", lined=False)
        self.page = Page(spliced(self.page.text, [(owner.value, owner.end, written)]))

    def place(self, steps: Steps) -> int:
        """The offset of the key or element at a path that exists. Raises DottedKeyError."""
        owner = self.page.owner(steps)
        if owner is None or owner.path == steps:
            return self.page.under(steps)[0].key
        return self._inside(owner, steps)[1].start

    def _style(self, offset: int) -> Style:
        return sniffed(self.page.bare, offset, COLON, _STYLE)

    def _inside(self, owner: Statement, steps: Steps) -> tuple[Tree, Member]:
        tree = Tree(self.page.source, self._notation, self._style(owner.start))
        content = loaded_value(self.page.text[owner.value : owner.end])
        member = Member(None, owner.start, owner.key_end, owner.value, owner.end, content)
        for step in steps[len(owner.path) :]:
            box = self._notation.box(tree.source, member.value)
            member = box.members[_index(box, step)]
        return tree, member

    def _merge(self, steps: Steps, current: dict[str, Json], wanted: dict[str, Json]) -> None:
        for key in current:
            if key not in wanted:
                self.remove((*steps, key))
        before: list[str] = []
        for key, value in wanted.items():
            if key in current:
                self.change((*steps, key), current[key], value)
            else:
                self.add(steps, key, value, before)
            before.append(key)
        if steps and not self.page.under(steps):
            self._add_tables(steps, {})

    def _merge_tables(self, steps: Steps, current: list[Json], wanted: list[Json]) -> None:
        for index in reversed(range(len(wanted), len(current))):
            self.remove((*steps, index))
        for index, value in enumerate(wanted):
            if index < len(current):
                self.change((*steps, index), current[index], value)
            else:
                self.add(steps, None, value)

    def _remove_lines(self, steps: Steps) -> None:
        page = self.page
        cuts: list[tuple[int, int]] = []
        for each in page.under(steps):
            if not each.is_pair:
                start, stop = page.block(each)
            elif each.table[: len(steps)] == steps:
                continue
            else:
                start, stop = page.pair_lines(each)
            if cuts and start <= cuts[-1][1]:
                cuts[-1] = cuts[-1][0], stop
            else:
                cuts.append((start, stop))
        self.page = page.without_lines(cuts)

    def _as_table(self, steps: Steps, key: str, value: dict[str, Json]) -> bool:
        """Whether a new map becomes a `[table]`: as its siblings are, else as the same key is in the siblings of `steps`."""
        page = self.page
        if any(isinstance(step, int) for step in steps) or page.dotted(steps):
            return False
        if not steps:
            return bool(value)
        if any(not each.is_pair and len(each.path) > len(steps) for each in page.under(steps)):
            return True
        inline = any(len(each.path) == len(steps) + 1 and page.is_inline(each) for each in page.under(steps))
        return bool(value) and not inline and not self._inline_cousin(steps, key)

    def _inline_cousin(self, steps: Steps, key: str) -> bool:
        """Whether a sibling of the table at `steps` has this key as an inline table."""
        return any(
            len(each.path) == len(steps) + 1 and each.path[-1] == key and self.page.is_inline(each)
            for each in self.page.under(steps[:-1])
        )

    def _add_pair(self, steps: Steps, key: str, value: Json, after: Sequence[str] | None) -> None:
        page = self.page
        header, dotted = page.header(steps), page.dotted(steps)
        pairs = page.section(header) if header else dotted if steps else page.root_pairs()
        if not pairs and not header:
            if steps:
                self._add_tables(steps, {key: value})
            else:
                self._add_first_pair(key, value)
            return
        earlier = [each for each in pairs if after is None or each.path[len(steps)] in after]
        first = header.next if header else pairs[0].start
        line = self._line(steps, key, value, [*earlier, *pairs, header][0])
        if header and not pairs and page.is_late(header):
            line = page.eol + line
        self.page = page.with_lines(earlier[-1].next if earlier else first, line)

    def _line(self, steps: Steps, key: str, value: Json, model: Statement | None) -> str:
        """A pair as a line, spelled like its neighbour."""
        page = self.page
        start = model.start if model else 0
        style, indent = self._style(start), page.source.indent(start)
        prefix: list[str] = []
        colon = style.colon
        if model and model.is_pair:
            prefix = [str(step) for step in steps[len(model.table) :]]
            colon = page.text[model.key_end : model.value]
        written = self._notation.written(value, style, indent, lined=True)
        return indent + ".".join(map(key_text, (*prefix, key))) + colon + written + page.eol

    def _add_first_pair(self, key: str, value: Json) -> None:
        """The first pair of the document: in front of all tables, behind a comment that heads the file."""
        page = self.page
        line = self._line((), key, value, None)
        if page.statements:
            self.page = page.with_lines(page.top(), line + page.eol)
        else:
            self.page = page.with_lines(page.last_line(), line)

    def _add_tables(self, steps: Steps, value: dict[str, Json], *, many: bool = False) -> None:
        page = self.page
        keys = [step for step in steps if isinstance(step, str)]
        offset = page.behind(steps[:-1]) if len(steps) > 1 else page.last_line()
        if many or page.under(steps):
            offset = page.behind(steps)
        style = self._style(max(offset - 2000, 0))
        blocks = self._blocks(keys, value, style, many=many)
        between = page.eol if offset else ""
        self.page = page.with_lines(offset, between + page.eol.join(blocks))

    def _blocks(self, keys: list[str], value: dict[str, Json], style: Style, *, many: bool) -> list[str]:
        """The table and its sub-tables, each ending in a line end."""
        eol = style.eol
        below = {
            key: item
            for key, item in value.items()
            if isinstance(item, dict) and item and not many and not self._inline_cousin(tuple(keys), key)
        }
        lines = [
            f"{key_text(key)}{style.colon}{self._notation.written(item, style, '', lined=True)}{eol}"
            for key, item in value.items()
            if key not in below
        ]
        name = ".".join(map(key_text, keys))
        header = f"[[{name}]]{eol}" if many else f"[{name}]{eol}"
        blocks = ["".join((header, *lines))] if lines or not below else []
        for key, item in below.items():
            blocks += self._blocks([*keys, key], item, style, many=False)
        return blocks


def _is_map(value: Json) -> bool:
    return isinstance(value, dict)


def _index(box: Box, step: str | int) -> int:
    if isinstance(step, int):
        return step
    return next(index for index, member in enumerate(box.members) if member.key == step)
