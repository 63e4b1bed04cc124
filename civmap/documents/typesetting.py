"""Words as they are set: signs no font holds are out, full-width signs that meet stand closer together.

In Chinese setting a closing sign before another sign gives up its empty half, and so does an opening sign after one:
”）。 would otherwise gape. The font has the narrow forms (`halt`); the markup only says where they belong.
"""

import re
from html import escape

OPENING = "（〔［｛《〈「『【〖“‘"
CLOSING = "）〕］｝》〉」』】〗”’"
STOPS = "，、。．；：！？"
_MEETING = re.compile(f"[{CLOSING}{STOPS}](?=[{OPENING}{CLOSING}{STOPS}])|(?<=[{OPENING}])[{OPENING}]")
_NUMBER = re.compile(r"(?<=\d{8})-(?=\d)")
_NO_SIGN = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ud800-\\udfff\\ufffe\\uffff]")
NARROW = '<span class="hw">{}</span>'


def clean(text: object) -> str:
    """Return a text without signs that no paper can hold; lines stay."""
    return _NO_SIGN.sub("", str(text).replace("\r\n", "\n"))


def setting(text: object) -> str:
    """Return a text as markup: escaped, lines kept, meeting signs narrowed; issue numbers may part at their hyphen."""
    parts, at = [], 0
    whole = clean(text)
    for found in _MEETING.finditer(whole):
        parts += [escape(whole[at:found.start()]), NARROW.format(found[0])]
        at = found.end()
    parts.append(escape(whole[at:]))
    return _NUMBER.sub("-<wbr>", "".join(parts)).replace("\n", "<br>")
