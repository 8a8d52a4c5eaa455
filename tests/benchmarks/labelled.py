"""How good the rules about texts are: `MCPCONF_LABELLED_TOOLS=FOLDER python -m tests.benchmarks.labelled`.

The folder holds `benign/` and `poisoned/`, and in each of them files `*.json` as a server answers `tools/list`: `{"tools":
[{"name": ..., "description": ..., "inputSchema": ...}]}`, if wanted with `instructions` and `prompts`. Every tool and prompt is
held against the rules by itself, for that is what was labelled. Of each rule it is told how many of both it speaks of, as an
error and as anything, its precision and its recall. Whatever is an error and benign is told by name, and ends it with 1.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import process_time
from typing import NamedTuple

from mcpconf.model.surface import Surface
from mcpconf.rules import RULES
from mcpconf.rules.texts import RULES as OF_TEXTS
from mcpconf.surface.suspicions import Suspicion, suspicions
from tests.surfaces import surface

VARIABLE = "MCPCONF_LABELLED_TOOLS"


class Labelled(NamedTuple):
    """One tool, prompt or text of instructions, and where it is from."""

    name: str
    poisoned: bool
    surface: Surface


def labelled(folder: Path) -> Iterator[Labelled]:
    for label in ("benign", "poisoned"):
        for file in sorted((folder / label).glob("*.json")):
            document = json.loads(file.read_text())
            for key in ("tools", "prompts"):
                for item in document.get(key, ()):
                    made = surface(**{key: {item["name"]: item}})
                    yield Labelled(f"{file.stem}: {item['name']}", label == "poisoned", made)
            if document.get("instructions"):
                made = surface(instructions=document["instructions"])
                yield Labelled(f"{file.stem}: instructions", label == "poisoned", made)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.labelled", description=__doc__)
    parser.add_argument("--missed", action="store_true", help="name what is poisoned and no rule speaks of")
    options = parser.parse_args()
    folder = os.environ.get(VARIABLE, "")
    if not folder:
        print(f"{VARIABLE} names no folder; see the beginning of {__file__}")
        return 0
    known = [*labelled(Path(folder))]
    start = process_time()
    found = [(item, [*suspicions(item.surface)]) for item in known]
    seconds = process_time() - start
    return _report(found, seconds, missed=options.missed)


def _report(found: list[tuple[Labelled, list[Suspicion]]], seconds: float, *, missed: bool) -> int:
    total = Counter(item.poisoned for item, _ in found)
    print(f"{total[False]} benign, {total[True]} poisoned; {1000 * seconds / max(len(found), 1):.2f} ms of CPU each\n")
    print(f"{'':14}{'errors':>16}{'all':>16}{'precision':>11}{'recall':>8}")
    print(f"{'':14}{'benign poisoned':>16}{'benign poisoned':>16}")
    for rule in (*(rule.id for rule in OF_TEXTS), ""):
        errors, every = _counts(found, rule, errors=True), _counts(found, rule, errors=False)
        precision = every[True] / every.total() if every.total() else 1.0
        recall = every[True] / total[True] if total[True] else 1.0
        counts = f"{errors[False]:>7} {errors[True]:>8}{every[False]:>7} {every[True]:>8}"
        print(f"{rule or 'any of them':14}{counts}{precision:>11.1%}{recall:>8.1%}")
    alarms = [(item.name, told.words) for item, said in found for told in said if not item.poisoned and _is_error(told)]
    for name, words in alarms:
        print(f"\nfalse alarm: {name}: {words}")
    for item, said in found if missed else ():
        if item.poisoned and not said:
            print(f"\nmissed: {item.name}")
    return 1 if alarms else 0


def _counts(found: list[tuple[Labelled, list[Suspicion]]], rule: str, *, errors: bool) -> Counter[bool]:
    """Items that a rule, or any, speaks of, by whether they are poisoned."""
    return Counter(
        item.poisoned
        for item, said in found
        if any((not rule or told.rule == rule) and (not errors or _is_error(told)) for told in said)
    )


def _is_error(told: Suspicion) -> bool:
    return (told.severity or RULES[told.rule].severity) == "error"


if __name__ == "__main__":
    sys.exit(main())
