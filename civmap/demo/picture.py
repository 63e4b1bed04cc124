"""The demo's ground as a drawing for the offline basemap."""

import shapely

from civmap.basemap.drawing import Drawing
from civmap.demo.plan_demo import Demo
from civmap.geo.validity import Frame

SHOWN = frozenset(("PT07", "PT08", "PT09", "PT10", "PT11", "PT12", "PT13", "PT16", "PT17", "PT19", "PT20", "PT22",
                   "PT31", "PT37"))  # fmt: skip
MARGIN_DEGREES = 0.004


def frame_of(plan: Demo) -> Frame:
    """Return west, south, east, north of the district with a margin, in degrees."""
    west, south, east, north = plan.town.frame.to_ground(plan.town.ground.border).bounds
    box = (west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES)
    return tuple(round(edge, 4) for edge in box)  # type: ignore[return-value]


def draw(plan: Demo) -> Drawing:
    """Return what the basemap shows of the demo."""
    drawing, ground = Drawing(frame_of(plan)), plan.town.frame.to_ground
    for cover in plan.covers:
        if cover.layer == "water":
            drawing.water(ground(cover.shape), cover.name)
        else:
            drawing.land(cover.kind, ground(cover.shape), cover.name)
    for house in plan.town.houses:
        drawing.building(ground(house.shape))
    for edge in plan.town.edges:
        drawing.road(edge.highway, ground(edge.line), edge.name, edge.is_bridge)
    _label(drawing, plan)
    return drawing


def _label(drawing: Drawing, plan: Demo) -> None:
    for area in plan.town.areas:
        if area.kind != "grid":
            shape = plan.town.frame.to_ground(area.shape)
            spot = shapely.point_on_surface(shape)
            drawing.border(area.kind, shape)
            drawing.place(area.kind, area.name, spot.x, spot.y)
    parks = {cover.name for cover in plan.covers if cover.layer == "green"}
    for point in plan.points:
        if point.type in SHOWN and point.name not in parks:
            drawing.place("poi", point.name, *plan.town.frame.to_spot(*point.spot))
