"""What must not be printed of a machine."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from mcpconf.model.entry import Entry
from mcpconf.reconcile.situation import Situation
from mcpconf.secrets import Scrubber, find, in_text


def scrubber(situation: Situation) -> Scrubber:
    """Knows every literal secret of this machine, and of the manifest."""
    entries = [item.entry for item in situation.observed.entries] + [item.entry for item in situation.desired.entries]
    return scrubber_of(entries, situation.literals)


def scrubber_of(entries: Iterable[Entry], literals: Collection[str] = (), told: Iterable[str] = ()) -> Scrubber:
    """Knows the secrets of these entries and texts, but for what the manifest says in clear."""
    distinct = {id(entry): entry for entry in entries}.values()  # many bindings share one entry
    found = [item.value for entry in distinct for item in find(entry)]
    found += (secret for text in told for _, secret in in_text(text))
    return Scrubber(value for value in found if value not in literals)


def hidden(situation: Situation) -> frozenset[str]:
    """Values as JSON and TOML spell them."""
    entries = (item.entry for item in situation.observed.entries)
    values = [value for entry in entries for value in (*entry.env.values(), *entry.headers.values())]
    texts = {value.text for value in values if value.text and value.text not in situation.literals}
    return frozenset(f for text in texts for f in (json.dumps(text), json.dumps(text, ensure_ascii=False), f"'{text}'"))
