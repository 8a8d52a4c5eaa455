"""Whatever an OSV record says, an index keeps all of it that counts."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.advisories.indexed import kept
from mcpconf.advisories.records import advisories_of

TEXTS = st.text(max_size=12) | st.sampled_from(["0", "1.0.0", "2.0.0-rc.1", "MAL-2026-1", "GHSA-1", "Some_Name"])
JSON = st.none() | st.booleans() | st.integers() | TEXTS
EVENTS = st.dictionaries(st.sampled_from(["introduced", "fixed", "last_affected", "limit", "other"]), JSON, max_size=3)
RANGES = st.fixed_dictionaries(
    {"type": st.sampled_from(["SEMVER", "ECOSYSTEM", "GIT"]), "events": st.lists(EVENTS | JSON, max_size=4)}
)
PACKAGES = st.fixed_dictionaries({"ecosystem": st.sampled_from(["npm", "PyPI", "PyPI:x", "Go"]), "name": TEXTS})
AFFECTED = st.fixed_dictionaries(
    {"package": PACKAGES},
    optional={"ranges": st.lists(RANGES | JSON, max_size=3), "versions": st.lists(TEXTS | JSON, max_size=3) | JSON},
)
RECORDS = st.fixed_dictionaries(
    {"id": TEXTS, "affected": st.lists(AFFECTED, max_size=3)},
    optional={
        "modified": TEXTS | JSON,
        "aliases": st.lists(TEXTS | JSON, max_size=3) | JSON,
        "summary": st.text(max_size=300) | JSON,
        "database_specific": st.fixed_dictionaries({"severity": TEXTS | st.sampled_from(["HIGH", "MODERATE"])}) | JSON,
        "withdrawn": JSON,
    },
)


@given(RECORDS)
def test_what_is_kept_of_an_advisory_is_read_as_the_same_advisory(record: dict):
    for advisory in advisories_of(json.dumps(record).encode()) or ():
        assert advisories_of(kept(advisory)) == (advisory,)
