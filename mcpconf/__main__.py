"""The console script. `--version` answers before anything else is imported."""

from __future__ import annotations

import gc
import sys


def main() -> int:
    arguments = sys.argv[1:]
    if arguments == ["--version"]:
        from mcpconf.version import __version__

        print(f"mcpconf {__version__}")
        return 0
    gc.disable()  # a run is over before it pays to look for cycles
    try:
        from mcpconf.cli.door import run
    except KeyboardInterrupt:  # while modules load; the door answers all later ones
        print("interrupted", file=sys.stderr)
        return 130
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
