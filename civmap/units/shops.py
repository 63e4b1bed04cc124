"""Shops (商户): units of kind shop that a table brings without codes, told apart by name, door and place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap.fields import as_feature
from civmap.geo.measure import distance_m
from civmap.geo.validity import Frame
from civmap.store.base import holds_at
from civmap.units import actions
from civmap.units.models import Unit
from civmap.units.rules import Looker

PREFIX, DIGITS = "SH", 6
SAME_PLACE_M = 15.0


@dataclass
class Directory:
    """The shops that are there, by name: id, door number and seat of each; and the last code that was given."""

    by_name: dict[str, list[tuple[int, str | None, Any]]] = field(default_factory=dict)
    last: int = 0

    def find(self, name: str, door_no: str | None, spot: Any) -> int | None:
        """Return the id of the shop of that name and door or, where one of them tells no door, of the same place."""
        found = None
        for shop_id, door, seat in self.by_name.get(name, ()):
            if door_no and door == door_no:
                return shop_id
            is_near = seat is not None and distance_m((seat.x, seat.y), spot) <= SAME_PLACE_M
            if is_near and not (door_no and door) and found is None:
                found = shop_id
        return found

    def next_code(self) -> str:
        """Return the next code of a shop."""
        self.last += 1
        return f"{PREFIX}{self.last:0{DIGITS}d}"


def directory(session: Session, now: datetime) -> Directory:
    """Return the shops that hold now."""
    found = Directory()
    for row in session.execute(select(Unit.id, Unit.name, Unit.door_no, Unit.seat).where(
            Unit.kind == "shop", holds_at(Unit, now)).order_by(Unit.id)):
        found.by_name.setdefault(row.name, []).append((row.id, row.door_no, row.seat))
    rest = func.substr(Unit.code, len(PREFIX) + 1)
    last = session.scalar(select(func.max(Unit.code)).where(
        Unit.code.startswith(PREFIX), func.length(rest) == DIGITS, func.trim(rest, "0123456789") == ""))
    found.last = int(last.removeprefix(PREFIX)) if last else 0
    return found


def save(session: Session, viewer: Looker, values: Mapping[str, Any], now: datetime, *, frame: Frame,
         known: Directory) -> tuple[str, Unit]:
    """Take one row of a table of shops: make the shop or change it; say created, updated or unchanged.

    Raise Forbidden, Invalid or Several.
    """
    told = {**values, "kind": "shop"}
    spot = tuple(values["geometry"]["coordinates"][:2])
    name, door = str(values["name"]), values.get("door_no")
    shop = session.scalar(select(Unit).where(Unit.code == told["code"])) if told.get("code") else None
    if shop is None and not told.get("code"):
        shop_id = known.find(name, door, spot)
        shop = session.get(Unit, shop_id) if shop_id is not None else None
    if shop is not None:
        return actions.save(session, viewer, {**told, "code": shop.code}, now, frame=frame), shop
    told["code"] = told.get("code") or known.next_code()
    made = actions.create(session, viewer, as_feature(told), now, frame=frame)
    made.valid_from = made.valid_from or now
    known.by_name.setdefault(made.name, []).append((made.id, made.door_no, made.seat))
    return "created", made
