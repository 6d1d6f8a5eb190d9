"""`driftscope contract`: what the data of a case have to keep, suggested, checked, exchanged with other tools."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from monitor.case import load_case
from monitor.cli.measuring import Options, Request, keep_sources, request_of
from monitor.cli.progress import shown_progress, tell
from monitor.contract.clauses import contract_summary
from monitor.contract.file import CONTRACT_FILE, contract_text, load_contract, save_contract
from monitor.contract.formats.known import WRITTEN, read_any
from monitor.contract.formats.odcs import write_odcs
from monitor.contract.formats.pandera import write_pandera
from monitor.contract.formats.reading import Written, merged
from monitor.contract.model import DataContract
from monitor.engine import open_workspace
from monitor.errors import CaseError, MethodError, SettingError, nearest
from monitor.export.outputs import write_output
from monitor.export.results import STANDARD_OUTPUT, as_result, write_result, writer_for
from monitor.judgement.contract import JudgedContract
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.sentences import sentence
from monitor.registry import find_analysis
from monitor.wording import moment_text

FIRED, COULD_NOT_RUN = 1, 2


def infer(place: Path, out: str | None, *, replace: bool, quiet: bool) -> None:
    """Write the contract that the reference suggests.

    Raises
    ------
    SettingError
        One is there already.
    """
    from monitor.analyses.contract_inference import infer_contract

    case = load_case(place)
    if out is not None and Path(out).resolve() == (case.root / CONTRACT_FILE).resolve():
        out = None
    if out is None and not replace and (case.root / CONTRACT_FILE).exists():
        raise SettingError(
            f"'{case.root / CONTRACT_FILE}' is there already. Write it anew with --replace, or beside it with --out FILE and compare."
        )
    if out is not None:
        keep_sources(case, out)
    with open_workspace(case) as workspace, shown_progress(quiet=quiet) as progress:
        contract = infer_contract(workspace, progress=progress)
    tell(contract_summary(contract), quiet=quiet)
    if out is None:
        tell(f"Written: {save_contract(case.root, contract)}", quiet=quiet)
    else:
        _write(contract_text(contract), out, quiet=quiet)


def _write(text: str, out: str, *, quiet: bool) -> None:
    if out == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    write_output(Path(out), text.encode())
    tell(f"Written: {out}", quiet=quiet)


def check(place: Path, out: str | None, accepted: Sequence[str], options: Options) -> int:
    """Say which clauses production breaks, with what rows hold and what would have to change; 0 none, 1 some, 2 none of those that could
    be asked, but a rule is none.

    Raises
    ------
    MethodError
        There is no contract, or no broken clause of a name to accept.
    """
    row, case = find_analysis("contract"), load_case(place)
    if out is not None:
        writer_for(out)
        keep_sources(case, out)
    with open_workspace(case) as workspace:
        request: Request = request_of(workspace, options)
        with shown_progress(quiet=options.quiet) as progress:
            judged = row.run(workspace, request.question, case=request.case, progress=progress)
    if not isinstance(judged, JudgedContract):
        raise MethodError("What was measured is no contract.")
    if out is not None:
        write_result(as_result(judged), out)
    if accepted:
        save_contract(case.root, accept(judged, accepted))
        tell(f"Written: {case.root / CONTRACT_FILE}", quiet=options.quiet)
        return 0
    if out != STANDARD_OUTPUT:
        sys.stdout.writelines(f"{line}\n" for line in told(judged))
    if any(one.kind is not FindingKind.DEFECT for one in judged.findings):
        return FIRED
    return COULD_NOT_RUN if judged.wrong else 0


def told(judged: JudgedContract) -> list[str]:
    """Return what was found as lines: the answer, then each broken clause with its first time and the change that would let it be kept."""
    said = find_analysis("contract").answer(judged)
    lines = [f"{said.headline} {said.doubt}".rstrip()]
    for one in judged.findings:
        lines.append(f"{one.what}: {sentence(one, judged.names, judged.against)}{_first(judged, one)}")
        change = judged.change_of(one)
        lines += [f"    to accept: {change.text}"] if change is not None else []
    return [*lines, *(f"not asked: {skip.what}: {skip.message}" for skip in judged.skipped)]


def _first(judged: JudgedContract, finding: Finding) -> str:
    seen = judged.seen_of(finding)
    return "" if seen is None or seen.first is None else f" First on {moment_text(seen.first)}."


def accept(judged: JudgedContract, ids: Sequence[str]) -> DataContract:
    """Return the contract with the changes that let broken clauses be kept, each made on what the one before left.

    Raises
    ------
    MethodError
        No such clause is broken, or nothing would let it be kept.
    """
    contract, known = judged.contract, list(dict.fromkeys(one.what for one in judged.findings))
    for name in ids:
        mine = [one for one in judged.findings if one.what == name.removeprefix("contract:")]
        if not mine:
            raise MethodError(f"No broken clause is called '{name}'.{nearest(name, known)} Broken: {', '.join(known) or 'none'}.")
        change = judged.change_of(*mine, contract=contract)
        if change is None:
            raise MethodError(f"No change of a term lets '{name}' be kept. Edit {CONTRACT_FILE}.")
        contract = change.contract
    return contract


def export(place: Path, form: str, out: str | None, *, quiet: bool) -> None:
    """Write the contract of a case for another tool.

    Raises
    ------
    SettingError
        The format is not known.
    CaseError
        There is no contract.
    """
    case = load_case(place)
    if form not in WRITTEN:
        raise SettingError(f"There is no format '{form}' to write.{nearest(form, WRITTEN)} Use {' or '.join(WRITTEN)}.")
    odcs = form == "odcs"
    file = out or str(case.root / ("contract.odcs.yaml" if odcs else "contract_pandera.py"))
    keep_sources(case, file)
    contract = load_contract(case.root)
    if contract is None:
        raise CaseError(f"The case has no {CONTRACT_FILE}. 'driftscope contract infer CASE' writes a first one.")
    written = Written(write_odcs(contract, case.name, case.owner)) if odcs else write_pandera(contract, case.name)
    _write(written.text, file, quiet=quiet)
    for note in written.notes:
        tell(f"Not said: {note}", quiet=quiet)


def take(place: Path, file: Path, form: str, *, replace: bool, quiet: bool) -> None:
    """Read a contract of another tool into that of the case: what it names of a column is taken, what it does not stays."""
    case = load_case(place)
    read = read_any(file, form)
    old = None if replace else load_contract(case.root)
    contract = read.contract if old is None else merged(old, read.contract)
    for note in read.notes:
        tell(f"Note: {note}", quiet=quiet)
    tell(contract_summary(contract), quiet=quiet)
    tell(f"Written: {save_contract(case.root, contract)}", quiet=quiet)
