"""What the visits of a round found: check lists that agree with the issues the demo knows, and honest times."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from civmap.demo.plan_issues import IssuePlan
from civmap.inspections.checklists import items_of
from civmap.inspections.scores import FAIL, NOT_APPLICABLE, PASS

NOT_APPLICABLE_SHARE = 0.07
REMARKS = ("现场已立行立改", "已当场告知，现场整改完毕", "提醒后当场清理", "已要求现场补齐")
SKIPS = ("闭馆整修，改日再查", "道路施工封闭，无法到达", "当日不对外开放")
_OUT = ("rejected", "duplicate", "draft")


@dataclass(frozen=True)
class FindingPlan:
    """What was found on one check item; `issue_no` where an issue speaks of it."""

    item: str
    result: str
    weight: float
    remark: str = ""
    issue_no: str = ""


def by_point(issues: Iterable[IssuePlan]) -> dict[str, list[IssuePlan]]:
    """Return the issues that are real by their point, in the order of their reports."""
    found: dict[str, list[IssuePlan]] = {}
    for issue in issues:
        if issue.point and issue.life.facts["state"] not in _OUT:
            found.setdefault(issue.point, []).append(issue)
    return found


def open_at(issues: Iterable[IssuePlan], moment: datetime) -> list[IssuePlan]:
    """Return the issues that were reported and not ended at a moment."""
    return [issue for issue in issues if issue.reported_at <= moment
            and ((ended := issue.life.facts.get("ended_at")) is None or ended > moment)]


def findings(rng: random.Random, point_type: str, quality: float, troubles: Sequence[IssuePlan]) -> list[FindingPlan]:
    """Return a check list of a type: what an open issue speaks of fails, everything else by chance."""
    left = {issue.issue_no: issue for issue in troubles}
    found = []
    for item in items_of(point_type):
        classes = {item.issue_class, *item.classes}
        known = next((issue for issue in left.values() if issue.class_code in classes), None)
        chance = rng.random()
        if known is not None:
            del left[known.issue_no]
            found.append(FindingPlan(item.code, FAIL, item.weight, "", known.issue_no))
        elif chance < NOT_APPLICABLE_SHARE:
            found.append(FindingPlan(item.code, NOT_APPLICABLE, item.weight))
        elif rng.random() < quality:
            found.append(FindingPlan(item.code, PASS, item.weight))
        else:
            found.append(FindingPlan(item.code, FAIL, item.weight, rng.choice(REMARKS)))
    return found


def counts(found: Iterable[FindingPlan]) -> Mapping[str, float]:
    """Return the counts and weights as a visit keeps them."""
    some = list(found)
    weights = {result: sum(one.weight for one in some if one.result == result) for result in (PASS, FAIL)}
    return {**{name: sum(one.result == result for one in some) for name, result in
               (("passed", PASS), ("failed", FAIL), ("not_applicable", NOT_APPLICABLE))},
            "weight_passed": float(weights[PASS]), "weight_all": float(weights[PASS] + weights[FAIL])}


def real_times(rng: random.Random, planned: Sequence[tuple[datetime, float]], is_strict: bool
               ) -> list[tuple[datetime, datetime]]:
    """Return when a team really came and left: it falls behind a little and catches up, and never comes early."""
    found, behind = [], 0.0
    for at, minutes in planned:
        behind = max(0.0, behind + rng.uniform(-4, 5)) if not is_strict else rng.uniform(0, 1)
        stay = minutes * (rng.uniform(0.75, 1.2) if not is_strict else 0.9)
        arrived = at + timedelta(seconds=round(behind * 60))
        if found and arrived <= found[-1][1]:
            arrived = found[-1][1] + timedelta(seconds=90)
        found.append((arrived, arrived + timedelta(seconds=round(stay * 60))))
    return found
