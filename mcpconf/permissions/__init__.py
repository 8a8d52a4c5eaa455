"""What a change lets a server do."""
