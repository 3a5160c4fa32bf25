"""Method adapters, one module per method."""
