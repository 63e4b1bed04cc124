"""The city before the tools: what a cold map page asks for, in which order, and each thing once."""

import pytest

pytestmark = pytest.mark.spatialite
ASKED = "() => performance.getEntriesByType('resource').map((one) => [one.initiatorType, new URL(one.name).pathname])"


@pytest.mark.parametrize(("where", "kinds"), [
    ("/", ["points", "segments", "zones"]), ("/?layers=points,zones&kind=frontage,grid", ["points", "zones"])])
def test_the_page_itself_asks_for_its_data_once_and_before_the_tools(screen, where, kinds):
    asked = screen().open(where).evaluate(ASKED)
    names = [path for _by, path in asked]
    data = [path for path in names if path.endswith(".geojson")]
    assert sorted(data) == [f"/api/v1/{kind}.geojson" for kind in kinds]
    assert {by for by, path in asked if path in data} == {"link"}
    tools = names.index("/static/js/panel.js")
    assert tools > max(names.index(path) for path in data)
    assert not any(path.startswith(("/ground/", "/static/vendor/protomaps")) for path in names[:tools])
