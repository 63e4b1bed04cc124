"""Opening hours as people write them: 08:30-17:30, 周一至周五 9:00-12:00，14:00-17:00, Mo-Fr 08:00-18:00, 24小时."""

Window = tuple[float, float]


def windows(text: str | None, weekday: int) -> tuple[tuple[Window, ...], bool]:
    """Return when a place is open on a weekday (0 is Monday) in minutes of the day, and whether it could be read."""
    return (), True
