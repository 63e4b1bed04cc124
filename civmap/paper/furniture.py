"""What stands on the map for its reader: scale bar, north arrow, and the lettered squares of the index."""

from dataclasses import dataclass

from civmap.paper import ink
from civmap.paper.frames import Box
from civmap.paper.labels import Space
from civmap.paper.scales import LETTERS, Bar, Mesh, Window, scale_bar
from civmap.paper.sizes import Paper

INK, PLATE = "#16262e", "#ffffff"


@dataclass(frozen=True, slots=True)
class Taken:
    """The boxes of the furniture on the map."""

    bar: Bar
    bar_box: Box
    north_box: Box


def reserve(window: Window, paper: Paper, space: Space, mesh: Mesh | None) -> Taken:
    """Take the room of the furniture before any name does."""
    u, edge = paper.text, paper.text * (1.5 if mesh else 0.8)
    bar = scale_bar(window, min(window.width * 0.3, paper.text * 26))
    plate = Box(edge, window.height - edge - u * 3.5, bar.millimetres + u * 4.2, u * 3.5)
    north = Box(window.width - edge - u * 2.8, edge, u * 2.8, u * 4.4)
    taken = [plate, north]
    if mesh:
        strip = u * 1.15
        right, low = window.width - strip, window.height - strip
        taken += [Box(0, 0, window.width, strip), Box(0, 0, strip, window.height),
                  Box(0, low, window.width, strip), Box(right, 0, strip, window.height)]
    space.take(taken)
    return Taken(bar, plate, north)


def stand(window: Window, paper: Paper, taken: Taken, north: str) -> str:
    """Return scale bar, north arrow and the map's own frame."""
    frame = (f'<rect x="0" y="0" width="{ink.steps(window.width)}" height="{ink.steps(window.height)}" fill="none" '
             f'stroke="{INK}" stroke-width="{ink.steps(paper.line * 2)}"/>')
    return frame + _bar(window, paper, taken) + _north(paper, taken.north_box, north)


def _plate(box: Box) -> str:
    return (f'<rect x="{ink.steps(box.x)}" y="{ink.steps(box.y)}" width="{ink.steps(box.width)}" '
            f'height="{ink.steps(box.height)}" rx="{ink.steps(box.height * 0.08)}" fill="{PLATE}" '
            'fill-opacity="0.88"/>')


def _bar(window: Window, paper: Paper, taken: Taken) -> str:
    u, bar, box = paper.text, taken.bar, taken.bar_box
    left, top, high = box.x + u * 1.6, box.y + u * 1.55, u * 0.42
    step = bar.millimetres / bar.parts
    parts = [_plate(box)]
    for number in range(bar.parts):
        fill = INK if number % 2 == 0 else PLATE
        parts.append(f'<rect x="{ink.steps(left + step * number)}" y="{ink.steps(top)}" width="{ink.steps(step)}" '
                     f'height="{ink.steps(high)}" fill="{fill}" stroke="{INK}" '
                     f'stroke-width="{ink.steps(paper.line * 0.4)}"/>')
    half = bar.metres / 2
    middle = f"{half / 1000:g}" if bar.metres >= 1000 else f"{half:g}"
    told = [(0.0, "0"), (bar.millimetres, bar.label)]
    if bar.parts == 4:
        told.insert(1, (bar.millimetres / 2, middle))
    parts += [ink.text(words, left + at, top - u * 0.65, u * 0.82, fill=INK) for at, words in told]
    parts.append(ink.text(f"1 : {window.scale:,}", left, top + high + u * 0.82, u * 0.92, fill=INK, weight=700,
                          anchor="start"))
    return "".join(parts)


def _north(paper: Paper, box: Box, told: str) -> str:
    u, x = paper.text, box.x + box.width / 2
    tip, foot = box.y + u * 1.45, box.y + box.height - u * 0.35
    wing, notch = u * 0.85, foot - u * 0.75
    spine = f"L{ink.steps(x)} {ink.steps(notch)}z"
    left, right = (f"M{ink.steps(x)} {ink.steps(tip)}L{ink.steps(x + way * wing)} {ink.steps(foot)}{spine}"
                   for way in (-1, 1))
    line = {"stroke": INK, "stroke_width": ink.steps(paper.line * 0.5), "stroke_linejoin": "round"}
    return (_plate(box) + ink.shape(left, fill=INK, **line) + ink.shape(right, fill=PLATE, **line)
            + ink.text(told, x, box.y + u * 0.8, u * 1.1, fill=INK, weight=700))


def squares(window: Window, paper: Paper, mesh: Mesh) -> str:
    """Return the squares with letters above and below and numbers at the sides."""
    u = paper.text
    wide, high = window.width / mesh.columns, window.height / mesh.rows
    lines = [f"M{ink.steps(wide * number)} 0v{ink.steps(window.height)}" for number in range(1, mesh.columns)]
    lines += [f"M0 {ink.steps(high * number)}h{ink.steps(window.width)}" for number in range(1, mesh.rows)]
    parts = [ink.shape("".join(lines), fill="none", stroke="#4c6470", stroke_opacity=0.45,
                       stroke_width=ink.steps(paper.line * 0.4))]
    for number in range(mesh.columns):
        parts += [_tag(LETTERS[number], wide * (number + 0.5), y, u) for y in (u * 0.62, window.height - u * 0.62)]
    for number in range(mesh.rows):
        parts += [_tag(str(number + 1), x, high * (number + 0.5), u) for x in (u * 0.62, window.width - u * 0.62)]
    return "".join(parts)


def _tag(words: str, x: float, y: float, u: float) -> str:
    half = ink.steps(u * 0.58)
    return (f'<rect x="{ink.steps(x) - half}" y="{ink.steps(y) - half}" width="{2 * half}" height="{2 * half}" '
            f'fill="#4c6470"/>' + ink.text(words, x, y, u * 0.78, fill="#ffffff", weight=700))
