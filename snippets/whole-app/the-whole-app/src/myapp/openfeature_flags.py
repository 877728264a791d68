"""The flags of the shop, behind the interface of OpenFeature."""

from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import TargetingKeyMissingError
from openfeature.flag_evaluation import FlagResolutionDetails
from openfeature.provider.in_memory_provider import (
    InMemoryFlag,
    InMemoryProvider,
)

from .flags import Flag, is_on

DOMAIN = "myapp"


class FlagError(LookupError):
    """A flag could not be decided."""


def decided(flag: Flag) -> InMemoryFlag[bool]:
    """Let the settings of the shop at work decide a flag."""

    def decide(
        _: InMemoryFlag[bool], context: EvaluationContext
    ) -> FlagResolutionDetails[bool]:
        if not context.targeting_key:
            raise TargetingKeyMissingError("no user")
        return FlagResolutionDetails(is_on(flag, context.targeting_key))

    return InMemoryFlag("decided", {}, context_evaluator=decide)


def init_app() -> None:
    """Give OpenFeature the flags, and wait until it has them."""
    provider = InMemoryProvider({flag: decided(flag) for flag in Flag})
    api.set_provider_and_wait(provider, DOMAIN)


def has_feature(name: str, user: str) -> bool:
    """Ask OpenFeature for a flag, and raise what it only notes."""
    client = api.get_client(DOMAIN)
    context = EvaluationContext(user)
    found = client.get_boolean_details(name, False, context)
    if found.error_code:
        raise FlagError(f"{name}: {found.error_code}")
    return found.value
