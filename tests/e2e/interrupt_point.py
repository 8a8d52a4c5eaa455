"""Runs a command line, but stops just before a host's file is renamed into place, so that it can be interrupted there.

Arguments: the phase to stop in (1 or 2), then the words of the command line. Prints `writing` when it is there.
"""

from __future__ import annotations

import sys
import time

from mcpconf.cli.door import run


def main() -> int:
    phase, words = int(sys.argv[1]), sys.argv[2:]
    commits: dict[str, int] = {}

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event != "os.rename" or not str(arguments[1]).endswith(".claude.json"):
            return
        commits["n"] = commits.get("n", 0) + 1
        if commits["n"] == phase:
            print("writing", flush=True)
            time.sleep(30)

    sys.addaudithook(watch)
    return run(words)


if __name__ == "__main__":
    sys.exit(main())
