"""xbench: measures how well prompt-based tuning carries across languages, and explains the result."""

__version__ = "0.1.0"
