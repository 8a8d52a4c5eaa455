"""Versions in the order of their ecosystem, and what a plan says of going back."""

from __future__ import annotations

import pytest

from mcpconf.model.entry import Entry, Value
from mcpconf.model.package import Package
from mcpconf.packages import recognise_entry
from mcpconf.permissions import privilege
from mcpconf.permissions.versions import older


@pytest.mark.parametrize(
    ("ecosystem", "version", "than", "expected"),
    [
        ("npm", "1.2.0", "1.10.0", True),
        ("npm", "2026.8.31", "2.4.0", False),
        ("npm", "1.0.0-rc.1", "1.0.0", True),
        ("npm", "1.0.0", "1.0.0", False),
        ("npm", "no version", "1.0.0", False),
        ("pypi", "1.0rc1", "1.0", True),
        ("pypi", "1.10", "1.9", False),
        ("pypi", "1.0.post1", "1.0", False),
        ("pypi", "what", "1.0", False),
        ("oci", "1.0", "2.0", False),
    ],
)
def test_order(ecosystem, version, than, expected):
    assert older(Package(ecosystem, "x"), version, than) is expected


@pytest.mark.parametrize(("new", "severity", "text"), [("1.3.0", "medium", ""), ("1.1.9", "high", "  (older)")])
def test_going_back_is_graver_than_going_on(new, severity, text):
    before, after = (Entry("stdio", Value.literal("npx"), (Value.literal(f"a@{v}"),)) for v in ("1.2.0", new))
    (change,) = privilege(before, after, home="/home/dev", os="linux", recognise=recognise_entry)
    assert (change.severity, change.text) == (severity, f"1.2.0  ->  {new}{text}")
