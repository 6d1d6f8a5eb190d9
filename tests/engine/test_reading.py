"""Text that is not meant as text: formats decided once on all values, missing markers, and what nobody can know."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.case import load_case
from monitor.engine import Workspace, init_case, open_workspace
from monitor.errors import CaseError, SourceError
from monitor.vocabulary import Kind

N = 400


def _write(
    folder: Path, reference: dict[str, Sequence[Any]], production: dict[str, Sequence[Any]], *, suffix: str = "csv", more: str = ""
) -> Path:
    for name, columns in (("reference", reference), ("production", production)):
        table = pd.DataFrame(columns)
        path = folder / f"{name}.{suffix}"
        if suffix == "csv":
            table.to_csv(path, index=False)
        else:
            table.to_parquet(path)
    (folder / "case.toml").write_text(
        f'[case]\nname = "texts"\ntask = "none"\n[data]\nreference = "reference.{suffix}"\nproduction = "production.{suffix}"\n{more}'
    )
    return folder


def _opened(folder: Path) -> Workspace:
    return open_workspace(load_case(folder))


def _values(workspace: Workspace, column: str, data: str = "reference") -> list[Any]:
    relation = workspace.source(data).relation
    return [row[0] for row in workspace.connection.execute(f'SELECT "{column}" FROM {relation}').fetchall()]


NUMBERS = np.random.default_rng(5).gamma(2, 900, N).round(2) + 1


def _grouped(number: float, thousands: str, decimal: str) -> str:
    return f"{number:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (lambda v: f"{v:.2f}%", "percent"),
        (lambda v: f"{v:.2f} %", "percent"),
        (lambda v: f"${v:,.2f}", "currency $"),
        (lambda v: f"{v:.2f} €", "unit €"),
        (lambda v: f"EUR {v:.2f}", "currency EUR"),
        (lambda v: _grouped(v, ",", "."), "number"),
        (lambda v: _grouped(v, ".", ","), "decimal comma"),
        (lambda v: _grouped(v, " ", ","), "decimal comma"),
        (lambda v: _grouped(v, "\u202f", ","), "decimal comma"),
        (lambda v: _grouped(v, "'", "."), "number"),
        (lambda v: f"{v:.2f}kg", "unit kg"),
        (lambda v: f"{v:.2f} k€".replace(".", ","), "decimal comma, unit k€"),
        (lambda v: f"{v:.2f} Mio. €", "unit Mio. €"),
        (lambda v: f"{v:,.2f} Tsd. EUR", "unit Tsd. EUR"),
        (lambda v: _grouped(v, ".", ",") + " %", "decimal comma, percent"),
        (lambda v: f"US$ {v:,.2f}", "currency US$"),
        (lambda v: f"R$ {_grouped(v, '.', ',')}", "decimal comma, currency R$"),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_numbers_in_clothes_are_numbers(tmp_path: Path, written: Any, words: str, suffix: str) -> None:
    texts = [written(value) for value in NUMBERS]
    with _opened(_write(tmp_path, {"x": texts, "y": range(N)}, {"x": texts[::-1], "y": range(N)}, suffix=suffix)) as workspace:
        assert workspace.columns["x"].kind is Kind.NUMERIC
        assert _values(workspace, "x") == pytest.approx(NUMBERS.tolist())
        assert _values(workspace, "x", "production") == pytest.approx(NUMBERS[::-1].tolist())
        assert workspace.readings["x"].format == words
        assert any("'x' is read as numbers" in note.message for note in workspace.notes)


@pytest.mark.parametrize(
    "sign", [lambda v: f"-{v:,.2f}", lambda v: f"({v:,.2f})", lambda v: f"\u2212{v:,.2f}", lambda v: f"{v:.2f}-", lambda v: f"€{v:.2f}-"]
)
def test_negative_numbers_keep_their_sign(tmp_path: Path, sign: Any) -> None:
    texts = [sign(value) for value in NUMBERS]
    with _opened(_write(tmp_path, {"x": texts}, {"x": texts})) as workspace:
        assert _values(workspace, "x") == pytest.approx((-NUMBERS).tolist())


@pytest.mark.parametrize(
    ("written", "value"),
    [("34,20,410.5", 3420410.5), ("1,23,45,678", 12345678.0), ("1,5e+03", 1500.0), ("2.345,5E-1", 234.55), ("-1'234.5", -1234.5)],
)
def test_digits_are_set_apart_as_people_do(tmp_path: Path, written: str, value: float) -> None:
    with _opened(_write(tmp_path, {"x": [written] * 4}, {"x": [written] * 4})) as workspace:
        assert _values(workspace, "x") == [value] * 4


@pytest.mark.parametrize(
    "marker", ["NA", "N/A", "null", "NULL", "None", "\\N", "?", "-", "#N/A", "n.a.", "missing", "(leer)", "unbekannt", "#DIV/0!"]
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_marker_among_numbers_is_a_missing_value(tmp_path: Path, marker: str, suffix: str) -> None:
    texts = [marker if i % 10 == 3 else f"{value:.2f}" for i, value in enumerate(NUMBERS)]
    with _opened(_write(tmp_path, {"x": texts}, {"x": texts}, suffix=suffix)) as workspace:
        assert workspace.columns["x"].kind is Kind.NUMERIC
        found = _values(workspace, "x")
        assert [value is None for value in found] == [i % 10 == 3 for i in range(N)]
        assert workspace.readings["x"].markers == (marker,)
        assert repr(marker) in workspace.notes[0].message


def test_the_markers_of_both_sets_count_even_where_only_one_has_them(tmp_path: Path) -> None:
    plain = [f"{value:.2f}" for value in NUMBERS]
    marked = ["NA" if i % 5 == 0 else text for i, text in enumerate(plain)]
    with _opened(_write(tmp_path, {"x": plain}, {"x": marked})) as workspace:
        assert workspace.columns["x"].kind is Kind.NUMERIC
        assert sum(value is None for value in _values(workspace, "x", "production")) == N / 5
        assert not any(value is None for value in _values(workspace, "x"))


def test_levels_that_look_like_markers_stay_levels(tmp_path: Path) -> None:
    countries = ["NA", "DE", "None", "-"] * (N // 4)
    with _opened(_write(tmp_path, {"x": countries}, {"x": countries})) as workspace:
        assert set(_values(workspace, "x")) == {"NA", "DE", "None", "-"}
        assert workspace.columns["x"].kind is Kind.CATEGORICAL


def test_what_is_nobodys_level_is_missing_in_a_csv(tmp_path: Path) -> None:
    levels = ["NULL", "DE", "AT", "\\N"] * (N // 4)
    with _opened(_write(tmp_path, {"x": levels}, {"x": levels})) as workspace:
        assert set(_values(workspace, "x")) == {None, "DE", "AT"}


def test_a_case_may_name_markers_and_switch_the_usual_ones_off(tmp_path: Path) -> None:
    columns = {"x": ["DE", "xx"] * (N // 2), "n": [-999, *range(1, N)], "v": ["NA", *map(str, range(1, N // 2))] + ["NA"] * (N // 2)}
    more = 'missing = ["xx", -999]\n'
    with _opened(_write(tmp_path, columns, columns, more=more)) as workspace:
        assert set(_values(workspace, "x")) == {"DE", None}
        assert _values(workspace, "n")[0] is None
        assert _values(workspace, "v")[0] is None
    with _opened(_write(tmp_path, columns, columns, more="missing = []\n")) as workspace:
        assert _values(workspace, "n")[0] == -999
        assert _values(workspace, "v")[0] == "NA"


def test_levels_that_are_numbers_with_a_few_words_stay_levels(tmp_path: Path) -> None:
    levels = ["1", "2", "3+"] * 133 + ["1"]
    with _opened(_write(tmp_path, {"x": levels}, {"x": levels})) as workspace:
        assert set(_values(workspace, "x")) == {"1", "2", "3+"}


def test_numbers_with_leading_zeros_are_names(tmp_path: Path) -> None:
    levels = [f"{i % 50:05d} x" if i % 9 == 0 else f"{i % 50:05d}" for i in range(N)]
    with _opened(_write(tmp_path, {"x": levels}, {"x": levels}, suffix="parquet")) as workspace:
        assert workspace.columns["x"].kind is Kind.CATEGORICAL


DAYS = pd.date_range("2024-01-01", periods=N, freq="7h")


@pytest.mark.parametrize(
    "format_",
    [
        "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%m/%d/%Y %I:%M %p", "%d %b %Y", "%b %d, %Y", "%d-%b-%y",
        "%Y/%m/%d %H:%M", "%d/%m/%Y %H:%M:%S.%f", "%d/%b/%Y:%H:%M:%S", "%d/%m/%y", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%d %B %Y", "%Y.%m.%d",
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_dates_are_read_in_any_common_order(tmp_path: Path, format_: str, suffix: str) -> None:
    texts = list(DAYS.strftime(format_))
    right = pd.to_datetime(pd.Series(texts), format=format_)
    folder = _write(tmp_path, {"t": texts, "v": range(N)}, {"t": texts, "v": range(N)}, suffix=suffix, more='[roles]\ntimestamp = "t"\n')
    with _opened(folder) as workspace:
        local = workspace.schema.time("reference")
        found = [row[0] for row in workspace.connection.execute(f"SELECT {local} FROM {workspace.source('reference').relation}").fetchall()]
        assert [pd.Timestamp(moment) for moment in found] == list(right)


_BOTH = ("reference", "production")
_NAMES = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "de short": "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "jan fev mar abr mai jun jul ago set out nov dez",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ru short": "янв февр мар апр май июн июл авг сент окт нояб дек",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
    "en": "January February March April May June July August September October November December",
}


@pytest.mark.parametrize(
    ("language", "written", "told"),
    [
        ("de", "{d:02d} {m} {y}", ""), ("de", "Montag, {d}. {m} {y} um 10:30", ""), ("de short", "{d:02d}-{m}-{s}", ""),
        ("es", "{d} de {m} de {y}", ""), ("fr", "{d}er {m} {y} 10:30", ""), ("it", "{d} {m} {y}", ""), ("pt", "{d:02d}/{m}/{y}", ""),
        ("en", "{m} {d}th, {y}", ""), ("en", "Monday, {m} {d:02d}, {y}", ""), ("es", "{d} de {m} de {y}", "%d de %B de %Y"),
        ("de", "{d}. {m} {y}", "%d. %B %Y"), ("ru", "{d} {m} {y}", ""), ("ru", "{d} {m} {y} г.", ""),
        ("ru short", "{d} {m}. {y} 10:30", ""), ("tr", "{d} {m} {y}", ""),
    ],
)  # fmt: skip
def test_months_are_read_in_other_languages(tmp_path: Path, language: str, written: str, told: str) -> None:
    days, names = pd.date_range("2024-01-15", periods=60, freq="6D"), _NAMES[language].split()
    texts = [written.format(d=day.day, m=names[day.month - 1], y=day.year, s=day.strftime("%y")) for day in days]
    more = '[roles]\ntimestamp = "t"\n' + (f'[formats]\nt = "{told}"\n' if told else "")
    columns = {"t": texts, "v": range(60)}
    with _opened(_write(tmp_path, columns, columns, more=more)) as workspace:
        assert [pd.Timestamp(value).normalize() for value in _values(workspace, "t")] == list(days)


@pytest.mark.parametrize("named", ["reference", "production"])
def test_one_data_set_may_name_months_and_the_other_not(tmp_path: Path, named: str) -> None:
    days, names = pd.date_range("2024-01-15", periods=120, freq="3D"), _NAMES["de"].split()
    texts = {
        data: [f"{day.day}. {names[day.month - 1]} {day.year}" if data == named else str(day.date()) for day in days] for data in _BOTH
    }
    columns = [{"t": texts[data], "v": range(120)} for data in _BOTH]
    with _opened(_write(tmp_path, *columns, more='[roles]\ntimestamp = "t"\n')) as workspace:
        assert [[pd.Timestamp(value) for value in _values(workspace, "t", data)] for data in _BOTH] == [list(days)] * 2


@pytest.mark.parametrize("production", [lambda v: _grouped(v, ".", ",") + " €", lambda v: f"{v:.2f}".replace(".", ",")])
def test_numbers_that_two_systems_write_in_two_ways_are_told(tmp_path: Path, production: Any) -> None:
    both = [{"x": [f"{value:.2f}" for value in NUMBERS]}, {"x": [production(value) for value in NUMBERS]}]
    with _opened(_write(tmp_path, *both, suffix="parquet")) as workspace:
        assert [note.message[:69] for note in workspace.notes] == ["'x' holds numbers that the data sets write in different ways ('number"]


MOMENT = pd.Timestamp("2024-01-14 15:04:05")
EXPORTED = [
    ("BigQuery", "2024-01-14 15:04:05 UTC"), ("Snowflake", "2024-01-14 07:04:05.000 -0800"), ("Postgres", "2024-01-14 15:04:05.000+00"),
    ("Oracle", "14-JAN-24 03.04.05.000000 PM"), ("C", "Sun Jan 14 15:04:05 2024"), ("the shell", "Sun Jan 14 15:04:05 UTC 2024"),
    ("HTTP", "Sun, 14 Jan 2024 15:04:05 GMT"), ("a browser", "Sun Jan 14 2024 16:04:05 GMT+0100 (Central European Standard Time)"),
    ("basic ISO", "20240114T150405Z"), ("Python", "2024-01-14 15:04:05,000"), ("Db2", "2024-01-14-15.04.05.000000"),
    ("a form", "14.01.2024, 15:04:05 Uhr"), ("a dash", "14/01/2024 - 15:04:05"), ("p.m.", "01/14/2024 3:04:05 p.m."),
    ("glued", "01/14/2024 3:04:05PM"), ("CET", "2024-01-14 16:04:05 CET"), ("CEST", "2024-01-14 17:04:05 CEST"),
    ("EST", "14 Jan 2024 10:04:05 EST"), ("Japan", "2024年01月14日"), ("an hour", "2024-01-14 15"), ("SQL Server", "Jan 14 2024  3:04PM"),
    ("SAS", "14JAN2024:15:04:05"), ("SAS's fractions", "14JAN2024:15:04:05.00"), ("SAS's days", "14JAN2024"), ("SAS's DATE7.", "14jan24"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "written"), EXPORTED, ids=[name for name, _ in EXPORTED])
def test_times_are_read_as_systems_export_them(tmp_path: Path, name: str, written: str) -> None:
    columns = {"t": [written] * 4, "v": range(4)}
    with _opened(_write(tmp_path, columns, columns, more='[roles]\ntimestamp = "t"\n')) as workspace:
        local = workspace.schema.time("production")
        found = workspace.connection.execute(f"SELECT max({local}) FROM {workspace.source('production').relation}").fetchall()[0][0]
    whole = {"Japan": "D", "SAS's days": "D", "SAS's DATE7.": "D", "an hour": "h", "SQL Server": "min"}.get(name, "s")
    assert pd.Timestamp(found) == MOMENT.floor(whole)


@pytest.mark.parametrize(
    ("before", "after"),
    [("%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M:%S"), ("%d.%m.%Y", "%d.%m.%y"), ("%m/%d/%Y", "%d %b %Y %H:%M"), ("%Y-%m-%d", "%Y/%m/%d %H:%M")],
)
def test_two_systems_may_write_dates_in_two_orders(tmp_path: Path, before: str, after: str) -> None:
    columns = [{"t": DAYS.strftime(format_), "v": range(N)} for format_ in (before, after)]
    with _opened(_write(tmp_path, *columns, more='[roles]\ntimestamp = "t"\n')) as workspace:
        for data, format_ in (("reference", before), ("production", after)):
            right = list(pd.to_datetime(pd.Series(DAYS.strftime(format_)), format=format_))
            assert [pd.Timestamp(value) for value in _values(workspace, "t", data)] == right


def test_orders_that_can_be_mistaken_are_never_taken_together(tmp_path: Path) -> None:
    columns = [{"t": DAYS.strftime(format_), "v": range(N)} for format_ in ("%d/%m/%Y", "%m/%d/%Y")]
    with _opened(_write(tmp_path, *columns)) as workspace:
        assert workspace.readings["t"].apart == ("%d/%m/%Y", "%m/%d/%Y")
        assert not workspace.readings["t"].changes
        told = "'t' holds dates whose day and month the data sets write in different ways ('%d/%m/%Y' and '%m/%d/%Y')"
        assert [note.message[: len(told)] for note in workspace.notes] == [told]


def test_init_says_the_cause_of_two_orders_not_a_format_that_fits_one(tmp_path: Path) -> None:
    columns = [{"created_at": DAYS.strftime(format_), "v": range(N)} for format_ in ("%d/%m/%Y", "%m/%d/%Y")]
    _write(tmp_path, *columns)
    made = init_case([tmp_path / "reference.csv", tmp_path / "production.csv"], tmp_path / "case")
    told = [one for one in made.unsure if one.startswith("created_at: ")]
    assert any("day and month the data sets write in different ways" in one for one in told)
    assert not any("no format that is known" in one for one in told)
    (tmp_path / "other").mkdir()
    with pytest.raises(SourceError, match="The timestamp: 'created_at' holds dates whose day and month"):
        _opened(_write(tmp_path / "other", *columns, more='[roles]\ntimestamp = "created_at"\n'))


@pytest.mark.parametrize("marked", [(True, True), (False, True), (True, False)])
@pytest.mark.parametrize(("word", "missing"), [("NA", True), ("?", True), ("unknown", False)])
def test_true_and_false_with_a_marker_are_no_levels(tmp_path: Path, marked: tuple[bool, bool], word: str, missing: bool) -> None:
    sides = [{"x": [word if some and i % 10 == 3 else "True" if i % 3 else "False" for i in range(N)], "v": range(N)} for some in marked]
    folder = _write(tmp_path, *sides)
    made = init_case([tmp_path / "reference.csv", tmp_path / "production.csv"], tmp_path / "case")
    assert any(one.startswith("'x' is read as true or false; ") for one in made.read) == missing
    for opened in (_opened(folder), open_workspace(load_case(tmp_path / "case"))):
        with opened as workspace:
            assert (workspace.columns["x"].types == {"reference": "BOOLEAN", "production": "BOOLEAN"}) == missing
            if missing:
                assert [value is None for value in _values(workspace, "x")] == [marked[0] and i % 10 == 3 for i in range(N)]
                assert not [one for one in (*workspace.skipped, *workspace.notes) if one.reason == "type_changed"]


@pytest.mark.parametrize("word", ["offen", "0000-00-00", "n/a"])
def test_a_word_among_dates_is_a_missing_value(tmp_path: Path, word: str) -> None:
    texts = [word if i % 5 == 3 else text for i, text in enumerate(DAYS.strftime("%d/%m/%Y"))]
    with _opened(_write(tmp_path, {"t": texts, "v": range(N)}, {"t": texts, "v": range(N)})) as workspace:
        assert [value is None for value in _values(workspace, "t")] == [i % 5 == 3 for i in range(N)]
        assert workspace.readings["t"].markers == (word,)


def test_the_order_of_a_date_is_decided_on_the_values_of_both_sets(tmp_path: Path) -> None:
    """Twelve days of March in month/day order could be twelve months; the reference knows better."""
    reference = list(pd.date_range("2024-01-01", periods=60).strftime("%m/%d/%Y"))
    production = list(pd.date_range("2024-03-01", periods=12).strftime("%m/%d/%Y"))
    columns = [{"t": days, "v": range(len(days))} for days in (reference, production)]
    with _opened(_write(tmp_path, *columns, more='[roles]\ntimestamp = "t"\n')) as workspace:
        assert {value.month for value in _values(workspace, "t", "production")} == {3}
        assert workspace.readings["t"].format == "%m/%d/%Y"


def test_a_date_that_nobody_can_know_is_asked_not_guessed(tmp_path: Path) -> None:
    days = list(pd.date_range("2024-03-01", periods=12).strftime("%m/%d/%Y"))
    columns = {"t": days, "v": range(12)}
    folder = _write(tmp_path, columns, columns, more='[roles]\ntimestamp = "t"\n')
    with pytest.raises(SourceError, match=r't = "%[dm]/%[dm]/%Y" or t = "%[dm]/%[dm]/%Y"'):
        _opened(folder)
    (folder / "case.toml").write_text((folder / "case.toml").read_text() + '[formats]\nt = "%m/%d/%Y"\n')
    with _opened(folder) as workspace:
        assert {value.month for value in _values(workspace, "t")} == {3}


@pytest.mark.parametrize("written", ["%y-%m-%d", "%d-%m-%y", "%y/%m/%d %H:%M", "%d.%m.%y"])
def test_a_year_of_two_digits_is_no_day(tmp_path: Path, written: str) -> None:
    columns = {"t": list(DAYS.strftime(written)), "v": range(N)}
    with _opened(_write(tmp_path, columns, columns, more='[roles]\ntimestamp = "t"\n')) as workspace:
        assert workspace.readings["t"].format == written
        assert {value.year for value in _values(workspace, "t")} == {2024}


@pytest.mark.parametrize("days", [pd.date_range("2025-01-05", periods=12), pd.date_range("2025-01-01", periods=24, freq="MS")])
def test_a_year_that_may_be_a_day_is_asked(tmp_path: Path, days: pd.DatetimeIndex) -> None:
    columns = {"t": days.strftime("%y-%m-%d"), "v": range(len(days))}
    with pytest.raises(SourceError, match='t = "%d-%m-%y" or t = "%y-%m-%d"'):
        _opened(_write(tmp_path, columns, columns, more='[roles]\ntimestamp = "t"\n'))


def test_init_lists_both_readings_and_chooses_none(tmp_path: Path) -> None:
    days = list(pd.date_range("2024-03-01", periods=12).strftime("%m/%d/%Y"))
    _write(tmp_path, {"t": days, "v": range(12)}, {"t": days, "v": range(12)})
    made = init_case([tmp_path / "reference.csv", tmp_path / "production.csv"], tmp_path / "case")
    text = made.path.read_text()
    assert '# t = "%m/%d/%Y"' in text
    assert 't = "%d/%m/%Y"' in text
    assert load_case(made.path).formats == {}
    assert any("can be read as" in doubt for doubt in made.unsure)


def test_init_writes_down_how_text_was_read(tmp_path: Path) -> None:
    texts = {"when": list(DAYS.strftime("%d/%m/%Y %H:%M")), "rate": [f"{v:.2f}%" for v in NUMBERS]}
    _write(tmp_path, texts, texts)
    made = init_case([tmp_path / "reference.csv", tmp_path / "production.csv"], tmp_path / "case")
    case = load_case(made.path)
    assert case.formats == {"when": "%d/%m/%Y %H:%M", "rate": "percent"}
    assert case.roles.timestamp == "when"
    assert len(made.read) == 2


def test_a_format_that_fits_nothing_is_an_error_with_what_was_seen(tmp_path: Path) -> None:
    days = list(DAYS.strftime("%d/%m/%Y"))
    folder = _write(tmp_path, {"t": days}, {"t": days}, more='[formats]\nt = "%Y-%m-%d"\n')
    with pytest.raises(SourceError, match=r"fits none of the 800 values .*'01/01/2024'"):
        _opened(folder)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("comma", "decimal comma"),
        ("%Q", "is no strptime format"),
        ("%d/%m/%Y | ", "'' in .* is no strptime format"),
        ("100%", "is no strptime"),
    ],
)
def test_a_format_that_is_none_names_what_there_is(tmp_path: Path, words: str, told: str) -> None:
    folder = _write(tmp_path, {"t": ["a"] * 5}, {"t": ["a"] * 5}, more=f'[formats]\nt = "{words}"\n')
    with pytest.raises(CaseError, match=told):
        _opened(folder)


def test_values_that_do_not_fit_are_missing_and_said(tmp_path: Path) -> None:
    texts = [f"{value:.2f}%" for value in NUMBERS]
    texts[7] = "broken1"
    with _opened(_write(tmp_path, {"x": texts}, {"x": texts})) as workspace:
        assert _values(workspace, "x")[7] is None
        assert "2 values such as 'broken1' do not fit" in workspace.notes[0].message


def test_offsets_are_kept(tmp_path: Path) -> None:
    texts = [f"{moment:%d/%m/%Y %H:%M} +0200" for moment in DAYS]
    folder = _write(tmp_path, {"t": texts, "v": range(N)}, {"t": texts, "v": range(N)}, more='[roles]\ntimestamp = "t"\n')
    with _opened(folder) as workspace:
        local = workspace.schema.time("reference")
        first = workspace.connection.execute(f"SELECT min({local}) FROM {workspace.source('reference').relation}").fetchall()[0][0]
        assert first == DAYS[0] - pd.Timedelta(hours=2)


@pytest.mark.parametrize(("reference", "production"), [(1, 1_000), (1_000, 1), (1_000_000, 1_000), (1, 1_000_000_000)])
def test_unix_time_in_another_unit_is_the_same_time(tmp_path: Path, reference: int, production: int) -> None:
    seconds = (DAYS - pd.Timestamp(0)) // pd.Timedelta(seconds=1)
    columns = [{"t": seconds * factor, "v": range(N)} for factor in (reference, production)]
    with _opened(_write(tmp_path, *columns, suffix="parquet", more='[roles]\ntimestamp = "t"\n')) as workspace:
        ends = []
        for data in ("reference", "production"):
            local = workspace.schema.time(data)
            relation = workspace.source(data).relation
            ends.append(workspace.connection.execute(f"SELECT min({local}), max({local}) FROM {relation}").fetchone())
        assert ends[0] == ends[1] == (DAYS[0], DAYS[-1])
        assert any(note.reason == "unit_changed" for note in workspace.skipped) == (reference != production)


@pytest.mark.parametrize("dated", ["reference", "production"])
def test_unix_time_on_one_side_is_the_date_of_the_other(tmp_path: Path, dated: str) -> None:
    columns = {
        data: {"t": [f"{day.isoformat()}Z" for day in DAYS] if data == dated else DAYS.as_unit("ms").astype("int64"), "v": range(N)}
        for data in ("reference", "production")
    }
    with _opened(_write(tmp_path, **columns, more='[roles]\ntimestamp = "t"\n')) as workspace:
        for data in columns:
            found = workspace.connection.execute(f"SELECT {workspace.schema.time(data)} FROM {workspace.source(data).relation}").fetchall()
            assert [one for (one,) in found] == list(DAYS)
        assert [note.reason for note in workspace.skipped] == ["unit_changed"]


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["12.5%", "7", "8 %", "40%", "1.5%"], [12.5, 7, 8, 40, 1.5]),
        (["12,5%", "7,25", "8%", "40%", "1,5"], [12.5, 7.25, 8, 40, 1.5]),
        (["$1,200.50", "7", "-$3", "9.5", "$2"], [1200.5, 7, -3, 9.5, 2]),
        (["3 km", "7", "8.5km", "1 km", "2 km"], [3, 7, 8.5, 1, 2]),
        (["1\u00a0234,50 zł", "12 zł", "0,5 zł", "3 zł", "4 zł"], [1234.5, 12, 0.5, 3, 4]),
        (["1 234 Kč", "12 Kč", "5 Kč", "3 Kč", "4 Kč"], [1234, 12, 5, 3, 4]),
        (["3 ‰", "7 ‰", "8.5 ‰", "1 ‰", "2 ‰"], [3, 7, 8.5, 1, 2]),
        (["3 м²", "7 м²", "8,5 м²", "1 м²", "2 м²"], [3, 7, 8.5, 1, 2]),
        (["12.5%", "0.07", "8%", "40%", "1.5%"], None),
        (["12b", "7", "8b", "40b", "1b"], None),
        (["12 kg", "7", "8 g", "40 kg", "1 kg"], None),
    ],
)
def test_numbers_with_and_without_what_they_wear(tmp_path: Path, texts: list[str], values: list[float] | None) -> None:
    columns = {"x": texts * 20, "i": range(100)}
    with _opened(_write(tmp_path, columns, columns)) as workspace:
        assert _values(workspace, "x")[:5] == (values or texts)
        if values and any(one[-1] in "0123456789" for one in texts):
            assert "are taken for the same" in workspace.notes[0].message


@pytest.mark.parametrize("written", ["SKU{}", "LOT {}", "GRP{}", "AAL{}", "{}A", "{}AB/C"])
def test_codes_are_no_numbers_in_clothes(tmp_path: Path, written: str) -> None:
    texts = [written.format(i % 40 + 1).replace("AB/C", "BCA"[i % 3]) for i in range(N)]
    _write(tmp_path, {"x": texts, "i": range(N)}, {"x": texts, "i": range(N)})
    made = init_case([tmp_path / "reference.csv", tmp_path / "production.csv"], tmp_path / "case")
    assert next(one.kind for one in made.guesses if one.column == "x") in (Kind.CATEGORICAL, Kind.TEXT)
    assert any(one.startswith("x: numbers with a letter behind") for one in made.unsure) == (written[-1] == "A")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("marker", ["", "NA"])
def test_codes_like_powers_of_ten_are_doubted(tmp_path: Path, suffix: str, marker: str) -> None:
    columns = {
        "x": [marker if marker and i % 10 == 5 else f"{i % 9 + 11}E{i % 4}" for i in range(N)],
        "few": [f"{i + 10}" if i % 40 else "12E3" for i in range(N)],
        "e": [f"{i}.5e+03" for i in range(N)],
    }
    _write(tmp_path, columns, columns, suffix=suffix)
    made = init_case([tmp_path / f"reference.{suffix}", tmp_path / f"production.{suffix}"], tmp_path / "case")
    assert [str(one.kind) for one in made.guesses] == ["categorical", "numeric", "numeric"]
    assert [
        one
        for one in made.unsure
        if "has values such as 11E0, which are read as codes. If they are powers of ten (11E0 as 11), write x = " in one
    ]
    assert [
        one
        for one in made.unsure
        if "has values such as 12E3, which are read as powers of ten (12E3 as 12000). If they are codes, write few = " in one
    ]
    assert not [one for one in made.unsure if "'e'" in one]


@pytest.mark.parametrize("sign", [".", ","])
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_three_digits_behind_every_sign_are_doubted(tmp_path: Path, sign: str, suffix: str) -> None:
    numbers = [f"{i % 9 + 1}{sign}{i + 100}" if i % 3 else str(850 - i) for i in range(N)]
    folder = _write(tmp_path, {"x": numbers, "i": range(N)}, {"x": numbers, "i": range(N)}, suffix=suffix)
    made = init_case([tmp_path / f"reference.{suffix}", tmp_path / f"production.{suffix}"], tmp_path / "case")
    assert any("All values could be read as decimal comma too" in one for one in made.unsure)
    value = float(numbers[1].replace(",", ""))
    with _opened(folder) as workspace:
        assert _values(workspace, "x")[1] == value
    (folder / "case.toml").write_text((folder / "case.toml").read_text() + '[formats]\nx = "decimal comma"\n')
    with _opened(folder) as workspace:
        assert _values(workspace, "x")[1] == (2101 if sign == "." else 2.101)


def test_a_decimal_of_the_other_set_settles_what_the_point_is(tmp_path: Path) -> None:
    grouped = [f"{i % 9 + 1}.{i + 100}" for i in range(N)]
    other = [f"{one}5" for one in grouped]
    with _opened(_write(tmp_path, {"x": grouped, "i": range(N)}, {"x": other, "i": range(N)})) as workspace:
        assert _values(workspace, "x")[1] == 2.101
        assert not [note for note in (*workspace.notes, *workspace.skipped) if "comma" in note.message or note.reason == "type_changed"]


@pytest.mark.parametrize("percent", ["reference", "production"])
@pytest.mark.parametrize(("part", "doubted"), [(100, True), (1, False)])
def test_percent_beside_parts_of_1_are_two_scales(tmp_path: Path, percent: str, part: int, doubted: bool) -> None:
    whole = [5 + i % 90 for i in range(N)]
    columns = {
        data: {"x": [f"{one}%" for one in whole] if data == percent else [one / part for one in whole], "i": range(N)}
        for data in ("reference", "production")
    }
    folder = _write(tmp_path, **columns)
    made = init_case([tmp_path / "reference.csv", tmp_path / "production.csv"], tmp_path / "case")
    assert any("5% to 94% in " in one and "0.05 to 0.94 in " in one for one in made.unsure) == doubted
    for case in (folder, tmp_path / "case"):
        with _opened(case) as workspace:
            assert any(note.what == "x" and note.reason == "unit_changed" for note in workspace.notes) == doubted


@pytest.mark.parametrize("worn", [("{} k€", "{}"), ("{}", "$ {}"), ("{} kg", "{} kg")])
def test_a_unit_on_one_side_alone_is_said(tmp_path: Path, worn: tuple[str, str]) -> None:
    columns = [{"x": [one.format(5 + i % 90) for i in range(N)], "i": range(N)} for one in worn]
    with _opened(_write(tmp_path, *columns)) as workspace:
        told = [note.message for note in workspace.notes if note.reason == "unit_changed"]
    assert [one.partition(";")[0] for one in told] == {
        "{} k€": ["'x' is written with k€ in the reference and without in production"],
        "{}": ["'x' is written with $ in production and without in the reference"],
    }.get(worn[0], [])


def test_nothing_but_blanks_is_no_level(tmp_path: Path) -> None:
    columns = {"x": ["yes", "no", "  ", "maybe"] * 5, "i": range(20)}
    with _opened(_write(tmp_path, columns, columns)) as workspace:
        assert _values(workspace, "x")[:4] == ["yes", "no", None, "maybe"]
        assert workspace.notes[0].message == "'x': nothing but blanks stands for a missing value."


def test_text_in_several_parquet_files_keeps_its_files(tmp_path: Path) -> None:
    (tmp_path / "production").mkdir()
    for i in range(3):
        pd.DataFrame({"x": [f"{i}.5%"] * (i + 2), "i": [i] * (i + 2)}).to_parquet(tmp_path / "production" / f"{i}.parquet")
    pd.DataFrame({"x": ["1.5%", "2%"], "i": [0, 0]}).to_parquet(tmp_path / "reference.parquet")
    (tmp_path / "case.toml").write_text(
        '[case]\nname = "t"\ntask = "none"\n[data]\nreference = "reference.parquet"\nproduction = "production/*.parquet"\n'
    )
    with _opened(tmp_path) as workspace:
        for i in range(3):
            part = workspace.part("production", f"{i}.parquet")
            relation = workspace.relation("production", ordered=True)
            own = f'"@driftscope.file" = {part.file} AND "@driftscope.row"'
            sql = f'SELECT DISTINCT i, x FROM {relation} WHERE {own} >= {part.first} AND "@driftscope.row" < {part.last}'
            assert workspace.connection.execute(sql).fetchall() == [(i, i + 0.5)]
