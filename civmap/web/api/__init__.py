"""The JSON interface under /api/v1."""

from flask import Flask

from civmap.web.api import (
    about,
    addresses,
    assignment,
    calendar,
    cascade,
    changes,
    choices,
    coverage,
    days,
    differences,
    documents,
    draws,
    duties,
    frontage,
    grids,
    imports,
    inbox,
    issues,
    legend,
    linework,
    lists,
    me,
    notifications,
    objects,
    openapi,
    operations,
    papers,
    parting,
    photos,
    plan,
    pledges,
    possible,
    ranked,
    rates,
    results,
    roads,
    round_customs,
    round_files,
    route_changes,
    routes,
    rows,
    search,
    visits,
    walking,
    workflow,
    zone_undo,
    zones,
)

MODULES = (lists, rows, choices, ranked, objects, issues, workflow, inbox, notifications, photos, me, possible, about,
           assignment, coverage, changes, days, differences, papers, documents, search, legend, rates, calendar,
           cascade, plan, pledges, duties, addresses, linework, zone_undo, frontage, grids, zones, parting, roads,
           routes, route_changes, round_customs, round_files, results, visits, walking, draws, imports,
           openapi)


def add_to(app: Flask) -> None:
    """Register every operation; importing the modules has filled the registry."""
    operations.add_to(app)
