"""A circuit breaker that all processes share."""

import logging
from contextlib import suppress
from typing import Any

from pybreaker import (
    STATE_CLOSED,
    STATE_HALF_OPEN,
    CircuitBreaker,
    CircuitBreakerError,
    CircuitBreakerListener,
    CircuitBreakerState,
    CircuitRedisStorage,
)
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

FAILURES = 5
RESET_SECONDS = 30
REDIS_SECONDS = 0.5
log = logging.getLogger(__name__)


class SharedStorage(CircuitRedisStorage):
    """Failures that time forgets, or a trial that succeeds."""

    def _initialize_redis_state(self, state: str) -> None:
        """Start with Redis or without it."""
        with suppress(RedisError):
            super()._initialize_redis_state(state)

    def increment_counter(self) -> None:
        """Count a failure for so long."""
        super().increment_counter()
        with suppress(RedisError):
            self._redis.expire(
                self._namespace("fail_counter"), RESET_SECONDS, nx=True
            )

    def reset_counter(self) -> None:
        """Keep the failures while closed, whatever is answered between."""
        if self.state != STATE_CLOSED:
            super().reset_counter()


class Watch(CircuitBreakerListener):
    """Log what a breaker does, and let one call pass on trial."""

    def __init__(self, redis: Redis, seconds: float) -> None:
        """Take what all processes share, and how long a trial may take."""
        self.redis = redis
        self.milliseconds = int(seconds * 1000)

    def before_call(
        self, cb: CircuitBreaker, func: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Refuse a second call on trial, which counts as no failure."""
        if cb.current_state == STATE_HALF_OPEN and not self.claim(cb.name):
            raise CircuitBreakerError("Another call is on trial")

    def claim(self, name: str | None) -> bool:
        """Be the one call on trial, or one of many while Redis is down."""
        with suppress(RedisError):
            trial = f"{name}:trial"
            return bool(
                self.redis.set(trial, 1, nx=True, px=self.milliseconds)
            )
        return True

    def failure(self, cb: CircuitBreaker, exc: BaseException) -> None:
        """Name the kind of a failure, for its words may hold anything."""
        log.warning("breaker %s: %s", cb.name, type(exc).__name__)

    def state_change(
        self,
        cb: CircuitBreaker,
        old_state: CircuitBreakerState | None,
        new_state: CircuitBreakerState,
    ) -> None:
        """Tell which breaker changed to what."""
        log.warning("breaker %s: %s", cb.name, named(new_state))


def build(
    name: str, redis_url: str, outage: type[Exception], seconds: float
) -> CircuitBreaker:
    """Build a breaker that one kind of exception opens, and no other."""
    redis = Redis.from_url(
        redis_url,
        socket_timeout=REDIS_SECONDS,
        socket_connect_timeout=REDIS_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    storage = SharedStorage(STATE_CLOSED, redis, namespace=name)
    return CircuitBreaker(
        fail_max=FAILURES,
        reset_timeout=RESET_SECONDS,
        exclude=[lambda error: not isinstance(error, outage)],
        listeners=[Watch(redis, seconds)],
        state_storage=storage,
        name=name,
        throw_new_error_on_trip=False,
    )


def named(state: CircuitBreakerState) -> str:
    """Give the name of a state, which prints as an address."""
    return state.name
