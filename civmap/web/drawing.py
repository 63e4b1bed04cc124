"""What goes on paper: gathered as lists and map data are, under the viewer's own policy, then laid out and pressed.

Runs in the drawing process (`civmap.web.paper_child`) and under the command line, never inside a request.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import select

from civmap import clock, dictionaries, texts
from civmap.errors import TooLarge, Unavailable
from civmap.geo.measure import Plane
from civmap.grounds.sources import OFFLINE
from civmap.issues import measures
from civmap.paper import composing, ground, sheet
from civmap.paper.classes import Classes, quantiles
from civmap.paper.frames import frames
from civmap.paper.scales import Window, bounds_of, fit
from civmap.paper.sizes import Paper, paper
from civmap.paper.things import KINDS, Thing, inside, things
from civmap.paper.wishes import MOST_THINGS, Material, Wish
from civmap.store.base import holds_at
from civmap.web import kinds, narrowed_words
from civmap.web.api.lists import FILTERS, narrowing, query_model
from civmap.web.api.reading import read_query_values
from civmap.web.desk import Desk
from civmap.zones import queries as zones
from civmap.zones.models import Zone

Tell = Callable[[float], None]
ATLAS_NEEDS = {"chief": ("segments", "zones", "points"), "unit": ("points", "segments", "zones", "units"),
               "grid": ("points", "segments", "zones"), "subdistrict": ("points", "segments", "zones")}
ONE_NAME = {"points": "point", "segments": "segment", "zones": "zone", "units": "unit", "issues": "issue"}
PRESS_SECONDS = 480
LOCAL = "frontage,estate"
"""Grids and borders lie under everything: like on the screen, they are drawn only where they are asked for."""


def checked(wish: Wish, desk: Desk) -> Wish:
    """Return the wish with only the layers the viewer may take out of the house; raise what would fail later."""
    paper(wish.size, wish.orientation)
    layers = tuple(kind for kind in wish.layers if desk.viewer.may("export", ONE_NAME[kind]))
    if not layers:
        desk.viewer.must("export", ONE_NAME[(wish.layers or ("issues",))[0]])
    for kind in (*layers, "issues"):
        _narrowing(wish, kind, None)
    if wish.area:
        zones.by_code(desk.session, desk.viewer, wish.area)
    return Wish.from_json({**wish.as_json(), "layers": layers})


def draw(desk: Desk, wish: Wish, target: Path, tell: Tell) -> int:
    """Draw a wish into a PDF and return how many sheets it has; `tell` hears 0 to 100."""
    tell(2)
    chosen = paper(wish.size, wish.orientation)
    material = gather(desk, wish, chosen, tell)
    tell(35)

    def say(key: str, **facts: Any) -> str:
        return texts.say(desk.lang, key, **facts)

    made = composing.sheets(wish, chosen, material, desk.now, say, lambda share: tell(35 + 20 * share))
    document = sheet.document(chosen, made, _imprint(desk, say), desk.lang, say)
    desk.session.rollback()  # nothing is asked any more: let the database go before the long part
    tell(57)
    press(document, target, lambda share: tell(57 + share * 0.42))
    return len(made)


def gather(desk: Desk, wish: Wish, chosen: Paper, tell: Tell) -> Material:
    """Return what the sheets are made of; raise TooLarge where it is more than a sheet of paper bears."""
    area = _area(desk, wish)
    frame = wish.bbox or (area.shape.bounds if area else None) or _frame(desk, wish)
    plane = Plane((frame[0] + frame[2]) / 2, (frame[1] + frame[3]) / 2)
    border = plane.to_metres(area.shape) if area else None
    window = _window(wish, chosen, plane, frame, border)
    tell(6)
    found = _found(desk, wish, plane, window.degrees, tell)
    if border is not None:
        found = inside(found, border)
    tell(28)
    under = ground.read(desk.session, plane, window.degrees, desk.now)
    wanted = [thing for thing in _zones_for(desk, wish, plane, window) if border is None or inside([thing], border)]
    states = {row.code: row.name(desk.lang) for row in dictionaries.issue_states().values()}
    return Material(plane, window, found, under, wish.title or _title(desk, area), _subtitle(desk, wish), border,
                    wanted, _classes(wish, found), states)


def _classes(wish: Wish, found: Sequence[Thing]) -> Classes | None:
    """Return the classes of the measure that the map is coloured by: the legend's own, else quantiles."""
    if wish.by == "status" or not any(wish.by in measures.OF_KIND.get(kind, ()) for kind in wish.layers):
        return None
    values = [thing.facts["value"] for thing in found if thing.kind in wish.layers
              and thing.facts.get("value") is not None]
    return Classes(wish.by, wish.breaks if len(wish.breaks) > 1 else quantiles(values))


class _Area:
    """The zone that a sheet is about."""

    def __init__(self, name: str, shape: BaseGeometry) -> None:
        self.name, self.shape = name, shape


def _area(desk: Desk, wish: Wish) -> _Area | None:
    if not wish.area:
        return None
    zone = zones.by_code(desk.session, desk.viewer, wish.area)
    return _Area(zone.name or zone.code, zone.geom)


def _frame(desk: Desk, wish: Wish) -> tuple[float, float, float, float]:
    """Return the box in degrees of what was selected, or of the city."""
    if wish.codes:
        shapes = [shapely.geometry.shape(feature["geometry"]) for kind in wish.codes
                  for feature in _chosen(desk, wish, kind, None) if feature.get("geometry")]
        bounds = bounds_of(shapes)
        if bounds:
            grow = max(bounds[2] - bounds[0], bounds[3] - bounds[1], 0.002) * 0.05
            return bounds[0] - grow, bounds[1] - grow, bounds[2] + grow, bounds[3] + grow
    borders = desk.session.scalars(select(Zone.geom).where(Zone.kind == "subdistrict", holds_at(Zone, desk.now))).all()
    city = desk.identity.city
    if city is None:
        raise Unavailable("no_city")
    return bounds_of(list(borders)) or city.frame


def _window(wish: Wish, chosen: Paper, plane: Plane, frame: Sequence[float], border: BaseGeometry | None) -> Window:
    chart = frames(chosen, with_tables="tables" in wish.include or wish.atlas is not None).map
    shape = border if border is not None else plane.to_metres(shapely.box(*frame))
    return fit(plane, shape.bounds, chart, wish.scale, air=0.0 if wish.bbox else 0.03)


def _kinds(wish: Wish) -> list[str]:
    wanted = {*wish.layers, "issues", *(ATLAS_NEEDS[wish.atlas] if wish.atlas else ())}
    return [kind for kind in KINDS if kind in wanted]


def _found(desk: Desk, wish: Wish, plane: Plane, box: tuple[float, ...], tell: Tell) -> list[Thing]:
    gathered: list[Thing] = []
    for number, kind in enumerate(_kinds(wish)):
        features = _chosen(desk, wish, kind, box)
        if len(gathered) + len(features) > MOST_THINGS:
            raise TooLarge("paper_too_much", most=MOST_THINGS)
        gathered += things(kind, features, plane)
        tell(8 + 4 * number)
    return gathered


def _narrowing(wish: Wish, kind: str, box: tuple[float, ...] | None) -> kinds.Narrowing:
    asked = {name: value for name, value in wish.view.get(kind, {}).items() if value}
    if kind == "issues" and "state" not in asked:
        asked["state"] = "open"
    if kind == "zones" and kind not in wish.view:
        asked["kind"] = LOCAL
    if wish.by in measures.OF_KIND.get(kind, ()):
        asked["by"] = wish.by
    if box is not None:
        asked["bbox"] = ",".join(f"{edge:.7f}" for edge in box)
    return narrowing(read_query_values(query_model(kind, FILTERS[kind]), asked), MOST_THINGS + 1)


def _chosen(desk: Desk, wish: Wish, kind: str, box: tuple[float, ...] | None) -> list[Mapping[str, Any]]:
    features = kinds.collect(desk, kind, _narrowing(wish, kind, box)).features
    codes = set(wish.codes.get(kind, ()))
    return [feature for feature in features if not codes or str(feature["properties"].get("code")) in codes]


def _zones_for(desk: Desk, wish: Wish, plane: Plane, window: Window) -> list[Thing]:
    """Return the grids or subdistricts an atlas has pages for."""
    if wish.atlas not in ("grid", "subdistrict"):
        return []
    asked = kinds.Narrowing(bbox=window.degrees, filters={"kind": wish.atlas})
    return things("zones", kinds.collect(desk, "zones", asked).features, plane)


def _title(desk: Desk, area: _Area | None) -> str:
    city = desk.identity.city.name if desk.identity.city else ""
    return texts.say(desk.lang, "paper.title", city=city, area=area.name if area else "").strip()


def _subtitle(desk: Desk, wish: Wish) -> str:
    at = clock.to_office(desk.now).strftime("%Y-%m-%d %H:%M")
    told = [texts.say(desk.lang, "paper.as_of", at=at), *narrowed_words.told(desk, wish.view, wish.codes)]
    return " · ".join(told)


def _imprint(desk: Desk, say: Callable[..., str]) -> sheet.Imprint:
    city, viewer = desk.identity.city, desk.viewer
    at = clock.to_office(desk.now).strftime("%Y-%m-%d %H:%M")
    approval = next((under.approval for under in desk.settings.grounds if under.kind == OFFLINE), "")
    notice = say("paper.notice", note=approval or say("paper.no_approval"))
    return sheet.Imprint(city.name if city else "", say("paper.internal"),
                         (city.attribution if city else "") or say("paper.own_data"), notice,
                         say("paper.drawn", at=at, who=viewer.full_name or viewer.name))


def press(document: Mapping[str, str], target: Path, tell: Tell) -> None:
    """Turn the document into the PDF in a process of its own; raise Unavailable where that fails."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in document.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        child = subprocess.Popen([sys.executable, "-m", "civmap.paper.press", folder, str(target)], text=True,
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for line in child.stdout or ():
            if line.strip().isdigit():
                tell(float(line))
        _out, trouble = child.communicate(timeout=PRESS_SECONDS)
        if child.returncode:
            raise Unavailable("paper_press_failed", why=trouble.strip()[-200:])
