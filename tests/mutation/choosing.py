"""Which tests are worth running against a mutant."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from tests.mutation.measure import Test
from tests.mutation.mutants import Mutant


class Choice:
    """Out of those measured, as many as the budget of CPU time allows.

    One of each kind before the others, the fastest: those that run the same lines of a module are alike.
    """

    def __init__(self, tests: Mapping[str, Test], root: Path, budget: float) -> None:
        self._root, self._budget = root, budget
        self._fastest = sorted(tests.values(), key=lambda test: test.seconds)
        self._by_line: dict[tuple[str, int], list[Test]] = {}
        self._by_file: dict[str, list[Test]] = {}
        for test in self._fastest:
            for name, lines in test.lines.items():
                self._by_file.setdefault(name, []).append(test)
                for line in lines:
                    self._by_line.setdefault((name, line), []).append(test)

    def tests(self, mutant: Mutant) -> list[Test]:
        """Those that run the line, or any of the module where the line runs on import; the fastest first.

        Statements of several lines count by their first.
        """
        name = Path(mutant.path).relative_to(self._root).as_posix()
        found = (self._by_line.get((name, mutant.line), []) if mutant.in_function else self._by_file.get(name)) or []
        found = _mixed(found, name) if found or mutant.in_function else self._importing(mutant.module)
        chosen, seconds = found[:1], found[0].seconds if found else 0.0
        for test in found[1:]:
            if seconds + test.seconds <= self._budget:
                seconds += test.seconds
                chosen.append(test)
        return sorted(chosen, key=lambda test: test.seconds)

    def limit(self, chosen: list[Test]) -> float:
        return 10 + 3 * sum(test.seconds for test in chosen)

    def _importing(self, module: str) -> list[Test]:
        """Of a module that only holds values: the tests that import it, then those that run a module that does."""
        by_itself = [test for test in self._fastest if module in self._imports[_file(test)]]
        users = [name for name in self._by_file if module in _imports(self._root / name)]
        more = {test.name: test for name in users for test in self._by_file[name] if test not in by_itself}
        return by_itself + sorted(more.values(), key=lambda test: test.seconds)

    @cached_property
    def _imports(self) -> dict[str, frozenset[str]]:
        """By file of tests."""
        return {name: _imports(self._root / name) for name in {_file(test) for test in self._fastest}}


def _mixed(tests: list[Test], name: str) -> list[Test]:
    seen: Counter[tuple[int, ...]] = Counter()
    ranked = []
    for test in tests:
        lines = tuple(test.lines[name])
        ranked.append((seen[lines], test))
        seen[lines] += 1
    return [test for _, test in sorted(ranked, key=lambda item: item[0])]


def _file(test: Test) -> str:
    return test.name.partition("::")[0]


def _imports(path: Path) -> frozenset[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return frozenset(node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module is not None)
