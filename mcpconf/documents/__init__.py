"""What people and mcpconf write down, read back into models, or into problems with line and column."""
