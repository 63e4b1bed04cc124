"""Photos of an issue: add one, and the picture itself."""

from flask import request, send_file

from civmap.errors import NotFound
from civmap.issues import photos, showing
from civmap.web.access import SIGNED_IN
from civmap.web.api.bodies import Loose
from civmap.web.api.operations import PREFIX, operation
from civmap.web.desk import Desk
from civmap.web.replies import Answer
from civmap.web.uploads import sent_file

PHOTO_SECONDS = 3600


class PhotoOut(Loose):
    """A photo that was kept; `warnings` are codes of what is odd about it."""

    id: int
    sha256: str
    warnings: list[str]


def _develop() -> photos.Developed:
    return photos.developed(sent_file(request, photos.MOST_BYTES))


@operation("POST", "/issues/{no}/photos", summary="Add a photo", permission=SIGNED_IN, tag="issues",
           answers={201: PhotoOut}, is_multipart=True, before=_develop)
def add_photo(desk: Desk, no: str, prepared: photos.Developed) -> Answer:
    """Keep one photo; its bytes were re-encoded, its time and place read out."""
    said = {name: request.form[name] for name in ("kind", "taken_at", "lon", "lat") if request.form.get(name)}
    photo = photos.add(desk.session, desk.viewer, no, prepared, said, desk.settings.photos, desk.now)
    return Answer(showing.photo_json(photo), 201, {"Location": f"{PREFIX}/photos/{photo.id}"})


@operation("GET", "/photos/{id}", summary="The picture itself", permission=SIGNED_IN, tag="issues",
           answers={200: "image/jpeg image/png image/webp"})
def photo(desk: Desk, id: int) -> Answer:
    """Answer the bytes of a photo of an issue that the viewer sees."""
    row = photos.by_id(desk.session, desk.viewer, id, desk.now)
    file = desk.settings.photos / row.file
    if not file.is_file():
        raise NotFound("photo_file_missing", field="id", id=id)
    response = send_file(file, mimetype=row.media_type, conditional=True, etag=row.file.split("/")[-1].split(".")[0])
    response.headers["Cache-Control"] = f"private, max-age={PHOTO_SECONDS}"
    return Answer(response)
