"""GeoJSON Features as a stranger's program would send them."""

import json


def plain(value):
    """Return a value as it looks after a trip through JSON."""
    return json.loads(json.dumps(value))


def feature(geometry, **properties):
    """Return a Feature of a GeoJSON geometry (or None) and properties."""
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def spot(lon, lat):
    """Return a Point."""
    return {"type": "Point", "coordinates": [lon, lat]}


def ring(*corners):
    """Return a Polygon of open corners."""
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in (*corners, corners[0])]]}


def frame(west, south, east, north):
    """Return a rectangular Polygon."""
    return ring((west, south), (east, south), (east, north), (west, north))


def codes(rows):
    """Return the codes of rows or features, sorted."""
    return sorted(row["properties"]["code"] if isinstance(row, dict) else row.code for row in rows)
