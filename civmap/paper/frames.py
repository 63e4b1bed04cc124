"""Where things stand on a sheet: boxes in millimetres from the paper's upper left corner."""

from dataclasses import dataclass

from civmap.paper.sizes import Paper

SIDE_SHARE = 0.255
"""How much of a landscape sheet's width the tables take beside the map."""
BAND_SHARE = 0.30
"""How much of a portrait sheet's height the tables take under the map."""
BAND_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Return the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Return the lower edge."""
        return self.y + self.height

    def holds(self, other: "Box") -> bool:
        """Tell whether another box lies inside, to a thousandth of a millimetre."""
        slack = 1e-3
        return (other.x >= self.x - slack and other.y >= self.y - slack and other.right <= self.right + slack
                and other.bottom <= self.bottom + slack)

    def meets(self, other: "Box") -> bool:
        """Tell whether two boxes share ground."""
        return (self.x < other.right - 1e-3 and other.x < self.right - 1e-3
                and self.y < other.bottom - 1e-3 and other.y < self.bottom - 1e-3)


@dataclass(frozen=True, slots=True)
class Frames:
    """The boxes of a sheet: the printable ground, the head, the map, the columns of tables and the foot."""

    printable: Box
    head: Box
    map: Box
    columns: tuple[Box, ...]
    foot: Box


def frames(paper: Paper, *, with_tables: bool = True) -> Frames:
    """Divide a sheet; without tables the map takes their room."""
    edge = paper.margin
    whole = Box(edge, edge, paper.width - 2 * edge, paper.height - 2 * edge)
    head = Box(whole.x, whole.y, whole.width, paper.title * 1.35 + paper.text * 1.7)
    foot_height = paper.text * 2.9
    foot = Box(whole.x, whole.bottom - foot_height, whole.width, foot_height)
    top = head.bottom + paper.gap * 0.6
    room = Box(whole.x, top, whole.width, foot.y - paper.gap * 0.5 - top)
    if not with_tables:
        return Frames(whole, head, room, (), foot)
    if paper.orientation == "landscape":
        side = whole.width * SIDE_SHARE
        chart = Box(room.x, room.y, room.width - side - paper.gap, room.height)
        return Frames(whole, head, chart, (Box(chart.right + paper.gap, room.y, side, room.height),), foot)
    band = room.height * BAND_SHARE
    chart = Box(room.x, room.y, room.width, room.height - band - paper.gap)
    width = (room.width - paper.gap * (BAND_COLUMNS - 1)) / BAND_COLUMNS
    columns = tuple(Box(room.x + (width + paper.gap) * number, chart.bottom + paper.gap, width, band)
                    for number in range(BAND_COLUMNS))
    return Frames(whole, head, chart, columns, foot)
