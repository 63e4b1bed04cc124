"""The tables at the margin: counted from the very things on the sheet, so map, legend and tables cannot differ."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from shapely.geometry.base import BaseGeometry

from civmap import clock
from civmap.paper.classes import Classes
from civmap.paper.flow import Block
from civmap.paper.scales import Mesh, Window
from civmap.paper.things import KINDS, Thing, by_status, inside

Say = Callable[..., str]
Things = Sequence[Thing]
LEGEND_ROW = 1.28
TOP_CLASSES = 12
STATUSES = ("open", "due_soon", "overdue")


def issues_of(found: Things) -> list[Thing]:
    """Return the open issues among the things."""
    return [thing for thing in found if thing.kind == "issues" and thing.open]


def legend(found: Things, drawn: Iterable[str], classes: Classes | None, say: Say) -> Block:
    """Return the legend: per layer that is drawn how many things have which status or fall into which class."""
    rows = [(kind, say(f"map.layer.{kind}"), by_status(one for one in found if one.kind == kind))
            for kind in KINDS if kind in set(drawn)]
    graded = _graded(found, [kind for kind, *_ in rows if kind != "issues"], classes)
    high = 1.45 + LEGEND_ROW * (len(rows) + 0.9) + (LEGEND_ROW * (len(graded[0]["classes"]) + 2) if graded else 0)
    return Block("legend", say("paper.legend"), rows=rows, rows_high=high,
                 extra={"graded": graded, "row": LEGEND_ROW, "metric": say(f"paper.by.{classes.by}") if graded else ""})


def _graded(found: Things, kinds: Sequence[str], classes: Classes | None) -> list[dict[str, Any]]:
    if classes is None or not classes.count:
        return []
    counts, without = classes.counted(one for one in found if one.kind in kinds)
    edges = [f"{edge:.1f}".rstrip("0").rstrip(".") for edge in classes.breaks]
    steps = [{"number": number, "shade": classes.shade(number), "low": edges[number], "high": edges[number + 1],
              "count": count} for number, count in enumerate(counts)]
    return [{"classes": steps, "without": without}]


def per_area(found: Things, areas: Sequence[tuple[str, BaseGeometry]], say: Say) -> Block:
    """Return points and open issues per subdistrict, those with the most overdue first."""
    rows = []
    for name, shape in areas:
        within = inside(found, shape)
        points, counted = sum(one.kind == "points" for one in within), _counted(issues_of(within))
        if points or counted["all"]:
            rows.append((counted, (name, points, counted["all"], counted["due_soon"], counted["overdue"])))
    rows.sort(key=lambda row: (-row[0]["overdue"], -row[0]["all"], row[1][0]))
    return _numbers("areas", "paper.per_area", "paper.subdistrict", ("map.layer.points",),
                    [row for _counts, row in rows], say)


def per_unit(found: Things, say: Say) -> Block:
    """Return open issues per responsible unit, those with the most overdue first."""
    groups: dict[str, list[Thing]] = defaultdict(list)
    for thing in issues_of(found):
        groups[str(thing.facts.get("unit_name") or say("paper.nobody"))].append(thing)
    counted = sorted(((name, _counted(group)) for name, group in groups.items()),
                     key=lambda row: (-row[1]["overdue"], -row[1]["all"], row[0]))
    return _numbers("units", "paper.per_unit", "paper.unit", (),
                    [(name, count["all"], count["due_soon"], count["overdue"]) for name, count in counted], say)


def top_classes(found: Things, say: Say) -> Block:
    """Return the classes with the most open issues."""
    groups: dict[str, list[Thing]] = defaultdict(list)
    for thing in issues_of(found):
        groups[str(thing.facts.get("class_name") or thing.name)].append(thing)
    counted = sorted(((name, _counted(group)) for name, group in groups.items()),
                     key=lambda row: (-row[1]["all"], row[0]))
    block = _numbers("classes", "paper.top_classes", "paper.class", (),
                     [(name, count["all"], count["due_soon"], count["overdue"]) for name, count in counted], say)
    block.most = TOP_CLASSES
    return block


def _counted(issues: Things) -> dict[str, int]:
    found = Counter(thing.status for thing in issues)
    return {"all": len(issues), **{status: found[status] for status in STATUSES}}


def _numbers(name: str, title: str, first: str, more: Sequence[str], rows: Sequence[Any], say: Say) -> Block:
    heads = (say(first), *(say(key) for key in more), say("paper.all_open"), say("paper.soon"), say("paper.late"))
    count = len(heads) - 1
    share = 13.5 if count == 3 else 12.5
    return Block(name, say(title), heads, rows, least=min(4, len(rows)),
                 extra={"widths": (100 - share * count, *[share] * count), "align": "l" + "r" * count, "late": count})


def overdue(found: Things, now: datetime, say: Say) -> Block:
    """Return the overdue issues, the longest overdue first."""
    late = sorted((thing for thing in issues_of(found) if thing.status == "overdue" and thing.facts.get("due_at")),
                  key=lambda thing: (str(thing.facts["due_at"]), thing.code))
    rows = [(thing.facts.get("class_name") or thing.name, place_of(thing), thing.facts.get("unit_name") or "—",
             since(str(thing.facts["due_at"]), now, say)) for thing in late]
    return Block("overdue", say("paper.overdue_list"),
                 (say("paper.class"), say("paper.place"), say("paper.unit"), say("paper.late_by")), rows,
                 least=min(5, len(rows)), extra={"widths": (29, 30, 27, 14), "align": "lllr", "total": len(rows)})


def place_of(thing: Thing) -> str:
    """Return where an issue is: its point, its segment, or its number."""
    return str(thing.facts.get("point_name") or thing.facts.get("segment_name") or thing.code)


def since(due: str, now: datetime, say: Say) -> str:
    """Return how long ago a deadline was, in days or hours."""
    hours = int((now - clock.parse_moment(due)).total_seconds() // 3600)
    return say("paper.days", count=hours // 24) if hours >= 24 else say("paper.hours", count=max(hours, 1))


def index(found: Things, window: Window, mesh: Mesh, say: Say, abreast: int) -> Block:
    """Return where each point is found: its square on the map, by name."""
    rows = []
    for thing in found:
        if thing.kind == "points":
            square = mesh.square(*window.place(*thing.spot))
            if square:
                rows.append((square, thing.name, thing.open or "", thing.status))
    rows.sort(key=lambda row: row[1].encode("gb18030", "replace"))
    return Block("index", say("paper.index"), ("",) * 3, rows, least=6 * abreast, abreast=abreast,
                 extra={"widths": (15, 74, 11), "align": "llr"})


def facts(found: Things, say: Say) -> list[tuple[str, str]]:
    """Return what a page of the atlas says first: how much there is, and how much of it is open."""
    told = [(say(f"map.layer.{kind}"), str(sum(one.kind == kind for one in found))) for kind in KINDS[:3]
            if any(one.kind == kind for one in found)]
    length = sum(float(one.facts.get("length_m") or 0) for one in found if one.kind == "segments")
    if length:
        told.append((say("paper.length"), f"{length / 1000:.2f} km" if length >= 1000 else f"{length:.0f} m"))
    counted = _counted(issues_of(found))
    return [*told, (say("paper.all_open"), str(counted["all"])),
            *((say(f"map.status.{status}"), str(counted[status])) for status in ("due_soon", "overdue"))]


def open_list(found: Things, now: datetime, say: Say, states: Mapping[str, str]) -> Block:
    """Return the open issues of one page: overdue first, then by deadline."""
    rank = {"overdue": 0, "due_soon": 1, "open": 2, "none": 3}
    ordered = sorted(issues_of(found),
                     key=lambda one: (rank[one.status], str(one.facts.get("due_at") or "9"), one.code))
    rows = [(one.facts.get("class_name") or one.name, place_of(one), states.get(str(one.facts.get("state")), ""),
             since(str(one.facts["due_at"]), now, say) if one.status == "overdue" and one.facts.get("due_at")
             else _due(one), one.status) for one in ordered]
    return Block("issues", say("paper.open_list"),
                 (say("paper.class"), say("paper.place"), say("paper.state"), say("paper.late_or_due")), rows,
                 least=min(4, len(rows)), extra={"widths": (26, 34, 20, 20), "align": "lllr"})


def _due(one: Thing) -> str:
    due = one.facts.get("due_at")
    return clock.to_office(clock.parse_moment(str(due))).strftime("%m-%d %H:%M") if due else "—"
