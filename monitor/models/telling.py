"""What the audit of a model file found, in lines."""

from __future__ import annotations

from monitor.models.loading import Audit
from monitor.wording import list_text


def audit_lines(audit: Audit) -> list[str]:
    """Say which types a skops file holds.

    >>> audit_lines(Audit("model.skops", ("sklearn.tree._tree.Tree",), ()))
    ['model.skops: types looked through: of scikit-learn, they hold numbers: sklearn.tree._tree.Tree; no others']
    >>> audit_lines(Audit("model.skops", (), ("os.system",)))
    ['model.skops: types looked through: not known to be harmless, loaded only once you trust the case: os.system']
    >>> audit_lines(Audit("model.skops", (), ()))
    ['model.skops: types looked through: none but those that skops itself takes for harmless']
    """
    parts = [f"not known to be harmless, loaded only once you trust the case: {list_text(list(audit.others))}"] if audit.others else []
    parts += [f"of scikit-learn, they hold numbers: {list_text(list(audit.known))}"] if audit.known else []
    if not parts:
        return [f"{audit.path}: types looked through: none but those that skops itself takes for harmless"]
    return [f"{audit.path}: types looked through: {'; '.join(parts)}{'' if audit.others else '; no others'}"]
