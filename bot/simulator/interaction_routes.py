"""The REST routes that answer an interaction: the first answer and all that its token allows."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from bot.simulator.api import Api, number
from bot.simulator.errors import (
    unknown_interaction,
    unknown_webhook,
)
from bot.simulator.files import read_body
from bot.simulator.interactions import Interaction, Interactions

Payload = dict[str, Any]


class InteractionRoutes:
    """The first answer to an interaction and everything its token allows afterwards."""

    def __init__(self, interactions: Interactions) -> None:
        self.interactions = interactions

    def add_to(self, api: Api) -> None:
        api.route("POST", "/interactions/{interaction_id}/{token}/callback", self.callback, needs_token=False)
        at = "/webhooks/{application_id}/{token}"
        api.route("POST", at, self.follow_up, needs_token=False)
        api.route("GET", at + "/messages/{reference}", self.get, needs_token=False)
        api.route("PATCH", at + "/messages/{reference}", self.edit, needs_token=False)
        api.route("DELETE", at + "/messages/{reference}", self.delete, needs_token=False)

    async def callback(self, request: web.Request) -> Payload | None:
        payload, uploads = await read_body(request)
        interaction_id = number(request, "interaction_id", unknown_interaction())
        answer = self.interactions.callback(interaction_id, request.match_info["token"], payload, uploads)
        wants_answer = request.query.get("with_response", "").lower() in ("1", "true")
        return answer if wants_answer else None

    def _interaction(self, request: web.Request) -> Interaction:
        application_id = number(request, "application_id", unknown_webhook())
        return self.interactions.with_token(application_id, request.match_info["token"])

    async def follow_up(self, request: web.Request) -> Payload:
        interaction = self._interaction(request)
        payload, uploads = await read_body(request)
        return self.interactions.follow_up(interaction, payload, uploads).data

    async def get(self, request: web.Request) -> Payload:
        interaction = self._interaction(request)
        return self.interactions.find(interaction, request.match_info["reference"]).data

    async def edit(self, request: web.Request) -> Payload:
        interaction = self._interaction(request)
        payload, uploads = await read_body(request)
        message = self.interactions.find(interaction, request.match_info["reference"])
        self.interactions.edit(interaction, message, payload, uploads)
        return message.data

    async def delete(self, request: web.Request) -> None:
        interaction = self._interaction(request)
        self.interactions.delete(
            interaction, self.interactions.find(interaction, request.match_info["reference"])
        )
