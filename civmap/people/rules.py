"""Who may do what, and how far a person's eyes reach: the one policy that pages, lists, maps, exports and API share.

Source: `domain.md` §1. A role says which verbs on which kinds; territory, unit tree and segment say on which objects.
"""

from dataclasses import dataclass, field
from typing import Any

from civmap.errors import Forbidden, Invalid
from civmap.fields import masked_phone
from civmap.store.ledger import Actor

ROLES = ("admin", "dispatcher", "inspector", "unit_handler", "unit_head", "subdistrict_clerk", "grid_member",
         "road_chief", "industry_lead", "leader", "discipline", "shop", "public")
KINDS = ("point", "segment", "zone", "unit", "issue")
SEES_ALL = frozenset({"admin", "dispatcher", "inspector", "leader"})
TERRITORIAL = frozenset({"subdistrict_clerk", "grid_member"})
OF_A_UNIT = frozenset({"unit_handler", "unit_head", "shop"})
SEES_WHOLE_PHONES = frozenset({"admin", "dispatcher", "inspector", "leader"})
SEES_COVERT = frozenset({"admin", "dispatcher", "leader", "discipline"})
"""Who knows of every draw and round before it is published; inspectors know those they walk, units nothing."""
SEES_TRAIL = SEES_ALL | {"subdistrict_clerk"}
"""Who may read in the ledger who changed a point, segment, zone or unit."""

_EDIT = ("create", "edit", "retire")
_REPORT = frozenset({("report", "issue")})
_UNIT_WORK = frozenset({("acknowledge", "issue"), ("return", "issue"), ("start", "issue"), ("feedback", "issue"),
                        ("suspend", "issue"), ("extend", "issue"), ("appeal", "issue")})
_OFFICE_WORK = frozenset((verb, "issue") for verb in (
    "verify", "file", "reject", "duplicate", "dispatch", "check", "suspend", "resume", "extend", "appeal",
    "supervise", "reopen", "on_site", "edit"))
_OBJECTS = frozenset((verb, kind) for verb in _EDIT for kind in KINDS[:4])
_EXPORT = frozenset(("export", kind) for kind in (*KINDS, "ledger"))
_ROUNDS = frozenset({("create", "draw"), ("publish", "draw"), ("create", "route"), ("edit", "route"),
                     ("publish", "route"), ("export", "route")})
_VISIT = frozenset({("create", "visit"), ("export", "route")})
_IMPORT = frozenset(("import", kind) for kind in (*KINDS, "shop"))
_IMPORT_CITY = frozenset(("import", kind) for kind in ("street", "building", "holiday", "duty", "person"))

MAY: dict[str, frozenset[tuple[str, str]]] = {
    "admin": (_OBJECTS | _EXPORT | _IMPORT | _REPORT | _OFFICE_WORK | _UNIT_WORK | _ROUNDS | _VISIT
              | _IMPORT_CITY | {("manage", "person"), ("manage", "city")}),
    "dispatcher": _OBJECTS | _EXPORT | _IMPORT | _REPORT | _OFFICE_WORK | _UNIT_WORK | _ROUNDS | _VISIT,
    "inspector": _REPORT | _EXPORT | _VISIT | {("verify", "issue"), ("check", "issue"), ("on_site", "issue"),
                                       ("feedback", "issue")},
    "unit_handler": _REPORT | _UNIT_WORK | _EXPORT,
    "unit_head": _UNIT_WORK | _EXPORT,
    "subdistrict_clerk": (_REPORT | _UNIT_WORK | _EXPORT | _VISIT | {("verify", "issue")}
                          | frozenset((verb, "zone") for verb in (*_EDIT, "import")) | {("import", "shop")}),
    "grid_member": _REPORT | _VISIT | {("verify", "issue"), ("acknowledge", "issue"), ("start", "issue"),
                              ("feedback", "issue")},
    "road_chief": _REPORT | {("export", "segment"), ("export", "issue")},
    "industry_lead": _EXPORT | _VISIT,
    "leader": _EXPORT | {("supervise", "issue"), ("export", "route")},
    "discipline": _EXPORT,
    "shop": _REPORT | {("acknowledge", "issue"), ("start", "issue"), ("feedback", "issue")},
    "public": frozenset(),
}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody looking: role and scope, gathered once per request or command."""

    name: str
    role: str
    person_id: int = 0
    full_name: str = ""
    unit_id: int | None = None
    unit_ids: frozenset[int] = field(default_factory=frozenset)
    unit_categories: frozenset[str] = field(default_factory=frozenset)
    territory: str | None = None
    segment_codes: frozenset[str] = field(default_factory=frozenset)
    lang: str | None = None
    via: str = "page"

    @property
    def actor(self) -> Actor:
        """Return who goes into the ledger."""
        return Actor(self.name, self.via)

    @property
    def scope(self) -> tuple[Any, ...]:
        """Return what decides what this viewer sees, for keys of what is kept: those who see everything share one."""
        if self.sees_all:
            return ("all",)
        return (self.name, self.role, self.territory, self.unit_id, self.unit_ids, self.unit_categories,
                self.segment_codes)

    @property
    def sees_all(self) -> bool:
        """Tell whether no object is hidden from this viewer."""
        return self.role in SEES_ALL and not self.territory

    def may(self, verb: str, kind: str) -> bool:
        """Tell whether the role allows a verb on a kind of thing at all."""
        return (verb, kind) in MAY[self.role]

    def must(self, verb: str, kind: str) -> None:
        """Raise Forbidden where the role does not allow the verb on the kind."""
        if not self.may(verb, kind):
            raise Forbidden("role_may_not", role=self.role, verb=verb, kind=kind)


OFFICE = Viewer(name="office", role="admin", via="cli")


def check_role(role: str) -> str:
    """Return the role if there is one of that name; raise Invalid otherwise."""
    if role not in ROLES:
        raise Invalid("unknown_role", field="role", value=role, known=list(ROLES))
    return role


def check_scope(role: str, unit: object, territory: str | None, segment: str | None) -> None:
    """Refuse a person whose role has no reach without a unit, a territory or a segment; raise Invalid."""
    if role in OF_A_UNIT and unit is None:
        raise Invalid("role_needs_unit", field="unit", role=role)
    if role in TERRITORIAL and not territory:
        raise Invalid("role_needs_territory", field="territory", role=role)
    if role == "road_chief" and not segment:
        raise Invalid("role_needs_segment", field="segment", role=role)


def phone_for(viewer: Viewer, phone: str | None, unit_id: int | None = None) -> str | None:
    """Return a phone number whole for the duty chain (office, inspectors, the unit itself), else masked."""
    in_chain = viewer.role in SEES_WHOLE_PHONES or (unit_id is not None and unit_id in viewer.unit_ids)
    return phone if in_chain else masked_phone(phone)
