"""Where a paper is made: which city's, from which photos, with which address its codes lead to, and by whom."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote

from civmap import clock, texts
from civmap.documents.blocks import Code, Photos
from civmap.issues.lines import Line
from civmap.people.rules import Viewer


@dataclass(frozen=True, slots=True)
class House:
    """The surroundings of a print; without an address there are no codes."""

    city: str
    photos: Path
    address: str
    viewer: Viewer
    now: datetime

    def code(self, kind: str, code: str, told: str = "") -> Code:
        """Return the code that leads to the page of a thing: issues, points or units."""
        return Code(f"{self.address}/{kind}/{quote(code, safe='')}" if self.address else "", told)

    def pictures(self, line: Line, side: str, most: int = 1) -> Photos:
        """Return the photos of an issue before or after the work, the telling ones first."""
        return Photos(tuple((photo["file"], f"{self.address}/api/v1/photos/{photo['id']}")
                            for photo in line[side][:most]))

    def foot(self, lang: str, is_copy: bool = False) -> str:
        """Return what every page says at its foot."""
        at = clock.to_office(self.now).strftime("%Y-%m-%d %H:%M")
        who = self.viewer.full_name or self.viewer.name
        return texts.say(lang, "documents.foot.copy" if is_copy else "documents.foot", city=self.city, at=at, who=who)


def moment(text: str | None) -> datetime | None:
    """Return a kept moment as the office's wall clock shows it, without an offset."""
    return clock.to_office(clock.parse_moment(text)).replace(tzinfo=None, microsecond=0) if text else None


def day(text: str | None) -> date | None:
    """Return the office's day of a kept moment."""
    at = moment(text)
    return at.date() if at else None


def written_day(at: datetime, lang: str) -> str:
    """Return a day as a paper is dated: 2026年5月20日."""
    local = clock.to_office(at)
    if lang != "zh":
        return f"{local.day} {local.strftime('%B %Y')}"
    return f"{local.year}年{local.month}月{local.day}日"


def written_moment(text: str | None, lang: str) -> str:
    """Return a kept moment as a sentence says it: 2026年5月20日 15:00."""
    if not text:
        return ""
    at = clock.parse_moment(text)
    return f"{written_day(at, lang)} {clock.to_office(at):%H:%M}"
