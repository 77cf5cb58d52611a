"""Audits far-reaching permissions of a Salesforce organization by SOQL."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any, Dict, List, Set
from urllib.parse import quote

from gatelet import Refusal, Run, Web, main, tables

API = "/services/data/v62.0"
PERMISSIONS = ("ModifyAllData", "ViewAllData", "ManageUsers", "AuthorApex", "CustomizeApplication")
USUAL = list(PERMISSIONS[:4])
TITLES = {
    "user": "User",
    "name": "Name",
    "severity": "Severity",
    "permissions": "Permissions",
    "through": "Through",
    "last_login": "Last login",
    "advice": "What to do",
}
SEVERITIES = ["high", "medium", "low"]
# Rows of the result. The file has all of them.
SHOWN = 2000


def run(run: Run) -> Any:
    """Reads the assignments page by page, and judges each person once."""
    asked = run.inputs()
    found = run.credentials("organization")
    web = Web(found["instance_url"], found["access_token"], say=run.log)
    # Only words of this list become part of the query.
    wanted = [name for name in PERMISSIONS if name in asked.get("permissions", USUAL)]
    today = date.fromisoformat(asked["as_of"]) if "as_of" in asked else datetime.now(timezone.utc).date()
    with run.step("assignments", "R", "Read who has which permission set") as step:
        people = assigned(run, web, wanted)
        step.done(len(people))
    with run.step("judge", "R", "Look at each person") as step:
        after = asked.get("dormant_after_days", 90)
        rows = [judged(person, wanted, today, after) for person in people.values()]
        rows.sort(key=lambda row: (SEVERITIES.index(row["severity"]), row["user"]))
        run.artifact("permissions.csv", tables.written(TITLES, rows), "text/csv")
        step.done(len(rows))
    return rows[:SHOWN]


def query(wanted: List[str]) -> str:
    """The query. Profiles are permission sets too, owned by the profile."""
    fields = ", ".join(f"PermissionSet.Permissions{name}" for name in wanted)
    any_of = " OR ".join(f"PermissionSet.Permissions{name} = true" for name in wanted)
    return (
        "SELECT AssigneeId, Assignee.Username, Assignee.Name, Assignee.LastLoginDate, PermissionSet.Label, "
        f"PermissionSet.IsOwnedByProfile, PermissionSet.Profile.Name, {fields} FROM PermissionSetAssignment "
        f"WHERE Assignee.IsActive = true AND ({any_of}) ORDER BY AssigneeId"
    )


def assigned(run: Run, web: Web, wanted: List[str]) -> Dict[str, Dict[str, Any]]:
    """What each active person has, and through what."""
    people: Dict[str, Dict[str, Any]] = {}
    path = f"{API}/query?q={quote(query(wanted), safe='')}"
    try:
        for number, one in enumerate(web.pages(path, "records", "nextRecordsUrl"), 1):
            run.progress(number, text="assignments")
            user, granted = one["Assignee"], one["PermissionSet"]
            person = people.setdefault(one["AssigneeId"], {"user": user, "permissions": set(), "through": set()})
            permissions: Set[str] = person["permissions"]
            permissions.update(name for name in wanted if granted.get(f"Permissions{name}"))
            profile = (granted.get("Profile") or {}).get("Name")
            person["through"].add(f"profile {profile}" if granted.get("IsOwnedByProfile") else granted["Label"])
    except Refusal as refusal:
        if refusal.service_code == "REQUEST_LIMIT_EXCEEDED":
            run.fail("too_many_requests", "The organization has used up its requests of the day.", retry=True)
        if refusal.service_code in ("INVALID_FIELD", "INVALID_TYPE", "INSUFFICIENT_ACCESS"):
            run.fail("not_permitted", "The connection's user may not view the setup of the organization.")
        raise
    return people


def judged(person: Dict[str, Any], wanted: List[str], today: date, after: int) -> Dict[str, Any]:
    """A row."""
    login = person["user"].get("LastLoginDate")
    used = date.fromisoformat(login[:10]) if login else None
    dormant = used is None or (today - used).days > after
    permissions = [name for name in wanted if name in person["permissions"]]
    if dormant:
        severity, advice = "high", "Take it away today: nobody uses it."
    elif "ModifyAllData" in permissions:
        severity, advice = "medium", "Ask what it is needed for, and give that alone."
    else:
        severity, advice = "low", "Confirm that it is still needed."
    return {
        "user": person["user"]["Username"],
        "name": person["user"].get("Name"),
        "severity": severity,
        "permissions": ", ".join(permissions),
        "through": ", ".join(sorted(person["through"])),
        "last_login": used.isoformat() if used else "never",
        "advice": advice,
    }


if __name__ == "__main__":
    main(run)
