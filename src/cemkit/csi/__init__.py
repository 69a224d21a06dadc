"""Customer satisfaction: the index, gaps, what drives it, and what to fix first."""

from cemkit.csi.drivers import Drivers, drivers

__all__ = ["Drivers", "drivers"]
