"""Every page of the product, one module per capability."""

from flask import Flask

from civmap.web import (
    boards,
    calendar,
    connections,
    coverage,
    differences,
    documents,
    downloads,
    draws,
    exports,
    feeds,
    forms,
    frontage,
    grids,
    ground,
    help,
    imports,
    inbox,
    issues,
    long_documents,
    map,
    mapit,
    offline,
    ogc_writes,
    open311,
    people,
    plan,
    pledges,
    points,
    rates,
    responsibility,
    results,
    roads,
    round_sheets,
    routes,
    segments,
    system,
    tiles,
    units,
    walking,
    workflow,
    zones,
)

BLUEPRINTS = tuple(room.blueprint for room in (
    system, people, map, inbox, feeds, points, roads, boards, segments, zones, units, issues, workflow, coverage, help,
    downloads, differences, documents, long_documents, forms, grids, ground, tiles, offline, mapit, rates,
    responsibility, calendar, plan, frontage, pledges, walking, draws, routes, round_sheets, results, open311,
    ogc_writes, connections, exports, imports))


def add_to(app: Flask) -> None:
    """Register every page and the static files."""
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=system.static)
    app.url_defaults(system.versioned)
