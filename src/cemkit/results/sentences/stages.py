"""The English sentences of assumptions: stages."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
    # consistency of channels
    "adjusted-for-mix": (
        "Channels are compared at each touchpoint's own mix of {columns}, by regression on their main effects; the mix is taken as it is."
    ),
    "channels-as-sample": "Tau takes the channels as a sample of many with normal true means; the spread is that of these channels alone.",
    "channels-left-out": "{channels} channels of touchpoints have fewer than {least} answers or no variance, and take no part.",
    "no-order": "Changes of channel were not looked at: that needs a journey or customer, and times in {column!r}.",
    "no-switching": (
        "Changes of channel have no interval where rows with a time, answers or clusters are too few, or cells too many to compare at once."
    ),
    "rows-without-channel": "{rows} rows without {over!r} or {unit!r} are left out.",
    "steps-without-order": "{rows} rows without a time or a journey are left out where changes of channel are counted.",
    "switching-is-association": (
        "Changes of channel are those from one step of a {journey!r} to the next; who changes often does so for a reason, "
        "so that the difference is an association."
    ),
    "units-not-compared": "{units} touchpoints have a single usable channel, or customers that no other channel has, and are not compared.",
    # segments
    "held-out-folds": (
        "Every row is predicted by its segment's mean in the other parts of {folds}; gains are those of means of that many rows."
    ),
    "unknown-segments": "Rows without a segment ({names}) are a segment of their own.",
    "one-segment": "There is one segment ({chosen}): no division of these rows describes them better, so there is nothing to tell apart.",
    "profiles-given-assignment": (
        "Shares and profiles hold the assignment of rows to segments fixed; they do not say how sure the borders are, which stability does."
    ),
    "skewed-features": "Skewed features ({features}): a mixture also spends components on a long tail; take logarithms first.",
    "unstable-segments": "Segments {segments} do not come back in resamples (Jaccard below {limit:g}) and are not to be trusted.",
}
