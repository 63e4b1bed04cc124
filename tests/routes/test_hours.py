"""Opening hours as people write them, read for a Monday, a Saturday and a Sunday."""

import pytest

from civmap.routes.hours import windows

SHUT = "00:00-00:00"
TABLE = (  # as written; Monday, Saturday, Sunday ('' is always open)
    ("", "", "", ""), ("24小时", "", "", ""), ("全天开放", "", "", ""), ("24/7", "", "", ""),
    ("２４小时营业", "", "", ""),
    ("08:30-17:30", *["08:30-17:30"] * 3), ("08：30－17：30", *["08:30-17:30"] * 3),
    ("8:30～17:30", *["08:30-17:30"] * 3),
    ("9点-17点半", *["09:00-17:30"] * 3), ("早6点至晚9点", *["06:00-21:00"] * 3), ("8-18", *["08:00-18:00"] * 3),
    ("上午8:30-12:00 下午2:30-5:30", *["08:30-12:00 14:30-17:30"] * 3),
    ("周一至周五 9:00-12:00，14:00-17:00", "09:00-12:00 14:00-17:00", SHUT, SHUT),
    ("星期一-星期五 08:00-12:00 14:30-18:00", "08:00-12:00 14:30-18:00", SHUT, SHUT),
    ("工作日 9:00-17:00；周末 10:00-16:00", "09:00-17:00", "10:00-16:00", "10:00-16:00"),
    ("周一至周五 9:00-12:00 13:30-17:30 周六 9:00-12:00", "09:00-12:00 13:30-17:30", "09:00-12:00", SHUT),
    ("周六、周日 9:00-11:00", SHUT, "09:00-11:00", "09:00-11:00"),
    ("周一、三、五 9:00-11:00", "09:00-11:00", SHUT, SHUT),
    ("周二至周日 9:00-17:00（周一闭馆）", SHUT, "09:00-17:00", "09:00-17:00"),
    ("周一闭馆，其余 9:00-17:00", SHUT, "09:00-17:00", "09:00-17:00"),
    ("逢周一闭馆 9:00-17:00", SHUT, "09:00-17:00", "09:00-17:00"),
    ("9:00 - 17:00 周末休息", "09:00-17:00", SHUT, SHUT),
    ("法定节假日休息 9:00-17:00", *["09:00-17:00"] * 3),
    ("9:00-17:00 16:30停止入场", *["09:00-17:00"] * 3),
    ("Mo-Fr 08:00-18:00; Sa 09:00-12:00", "08:00-18:00", "09:00-12:00", SHUT),
    ("Mo-Fr 08:30-17:30, Sa 09:00-12:00", "08:30-17:30", "09:00-12:00", SHUT),
    ("Mo-Fr 08:00-12:00,14:00-18:00; PH off", "08:00-12:00 14:00-18:00", SHUT, SHUT),
    ("Mo,We,Fr 10:00-14:00", "10:00-14:00", SHUT, SHUT),
    ("Mo-Sa 09:00-17:00; Su,PH off", *["09:00-17:00"] * 2, SHUT),
    ("Mon-Fri 9am-5pm", "09:00-17:00", SHUT, SHUT), ("18:00-02:00", *["00:00-02:00 18:00-24:00"] * 3),
    ("Fr-Mo 20:00-03:00", "00:00-03:00 20:00-24:00", "00:00-03:00 20:00-24:00", "00:00-03:00 20:00-24:00"),
    ("休息", SHUT, SHUT, SHUT), ("周一闭馆", SHUT, "", ""), ("Sa-Su closed", "", SHUT, SHUT),
)


def said(found):
    return " ".join(f"{int(since) // 60:02}:{int(since) % 60:02}-{int(until) // 60:02}:{int(until) % 60:02}"
                    for since, until in found)


@pytest.mark.parametrize(("text", "monday", "saturday", "sunday"), TABLE)
def test_opening_hours_are_read_as_they_are_meant(text, monday, saturday, sunday):
    found = [windows(text, day) for day in (0, 5, 6)]
    assert [said(one) for one, _is_read in found] == [monday, saturday, sunday]
    assert all(is_read for _one, is_read in found)


@pytest.mark.parametrize("text", ["问门卫", "sunrise-sunset", "25:00-26:00", "6:00-22:00 夏季", "Su[1] 10:00-12:00",
                                  "8:70-9:00", "-", "🕐", "(" * 99 + "x", "周" * 200, "1" * 200])
def test_what_cannot_be_read_counts_as_always_open(text):
    assert windows(text, 2) == ((), False)
