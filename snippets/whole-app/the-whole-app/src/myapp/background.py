"""Work that a worker does: one Celery for each shop."""

from typing import Any

from celery import Celery, Task
from celery.result import denied_join_result
from celery.schedules import crontab
from flask import Flask, current_app
from opentelemetry.trace import SpanKind

from .tracing import W3C, span

TIMEOUTS = {"socket_connect_timeout": 1, "socket_timeout": 2}
SETTINGS = {
    "accept_content": ["json"],
    "beat_schedule": {
        "every night": {
            "task": "myapp.tasks.remind",
            "schedule": crontab(hour=3, minute=0),
        },
    },
    "broker_connection_retry_on_startup": True,
    "result_expires": 24 * 60 * 60,
    "task_acks_late": True,
    "task_publish_retry_policy": {"max_retries": 1},
    "task_reject_on_worker_lost": True,
    "task_soft_time_limit": 60,
    "task_time_limit": 90,
    "worker_prefetch_multiplier": 1,
}


def add_celery(app: Flask) -> None:
    """Give a shop a Celery of its own."""
    app.extensions["celery"] = made_for(app)


def made_for(app: Flask) -> Celery:
    """Make a Celery whose tasks run inside a shop's context."""

    class InApp(Task[..., Any]):
        """A task of the shop."""

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            """Run with a database session of its own, and a trace."""
            sent = self.request.headers or {}
            with app.app_context(), span(self.name, sent, SpanKind.CONSUMER):
                return self.run(*args, **kwargs)

    made: Celery = Celery(task_cls=InApp, set_as_current=False)
    made.conf.update(
        SETTINGS,
        broker_url=app.config["REDIS_URL"],
        broker_transport_options=TIMEOUTS,
        result_backend=app.config["REDIS_URL"],
        redis_socket_connect_timeout=TIMEOUTS.get("socket_connect_timeout"),
        redis_socket_timeout=TIMEOUTS.get("socket_timeout"),
    )
    return made


def celery() -> Celery:
    """Give the Celery of the shop at work."""
    found: Celery = current_app.extensions["celery"]
    return found


def hand_over(
    task: Task[[int], None], number: int, job: str | None = None
) -> None:
    """Queue a task of this shop; wait for nothing but the queue."""
    own = celery().tasks[task.name]
    trace: dict[str, str] = {}
    W3C.inject(trace)
    with denied_join_result():
        own.apply_async((number,), task_id=job, headers=trace)


def has_failed(job: str) -> bool:
    """Tell whether a task has given up."""
    return celery().AsyncResult(job).failed()


SETTINGS |= {
    "worker_hijack_root_logger": False,
    "worker_redirect_stdouts": False,
}
