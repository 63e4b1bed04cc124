"""The ground of a new city as a drawing for the offline basemap."""

import shapely

from civmap.basemap.drawing import Drawing
from civmap.founding.values import Area, Ground

ON_MAP = frozenset(("PT07", "PT08", "PT09", "PT10", "PT11", "PT12", "PT13", "PT16", "PT17", "PT19", "PT20", "PT22",
                    "PT31", "PT06", "PT37", "PT99"))
"""Types of places by which people find their way; a bank or a bus stop would only crowd the map."""
NAMED_BY_AREA = frozenset(("PT08",))


def draw(ground: Ground) -> Drawing:
    """Return what the basemap shows of a ground."""
    drawing = Drawing(ground.frame)
    for area in ground.areas:
        _colour(drawing, area)
    for street in ground.streets:
        if street.layer >= 0 or street.car:  # a passage below ground would cross buildings
            drawing.road(street.highway, shapely.LineString(street.line), street.name, street.is_bridge)
    for border in ground.borders:
        drawing.border(border.kind, border.geometry)
        spot = border.seat or shapely.point_on_surface(border.geometry).coords[0]
        drawing.place(border.kind, border.name, *spot)
    for candidate in ground.candidates:
        if candidate.type in ON_MAP - NAMED_BY_AREA:
            drawing.place("poi", candidate.name, candidate.lon, candidate.lat)
    return drawing


def _colour(drawing: Drawing, area: Area) -> None:
    if area.layer == "building":
        drawing.building(area.geometry, area.name)
    elif area.layer == "water":
        drawing.water(area.geometry, area.name)
    else:
        drawing.land(area.kind, area.geometry, area.name)
