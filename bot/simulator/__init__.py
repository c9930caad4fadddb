"""A Discord on loopback: REST, gateway and a chat page, for the demo and for tests over real sockets."""

from bot.simulator.server import Simulator
from bot.simulator.world import World

__all__ = ["Simulator", "World"]
