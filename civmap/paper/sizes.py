"""Paper sizes and the type that goes with them: everything grows with the paper, letters slower than the sheet."""

from dataclasses import dataclass
from math import sqrt

from civmap.errors import Invalid

SIZES = {"A4": (210.0, 297.0), "A3": (297.0, 420.0), "A2": (420.0, 594.0), "A1": (594.0, 841.0), "A0": (841.0, 1189.0)}
ORIENTATIONS = ("landscape", "portrait")
MARGIN = 10.0
"""Millimetres along the edge on which many printers cannot print."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet of paper and its type sizes, all in millimetres (heights of letters are em sizes)."""

    name: str
    orientation: str
    width: float
    height: float
    margin: float
    title: float
    text: float
    label: float
    symbol: float
    line: float

    @property
    def row(self) -> float:
        """Return the height of a row of a table."""
        return round(self.text * 1.62, 3)

    @property
    def gap(self) -> float:
        """Return the space between two boxes."""
        return round(self.text * 1.2, 3)


def paper(name: str, orientation: str = "landscape") -> Paper:
    """Return a sheet by its name; raise Invalid for a size or an orientation there is not."""
    if name not in SIZES:
        raise Invalid("choice_unknown", field="size", value=name, known=list(SIZES))
    if orientation not in ORIENTATIONS:
        raise Invalid("choice_unknown", field="orientation", value=orientation, known=list(ORIENTATIONS))
    short, long = SIZES[name]
    width, height = (long, short) if orientation == "landscape" else (short, long)
    times = sqrt(short * long / (210.0 * 297.0))
    return Paper(name, orientation, width, height, margin=max(MARGIN, 0.012 * long),
                 title=6.3 * times**0.85, text=2.45 * times**0.75, label=2.05 * times**0.7,
                 symbol=3.5 * times**0.62, line=0.32 * times**0.6)
