"""The telecom company: segments, channels, and the twelve touchpoints with all that is true of them."""

from __future__ import annotations

from dataclasses import dataclass

from cemkit.model import TELECOM_STAGES, Aspect, Channel, JourneyMap, Touchpoint

__all__ = [
    "CANCELLATION",
    "CHANNELS",
    "EXPOSURE_DAYS",
    "HARMFUL",
    "MONTHLY",
    "SEGMENTS",
    "TOUCHPOINTS",
    "Profile",
    "Segment",
    "journey_map",
    "touchpoint_index",
]

EXPOSURE_DAYS = 90.0
"""A bad experience raises the hazard of leaving for this many days."""
CHANNELS: tuple[Channel, ...] = (
    Channel(name="shop", online=False),
    Channel(name="phone", online=False),
    Channel(name="web", online=True),
    Channel(name="app", online=True),
)
"""The four channels; the order is that of ``Segment.channels`` and ``Profile.bad_by_channel``."""


@dataclass(frozen=True)
class Segment:
    """What is true of a segment."""

    name: str
    """Name of the segment."""
    share: float
    """Share of the customers."""
    fee: float
    """Mean monthly fee."""
    mood: float
    """Shift of the latent answer to the recommendation question, in scale points."""
    invited: float
    """Share of the active customers that each wave of the survey invites."""
    online: float
    """Chance of being surveyed on the web, not by telephone."""
    involuntary: float
    """Hazard per 30 days of moving away or not paying."""
    purchases: float
    """Mean number of purchases in a week, beside the bills."""
    demand: float
    """Shift of what is expected of every dimension in the relationship survey, in scale points."""
    channels: tuple[float, float, float, float]
    """Preference for shop, phone, web, app."""


SEGMENTS: tuple[Segment, ...] = (
    Segment("consumer_young", 0.25, 24.0, -0.8, 0.08, 0.95, 0.0040, 0.030, 0.0, (0.10, 0.10, 0.25, 0.55)),
    Segment("consumer_family", 0.35, 48.0, 0.2, 0.06, 0.80, 0.0020, 0.022, 0.0, (0.25, 0.25, 0.25, 0.25)),
    Segment("consumer_senior", 0.20, 30.0, 0.3, 0.10, 0.45, 0.0030, 0.010, -0.3, (0.40, 0.40, 0.15, 0.05)),
    Segment("business", 0.20, 95.0, 0.8, 0.25, 0.75, 0.0015, 0.040, 0.5, (0.10, 0.45, 0.30, 0.15)),
)
"""The four segments."""


@dataclass(frozen=True)
class Profile:
    """A touchpoint of the company and what is true of it."""

    touchpoint_id: str
    """Key of the touchpoint."""
    name: str
    """The name that people see."""
    stage: str
    """Stage of ``TELECOM_STAGES``."""
    channel: str
    """Usual channel, which takes ``usual`` of the contacts; the rest follow the segment's preference."""
    aspect: Aspect
    """Rational or emotional."""
    bad: float
    """Chance that a contact is a bad experience, before the channel's factor."""
    monthly: float = 0.0
    """Chance of a contact in a calendar month, before the segment's factor."""
    joining: float = 0.0
    """Chance of a contact while joining."""
    joining_days: tuple[float, float] = (0.0, 0.0)
    """Between which days, counted from joining, the contact while joining happens."""
    extra: float = 0.0
    """Extra hazard of leaving per 30 days while a bad experience here lies within the last ``EXPOSURE_DAYS``."""
    mood: float = 0.0
    """Points that such a bad experience takes off the latent answer to the recommendation question."""
    strain: float = 0.0
    """The chance of a contact is multiplied by exp(strain · z)."""
    segments: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    """Factor on ``monthly`` by segment."""
    delight: float = 0.5
    """Chance that a contact that is not bad exceeds what was expected (where the scale has room)."""
    usual: float = 0.6
    """Share of the contacts in the usual channel."""
    complaints: float = 0.0
    """Chance that a bad experience becomes a complaint."""
    surveyed: float = 0.0
    """Chance that a contact is followed by the question about satisfaction."""
    effort: bool = False
    """Whether the effort is rated; where ``surveyed`` as well, the question about effort follows too."""
    bad_by_channel: tuple[float, float, float, float] = (0.8, 1.25, 1.0, 1.1)
    """Factor on ``bad`` in shop, phone, web, app."""


TOUCHPOINTS: tuple[Profile, ...] = (
    Profile("advert", "Advertisement", "discover", "web", "emotional", 0.05, joining=0.60, joining_days=(-30.0, -10.0)),
    Profile("tariff_pages", "Tariff pages", "discover", "web", "rational", 0.08, joining=0.50,
            joining_days=(-12.0, -4.0)),
    Profile("shop_advice", "Advice in the shop", "consult", "shop", "emotional", 0.15, monthly=0.08, joining=0.70,
            joining_days=(-4.0, -0.1), segments=(0.7, 1.0, 1.5, 0.6), surveyed=0.10),
    Profile("activation", "Activation", "activate", "shop", "rational", 0.12, joining=0.95, joining_days=(0.05, 5.0),
            extra=0.025, mood=1.2, delight=0.4, surveyed=0.25, effort=True),
    Profile("welcome_call", "Welcome call", "activate", "phone", "emotional", 0.05, joining=0.50,
            joining_days=(5.0, 25.0), delight=0.7, usual=1.0),
    Profile("network", "Network quality", "use", "app", "rational", 0.10, monthly=0.25, extra=0.020, mood=1.0,
            delight=0.3, complaints=0.2),
    Profile("app", "Self-care app", "use", "app", "rational", 0.08, monthly=0.25, extra=0.010, mood=0.7,
            segments=(1.4, 1.1, 0.5, 0.8), delight=0.45, usual=0.85),
    Profile("billing", "Bill", "bill", "web", "rational", 0.12, monthly=0.20, extra=0.030, mood=1.3, delight=0.2,
            complaints=0.4, surveyed=0.04, effort=True),
    Profile("reminder", "Payment reminder", "bill", "app", "rational", 0.05, monthly=0.50, delight=0.1),
    Profile("support", "Customer support", "support", "phone", "emotional", 0.25, monthly=0.10, extra=0.040, mood=1.8,
            strain=0.5, segments=(0.8, 1.0, 1.1, 1.3), complaints=0.6, surveyed=0.20, effort=True),
    Profile("renewal_offer", "Renewal offer", "renew", "phone", "emotional", 0.15, monthly=0.02, extra=0.015, mood=0.8,
            surveyed=0.15),
    Profile("cancellation", "Cancellation", "cancel", "phone", "rational", 0.50, delight=0.2, usual=0.7, effort=True),
)  # fmt: skip
"""The twelve touchpoints in the order of the map. ``shop_advice`` and ``reminder`` annoy without making anybody leave;
``cancellation`` is part of leaving: it follows the decision and causes nothing. ``renewal_offer`` becomes
likely in the last month of each contract year."""


def touchpoint_index(touchpoint_id: str) -> int:
    """Return the place of a touchpoint in ``TOUCHPOINTS``."""
    return [profile.touchpoint_id for profile in TOUCHPOINTS].index(touchpoint_id)


MONTHLY: tuple[int, ...] = tuple(i for i, profile in enumerate(TOUCHPOINTS) if profile.monthly > 0)
"""Touchpoints that are met month by month."""
HARMFUL: tuple[int, ...] = tuple(i for i, profile in enumerate(TOUCHPOINTS) if profile.extra > 0)
"""Touchpoints at which bad experiences raise the hazard of leaving."""
CANCELLATION = touchpoint_index("cancellation")
"""The touchpoint that is part of leaving."""


def journey_map() -> JourneyMap:
    """Return the company's map.

    Examples
    --------
    >>> from cemkit.simulate.company import journey_map
    >>> journey_map().stage_of("support").order
    6
    """
    return JourneyMap(
        name="telecom",
        stages=TELECOM_STAGES,
        touchpoints=tuple(
            Touchpoint(
                touchpoint_id=profile.touchpoint_id,
                name=profile.name,
                stage=profile.stage,
                channel=profile.channel,
                aspect=profile.aspect,
            )
            for profile in TOUCHPOINTS
        ),
    )
