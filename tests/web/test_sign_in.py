"""Signing in and out."""

import re

import pytest
from sqlalchemy import update

from civmap import clock
from civmap.city.models import City
from civmap.demo.build import LOGINS
from civmap.people import actions
from civmap.people.rules import OFFICE
from civmap.store.database import writing
from civmap.web.access import COOKIE, same_origin

PASSWORD = "correct horse 7"


@pytest.fixture
def li(engine):
    """Give a person with a password of their own."""
    with writing(engine) as session:
        actions.add(session, OFFICE, "li", "dispatcher", password=PASSWORD, now=clock.now())


def token_in(page):
    return re.search(r'name="csrf_token" value="([0-9a-f]+)"', page.get_data(as_text=True)).group(1)


def sign_in(browser, name="li", password=PASSWORD, **more):
    form = {"name": name, "password": password, "csrf_token": token_in(browser.get("/login")), **more}
    return browser.post("/login", data=form)


def test_the_right_password_opens_the_map_where_one_was_going(stranger, li):
    wanted = stranger.get("/points?q=x")
    answer = sign_in(stranger, next="/points?q=x")
    assert wanted.location == "/login?next=%2Fpoints%3Fq%3Dx"
    assert (answer.status_code, answer.location) == (303, "/points?q=x")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    assert stranger.get("/").status_code == 200


def test_the_cookie_is_secure_over_tls(app, li):
    client = app.test_client()
    page = client.get("/login", base_url="https://localhost")
    form = {"name": "li", "password": PASSWORD, "csrf_token": token_in(page)}
    answer = client.post("/login", data=form, base_url="https://localhost")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE))
    assert "Secure" in cookie


def test_a_wrong_password_and_an_unknown_name_sound_the_same(stranger, li):
    wrong, unknown = sign_in(stranger, password="wrong wrong"), sign_in(stranger, name="nobody")
    assert wrong.status_code == unknown.status_code == 401
    sentences = [re.search(r'role="alert"><div>(.*?)</div>', page.get_data(as_text=True)).group(1)
                 for page in (wrong, unknown)]
    assert sentences[0] == sentences[1]
    assert stranger.get("/").status_code == 302


def test_the_form_is_refused_without_its_proof(stranger, li):
    stranger.get("/login")
    for form in ({}, {"csrf_token": "0" * 64}):
        assert stranger.post("/login", data={"name": "li", "password": PASSWORD, **form}).status_code == 403


def test_guessing_is_slowed_down_by_name(stranger, li):
    statuses = [sign_in(stranger, password=f"wrong number {number}").status_code for number in range(9)]
    assert statuses == [401] * 8 + [429]
    refused = sign_in(stranger)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert sign_in(stranger, name="somebody").status_code == 401


def test_a_copied_cookie_is_worth_nothing_after_signing_out(app, stranger, li):
    sign_in(stranger)
    copied = stranger.client.get_cookie(COOKIE).value
    stranger.post("/logout", data={"csrf_token": token_in(stranger.get("/"))})
    thief = app.test_client()
    thief.set_cookie(COOKIE, copied)
    assert thief.get("/").status_code == 302
    assert thief.get("/api/v1/points").status_code == 401


def test_a_one_time_password_must_be_changed_first(stranger, engine):
    with writing(engine) as session:
        _person, once = actions.add(session, OFFICE, "new", "inspector", now=clock.now())
    sign_in(stranger, name="new", password=once)
    page = stranger.get("/points")
    assert (page.status_code, page.location) == (302, "/password")
    assert stranger.get("/api/v1/points").json["code"] == "change_password_first"
    form = {"old": once, "new": PASSWORD, "csrf_token": token_in(stranger.get("/password"))}
    assert stranger.post("/password", data={**form, "old": "wrong"}).status_code == 422
    assert stranger.post("/password", data=form).status_code == 303
    assert stranger.get("/points").status_code == 200


def test_the_demo_shows_its_accounts_and_a_real_city_none(stranger, engine):
    assert "demo-logins" not in stranger.get("/login").get_data(as_text=True)
    with writing(engine) as session:
        session.execute(update(City).values(is_demo=True))
    page = stranger.get("/login").get_data(as_text=True)
    for login, password, _role in LOGINS:
        assert f'data-name="{login}" data-password="{password}"' in page


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                    "/a\nb", "", None, "\\\\evil", "/\tx"])
def test_nobody_is_led_off_to_another_site(target):
    assert same_origin(target) == "/"


def test_the_language_is_switched_and_remembered(stranger, signed_in):
    assert "<html lang=\"zh-CN\"" in stranger.get("/login").get_data(as_text=True)
    stranger.post("/language", data={"lang": "en", "next": "/login", "csrf_token": token_in(stranger.get("/login"))})
    assert "<html lang=\"en\"" in stranger.get("/login").get_data(as_text=True)
    first = signed_in("leader")
    first.post("/language", data={"lang": "en"})
    assert "<html lang=\"en\"" in signed_in("leader").get("/").get_data(as_text=True)


def test_a_program_is_answered_in_the_language_it_asks_for(app, program):
    headers, client = program("dispatcher"), app.test_client()
    said = {lang: client.get("/api/v1/points/none", headers={**headers, "Accept-Language": lang}).json["title"]
            for lang in ("zh-CN,zh;q=0.9", "en-GB")}
    assert said == {"zh-CN,zh;q=0.9": "没有找到", "en-GB": "Not found"}
