"""The alerts, against what the shop really counts."""

import re
from pathlib import Path

import pytest
import yaml
from flask import Flask, abort

from myapp import metrics

FILE = Path(__file__).parents[1] / "alerts.yml"
SELECTOR = r"(shop_\w+)\{(?:(\w+)=~?\"([^\"]*)\")?\}"


@pytest.fixture
def app(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Add a view that answers with a status, after some seconds."""
    now = [0.0]
    monkeypatch.setattr(metrics, "perf_counter", lambda: now[0])

    @app.get("/answer/<int:status>/<float:seconds>")
    def answer(status: int, seconds: float) -> str:
        now[0] += seconds
        if status > 200:
            abort(status)
        return "fine"

    return app


def alerts() -> dict[str, str]:
    """Give the expression of each alert."""
    [group] = yaml.safe_load(FILE.read_text())["groups"]
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def ask(app: Flask, times: int, status: int, seconds: float) -> None:
    """Ask some times for the same answer."""
    path = f"/answer/{status}/{seconds}"
    for _ in range(times):
        app.test_client().get(path, buffered=True)


def chosen(app: Flask, name: str, label: str, pattern: str) -> list[float]:
    """Give the values of the series that a selector selects."""
    return [
        sample.value
        for metric in app.extensions["metrics"].collect()
        for sample in metric.samples
        if sample.name == name
        and re.fullmatch(pattern, sample.labels.get(label, ""))
    ]


def fires(app: Flask, alert: str) -> bool:
    """Work out the share that an alert asks for, and compare it."""
    expression = alerts()[alert]
    part, whole = (
        sum(chosen(app, *selector))
        for selector in re.findall(SELECTOR, expression)
    )
    sign, threshold = expression.split()[-2:]
    over = part / whole - float(threshold)
    return over > 0 if sign == ">" else over < 0


def test_an_alert_asks_for_what_is_counted(app: Flask) -> None:
    """Each selector of the file selects something of a shop in trouble."""
    ask(app, 1, 503, 2.0)

    found = {
        f"{alert} {selector}": bool(chosen(app, *selector))
        for alert, expression in alerts().items()
        for selector in re.findall(SELECTOR, expression)
    }

    assert [] == [name for name, is_there in found.items() if not is_there]
    assert 5 == len(found)


@pytest.mark.parametrize(
    ("alert", "status", "seconds"),
    [("ShopFails", 500, 0.1), ("ShopIsSlow", 200, 1.1)],
)
@pytest.mark.parametrize(("times", "expected"), [(1, False), (2, True)])
def test_an_alert_fires_above_its_threshold(
    app: Flask,
    alert: str,
    status: int,
    seconds: float,
    times: int,
    expected: bool,
) -> None:
    """One bad answer of twenty is borne, two are not."""
    ask(app, 20 - times, 200, 1.0)
    ask(app, times, status, seconds)

    assert expected == fires(app, alert)


def test_silence_is_told(app: Flask) -> None:
    """There is nothing before the first request, and then there is."""
    [selector] = re.findall(SELECTOR, alerts()["ShopIsSilent"])

    assert [] == chosen(app, *selector)
    ask(app, 1, 200, 0.1)
    assert [1] == chosen(app, *selector)
