"""What is kept of a service request beside its issue: how it came and who asked, as GeoReport v2 tells it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from civmap.store.base import Base, UtcDateTime


class ServiceRequest(Base):
    """A request that came in by Open311: its token, the issue it became, the words and the person behind it.

    `requester` (names, e-mail, phone, device) is told to the office alone, masked like every phone number.
    """

    __tablename__ = "service_request"

    issue_id: Mapped[int] = mapped_column(ForeignKey("issue.id"), unique=True, nullable=False)
    token: Mapped[str] = mapped_column(String(64), unique=True, nullable=False)
    service_code: Mapped[str] = mapped_column(String(64), nullable=False)
    address: Mapped[str | None] = mapped_column(String(200))
    address_id: Mapped[str | None] = mapped_column(String(64))
    requester: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)
    media_url: Mapped[str | None] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSON, nullable=False, default=dict)
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime, nullable=False)
    requested_by: Mapped[str] = mapped_column(String(64), nullable=False)
