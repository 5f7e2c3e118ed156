"""Where the settings stand that nobody misses until they are needed: one short line each."""

from __future__ import annotations

from collections.abc import Iterator

from syncd.doctor.findings import Finding, Notes
from syncd.health.calendar import WEEKDAYS, Calendar
from syncd.notify.post import targets
from syncd.settings import Settings
from syncd.settings.alerts import Hearer
from syncd.store.expiry import Keep
from syncd.store.problems import SYSADMIN


def of_settings(note: Notes, settings: Settings) -> Iterator[Finding]:
    yield alerts(note, settings)
    where = settings.listen
    yield note.ok(
        "listen",
        f"/healthz and /metrics on {where.host} port {where.port}"
        if where
        else "nowhere: no /healthz, no /metrics",
    )
    keep = settings.retention
    usual = ", the default" if keep == Keep() else ""
    yield note.ok(
        "retention",
        f"days: older versions {keep.changes:g}, those of customers {keep.personal:g}, runs "
        f"{keep.runs:g}{usual}",
    )


def alerts(note: Notes, settings: Settings) -> Finding:
    heard = settings.alerts.hearers
    hearing = {name: one for name, one in heard.items() if one.at_once or one.mail_at}
    who = ", ".join(_hears(settings, one) for one in hearing.values()) or "nobody"
    if not heard.keys() - hearing.keys() and SYSADMIN in hearing:
        watched = "" if settings.alerts.ping else "; no watcher elsewhere (ping)"
        return note.ok("alerts", f"who hears of problems: {who}{watched}")
    deaf = [SYSADMIN] if SYSADMIN not in heard else []
    deaf += sorted(heard.keys() - hearing.keys())
    lacking = f", not {', '.join(deaf)}" if hearing else ""
    return note.look(
        "alerts",
        f"who hears of problems: {who}{lacking}",
        "the table `alerts` of docs/alerts.md, then: syncd alerts test",
    )


def _hears(settings: Settings, one: Hearer) -> str:
    channels = "+".join(dict.fromkeys(each.channel for each in targets(settings, one)))
    when = "at once" if one.at_once else f"daily {one.mail_at:%H:%M}"
    return f"{one.owner} ({channels or 'no address'}, {one.language}, {when})"


def calendar(note: Notes, days: Calendar) -> Finding:
    if days == Calendar():
        return note.ok("calendar", "none: quiet nights and weekends are learned, holidays are not")
    said = [days.country or "no country"]
    if days.weekend:
        said.append("weekend " + " ".join(WEEKDAYS[one] for one in sorted(days.weekend)))
    said += [str(one) for one in days.spans]
    return note.ok("calendar", f"nothing is expected on: {', '.join(said)}")
