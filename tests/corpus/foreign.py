"""Files as other teams and other programs write them, each with what its columns are."""

from __future__ import annotations

import bz2
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 900

Writer = Callable[[Path, pd.DataFrame], object]
Maker = Callable[[np.random.Generator, pd.DatetimeIndex], pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Foreign:
    """How rows at some times are made, how they are written, the columns as `role kind`, the task and what is asked (parts of doubts)."""

    name: str
    make: Maker
    write: Writer
    columns: Mapping[str, str]
    task: str
    asked: tuple[str, ...] = ()

    def written(self, folder: Path) -> list[Path]:
        """Write a reference and a production file; return their paths."""
        paths = []
        for data, start, seed in (("reference", "2025-01-01 06:10", 1), ("production", "2025-03-03 06:10", 2)):
            times = pd.date_range(start, periods=ROWS, freq="83min")
            paths.append(folder / f"{data}{self.name[self.name.index('.') :]}")
            self.write(paths[-1], self.make(np.random.default_rng(seed), times))
        return paths


def _comma(values: np.ndarray, digits: int = 2, thousands: str = "") -> list[str]:
    return [f"{value:,.{digits}f}".translate({ord(","): thousands or None, ord("."): ","}) for value in values]


def _logistic(values: np.ndarray) -> np.ndarray:
    return np.asarray(1 / (1 + np.exp(-values)))


def _csv(**options: object) -> Writer:
    def write(path: Path, table: pd.DataFrame) -> None:
        table.to_csv(path, index=False, **options)  # type: ignore[call-overload]

    return write


def _json_lines(path: Path, table: pd.DataFrame) -> None:
    lines = (json.dumps({name: value for name, value in row.items() if value is not None}) for row in table.to_dict("records"))
    path.write_text("\n".join(lines) + "\n")


def _bank(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    risk = rng.normal(-1, 1.2, ROWS)
    return pd.DataFrame(
        {
            "Antragsnummer": [f"{7_000_000 + i}" for i in range(ROWS)],
            "Antragsdatum": times.strftime("%d.%m.%Y %H:%M"),
            "Kreditbetrag": [f"{one} €" for one in _comma(rng.gamma(2, 6000, ROWS), 2, ".")],
            "Zinssatz": [f"{one} %" for one in _comma(rng.uniform(1, 9, ROWS), 2)],
            "Laufzeit": rng.choice([12, 24, 36, 48, 60, 84], ROWS),
            "Branche": rng.choice(["Handel", "Öffentlicher Dienst", "Industrie", "k. A."], ROWS),
            "Geschlecht": rng.choice(["m", "w", "d"], ROWS, p=[0.49, 0.49, 0.02]),
            "Ausfallwahrscheinlichkeit": _comma(_logistic(risk), 4),
            "Entscheidung": np.where(risk > 0, "abgelehnt", "bewilligt"),
            "Ausgefallen": np.where(rng.random(ROWS) < _logistic(risk), "ja", "nein"),
        }
    )


def _shop(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    score = rng.beta(2, 9, ROWS)
    bought = (rng.random(ROWS) < score).astype(float)
    return pd.DataFrame(
        {
            "eventTime": [f"{one.isoformat(timespec='milliseconds')}Z" for one in times],
            "sessionId": [f"{rng.integers(16**12):012x}" for _ in range(ROWS)],
            "userAgentFamily": rng.choice(["Chrome", "Safari", "Firefox", "Edge"], ROWS),
            "basketValue": np.round(rng.gamma(2, 30, ROWS), 2),
            "itemsInBasket": rng.poisson(3, ROWS),
            "isReturning": rng.random(ROWS) < 0.4,
            "coupon": [one if one != "-" else None for one in rng.choice(["SPRING", "VIP", "-"], ROWS, p=[0.1, 0.1, 0.8])],
            "modelVersion": "v2.3.1",
            "latencyMs": np.round(rng.gamma(4, 6, ROWS), 1),
            "purchaseProbability": np.round(score, 5),
            "purchased": [None if i > ROWS - 60 else bool(one) for i, one in enumerate(bought)],
        }
    ).astype({"purchased": object, "coupon": object})


def _sensors(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    wear = np.cumsum(rng.normal(0, 0.01, ROWS)) + 5
    return pd.DataFrame(
        {
            "ts": times.as_unit("ns") + pd.to_timedelta(rng.integers(0, 10**9, ROWS), unit="ns"),
            "machine": pd.Categorical(rng.choice(["press-1", "press-2", "press-3"], ROWS)),
            "temperature_c": rng.normal(71, 3, ROWS).astype("float32"),
            "vibration_rms": rng.gamma(3, 0.2, ROWS).astype("float16"),
            "rpm": rng.integers(900, 3000, ROWS).astype("uint16"),
            "door_open": rng.random(ROWS) < 0.05,
            "predicted_wear_mm": wear + rng.normal(0, 0.1, ROWS),
            "actual_wear_mm": np.where(np.arange(ROWS) % 4 == 0, wear, np.nan),
        }
    )


def _us(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    score = rng.beta(1, 20, ROWS)
    return pd.DataFrame(
        {
            "Transaction Date": times.strftime("%m/%d/%Y %I:%M:%S %p"),
            "Transaction ID": [f"T{100_000 + i}" for i in range(ROWS)],
            "Amount": [f"${value:,.2f}" for value in rng.gamma(1.5, 900, ROWS)],
            "Merchant Category": rng.choice(["Grocery", "Travel", "Fuel", "Online"], ROWS),
            "Zip": [f"{value:05d}" for value in rng.choice([501, 2134, 7030, 10001, 60601, 94105], ROWS)],
            "Card Present": rng.choice(["Y", "N"], ROWS),
            "Fraud Score": np.round(score * 1.0, 4),
            "Is Fraud": (rng.random(ROWS) < score).astype(int),
        }
    )


def _epochs(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    click = rng.beta(1, 15, ROWS)
    return pd.DataFrame(
        {
            "impression_ts": times.as_unit("ms").astype("int64"),
            "campaign_id": rng.choice([4411, 4412, 5120, 7001], ROWS),
            "bid": np.round(rng.gamma(2, 0.4, ROWS), 3),
            "device_os": rng.choice(["ios", "android", "web"], ROWS),
            "pctr": np.round(click, 6),
            "clicked": (rng.random(ROWS) < click).astype(int),
        }
    )


def _semicolons(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "date": times.strftime("%Y-%m-%d %H:%M:%S"),
            "surface_m2": _comma(rng.normal(70, 20, ROWS).clip(9), 1),
            "pieces": rng.integers(1, 7, ROWS),
            "code_postal": [f"{value:05d}" for value in rng.choice([1000, 6200, 13001, 33000, 69001, 75011], ROWS)],
            "prix_estime": _comma(rng.gamma(9, 35_000, ROWS), 2, " "),
            "y_pred": _comma(rng.gamma(9, 35_000, ROWS), 2, " "),
            "y_true": _comma(rng.gamma(9, 35_000, ROWS), 2, " "),
        }
    )


def _tabs(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Zeitstempel": times.strftime("%d.%m.%Y %H:%M:%S"),
            "Filiale": rng.choice(["Köln", "Zürich", "Łódź"], ROWS),
            "Absatz": rng.poisson(40, ROWS),
            "Prognose": np.round(rng.normal(40, 5, ROWS), 1),
        }
    )


def _excel(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Fecha": times.strftime("%d/%m/%Y"),
            "Región": rng.choice(["Cataluña", "Aragón", "País Vasco"], ROWS),
            "Edad": rng.integers(18, 90, ROWS),
            "Sexo": rng.choice(["Hombre", "Mujer"], ROWS),
            "Ingresos": [one if i % 40 else "#N/A" for i, one in enumerate(_comma(rng.gamma(3, 9000, ROWS), 2, "."))],
            "Probabilidad": _comma(rng.beta(2, 5, ROWS), 4),
            "Abandono": rng.choice(["Sí", "No"], ROWS, p=[0.2, 0.8]),
        }
    )


def _units(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Time [UTC]": times.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Wind speed (m/s)": np.round(rng.gamma(3, 2.5, ROWS), 1),
            "Power (kW)": np.round(rng.gamma(2, 400, ROWS), 1),
            "Air density (kg/m³)": np.round(rng.normal(1.22, 0.03, ROWS), 3),
            "Turbine": rng.choice(["WT01", "WT02", "WT03"], ROWS),
            "Forecast (kW)": np.round(rng.gamma(2, 400, ROWS), 1),
            "Latency (ms)": rng.integers(4, 60, ROWS),
        }
    )


def _padded(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    score = rng.beta(2, 4, ROWS)
    return pd.DataFrame(
        {
            "customer_no": [f"{i * 37:08d}" for i in range(ROWS)],
            "snapshot_date": times.strftime("%Y%m%d"),
            "branch": [f"{value:03d}" for value in rng.integers(1, 40, ROWS)],
            "tenure_months": rng.integers(0, 200, ROWS),
            "plan": rng.choice(["basic", "plus", "max"], ROWS),
            "churn_score": np.round(score, 4),
            "churned": (rng.random(ROWS) < score).astype(int),
        }
    )


def _words(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "received": times.strftime("%d %b %Y %H:%M"),
            "patient_age": rng.integers(0, 100, ROWS),
            "ward": rng.choice(["A", "B", "C"], ROWS),
            "ethnicity": rng.choice(["white", "black", "asian", "other"], ROWS),
            "free_text": [" ".join(rng.choice(["pain", "fever", "cough", "chest", "left", "since", "days"], 9)) for _ in range(ROWS)],
            "predicted_label": rng.choice(["yes", "no"], ROWS, p=[0.3, 0.7]),
            "readmitted": rng.choice(["yes", "no"], ROWS, p=[0.25, 0.75]),
        }
    )


def _log_odds(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    logit = rng.normal(-0.5, 1.5, ROWS)
    return pd.DataFrame(
        {
            "scored_at": times,
            "loan_amnt": rng.integers(1, 400, ROWS) * 100,
            "emp_length": rng.choice(["< 1 year", "1 year", "5 years", "10+ years"], ROWS),
            "logit": logit,
            "approved": (logit < 0).astype(int),
            "default_flag": np.where(np.arange(ROWS) < ROWS - 200, (rng.random(ROWS) < _logistic(logit)).astype(float), np.nan),
        }
    )


def _polish(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    score = rng.beta(2, 6, ROWS).round(4)
    return pd.DataFrame(
        {
            "Nr sprawy": [f"S/{i}" for i in range(ROWS)],
            "Data utworzenia": times.strftime("%Y-%m-%d %H:%M"),
            "Kwota": [f"{one} zł" for one in _comma(rng.gamma(3, 900, ROWS), 2, "\u00a0")],
            "Oprocentowanie": [
                f"{one:.1f}%".replace(".", ",") if i % 3 else f"{one:.1f}".replace(".", ",")
                for i, one in enumerate(rng.uniform(1, 20, ROWS))
            ],
            "Płeć": rng.choice(["K", "M"], ROWS),
            "Prawdopodobieństwo": _comma(score, 4),
            "Kupił": np.where(rng.random(ROWS) < score, "tak", "nie"),
        }
    )


def _cyrillic(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    """No name here is known: contents tell."""
    share = rng.beta(2, 4, ROWS).round(4)
    return pd.DataFrame(
        {
            "Когда": [f"{one.day}.{one.month}.{one.year} {one:%H:%M}" for one in times],
            "Сумма": [f"{one} ₽" for one in _comma(rng.gamma(3, 900, ROWS), 2, "\u202f")],
            "Оценка": _comma(share, 4),
            "Итог": np.where(rng.random(ROWS) < share, "беда", "порядок"),
        }
    )


def _nanoseconds(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    wear = rng.normal(5, 1, ROWS)
    return pd.DataFrame(
        {
            "seen": times.as_unit("ns").astype("int64") + 7,
            "Nr.": range(ROWS),
            "Zużycie prognozowane": wear,
            "Zużycie rzeczywiste": wear + rng.normal(0, 0.1, ROWS),
            "Uwagi": None,
        }
    )


def _indexed(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    load = rng.normal(500, 60, ROWS)
    table = pd.DataFrame(
        {"load_mw": load, "temp": rng.normal(9, 6, ROWS), "holiday": rng.random(ROWS) < 0.03, "load_mw_forecast": load + 3}
    )
    return table.set_index(pd.DatetimeIndex(times.tz_localize("UTC").tz_convert("Europe/Berlin"), name=None))


def _numbered(rng: np.random.Generator, times: pd.DatetimeIndex) -> pd.DataFrame:
    species = rng.choice(["setosa", "virginica", "versicolor"], ROWS)
    right = rng.random(ROWS) < 0.85
    return pd.DataFrame(
        {
            "when": times.strftime("%Y-%m-%d %H:%M"),
            "petal_length": np.round(rng.normal(3.7, 1.7, ROWS).clip(0.1), 1),
            "colour_code": rng.integers(1, 6, ROWS),
            "species": species,
            "pred": np.where(right, species, rng.choice(["setosa", "virginica", "versicolor"], ROWS)),
        }
    )


def _parquet(path: Path, table: pd.DataFrame) -> None:
    table.to_parquet(path)


def _dictionary(path: Path, table: pd.DataFrame) -> None:
    halves = {name: values.astype("float32") if values.dtype == "float16" else values for name, values in table.items()}
    pq.write_table(pa.Table.from_pandas(pd.DataFrame(halves), preserve_index=False), path)


FILES = (
    Foreign(
        "bank.csv",
        _bank,
        _csv(sep=";", encoding="utf-8-sig", lineterminator="\r\n"),
        {
            "Antragsnummer": "id",
            "Antragsdatum": "timestamp datetime",
            "Kreditbetrag": "feature numeric",
            "Zinssatz": "feature numeric",
            "Laufzeit": "feature numeric",
            "Branche": "feature categorical",
            "Geschlecht": "protected categorical",
            "Ausfallwahrscheinlichkeit": "score numeric",
            "Entscheidung": "ignore",  # in other words than the label: its threshold says it
            "Ausgefallen": "label categorical",
        },
        "binary",
    ),
    Foreign(
        "shop.jsonl",
        _shop,
        _json_lines,
        {
            "eventTime": "timestamp datetime",
            "sessionId": "id",
            "userAgentFamily": "feature categorical",
            "basketValue": "feature numeric",
            "itemsInBasket": "feature numeric",
            "isReturning": "feature boolean",
            "coupon": "feature categorical",
            "modelVersion": "model_version categorical",
            "latencyMs": "latency_ms numeric",
            "purchaseProbability": "score numeric",
            "purchased": "label boolean",
        },
        "binary",
    ),
    Foreign(
        "sensors.parquet",
        _sensors,
        _dictionary,
        {
            "ts": "timestamp datetime",
            "machine": "feature categorical",
            "temperature_c": "feature numeric",
            "vibration_rms": "feature numeric",
            "rpm": "feature numeric",
            "door_open": "feature boolean",
            "predicted_wear_mm": "prediction numeric",
            "actual_wear_mm": "label numeric",
        },
        "regression",
    ),
    Foreign(
        "us.csv",
        _us,
        _csv(),
        {
            "Transaction Date": "timestamp datetime",
            "Transaction ID": "id",
            "Amount": "feature numeric",
            "Merchant Category": "feature categorical",
            "Zip": "feature categorical",
            "Card Present": "feature categorical",
            "Fraud Score": "score numeric",
            "Is Fraud": "label categorical",
        },
        "binary",
    ),
    Foreign(
        "epochs.parquet",
        _epochs,
        _parquet,
        {
            "impression_ts": "timestamp datetime",
            "campaign_id": "feature categorical",
            "bid": "feature numeric",
            "device_os": "feature categorical",
            "pctr": "score numeric",
            "clicked": "label categorical",
        },
        "binary",
    ),
    Foreign(
        "sklep.csv",
        _polish,
        _csv(sep=";", encoding="utf-8-sig"),
        {
            "Nr sprawy": "id",
            "Data utworzenia": "timestamp datetime",
            "Kwota": "feature numeric",
            "Oprocentowanie": "feature numeric",
            "Płeć": "protected categorical",
            "Prawdopodobieństwo": "score numeric",
            "Kupił": "label categorical",
        },
        "binary",
    ),
    Foreign(
        "bank-ru.csv.bz2",
        _cyrillic,
        lambda path, table: path.write_bytes(bz2.compress(table.to_csv(index=False, sep=";").encode())),
        {
            "Когда": "timestamp datetime",
            "Сумма": "feature numeric",
            "Оценка": "score numeric",
            "Итог": "label categorical",
        },
        "binary",
    ),
    Foreign(
        "nanos.parquet",
        _nanoseconds,
        _parquet,
        {
            "seen": "timestamp datetime",
            "Nr.": "id",
            "Zużycie prognozowane": "prediction numeric",
            "Zużycie rzeczywiste": "label numeric",
            "Uwagi": "feature",
        },
        "regression",
    ),
    Foreign(
        "prices.csv",
        _semicolons,
        _csv(sep=";"),
        {
            "date": "timestamp datetime",
            "surface_m2": "feature numeric",
            "pieces": "feature numeric",
            "code_postal": "feature categorical",
            "prix_estime": "feature numeric",
            "y_pred": "prediction numeric",
            "y_true": "label numeric",
        },
        "regression",
    ),
    Foreign(
        "tabs.tsv",
        _tabs,
        _csv(sep="\t", encoding="utf-16"),
        {
            "Zeitstempel": "timestamp datetime",
            "Filiale": "feature categorical",
            "Absatz": "feature numeric",
            "Prognose": "prediction numeric",
        },
        "regression",
    ),
    Foreign(
        "excel.csv",
        _excel,
        _csv(sep=";", encoding="latin-1"),
        {
            "Fecha": "timestamp datetime",
            "Región": "feature categorical",
            "Edad": "feature numeric",
            "Sexo": "protected categorical",
            "Ingresos": "feature numeric",
            "Probabilidad": "score numeric",
            "Abandono": "label categorical",
        },
        "binary",
    ),
    Foreign(
        "units.csv.gz",
        _units,
        _csv(),
        {
            "Time [UTC]": "timestamp datetime",
            "Wind speed (m/s)": "feature numeric",
            "Power (kW)": "feature numeric",
            "Air density (kg/m³)": "feature numeric",
            "Turbine": "feature categorical",
            "Forecast (kW)": "prediction numeric",
            "Latency (ms)": "latency_ms numeric",
        },
        "regression",
    ),
    Foreign(
        "padded.csv",
        _padded,
        _csv(),
        {
            "customer_no": "id",
            "snapshot_date": "timestamp datetime",
            "branch": "feature categorical",
            "tenure_months": "feature numeric",
            "plan": "feature categorical",
            "churn_score": "score numeric",
            "churned": "label categorical",
        },
        "binary",
    ),
    Foreign(
        "words.csv",
        _words,
        _csv(),
        {
            "received": "timestamp datetime",
            "patient_age": "feature numeric",
            "ward": "feature categorical",
            "ethnicity": "protected categorical",
            "free_text": "feature text",
            "predicted_label": "prediction boolean",
            "readmitted": "label boolean",
        },
        "binary",
    ),
    Foreign(
        "logodds.parquet",
        _log_odds,
        _parquet,
        {
            "scored_at": "timestamp datetime",
            "loan_amnt": "feature numeric",
            "emp_length": "feature categorical",
            "logit": "score numeric",
            "approved": "ignore",  # the opposite of the label
            "default_flag": "label numeric",
        },
        "binary",
    ),
    Foreign(
        "indexed.parquet",
        _indexed,
        _parquet,
        {
            "__index_level_0__": "timestamp datetime",
            "load_mw": "label numeric",
            "temp": "feature numeric",
            "holiday": "feature boolean",
            "load_mw_forecast": "prediction numeric",
        },
        "regression",
    ),
    Foreign(
        "numbered.csv.zst",
        _numbered,
        lambda path, table: path.write_bytes(pa.compress(table.to_csv().encode(), codec="zstd", asbytes=True)),
        {
            "column0": "ignore",
            "when": "timestamp datetime",
            "petal_length": "feature numeric",
            "colour_code": "feature categorical",
            "species": "label categorical",
            "pred": "prediction categorical",
        },
        "multiclass",
    ),
)
