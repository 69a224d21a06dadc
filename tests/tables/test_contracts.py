from __future__ import annotations

import pytest
from pydantic import BaseModel, Field

from cemkit.errors import CemkitError
from cemkit.model import Channel, Customer, Experience, Response, Touchpoint, Transaction
from cemkit.tables.contracts import TABLES, contract_for, contract_of


def test_each_model_gives_its_columns() -> None:
    for name, model in TABLES.items():
        contract = contract_of(model)
        assert contract.table == name
        assert set(contract.columns) == set(model.model_fields) - {"attributes"}


def test_keys_and_required_columns() -> None:
    assert contract_of(Customer).key == "customer_id"
    assert contract_of(Touchpoint).key == "touchpoint_id"
    assert contract_of(Response).key is None
    assert contract_of(Touchpoint).required == ("touchpoint_id", "name", "stage")
    assert contract_of(Transaction).required == ("customer_id", "occurred_at", "amount")


def test_types_ranges_and_choices() -> None:
    response = contract_of(Response)
    assert response.field("weight").low == 0
    assert response.field("customer_id").kind == "id"
    assert response.field("score").nullable
    assert not response.field("question").nullable
    assert not response.field("question").required
    assert response.field("answered_at").kind == "time"
    assert contract_of(Experience).field("kind").choices == ("typical", "critical", "unique")
    assert contract_of(Channel).field("online").kind == "truth"


def test_the_wide_answers_have_no_contract() -> None:
    assert contract_for("answers") is None
    assert contract_for("customers") == contract_of(Customer)


def test_own_model() -> None:
    class Visit(BaseModel):
        visit_id: str = Field(min_length=1)
        minutes: float = Field(ge=0, le=1440)

    contract = contract_of(Visit, table="visits", key="visit_id")
    assert contract.field("minutes").high == 1440
    assert contract.table == "visits"


def test_a_type_that_no_column_has() -> None:
    class Basket(BaseModel):
        items: list[str]

    with pytest.raises(CemkitError, match=r"Basket.items has the type list\[str\]"):
        contract_of(Basket)


def test_unknown_column_of_a_contract() -> None:
    with pytest.raises(CemkitError, match=r"no column 'scor'.*Did you mean 'score'"):
        contract_of(Response).field("scor")
