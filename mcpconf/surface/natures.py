"""What kind of thing a tool does, as far as its name and its parameters tell: reads what is private, brings in texts of strangers, sends out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from mcpconf.model.base import Json
from mcpconf.secrets.names import word_set

Nature = Literal["private", "strange", "outward"]

_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+")
_READS = word_set(
    "read get list search find query fetch open export download load show view recent history dump select"
)
_SENDS = word_set(
    "send post create publish share reply forward push submit tweet comment upload add append write update"
)
_FETCHES = word_set("fetch browse navigate scrape crawl goto visit open get read extract download request http curl")
_PRIVATE = word_set(
    "mail email emails gmail inbox message messages chat chats dm contact contacts calendar event events file files"
    " directory folder document documents doc docs note notes drive database db sql table tables record records customer"
    " customers memory secret secrets password passwords credential credentials vault history clipboard screenshot env"
)
_STRANGE = word_set(
    "web url website webpage page pages site browser html rss feed feeds news issue issues comment comments review reviews"
    " mail email emails gmail inbox message messages tweet tweets post posts pr pull discussion discussions ticket tickets"
)
_OUTWARD = word_set(
    "mail email emails gmail message messages dm issue issues comment comments gist gists webhook tweet tweets post posts"
    " pr pull discussion ticket tickets release paste sms notification slack telegram"
)
_ADDRESS = word_set("url uri endpoint webhook href")


def natures(name: str, tool: Json) -> Iterator[Nature]:
    """Each once, and none where the words say nothing."""
    words = {word.lower() for word in _WORD.findall(name)}
    addressed = not _ADDRESS.isdisjoint(_parameters(tool))
    if words & _PRIVATE and words & _READS:
        yield "private"
    if (words & _STRANGE and words & (_READS | _FETCHES)) or (addressed and words & _FETCHES):
        yield "strange"
    if (words & _OUTWARD and words & _SENDS) or (addressed and words & (_FETCHES | _SENDS)):
        yield "outward"


def _parameters(tool: Json) -> Iterator[str]:
    schema = tool.get("inputSchema") if isinstance(tool, dict) else None
    named = schema.get("properties") if isinstance(schema, dict) else None
    for name in named if isinstance(named, dict) else ():
        yield from (word.lower() for word in _WORD.findall(name))
