"""Messages that leave the house: each once, in order, through outages of every kind; off unless they are set."""

import base64
import hashlib
import hmac
import json
import threading
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from civmap import clock
from civmap.channels import channels_of
from civmap.config import Settings
from civmap.errors import Invalid
from civmap.issues import actions
from civmap.messages import adapters, carrying, rules
from civmap.messages.models import Message
from civmap.store.database import reading, writing
from tests.support import town as plan
from tests.support.command import Civmap

GARBAGE = {"class": "exposed_garbage", "description": "桥头垃圾，电话13812345678", "lon": 115.8570, "lat": 28.6830}


class Robot(BaseHTTPRequestHandler):
    """A robot that answers as it is told and remembers what it took."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status, answer = self.server.moods.pop(0) if self.server.moods else (200, {"errcode": 0})
        if status == 0:
            self.close_connection = True
            return
        if status == 200 and answer.get("errcode", 0) == 0:
            self.server.taken.append((self.path, body, dict(self.headers)))
        said = json.dumps(answer).encode()
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def robot():
    """Give a robot on this machine: `moods` are its next answers, `taken` what it took."""
    server = HTTPServer(("127.0.0.1", 0), Robot)
    server.moods, server.taken, server.address = [], [], f"http://127.0.0.1:{server.server_port}/send?key=s3cret"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def at(monkeypatch):
    """Give a hand that sets the clock."""
    def set_clock(minutes=0):
        moment = clock.parse_moment("2026-05-20T09:00:00+08:00") + timedelta(minutes=minutes)
        monkeypatch.setattr(clock, "now", lambda: moment)
        return moment
    set_clock()
    return set_clock


@pytest.fixture
def office(settings, robot):
    """Give settings with one robot."""
    settings.home.mkdir(exist_ok=True)
    told = [{"name": "office", "kind": "wecom", "url": robot.address}]
    return replace(settings, channels=channels_of(json.dumps(told)), public_url="https://map.example.cn")


def story(engine, minutes, verbs=("file", "dispatch")):
    """Let one issue be reported and handed over; return its number."""
    now = clock.parse_moment("2026-05-20T09:00:00+08:00") + timedelta(minutes=minutes)
    with writing(engine) as session:
        cast = plan.viewers(session)
        issue = actions.report(session, cast["inspector"], GARBAGE, now)
        for verb in verbs:
            actions.perform(session, cast["dispatcher"], issue.issue_no, verb, {}, issue.version, now)
        return issue.issue_no


def kept(engine):
    with reading(engine) as session:
        return [(row.key.split(":")[1], row.tries, row.sent_at is not None, row.last_error)
                for row in session.query(Message).order_by(Message.id)]


def test_an_outage_loses_no_message_and_doubles_none(engine, office, robot, at):
    story(engine, 0)
    assert carrying.carry(engine, office) == carrying.Round()  # what was before the channel is history
    numbers = [story(engine, 1), story(engine, 2)]
    robot.moods = [(500, {}), (0, {}), (200, {"errcode": 45009, "errmsg": "api freq out of limit"}), (302, {})]
    reasons, minute = [], 3
    for _ in range(4):
        at(minute)
        done = carrying.carry(engine, office)
        assert (done.sent, done.failed) == (0, 1)
        reasons.append(kept(engine)[0][3])
        minute += 10
    assert [reason.split(":")[0] for reason in reasons] == [
        "HTTP 500", "RemoteDisconnected", "errcode 45009", "HTTP 302"]
    assert "s3cret" not in str(reasons) + repr(office)
    assert [row[0] for row in kept(engine)] == numbers and robot.taken == []
    at(minute)
    assert carrying.carry(engine, office) == carrying.Round(0, 2, 0)  # as after a restart: everything is in the rows
    assert carrying.carry(engine, office) == carrying.Round()
    said = [body["text"]["content"] for _path, body, _headers in robot.taken]
    assert [numbers[0] in said[0], numbers[1] in said[1], len(said)] == [True, True, 2]
    assert said[0].splitlines()[0] == f"【示例区】新交办：暴露垃圾 {numbers[0]}"
    assert said[0].splitlines()[-1] == f"https://map.example.cn/issues/{numbers[0]}"
    assert "138****5678" in said[0] and "13812345678" not in said[0]


def test_a_robot_that_is_not_there_is_asked_more_and_more_rarely(engine, office, robot, at):
    carrying.carry(engine, office)
    story(engine, 1)
    robot.shutdown()
    robot.server_close()
    moments = []
    for _ in range(3):
        at(1000 * (len(moments) + 1))
        carrying.carry(engine, office)
        with reading(engine) as session:
            row = session.query(Message).one()
            moments.append((row.next_try_at - clock.now()).total_seconds())
    assert moments == [30, 60, 120] and row.last_error.startswith("ConnectionRefusedError")
    assert rules.next_try(50, clock.now()) - clock.now() == timedelta(hours=1)


def test_one_that_is_always_refused_holds_the_others_up_for_a_while_only(engine, office, robot, at):
    carrying.carry(engine, office)
    first, second = story(engine, 1), story(engine, 2)
    robot.moods = [(400, {})] * rules.PATIENT
    for round_ in range(rules.PATIENT):
        assert [row[1] for row in kept(engine)] in ([], [round_, 0])
        at(120 * (round_ + 1))
        assert (carrying.carry(engine, office).failed, len(robot.taken)) == (1, 0)
    carrying.carry(engine, office)
    assert [(row[0], row[2]) for row in kept(engine)] == [(first, False), (second, True)]


def test_two_carriers_send_a_message_once(engine, office, at):
    carrying.carry(engine, office)
    story(engine, 1)
    sent = []

    def slow(channel, message, now):
        if not sent:
            sent.append(message.key)
            carrying.carry(engine, office, lambda _channel, other, _now: sent.append(other.key))

    carrying.carry(engine, office, slow)
    assert len(sent) == 1 and [row[2] for row in kept(engine)] == [True]


def test_signs_and_filters(engine, settings, robot, at):
    settings.home.mkdir(exist_ok=True)
    told = [{"name": "ding", "kind": "dingtalk", "url": robot.address, "secret": "SEC1"},
            {"name": "hook", "kind": "webhook", "url": robot.address, "secret": "SEC2", "events": ["returned"]},
            {"name": "other", "kind": "wecom", "url": robot.address, "units": ["YY"]}]
    settings = replace(settings, channels=channels_of(json.dumps(told)))
    carrying.carry(engine, settings)
    no = story(engine, 1)
    with writing(engine) as session:
        cast, issue = plan.viewers(session), actions.queries.by_no(session, plan.viewers(session)["admin"], no,
                                                                   clock.now())
        actions.perform(session, cast["handler"], no, "return", {"reason": "不归我们"}, issue.version, clock.now())
    assert carrying.carry(engine, settings).sent == 3
    (first, _body, _headers), _second, (_path, body, headers) = robot.taken
    asked = parse_qs(urlsplit(first).query)
    stamp = asked["timestamp"][0]
    sign = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert (asked["key"], asked["sign"]) == (["s3cret"], [base64.b64encode(sign).decode()])
    assert (body["event"], body["issue_no"], headers["Idempotency-Key"]) == ("returned", no, body["id"])
    raw = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    assert headers["X-Civmap-Signature"] == f"sha256={hmac.new(b'SEC2', raw, hashlib.sha256).hexdigest()}"


def test_the_command_lists_sends_and_retries_and_the_doctor_hears_of_what_waits(engine, office, robot, tmp_path):
    url = engine.url.render_as_string(hide_password=False)
    told = json.dumps([{"name": "office", "kind": "wecom", "url": robot.address}])
    civmap = Civmap(tmp_path / "home", url)
    assert "CIVMAP_MESSAGES" in civmap.refused("messages", "send")
    assert civmap.json("messages", "send", CIVMAP_MESSAGES=told) == {"written": 0, "sent": 0, "failed": 0}
    no = story(engine, -90)
    robot.moods = [(503, {})]
    assert civmap.json("messages", "send", CIVMAP_MESSAGES=told) == {"written": 1, "sent": 0, "failed": 1}
    waits = civmap.json("messages", "list")
    assert (waits["waiting"], waits["items"][0]["last_error"]) == (1, "HTTP 503")
    assert no in civmap.run("messages", "list").stdout
    later = {"CIVMAP_NOW": "2026-05-20T11:00:00+08:00", "CIVMAP_MESSAGES": told}
    found = {one["code"] for one in json.loads(civmap.run("doctor", "--json", **later).stdout)["findings"]}
    assert "messages_waiting" in found
    assert civmap.json("messages", "send", CIVMAP_MESSAGES=told)["sent"] == 0
    assert civmap.json("messages", "retry") == {"count": 1}
    assert civmap.json("messages", "send", CIVMAP_MESSAGES=told) == {"written": 0, "sent": 1, "failed": 0}
    assert len(robot.taken) == 1


@pytest.mark.parametrize("row, place", [
    ({"kind": "wecom", "url": "https://x.cn/"}, "1. name"), ({"name": "a", "kind": "sms"}, "1. kind"),
    ({"name": "a", "kind": "wecom", "url": "http://x.cn/"}, "1. url"),
    ({"name": "a", "kind": "wecom", "url": "file:///etc/passwd"}, "1. url"),
    ({"name": "a", "kind": "wecom", "url": "https://u:p@x.cn/"}, "1. url"),
    ({"name": "a", "kind": "wecom", "url": "https://x.cn/", "events": ["all"]}, "1. events"),
    ({"name": "a", "kind": "wecom", "url": "https://x.cn/", "key": "s3cret"}, "1. key"),
    ({"name": "a", "kind": "email", "host": "m.cn", "from": "a@m.cn", "to": ["x"]}, "1. to"),
    ({"name": "a", "kind": "email", "host": "m.cn", "from": "a@m.cn", "to": ["a@b.cn"], "tls": "none"}, "1. tls"),
    ("no", "[…]")])
def test_a_setting_that_is_wrong_is_refused_by_its_place_without_its_secrets(row, place):
    with pytest.raises(Invalid) as refused:
        channels_of(json.dumps([row]))
    assert (refused.value.code, refused.value.facts["place"]) == ("setting_messages", place)
    assert "s3cret" not in str(refused.value)


def test_nothing_leaves_unless_it_is_set(engine, settings, tmp_path):
    assert settings.channels == () and Settings.from_environ({"CIVMAP_HOME": str(tmp_path)}).channels == ()
    story(engine, 0)
    with carrying.beside(settings) as carrier:
        assert carrier is None
    assert kept(engine) == []


def test_mail_is_handed_over_with_a_name_of_its_own(monkeypatch, at):
    seen = []

    class Server:
        def __init__(self, host, port, timeout, context=None):
            seen.append((host, port))

        def __enter__(self):
            return self

        def __exit__(self, *args):
            return False

        def login(self, user, password):
            seen.append((user, password))

        def send_message(self, mail):
            seen.append((mail["To"], mail["Subject"], mail["Message-ID"], mail.get_content().strip()))
            return {}

    monkeypatch.setattr("smtplib.SMTP_SSL", Server)
    (channel,) = channels_of(json.dumps([{"name": "mail", "kind": "email", "host": "smtp.x.cn", "user": "u",
                                          "password": "p", "from": "civ@x.cn", "to": ["a@x.cn", "b@x.cn"]}]))
    message = Message(key="given:WT1:abc", subject="新交办", body="正文", created_at=clock.now())
    adapters.send(channel, message, clock.now())
    assert seen == [("smtp.x.cn", 465), ("u", "p"),
                    ("a@x.cn, b@x.cn", "新交办", "<given.WT1.abc@x.cn>", "正文")]
