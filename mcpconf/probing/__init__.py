"""The process that starts servers and asks them: apart from mcpconf itself, so that it can be bounded, confined and ended."""
