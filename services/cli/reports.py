"""Prints what became of documents or list entries that were published, and ends with the status that this calls for."""

import sys
from typing import TYPE_CHECKING, NoReturn

from services.cli.terminal import err, tell

if TYPE_CHECKING:
    from services.producer.item import Problem, Rejected, Skipped
    from services.producer.publish import Report


def end_with(report: "Report") -> NoReturn:
    """Name what was not delivered, count all, and end: status 0 where everything that could be read was delivered."""
    for unsent in (report.skipped, report.problems, report.rejected):
        for one in unsent:
            name_unsent(one)
    for lost in report.undelivered:
        tell(f"{lost.origin}: {lost.reason}", "not delivered", "red")
    if report.stopped:
        tell(report.stopped, "stopped early", "red")
    rejected = f"{report.rejected_count} would be rejected and were not sent, " if report.rejected_count else ""
    err.print(
        f"{report.delivered} delivered, {report.undelivered_count} not delivered, {report.problem_count} could not be read, "
        f"{rejected}{report.skipped_count} skipped, in {report.seconds:.1f} s"
    )
    sys.exit(0 if report.ok else 1)


def name_unsent(item: "Problem | Rejected | Skipped") -> None:
    """One line about something that was not sent: where it is and why."""
    from services.producer.item import Problem, Rejected

    if isinstance(item, Rejected):
        hint = f" ({item.hint})" if item.hint else ""
        tell(f"{item.origin}: {item.message}{hint}", "would be rejected", "yellow")
    elif isinstance(item, Problem):
        tell(f"{item.origin}: {item.message}", "not read", "yellow")
    else:
        tell(f"{item.origin}: {item.reason}", "skipped")
