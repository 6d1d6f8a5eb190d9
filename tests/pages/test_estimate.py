"""Where no label of production is there, the Overview says what is estimated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from tests.pages.seen import open_page, said


def test_the_overview_leads_with_the_estimate_where_no_label_is_there(shop: Path) -> None:
    production = pd.read_parquet(shop / "production.parquet")
    production.drop(columns="late").to_parquet(shop / "production.parquet")
    app = open_page("overview")
    assert not app.exception
    assert "No estimate is worse beyond chance; false positive rate lies between 0.46 and 0.66." in said(app)
    assert "No label is in yet: this is estimated without." in said(app)
    assert "Inputs and answers: " in said(app)  # that nothing of these changed is not that nothing did


def test_a_plan_is_offered_for_rows_that_wait(shop: Path) -> None:
    production = pd.read_parquet(shop / "production.parquet")
    production.assign(late=np.where(np.arange(len(production)) < 400, production["late"], np.nan)).to_parquet(shop / "production.parquet")
    app = open_page("estimate")
    assert not app.exception
    assert "200 rows have no label." in said(app)
