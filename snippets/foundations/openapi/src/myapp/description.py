"""How the shop is described to those who write clients."""

from typing import Any

from apiflask import APIFlask

from .errors import MEDIA_TYPE


def init_app(app: APIFlask) -> None:
    """Mend what the library leaves open."""
    app.spec_processor(mend)


def mend(spec: Any) -> Any:
    """Go through the operations of a description."""
    for methods in spec["paths"].values():
        for operation in methods.values():
            require_body(operation)
            name_problems(operation["responses"])
    return spec


def require_body(operation: Any) -> None:
    """Say of a body that it must be there."""
    if "requestBody" in operation:
        operation["requestBody"]["required"] = True


def name_problems(responses: Any) -> None:
    """Say of every error that it is a problem."""
    for status, response in responses.items():
        if status >= "400":
            response["content"] = {
                MEDIA_TYPE: response["content"]["application/json"]
            }
