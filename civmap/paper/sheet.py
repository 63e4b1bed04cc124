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
from civmap.paper.ink import FONT
from civmap.paper.labels import width_of
from civmap.paper.scales import UNITS
from civmap.paper.sizes import Paper
from civmap.paper.symbols import figure

SMALLEST_TITLE = 0.62
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
    made.globals.update(swatch=swatch, step=step)
    return made


def html(paper: Paper, pages: Sequence[Page], imprint: Imprint, lang: str, say: Say) -> str:
    """Return the document of all sheets."""
    return _environment().get_template("paper/_sheets.html").render(
        paper=paper, pages=[_with_sizes(paper, one) for one in pages], imprint=imprint, lang=lang, t=say, font=FONT,
        colour=symbols.COLOUR, statuses=symbols.STATUSES)


def _with_sizes(paper: Paper, one: Page) -> dict[str, Any]:
    """Return a page with the size at which its title fits beside the mark."""
    room = one.frames.head.width - paper.text * 9
    needed = width_of(one.title, paper.title)
    size = paper.title * max(min(1.0, room / needed if needed else 1.0), SMALLEST_TITLE)
    return {"title": one.title, "subtitle": one.subtitle, "frames": one.frames, "chart": one.chart,
            "tables": one.tables, "title_size": round(size, 2)}


def swatch(kind: str, status: str, size: float) -> str:
    """Return the legend's sample of a layer and status as SVG."""
    if kind == "segments":
        dash = symbols.DASH[status]
        told = f' stroke-dasharray="{" ".join(str(max(round(part * size * 6), 1)) for part in dash)}"' if dash else ""
        body = (f'<path d="M10 20H90" stroke="{symbols.COLOUR[status]}" stroke-width="{symbols.LINE[status] * 9:.0f}" '
                f'stroke-linecap="{"butt" if status == "due_soon" else "round"}"{told}/>')
        return _sample(body, 100, 40, size * 2.1, size * 0.84)
    if kind == "zones":
        return _sample(_area_sample(status), 100, 60, size * 1.6, size * 0.96)
    across = size * symbols.status_mark(status).size * 0.8
    body = figure(symbols.status_mark(status), size / 2, size / 2, across)
    return _sample(body, round(size * UNITS), round(size * UNITS), size, size)


def _area_sample(status: str) -> str:
    lines = {"none": "", "open": "M10 55L60 5M40 55L90 5", "due_soon": "M10 5L60 55M40 5L90 55",
             "overdue": "M10 55L60 5M40 55L90 5M10 5L60 55M40 5L90 55"}[status]
    hatch = f'<path d="{lines}" stroke="{symbols.EDGE[status]}" stroke-width="3"/>' if lines else ""
    return (f'<rect x="4" y="4" width="92" height="52" fill="{symbols.COLOUR[status]}" fill-opacity="0.18" '
            f'stroke="{symbols.EDGE[status]}" stroke-width="{4 + 5 * (status != "none")}"/>{hatch}')


def step(number: int | None, size: float) -> str:
    """Return the legend's sample of a class of values."""
    mark = symbols.class_mark(number)
    told = "" if number is None else str(number + 1)
    return _sample(symbols.place(mark, size / 2, size / 2, size * 0.85, told), round(size * UNITS),
                   round(size * UNITS), size, size)


def _sample(body: str, wide: int, high: int, width: float, height: float) -> str:


    return Markup(f'<svg viewBox="0 0 {wide} {high}" style="width:{width:.2f}mm;height:{height:.2f}mm">{body}</svg>')
