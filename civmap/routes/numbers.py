"""Numbers of rounds: LX20261122-01 by the office's day; a covert one gets a random end, so that no gap tells of it."""

import secrets
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civmap import clock
from civmap.routes.models import Route
from civmap.store.editing import one_at_a_time

LOCK = 360_260
SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def next_code(session: Session, now: datetime, is_covert: bool) -> str:
    """Return a free number for a round made now."""
    one_at_a_time(session, LOCK)
    prefix = f"LX{clock.office_day(now):%Y%m%d}-"
    if is_covert:
        while True:
            code = prefix + "".join(secrets.choice(SIGNS) for _sign in range(5))
            if session.scalar(select(Route.id).where(Route.code == code)) is None:
                return code
    serial = func.substr(Route.code, len(prefix) + 1)
    last = session.scalar(select(serial).where(
        Route.code.startswith(prefix, autoescape=True), func.length(serial) > 0,
        func.trim(serial, "0123456789") == "").order_by(func.length(serial).desc(), serial.desc()).limit(1))
    return f"{prefix}{int(last or 0) + 1:02d}"
