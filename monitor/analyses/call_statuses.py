"""What the status of a call says: answered, failed, or not in time; as words or as codes of HTTP."""

from __future__ import annotations

import re

_TIMEOUT = re.compile(r"time[\s_-]*(d[\s_-]*)?out|deadline|^(408|504)(\.0)?$", re.IGNORECASE)
_ERROR = re.compile(r"err|fail|exception|unavailable|crash|abort|refus|denied|invalid|^nok$|^ko$|^false$", re.IGNORECASE)
_CODE = re.compile(r"^([1-5]\d\d)(\.0)?$")

TOO_MANY = 429
"""HTTP status of a request that was turned away for want of capacity: the one of 4xx, besides timeouts, that is not the caller's fault."""


def is_timeout(status: str) -> bool:
    """Say whether a status is that of a call that was not answered in time.

    >>> [is_timeout(one) for one in ("timeout", "TIMED_OUT", "504", "ok", "500")]
    [True, True, True, False, False]
    """
    return _TIMEOUT.search(status.strip()) is not None


def is_error(status: str) -> bool:
    """Say whether a status is that of a call that the service did not answer: timeouts, words of failure, HTTP 5xx, 408 and 429.

    >>> [is_error(one) for one in ("timeout", "Failed", "503", "404", "429", "ok", "200")]
    [True, True, True, False, True, False, False]
    """
    code = _CODE.match(status.strip())
    if code is not None:
        return int(code[1]) >= 500 or int(code[1]) == TOO_MANY or is_timeout(status)
    return is_timeout(status) or _ERROR.search(status.strip()) is not None
