"""When a border moves, everything learns where it now lies, and the clerks' eyes follow."""

from civmap.issues import actions, divisions, queries
from civmap.points import queries as points
from civmap.zones import actions as zones

GARBAGE = {"class": "exposed_garbage", "description": "垃圾", "lon": 115.8530, "lat": 28.6830}


def box_of(west, south, east, north):
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north],
                                                [west, south]]]}


def test_a_new_community_takes_the_points_and_issues_inside_it(session, cast, town, now):
    issue = actions.report(session, cast["inspector"], GARBAGE, now)
    assert issue.division == town.QIAOXI
    code = town.QIAOXI + "001"
    zones.create(session, cast["admin"], {"type": "Feature", "geometry": box_of(115.845, 28.680, 115.855, 28.690),
                                          "properties": {"kind": "community", "code": code}}, now)
    assert divisions.follow(session, "community", now) >= 2
    session.expire_all()
    assert issue.division == code
    assert points.by_code(session, cast["admin"], "P002").division == code
    assert [found.issue_no for found in queries.listed(session, cast["clerk_west"], now)] == [issue.issue_no]


def test_a_frontage_zone_moves_no_border(session, now):
    assert divisions.follow(session, "frontage", now) == 0
