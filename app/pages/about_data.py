"""/about/data: the records stored here and their date, the last runs, and records that could not be read."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from sqlalchemy import func, select
from sqlmodel import col

from app.models import RejectedRecord, SyncRun
from app.pages.parts.frame import Frame, frame
from app.registries import REGISTRIES, Registry
from app.text.wording import counted, date_words
from app.web.state import Data, Reader, State

_LAST_RUNS = 10
_MOST_REJECTED = 50

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class AboutData:
    frame: Frame
    trials: str
    synthetic: str
    unlisted: str
    data_date: str
    registries: tuple[Registry, ...]
    runs: tuple[SyncRun, ...]
    rejected_count: int
    rejected: tuple[RejectedRecord, ...]


@router.api_route("/about/data", methods=["GET", "HEAD"])
def about_data(request: Request, state: State, data: Data) -> Response:
    runs = data.session.execute(select(SyncRun).order_by(col(SyncRun.id).desc()).limit(_LAST_RUNS))
    rejected = data.session.execute(
        select(RejectedRecord).order_by(col(RejectedRecord.id)).limit(_MOST_REJECTED)
    )
    freshness = data.freshness
    page = AboutData(
        frame=frame(request, state, freshness, "About the data"),
        trials=counted(freshness.trials, "trial"),
        synthetic=counted(freshness.synthetic, "trial") if freshness.synthetic else "",
        unlisted=counted(freshness.unlisted, "trial") if freshness.unlisted else "",
        data_date=date_words(freshness.data_date),
        registries=REGISTRIES,
        runs=tuple(runs.scalars()),
        rejected_count=_rejected_count(data),
        rejected=tuple(rejected.scalars()),
    )
    return state.renderer.page(request, "about_data.html", page)


def _rejected_count(data: Reader) -> int:
    count: int = data.session.execute(select(func.count()).select_from(RejectedRecord)).scalar_one()
    return count
