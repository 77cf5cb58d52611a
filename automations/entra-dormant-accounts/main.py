"""Finds dormant accounts in a directory by Microsoft Graph."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any, Dict, List, Optional

from gatelet import Refusal, Run, Web, main, tables

GRAPH = "https://graph.microsoft.com"
# 500 is the most where sign-ins are asked for.
USERS = (
    "/v1.0/users?$select=id,displayName,userPrincipalName,accountEnabled,userType,createdDateTime,signInActivity&$top=500"
)
ROLES = "/v1.0/roleManagement/directory/roleAssignments?$expand=roleDefinition"
TITLES = {
    "account": "Account",
    "name": "Name",
    "type": "Type",
    "severity": "Severity",
    "last_sign_in": "Last sign-in",
    "days": "Unused for (days)",
    "roles": "Directory roles",
    "advice": "What to do",
}
SEVERITIES = ["high", "medium", "low"]
# Rows of the result. The file has all of them.
SHOWN = 2000


def run(run: Run) -> Any:
    """Reads the accounts and their roles, and judges."""
    asked = run.inputs()
    found = run.credentials("directory")
    graph = Web(found.get("endpoint", GRAPH), found["access_token"], say=run.log)
    after: int = asked.get("dormant_after_days", 90)
    today = date.fromisoformat(asked["as_of"]) if "as_of" in asked else datetime.now(timezone.utc).date()
    with run.step("users", "R", "Read the accounts") as step:
        users = accounts(run, graph, asked.get("guests", True))
        step.done(len(users))
    with run.step("roles", "R", "Read who has which directory role") as step:
        roles: Dict[str, List[str]] = {}
        for one in graph.pages(ROLES, "value", "@odata.nextLink"):
            name = (one.get("roleDefinition") or {}).get("displayName") or one["roleDefinitionId"]
            roles.setdefault(one["principalId"], []).append(name)
        step.done(len(roles))
    with run.step("judge", "R", "Find the dormant ones") as step:
        rows = [row for row in (judged(user, roles.get(user["id"], []), today, after) for user in users) if row]
        rows.sort(key=lambda row: (SEVERITIES.index(row["severity"]), -(row["days"] or 10**6), row["account"]))
        run.artifact("dormant-accounts.csv", tables.written(TITLES, rows), "text/csv")
        step.done(len(rows))
    run.log(f"{len(rows)} of {len(users)} accounts are dormant as of {today}")
    return rows[:SHOWN]


def accounts(run: Run, graph: Web, guests: bool) -> List[Dict[str, Any]]:
    """Every enabled account. What the directory cannot give is said in words that help."""
    users: List[Dict[str, Any]] = []
    try:
        for number, user in enumerate(graph.pages(USERS, "value", "@odata.nextLink"), 1):
            run.progress(number, text="accounts")
            if user.get("accountEnabled") and (guests or user.get("userType") != "Guest"):
                users.append(user)
    except Refusal as refusal:
        if refusal.service_code == "Authentication_RequestFromNonPremiumTenantOrB2CTenant":
            run.fail("no_licence", "Microsoft tells sign-ins only of directories with Entra ID P1 or P2.")
        if refusal.status == 403:
            run.fail("not_permitted", "The application lacks a permission: User.Read.All or AuditLog.Read.All.")
        raise
    return users


def judged(user: Dict[str, Any], roles: List[str], today: date, after: int) -> Optional[Dict[str, Any]]:
    """A row for a dormant account."""
    used = last_used(user.get("signInActivity") or {})
    since = used or day_of(user.get("createdDateTime"))
    if since is not None and (today - since).days <= after:
        return None
    guest = user.get("userType") == "Guest"
    if roles:
        severity, advice = "high", "Take the roles away today, then ask its owner."
    elif guest:
        severity, advice = "medium", "Remove the guest."
    else:
        severity, advice = "low", "Disable it, and delete it when nobody asks."
    return {
        "account": user["userPrincipalName"],
        "name": user.get("displayName"),
        "type": "guest" if guest else "member",
        "severity": severity,
        "last_sign_in": used.isoformat() if used else "never",
        "days": (today - used).days if used else None,
        "roles": ", ".join(sorted(roles)) or None,
        "advice": advice,
    }


def last_used(activity: Dict[str, Any]) -> Optional[date]:
    """The last sign-in that succeeded. Older directories tell only tries, with a person and without."""
    succeeded = day_of(activity.get("lastSuccessfulSignInDateTime"))
    if succeeded is not None:
        return succeeded
    tries = [day_of(activity.get(name)) for name in ("lastSignInDateTime", "lastNonInteractiveSignInDateTime")]
    return max((one for one in tries if one is not None), default=None)


def day_of(moment: Optional[str]) -> Optional[date]:
    """The day of a moment as Graph writes it."""
    return date.fromisoformat(moment[:10]) if moment else None


if __name__ == "__main__":
    main(run)
