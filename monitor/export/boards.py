"""Boards: charts and numbers of pages on a grid of one's own, kept as files beside the case.

A tile holds no number and no chart: it names a page, the address that the page had, and what of it is shown. What it shows is computed from
the data whenever it is looked at.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import TypeAdapter

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.shelf import Shelf, Unreadable, born
from monitor.export.words import check_words, with_line
from monitor.incidents.record import MOST, By, Change

FORMAT = 1
MOST_TILES, LONGEST_TITLE = 40, 200
COLUMNS = 3
"""Columns of the grid; a tile is one to three wide."""
Kind = Literal["chart", "number"]
_TILE_ID = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """What a tile shows: the chart or number called `what` of a `page`, at the address `view`; `title` as it was called then."""

    id: str
    page: str
    what: str
    kind: Kind
    view: str = ""
    title: str = ""
    width: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Tiles in their order. `created` is ISO 8601, UTC."""

    id: str
    created: str
    case: str
    title: str
    tiles: tuple[Tile, ...] = ()
    history: tuple[Change, ...] = ()
    format: int = FORMAT

    def __post_init__(self) -> None:
        """Refuse what no board can hold: a file may come from a stranger.

        Raises
        ------
        SelectionError
        """
        if len(self.title) > LONGEST_TITLE or len(self.tiles) > MOST_TILES or len(self.history) > MOST:
            raise SelectionError(f"A board has at most {MOST_TILES} tiles and a title of {LONGEST_TITLE} letters. Make two of it.")
        names = [one.id for one in self.tiles]
        if len(set(names)) < len(names) or not all(_TILE_ID.fullmatch(one) for one in names):
            raise SelectionError("Two tiles of a board have one id, or one has none.")
        if not all(1 <= one.width <= COLUMNS for one in self.tiles):
            raise SelectionError(f"A tile is one to {COLUMNS} columns wide.")
        check_words(*(text for one in self.tiles for text in (one.page, one.what, one.view, one.title)))


@dataclass(frozen=True, slots=True)
class Boards:
    """The boards of a case, the newest first, and the files that are not readable."""

    boards: tuple[Board, ...]
    unreadable: tuple[Unreadable, ...] = ()


_SHELF = Shelf("board", TypeAdapter(Board), FORMAT, "boards")


def list_boards(case: Case) -> Boards:
    """Return the boards of a case."""
    found, unreadable = _SHELF.every(case)
    return Boards(tuple(reversed(found)), tuple(unreadable))


def begin_board(case: Case, title: str, by: By) -> Board:
    """Keep a new board without tiles.

    Raises
    ------
    SelectionError
        It has no title, or too long a one.
    SourceError
        It cannot be written.
    """
    if not title.strip():
        raise SelectionError("The board has no title. Give it one: others find it by that.")
    now = born()
    history = (Change(by.at, by.who, "board", "", title.strip()),)
    board = Board(id=now.id, created=now.created, case=case.name, title=title.strip(), history=history)
    _SHELF.keep(case, board)
    return board


def change_board(case: Case, board_id: str, change: Callable[[Board], Board]) -> Board:
    """Change a board as it lies in its file now.

    Raises
    ------
    SelectionError
        There is no such board, or the change is refused.
    SourceError
        Its file cannot be read or written.
    """
    return _SHELF.change(case, board_id, change)


def take_board_away(case: Case, board_id: str) -> None:
    """Move a board to the trash folder beside it.

    Raises
    ------
    SelectionError
        There is no such board.
    SourceError
        It cannot be moved.
    """
    _SHELF.take_away(case, board_id)


def tile_of(page: str, what: str, kind: Kind, *, view: str = "", title: str = "", width: int = 1) -> Tile:
    """Return a tile with an id of its own."""
    return Tile(id=secrets.token_hex(4), page=page, what=what, kind=kind, view=view, title=title, width=width)


def with_tile(board: Board, tile: Tile, by: By) -> Board:
    """Return a board with a further tile at its end."""
    return replace(board, tiles=(*board.tiles, tile), history=with_line(board.history, by, "added tile", "", tile.title or tile.what))


def without_tile(board: Board, tile_id: str, by: By) -> Board:
    """Return a board without a tile; one that is gone already is no error."""
    gone = [one for one in board.tiles if one.id == tile_id]
    lines = with_line(board.history, by, "took away tile", gone[0].title or gone[0].what, "") if gone else board.history
    return replace(board, tiles=tuple(one for one in board.tiles if one.id != tile_id), history=lines)


def with_width(board: Board, tile_id: str, width: int, by: By) -> Board:
    """Return a board on which a tile is so many columns wide."""
    tile = _tile(board, tile_id)
    tiles = tuple(replace(one, width=width) if one.id == tile_id else one for one in board.tiles)
    return replace(board, tiles=tiles, history=with_line(board.history, by, f"width of {tile.title}", str(tile.width), str(width)))


def with_place(board: Board, tile_id: str, step: int, by: By) -> Board:
    """Return a board on which a tile stands `step` places further on (back, where negative)."""
    tile = _tile(board, tile_id)
    rest = [one for one in board.tiles if one.id != tile_id]
    was = board.tiles.index(tile)
    at = min(max(was + step, 0), len(rest))
    lines = with_line(board.history, by, f"place of {tile.title}", str(was + 1), str(at + 1))
    return replace(board, tiles=(*rest[:at], tile, *rest[at:]), history=lines)


def rows_of(board: Board) -> list[list[Tile]]:
    """Return the tiles by the rows of the grid, each filled as far as the next tile has room."""
    rows: list[list[Tile]] = []
    for one in board.tiles:
        if rows and sum(each.width for each in rows[-1]) + one.width <= COLUMNS:
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows


def _tile(board: Board, tile_id: str) -> Tile:
    found = next((one for one in board.tiles if one.id == tile_id), None)
    if found is None:
        raise SelectionError("The tile is gone: somebody took it off the board meanwhile. The history says who.")
    return found
