"""What browsers and link previews ask for beside pages: the search description, the icon and the picture."""

import struct

from lxml import etree
from starlette.testclient import TestClient

from tests.conftest import Browse, Ingest
from tests.factories import study


def test_a_browser_finds_the_description_and_searches_as_it_says(browse: Browse) -> None:
    (place,) = browse.get("/").xpath("//link[@rel='search']/@href")
    answer = browse.client.get(place)
    assert answer.headers["content-type"] == "application/opensearchdescription+xml"
    (template,) = etree.fromstring(answer.content).xpath("//*[local-name()='Url']/@template")
    browse.get(template.replace("{searchTerms}", "acute+leukemia").removeprefix("http://testserver"))


def test_the_icon_holds_a_picture_for_each_of_three_sizes(client: TestClient) -> None:
    answer = client.get("/favicon.ico")
    assert answer.headers["content-type"] == "image/x-icon"
    icon = answer.content
    assert struct.unpack_from("<HHH", icon) == (0, 1, 3)
    for number, size in enumerate((16, 32, 48)):
        width, length, offset = struct.unpack_from("<BxxxxxxxII", icon, 6 + 16 * number)
        picture = icon[offset : offset + length]
        assert width == size
        assert struct.unpack_from(">8s8xII", picture) == (b"\x89PNG\r\n\x1a\n", size, size)


def test_a_trial_that_is_passed_on_shows_the_picture(browse: Browse, ingest: Ingest) -> None:
    ingest([study("NCT00000001")])
    (place,) = browse.get("/trials/NCT00000001").xpath("//meta[@property='og:image']/@content")
    picture = browse.client.get(place)
    assert picture.headers["content-type"] == "image/png"
    assert struct.unpack_from(">16xII", picture.content) == (1200, 630)
