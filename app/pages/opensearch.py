"""/opensearch.xml: lets a browser add this site to its search engines."""

from xml.sax.saxutils import escape, quoteattr

from fastapi import APIRouter, Request, Response

from app.web.assets import asset_url
from app.web.state import State

router = APIRouter(include_in_schema=False)

_DESCRIPTION = "Find clinical trials by disease, drug, sponsor or registry number"


@router.api_route("/opensearch.xml", methods=["GET", "HEAD"])
def opensearch(request: Request, state: State) -> Response:
    def absolute(path: str) -> str:
        return state.renderer.absolute(request, path)

    document = f"""<?xml version="1.0" encoding="UTF-8"?>
<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">
<ShortName>Trialmark</ShortName>
<Description>{_DESCRIPTION}</Description>
<InputEncoding>UTF-8</InputEncoding>
<Image width="16" height="16" type="image/x-icon">{escape(absolute(asset_url("favicon.ico")))}</Image>
<Url type="text/html" method="get" template={quoteattr(absolute("/trials?q={searchTerms}"))}/>
</OpenSearchDescription>
"""
    return Response(document, media_type="application/opensearchdescription+xml")
