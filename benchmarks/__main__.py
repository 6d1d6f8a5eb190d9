"""Run the benchmarks: `python -m benchmarks [drift|calibration|power|page] ...` (see README.md)."""

from __future__ import annotations

import argparse

from benchmarks import calibration


def main() -> None:
    """Read the command line and run one benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parts = parser.add_subparsers(dest="part")
    for name, repeats in (("calibration", 60), ("power", 40)):
        part = parts.add_parser(name)
        part.add_argument("--repeats", type=int, default=repeats, help=f"screens per row of the table (default {repeats})")
    parts.choices["calibration"].add_argument(
        "--peer-repeats", type=int, default=calibration.PEER_REPEATS, help="screens for the peers' rules"
    )
    parts.choices["calibration"].add_argument("--only", default="", help="part of the name of the data, such as 'flights'")
    options = parser.parse_args()
    if options.part == "calibration":
        calibration.report_no_drift(options.repeats, options.peer_repeats, options.only)
    elif options.part == "power":
        calibration.report_power(options.repeats)


if __name__ == "__main__":
    main()
