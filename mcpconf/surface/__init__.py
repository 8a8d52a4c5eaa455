"""What a server shows of itself, as values: read strictly, digested item by item, compared in words. Pure."""
