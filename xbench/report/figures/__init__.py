"""Figures by matplotlib: for pages as SVG, for papers as PDF and PNG, from the same functions."""
