"""Files that come with a form: one, named `file`, and never more than its cap."""

from flask import Request

from civmap.errors import BadInput, Invalid, TooLarge


def sent_file(request: Request, most_bytes: int) -> bytes:
    """Return the bytes of the form's `file`; raise BadInput without a form, Invalid without a file, TooLarge."""
    if request.mimetype != "multipart/form-data":
        raise BadInput("content_type", found=request.mimetype[:60], wanted="multipart/form-data")
    upload = request.files.get("file")
    if upload is None:
        raise Invalid("file_missing", field="file")
    data = upload.stream.read(most_bytes + 1)
    upload.stream.seek(0)
    if len(data) > most_bytes:
        raise TooLarge("body_too_large", field="file", most_mb=most_bytes // 1024 // 1024)
    if not data:
        raise Invalid("file_missing", field="file")
    return data
