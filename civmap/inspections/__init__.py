"""Inspections: a visit to a point, what its check list found, and the score rates that follow."""
