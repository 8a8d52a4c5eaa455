"""The screens that the README shows, taken from real runs. `python -m tests.screens` prints them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.world import World

ROOT = Path(__file__).resolve().parents[1]


def screens() -> dict[str, str]:
    """Each screen by name, on a copy of the example outside git."""
    with tempfile.TemporaryDirectory() as folder:
        world = World.example(Path(folder), ROOT / "examples" / "workstation")
        plan = world.run("plan").stdout
        apply = world.run("apply", "--yes").stdout
        after = world.run("plan").stdout
    verified = next(line for line in apply.splitlines() if line.startswith("Applied"))
    return {"plan": plan.strip("\n"), "apply": verified, "after": after.partition("\n")[0]}


if __name__ == "__main__":
    for name, text in screens().items():
        print(f"== {name}\n{text}\n")
