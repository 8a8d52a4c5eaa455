"""The forms in which programs read servers, one module each."""

from __future__ import annotations

from collections.abc import Mapping

from mcpconf.exporting.sdk import langchain, llamaindex, mcp, openai_agents, openai_responses
from mcpconf.exporting.sdk.form import Form

FORMS: Mapping[str, Form] = {
    "openai-responses": openai_responses.FORM,
    "openai-agents": openai_agents.FORM,
    "langchain": langchain.FORM,
    "llamaindex": llamaindex.FORM,
    "mcp": mcp.FORM,
}
