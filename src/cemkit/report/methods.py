"""How we know: the method, the assumptions and the Python call of every number; and what was left out."""

from __future__ import annotations

from collections.abc import Sequence

from cemkit.report.context import Context
from cemkit.report.section import Block, Call, Section

__all__ = ["describe_method", "methods_section"]


def methods_section(context: Context, sections: Sequence[Section], left_out: Sequence[tuple[str, str]]) -> Section:
    """Return the last section, from the calls of all others."""
    t = context.texts
    setup = Call(
        t("methods.setup"),
        "\n".join(
            ["import cemkit as cem", "", "store = cem.open_store(...)", *([context.setup] if context.setup else [])]
        ),
        "",
    )
    blocks = [Block("", t("methods.start"), codes=(setup,))]
    blocks += [Block(section.title, codes=section.calls) for section in sections if section.calls]
    if left_out:
        blocks.append(
            Block(
                t("methods.left-out"),
                items=tuple(t("methods.without", title=title, reason=reason) for title, reason in left_out),
            )
        )
    return Section("methods", t("methods.title"), t("methods.sentence", level=context.level_shown), tuple(blocks))


def describe_method(context: Context, name: str) -> str:
    """Return a method's name in words."""
    return context.texts.name("method", name)
