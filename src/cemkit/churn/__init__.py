"""Churn: who leaves, when, after which experiences, and how much of it each accounts for."""

from cemkit.churn.path_attribution import PathAttribution, path_attribution

__all__ = ["PathAttribution", "path_attribution"]
