"""Open points of a report: what the checklist misses and what its document prints as not provided.

An open point keeps a report a draft until it is filled in, and the report replaced, or waived with a reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import IntegrityError, transaction

from factories.models import User
from reports.documents.items import COMPLETE, MISSING
from reports.gathering.registers.used_rows import digest_of
from reports.models import Report, Waiver

MOST_NAMED = 3  # in an error message


class WaiverError(ValueError):
    """The point cannot be waived; the message says why, `field` what it is about: keys or reason."""

    def __init__(self, sentence: str, field: str = "keys") -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True)
class OpenPoint:
    """`key` is stable between two gatherings of the same gap; `url` leads to where it is filled in, "" for nowhere."""

    key: str
    title: str
    sentence: str
    url: str = ""


def open_points(report: Report) -> list[OpenPoint]:
    """Of the frozen figures, waived ones included: gaps of the registers first, then items of the document."""
    inputs, figures = report.inputs or {}, report.figures or {}
    gaps = [OpenPoint(gap["key"], gap["title"], gap["sentence"], gap["url"]) for gap in inputs.get("gaps") or []]
    if not figures.get("counts_items"):
        return gaps
    items = [item for part in figures["sections"] for item in part["items"] if item["state"] != COMPLETE]
    return gaps + [OpenPoint(item_key(item), f"{item['no']} {item['title']}", lacking(item)) for item in items]


def item_key(item: dict) -> str:
    """With what the item lacks: a waiver never covers an entry that was there when it was given."""
    return f"item:{item['no']}:{digest_of(lacking(item))}"


def lacking(item: dict) -> str:
    """The labels of an item's entries that are not provided."""
    return ", ".join(entry["label"] for entry in item["entries"] if entry["state"] == MISSING) or item["state"]


def unwaived(report: Report) -> list[OpenPoint]:
    waived = set(report.waivers.values_list("key", flat=True))
    return [point for point in open_points(report) if point.key not in waived]


def refusal(points: list[OpenPoint], number: str) -> str:
    """Why open points keep a report a draft; "" for none."""
    if not points:
        return ""
    named = "; ".join(f"{point.title}: {point.sentence}" for point in points[:MOST_NAMED])
    more = f" … and {len(points) - MOST_NAMED} more" if len(points) > MOST_NAMED else ""
    count = "One item is" if len(points) == 1 else f"{len(points)} items are"
    return f"{count} open. Fill them in and replace {number}, or waive each with a reason. {named}{more}."


@transaction.atomic
def waive(report: Report, keys: Iterable[str], *, reason: str, by: User, now) -> list[Waiver]:
    """Waive open points of a draft → the new waivers. Raises WaiverError for a blank reason and unknown keys."""
    report = Report.objects.select_for_update().get(pk=report.pk)
    reason, keys = " ".join(reason.split()), list(dict.fromkeys(keys))
    if report.is_final or report.replaced_at:
        raise WaiverError(f"{report.number} is no draft any more.")
    if not reason:
        raise WaiverError("Give the reason: it is printed beside the item.", "reason")
    if len(reason) > Waiver._meta.get_field("reason").max_length or not reason.isprintable():
        raise WaiverError("The reason is one line of at most 300 characters.", "reason")
    points = {point.key: point for point in unwaived(report)}
    if not keys or any(key not in points for key in keys):
        raise WaiverError(f"{report.number} has no such open item.")
    try:
        with transaction.atomic():
            return Waiver.objects.bulk_create(
                Waiver(
                    report=report, key=key, title=points[key].title[:300], reason=reason, waived_by=by, waived_at=now
                )
                for key in keys
            )
    except IntegrityError:
        raise WaiverError("Somebody waived this at the same moment.") from None


def drop_filled_in(report: Report) -> None:
    """Drop the waivers that a correction brought along for points which are no longer open."""
    keys = {point.key for point in open_points(report)}
    report.waivers.exclude(key__in=keys).delete()


@transaction.atomic
def take_back(waiver: Waiver) -> None:
    """Raises WaiverError once the report is final: its document names the waiver."""
    report = Report.objects.select_for_update().get(pk=waiver.report_id)
    if report.is_final:
        raise WaiverError(f"{report.number} is final and prints this waiver.")
    waiver.delete()
