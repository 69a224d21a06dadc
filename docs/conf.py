"""Sphinx configuration."""

from __future__ import annotations

import shutil
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

VERSION_FILE = Path(__file__).parents[1] / "src" / "cemkit" / "_version.py"

# The notebooks live beside the documentation; their pages are made of copies, executed here.
(Path(__file__).parent / "notebooks").mkdir(exist_ok=True)
for notebook in (Path(__file__).parents[1] / "notebooks").glob("*.ipynb"):
    shutil.copy(notebook, Path(__file__).parent / "notebooks" / notebook.name)

project = "cemkit"
author = "The cemkit developers"
copyright = "The cemkit developers"
release = VERSION_FILE.read_text(encoding="utf-8").split('"')[1]
version = release

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
]
exclude_patterns = ["_build", "_generated", "jupyter_execute", "Thumbs.db", ".DS_Store"]

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autosummary_generate = True
autosummary_ignore_module_all = False
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

# Other projects' inventories would need a network, so only references into cemkit itself are held to exist.
nitpicky = True
nitpick_ignore_regex = [
    ("py:.*", r"(?!cemkit\.).*"),
    ("py:.*", r"cemkit\..*\._.*"),
    # A concept's own file: what its folder exports is documented there.
    ("py:.*", r"cemkit\.(scores|tables|estimation|statistics)\.\w+(\.\w+)?"),
    ("py:.*", r"cemkit\.(rake|response_rate)"),
]
# Words of a docstring's type, such as "(low, high)", are not references to fields of that name.
suppress_warnings = ["ref.python"]

html_theme = "pydata_sphinx_theme"
html_title = f"cemkit {version}"
html_theme_options = {"navigation_with_keys": False, "secondary_sidebar_items": ["page-toc"]}
html_show_sourcelink = False
templates_path = ["_templates"]


def resolve_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: nodes.Element
) -> nodes.reference | None:
    """Find `cemkit.tables.design.Design`, as an annotation names it, where it is documented: `cemkit.tables.Design`."""
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py" or not target.startswith("cemkit."):
        return None
    parent, _, name = target.rpartition(".")
    objects = env.get_domain("py").objects
    found = [full for full in objects if full.rpartition(".")[2] == name and parent.startswith(full.rpartition(".")[0])]
    if len(found) != 1 or node.get("refdoc") is None:
        return None
    entry = objects[found[0]]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, found[0])


def setup(app: Sphinx) -> None:
    app.connect("missing-reference", resolve_public_name)
