"""Servers that try to get out: `MCPCONF_BWRAP=1 python -m pytest tests/confined`. Nothing here is collected without."""

import os

collect_ignore_glob = [] if os.environ.get("MCPCONF_BWRAP") else ["test_*.py"]
