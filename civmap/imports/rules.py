"""The states of an import, what may be done in each, and for whom each kind of table is."""

from civmap.errors import NotAllowed
from civmap.people.rules import Viewer

READING, READY, SAVING, SAVED = "reading", "ready", "saving", "saved"
FAILED, DROPPED, UNDOING, UNDONE = "failed", "dropped", "undoing", "undone"
AT_WORK = (READING, SAVING, UNDOING)
AUTO = "auto"
CAN: dict[str, tuple[str, ...]] = {
    READING: ("halt", "drop"), READY: ("change", "repair", "confirm", "drop"), SAVING: ("halt",), SAVED: ("undo",),
    FAILED: ("change", "drop"), DROPPED: (), UNDOING: (), UNDONE: (),
}
IF_INTERRUPTED = {READING: FAILED, SAVING: READY, UNDOING: SAVED}
THING: dict[str, str] = {
    "points": "point", "segments": "segment", "zones": "zone", "units": "unit", "issues": "issue", "shops": "shop",
    "streets": "street", "buildings": "building", "holidays": "holiday", "duties": "duty", "people": "person",
}


def may(viewer: Viewer, kind: str) -> bool:
    """Tell whether a viewer may import tables of a kind; of an unknown kind, whether of any."""
    if kind not in THING:
        return any(viewer.may("import", thing) for thing in THING.values())
    return viewer.may("import", THING[kind])


def must(viewer: Viewer, kind: str) -> None:
    """Raise Forbidden where the viewer may not import tables of a kind."""
    if not may(viewer, kind):
        viewer.must("import", THING.get(kind, "zone"))


def shared(viewer: Viewer) -> list[str]:
    """Return the kinds of which a viewer sees others' imports: the office those it may import itself, clerks none."""
    if not viewer.may("import", "unit"):
        return []
    mine = [kind for kind in THING if may(viewer, kind)]
    return [*mine, AUTO] if len(mine) == len(THING) else mine


def check(state: str, verb: str) -> None:
    """Raise NotAllowed where a verb does not fit the state."""
    if verb not in CAN[state]:
        raise NotAllowed("import_not_now", field="state", import_state=state, verb=verb, allowed=list(CAN[state]))
