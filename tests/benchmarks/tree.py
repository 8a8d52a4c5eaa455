"""How fast an installation is hashed: a tree of as many files as a server has, of sizes as they are in packages."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

from mcpconf.system.marks import marks

FILES = 5000
LEAST = 15_000
"""Files a second: as many are hashed before a person notices."""


def build(folder: Path) -> None:
    """Most files have a few thousand bytes, few have many, as in `node_modules`."""
    chance = random.Random(1)
    for number in range(FILES):
        path = folder / f"p{number // 40}" / f"d{number % 5}" / f"f{number}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(chance.randbytes(int(chance.lognormvariate(7.6, 1.3))))


def rate(folder: Path, runs: int = 5) -> float:
    """Files a second, of the fastest run."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        found = marks(str(folder))
        taken.append(time.perf_counter() - start)
        assert len(found) == FILES
    return FILES / min(taken)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        build(Path(name))
        measured = rate(Path(name))
    verdict = f"{measured / LEAST:.1f} x what it must be" if measured >= LEAST else "TOO SLOW"
    print(f"hash of a tree of {FILES:,} files: {measured:,.0f} files/s, {verdict}")


if __name__ == "__main__":
    main()
