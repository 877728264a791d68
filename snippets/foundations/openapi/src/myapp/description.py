"""How the shop is described to those who write clients."""

from typing import Any

from apiflask import APIFlask


def init_app(app: APIFlask) -> None:
    """Mend what the library leaves open."""
    app.spec_processor(require_bodies)


def require_bodies(spec: Any) -> Any:
    """Say of every body that it must be there."""
    for methods in spec["paths"].values():
        for operation in methods.values():
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
    return spec
