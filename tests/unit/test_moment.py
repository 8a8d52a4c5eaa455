"""Moments as registries spell them, and as we do."""

from __future__ import annotations

from datetime import datetime

import pytest

from mcpconf.model.moment import moment_of, spelled


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ("2026-05-08T22:14:21.089000+00:00", "2026-05-08T22:14:21Z"),
        ("2026-11-20T18:31:02Z", "2026-11-20T18:31:02Z"),
        ("2026-11-20T18:31:02.123456789Z", "2026-11-20T18:31:02Z"),
        ("2026-11-20T19:31:02+01:00", "2026-11-20T18:31:02Z"),
        ("2026-11-20 18:31:02", "2026-11-20T18:31:02Z"),
        ("2026-11-20", "2026-11-20T00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", ""),
        ("yesterday", ""),
        ("2026" * 20, ""),
        (3, ""),
        (None, ""),
    ],
)
def test_every_spelling_becomes_ours(told: object, ours: str):
    assert spelled(told) == ours
    assert not ours or moment_of(told) == moment_of(ours) or "." in str(told)


def test_a_moment_without_a_zone_is_utc():
    assert spelled(datetime(2026, 11, 20)) == "2026-11-20T00:00:00Z"  # noqa: DTZ001  a registry tells no zone
