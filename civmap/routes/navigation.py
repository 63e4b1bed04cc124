"""Links that open a navigation app on a phone, one per stop: each maker's own order, datum and words for the mode.

Spots come in as WGS 84 lon, lat. Amap takes GCJ-02 and lon first; Baidu and Tencent want lat first and are told that
the numbers are WGS 84. Names are cleared of the signs by which a maker parts its fields.
"""

from urllib.parse import quote

from civmap.geo.crs import wgs84_to_gcj02

SENDER = "civmap"
MOST_NAME = 40
MODES = {  # who cycles is shown the way on foot where the maker documents no cycling link
    "walk": {"amap": "walk", "baidu": "walking", "tencent": "walk"},
    "cycle": {"amap": "ride", "baidu": "walking", "tencent": "walk"},
    "drive": {"amap": "car", "baidu": "driving", "tencent": "drive"},
}
KINDS = ("amap", "baidu", "tencent", "geo")
HERE = "我的位置"
Spot = tuple[float, float, str]


def links(lon: float, lat: float, name: str, mode: str = "walk", origin: Spot | None = None,
          city: str = "") -> dict[str, str]:
    """Return the links to a spot by maker: amap, baidu, tencent, geo; `origin` is lon, lat and name of the start.

    Without an origin the phone's own position is meant.
    """
    told = plain_name(name)
    return {"amap": amap(lon, lat, told, mode), "baidu": _baidu(lon, lat, told, mode, origin, city),
            "tencent": _tencent(lon, lat, told, mode, origin), "geo": _geo(lon, lat, told)}


def amap(lon: float, lat: float, name: str, mode: str = "walk") -> str:
    """Return Amap's link: its table knows no coordinate system, so the spot is shifted to GCJ-02, six decimals."""
    x, y = wgs84_to_gcj02(lon, lat)  # type: ignore[arg-type]
    told = _written(plain_name(name).replace(",", "，"))
    return (f"https://uri.amap.com/navigation?to={float(x):.6f},{float(y):.6f},{told}"
            f"&mode={MODES[mode]['amap']}&src={SENDER}&callnative=1")


def _baidu(lon: float, lat: float, name: str, mode: str, origin: Spot | None, city: str) -> str:
    start = _written(HERE) if origin is None else _place(*origin)
    region = f"&region={_written(plain_name(city))}" if city else ""
    return (f"https://api.map.baidu.com/direction?destination={_place(lon, lat, name)}&origin={start}"
            f"&mode={MODES[mode]['baidu']}{region}&output=html&coord_type=wgs84&src=webapp.org.{SENDER}")


def _place(lon: float, lat: float, name: str) -> str:
    return _written(f"latlng:{lat:.7f},{lon:.7f}|name:{plain_name(name).replace('|', '｜')}")


def _tencent(lon: float, lat: float, name: str, mode: str, origin: Spot | None) -> str:
    start = "" if origin is None else (f"&from={_written(plain_name(origin[2]))}"
                                       f"&fromcoord={origin[1]:.7f},{origin[0]:.7f}")
    return (f"https://apis.map.qq.com/uri/v1/routeplan?type={MODES[mode]['tencent']}{start}&to={_written(name)}"
            f"&tocoord={lat:.7f},{lon:.7f}&coord_type=1&referer={SENDER}")


def _geo(lon: float, lat: float, name: str) -> str:
    label = name.replace("(", "（").replace(")", "）")
    return f"geo:{lat:.7f},{lon:.7f}?q={lat:.7f},{lon:.7f}({_written(label)})"


def plain_name(name: str) -> str:
    """Return a name as a link may carry it: one line, no control signs, not longer than a QR code bears."""
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    return words[:MOST_NAME]


def _written(text: str) -> str:
    return quote(text, safe="")
