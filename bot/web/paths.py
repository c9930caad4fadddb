"""Where the pages are: the public address, and the path below which everything lives behind a proxy."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """`https://club.example/pot` → origin `https://club.example`, base `/pot`."""

    origin: str
    base: str

    @classmethod
    def parse(cls, text: str) -> PublicUrl:
        """Read the configured address; ValueError when it is not one."""
        parts = urlsplit(text.strip())
        base = parts.path.rstrip("/")
        plain = not (parts.query or parts.fragment or parts.username or parts.password)
        if parts.scheme not in ("http", "https") or not parts.hostname or not plain or "//" in base:
            raise ValueError("not the address of a site")
        return cls(f"{parts.scheme}://{parts.netloc.lower()}", base)

    @property
    def is_secure(self) -> bool:
        """Whether browsers reach the pages by https."""
        return self.origin.startswith("https://")

    @property
    def host(self) -> str:
        """`club.example`, with the port where one is named."""
        return self.origin.split("://", 1)[1]

    def to(self, path: str) -> str:
        """The path as a browser asks for it."""
        return self.base + path

    def full(self, path: str) -> str:
        """The whole address, for links that are sent to people."""
        return self.origin + self.base + path
