"""Every page opens for those it is for, keeps its promises to the signed_in, and shows text as text."""

import re

import pytest

PAGES = ("/", "/points", "/points/P001", "/segments", "/segments/LD0001", "/zones", "/zones/SB000001", "/units",
         "/units/HW-C", "/issues", "/coverage", "/coverage/declared", "/password", "/help")
HARM = "`${alert(1)}` </script> \"><img src=x onerror=alert(1)> {{7*7}}"
BIN = {"class": "E0115", "description": HARM, "lon": 115.8570, "lat": 28.6830}


@pytest.mark.parametrize("name", ["dispatcher", "clerk", "handler", "shop"])
def test_every_page_opens_in_both_languages(signed_in, name):
    person = signed_in(name)
    for lang in ("zh", "en"):
        person.post("/language", data={"lang": lang, "next": "/"})
        for path in PAGES:
            answer = person.get(path)
            hidden = name in ("handler", "shop") and path in ("/points/P001", "/segments/LD0001", "/zones/SB000001",
                                                              "/units/HW-C")
            assert answer.status_code in ((200, 404) if hidden else (200,)), (path, answer.get_data(as_text=True)[:400])
            assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}"' in answer.get_data(as_text=True)


def test_the_administrator_keeps_the_people(signed_in):
    admin = signed_in("admin")
    long = admin.post("/people", data={"name": "wang", "role": "inspector", "full_name": "王" * 61})
    assert long.status_code == 422
    added = admin.post("/people", data={"name": "wang", "role": "inspector", "full_name": HARM[:60]})
    page = added.get_data(as_text=True)
    assert added.status_code == 200, page
    assert "<img src=x" not in page
    assert re.search(r"<code[^>]*>\S{8,}</code>", page)
    assert admin.post("/people", data={"name": "wang", "role": "inspector"}).status_code == 409
    assert admin.post("/people/wang/active", data={"active": "no"}).status_code == 303
    assert signed_in("dispatcher").get("/people").status_code == 403


def test_harmful_text_is_shown_as_text_on_every_page(signed_in):
    office = signed_in("admin")
    made = office.post("/api/v1/issues", json=BIN)
    no = made.json["issue_no"]
    body = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [115.86, 28.684]},
            "properties": {"code": "X1", "name": HARM, "type": "PT22", "address": HARM, "street": HARM, "note": HARM}}
    assert office.post("/api/v1/points", json=body).status_code == 201
    unit = {"type": "Feature", "geometry": None, "properties": {"code": "U1", "name": HARM, "kind": "bureau"}}
    assert office.post("/api/v1/units", json=unit).status_code == 201
    for path in ("/", "/points", "/points/X1", "/units", "/units/U1", "/issues", f"/issues/{no}", f"/issues?q={HARM}"):
        page = office.get(path).get_data(as_text=True)
        assert "<img src=x" not in page, path
        assert "alert(1)} </script>" not in page.replace("`", ""), path
        assert "49" not in re.findall(r"\{\{|onerror=alert\(1\)&gt; (\d+)", page), path


@pytest.mark.spatialite
def test_every_answer_carries_a_strict_policy(signed_in, stranger):
    for answer in (signed_in("admin").get("/"), stranger.get("/login"), stranger.get("/api/v1/points"),
                   stranger.get("/healthz"), stranger.get("/nothing")):
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "Strict-Transport-Security" not in answer.headers
    assert "Strict-Transport-Security" in stranger.get("/login", base_url="https://localhost").headers


@pytest.mark.spatialite
def test_the_one_inline_script_carries_the_nonce_of_its_answer(signed_in):
    person = signed_in("dispatcher")
    nonces = set()
    for _ in range(2):
        answer = person.get("/")
        nonce = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"]).group(1)
        inline = [tag for tag in re.findall(r"<script[^>]*>", answer.get_data(as_text=True))
                  if "src=" not in tag and "application/json" not in tag]
        assert inline == [f'<script type="importmap" nonce="{nonce}">', f'<script nonce="{nonce}">']
        nonces.add(nonce)
    assert len(nonces) == 2


@pytest.mark.spatialite
@pytest.mark.parametrize("path", ["/", "/points", "/issues", "/help", "/coverage"])
def test_no_page_asks_for_anything_from_another_host(signed_in, path):
    page = signed_in("admin").get(path).get_data(as_text=True)
    assert not re.findall(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//""", page)


@pytest.mark.spatialite
def test_the_first_html_of_the_map_is_small(signed_in):
    sent = signed_in("admin").get("/", headers={"Accept-Encoding": "gzip"})
    assert sent.headers["Content-Encoding"] == "gzip"
    assert len(sent.data) < 30_000


def test_the_map_counts_what_the_viewer_sees(signed_in):
    page = signed_in("clerk_west").get("/").get_data(as_text=True)
    assert '"points": 1' in page


def test_a_page_that_is_not_there_and_a_method_that_is_not_taken(signed_in, stranger):
    office = signed_in("admin")
    page = office.get("/nothing")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert office.get("/points/none").status_code == 404
    problem = office.get("/api/v1/nothing")
    assert (problem.status_code, problem.mimetype, problem.json["code"]) == (
        404, "application/problem+json", "page_not_found")
    refused = office.post("/api/v1/assignment")
    assert (refused.status_code, refused.json["code"]) == (405, "method_not_allowed")
    assert "GET" in refused.headers["Allow"]


def test_lists_are_filtered_sorted_and_paged(signed_in):
    office = signed_in("dispatcher")
    page = office.get("/points?type=PT07").get_data(as_text=True)
    assert "桥西农贸市场" in page
    assert "河东公园" not in page
    page = office.get("/points?sort=name&order=desc").get_data(as_text=True)
    assert page.index('href="/points/P001"') < page.index('href="/points/P003"')
    assert office.get("/points?page=9").status_code == 302
    assert office.get("/points?page=-1&sort=nothing").status_code == 200
    assert office.get("/points?type=nothing").status_code == 422


def test_the_shown_list_is_downloaded_in_three_formats(signed_in):
    office = signed_in("dispatcher")
    table = office.get("/points.csv?type=PT07")
    assert table.mimetype == "text/csv"
    assert "attachment" in table.headers["Content-Disposition"]
    lines = table.get_data(as_text=True).splitlines()
    assert len(lines) == 2
    assert "桥西农贸市场" in lines[1]
    assert office.get("/points.xlsx").data[:2] == b"PK"
    assert len(office.get("/points.geojson").json["features"]) == 3
    assert signed_in("grid").get("/points.csv").status_code == 403


@pytest.mark.spatialite
def test_the_basemap_is_served_by_byte_ranges(signed_in, settings):
    person = signed_in("shop")
    assert person.get("/basemap.pmtiles").status_code == 404
    settings.basemap.parent.mkdir(parents=True, exist_ok=True)
    settings.basemap.write_bytes(bytes(range(256)) * 10)
    part = person.get("/basemap.pmtiles", headers={"Range": "bytes=10-19"}, buffered=True)
    assert (part.status_code, part.data) == (206, bytes(range(10, 20)))
    assert part.headers["Content-Range"] == "bytes 10-19/2560"
    beyond = person.get("/basemap.pmtiles", headers={"Range": "bytes=9999-"}, buffered=True)
    assert beyond.status_code == 416


def test_health_and_readiness(stranger):
    assert stranger.get("/healthz").status_code == 200
    assert stranger.get("/readyz").json["city"] == "示例区"
    assert stranger.get("/favicon.ico", buffered=True).status_code in (200, 204)


@pytest.mark.spatialite
def test_static_files_are_kept_by_their_release(stranger):
    page = stranger.get("/login").get_data(as_text=True)
    address = re.search(r'href="(/static/css/_frame\.css\?v=[^"]+)"', page).group(1)
    assert "max-age=31536000" in stranger.get(address, buffered=True).headers["Cache-Control"]
    assert stranger.get("/static/js/base.js", buffered=True).headers["Cache-Control"] == "no-cache"
    assert stranger.get("/static/../civmap/config.py").status_code == 404


def test_a_zone_alone_and_in_the_list_counts_the_same(signed_in):
    office = signed_in("dispatcher")
    office.post("/api/v1/issues", json={"class": "E0503", "description": "x", "lon": 115.85722, "lat": 28.68325})
    alone = office.get("/api/v1/zones/SB000001").json["properties"]
    listed = {feature["id"]: feature["properties"] for feature in office.get("/api/v1/zones").json["features"]}
    assert alone["open_issues"] == listed["SB000001"]["open_issues"] == 1
    assert alone["status"] == listed["SB000001"]["status"] == "open"
