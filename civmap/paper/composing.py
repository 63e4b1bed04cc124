"""From what was gathered to sheets: the wall map, or an overview, an index and a page per item of the atlas."""

from collections.abc import Callable, Sequence
from datetime import datetime

import numpy as np
import shapely

from civmap.errors import Invalid, TooLarge
from civmap.paper import atlas, picture, tallies
from civmap.paper.atlas import Item
from civmap.paper.flow import HEAD_ROWS, Block
from civmap.paper.frames import Box, Frames, frames
from civmap.paper.picture import Look
from civmap.paper.scales import Mesh, bounds_of, fit, mesh
from civmap.paper.sheet import Page, page
from civmap.paper.sizes import Paper
from civmap.paper.things import Thing
from civmap.paper.wishes import MOST_PAGES, Material, Wish

Say = Callable[..., str]
Tell = Callable[[float], None]
LEAST_M = 360.0
"""A page of the atlas never shows less ground than so many metres around its item."""
INDEX_COLUMNS = {"landscape": 4, "portrait": 3}


def sheets(wish: Wish, paper: Paper, material: Material, now: datetime, say: Say, tell: Tell) -> list[Page]:
    """Return the sheets; `tell` hears which share is done."""
    if wish.atlas is None:
        return [_wall(wish, paper, material, now, say)]
    items = atlas.ordered(_items(wish.atlas, material, say))
    if not items:
        raise Invalid("paper_atlas_empty", field="atlas", value=wish.atlas)
    if len(items) > MOST_PAGES:
        raise TooLarge("paper_too_many_pages", field="atlas", count=len(items), most=MOST_PAGES)
    made = _overview(wish, paper, material, items, say)
    for number, item in enumerate(items):
        made.append(_item_page(wish, paper, material, item, now, say))
        tell((number + 1) / len(items))
    return made


def _items(kind: str, material: Material, say: Say) -> list[Item]:
    if kind == "chief":
        return atlas.by_chief(material.found, say)
    if kind == "unit":
        return atlas.by_unit(material.found, say)
    return atlas.by_area(material.areas, material.found, say)


def _look(wish: Wish, material: Material, say: Say, squares: Mesh | None = None) -> Look:
    return Look(ground=material.ground if "ground" in wish.include else None, has_names="names" in wish.include,
                mesh=squares, area=material.area, classes=material.classes, north=say("paper.north"))


def _drawn(wish: Wish, found: Sequence[Thing]) -> list[Thing]:
    """Return the things whose layer is on the map; issues that are closed stay in the tables only."""
    return [thing for thing in found if thing.kind in wish.layers]


def _wall(wish: Wish, paper: Paper, material: Material, now: datetime, say: Say) -> Page:
    places = frames(paper, with_tables="tables" in wish.include)
    squares = mesh(places.map.width, places.map.height) if "index" in wish.include else None
    chart = picture.draw(material.window, paper, _drawn(wish, material.found), _look(wish, material, say, squares))
    blocks = _blocks(wish, paper, material, now, say, squares) if places.columns else []
    return page(paper, places, material.title, material.subtitle, chart, blocks)


def _blocks(wish: Wish, paper: Paper, material: Material, now: datetime, say: Say,
            squares: Mesh | None) -> list[Block]:
    found = material.found
    borders = material.ground.borders.get("subdistrict", [])
    abreast = 2 if paper.orientation == "landscape" else 1
    return [tallies.legend(found, wish.layers, material.classes, say), tallies.overdue(found, now, say),
            *([tallies.per_area(found, borders, say)] if len(borders) > 1 else []),
            tallies.top_classes(found, say), tallies.per_unit(found, say),
            *([tallies.index(_drawn(wish, found), material.window, squares, say, abreast)] if squares else [])]


def _overview(wish: Wish, paper: Paper, material: Material, items: Sequence[Item], say: Say) -> list[Page]:
    """Return the page that shows where each page lies, with the index; a long index goes on over more pages."""
    places, sides = frames(paper), _full(paper, frames(paper))
    legend = tallies.legend(material.found, wish.layers, material.classes, say)
    rooms = [_rows_in(column, paper, 0) for column in places.columns]
    rooms[0] = _rows_in(places.columns[0], paper, (legend.rows_high or 0) * paper.row + paper.gap)
    rest, per_page = len(items) - sum(rooms), sum(_rows_in(column, paper, 0) for column in sides.columns)
    more = max(-(-rest // per_page), 0)
    rows = [(str(number + 2 + more), item.name, item.detail if wish.atlas == "chief" else item.code, item.open,
             item.overdue) for number, item in enumerate(items)]
    look = _look(wish, material, say)
    look.tags = [(row[0], *_middle(item)) for row, item in zip(rows, items, strict=True)]
    look.focus = [shape for item in items for shape in item.shapes] if wish.atlas in ("grid", "subdistrict") else []
    chart = picture.draw(material.window, paper, [], look)
    title = say(f"paper.atlas.{wish.atlas}")
    made = [page(paper, places, material.title, material.subtitle, chart, [legend, *_lists(title, rows, rooms, say)])]
    for start in range(sum(rooms), len(rows), per_page):
        made.append(page(paper, sides, material.title, title, "", _lists(
            title, rows[start:start + per_page], [_rows_in(column, paper, 0) for column in sides.columns], say)))
    return made


def _rows_in(column: Box, paper: Paper, taken: float) -> int:
    return max(int((column.height - taken) / paper.row - HEAD_ROWS + 1e-6), 1)


def _lists(title: str, rows: Sequence[tuple], rooms: Sequence[int], say: Say) -> list[Block]:
    """Return the index in a block per column, each as long as its room."""
    heads = (say("paper.page_no"), say("paper.name"), "", say("paper.all_open"), say("paper.late"))
    made, start = [], 0
    for room in rooms:
        part = rows[start:start + room]
        start += room
        if part:
            made.append(Block("index", title, heads, part, least=len(part),
                              extra={"widths": (10, 32, 30, 14, 14), "align": "lllrr", "late": 4}))
    return made


def _full(paper: Paper, places: Frames) -> Frames:
    """Return the frames of a page that holds only lists."""
    count = INDEX_COLUMNS[paper.orientation]
    whole = Box(places.map.x, places.map.y, places.printable.width, places.foot.y - paper.gap * 0.5 - places.map.y)
    width = (whole.width - paper.gap * (count - 1)) / count
    columns = tuple(Box(whole.x + (width + paper.gap) * number, whole.y, width, whole.height)
                    for number in range(count))
    return Frames(places.printable, places.head, whole, columns, places.foot)


def _middle(item: Item) -> tuple[float, float]:
    spot = shapely.point_on_surface(shapely.GeometryCollection(item.shapes)) if len(item.shapes) > 1 else (
        shapely.point_on_surface(item.shapes[0]))
    return spot.x, spot.y


def _item_page(wish: Wish, paper: Paper, material: Material, item: Item, now: datetime, say: Say) -> Page:
    places = frames(paper)
    window = fit(material.plane, _fitted(item), places.map, air=0.07)
    look = _look(wish, material, say)
    look.area, look.focus = None, item.shapes if wish.atlas != "unit" else []
    chart = picture.draw(window, paper, item.found, look)
    facts = Block("facts", say("paper.facts"), ("", ""), tallies.facts(item.found, say), least=10,
                  extra={"widths": (62, 38), "align": "lr"})
    people = Block("people", say("paper.people"), ("", "", ""), item.people, least=len(item.people),
                   extra={"widths": (19, 51, 30), "align": "llr"})
    drawn = [kind for kind in picture.KINDS if any(thing.kind == kind for thing in item.found)]
    blocks = [facts, people, tallies.open_list(item.found, now, say, material.states),
              tallies.legend(item.found, drawn, material.classes, say), tallies.top_classes(item.found, say)]
    told = say(f"paper.about.{wish.atlas}", detail=item.detail)
    return page(paper, places, item.name, f"{told} · {material.subtitle}", chart, blocks)


def _fitted(item: Item) -> tuple[float, float, float, float]:
    west, south, east, north = bounds_of(item.shapes) or (0.0, 0.0, 1.0, 1.0)
    grow_x, grow_y = (max(LEAST_M - edge, 0) / 2 for edge in np.array([east - west, north - south]).tolist())
    return west - grow_x, south - grow_y, east + grow_x, north + grow_y
