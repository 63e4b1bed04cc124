"""What may be said with each verb of an issue: fields, how they are read, and which must be there."""

from collections.abc import Mapping
from typing import Any

from civmap.calendar import Limit
from civmap.errors import BadInput, Invalid
from civmap.fields import Field, Reader, flag, moment, number, read_fields, refuse, text, whole


def _limit(value: Any) -> str:
    return str(Limit.parse(str(value)))


def _codes(value: Any) -> list[str]:
    parts = value if isinstance(value, list | tuple) else [value]
    return [found for part in parts if (found := text(64)(part))]


def _ids(value: Any) -> list[int]:
    return [whole(1)(part) for part in (value if isinstance(value, list | tuple) else [value])]


_GRANTS = frozenset({"grant", "granted", "approve", "approved", "yes", "true", "同意", "批准", "通过"})
_REFUSES = frozenset({"refuse", "refused", "reject", "rejected", "deny", "no", "false", "不同意", "驳回", "不通过"})


def _decision(value: Any) -> str:
    written = (text(20)(str(value).lower() if isinstance(value, bool) else value) or "").lower()
    if written not in _GRANTS | _REFUSES:
        raise Invalid("decision_unreadable", value=written)
    return "grant" if written in _GRANTS else "refuse"


def long_text(most: int = 2000) -> Reader:
    """Return a reader of texts that may have lines; control characters other than line ends are dropped."""
    one_line = text(most)

    def read(value: Any) -> str | None:
        if not isinstance(value, str):
            return one_line(value)
        lines = [one_line(line) or "" for line in value.replace("\r\n", "\n").split("\n")]
        joined = "\n".join(lines).strip()
        if len(joined) > most:
            raise Invalid("text_too_long", length=len(joined), most=most)
        return joined or None
    return read


REPORT = (
    Field("class", "class_code", text(60), is_required=True),
    Field("description", "description", long_text(), is_required=True),
    Field("lon", "lon", number(-180, 180)),
    Field("lat", "lat", number(-180, 180)),
    Field("accuracy_m", "accuracy_m", number(0, 100_000)),
    Field("point", "point", text(64)),
    Field("unit", "unit", text(200)),
    Field("person", "person", text(60)),
    Field("limit", "limit", _limit),
    Field("address", "address", text(200)),
    Field("on_site", "on_site", flag),
    Field("fixed_on_spot", "fixed_on_spot", flag),
    Field("criterion", "criterion", text(40)),
    Field("captured_at", "captured_at", moment),
)
_REASON = Field("reason", "reason", long_text())
_WHY = Field("reason", "reason", long_text(), is_required=True)
_DECIDES = Field("decision", "decision", _decision)
VERBS: Mapping[str, tuple[Field, ...]] = {
    "verify": (Field("exists", "exists", flag, is_required=True), Field("remark", "remark", long_text())),
    "file": (Field("remark", "remark", long_text()),),
    "reject": (_WHY,),
    "duplicate": (Field("of", "of", text(64), is_required=True),),
    "dispatch": (Field("unit", "unit", text(200)), Field("assisting", "assisting", _codes),
                 Field("person", "person", text(60)), Field("limit", "limit", _limit),
                 Field("designated", "designated", flag), Field("criterion", "criterion", text(40))),
    "acknowledge": (),
    "return": (_WHY,),
    "start": (Field("plan", "plan", long_text()),),
    "feedback": (Field("measure", "measure", long_text(), is_required=True),
                 Field("photos", "photos", _ids)),
    "check": (Field("pass", "passed", flag, is_required=True), Field("opinion", "opinion", long_text()),
              Field("photos", "photos", _ids)),
    "suspend": (_REASON, Field("until", "until", moment), _DECIDES),
    "resume": (),
    "extend": (_REASON, _DECIDES),
    "appeal": (_REASON, _DECIDES),
    "supervise": (Field("level", "level", whole(1, 3), is_required=True), Field("remark", "remark", long_text())),
    "reopen": (_WHY,),
}


def read(fields: tuple[Field, ...], body: Any) -> dict[str, Any]:
    """Return the checked values of a body, every field present (None where not said); raise Invalid or Several."""
    if body is None:
        body = {}
    if not isinstance(body, Mapping):
        raise BadInput("body_not_object", field="body")
    values, problems = read_fields(body, fields, is_new=True)
    refuse(problems)
    return {field.column: values.get(field.column) for field in fields}
