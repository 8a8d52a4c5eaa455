"""Which names may be taken for which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.model.package import Package
from mcpconf.packages.known import KNOWN
from mcpconf.packages.likeness import alike, skeleton, strange_letters


def package(text: str) -> Package:
    kind, _, name = text.partition(":")
    return Package(kind, name)


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("npm:server-filesytem", "npm:server-filesystem", "letters"),  # one left out
        ("npm:firecrwal-mcp", "npm:firecrawl-mcp", "letters"),  # two swapped
        ("npm:s1ack-mcp", "npm:slack-mcp", "letters"),
        ("npm:terrnite", "npm:termite", "letters"),
        ("npm:@upstash/context7-mcp", "npm:context7-mcp", "owner"),
        ("npm:@a/tables", "npm:@b/tables", "owner"),
        ("npm:@playwrigth/mcp", "npm:@playwright/mcp", "letters"),
        ("npm:tables-mcp", "npm:mcp-server-tables", "affix"),
        ("npm:mcp-server-fetch", "pypi:mcp-server-fetch", "registry"),
        ("npm:github", "npm:gitlab", None),
        ("npm:mysql", "npm:mssql", None),
        ("npm:tool-v1", "npm:tool-v2", None),
        ("npm:@a/server-github", "npm:@a/server-githup", None),
        ("npm:@stripe/mcp", "npm:@sentry/mcp", None),
        ("npm:@stripe/mcp", "npm:stripe", None),
        ("oci:ghcr.io/a/tables", "oci:docker.io/a/tables", None),
        ("mcpb:https://a.example/x.mcpb", "mcpb:https://a.example/y.mcpb", None),
        ("pypi:tables", "oci:docker.io/a/tables", None),
    ],
)
def test_likeness(one, other, kind) -> None:
    found = [item.kind for item in alike(package(one), [package(other)])]
    assert found == ([] if kind is None else [kind])


NAMES = st.one_of(
    st.sampled_from(KNOWN),
    st.builds(Package, st.sampled_from(["npm", "pypi", "oci"]), st.text("abmcp01lo-/@rn", min_size=1, max_size=12)),
)


@given(NAMES, NAMES)
def test_likeness_is_mutual_and_never_of_itself(one: Package, other: Package) -> None:
    there, back = list(alike(one, [other])), list(alike(other, [one]))
    assert [(item.kind, item.how) for item in there] == [(item.kind, item.how) for item in back]
    assert not list(alike(one, [one]))


def test_the_known_are_not_alike() -> None:
    assert not [(item, other) for item in KNOWN for other in alike(item, KNOWN)]


def test_letters_of_other_scripts() -> None:
    assert skeleton("sl\u0430ck") == "slack"
    assert skeleton("\uff33lack") == "slack"
    assert strange_letters("The Sl\u0430ck server") == "Sl\u0430ck"
    assert not strange_letters("\u0421\u0435\u0440\u0432\u0435\u0440 Slack")
    assert not strange_letters("Caf\u00e9 server")
