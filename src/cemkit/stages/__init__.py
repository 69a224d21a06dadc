"""Stages: the journey seen in stages, kinds and channels."""

__all__: list[str] = []
