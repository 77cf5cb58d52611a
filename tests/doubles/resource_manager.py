"""A double of the part of Azure Resource Manager that sets the throughput of Cosmos DB.

It is built from the published REST description, not the service: throughput settings are read and put, manual or
autoscale; a change can take a while; If-Match is heeded as ARM describes it for resources with an etag.

It leaves out: the signature of tokens, accounts and databases themselves, asynchronous operations besides
offerReplacePending, limits between scaling up and down, and throttling.
"""

import json

from answers import Answers, Refused


class Setting:
    """One throughput setting."""

    def __init__(self, units=400, autoscale=False, minimum=400):
        self.units, self.autoscale, self.minimum = units, autoscale, minimum
        self.version, self.changes, self.looks_until_done, self.pending = 1, 0, 0, 0

    @property
    def etag(self):
        return f'"{self.version:08x}-0000-0000-0000-000000000000"'

    def change(self, units):
        self.units, self.version, self.changes = units, self.version + 1, self.changes + 1
        self.pending = self.looks_until_done

    def shown(self):
        resource = {"minimumThroughput": str(self.minimum), "_etag": self.etag}
        if self.autoscale:
            resource |= {"throughput": self.units // 10, "autoscaleSettings": {"maxThroughput": self.units}}
        else:
            resource |= {"throughput": self.units}
        if self.pending:
            self.pending -= 1
            resource |= {"offerReplacePending": "true"}
        return {"name": "default", "properties": {"resource": resource}}


class Manager(Answers):
    """One connection. `settings` has the settings by path, `lose` answers whether an answer is lost."""

    settings, lose = {}, staticmethod(lambda: False)

    def route(self, path, query, body):
        if not self.headers.get("authorization", "").startswith("Bearer "):
            raise Refused(401, "AuthenticationFailed", "The 'Authorization' header is missing.")
        if query.get("api-version") != "2024-11-15":
            raise Refused(400, "MissingApiVersionParameter", "The api-version is missing or unknown.")
        setting = self.settings.get(path)
        if setting is None:
            raise Refused(404, "NotFound", "There is no such resource.")
        if self.command == "GET":
            return setting.shown()
        if self.command != "PUT":
            raise Refused(405, "MethodNotAllowed", "no such operation")
        wanted = self.headers.get("if-match")
        if wanted not in (None, "*", setting.etag):
            raise Refused(412, "PreconditionFailed", "One of the specified pre-condition is not met.")
        resource = json.loads(body)["properties"]["resource"]
        if ("autoscaleSettings" in resource) != setting.autoscale:
            raise Refused(400, "BadRequest", "The mode is changed by another operation.")
        units = resource["autoscaleSettings"]["maxThroughput"] if setting.autoscale else resource["throughput"]
        if units < setting.minimum:
            raise Refused(400, "BadRequest", "Less than the minimum.")
        setting.change(units)
        if self.lose():
            self.connection.close()
            raise ConnectionAbortedError
        return setting.shown()
