"""Responses for programs, with the same rules for characters as pages: see `app.text.visible`."""

from fastapi.responses import JSONResponse

from app.text.visible import visible


class VisibleJSON(JSONResponse):
    """A JSON response without invisible characters in any of its texts."""

    def render(self, content: object) -> bytes:
        return super().render(_visible(content))


def _visible(content: object) -> object:
    match content:
        case str():
            return visible(content)
        case dict():
            return {key: _visible(value) for key, value in content.items()}
        case list() | tuple():
            return [_visible(item) for item in content]
        case _:
            return content
