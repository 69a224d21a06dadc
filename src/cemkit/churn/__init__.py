"""Churn: who leaves, when, after which experiences, and how much of it each accounts for."""

__all__: list[str] = []
