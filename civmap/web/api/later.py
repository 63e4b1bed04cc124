"""What the interface promises and a later piece builds: each answers 501 with a sentence, after signing in."""

from civmap.errors import NotBuilt
from civmap.web.access import SIGNED_IN
from civmap.web.api.operations import operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer

PROMISED: tuple[tuple[str, str, str], ...] = ()


def _not_built(_desk: Desk, **_parts: str) -> Answer:
    raise NotBuilt("not_built")


for _method, _path, _summary in PROMISED:
    operation(_method, _path, summary=_summary, permission=SIGNED_IN, tag="later", answers={},
              is_built=False)(_not_built)
