"""Lines that a drawn outline may snap to: as they are stored, and only those one may see."""

from shapely.geometry import shape

from tests.support import town


def test_lines_to_snap_to_are_those_one_may_see_as_they_are_stored(signed_in):
    asked = "/api/v1/linework?bbox=115.8570,28.6830,115.8575,28.6834&kinds=zones,segments"
    own = signed_in("clerk").client.get(asked).json["features"]
    noodles = next(row for row in own if row["properties"]["code"] == "SB000001")
    assert shape(noodles["geometry"]).equals(town.NOODLES)
    assert "LD0001" in {row["properties"]["code"] for row in own}
    other = signed_in("clerk_west").client.get(asked).json["features"]
    assert "SB000001" not in {row["properties"]["code"] for row in other}
    wide = signed_in("clerk").client.get("/api/v1/linework?bbox=115.80,28.64,115.92,28.73")
    assert (wide.status_code, wide.json["code"]) == (422, "bbox_too_wide")
