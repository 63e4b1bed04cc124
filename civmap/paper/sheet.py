"""A sheet of paper as HTML: head, map, tables and foot at fixed places in millimetres, ready for the press."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jinja2
from markupsafe import Markup

from civmap import resources
from civmap.paper import symbols
from civmap.paper.flow import Block, Placed, place
from civmap.paper.frames import Frames
from civmap.paper.ink import FONT, NOT_TEXT
from civmap.paper.labels import width_of
from civmap.paper.scales import UNITS
from civmap.paper.sizes import Paper
from civmap.paper.symbols import figure

SMALLEST_TITLE = 0.62
SCHEME = "picture"
"""Addresses of the drawings inside a document; the press knows no other."""
Say = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Imprint:
    """What every sheet says about itself: city, mark, thanks, and who drew it when."""

    city: str
    mark: str
    thanks: str
    notice: str
    drawn: str


@dataclass(slots=True)
class Page:
    """One sheet: titles, the map as SVG (or none), and the tables where they stand."""

    title: str
    subtitle: str
    frames: Frames
    chart: str = ""
    tables: list[Placed] = field(default_factory=list)


def page(paper: Paper, frames: Frames, title: str, subtitle: str, chart: str, blocks: Sequence[Block]) -> Page:
    """Return a sheet with the tables that find room."""
    return Page(title, subtitle, frames, chart, place(blocks, frames.columns, paper.row, paper.gap))


@cache
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(loader=jinja2.FileSystemLoader(resources.folder("templates")), autoescape=True,
                              trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    return made


class Pictures:
    """The drawings of a document by name; one that is used again is kept once."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def put(self, name: str, svg: str, width: float, height: float) -> Markup:
        """Keep a drawing and return the element that shows it."""
        self.kept[name] = svg
        return Markup(f'<img src="{SCHEME}:{name}" style="width:{width:.2f}mm;height:{height:.2f}mm">')

    def swatch(self, kind: str, status: str, size: float) -> Markup:
        """Return the legend's sample of a layer and status."""
        look = kind if kind in ("segments", "zones") else "place"
        svg, width, height = _swatch(look, status, size)
        return self.put(f"{look}-{status}-{size:.2f}", svg, width, height)

    def step(self, number: int | None, shade: int | None, size: float) -> Markup:
        """Return the legend's sample of a class of values."""
        told = "" if number is None else str(number + 1)
        body = symbols.place(symbols.class_mark(shade), size / 2, size / 2, size * 0.85, told)
        svg = sample(body, round(size * UNITS), round(size * UNITS))
        return self.put(f"step-{told or 'none'}-{size:.2f}", svg, size, size)


def document(paper: Paper, pages: Sequence[Page], imprint: Imprint, lang: str, say: Say) -> dict[str, str]:
    """Return the document of all sheets by file name: the page `sheets.html`, and a drawing per name it asks for.

    Drawings travel apart from the page: its parser takes a minute for an atlas whose maps are written into it.
    """
    pictures = Pictures()
    shown = [_with_sizes(paper, one, number, pictures) for number, one in enumerate(pages)]
    page_ = _environment().get_template("paper/_sheets.html").render(
        paper=paper, pages=shown, imprint=imprint, lang=lang, t=say, font=FONT, statuses=symbols.STATUSES,
        swatch=pictures.swatch, step=pictures.step)
    return {"sheets.html": page_.translate(NOT_TEXT), **{f"{name}.svg": svg for name, svg in pictures.kept.items()}}


def _with_sizes(paper: Paper, one: Page, number: int, pictures: Pictures) -> dict[str, Any]:
    """Return a page with the size at which its title fits beside the mark."""
    room = one.frames.head.width - paper.text * 9
    needed = width_of(one.title, paper.title)
    size = paper.title * max(min(1.0, room / needed if needed else 1.0), SMALLEST_TITLE)
    chart = one.frames.map
    drawn = pictures.put(f"chart-{number}", one.chart, chart.width, chart.height) if one.chart else ""
    return {"title": one.title, "subtitle": one.subtitle, "frames": one.frames, "chart": drawn,
            "tables": one.tables, "title_size": round(size, 2)}


def _swatch(look: str, status: str, size: float) -> tuple[str, float, float]:
    if look == "segments":
        dash = symbols.DASH[status]
        told = f' stroke-dasharray="{" ".join(str(max(round(part * 16), 1)) for part in dash)}"' if dash else ""
        body = (f'<path d="M12 20H88" stroke="{symbols.COLOUR[status]}" stroke-width="{symbols.LINE[status] * 9:.0f}" '
                f'stroke-linecap="{"butt" if status == "due_soon" else "round"}"{told}/>')
        return sample(body, 100, 40), size * 2.1, size * 0.84
    if look == "zones":
        return sample(_area_sample(status), 100, 60), size * 1.6, size * 0.96
    across = 20 * symbols.status_mark(status).size * 0.78
    return sample(figure(symbols.status_mark(status), 10, 10, across), 20 * UNITS, 20 * UNITS), size, size


def _area_sample(status: str) -> str:
    lines = {"none": "", "open": "M10 55L60 5M40 55L90 5", "due_soon": "M10 5L60 55M40 5L90 55",
             "overdue": "M10 55L60 5M40 55L90 5M10 5L60 55M40 5L90 55"}[status]
    hatch = f'<path d="{lines}" fill="none" stroke="{symbols.EDGE[status]}" stroke-width="3"/>' if lines else ""
    return (f'<rect x="4" y="4" width="92" height="52" fill="{symbols.COLOUR[status]}" fill-opacity="0.18" '
            f'stroke="{symbols.EDGE[status]}" stroke-width="{4 + 5 * (status != "none")}"/>{hatch}')


def sample(body: str, wide: int, high: int) -> str:
    """Return a drawing of its own."""
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}">{body}'
            '</svg>')
