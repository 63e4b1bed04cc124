"""What may be said of a visit: fields, how they are read, and what contradicts itself."""

from collections.abc import Mapping
from typing import Any

from civmap import dictionaries
from civmap.calendar import Limit
from civmap.errors import Invalid
from civmap.fields import Field, flag, moment, number, one_of, plain_text, text, whole
from civmap.inspections import rules
from civmap.issues.forms import long_text, read

MOST_FINDINGS = 100


def _limit(value: Any) -> str:
    return str(Limit.parse(plain_text(value, 32)))


REPORT = (
    Field("item", "item", text(8)),
    Field("description", "description", long_text()),
    Field("class", "class_code", text(60)),
    Field("criterion", "criterion", text(40)),
    Field("unit", "unit", text(200)),
    Field("person", "person", text(60)),
    Field("limit", "limit", _limit),
    Field("lon", "lon", number(-180, 180)),
    Field("lat", "lat", number(-90, 90)),
    Field("accuracy_m", "accuracy_m", number(0, 100_000)),
    Field("captured_at", "captured_at", moment),
    Field("link", "link", text(64)),
    Field("new", "is_new", flag),
)
"""How a fail becomes an issue: `link` names an open issue that it is, `new` asks for one of its own all the same."""


def report(value: Any) -> dict[str, Any] | None:
    """Return what is said of reporting a fail; `true` and an empty object take everything from the item."""
    if value is None or value is False:
        return None
    return read(REPORT, {} if value is True else value)


def findings(value: Any) -> list[dict[str, Any]]:
    """Return the findings; raise Invalid for an unknown item, one said twice, and a report of what did not fail."""
    if not isinstance(value, list | tuple):
        raise Invalid("findings_expected", field="findings")
    if len(value) > MOST_FINDINGS:
        raise Invalid("findings_too_many", field="findings", most=MOST_FINDINGS)
    found: list[dict[str, Any]] = []
    for said in value:
        one = read(FINDING, said)
        if one["item"] in {before["item"] for before in found}:
            raise Invalid("item_twice", field="findings", item=one["item"])
        if one["report"] is not None and one["result"] != rules.FAIL:
            raise Invalid("only_fails_are_reported", field="findings", item=one["item"])
        found.append(one)
    return found


def _item(value: Any) -> str:
    code = plain_text(value, 8).upper()
    if code not in dictionaries.check_items():
        raise Invalid("check_item_unknown", field="findings", item=code)
    return code


FINDING = (
    Field("item", "item", _item, is_required=True),
    Field("result", "result", one_of(*rules.RESULTS), is_required=True),
    Field("remark", "remark", long_text()),
    Field("report", "report", report),
)
CHANGE = (
    Field("outcome", "outcome", one_of(*rules.OUTCOMES)),
    Field("left_at", "left_at", moment),
    Field("here", "is_here", flag),
    Field("findings", "findings", findings),
    Field("remark", "remark", long_text()),
)
"""`here`: still at the point, more will follow; without findings and an end that is so by itself."""
VISIT = (
    Field("key", "key", text(64)),
    Field("point", "point", text(64), is_required=True),
    Field("route", "route", text(64)),
    Field("team", "team", whole(1, 1000)),
    Field("arrived_at", "arrived_at", moment),
    Field("lon", "lon", number(-180, 180)),
    Field("lat", "lat", number(-90, 90)),
    Field("accuracy_m", "accuracy_m", number(0, 40_000_000)),
    *CHANGE,
)


def visit(body: Any) -> dict[str, Any]:
    """Return the checked values of a visit; raise Invalid or Several."""
    said = read(VISIT, body)
    if (said["lon"] is None) != (said["lat"] is None):
        raise Invalid("spot_missing", field="lon" if said["lon"] is None else "lat")
    said["outcome"] = said["outcome"] or rules.VISITED
    check_outcome(said["outcome"], said["remark"] or "", bool(said["findings"]))
    if said["is_here"] is None:
        said["is_here"] = said["left_at"] is None and not said["findings"]
    return said


def check_outcome(outcome: str, remark: str, has_findings: bool) -> None:
    """Refuse a stop that is skipped without a reason, or with findings; raise Invalid."""
    if outcome == rules.SKIPPED and not remark:
        raise Invalid("skip_needs_reason", field="remark")
    if outcome == rules.SKIPPED and has_findings:
        raise Invalid("skip_has_findings", field="findings")


def change(body: Any) -> dict[str, Any]:
    """Return the checked values of a change; None where nothing is said."""
    return read(CHANGE, body)


def issues(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return for which items issues are asked for: codes, or what `REPORT` says with its item; raise Invalid."""
    asked = body.get("items")
    if not isinstance(asked, list | tuple) or not 1 <= len(asked) <= MOST_FINDINGS:
        raise Invalid("findings_expected", field="items")
    found = []
    for one in asked:
        said = read(REPORT, {"item": one} if isinstance(one, str) else one)
        said["item"] = _item(said["item"] or "")
        found.append(said)
    return found
