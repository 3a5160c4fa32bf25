"""Attributes of examples (PolyPrompt, section 5.2.1), computed from their fields."""
