"""Sixty answers that every program can make: the table of the golden numbers."""

from __future__ import annotations

import pandas as pd


def det60() -> pd.DataFrame:
    """Return 60 rows.

    In R: ``i <- 1:60; d <- data.frame(score=pmin(10, (i^3+2*i)%%11+3), w=1+i%%4, st=ifelse(i<=30,"A","B"),
    cl=ceiling(i/5), g=i%%3, N=ifelse(i<=30,10,8)); d$v <- ifelse(d$score>=9, 100, ifelse(d$score>=7, 0, -100))``.
    """
    i = pd.Series(range(1, 61))
    table = {
        "i": i,
        "score": ((i**3 + 2 * i) % 11 + 3).clip(upper=10),
        "w": 1 + i % 4,
        "st": i.map(lambda k: "A" if k <= 30 else "B"),
        "cl": (i + 4) // 5,
        "g": i % 3,
        "N": i.map(lambda k: 10 if k <= 30 else 8),
        "r1": (1 + i % 4) * (1 + (i * 7) % 5 / 4),
        "r2": (1 + i % 4) * (1 + (i * 3) % 7 / 6),
        "r3": (1 + i % 4) * ((i * 11) % 4 + 1) / 2,
        "r4": (1 + i % 4) * ((i * 5) % 3 + 1),
    }
    return pd.DataFrame(table)
