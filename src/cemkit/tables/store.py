"""The tables of one study together, lazily held, with its design, its journey map and its scales."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import narwhals.stable.v2 as nw
from pydantic import ValidationError

from cemkit.errors import CemkitError, ColumnError, ContractError, did_you_mean
from cemkit.model import DEFAULT_STAGES, TELECOM_STAGES, Customer, Journey, JourneyMap, Stage
from cemkit.scales import Scale
from cemkit.tables.binding import Bound, bind, collect, column_names
from cemkit.tables.contracts import TABLES
from cemkit.tables.design import Design, as_design
from cemkit.tables.joining import join_by_key
from cemkit.tables.records import customer_record, journey_records, rows_of, stage_rows
from cemkit.tables.references import StoreCheck, check_store
from cemkit.tables.wide_survey import WideSurvey
from cemkit.typing import Frame

__all__ = ["ExperienceStore"]

_NAMES = (*TABLES, "answers")


class ExperienceStore:
    """The tables of one study.

    Parameters
    ----------
    customers, touchpoints, experiences, responses, transactions
        Frames of any engine, in the form of :class:`cemkit.model.Customer`, ``Touchpoint``, ``Experience``,
        ``Response`` and ``Transaction``. They are held as they are: nothing is copied or read.
    answers
        The wide survey: a row per respondent, a column per question.
    journey_map
        The company's map; built from ``touchpoints`` where it is not given.
    design
        How the answers were drawn.
    groups
        Columns of responses or customers that a report should group by.
    scales
        Rating scales by question, and of the ratings of experiences under ``"experiences"``.
    survey
        What the columns of ``answers`` are: expected, perceived, the outcome.

    Raises
    ------
    CemkitError
        If there is no table, one is not a frame, or ``survey`` names a column that ``answers`` does not have.

    Examples
    --------
    >>> import pandas as pd
    >>> people = pd.DataFrame({"customer_id": ["a", "b"], "segment": ["new", "old"]})
    >>> answers = pd.DataFrame({"customer_id": ["a", "b", "b"], "score": [9, 3, 10]})
    >>> store = ExperienceStore(customers=people, responses=answers)
    >>> store.tables
    ('customers', 'responses')
    >>> store.join("responses", customers=["segment"])["segment"].tolist()
    ['new', 'old', 'old']
    >>> store.check().ok
    True
    """

    def __init__(
        self,
        customers: Frame | None = None,
        touchpoints: Frame | None = None,
        experiences: Frame | None = None,
        responses: Frame | None = None,
        transactions: Frame | None = None,
        *,
        answers: Frame | None = None,
        journey_map: JourneyMap | None = None,
        design: Design | None = None,
        groups: Sequence[str] = (),
        scales: Mapping[str, Scale] | None = None,
        survey: WideSurvey | None = None,
    ) -> None:
        given = (customers, touchpoints, experiences, responses, transactions, answers)
        self._bound: dict[str, Bound] = {
            name: bind(frame, what=name) for name, frame in zip(_NAMES, given, strict=True) if frame is not None
        }
        self._native: dict[str, Frame] = {
            name: frame for name, frame in zip(_NAMES, given, strict=True) if frame is not None
        }
        if not self._bound:
            msg = f"a store needs at least one table: {', '.join(_NAMES)}"
            raise CemkitError(msg)
        if journey_map is not None and not isinstance(journey_map, JourneyMap):
            msg = f"journey_map must be a cemkit.model.JourneyMap, got {type(journey_map).__name__}"
            raise CemkitError(msg)
        self._journey_map = journey_map
        self._design = as_design(design)
        self._scales = dict(scales or {})
        self._groups = column_names(groups, argument="groups")
        self._survey = self._checked(survey)

    def _checked(self, survey: WideSurvey | None) -> WideSurvey | None:
        if survey is None:
            return None
        if not isinstance(survey, WideSurvey):
            msg = f"survey must be a cemkit.WideSurvey, got {type(survey).__name__}"
            raise CemkitError(msg)
        if "answers" not in self._bound:
            msg = f"survey says what the columns of answers are, and the store has only {', '.join(self.tables)}: give answers="
            raise CemkitError(msg)
        survey.require(self._bound["answers"].schema)
        return survey

    @property
    def groups(self) -> tuple[str, ...]:
        """Columns that a report should group by; empty where the study names none."""
        return self._groups

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that the store has."""
        return tuple(self._bound)

    @property
    def engine(self) -> str:
        """The engine of the tables, or ``"mixed"``."""
        engines = {bound.engine for bound in self._bound.values()}
        return engines.pop() if len(engines) == 1 else "mixed"

    def has(self, name: str) -> bool:
        """Return whether the store has a table, or a ``journey_map`` or ``design``."""
        if name == "journey_map":
            return self._journey_map is not None or self.has("touchpoints")
        if name == "design":
            return self._design is not None
        if name not in _NAMES:
            msg = f"a store never has a table {name!r}.{did_you_mean(name, _NAMES)} There can be {', '.join(_NAMES)}"
            raise CemkitError(msg)
        return name in self._bound

    def table(self, name: str) -> Frame:
        """Return a table as it was given."""
        if not self.has(name) or name not in self._native:
            msg = f"the store has no table {name!r}; it has {', '.join(self.tables)}"
            raise CemkitError(msg)
        return self._native[name]

    @property
    def customers(self) -> Frame:
        """The customers, a row each."""
        return self.table("customers")

    @property
    def touchpoints(self) -> Frame:
        """The touchpoints, a row each."""
        return self.table("touchpoints")

    @property
    def experiences(self) -> Frame:
        """The experiences, a row each."""
        return self.table("experiences")

    @property
    def responses(self) -> Frame:
        """The survey's responses, a row for each answer to a question."""
        return self.table("responses")

    @property
    def transactions(self) -> Frame:
        """The transactions, a row each."""
        return self.table("transactions")

    @property
    def answers(self) -> Frame:
        """The wide survey, a row for each respondent."""
        return self.table("answers")

    @property
    def design(self) -> Design | None:
        """How the answers were drawn; None where the study says nothing."""
        return self._design

    @property
    def scales(self) -> dict[str, Scale]:
        """Rating scales by question, and of experiences under ``"experiences"``."""
        return dict(self._scales)

    @property
    def survey(self) -> WideSurvey | None:
        """What the columns of the wide survey are; None where the study says nothing."""
        return self._survey

    @property
    def journey_map(self) -> JourneyMap:
        """The company's map: as given, or built from the touchpoints where their stages have a known order.

        Raises
        ------
        CemkitError
            If there is neither map nor touchpoints, or the order of the touchpoints' stages is not known.
        """
        if self._journey_map is not None and (self._journey_map.touchpoints or not self.has("touchpoints")):
            return self._journey_map
        if not self.has("touchpoints"):
            there = ", ".join(self.tables)
            msg = f"the store has no journey map: give journey_map=, or a table of touchpoints; it has {there}"
            raise CemkitError(msg)
        rows, order = stage_rows(self._bound["touchpoints"])
        name = "journey" if self._journey_map is None else self._journey_map.name
        stages = _stages(self._journey_map, order, [str(row["stage"]) for row in rows])
        try:
            return JourneyMap.model_validate({"name": name, "stages": stages, "touchpoints": rows})
        except ValidationError as error:
            reason = error.errors()[0]
            msg = f"touchpoints make no journey map: {reason['msg'].removeprefix('Value error, ')}"
            raise ContractError(msg) from None

    def check(self) -> StoreCheck:
        """Check every table against its contract, and the tables against each other, each in its own engine.

        Returns
        -------
        StoreCheck
            ``.ok``, ``.violations``, ``.notes`` (experiences after the customer left) and ``.to_frame()``.
        """
        return check_store(self._bound, self._journey_map, self._scales, self._design)

    def join(
        self,
        table: str,
        *,
        customers: str | Iterable[str] | None = None,
        touchpoints: str | Iterable[str] | None = None,
    ) -> Frame:
        """Add columns of the customers or touchpoints to a table, by their key and in the table's engine.

        Parameters
        ----------
        table
            The table that gets the columns; it keeps its rows, and a row without a match gets nulls.
        customers, touchpoints
            The columns to add.

        Raises
        ------
        CemkitError
            If a key is missing or repeated in ``customers`` or ``touchpoints`` (rows would multiply), a column is
            absent or is there already, or the tables are of different engines.
        """
        self.table(table)
        left = self._bound[table]
        for other, wanted in (("customers", customers), ("touchpoints", touchpoints)):
            if wanted is not None:
                self.table(other)
                names = column_names(wanted if isinstance(wanted, str) else tuple(wanted), argument=other)
                left = join_by_key(left, self._bound[other], table=table, other=other, columns=names)
        eager = isinstance(nw.from_native(self._native[table], pass_through=True), nw.DataFrame)
        frame = left.frame
        return (frame.collect() if eager and isinstance(frame, nw.LazyFrame) else frame).to_native()

    def customer(self, customer_id: str | int) -> Customer:
        """Return one customer; columns that the record does not know are its ``attributes``."""
        self.table("customers")
        rows = rows_of(self._bound["customers"], customer_id)
        if not rows:
            known = [
                str(v) for v in collect(self._bound["customers"].frame.select("customer_id").head(1000))["customer_id"]
            ]
            msg = f"no customer has customer_id={customer_id!r}.{did_you_mean(customer_id, known)}"
            raise CemkitError(msg)
        if len(rows) > 1:
            msg = f"{len(rows)} rows of customers have customer_id={customer_id!r}: keep one row for each customer_id"
            raise ContractError(msg)
        return customer_record(rows[0])

    def journeys(self, customer_id: str | int) -> tuple[Journey, ...]:
        """Return the journeys of one customer: one for each ``journey_id``, else all experiences as one."""
        self.table("experiences")
        rows = rows_of(self._bound["experiences"], customer_id)
        return journey_records(rows, self.journey_map if self._map_is_known() else None)

    def _map_is_known(self) -> bool:
        try:
            return bool(self.journey_map.stages)
        except CemkitError:
            return False

    def __repr__(self) -> str:
        parts = [", ".join(self.tables)]
        if self._design is not None:
            parts.append("design")
        if self._journey_map is not None:
            parts.append("journey map")
        return f"ExperienceStore({'; '.join(parts)}; {self.engine})"


def _stages(given: JourneyMap | None, order: Mapping[str, int] | None, used: list[str]) -> tuple[Stage, ...]:
    if given is not None:
        return given.stages
    if order is not None:
        return tuple(Stage(name=name, order=place) for name, place in order.items())
    for ready in (DEFAULT_STAGES, TELECOM_STAGES):
        if set(used) <= {stage.name for stage in ready}:
            return ready
    names = ", ".join(dict.fromkeys(used))
    msg = (
        f"the order of the touchpoints' stages ({names}) is not known: give journey_map=, a column "
        "stage_order in touchpoints, or [journey_map] stages = [...] in the mapping"
    )
    raise ColumnError(msg)
