"""Pinned statements computed again on a screen, each of the rows that its own address names."""

from __future__ import annotations

from collections.abc import Callable

from monitor.errors import SelectionError
from monitor.export.deck import Statement
from monitor.export.pin import Pin
from monitor.registry.live import Source, statement_again
from monitor.ui.address import Address
from monitor.ui.findings_page import link_of
from monitor.ui.measuring import judged_for, question_of
from monitor.ui.opened import workspace
from monitor.ui.state import View, read_view


def refresher(current: View) -> Callable[[Pin], Statement]:
    """Return what computes a pinned statement again, for the case that is looked at."""

    def refresh(kept: Pin) -> Statement:
        asked = view_of(link_of(kept, current.case_id), current)
        return statement_again(kept, Source(workspace(asked), question_of(asked), lambda name: judged_for(asked, name)))

    return refresh


def view_of(address: Address, current: View) -> View:
    """Return what another address looks at, in the case and theme of this screen.

    Raises
    ------
    SelectionError
        The address asks for what is not honoured: other rows than it means are never shown instead.
    """
    refused = [one for one in address.refusals() if one.compares_otherwise]
    if refused:
        raise SelectionError(" ".join(one.why for one in refused))
    return read_view(address, theme=current.theme, presenting=True)
