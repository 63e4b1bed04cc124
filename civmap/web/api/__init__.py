"""The JSON interface under /api/v1."""

from flask import Flask

from civmap.web.api import (
    about,
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
    papers,
    possible,
    rows,
)

MODULES = (lists, rows, choices, objects, issues, possible, about, assignment, coverage, changes, days, papers, later,
           openapi)


def add_to(app: Flask) -> None:
    """Register every operation; importing the modules has filled the registry."""
    operations.add_to(app)
