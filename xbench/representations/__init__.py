"""Representations before and after tuning (Tu et al. 2022, section 5). Loads models."""
