"""Tuned models in the formats of transformers and peft."""
