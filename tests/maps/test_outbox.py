"""A phone in a cellar: what is reported and fed back without a network arrives once, with its photos and its moment."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import select

from civmap import clock
from civmap.issues import actions, photos
from civmap.issues.models import Issue, Photo
from civmap.people.models import SignIn
from civmap.people.queries import by_name, token_digest
from civmap.store.database import reading, writing
from civmap.web.access import COOKIE
from tests.maps.conftest import PATIENCE, PHONE
from tests.support import town as plan

pytestmark = pytest.mark.spatialite
GARBAGE = {"class": "exposed_garbage", "description": "桥头有一堆垃圾", "lon": 115.8570, "lat": 28.6830}
UNTIL = """const until = async (holds) => {
  for (let left = 1000; !(await holds()); left -= 1) {
    if (!left) throw new Error(JSON.stringify(await caches.keys()));
    await new Promise((go) => setTimeout(go, 30));
  }
};"""
KEPT = "const kept = async () => (await caches.keys()).filter((name) => name.startsWith('civmap-kept-'));"
ALL_KEPT = f"""async (wanted) => {{ {UNTIL} {KEPT}
  await navigator.serviceWorker.ready;
  await until(async () => {{
    for (const cache of await Promise.all((await kept()).map((name) => caches.open(name)))) {{
      const found = await Promise.all(wanted.map((path) => cache.match(path)));
      if (found.every(Boolean)) return true;
    }}
    return false;
  }});
}}"""
NOTHING_KEPT = f"async () => {{ {UNTIL} {KEPT} await until(async () => !(await kept()).length); }}"


@pytest.fixture
def phone(chromium, address, engine):
    """Give a maker of phones with a service worker, signed in as one of the cast."""
    made = []

    def show(name):
        context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, base_url=address,
                                       geolocation={"longitude": 115.8570, "latitude": 28.6830, "accuracy": 6},
                                       permissions=["geolocation"])
        context.set_default_timeout(PATIENCE)
        secret, now = f"phone-of-{name}-{len(made)}", clock.now()
        with writing(engine) as session:
            session.add(SignIn(token_hash=token_digest(secret), person_id=by_name(session, name).id, created_at=now,
                               expires_at=now + timedelta(days=1)))
        context.add_cookies([{"name": COOKIE, "value": secret, "url": address}])
        made.append(context)
        return context

    yield show
    for context in made:
        context.close()


def _kept(context, path, *more):
    """Open a page with a network and wait until the phone has kept it."""
    page = context.new_page()
    page.goto(path)
    page.evaluate(ALL_KEPT, ["/", "/outbox", *more])
    return page


def _issues(engine):
    with reading(engine) as session:
        issues = session.scalars(select(Issue)).all()
        return [(issue, session.scalars(select(Photo).where(Photo.issue_id == issue.id)).all()) for issue in issues]


def test_a_report_without_a_network_outlives_the_browser_and_arrives_once(phone, engine, tmp_path):
    exif = Image.Exif()
    exif[0x0112], exif.get_ifd(0x8769)[0x9003] = 6, "2026:01:01 08:00:00"  # on its side, by a camera that runs wrong
    Image.new("RGB", (1200, 900), "green").save(tmp_path / "photo.jpg", exif=exif)
    context = phone("inspector")
    _kept(context, "/").close()
    context.set_offline(True)
    page = context.new_page()
    page.goto("/")
    expect(page.locator("#offline")).to_contain_text("网络不通")
    page.click("#report-open")
    page.locator(".where", has_text="误差约 6 米").wait_for()
    page.fill(".picker input", "店外")
    page.locator(".tile", has_text="店外经营").click()
    page.set_input_files(".report input[type=file]", tmp_path / "photo.jpg")
    page.wait_for_selector(".thumb img")
    page.fill(".report textarea", "占道经营")
    seen_before = clock.now()
    page.click(".report [type=submit]")
    expect(page.locator(".done .notice")).to_contain_text("已存入发件箱")
    expect(page.locator("#outbox-badge b")).to_have_text("1")
    page.close()

    first, second = context.new_page(), context.new_page()
    for page in (first, second):
        page.goto("/outbox")
        expect(page.locator(".outbox-entry")).to_contain_text("占道经营")
    thumb = first.locator(".outbox-entry .thumb img")
    assert thumb.evaluate("(img) => img.decode().then(() => img.naturalWidth)") == 900
    assert _issues(engine) == []
    first.locator(".outbox-file summary").click()
    with first.expect_download() as saving:
        first.click("#outbox-export")
    saving.value.path().rename(tmp_path / "outbox.json")
    borrowed = _kept(phone("inspector"), "/outbox")
    borrowed.set_input_files("#outbox-import-file", tmp_path / "outbox.json")
    expect(borrowed.locator(".outbox-receipts li")).to_have_count(1)
    context.set_offline(False)
    for page in (first, second):
        expect(page.locator(".outbox-receipts li")).to_have_count(1)
        expect(page.locator(".outbox-entry")).to_have_count(0)
    ((issue, (photo,)),) = _issues(engine)
    assert (issue.description, photo.kind, photo.accuracy_m) == ("占道经营", "before", 6)
    assert (photo.width, photo.height, photo.warnings) == (900, 1200, ["photo_time_differs"])
    assert issue.captured_at == photo.taken_at < seen_before < issue.reported_at
    assert (photo.lon, photo.lat) == pytest.approx((115.8570, 28.6830))


def _handled(session):
    """Bring an issue to its handler."""
    cast, at = plan.viewers(session), clock.now() - timedelta(hours=1)
    issue = actions.report(session, cast["inspector"], GARBAGE, at)
    for who, verb in (("dispatcher", "file"), ("dispatcher", "dispatch"), ("handler", "acknowledge")):
        actions.perform(session, cast[who], issue.issue_no, verb, {}, issue.version, at)
    return issue.issue_no


def test_feedback_waits_is_shown_beside_what_changed_and_is_sent_once(phone, engine, tmp_path):
    with writing(engine) as session:
        number = _handled(session)
    Image.new("RGB", (800, 600), "blue").save(tmp_path / "after.jpg")
    context = phone("handler")
    page = _kept(context, f"/issues/{number}", f"/issues/{number}")
    context.set_offline(True)
    page.reload()
    page.click("[data-verb=feedback]")
    page.fill(".verb-form textarea", "已清运")
    page.set_input_files(".verb-form input[type=file]", tmp_path / "after.jpg")
    page.wait_for_selector(".thumb img")
    page.click(".verb-form .button-main")
    expect(page.locator(".verb-form .notice")).to_contain_text("已存入发件箱")
    with writing(engine) as session:
        issue = session.scalar(select(Issue).where(Issue.issue_no == number))
        actions.perform(session, plan.viewers(session)["handler"], number, "start", {"plan": "先清运"}, issue.version,
                        clock.now())
    page.goto("/outbox")
    expect(page.locator(".outbox-entry")).to_contain_text("已清运")
    context.set_offline(False)
    expect(page.locator(".outbox-entry .outbox-stale")).to_be_visible()
    page.get_by_role("button", name="在现在的基础上发送").click()
    expect(page.locator(".outbox-receipts li")).to_have_count(1)
    ((issue, (photo,)),) = _issues(engine)
    assert (issue.state, issue.measure, issue.plan, photo.kind) == ("resolved", "已清运", "先清运", "after")

    page.click("header .menu >> nth=1")
    page.click("form[action='/logout'] button >> visible=true")
    page.wait_for_url("**/login")
    page.evaluate(NOTHING_KEPT)


FAKE_CAMERA = """navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
  const pen = canvas.getContext('2d');
  setInterval(() => { pen.fillStyle = 'teal'; pen.fillRect(0, 0, 640, 480); }, 40);
  return canvas.captureStream(25);
};"""


def _with_photo(engine, folder):
    with writing(engine) as session:
        number = _handled(session)
        out = BytesIO()
        Image.new("RGB", (640, 480), "orange").save(out, "JPEG")
        photos.add(session, plan.viewers(session)["inspector"], number, out.getvalue(), {"kind": "before"}, folder,
                   clock.now())
        return number


def test_the_photo_before_lies_over_the_camera_and_faces_are_covered_by_keys(screen, settings, engine):
    number = _with_photo(engine, settings.photos)
    handler = screen("handler", PHONE, permissions=["geolocation"],
                     geolocation={"longitude": 115.8571, "latitude": 28.6830, "accuracy": 9})
    handler.page.add_init_script(FAKE_CAMERA)
    page = handler.open(f"/issues/{number}")
    page.click("[data-verb=feedback]")
    page.get_by_role("button", name="对照原图拍照").click()
    expect(page.locator(".ghost-shutter")).to_be_enabled()
    page.locator(".ghost-row input").fill("70")
    expect(page.locator(".ghost-image")).to_have_css("opacity", "0.7")
    page.click(".ghost-shutter")
    expect(page.locator(".photo-field .thumb img")).to_have_count(1)
    page.fill(".verb-form textarea", "已清运")
    page.click(".verb-form .button-main")
    page.locator("[data-photo][data-kind=after]").wait_for()
    with reading(engine) as session:
        before, after = session.scalars(select(Photo).order_by(Photo.id))
        assert (after.pair_id, after.accuracy_m, after.warnings) == (before.id, 9, [])

    office = screen("dispatcher").open(f"/issues/{number}")
    office.click(f"[data-mask='{before.id}']")
    office.get_by_role("button", name="加一个框").click()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowRight"):
        office.keyboard.press(key)
    office.get_by_role("button", name="保存遮挡").click()
    expect(office.locator(f"[data-photo='{before.id}'] .chip", has_text="已遮挡 1 处")).to_be_visible()
    with reading(engine) as session:
        assert session.get(Photo, before.id).masks == [[0.38, 0.39, 0.21, 0.2]]
