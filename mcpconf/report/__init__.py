"""Pure renderers: every one reads the same plan or outcome."""
