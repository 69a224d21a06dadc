"""The English sentences of assumptions: satisfaction."""

from __future__ import annotations

__all__ = ["SENTENCES"]

SENTENCES: dict[str, str] = {
    # csi: index, gaps, Kano, penalties
    "equivalence-margin": "Penalty and reward count as alike where they differ by less than {margin:.4g} in the outcome's units.",
    "items-answered": "{rows} respondents answered some items only; theirs is the mean of the items they answered.",
    "kano-questionable": "{answers} answers are questionable (they contradict themselves); they count in no coefficient.",
    "observed-bounds": "No scale was declared; the bounds are those of the answers observed, {low:g} to {high:g}.",
    "one-sided-groups": "{groups} group(s) that only one side has were left out, since nothing stands against them.",
    "paired-differences": "Gaps are perceived less expected of the same respondents; intervals use the pairing.",
    "pairs-missing": (
        "{pairs} pairs lack an answer on one side or both and are missing for that item alone, taken as missing at random."
    ),
    "rows-complete": "{used} of {rows} rows are complete; the others were left out and are taken as missing at random.",
    "top-after-the-fact": (
        "The top two categories were chosen for being the top, so their p-value is too small; read the bootstrap probability of being top."
    ),
    "two-populations": "{provider} answers of the provider and {customers} of customers; the two samples are taken as independent.",
    # drivers and path models
    "association-not-effect": "Parts of R² are associations; what a change of an item would bring about they do not say.",
    "bootstrap-percentile": "Limits are percentiles of {replicates} resamples of the respondents or clusters (seed {seed}).",
    "calibration-fixed": "Weights calibrated to the margins of {columns} are held fixed in the resamples, so intervals are rather wide.",
    "collinear-drivers": (
        "Items overlap: the variance inflation reaches {vif:.1f} ({item!r}), so how their common part is divided is fragile."
    ),
    "complete-rows": "{rows} of {total} rows ({share:.1%}) answer all {columns} columns; the others are left out, as missing at random.",
    "correlation-given": "A correlation matrix was given, so the number of respondents, the probe and intervals are not known.",
    "declared-bounds": "The index uses the declared bounds of the scale and weights in the items' own units.",
    "improper-resamples": "{improper} resamples were improper and {stuck} did not converge; they are left out of the limits.",
    "improper-solution": (
        "The solution is improper (a reliability, loading or R² beyond its bounds): the model does not suit these items."
    ),
    "negative-weights": "{items} weigh negatively, so that an index can leave 0 to 100; perhaps they were asked the other way round.",
    "no-resamples": "No intervals are shown, as no resamples were asked for: bootstrap=1000 makes them.",
    "relative-cuts": "Lines at the {rule} of the items always leave something to fix first, however well all items do.",
    "sampled-orders": "With {items} items the LMG is the mean over 2000 random orders and their reverses (seed {seed}).",
    "singular-resamples": "{replicates} resamples had constant or perfectly collinear items and are left out of the limits.",
}
