"""Back-links of packages that are really there, asked with the real npm and uv."""

from __future__ import annotations

import pytest

from mcpconf.authoring.registry_links import back_link
from mcpconf.authoring.registry_offers import Offer
from mcpconf.model.finding import Finding
from mcpconf.model.registry import RegistryPackage
from mcpconf.system.facts import real_machine
from mcpconf.system.workshop import workshop
from mcpconf.workshop import Workshop

OWNER = "io.github.modelcontextprotocol"


@pytest.fixture
def shop(tmp_path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    monkeypatch.setenv("HOME", str(tmp_path))
    return workshop(real_machine())


def link(shop: Workshop, kind: str, identifier: str, version: str, name: str) -> Finding | str:
    package = RegistryPackage(registry_type=kind, identifier=identifier, version=version)
    return back_link(Offer(kind, f"{kind}:{identifier}", version, package=package), name, shop)


@pytest.mark.parametrize(
    ("kind", "identifier", "version", "name"),
    [
        ("npm", "@modelcontextprotocol/server-filesystem", "2026.8.31", "server-filesystem"),
        ("pypi", "mcp-server-time", "2026.10.19", "server-time"),
    ],
)
def test_packages_that_name_their_document(shop: Workshop, kind: str, identifier: str, version: str, name: str) -> None:
    assert link(shop, kind, identifier, version, f"{OWNER}/{name}") == ""
    other = link(shop, kind, identifier, version, f"io.github.example/{name}")
    assert isinstance(other, Finding)
    assert f"names `{OWNER}/{name}`" in other.message


def test_a_package_that_does_not_exist(shop: Workshop) -> None:
    found = link(shop, "npm", "@modelcontextprotocol/server-fetch", "1.0.0", f"{OWNER}/server-fetch")
    assert isinstance(found, Finding)
    assert "which is not there" in found.message
