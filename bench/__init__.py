"""Figures of the product beside its budgets: `python -m bench`."""
