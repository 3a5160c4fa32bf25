"""Recipes: the papers' tables and figures as grids of cells, one YAML file each."""
