"""Backgrounds of the demo's pictures: a street, a lane, a yard, a park, water, a hall; drawn with shapes alone."""

import random
from collections.abc import Callable, Mapping

from PIL import ImageDraw

WIDTH, HEIGHT = 800, 600
HORIZON = 290
Colour = tuple[int, int, int]
WALLS: tuple[Colour, ...] = ((214, 200, 178), (198, 184, 170), (222, 214, 200), (190, 196, 200), (206, 178, 158))
AWNINGS: tuple[Colour, ...] = ((178, 60, 52), (48, 106, 150), (206, 150, 46), (70, 128, 84), (122, 76, 130))


def shade(colour: Colour, by: float) -> Colour:
    """Return a colour made lighter (above 1) or darker."""
    return tuple(max(0, min(255, round(part * by))) for part in colour)  # type: ignore[return-value]


def _sky(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    base = rng.choice(((176, 204, 226), (196, 208, 216), (206, 204, 198), (168, 194, 214)))
    draw.rectangle((0, HORIZON, WIDTH, HEIGHT), fill=(170, 168, 160))
    for band in range(0, HORIZON, 29):
        draw.rectangle((0, band, WIDTH, band + 29), fill=shade(base, 0.96 + band / HORIZON * 0.12))


def _houses(draw: ImageDraw.ImageDraw, rng: random.Random, top: int, base: int) -> None:
    x = -rng.randint(0, 60)
    while x < WIDTH:
        width, height = rng.randint(90, 190), rng.randint(base - top - 90, base - top)
        wall = rng.choice(WALLS)
        draw.rectangle((x, base - height, x + width, base), fill=wall)
        for wy in range(base - height + 16, base - 78, 40):
            for wx in range(x + 12, x + width - 22, 34):
                draw.rectangle((wx, wy, wx + 20, wy + 24), fill=shade((122, 140, 154), rng.uniform(0.8, 1.2)))
        draw.rectangle((x + 6, base - 62, x + width - 6, base), fill=shade(wall, 0.62))
        draw.rectangle((x + 4, base - 74, x + width - 4, base - 54), fill=rng.choice(AWNINGS))
        x += width + rng.choice((0, 0, 6, 26))


def tree(draw: ImageDraw.ImageDraw, x: int, base: int, size: int, leaf: Colour = (82, 128, 70)) -> None:
    """Draw a tree that stands at (x, base)."""
    draw.rectangle((x - size // 14, base - size, x + size // 14, base), fill=(104, 84, 66))
    for dx, dy, part in ((-0.3, -1.0, 0.36), (0.28, -1.05, 0.34), (0.0, -1.35, 0.42), (0.02, -0.95, 0.4)):
        r = size * part
        middle_x, middle_y = x + dx * size, base + dy * size
        draw.ellipse((middle_x - r, middle_y - r, middle_x + r, middle_y + r), fill=shade(leaf, 0.9 + part / 2))


def _street(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _sky(draw, rng)
    _houses(draw, rng, 60, HORIZON + 30)
    draw.rectangle((0, HORIZON + 30, WIDTH, 450), fill=(188, 182, 172))
    for x in range(-300, WIDTH + 300, 70):
        draw.line((x + (x - 400) // 6, HORIZON + 30, x + (x - 400) // 2, 450), fill=(168, 162, 152), width=2)
    draw.line((0, 372, WIDTH, 372), fill=(216, 176, 74), width=9)
    draw.rectangle((0, 450, WIDTH, 462), fill=(150, 148, 144))
    draw.rectangle((0, 462, WIDTH, HEIGHT), fill=(96, 98, 102))
    for x in range(rng.randint(-80, 0), WIDTH, 150):
        draw.rectangle((x, 546, x + 80, 554), fill=(226, 226, 220))
    for x in range(rng.randint(20, 160), WIDTH, rng.randint(230, 330)):
        tree(draw, x, 448, rng.randint(110, 150))


def _lane(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _sky(draw, rng)
    left, right = rng.choice(WALLS), rng.choice(WALLS)
    draw.polygon(((340, 300), (470, 300), (WIDTH, HEIGHT), (0, HEIGHT)), fill=(150, 148, 144))
    draw.polygon(((0, 0), (340, 170), (340, 300), (0, HEIGHT)), fill=left)
    draw.polygon(((WIDTH, 0), (470, 170), (470, 300), (WIDTH, HEIGHT)), fill=shade(right, 0.92))
    draw.rectangle((340, 170, 470, 300), fill=shade(left, 1.08))
    for i in range(4):
        x = 30 + i * 76
        top = 150 + i * 28
        draw.polygon(((x, top), (x + 42, top + 14), (x + 42, top + 110 - i * 16), (x, top + 112 - i * 14)),
                     fill=shade((110, 124, 134), rng.uniform(0.8, 1.1)))  # fmt: skip
        draw.polygon(((WIDTH - x, top), (WIDTH - x - 42, top + 14), (WIDTH - x - 42, top + 110 - i * 16),
                      (WIDTH - x, top + 112 - i * 14)), fill=shade((110, 124, 134), rng.uniform(0.8, 1.1)))  # fmt: skip
    draw.line((405, 300, 405, HEIGHT), fill=(128, 126, 122), width=5)


def _yard(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _sky(draw, rng)
    wall = rng.choice(WALLS)
    for x in (40, 300, 560):
        draw.rectangle((x, 40, x + 210, 360), fill=wall)
        for wy in range(56, 330, 46):
            for wx in range(x + 14, x + 190, 48):
                draw.rectangle((wx, wy, wx + 32, wy + 28), fill=shade((120, 138, 152), rng.uniform(0.75, 1.2)))
        draw.rectangle((x + 88, 306, x + 124, 360), fill=(92, 84, 78))
    draw.rectangle((0, 360, WIDTH, 430), fill=(126, 160, 104))
    draw.rectangle((0, 430, WIDTH, HEIGHT), fill=(164, 162, 158))
    for x in (30, 286, 548, 780):
        tree(draw, x, 420, rng.randint(80, 120))
    for x in range(60, WIDTH, 180):
        draw.line((x, 520, x - 40, HEIGHT), fill=(230, 230, 226), width=5)


def _park(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _sky(draw, rng)
    for x in range(-20, WIDTH, 70):
        tree(draw, x + rng.randint(0, 40), 320, rng.randint(120, 190), (70 + rng.randint(0, 40), 124, 66))
    draw.rectangle((0, 316, WIDTH, HEIGHT), fill=(134, 172, 104))
    draw.polygon(((330, 318), (400, 318), (700, HEIGHT), (180, HEIGHT)), fill=(206, 192, 168))
    draw.rectangle((90, 420, 230, 436), fill=(128, 92, 62))
    draw.rectangle((100, 436, 110, 470), fill=(84, 84, 84))
    draw.rectangle((210, 436, 220, 470), fill=(84, 84, 84))


def _water(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    _sky(draw, rng)
    _houses(draw, rng, 150, HORIZON)
    draw.rectangle((0, HORIZON, WIDTH, 330), fill=(118, 152, 96))
    draw.rectangle((0, 330, WIDTH, 520), fill=(112, 150, 168))
    for _ in range(26):
        x, y = rng.randint(0, WIDTH), rng.randint(340, 512)
        draw.line((x, y, x + rng.randint(30, 90), y), fill=(138, 172, 188), width=3)
    draw.rectangle((0, 520, WIDTH, HEIGHT), fill=(176, 172, 162))
    for x in range(0, WIDTH, 46):
        draw.rectangle((x, 470, x + 8, 526), fill=(196, 196, 190))
    draw.rectangle((0, 470, WIDTH, 480), fill=(206, 206, 200))


def _hall(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    draw.rectangle((0, 0, WIDTH, 370), fill=rng.choice(((224, 222, 214), (216, 220, 222), (226, 218, 206))))
    draw.rectangle((0, 370, WIDTH, HEIGHT), fill=(186, 182, 176))
    for x in range(-600, WIDTH + 600, 120):
        draw.line((400 + (x - 400) // 2, 370, x, HEIGHT), fill=(168, 164, 158), width=3)
    for y in (400, 446, 514):
        draw.line((0, y, WIDTH, y), fill=(168, 164, 158), width=3)
    draw.rectangle((430, 250, 790, 400), fill=(150, 118, 88))
    draw.rectangle((420, 238, 800, 256), fill=(176, 142, 108))
    for x in (450, 570, 690):
        draw.rectangle((x, 110, x + 90, 226), fill=(176, 202, 214))
    draw.rectangle((40, 90, 250, 230), fill=(176, 46, 42))
    draw.rectangle((54, 104, 236, 216), fill=(236, 226, 206))


Scene = Callable[[ImageDraw.ImageDraw, random.Random], None]
SCENES: Mapping[str, Scene] = {
    "alley": _lane, "estate": _yard, "school": _street, "park": _park, "water": _water, "hall": _hall,
    "hospital": _hall, "mall": _hall, "hotel": _hall, "venue": _hall, "cafe": _hall, "pharmacy": _hall,
    "restaurant": _hall, "vehicle": _hall, "shelter": _park, "fringe": _park, "market": _hall, "toilet": _hall,
}  # fmt: skip


def backdrop(draw: ImageDraw.ImageDraw, where: str, rng: random.Random) -> None:
    """Draw the background of a kind of place; a street where nothing else is known."""
    SCENES.get(where, _street)(draw, rng)
