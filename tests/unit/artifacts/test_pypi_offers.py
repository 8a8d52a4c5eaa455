"""What an index has of a PyPI package: asked of uv, on an index of this test."""

from __future__ import annotations

import pytest

from mcpconf.artifacts.offers import Bounds, Release, offers
from mcpconf.artifacts.pypi_offers import index_of
from mcpconf.errors import Problem
from mcpconf.model.package import Package
from mcpconf.workshop import Workshop
from tests.pypi_index import Index, at_home, serving, wheel

DEMO = Package("pypi", "demo-server")


@pytest.fixture
def index():
    with serving(Index()) as found:
        for version, day in {
            "1.0": "2026-01-01",
            "1.1": "2026-02-01",
            "2.0": "2026-03-01",
            "3.0rc1": "2026-04-01",
        }.items():
            name, data = wheel("demo-server", version)
            found.add((name, data))
            found.published[name] = f"{day}T00:00:00Z"
        yield found


@pytest.fixture
def shop(index: Index, tmp_path, monkeypatch) -> Workshop:
    return at_home(tmp_path / "home", index, monkeypatch)


def best(shop: Workshop, *bounds, **more) -> Release | Problem:
    with offers(DEMO, shop) as found:
        assert not isinstance(found, Problem), found
        return found.best(Bounds(*bounds, **more))


def test_the_newest_and_when_it_came_out(shop):
    assert best(shop) == Release("2.0", "2026-03-01T00:00:00Z")


def test_within_a_range_before_a_day_and_without_what_is_to_be_avoided(shop):
    assert best(shop, "<2").version == "1.1"
    assert best(shop, "", "2026-01-15T00:00:00Z").version == "1.0"
    assert best(shop, avoided=lambda version: version == "2.0").version == "1.1"


def test_a_prerelease_only_where_the_range_names_one(shop):
    assert best(shop, ">=3.0rc1").version == "3.0rc1"


def test_nothing_is_left(shop):
    answer = best(shop, "<2", avoided=lambda _version: True)
    assert isinstance(answer, Problem)
    assert answer.kind in ("missing", "invalid")


def test_what_was_yanked_is_never_the_newest_and_says_so_when_it_is_asked_for(shop, index):
    index.yanked.add("demo_server-2.0-py3-none-any.whl")
    assert best(shop).version == "1.1"
    with offers(DEMO, shop) as found:
        assert found.release("2.0").withdrawn
        assert not found.release("1.1").withdrawn


def test_the_index_that_a_version_is_taken_from(shop, index):
    assert index_of("demo-server", "1.1", shop) == index.address
    assert isinstance(index_of("demo-server", "9.9", shop), Problem)


def test_a_package_that_is_not_there(shop):
    with offers(Package("pypi", "nobody-has-this"), shop) as found:
        answer = found.best(Bounds())
    assert isinstance(answer, Problem)
    assert answer.hint


def test_an_image_is_not_asked(shop):
    with offers(Package("oci", "ghcr.io/x/y"), shop) as found:
        assert isinstance(found, Problem)
        assert found.kind == "not-supported"
