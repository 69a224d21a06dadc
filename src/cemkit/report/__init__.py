"""The report: one HTML file that opens without a network.

>>> import cemkit as cem
>>> store, _ = cem.simulate.telecom(customers=300, months=6)
>>> import tempfile, pathlib
>>> path = cem.report.write(store, pathlib.Path(tempfile.mkdtemp()) / "report.html")
>>> path.name
'report.html'
"""

from cemkit.report.section import Block, Call, Column, Finding, Picture, Row, Section, Table, Tile
from cemkit.report.write import compose, write

__all__ = ["Block", "Call", "Column", "Finding", "Picture", "Row", "Section", "Table", "Tile", "compose", "write"]
