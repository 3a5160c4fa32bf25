"""Diagnosis: on which examples a system is good or bad, and where two systems differ."""
