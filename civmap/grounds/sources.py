"""What a ground is, and the well-known ones that need no more than their name.

Addresses are those of `domain.md` §6. Tianditu is CGCS2000 (as good as WGS 84); Amap's tiles lie in GCJ-02 and are
shifted before anybody sees them. A key is part of an address and never leaves the server.
"""

import re
from dataclasses import dataclass, field

OFFLINE, PLAIN, TILES, ARCHIVE = "offline", "plain", "tiles", "archive"
_CHOICE = re.compile(r"\{(\d)-(\d)\}")
_TIANDITU = ("https://t{0-7}.tianditu.gov.cn/%(layer)s_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=%(layer)s"
             "&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk=%(key)s")
_AMAP = "https://webrd0{1-4}.is.autonavi.com/appmaptile?lang=zh_cn&size=1&scale=1&style=8&x={x}&y={y}&z={z}"
_OSM = "https://tile.openstreetmap.org/{z}/{x}/{y}.png"


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground: tiles by address (several parts lie on one another), a PMTiles archive, our own, or none.

    `name` is the administrator's; where it is empty the catalogue names the ground. `approval` is its 审图号.
    """

    id: str
    kind: str
    name: str = ""
    parts: tuple[str, ...] = field(default=(), repr=False)
    attribution: str = ""
    approval: str = ""
    is_gcj02: bool = False
    is_imagery: bool = False
    min_zoom: int = 0
    max_zoom: int = 18

    def address(self, part: int, z: int, x: int, y: int) -> str:
        """Return the address of one tile; only numbers enter the administrator's template."""
        filled = self.parts[part].replace("{-y}", str(2**z - 1 - y))
        filled = _CHOICE.sub(lambda span: str(int(span[1]) + (x + y) % (int(span[2]) - int(span[1]) + 1)), filled)
        for blank, value in (("{s}", "abc"[(x + y) % 3]), ("{z}", z), ("{x}", x), ("{y}", y)):
            filled = filled.replace(blank, str(value))
        return filled


def offline(approval: str = "") -> Ground:
    """Return the ground drawn from the city's own data."""
    return Ground(OFFLINE, OFFLINE, approval=approval)


def plain() -> Ground:
    """Return the ground that shows nothing but paper."""
    return Ground(PLAIN, PLAIN)


def tianditu(layer: str, key: str) -> Ground:
    """Return one of Tianditu's maps (vec, img, ter) with its labels, which are a layer of their own."""
    labels = {"vec": "cva", "img": "cia", "ter": "cta"}[layer]
    parts = tuple(_TIANDITU % {"layer": name, "key": key} for name in (layer, labels))
    return Ground(f"tianditu_{layer}", TILES, parts=parts, attribution="© 天地图", is_imagery=layer == "img",
                  min_zoom=1, max_zoom=18)


def amap() -> Ground:
    """Return Amap's street map, marked as lying in GCJ-02."""
    return Ground("amap", TILES, parts=(_AMAP,), attribution="© 高德地图", is_gcj02=True, min_zoom=3, max_zoom=18)


def osm() -> Ground:
    """Return the standard map of OpenStreetMap."""
    return Ground("osm", TILES, parts=(_OSM,), attribution="© OpenStreetMap contributors", max_zoom=19)
