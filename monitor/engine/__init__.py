"""The engine: the only place that knows DuckDB. Rows go in, counts, arrays and samples come out."""

from monitor.engine.answers import AnswerCounts, Rule, count_answers
from monitor.engine.cell_predicate import cells_predicate, levels_condition, place_condition, texts_with
from monitor.engine.cells import build_cells
from monitor.engine.coded import CodedRows, Cut, cut_columns, read_coded
from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import ColumnInfo, Measured, Transform
from monitor.engine.counting import profile, profile_by
from monitor.engine.explain import profile_sql
from monitor.engine.held import time_span, value_counts
from monitor.engine.matrix import Matrix, MatrixRows, open_matrix
from monitor.engine.memory import open_tables
from monitor.engine.nesting import finer, nest, spans
from monitor.engine.opening import open_workspace
from monitor.engine.outcomes import MISSING, Levels, OutcomeRows, Wanted, read_outcomes
from monitor.engine.paging import RowPage, page_of_rows, places_of, position_of
from monitor.engine.probing import Probes, find_probes
from monitor.engine.roles import Guess, guess_roles
from monitor.engine.rows import NEVER, SHARED, WRONG
from monitor.engine.running import Cancel, Progress, Watch
from monitor.engine.sampling import ColumnValues, rows_at, sample, values
from monitor.engine.selection import Selection, both_conditions, moment_utc
from monitor.engine.shared import chosen_by, count_rows, file_names, model_versions, shared_rows
from monitor.engine.sources import files_of
from monitor.engine.splitting import Split, part_predicate, split_column
from monitor.engine.starting import InitReport, init_case
from monitor.engine.windows import MOST_WINDOWS, NO_TIME
from monitor.engine.workspace import Workspace

__all__ = [
    "MISSING",
    "MOST_WINDOWS",
    "NEVER",
    "NO_TIME",
    "SHARED",
    "WRONG",
    "AnswerCounts",
    "Cancel",
    "CodedRows",
    "ColumnFacts",
    "ColumnInfo",
    "ColumnValues",
    "Cut",
    "Guess",
    "InitReport",
    "Levels",
    "Matrix",
    "MatrixRows",
    "Measured",
    "OutcomeRows",
    "Probes",
    "Progress",
    "RowPage",
    "Rule",
    "Selection",
    "Split",
    "Transform",
    "Wanted",
    "Watch",
    "Workspace",
    "both_conditions",
    "build_cells",
    "cells_predicate",
    "chosen_by",
    "count_answers",
    "count_rows",
    "cut_columns",
    "file_names",
    "files_of",
    "find_probes",
    "finer",
    "guess_roles",
    "init_case",
    "levels_condition",
    "model_versions",
    "moment_utc",
    "nest",
    "open_matrix",
    "open_tables",
    "open_workspace",
    "page_of_rows",
    "part_predicate",
    "place_condition",
    "places_of",
    "position_of",
    "profile",
    "profile_by",
    "profile_sql",
    "read_coded",
    "read_outcomes",
    "rows_at",
    "sample",
    "shared_rows",
    "spans",
    "split_column",
    "texts_with",
    "time_span",
    "value_counts",
    "values",
]
