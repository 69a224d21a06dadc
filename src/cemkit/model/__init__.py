"""The domain of customer experience, in pydantic: frozen records that round-trip through JSON."""

from cemkit.model.customer import Customer, Transaction
from cemkit.model.experience import Aspect, Experience, Kind, Response, Valence
from cemkit.model.journey import Journey
from cemkit.model.journey_map import (
    DEFAULT_STAGES,
    TELECOM_STAGES,
    Channel,
    JourneyMap,
    Stage,
    Touchpoint,
)

__all__ = [
    "DEFAULT_STAGES",
    "TELECOM_STAGES",
    "Aspect",
    "Channel",
    "Customer",
    "Experience",
    "Journey",
    "JourneyMap",
    "Kind",
    "Response",
    "Stage",
    "Touchpoint",
    "Transaction",
    "Valence",
]
