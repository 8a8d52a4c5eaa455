"""Real packages, real clients, real servers: `MCPCONF_NETWORK=1 python -m pytest tests/real`. Nothing here is collected without."""

import os

collect_ignore_glob = [] if os.environ.get("MCPCONF_NETWORK") else ["test_*.py"]
