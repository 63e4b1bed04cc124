"""What is wrong in the demo's pictures: one drawing per family of issue classes."""

import math
import random
from collections.abc import Callable, Mapping

from PIL import ImageDraw

from civmap.demo.photo_scenes import AWNINGS, Colour, shade, tree

Pen = ImageDraw.ImageDraw


def _rubbish(draw: Pen, rng: random.Random) -> None:
    x, y = rng.randint(240, 480), rng.randint(440, 500)
    for _ in range(16):
        dx, dy, r = rng.randint(-110, 110), rng.randint(-46, 40), rng.randint(14, 40)
        colour = rng.choice(((54, 60, 62), (188, 178, 160), (92, 118, 92), (160, 64, 56), (212, 208, 198)))
        draw.ellipse((x + dx - r, y + dy - r * 0.8, x + dx + r, y + dy + r * 0.8), fill=colour)
    for _ in range(14):
        dx, dy = rng.randint(-150, 150), rng.randint(-20, 70)
        draw.rectangle((x + dx, y + dy, x + dx + 16, y + dy + 9), fill=(226, 222, 210))


def _heap(draw: Pen, rng: random.Random) -> None:
    x, y = rng.randint(260, 480), rng.randint(470, 520)
    draw.polygon(
        ((x - 170, y), (x - 90, y - 84), (x - 10, y - 120), (x + 90, y - 70), (x + 180, y)), fill=(146, 118, 88)
    )
    for _ in range(30):
        dx = rng.randint(-130, 130)
        dy = -rng.randint(4, max(6, 100 - abs(dx) // 2))
        draw.rectangle(
            (x + dx, y + dy, x + dx + rng.randint(8, 26), y + dy + 12), fill=rng.choice(((168, 96, 72), (120, 98, 76)))
        )


def _bin(draw: Pen, rng: random.Random) -> None:
    for i, colour in enumerate(((58, 110, 74), (60, 92, 140), (92, 92, 96))):
        x, y = 250 + i * 120, rng.randint(470, 486)
        draw.polygon(((x, y - 120), (x + 90, y - 120), (x + 80, y), (x + 10, y)), fill=colour)
        for _ in range(8):
            dx, dy = rng.randint(0, 90), rng.randint(-160, -110)
            draw.ellipse(
                (x + dx - 18, y + dy - 14, x + dx + 18, y + dy + 14), fill=rng.choice(((52, 54, 58), (200, 190, 170)))
            )


def _bikes(draw: Pen, rng: random.Random) -> None:
    for i in range(6):
        x, y = 120 + i * 92 + rng.randint(-24, 24), 440 + rng.randint(0, 60)
        lean, colour = rng.randint(-34, 34), rng.choice(AWNINGS)
        for dx in (0, 84):
            draw.ellipse((x + dx - 26, y - 26, x + dx + 26, y + 26), outline=(40, 40, 42), width=6)
        draw.line((x, y, x + 36 + lean, y - 52, x + 84, y), fill=colour, width=8)
        draw.line((x + 36 + lean, y - 52, x + 84 + lean // 2, y - 62), fill=(50, 50, 52), width=6)


def _cars(draw: Pen, rng: random.Random) -> None:
    for i in range(3):
        x, y = 60 + i * 250 + rng.randint(-20, 20), 470 + rng.randint(-20, 30)
        colour = rng.choice(((210, 212, 214), (60, 66, 74), (150, 40, 38), (62, 90, 130)))
        draw.polygon(
            ((x + 40, y - 84), (x + 150, y - 84), (x + 186, y - 44), (x + 14, y - 44)), fill=shade(colour, 0.7)
        )
        draw.rectangle((x, y - 46, x + 204, y), fill=colour)
        for dx in (44, 160):
            draw.ellipse((x + dx - 24, y - 24, x + dx + 24, y + 24), fill=(34, 34, 36))


def _pothole(draw: Pen, rng: random.Random) -> None:
    x, y = rng.randint(260, 520), rng.randint(500, 540)
    ring = [
        (x + math.cos(a) * rng.randint(70, 150), y + math.sin(a) * rng.randint(22, 46))
        for a in (i * 0.45 for i in range(14))
    ]
    draw.polygon(ring, fill=(58, 56, 54))
    draw.line([(x - 220, y - 10), (x - 120, y + 12), (x - 60, y)], fill=(60, 58, 56), width=5)
    draw.line([(x + 80, y), (x + 150, y + 16), (x + 240, y - 8)], fill=(60, 58, 56), width=5)


def _slabs(draw: Pen, rng: random.Random) -> None:
    x = rng.randint(200, 420)
    for row in range(3):
        for column in range(5):
            dx, dy = x + column * 58 + rng.randint(-9, 9), 380 + row * 28 + rng.randint(-7, 7)
            fill = (92, 88, 82) if rng.random() < 0.35 else (170, 150, 130)
            draw.polygon(
                ((dx, dy), (dx + 50, dy + rng.randint(-6, 6)), (dx + 54, dy + 22), (dx + 4, dy + 24)), fill=fill
            )


def _manhole(draw: Pen, rng: random.Random) -> None:
    x, y = rng.randint(300, 500), rng.randint(510, 540)
    draw.ellipse((x - 96, y - 40, x + 96, y + 40), fill=(24, 24, 26))
    draw.ellipse((x + 40, y - 76, x + 220, y - 4), fill=(112, 112, 116), outline=(80, 80, 84), width=8)
    draw.polygon(((x - 150, y), (x - 128, y - 80), (x - 106, y)), fill=(226, 120, 40))


def _posters(draw: Pen, rng: random.Random) -> None:
    for _ in range(17):
        x, y, tone = rng.randint(120, 640), rng.randint(180, 330), rng.randint(205, 245)
        draw.rectangle((x, y, x + rng.randint(30, 56), y + rng.randint(38, 70)), fill=(tone, tone, tone - 20))
        draw.line((x + 6, y + 12, x + 26, y + 12), fill=(150, 40, 36), width=5)
        draw.line((x + 6, y + 24, x + 24, y + 24), fill=(70, 70, 74), width=4)


def _cables(draw: Pen, rng: random.Random) -> None:
    draw.rectangle((150, 60, 164, 470), fill=(112, 108, 104))
    draw.rectangle((640, 80, 654, 470), fill=(112, 108, 104))
    for _ in range(13):
        y, sag = rng.randint(70, 190), rng.randint(20, 150)
        spots = [(157 + 490 * t, y + sag * 4 * t * (1 - t)) for t in (i / 14 for i in range(15))]
        draw.line(spots, fill=(38, 38, 40), width=rng.randint(3, 5))


def _stall(draw: Pen, rng: random.Random) -> None:
    x, y = rng.randint(220, 440), rng.randint(470, 510)
    colour = rng.choice(AWNINGS)
    draw.polygon(((x - 40, y - 170), (x + 110, y - 220), (x + 260, y - 170)), fill=colour)
    draw.rectangle((x + 104, y - 200, x + 114, y), fill=(90, 88, 86))
    draw.rectangle((x, y - 76, x + 220, y - 58), fill=(142, 110, 76))
    for dx in (8, 204):
        draw.rectangle((x + dx, y - 60, x + dx + 10, y), fill=(110, 86, 60))
    for _ in range(26):
        dx, r = rng.randint(6, 210), rng.randint(8, 15)
        fruit = rng.choice(((206, 82, 44), (224, 170, 52), (104, 150, 62), (180, 48, 52)))
        draw.ellipse((x + dx - r, y - 90 - r, x + dx + r, y - 90 + r), fill=fruit)


def _boxes(draw: Pen, rng: random.Random) -> None:
    x, y = rng.randint(160, 380), rng.randint(460, 500)
    for _ in range(11):
        dx, dy, w, h = rng.randint(0, 260), rng.randint(-130, -10), rng.randint(50, 90), rng.randint(40, 70)
        draw.rectangle(
            (x + dx, y + dy, x + dx + w, y + dy + h),
            fill=shade((182, 146, 102), rng.uniform(0.75, 1.1)),
            outline=(120, 94, 64),
            width=3,
        )


def _puddle(draw: Pen, rng: random.Random) -> None:
    x, y = rng.randint(260, 480), rng.randint(490, 530)
    for _ in range(7):
        dx, dy, r = rng.randint(-130, 130), rng.randint(-20, 20), rng.randint(60, 120)
        draw.ellipse((x + dx - r, y + dy - r * 0.28, x + dx + r, y + dy + r * 0.28), fill=(104, 116, 112))
    draw.ellipse((x - 60, y - 16, x + 50, y + 6), fill=(146, 160, 162))


def _floating(draw: Pen, rng: random.Random) -> None:
    for _ in range(34):
        x, y = rng.randint(150, 660), rng.randint(380, 500)
        colour = rng.choice(((226, 222, 208), (106, 130, 70), (196, 150, 80), (70, 104, 150)))
        draw.ellipse((x, y, x + rng.randint(14, 34), y + rng.randint(6, 13)), fill=colour)


def _withered(draw: Pen, rng: random.Random) -> None:
    draw.rectangle((120, 440, 680, 486), fill=(128, 100, 72))
    for x in range(150, 670, 90):
        tree(draw, x + rng.randint(-10, 10), 450, rng.randint(50, 84), (154, 128, 70))


def _board(draw: Pen, rng: random.Random) -> None:
    draw.rectangle((220, 210, 580, 400), fill=(188, 176, 160), outline=(110, 100, 92), width=8)
    draw.polygon(((236, 226), (440, 226), (390, 384), (236, 384)), fill=(200, 128, 116))
    draw.polygon(((500, 226), (564, 226), (564, 384), (450, 384), (476, 300)), fill=(206, 190, 160))
    for _ in range(9):
        x, y = rng.randint(240, 540), rng.randint(230, 360)
        draw.ellipse((x, y, x + 36, y + 22), fill=(132, 116, 100))


def _broken(draw: Pen, rng: random.Random) -> None:
    x = rng.randint(160, 300)
    for i in range(7):
        lean = rng.randint(-40, 40) if i > 2 else 0
        draw.line((x + i * 60, 470, x + i * 60 + lean, 400 + abs(lean)), fill=(232, 232, 230), width=10)
    draw.line((x, 412, x + 150, 410), fill=(206, 62, 50), width=9)
    draw.line((x + 170, 440, x + 380, 468), fill=(206, 62, 50), width=9)


def _smoke(draw: Pen, rng: random.Random) -> None:
    x, y = rng.randint(300, 480), rng.randint(460, 490)
    for i in range(12):
        r = 16 + i * 6
        dx = rng.randint(-30, 30)
        draw.ellipse(
            (x + dx - r, y - i * 26 - r, x + dx + r, y - i * 26 + r), fill=shade((150, 150, 150), 0.8 + i * 0.04)
        )
    draw.polygon(
        ((x - 50, y + 14), (x - 10, y - 60), (x + 14, y - 20), (x + 40, y - 66), (x + 60, y + 14)), fill=(224, 112, 36)
    )


def _crowd(draw: Pen, rng: random.Random) -> None:
    for i in range(9):
        x, y = 110 + i * 68 + rng.randint(-16, 16), 500 + rng.randint(-26, 26)
        coat: Colour = rng.choice(AWNINGS)
        draw.rectangle((x - 18, y - 110, x + 18, y - 40), fill=coat)
        draw.rectangle((x - 14, y - 42, x - 2, y), fill=(54, 56, 62))
        draw.rectangle((x + 2, y - 42, x + 14, y), fill=(54, 56, 62))
        draw.ellipse((x - 14, y - 140, x + 14, y - 110), fill=(208, 168, 138))


def _papers(draw: Pen, rng: random.Random) -> None:
    draw.rectangle((200, 330, 620, 352), fill=(132, 100, 72))
    for _ in range(12):
        x, y = rng.randint(210, 560), rng.randint(280, 326)
        draw.rectangle(
            (x, y, x + 60, y + 16), fill=shade((228, 226, 218), rng.uniform(0.85, 1.0)), outline=(150, 146, 140)
        )
    draw.ellipse((380, 130, 470, 220), outline=(192, 48, 44), width=14)
    draw.line((394, 206, 456, 144), fill=(192, 48, 44), width=14)


Drawing = Callable[[Pen, random.Random], None]
DRAWINGS: Mapping[str, Drawing] = {
    "E0102": _rubbish, "E0103": _heap, "E0104": _rubbish, "E0105": _floating, "E0106": _rubbish, "E0107": _withered,
    "E0108": _puddle, "E0109": _smoke, "E0110": _posters, "E0111": _posters, "E0112": _cables, "E0113": _rubbish,
    "E0114": _puddle, "E0115": _bin, "E0116": _rubbish, "E0201": _posters, "E0202": _crowd, "E0203": _board,
    "E0301": _broken, "E0302": _heap, "E0303": _broken, "E0304": _heap, "E0501": _stall, "E0502": _stall,
    "E0503": _stall, "E0504": _cars, "E0505": _bikes, "E0506": _smoke, "E0507": _crowd, "E0508": _crowd,
    "E0509": _boxes, "E0101": _boxes, "C0101": _manhole, "C0102": _cables, "C0103": _broken, "C0201": _pothole,
    "C0202": _slabs, "C0203": _bikes, "C0204": _broken, "C0301": _bin, "C0302": _broken, "X2101": _board,
    "X2102": _board, "X2103": _cars, "X2104": _boxes, "X2105": _cables, "X2106": _boxes, "X2110": _smoke,
    "X2112": _papers, "X2113": _crowd, "X2114": _puddle, "X2115": _rubbish,
}  # fmt: skip


def trouble(draw: Pen, class_code: str, rng: random.Random) -> None:
    """Draw what is wrong; papers and a warning ring where the class has no drawing of its own."""
    DRAWINGS.get(class_code, _papers)(draw, rng)
