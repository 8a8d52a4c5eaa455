"""Rules in Rego that a policy holds servers against: what is asked of their texts, and how they are evaluated.

The texts are evaluated in a process of their own, by the extra `rego`; see `system.rego`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from mcpconf.model.base import Json
from mcpconf.model.schemas import NAMED
from mcpconf.model.written import Fault, shown

MOST_TEXTS = 50
LONGEST_TEXT = 20_000
"""Characters of one text."""

PACKAGE = re.compile(r"^\s*package\s+mcpconf\s*$", re.MULTILINE)

Denials = tuple[str, ...] | str
"""The messages of `deny` for one server, or, as one text, why there are none."""

Denying = Callable[[str, Sequence[Json]], tuple[Denials, ...]]
"""Holds servers, in their order, against one text in Rego. Raises McpconfError (exit 1) without the extra `rego`."""


def rego_faults(texts: Mapping[str, str], schemas: Collection[str]) -> Iterator[Fault]:
    """What can be said without evaluating them."""
    if len(texts) > MOST_TEXTS:
        yield Fault(f"has more than {MOST_TEXTS} rules", "put several into one", ("rego",))
        return
    for name, text in texts.items():
        at = ("rego", name)
        if not NAMED.fullmatch(name):
            hint = "write capital letters and digits, such as `ACME001`; `MCP` begins the ids of rules"
            yield Fault(f"is no id for a rule: {shown(name)}", hint, at)
        elif name in schemas:
            yield Fault("is an id of `policy.schemas` too", "give it another name", at)
        if len(text) > LONGEST_TEXT:
            yield Fault(f"is longer than {LONGEST_TEXT:,} characters", "make two of it", at)
        elif not PACKAGE.search(text):
            yield Fault("is not of `package mcpconf`", "begin it with `package mcpconf`", at)
