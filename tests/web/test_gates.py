"""Strict JSON: whatever a stranger sends, it is read exactly or refused with the place."""

import json

import pytest

from civmap.errors import BadInput
from civmap.web.gates import parse


@pytest.mark.parametrize(("raw", "code"), [
    (b'{"lon": NaN}', "number_not_finite_json"),
    (b'{"lon": Infinity}', "number_not_finite_json"),
    (b'{"lon": -Infinity}', "number_not_finite_json"),
    (b'{"lon": 1e999}', "number_not_finite_json"),
    (b'{"lon": 9223372036854775808}', "number_too_large"),
    (b'{"lon": ' + b"9" * 5000 + b"}", "number_too_large"),
    (b'{"name": "a\\u0000b"}', "text_nul"),
    (b'{"name": "\\ud800"}', "text_surrogate"),
    (b'{"\\udfff": 1}', "text_surrogate"),
    (b'{"a": 1, "a": 2}', "json_key_twice"),
    (b'{"a": [1, {"b": 1, "b": 2}]}', "json_key_twice"),
    (b"\xff\xfe", "json_not_utf8"),
    (b'{"a": }', "json_unreadable"),
    (b"", "json_unreadable"),
    (b'{"a": "unfinished', "json_unreadable"),
    (b"[" * 21 + b"]" * 21, "json_too_deep"),
    (b"[" * 1_000_000, "json_too_deep"),
    (b'{"a":' * 500_000, "json_too_deep"),
])
def test_json_that_is_not_strict_is_refused(raw, code):
    with pytest.raises(BadInput) as refusal:
        parse(raw)
    assert refusal.value.code == code


def test_the_refusal_names_the_place_of_the_wrong_value():
    with pytest.raises(BadInput) as refusal:
        parse(b'{"geometry": {"coordinates": [[1, 2], [3, NaN]]}}')
    assert refusal.value.facts["place"] == "/geometry/coordinates/1/1"


def test_brackets_inside_texts_do_not_count_as_nesting():
    text = "[" * 100 + '\\"{' * 50
    assert parse(json.dumps({"name": text}).encode()) == {"name": text}


def test_twenty_levels_are_read():
    assert parse(b"[" * 20 + b"]" * 20)


def test_a_body_of_quotes_is_read_in_linear_time():
    with pytest.raises(BadInput):
        parse(b'"' * 1_000_001)
    with pytest.raises(BadInput):
        parse(b'"\\' * 500_000)


def test_text_with_every_sign_comes_through_unharmed():
    value = {"名称": "`${alert(1)}` </script> \"><img onerror> 😀", "numbers": [0.1, -1, 9223372036854775807]}
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value
