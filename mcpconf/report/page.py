"""The Markdown of the manual, laid out for a terminal: wrapped prose, aligned tables, indented examples.

It knows what the manual uses and no more: headings, paragraphs, lists, tables, fenced blocks, links and comments.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from mcpconf.report.layout import hang, table, wrap
from mcpconf.report.style import Style

_COMMENT = re.compile(r"^<!--.*-->\n", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_PAGE = re.compile(r"([a-z-]+)\.md(?:#.*)?")
_ITEM = re.compile(r"( *(?:-|\d+\.) )(.*)", re.DOTALL)
_CELLS = re.compile(r"(?<!\\)\|")
_RULE = re.compile(r"\|[ |:-]+\|")
_FENCE = "```"
_INDENT = "    "
_COLUMNS = 0.6
"""Of the width, that all columns but the last may take."""


def lay_out(text: str, style: Style) -> str:
    """Colour paints headings, prompts and heads of tables; without it the text is the same."""
    lines = [line for block in _blocks(_COMMENT.sub("", text)) for line in (*_block(block, style), "")]
    return "".join(f"{line}\n" for line in lines[:-1])


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines between empty lines; a fenced block is one, with the empty lines in it."""
    block: list[str] = []
    fenced = False
    for line in text.splitlines():
        fence = line.startswith(_FENCE)
        if not fenced and (fence or not line.strip()) and block:
            yield block
            block = []
        if line.strip() or fenced:
            block.append(line)
        if fence:
            fenced = not fenced
            if not fenced:
                yield block
                block = []
    if block:
        yield block


def _block(block: list[str], style: Style) -> Iterator[str]:
    first = block[0]
    if first.startswith(_FENCE):
        yield from (_example(line, style) for line in block[1:-1])
    elif first.startswith("#"):
        yield from (style.paint(line, "bold") for line in wrap(style.line(first), style.width))
    elif first.startswith("|"):
        yield from _table(block, style)
    else:
        for line in _joined(block):
            item = _ITEM.fullmatch(line)
            marker, words = (item[1], item[2]) if item else ("", line)
            text = _plain(words, style)
            yield from hang(marker, text, style.width) if marker else wrap(text, style.width)


def _example(line: str, style: Style) -> str:
    text = style.line(line)
    return f"{_INDENT}{style.paint(text, 'bold') if line.startswith('$ ') else text}".rstrip()


def _joined(block: Iterable[str]) -> Iterator[str]:
    """A paragraph, or each item of a list, as one line."""
    number = 0
    numbered = []
    for line in block:
        number += bool(_ITEM.fullmatch(line))
        numbered.append((number, line))
    for _, lines in groupby(numbered, key=lambda pair: pair[0]):
        first, *rest = (line for _, line in lines)
        yield " ".join([first.rstrip(), *(line.strip() for line in rest)])


def _table(block: Iterable[str], style: Style) -> Iterator[str]:
    """Columns where they leave room for the last one; else a paragraph a row, each cell behind the head of its column."""
    head, *rows = [
        [_plain(cell.strip(), style) for cell in _CELLS.split(line.strip()[1:-1])] for line in _without_rule(block)
    ]
    widest = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head) - 1)]
    if sum(widest) + 2 * len(head) <= style.width * _COLUMNS:
        for number, lines in enumerate(table([head, *rows], style.width)):
            yield from (style.paint(line, "" if number else "bold") for line in lines)
        return
    label = max(map(len, head)) + 2
    for row in rows:
        yield from (style.paint(line, "bold") for line in hang("  ", f"{head[0]} {row[0]}", style.width))
        for title, cell in zip(head[1:], row[1:], strict=True):
            if cell:
                yield from hang(f"      {title:<{label}}", cell, style.width)


def _without_rule(block: Iterable[str]) -> Iterator[str]:
    return (line for line in block if not _RULE.fullmatch(line))


def _plain(text: str, style: Style) -> str:
    return style.line(_LINK.sub(_linked, text).replace("\\|", "|"))


def _linked(link: re.Match[str]) -> str:
    page = _PAGE.fullmatch(link[2])
    return f"{link[1]} (`mcpconf docs {page[1]}`)" if page else f"{link[1]} ({link[2]})"
