"""How the parts of a segment are called: from where to where, and names that follow."""

from collections.abc import Iterable

DASHES = ("—", "－", "-", "–", "~", "至")


def follow(name: str, old: tuple[str | None, str | None], new: tuple[str | None, str | None]) -> str | None:
    """Return a name that says from where to where with the new ends in it, or None where it does not say so."""
    if not (old[0] and old[1]):
        return None
    for dash in DASHES:
        said = f"{old[0]}{dash}{old[1]}"
        if said in name:
            return name.replace(said, f"{new[0] or '…'}{dash}{new[1] or '…'}")[:200]
    return None


def of_part(name: str, road: str, ends: tuple[str | None, str | None]) -> str:
    """Return the name of a new part: its road with from and to, or the old name with its beginning."""
    said = f"（{ends[0] or '…'}—{ends[1]}）" if ends[1] else f"（{ends[0] or '…'}起）"
    return f"{road or name}{said}"[:200]


def next_code(code: str, taken: Iterable[str]) -> str:
    """Return the code of a new part: LD0007 gives LD0007-2, then LD0007-3; a part's part counts on."""
    stem, _, serial = code.rpartition("-")
    base = stem if stem and serial.isdigit() and len(serial) <= 3 and stem in set(taken) else code
    numbers = [int(rest) for each in taken
               if each.startswith(f"{base}-") and (rest := each[len(base) + 1:]).isdigit() and len(rest) <= 6]
    return f"{base[:57]}-{max([1, *numbers]) + 1}"
