"""Data of the grammar: relations of concepts, words and patterns, label words."""
