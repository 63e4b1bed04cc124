"""Issues of the town on paper."""

import io

import pytest
from PIL import Image

from civmap.documents.house import House
from civmap.issues import actions as issues
from civmap.issues import photos


def _picture(colour):
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def told(session, cast, now, tmp_path):
    """Give a teller of issues in the hands of their unit: it reports, files and dispatches one, with a photo."""
    def tell(description="桥头有一堆垃圾", unit="HW-C", **more):
        said = {"class": "E0102", "description": description, "lon": 115.8570, "lat": 28.6830} | more
        issue = issues.report(session, cast["inspector"], said, now)
        photos.add(session, cast["inspector"], issue.issue_no, _picture("red"), {"kind": "before"}, tmp_path, now)
        for verb, body in (("file", {}), ("dispatch", {"unit": unit, "person": "张工"})):
            session.flush()
            issues.perform(session, cast["dispatcher"], issue.issue_no, verb, body, issue.version, now)
        return issue
    return tell


@pytest.fixture
def house(cast, now, tmp_path):
    """Give the surroundings of a print by one of the cast."""
    return lambda who="dispatcher": House("示例区", tmp_path, "https://map.example.cn", cast[who], now)
