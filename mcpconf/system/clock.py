"""Time and chance."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime


class SystemClock:
    def now(self) -> str:
        return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def passed(self, day: str) -> bool:
        return self.now()[:10] > day


class SystemEntropy:
    def token(self, length: int) -> bytes:
        return secrets.token_bytes(length)
