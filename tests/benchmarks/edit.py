"""The cost of changing one entry of a large file; in a process of its own, so that its memory counts nowhere else."""

from __future__ import annotations

import gc
import json
import time

from mcpconf.formats import FORMATS


def main() -> None:
    gc.disable()  # as commands run
    servers = {
        f"s{n}": {"command": "npx", "args": ["-y", f"@acme/s{n}@1.0.0"], "env": {"A": "x" * 60}} for n in range(26000)
    }
    text = json.dumps({"numStartups": 3, "mcpServers": servers}, indent=2)
    FORMATS["json"].put('{"mcpServers": {}}', ("mcpServers", "x"), {"a": 1})
    start = time.process_time()
    FORMATS["json"].put(text, ("mcpServers", "s25000", "args"), ["-y", "@acme/other@2.0.0"])
    taken = time.process_time() - start
    start = time.process_time()
    json.loads(text)
    ratio = taken / (time.process_time() - start)
    print(f"edit of {len(text) / 1e6:.1f} MB JSON: {taken * 1000:.0f} ms CPU, {ratio:.1f} x json.loads")


if __name__ == "__main__":
    main()
