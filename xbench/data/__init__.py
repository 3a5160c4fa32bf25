"""Rows of a task as examples: read strictly, sampled by seed, never lost or altered."""
