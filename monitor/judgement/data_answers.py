"""The answers of screens about data, rows and the service: quality, outliers, adversaries, operations."""

from __future__ import annotations

from monitor.judgement.answers import UNJUDGED, stopped
from monitor.judgement.contract import JudgedContract
from monitor.judgement.finding import FindingKind
from monitor.judgement.judged_adversaries import JudgedAdversaries
from monitor.judgement.judged_outliers import JudgedOutliers
from monitor.judgement.narration.answers import Answer
from monitor.judgement.narration.sentences import headline
from monitor.judgement.operations import JudgedOperations
from monitor.judgement.pipelines import JudgedPipelines
from monitor.judgement.quality import JudgedQuality
from monitor.stats.adversaries.catalogue import KINDS
from monitor.stats.counts.checks import SINGLE
from monitor.stats.operations.catalogue import OPERATIONS
from monitor.stats.operations.objectives import PAGE, can_ring
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, number_text, plural, share_text

OF_WHOLE_COLUMNS = "Checks are of whole columns: what happened at a small level, or to values that look usual, stands under Incidents."
"""What a page that found nothing does not say."""


def operations_answer(judged: JudgedOperations) -> Answer:
    """Say whether the service runs as it did: the worst finding first, in the doubt how many metrics were judged and what is skipped."""
    table = judged.table
    known = table[~table["status"].isin(UNJUDGED)]
    looked = int(known["metric"].nunique())
    if not looked:
        return Answer("Operations could not be judged.", "Windows have too few rows, or the reference too few windows.")
    lacking = "" if judged.result.latency else " No column has the role latency_ms: whether it is fast is not known."
    lacking += "" if judged.result.status else " None has the role status: errors are not known."
    mute = list_text([f"'{one.title}'" for one in judged.result.objectives if not can_ring(one.objective)])
    lacking += f" {mute}: so low an objective never pages at {PAGE.rate:g} times its budget." if mute else ""
    few = [one for one in table.loc[table["status"].eq(Status.TOO_FEW_ROWS), "metric"].unique() if one not in set(known["metric"])]
    left = list_text([OPERATIONS[one].title if one in OPERATIONS else f"'{one}'" for one in few], 4)
    doubt = f"{plural(looked, 'metric')} judged.{f' Not judged, for too few rows: {left}.' if few else ''}{lacking}"
    if not judged.findings:
        return Answer("The service runs as in the reference.", doubt)
    bad = next((one for one in judged.findings if one.note == "worse"), judged.findings[0])
    return Answer(f"{headline(bad, judged.names, judged.against)}.", doubt)


def quality_answer(judged: JudgedQuality) -> Answer:
    """Say whether checks found the data to be what it was: what changed first, in the doubt the defects that were there before and, where
    nothing did, what no check of whole columns sees."""
    changed = [one for one in judged.findings if one.kind is not FindingKind.DEFECT]
    stable = sum(one.kind is FindingKind.DEFECT and one.method not in SINGLE for one in judged.findings)
    doubt = f"{plural(stable, 'defect')} stood in {judged.called.a} too: stable, no drift." if stable else ""
    if bool(judged.table["status"].isin(UNJUDGED).all()):
        return Answer("The quality of the data could not be judged: windows have too few rows.", doubt)
    if not changed:
        return Answer("No check found a change of the data.", f"{doubt} {OF_WHOLE_COLUMNS}".lstrip())
    columns = len({one.what for one in changed})
    more = f"{count_text(columns)} {'columns or checks' if columns > 1 else 'column or check'} changed. "
    return Answer(f"{headline(changed[0], judged.names, judged.against)}.", f"{more}{doubt}".rstrip())


def contract_answer(judged: JudgedContract) -> Answer:
    """Say whether the contract is kept: what breaks first, in the doubt what the reference breaks too and what could not be asked."""
    broken = [one for one in judged.findings if one.kind is not FindingKind.DEFECT]
    stable = len({one.what for one in judged.findings if one.kind is FindingKind.DEFECT})
    asked, wrong = len(judged.result.asked), judged.wrong
    doubt = f"{plural(stable, 'clause')} {'is' if stable == 1 else 'are'} broken by {judged.called.a} too: no alarm. " if stable else ""
    doubt += f"{plural(len(judged.skipped), 'clause')} could not be asked." if judged.skipped else ""
    if wrong and not broken:
        kept = f"What else it asks is kept, {plural(asked, 'clause')}. " if asked else ""
        return Answer(
            f"{count_text(len(wrong))} {'rule' if len(wrong) == 1 else 'rules'} of the contract cannot be asked.", f"{kept}{doubt}"
        )
    if not asked:
        return Answer("The contract asks nothing.", doubt.rstrip())
    if not broken:
        return Answer("The contract is kept.", f"{plural(asked, 'clause')} asked. {doubt}".rstrip())
    clauses = len({one.what for one in broken})
    return Answer(f"{headline(broken[0], judged.names, judged.against)}.", f"{clauses} of {asked} clauses broken. {doubt}".rstrip())


def pipelines_answer(judged: JudgedPipelines) -> Answer:
    """Say whether the pipelines run: what failed first, in the doubt how many jobs and days were looked at."""
    jobs, days = len(judged.result.jobs), len(judged.result.windows)
    doubt = f"{plural(jobs, 'job')} over {plural(days, 'day')}."
    if not judged.findings:
        return Answer("Every job ran as it did before.", doubt)
    rest = len(judged.findings) - 1
    more = f"{plural(rest, 'further finding')} below. " if rest else ""
    return Answer(stopped(headline(judged.findings[0], judged.names, judged.against)), f"{more}{doubt}")


def outliers_answer(judged: JudgedOutliers) -> Answer:
    """Say whether more rows than usual are unlike the reference; in the doubt how many are flagged, how many would be without change, and
    what no row can be called."""
    rows = int(judged.result.rows.sum())
    a, n = judged.result.called.a, judged.result.calibration
    if not judged.expected:
        few = f"{plural(n, 'row')} of {a} allow no p-value below {number_text(1 / (n + 1), 2)}."
        return Answer(f"{a[:1].upper()}{a[1:]} has too few rows to flag any.", few)
    told = [share_text(one, 2) for one in (judged.flagged / max(rows, 1), judged.expected, judged.worst_stretch)]
    flagged = f"{told[0]} of {plural(rows, 'row')} are flagged, {told[1]} would be without change"
    doubt = f"{flagged}; {told[2]} in the worst stretch of {a} when held out."
    if judged.findings:
        return Answer(stopped(headline(judged.findings[0], judged.names, judged.against)), doubt)
    if bool(judged.shares["status"].isin(UNJUDGED).all()):
        return Answer("Whether more rows are unusual than before could not be judged.", doubt)
    return Answer(f"No more rows are unlike {judged.against} than usual.", doubt)


def adversaries_answer(judged: JudgedAdversaries) -> Answer:
    """Say whether somebody seems to play against the model: the clearest sign first, in the doubt what else, and what was not looked at."""
    unseen = sorted({KINDS[one.what].title.lower() for one in judged.skipped if one.what in KINDS})
    left = f"Not looked at: {list_text(unseen)}." if unseen else ""
    status = judged.table["status"]
    if len(status) == 0 or bool(status.isin(UNJUDGED).all()):
        return Answer("Nothing could be looked at: too few rows, or no column to compare.", left)
    if not judged.findings:
        return Answer("Nothing looks as if somebody played against the model.", left)
    rest = len(judged.findings) - 1
    more = f"{plural(rest, 'further sign')} below." if rest else ""
    doubt = (
        "Rows alike may also be a client that repeats itself: look at the rows." if judged.findings[0].method == "near_duplicates" else ""
    )
    return Answer(stopped(headline(judged.findings[0], judged.names, judged.against)), " ".join(filter(None, (more, doubt, left))))
