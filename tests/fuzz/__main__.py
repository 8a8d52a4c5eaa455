"""Whether any text breaks mcpconf: `python -m tests.fuzz [TARGET...] [--seconds N] [--seed TEXT] [--file PATH]`.

Takes files as people have them, breaks them at random, and checks what must hold of every file: it is read or refused
with a reason and a place, an edit changes what it says and nothing else, what was put is read back, one broken file hides
no other, and time and memory grow with the length alone. The seed is the day unless one is given; what fails is kept in
`.fuzz/`, with the command that tries it again. With `--guided`, atheris (`pip install atheris`) chooses the texts for one
target, by the ways through the code that they find.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.fuzz.mutation import LARGEST, mutated
from tests.fuzz.seeds import Seed, host_files, manifests

KEPT = Path(__file__).resolve().parents[2] / ".fuzz"
MEMORY = 3 << 30
READERS = ["mcpconf.formats", "mcpconf.documents", "mcpconf.hosts", "mcpconf.observe"]
STUCK = 30
"""Seconds of CPU time after which a check is stopped."""


class Target(NamedTuple):
    """`each` is the CPU time in seconds that a thousand bytes may take, beside `least` for any text."""

    check: Callable[[bytes], None]
    seeds: Callable[[], tuple[Seed, ...]]
    least: float = 0.5
    each: float = 0.05


class TooSlowError(Exception):
    """A check took more CPU time than its length allows."""


def targets() -> dict[str, Target]:
    from tests.fuzz import editing, loading

    def of_format(form: str) -> tuple[Seed, ...]:
        return tuple(seed for seed in host_files() if seed.format == form or (form, seed.format) == ("jsonc", "json"))

    forms = ("json", "jsonc", "toml", "yaml")
    found = {form: Target(partial(editing.edit, form), partial(of_format, form)) for form in forms}
    found["manifest"] = Target(loading.manifest, manifests)
    for name in filter(loading.has_files, loading.ROWS):
        found[f"host:{name}"] = Target(partial(loading.host, name), partial(loading.seeds_of, name), 1.5)
    return found


def main() -> int:
    options = _options()
    if options.guided:
        _guided(*options.targets, options.seconds)
    chosen = {name: target for name, target in targets().items() if not options.targets or name in options.targets}
    if options.file:
        (target,) = chosen.values()
        _checked(target, options.file.read_bytes())
        print("nothing is wrong with it")
        return 0
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    print(
        f"again: python -m tests.fuzz {' '.join(options.targets)} --seconds {options.seconds:g} --seed {options.seed}"
    )
    failures, tried = 0, 0
    for name, target in chosen.items():
        for data in _texts(name, target, options.seed, options.seconds / len(chosen)):
            tried += 1
            failures += not _held(name, target, data)
    print(f"{tried:,} texts for {len(chosen)} targets, {failures} failures")
    return int(failures > 0)


def _texts(name: str, target: Target, seed: str, seconds: float) -> Iterator[bytes]:
    """As many as there is time for; the same seed gives the same in the same order."""
    seeds = target.seeds()
    until = time.monotonic() + seconds
    number = 0
    while number == 0 or time.monotonic() < until:
        yield mutated(seeds, Random(f"{seed} {name} {number}")).data
        number += 1


def _held(name: str, target: Target, data: bytes) -> bool:
    try:
        _checked(target, data)
    except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
        KEPT.mkdir(exist_ok=True)
        path = KEPT / f"{name.replace(':', '-')}-{hashlib.sha256(data).hexdigest()[:12]}"
        path.write_bytes(data)
        print(f"\n{traceback.format_exc(limit=-6)}python -m tests.fuzz {name} --file {path.relative_to(KEPT.parent)}\n")
        return False
    return True


def _checked(target: Target, data: bytes) -> None:
    begin = time.process_time()
    with _stopped_when_stuck():
        target.check(data)
    took = time.process_time() - begin
    if took > target.least + target.each * len(data) / 1000:
        raise TooSlowError(f"{took:.1f} seconds of CPU time for {len(data)} bytes")


@contextmanager
def _stopped_when_stuck() -> Iterator[None]:
    def stop(number: int, frame: object) -> None:
        raise TooSlowError(f"stopped after {STUCK} seconds of CPU time")

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, STUCK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _guided(name: str, seconds: float) -> None:
    """Ends the process: with 0 after these seconds, else at the first failure, which libFuzzer tells and keeps."""
    import atheris

    with atheris.instrument_imports(include=READERS):
        target = targets()[name]
    known = KEPT / f"{name.replace(':', '-')}-corpus"
    known.mkdir(parents=True, exist_ok=True)
    for seed in target.seeds():
        (known / hashlib.sha256(seed.data).hexdigest()[:12]).write_bytes(seed.data)
    arguments = [f"-max_total_time={seconds:.0f}", f"-artifact_prefix={KEPT}/", f"-max_len={LARGEST}", str(known)]
    atheris.Setup([sys.argv[0], *arguments], partial(_checked, target))
    atheris.Fuzz()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", help="all of them, if none is named")
    parser.add_argument("--seconds", type=float, default=10, help="for all targets together")
    parser.add_argument("--seed", default=datetime.now(UTC).date().isoformat(), help="any text")
    parser.add_argument("--file", type=Path, help="check this file only, with one target")
    parser.add_argument("--guided", action="store_true", help="let atheris choose the texts")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
