"""The JSON interface under /api/v1."""

from flask import Flask

from civmap.web.api import (
    assignment,
    changes,
    choices,
    coverage,
    days,
    issues,
    later,
    lists,
    objects,
    openapi,
    operations,
    possible,
    rows,
)

MODULES = (lists, rows, choices, objects, issues, possible, assignment, coverage, changes, days, later, openapi)


def add_to(app: Flask) -> None:
    """Register every operation; importing the modules has filled the registry."""
    operations.add_to(app)
