"""The setting CIVMAP_BASEMAPS to grounds: a small forgiving syntax; every wrong value is refused with what to write.

Entries are parted by `;` or new lines, fields by `|`; full-width signs, spaces and empty entries do no harm. A field
`name=value` may stand anywhere after the first one. A refusal names the entry by its number, never by its text, which
may hold a key.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from civmap.errors import Invalid
from civmap.grounds import sources
from civmap.grounds.sources import ARCHIVE, TILES, Ground

SETTING = "CIVMAP_BASEMAPS"
TIANDITU = ("tianditu_vec", "tianditu_img", "tianditu_ter")
PRESETS: Mapping[str, Callable[[], Ground]] = {"offline": sources.offline, "plain": sources.plain,
                                               "amap": sources.amap, "osm": sources.osm}
CUSTOM = ("xyz", "wmts", "pmtiles")
KINDS = (*PRESETS, "tianditu", *TIANDITU, *CUSTOM)
SPELLINGS = {"离线": "offline", "空白": "plain", "none": "plain", "高德": "amap", "gaode": "amap",
             "openstreetmap": "osm", "天地图": "tianditu", "tms": "xyz"}
OPTIONS = {"name": "name", "名称": "name", "attribution": "attribution", "署名": "attribution", "approval": "approval",
           "审图号": "approval", "zoom": "zoom", "级别": "zoom", "crs": "crs", "坐标系": "crs", "imagery": "imagery",
           "影像": "imagery"}
KEY = re.compile(r"[0-9A-Za-z_-]{8,128}")
_OPTION = re.compile(r"\s*(\w+)\s*=\s*(.*)", re.DOTALL)
_ZOOM = re.compile(r"(\d{1,2})\s*[-–~～]\s*(\d{1,2})")
_WMTS = (("SERVICE", "WMTS"), ("REQUEST", "GetTile"), ("VERSION", "1.0.0"), ("TILEMATRIX", "{z}"), ("TILEROW", "{y}"),
         ("TILECOL", "{x}"))
MOST = 20


def grounds_of(text: str, approval: str = "", home: Path = Path()) -> tuple[Ground, ...]:
    """Return the grounds that the setting offers, the first one to begin with; raise Invalid for the first wrong entry.

    The offline ground and the plain one are always there: at the end where nobody names them. `approval` is the number
    of the offline ground where its own entry gives none; a file's name is read from `home` on.
    """
    held: dict[str, Ground] = {}
    numbers = dict.fromkeys(CUSTOM, 0)
    entries = [entry for entry in re.split(r"[;；\n]+", text) if entry.strip()]
    if len(entries) > MOST:
        raise Invalid("setting_basemaps_many", field=SETTING, count=len(entries), most=MOST)
    for at, entry in enumerate(entries, 1):
        for ground in _entry(entry, at, numbers, home):
            if ground.id in held:
                raise Invalid("setting_basemaps_twice", field=SETTING, entry=at, kind=ground.id)
            held[ground.id] = ground
    for ground in (sources.offline(), sources.plain()):
        held.setdefault(ground.id, ground)
    if approval and not held["offline"].approval:
        held["offline"] = replace(held["offline"], approval=approval)
    return tuple(held.values())


def _entry(entry: str, at: int, numbers: dict[str, int], home: Path) -> list[Ground]:
    first, *rest = [part.strip() for part in re.split(r"[|｜]", entry)]
    word, _, key = first.replace("：", ":").partition(":")
    kind = word.strip().lower()
    kind = SPELLINGS.get(kind, kind)
    values, options = _parted(rest, at)
    if kind in TIANDITU or kind == "tianditu":
        layers = [kind] if kind in TIANDITU else list(TIANDITU)
        made = [sources.tianditu(layer.removeprefix("tianditu_"), _key(key.strip(), at)) for layer in layers]
    elif kind in PRESETS:
        made = [PRESETS[kind]()]
    elif kind in CUSTOM:
        numbers[kind] += 1
        return [_with(_custom(kind, numbers[kind], values, at, home), values[2:], options, at)]
    else:
        raise Invalid("setting_basemaps_kind", field=SETTING, entry=at, kind=kind[:24], kinds=list(KINDS))
    options = {**dict(zip(("approval",), values, strict=False)), **options}
    return [_with(ground, [], options, at) for ground in made]


def _parted(fields: list[str], at: int) -> tuple[list[str], dict[str, str]]:
    values, options = [], {}
    for field in fields:
        found = _OPTION.fullmatch(field)
        if found and found[1].lower() in OPTIONS:
            options[OPTIONS[found[1].lower()]] = found[2].strip()
        else:
            values.append(field)
    if len(values) > 4:
        raise Invalid("setting_basemaps_fields", field=SETTING, entry=at)
    return values, options


def _key(key: str, at: int) -> str:
    if not KEY.fullmatch(key):
        raise Invalid("setting_basemaps_key", field=SETTING, entry=at)
    return key


def _custom(kind: str, number: int, values: list[str], at: int, home: Path) -> Ground:
    if len(values) < 2 or not values[0] or not values[1]:
        raise Invalid("setting_basemaps_fields", field=SETTING, entry=at)
    name, place = values[0][:40], values[1]
    if kind == "pmtiles":
        return Ground(f"pmtiles{number}", ARCHIVE, name=name, parts=(_archive(place, at, home),), max_zoom=15)
    template = _wmts(place) if kind == "wmts" else place
    return Ground(f"{kind}{number}", TILES, name=name, parts=(_template(template, at),))


def _archive(place: str, at: int, home: Path) -> str:
    if urlsplit(place).scheme in ("http", "https"):
        return _address(place, at)
    file = home / Path(place).expanduser()
    if not file.is_file():
        raise Invalid("setting_basemaps_file", field=SETTING, entry=at, file=place)
    return str(file.resolve())


def _wmts(place: str) -> str:
    """Add what a key-value request of WMTS needs and the administrator left out."""
    asked = {part.partition("=")[0].upper() for part in urlsplit(place).query.split("&")}
    more = "&".join(f"{name}={value}" for name, value in _WMTS if name not in asked)
    return place + ("" if not more or place.endswith(("?", "&")) else "&" if "?" in place else "?") + more


def _template(place: str, at: int) -> str:
    _address(place, at)
    if "{z}" not in place or "{x}" not in place or ("{y}" not in place and "{-y}" not in place):
        raise Invalid("setting_basemaps_template", field=SETTING, entry=at)
    left = re.sub(r"\{(?:z|x|y|-y|s|\d-\d)\}", "", place)
    if "{" in left or "}" in left:
        raise Invalid("setting_basemaps_template", field=SETTING, entry=at)
    return place


def _address(place: str, at: int) -> str:
    """Return an address that names its host outright: a host never comes from a tile's number."""
    try:
        parts = urlsplit(re.sub(r"\{(?:s|\d-\d)\}", "0", place))
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and "{" not in parts.netloc
        is_good = is_good and not re.search(r"[\s\x00-\x1f]", place) and (parts.port is None or parts.port > 0)
    except ValueError:
        is_good = False
    if not is_good:
        raise Invalid("setting_basemaps_address", field=SETTING, entry=at)
    return place


def _with(ground: Ground, thanks: list[str], options: Mapping[str, str], at: int) -> Ground:
    said = {**dict(zip(("attribution", "approval"), thanks, strict=False)), **options}
    low, high = _zooms(said["zoom"], at) if "zoom" in said else (ground.min_zoom, ground.max_zoom)
    return replace(ground, name=said.get("name", ground.name)[:40], attribution=said.get("attribution") or
                   ground.attribution, approval=said.get("approval", ground.approval), min_zoom=low, max_zoom=high,
                   is_gcj02=_is_gcj02(said["crs"], ground, at) if "crs" in said else ground.is_gcj02,
                   is_imagery=_is_yes(said["imagery"]) if "imagery" in said else ground.is_imagery)


def _is_yes(text: str) -> bool:
    return text.strip().lower() not in ("", "0", "no", "false", "否")


def _zooms(text: str, at: int) -> tuple[int, int]:
    found = _ZOOM.fullmatch(text.strip())
    low, high = (int(found[1]), int(found[2])) if found else (1, 0)
    if not 0 <= low <= high <= 22:
        raise Invalid("setting_basemaps_zoom", field=SETTING, entry=at, value=text[:20])
    return low, high


def _is_gcj02(text: str, ground: Ground, at: int) -> bool:
    name = text.strip().lower().replace("-", "")
    if ground.kind != TILES or name not in ("wgs84", "cgcs2000", "gcj02"):
        raise Invalid("setting_basemaps_crs", field=SETTING, entry=at, value=text[:20])
    return name == "gcj02"
