"""In which encoding the texts of a dBASE table are written: found out from the texts, whatever the table says."""

import codecs
from pathlib import Path

LOOK_AT = 3_000
CODEPAGES = {"big5": "CP950", "950": "CP950", "cp950": "CP950", "shift_jis": "CP932", "932": "CP932"}


def encoding_of(table: Path, said: str) -> str:
    """Return UTF-8 or GB18030 where all texts can be read so, else what the .cpg says, else GB18030."""
    wrong = {"utf-8": 0, "gb18030": 0}
    foreign = 0
    for text in _texts(table):
        if text.isascii():
            continue
        foreign += 1
        for encoding in wrong:
            try:
                codecs.getincrementaldecoder(encoding)().decode(text, False)
            except UnicodeDecodeError:
                wrong[encoding] += 1
    if not foreign or wrong["utf-8"] * 50 <= foreign:
        return "UTF-8"
    if wrong["gb18030"] * 50 > foreign:
        return CODEPAGES.get(said.strip().lower(), "GB18030")
    return "GB18030"


def _texts(table: Path) -> list[bytes]:
    """Return the names of the fields and the first records' texts, as bytes without padding."""
    with table.open("rb") as file:
        head = file.read(32)
        if len(head) < 32:
            return []
        start, length = int.from_bytes(head[8:10], "little"), int.from_bytes(head[10:12], "little")
        fields = file.read(max(start - 32, 0))
        records = file.read(max(length, 1) * LOOK_AT)
    found, spans, place = [], [], 1
    for at in range(0, len(fields) - 31, 32):
        field = fields[at:at + 32]
        if field[:1] == b"\r":
            break
        found.append(field[:11].split(b"\0")[0])
        if field[11:12] == b"C":
            spans.append((place, place + field[16]))
        place += field[16]
    for at in range(0, len(records), max(length, 1)):
        found += [records[at + begin:at + end].split(b"\0")[0].rstrip() for begin, end in spans]
    return found
