"""/favicon.ico: the icon that browsers ask for with documents that name none, such as a record's JSON."""

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from app.paths import STATIC

router = APIRouter(include_in_schema=False)


@router.api_route("/favicon.ico", methods=["GET", "HEAD"])
def favicon() -> Response:
    headers = {"Cache-Control": "public, max-age=86400"}
    return FileResponse(STATIC / "favicon.ico", media_type="image/x-icon", headers=headers)
