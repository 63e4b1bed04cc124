"""The JSON interface under /api/v1."""

from flask import Flask

from civmap.web.api import (
    about,
    assignment,
    calendar,
    changes,
    choices,
    coverage,
    days,
    documents,
    inbox,
    issues,
    later,
    legend,
    lists,
    me,
    notifications,
    objects,
    openapi,
    operations,
    papers,
    photos,
    plan,
    possible,
    rates,
    rows,
    search,
)

MODULES = (lists, rows, choices, objects, issues, inbox, notifications, photos, me, possible, about, assignment,
           coverage, changes, days, papers, documents, search, legend, rates, calendar, plan, later, openapi)


def add_to(app: Flask) -> None:
    """Register every operation; importing the modules has filled the registry."""
    operations.add_to(app)
