"""Pretrained models and their tokenizers."""
