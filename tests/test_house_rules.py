"""The rules of the house that no linter knows, held against every source file."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[1] / "src" / "cemkit"
FILES = sorted(SOURCES.rglob("*.py"))
MOST_LINES = 400
# Queries in Polars' and DuckDB's own words, which no other engine reads.
NATIVE = frozenset({"tables/native_rollup.py"})

# What may follow a column inside `.agg(...)`. Absent on purpose: `n_unique` (Dask adds up its partitions' uniques),
# `median` and `quantile` (approximate on PyArrow, absent on Dask), `first` and `last` (no order).
AGGREGATES = frozenset({"all", "any", "count", "len", "max", "mean", "min", "sum"})
# Where a median is taken only on Polars, DuckDB and Spark, which have exact ones; an oracle test holds it.
EXACT_MEDIANS = {"tables/transitions.py": "nw.col('_m').median()"}
BARE_ROOTS = frozenset({"col", "len", "max", "mean", "min", "sum"})


def named(path: Path) -> str:
    return path.relative_to(SOURCES).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield every imported module and its line, at any depth of the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def imports_of(path: Path, *packages: str) -> list[str]:
    return [f"{named(path)}:{line}: {name}" for name, line in imported(tree_of(path)) if name.split(".")[0] in packages]


class Bareness:
    """Decide whether an expression inside `.agg(...)` is nothing but aggregated bare columns."""

    def __init__(self, tree: ast.Module) -> None:
        self.functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        self.scopes: dict[ast.AST, ast.AST] = {}
        self._visit(tree, tree)

    def _visit(self, node: ast.AST, scope: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            self.scopes[child] = scope
            self._visit(child, child if isinstance(child, ast.FunctionDef) else scope)

    def is_bare(self, node: ast.expr) -> bool:
        match node:
            case ast.Starred(value=value):
                return self.is_bare(value)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return all(map(self.is_bare, elements))
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
                return self.is_bare(element)
            case ast.IfExp(body=body, orelse=orelse):
                return self.is_bare(body) and self.is_bare(orelse)
            case ast.BinOp(left=ast.List() | ast.ListComp() | ast.Name() as left, op=ast.Add(), right=right):
                return self.is_bare(left) and self.is_bare(right)
            case ast.Name(id=name):
                return self._name_is_bare(name, self.scopes[node])
            case ast.Call(func=ast.Name(id=name)) if name in self.functions:
                returned = [n.value for n in ast.walk(self.functions[name]) if isinstance(n, ast.Return) and n.value]
                return bool(returned) and all(map(self.is_bare, returned))
            case ast.Call():
                return self._chain_is_bare(node)
        return False

    def _name_is_bare(self, name: str, scope: ast.AST) -> bool:
        """Check everything that the scope puts under this name."""
        values: list[ast.expr] = []
        for node in ast.walk(scope):
            match node:
                case ast.Assign(targets=[ast.Name(id=found)], value=value) if found == name:
                    values.append(value)
                case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as value) if found == name:
                    values.append(value)
                case ast.AugAssign(target=ast.Name(id=found), value=value) if found == name:
                    values.append(value)
                case ast.Call(func=ast.Attribute(value=ast.Name(id=found), attr="append" | "extend"), args=[value]) if (
                    found == name
                ):
                    values.append(value)
        return bool(values) and all(map(self.is_bare, values))

    @staticmethod
    def _chain_is_bare(call: ast.Call) -> bool:
        """`nw.col(...)`, one aggregate, perhaps an alias; or `nw.len()`, `nw.sum("x")`, perhaps an alias."""
        methods: list[str] = []
        node: ast.expr = call
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if isinstance(node.func.value, ast.Name):
                root = node.func.attr
                break
            methods.append(node.func.attr)
            node = node.func.value
        else:
            return False
        methods.reverse()
        if methods and methods[-1] == "alias":
            methods.pop()
        if root == "col":
            return len(methods) == 1 and methods[0] in AGGREGATES
        return root in BARE_ROOTS and not methods


def crooked_aggregates(tree: ast.Module) -> list[tuple[int, str]]:
    """Return line and text of whatever stands inside `.agg(...)` and is not an aggregated bare column."""
    bareness = Bareness(tree)
    return [
        (argument.lineno, ast.unparse(argument))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "agg"
        for argument in [*node.args, *(keyword.value for keyword in node.keywords)]
        if not bareness.is_bare(argument)
    ]


@pytest.mark.parametrize(
    "source",
    [
        "frame.group_by(k).agg(nw.col('w').sum())",
        "frame.group_by(k).agg(nw.col('w').sum().alias('sw'), n=nw.len())",
        "frame.group_by(k).agg(nw.len().alias('n'), nw.sum('w'))",
        "frame.group_by(k).agg(*[nw.col(c).max() for c in columns])",
        "frame.group_by(k).agg(nw.col(*columns).sum())",
        "def f():\n    sums = [nw.col('w').sum()]\n    sums.append(nw.len())\n    return frame.group_by(k).agg(*sums)",
        "def f():\n    return [nw.col('w').sum()]\nframe.agg(*f())",
        "frame.agg(nw.len(), *([nw.col('w').sum()] + [nw.col('v').min()]))",
    ],
)
def test_bare_columns_are_let_through(source: str) -> None:
    assert crooked_aggregates(ast.parse(source)) == []


@pytest.mark.parametrize(
    "source",
    [
        "frame.group_by(k).agg(nw.when(p).then(w).otherwise(0).sum())",
        "frame.group_by(k).agg(nw.coalesce('a', 'b').sum())",
        "frame.group_by(k).agg(nw.sum_horizontal('a', 'b').sum())",
        "frame.group_by(k).agg((nw.col('v') * nw.col('w')).sum())",
        "frame.group_by(k).agg(nw.col('v').fill_null(0).sum())",
        "frame.group_by(k).agg(nw.col('u').n_unique())",
        "frame.group_by(k).agg(nw.col('u').median())",
        "frame.group_by(k).agg(nw.col('v').sum() / nw.len())",
        "frame.group_by(k).agg(n=nw.when(p).then(w).sum())",
        "def f(sums):\n    return frame.group_by(k).agg(*sums)",
        "def f():\n    sums = [nw.when(p).then(w).sum()]\n    return frame.group_by(k).agg(*sums)",
        "def f():\n    sums = []\n    sums.append((nw.col('v') > 0).sum())\n    return frame.group_by(k).agg(*sums)",
    ],
)
def test_anything_else_is_caught(source: str) -> None:
    assert len(crooked_aggregates(ast.parse(source))) == 1


def test_only_aggregated_bare_columns_stand_inside_agg() -> None:
    # On pandas, PyArrow and Dask a `when(...)` inside `.agg(...)` is ignored without a word.
    found = [
        f"{named(path)}:{line}: {text}"
        for path in FILES
        if named(path).startswith("tables/") and named(path) not in NATIVE
        for line, text in crooked_aggregates(tree_of(path))
        if EXACT_MEDIANS.get(named(path)) != text
    ]
    assert found == [], "compute it in with_columns first, then aggregate the column"


def test_only_tables_import_narwhals() -> None:
    found = [hit for path in FILES if not named(path).startswith("tables/") for hit in imports_of(path, "narwhals")]
    assert found == []


def test_statistics_import_no_frames() -> None:
    frames = ("narwhals", "pandas", "polars", "pyarrow", "duckdb")
    found = [hit for path in FILES if named(path).startswith("statistics/") for hit in imports_of(path, *frames)]
    assert found == []


def test_no_file_is_too_long() -> None:
    lengths = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: length for name, length in lengths.items() if length > MOST_LINES} == {}


def test_nothing_prints() -> None:
    found = [
        f"{named(path)}:{node.lineno}"
        for path in FILES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == []


def test_import_is_light() -> None:
    heavy = ("scipy.stats", "statsmodels", "altair", "polars", "duckdb", "pyspark", "dask", "sklearn", "matplotlib")
    code = f"import sys, cemkit; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
