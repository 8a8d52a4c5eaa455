"""Servers that many people know by name, and that others like to be taken for.

The reference servers as https://github.com/modelcontextprotocol/servers lists them, those it has archived too, and
servers of vendors that public host files name most often (2026-11).
"""

from __future__ import annotations

from mcpconf.model.package import Package

_REFERENCE = (
    *("everything", "filesystem", "memory", "sequential-thinking"),
    *("aws-kb-retrieval", "brave-search", "everart", "gdrive", "github", "gitlab", "google-maps", "postgres"),
    *("puppeteer", "redis", "slack"),
)
_REFERENCE_PYPI = ("fetch", "git", "time", "sentry", "sqlite")
_VENDORS = (
    *("@upstash/context7-mcp", "@playwright/mcp", "chrome-devtools-mcp", "@perplexity-ai/mcp-server"),
    *("@supabase/mcp-server-supabase", "firecrawl-mcp", "exa-mcp-server", "@sentry/mcp-server"),
    *("@notionhq/notion-mcp-server", "tavily-mcp", "figma-developer-mcp", "mcp-remote"),
)

KNOWN = (
    *(Package("npm", f"@modelcontextprotocol/server-{name}") for name in _REFERENCE),
    *(Package("pypi", f"mcp-server-{name}") for name in _REFERENCE_PYPI),
    *(Package("npm", name) for name in _VENDORS),
)
