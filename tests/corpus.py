"""Real host files to test with, where a collection is at hand: the folder MCPCONF_CORPUS, or one beside the checkout."""

from __future__ import annotations

import os
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[2].glob("*/corpus/INDEX.jsonl")
CORPUS = Path(os.environ.get("MCPCONF_CORPUS") or next((found.parent for found in _BESIDE), "no-corpus"))
