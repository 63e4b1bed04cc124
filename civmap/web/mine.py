"""What somebody who sees next to nothing is told on the map: a shop its own zone and duties, others why it is empty."""

from typing import Any

from sqlalchemy import select

from civmap.store.base import holds_at
from civmap.web.desk import Desk
from civmap.zones.models import Zone
from civmap.zones.queries import visible

MOST = 3


def own(desk: Desk, counts: dict[str, int]) -> dict[str, Any] | None:
    """Return the own zones of a shop, `{"zones": []}` where nothing at all can be seen, None for everybody else."""
    viewer = desk.viewer
    if viewer.role != "shop":
        return None if any(counts.values()) else {"zones": [], "is_shop": False}
    zones = desk.session.scalars(select(Zone).where(
        visible(viewer), Zone.unit_id.in_(viewer.unit_ids), holds_at(Zone, desk.now)).order_by(Zone.code).limit(MOST))
    return {"is_shop": True, "zones": [_told(desk, zone) for zone in zones]}


def _told(desk: Desk, zone: Zone) -> dict[str, Any]:
    today = desk.now.date()
    until = zone.pledge_expires_on
    days = (until - today).days if until else None
    return {"code": zone.code, "name": zone.name or zone.code, "until": until.isoformat() if until else None,
            "days": days, "bounds": list(zone.geom.bounds)}
