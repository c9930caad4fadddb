"""Text as Discord shows it: the markdown that Discord knows, as HTML in which everything else is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping

from markupsafe import Markup, escape

_DEEPEST = 8
_INLINE = re.compile(
    r"""\\(?P<plain>[^a-zA-Z0-9\s])
    |`(?P<code>[^`\n]+)`
    |\*\*(?P<bold>.+?)\*\*(?!\*)
    |__(?P<under>.+?)__
    |~~(?P<strike>.+?)~~
    |\|\|(?P<spoiler>.+?)\|\|
    |\*(?P<star>[^\s*](?:[^*]*[^\s*])?)\*
    |(?<!\w)_(?P<line>[^\s_](?:[^_]*[^\s_])?)_(?!\w)
    |\[(?P<label>[^\]\n]+)\]\((?P<target>https?://[^\s)]+)\)
    |<(?P<mention>@&|@!?|\#)(?P<id>[0-9]{1,20})>
    |(?P<address>https?://[^\s<>]+)""",
    re.VERBOSE,
)
_TAGS = {
    "bold": Markup("<strong>{}</strong>"), "under": Markup("<u>{}</u>"), "strike": Markup("<s>{}</s>"),
    "star": Markup("<em>{}</em>"), "line": Markup("<em>{}</em>"),
}  # fmt: skip
_HEADING = re.compile(r"(#{1,3}) +(.+)")
_BULLET = re.compile(r"( *)[-*] +(.*)")
_NUMBERED = re.compile(r"( *)([0-9]{1,3})\. +(.*)")


def as_html(text: str, names: Mapping[str, str] | None = None) -> Markup:
    """The text as Discord would show it; `names` are what mentions are called ("@123", "#45", "@&6")."""
    known = dict(names or {})
    parts: list[Markup] = []
    lines = text.replace("\r\n", "\n").split("\n")
    while lines:
        if lines[0].startswith("```") and "```" in "\n".join(lines)[3:]:
            block, rest = "\n".join(lines)[3:].split("```", 1)
            first, _, after = block.partition("\n")
            shown = after if after and re.fullmatch(r"[\w+-]*", first) else block
            parts.append(Markup('<pre class="discord-code">{}</pre>').format(shown.strip("\n")))
            lines = rest.removeprefix("\n").split("\n") if rest.strip("\n") else []
        else:
            parts.append(_line(lines.pop(0), known))
    return Markup("").join(parts)


def _line(line: str, names: Mapping[str, str]) -> Markup:
    """One line: a heading, small print, a quote, a point of a list, or plain."""
    if not line.strip():
        return Markup('<p class="discord-gap"></p>')
    if line.startswith("-# "):
        return Markup('<p class="discord-small">{}</p>').format(_inline(line[3:], names))
    if heading := _HEADING.fullmatch(line.rstrip()):
        size = len(heading[1])
        return Markup('<p class="discord-h{}">{}</p>').format(size, _inline(heading[2], names))
    if line.startswith("> "):
        return Markup('<blockquote class="discord-quote">{}</blockquote>').format(_inline(line[2:], names))
    if point := _BULLET.fullmatch(line):
        deep = " is-deep" if point[1] else ""
        return Markup('<p class="discord-point{}">{}</p>').format(deep, _inline(point[2], names))
    if point := _NUMBERED.fullmatch(line):
        return Markup('<p class="discord-number">{}. {}</p>').format(point[2], _inline(point[3], names))
    return Markup("<p>{}</p>").format(_inline(line, names))


def _inline(text: str, names: Mapping[str, str], depth: int = 0) -> Markup:
    """What stands inside a line. Every piece that is not a tag of ours is escaped."""
    if depth > _DEEPEST:
        return escape(text)
    parts: list[Markup] = []
    end = 0
    for found in _INLINE.finditer(text):
        parts += [escape(text[end : found.start()]), _piece(found, names, depth)]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _piece(found: re.Match[str], names: Mapping[str, str], depth: int) -> Markup:
    kind = found.lastgroup or ""
    if kind in _TAGS:
        return _TAGS[kind].format(_inline(found[kind], names, depth + 1))
    match kind:
        case "plain":
            return escape(found["plain"])
        case "code":
            return Markup("<code>{}</code>").format(found["code"])
        case "spoiler":
            return Markup('<span class="discord-spoiler">{}</span>').format(
                _inline(found["spoiler"], names, depth + 1)
            )
        case "target":
            return Markup('<span class="discord-link">{}</span>').format(
                _inline(found["label"], names, depth + 1)
            )
        case "id":
            sign = found["mention"].replace("!", "")
            name = names.get(f"{sign}{found['id']}", found["id"])
            return Markup('<span class="discord-mention">{}{}</span>').format(sign.replace("&", ""), name)
    return Markup('<span class="discord-link">{}</span>').format(found["address"])
