"""The manual: its pages in the order to read them, and one page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mcpconf.documents.checking import did_you_mean
from mcpconf.errors import ExitCode, McpconfError, Problem
from mcpconf.model.base import Json
from mcpconf.report.layout import hang, table
from mcpconf.report.page import lay_out
from mcpconf.report.style import Style

ORDER = (
    "quickstart",
    "how-it-works",
    "reading-a-plan",
    "cookbook",
    "surfaces",
    "pull-requests",
    "managed",
    "programs",
    "documents",
    "commands",
    "exit-codes",
    "formats",
    "words",
    "rules",
    "threats",
    "hosts",
    "faq",
    "benchmarks",
)
"""Every page: first what a newcomer reads, then what is looked up."""


@dataclass(frozen=True, slots=True)
class Page:
    """`about` is the first sentence below the title: what the page is for."""

    name: str
    title: str
    about: str
    text: str


def pages(manual: Mapping[str, str]) -> tuple[Page, ...]:
    return tuple(_page(name, manual[name]) for name in ORDER)


def found(name: str, manual: Mapping[str, str]) -> Page:
    """One page. Raises McpconfError (exit 64) if there is none of this name."""
    if name not in manual:
        near = did_you_mean(name.lower(), ORDER)
        hint = near or "`mcpconf docs` lists the pages"
        raise McpconfError(ExitCode.USAGE, Problem("usage", f"the manual has no page `{name}`", None, hint))
    return _page(name, manual[name])


def _page(name: str, text: str) -> Page:
    title, _, rest = text.partition("\n")
    paragraph = rest.strip().partition("\n\n")[0].replace("\n", " ")
    return Page(name, title.removeprefix("# "), paragraph.partition(". ")[0].removesuffix("."), text)


def render_pages(listed: Sequence[Page], style: Style) -> str:
    return "".join(f"{line}\n" for line in _lines(listed, style))


def _lines(listed: Sequence[Page], style: Style) -> Iterator[str]:
    yield style.paint("The manual", "bold")
    for lines in table([(page.name, page.about) for page in listed], style.width):
        yield from lines
    yield from hang("hint: ", "`mcpconf docs PAGE` prints one; `mcpconf explain WORD` a word of a plan", style.width)


def render_page(page: Page, style: Style, *, terminal: bool) -> str:
    """Laid out for a terminal; the Markdown itself for everything else."""
    return lay_out(page.text, style) if terminal else page.text


def pages_data(listed: Sequence[Page]) -> dict[str, Json]:
    entries: list[Json] = [{"name": page.name, "title": page.title, "about": page.about} for page in listed]
    return {"pages": entries, "exit_code": int(ExitCode.SUCCESS)}


def page_data(page: Page) -> dict[str, Json]:
    return {"name": page.name, "title": page.title, "text": page.text, "exit_code": int(ExitCode.SUCCESS)}
