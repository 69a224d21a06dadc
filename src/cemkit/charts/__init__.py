"""Altair charts from plain pandas tables."""
