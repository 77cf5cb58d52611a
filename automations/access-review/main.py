"""Reviews a list of accounts: which are dormant, which may do more than they should, and what to do about each."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Dict, List, NamedTuple, Optional, Sequence

from gatelet import File, Run, main, tables

COLUMNS = {
    "account": ["user", "username", "user name", "login", "email", "e-mail", "mail", "user principal name", "upn", "sam account name"],
    "name": ["display name", "full name", "person"],
    "roles": ["role", "groups", "group", "permissions", "permission set", "profile", "member of"],
    "last_sign_in": ["last sign in", "last login", "last logon", "last login date", "last activity", "last used", "last sign-in date"],
    "status": ["state", "enabled", "active", "account enabled", "is active"],
    "type": ["account type", "kind", "user type"],
}
TITLES = {
    "account": "Account",
    "finding": "Finding",
    "severity": "Severity",
    "last_sign_in": "Last sign-in",
    "days": "Unused for (days)",
    "roles": "Roles",
    "advice": "What to do",
}
DISABLED = {"disabled", "inactive", "locked", "false", "no", "0", "off", "suspended", "deactivated", "blocked"}
MACHINES = {"service", "application", "app", "bot", "machine", "robot", "system"}
SEVERITIES = ["high", "medium", "low"]
# Rows of the result. The file has all of them.
SHOWN = 2000


class Account(NamedTuple):
    """A line of the list, understood."""

    account: str
    roles: List[str]
    last_sign_in: Optional[date]
    enabled: bool
    machine: bool


class Rules(NamedTuple):
    """What the person asked for."""

    dormant_after: int
    privileged: Sequence[str]
    as_of: date


def run(run: Run) -> Any:
    """Three steps that read, with a table and a file as what comes out."""
    asked = run.inputs()
    with run.step("read", "R", "Read the list of accounts") as step:
        accounts = understood(run, run.file("accounts"))
        step.done({"accounts": len(accounts)})
    with run.step("judge", "R", "Look at each account") as step:
        rules = Rules(
            asked.get("dormant_after_days", 90),
            [role.lower() for role in asked.get("privileged_roles", ["admin", "owner", "root", "superuser"])],
            as_of(asked.get("as_of"), accounts),
        )
        run.log(f"{len(accounts)} accounts, as of {rules.as_of}; dormant after {rules.dormant_after} days")
        findings = judged(run, accounts, rules)
        step.done({"findings": len(findings)})
    with run.step("report", "R", "Write the report") as step:
        run.artifact("findings.csv", tables.written(TITLES, findings), "text/csv")
        step.done()
    for severity in SEVERITIES:
        count = sum(row["severity"] == severity for row in findings)
        run.log(f"{severity}: {count}")
    if len(findings) > SHOWN:
        run.log(f"the table shows the first {SHOWN} of {len(findings)} findings; findings.csv has all")
    return findings[:SHOWN]


def understood(run: Run, file: File) -> List[Account]:
    """The accounts of the file. What cannot be understood ends the run with the line that a person has to mend."""
    table = tables.read(file.text(), COLUMNS, required=["account", "last_sign_in", "roles"])
    if table.unused:
        run.log(f"columns that are not looked at: {', '.join(table.unused)}")
    if not table.rows:
        raise tables.bad("The file has a header and no account.")
    signed_in = tables.dates(table.rows, "last_sign_in")
    accounts: List[Account] = []
    lines: Dict[str, int] = {}
    for row in table.rows:
        if not row["account"]:
            raise tables.bad(f"Line {row.line} has no account.")
        before = lines.setdefault(row["account"].lower(), row.line)
        if before != row.line:
            raise tables.bad(f"Line {row.line} has the same account as line {before}.")
        roles = [role.strip() for role in re.split(r"[;,|]", row["roles"]) if role.strip()]
        machine = row["type"].lower() in MACHINES
        enabled = row["status"].lower() not in DISABLED
        accounts.append(Account(row["account"], roles, signed_in[row.line], enabled, machine))
    return accounts


def as_of(given: Optional[str], accounts: Sequence[Account]) -> date:
    """The day of the review: the one that was given, or the one of the list's latest sign-in."""
    if given:
        return date.fromisoformat(given)
    days = [account.last_sign_in for account in accounts if account.last_sign_in]
    if not days:
        raise tables.bad("No account of the list was ever used. Say the day that the list is from.")
    return max(days)


def judged(run: Run, accounts: Sequence[Account], rules: Rules) -> List[Dict[str, Any]]:
    """What there is to say, the worst first."""
    findings = []
    for number, account in enumerate(accounts, 1):
        found = finding(account, rules)
        if found:
            severity, what, advice = found
            used = account.last_sign_in
            findings.append(
                {
                    "account": account.account,
                    "finding": what,
                    "severity": severity,
                    "last_sign_in": used.isoformat() if used else "never",
                    "days": (rules.as_of - used).days if used else None,
                    "roles": ", ".join(account.roles),
                    "advice": advice,
                }
            )
        run.progress(number, len(accounts), "accounts")
    # Among equals the longest unused first; never counts as longest.
    return sorted(
        findings,
        key=lambda row: (SEVERITIES.index(row["severity"]), -(10**6 if row["days"] is None else row["days"]), row["account"]),
    )


def finding(account: Account, rules: Rules) -> "Optional[tuple[str, str, str]]":
    """The one thing that matters most about an account, if anything does."""
    privileged = [role for role in account.roles if any(word in role.lower() for word in rules.privileged)]
    used = account.last_sign_in
    dormant = used is None or (rules.as_of - used).days > rules.dormant_after
    if not account.enabled:
        if privileged:
            return "medium", "Disabled, and keeps privileged roles", "Take the roles away: enabling it again would bring them back."
        return None
    if privileged and dormant:
        return "high", "Privileged and dormant", "Take the privileged roles away today, then ask its owner."
    if privileged and account.machine:
        return "high", "A machine with a person's power", "Give it a role with only what it does."
    if len(privileged) > 1:
        return "medium", "Several privileged roles", "Keep the one that is needed."
    if dormant and used is None:
        return "medium", "Never used", "Delete it, unless it was made this week."
    if dormant:
        return "low", "Dormant", "Disable it, and delete it when nobody asks."
    return None


if __name__ == "__main__":
    main(run)
