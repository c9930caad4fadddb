"""members and link_requests."""

import sqlite3

from core.models import LinkRequest, LinkRequestId, Member, MemberId
from core.store.rows import change, columns, insert, many, one, value

_MEMBER = columns(Member)
_MEMBER_P = columns(Member, "person")
_REQUEST = columns(LinkRequest)

# Every entry of the person that the entry :member stands for: the one that counts now, and those that were
# merged into it. A merged entry keeps its rows, so whatever is a person's is asked for by this list.
PERSON = """
    (WITH now AS (SELECT coalesce(successor_id, id) AS id FROM members WHERE id = :member)
     SELECT id FROM now UNION ALL
     SELECT merged.id FROM now JOIN members AS merged ON merged.successor_id = now.id)
"""

# Whether the name of a counting entry, or one that was merged into it, contains :text.
_NAMED = """
    (instr(name_key, :text) > 0 OR EXISTS (SELECT 1 FROM members AS merged
        WHERE merged.successor_id = members.id AND instr(merged.name_key, :text) > 0))
"""

# The entry that counts for the one whose id stands in {id}.
COUNTING = "(SELECT coalesce(successor_id, id) FROM members WHERE id = {id})"


def get(conn: sqlite3.Connection, workspace_id: int, member_id: int) -> Member | None:
    return one(
        conn,
        Member,
        f"SELECT {_MEMBER} FROM members WHERE id = :id AND workspace_id = :workspace",
        id=member_id,
        workspace=workspace_id,
    )


def current(conn: sqlite3.Connection, workspace_id: int, member_id: int) -> Member | None:
    """The entry that counts for this one: its successor if it was merged, else itself."""
    return one(
        conn,
        Member,
        f"""
        SELECT {_MEMBER_P} FROM members AS asked JOIN members AS person
            ON person.id = coalesce(asked.successor_id, asked.id)
        WHERE asked.id = :id AND asked.workspace_id = :workspace
        """,
        id=member_id,
        workspace=workspace_id,
    )


def by_discord(conn: sqlite3.Connection, workspace_id: int, discord_id: int) -> Member | None:
    return one(
        conn,
        Member,
        f"SELECT {_MEMBER} FROM members WHERE workspace_id = :workspace AND discord_id = :discord",
        workspace=workspace_id,
        discord=discord_id,
    )


def by_email(conn: sqlite3.Connection, workspace_id: int, email_key: str) -> Member | None:
    return one(
        conn,
        Member,
        f"""
        SELECT {_MEMBER} FROM members
        WHERE workspace_id = :workspace AND email_key = :email AND successor_id IS NULL
        """,
        workspace=workspace_id,
        email=email_key,
    )


def everyone(conn: sqlite3.Connection, workspace_id: int, *, with_left: bool = False) -> list[Member]:
    return many(
        conn,
        Member,
        f"""
        SELECT {_MEMBER} FROM members
        WHERE workspace_id = :workspace AND successor_id IS NULL AND (:with_left OR left_on IS NULL)
        ORDER BY id
        """,
        workspace=workspace_id,
        with_left=int(with_left),
    )


def search(
    conn: sqlite3.Connection, workspace_id: int, text_key: str, *, unlinked_only: bool, limit: int
) -> list[Member]:
    """Members whose name contains `text_key`; what the search text holds is never a pattern."""
    return many(
        conn,
        Member,
        f"""
        SELECT {_MEMBER} FROM members
        WHERE workspace_id = :workspace AND successor_id IS NULL AND left_on IS NULL
            AND {_NAMED} AND (NOT :unlinked OR discord_id IS NULL)
        ORDER BY id LIMIT :limit
        """,
        workspace=workspace_id,
        text=text_key,
        unlinked=int(unlinked_only),
        limit=limit,
    )


def search_linked(conn: sqlite3.Connection, workspace_id: int, text_key: str, *, limit: int) -> list[Member]:
    """Members with a linked account whose name contains `text_key`."""
    return many(
        conn,
        Member,
        f"""
        SELECT {_MEMBER} FROM members
        WHERE workspace_id = :workspace AND discord_id IS NOT NULL AND {_NAMED}
        ORDER BY id LIMIT :limit
        """,
        workspace=workspace_id,
        text=text_key,
        limit=limit,
    )


def page(
    conn: sqlite3.Connection, workspace_id: int, text_key: str, *, with_left: bool, limit: int, offset: int
) -> tuple[list[Member], int]:
    """Members whose name contains `text_key`, from `offset` on, and how many there are altogether."""
    fitting = f"""
        FROM members
        WHERE workspace_id = :workspace AND successor_id IS NULL AND (:with_left OR left_on IS NULL)
            AND (:text = '' OR {_NAMED})
    """
    params = {"workspace": workspace_id, "text": text_key, "with_left": int(with_left)}
    found = many(
        conn, Member, f"SELECT {_MEMBER} {fitting} ORDER BY id LIMIT :limit OFFSET :offset",
        **params, limit=limit, offset=offset,
    )  # fmt: skip
    return found, int(value(conn, f"SELECT count(*) {fitting}", **params))


def add(
    conn: sqlite3.Connection, *, workspace_id: int, name: str, name_key: str, email: str | None,
    email_key: str | None, note: str, now: str,
) -> MemberId:  # fmt: skip
    return MemberId(insert(
        conn,
        """
        INSERT INTO members (workspace_id, name, name_key, email, email_key, note, created_at)
        VALUES (:workspace, :name, :name_key, :email, :email_key, :note, :now)
        """,
        workspace=workspace_id, name=name, name_key=name_key, email=email, email_key=email_key,
        note=note, now=now,
    ))  # fmt: skip


def update(
    conn: sqlite3.Connection, member_id: int, *, name: str, name_key: str, email: str | None,
    email_key: str | None, note: str,
) -> None:  # fmt: skip
    change(
        conn,
        """
        UPDATE members SET name = :name, name_key = :name_key, email = :email, email_key = :email_key,
            note = :note
        WHERE id = :id
        """,
        id=member_id, name=name, name_key=name_key, email=email, email_key=email_key, note=note,
    )  # fmt: skip


def link(conn: sqlite3.Connection, member_id: int, discord_id: int) -> int:
    """Link an account to a member who has none; returns 0 when somebody was faster."""
    return change(
        conn,
        "UPDATE members SET discord_id = :discord WHERE id = :id AND discord_id IS NULL AND left_on IS NULL",
        id=member_id,
        discord=discord_id,
    )


def unlink(conn: sqlite3.Connection, member_id: int) -> None:
    change(conn, "UPDATE members SET discord_id = NULL WHERE id = :id", id=member_id)


def set_left(conn: sqlite3.Connection, member_id: int, left_on: str | None) -> None:
    change(
        conn,
        """
        UPDATE members SET left_on = :left_on, discord_id = iif(:left_on IS NULL, discord_id, NULL)
        WHERE id = :id
        """,
        id=member_id,
        left_on=left_on,
    )


def has_bill_history(conn: sqlite3.Connection, member_id: int) -> bool:
    return bool(value(
        conn,
        f"""
        SELECT EXISTS (SELECT 1 FROM bills WHERE member_id IN {PERSON})
            OR EXISTS (SELECT 1 FROM payments WHERE member_id IN {PERSON})
        """,
        member=member_id,
    ))  # fmt: skip


def count_unlinked(conn: sqlite3.Connection, workspace_id: int) -> int:
    return int(value(
        conn,
        """
        SELECT count(*) FROM members
        WHERE workspace_id = :workspace AND discord_id IS NULL AND left_on IS NULL AND successor_id IS NULL
        """,
        workspace=workspace_id,
    ))  # fmt: skip


def add_request(
    conn: sqlite3.Connection, *, workspace_id: int, member_id: int, discord_id: int, kind: str, status: str,
    by: str | None, now: str,
) -> LinkRequestId:  # fmt: skip
    return LinkRequestId(insert(
        conn,
        """
        INSERT INTO link_requests
            (workspace_id, member_id, discord_id, kind, status, requested_at, decided_by, decided_at)
        VALUES (:workspace, :member, :discord, :kind, :status, :now, :by,
            iif(:status = 'waiting', NULL, :now))
        """,
        workspace=workspace_id, member=member_id, discord=discord_id, kind=kind, status=status, by=by,
        now=now,
    ))  # fmt: skip


def request(conn: sqlite3.Connection, request_id: int) -> LinkRequest | None:
    return one(conn, LinkRequest, f"SELECT {_REQUEST} FROM link_requests WHERE id = :id", id=request_id)


def has_asked(conn: sqlite3.Connection, workspace_id: int, discord_id: int) -> bool:
    """Whether this account ever asked for a name."""
    return bool(value(
        conn,
        """
        SELECT EXISTS (
            SELECT 1 FROM link_requests WHERE workspace_id = :workspace AND discord_id = :discord
        )
        """,
        workspace=workspace_id,
        discord=discord_id,
    ))  # fmt: skip


def waiting_request(
    conn: sqlite3.Connection, workspace_id: int, discord_id: int, kind: str
) -> LinkRequest | None:
    return one(
        conn,
        LinkRequest,
        f"""
        SELECT {_REQUEST} FROM link_requests
        WHERE workspace_id = :workspace AND discord_id = :discord AND kind = :kind AND status = 'waiting'
        """,
        workspace=workspace_id,
        discord=discord_id,
        kind=kind,
    )


def waiting_requests(
    conn: sqlite3.Connection,
    workspace_id: int,
    *,
    member_id: int | None = None,
    discord_id: int | None = None,
) -> list[LinkRequest]:
    """Requests and disputes that wait, about a member or of an account, oldest first."""
    return many(
        conn,
        LinkRequest,
        f"""
        SELECT {_REQUEST} FROM link_requests
        WHERE workspace_id = :workspace AND status = 'waiting'
            AND (:member IS NULL OR member_id IN {PERSON}) AND (:discord IS NULL OR discord_id = :discord)
        ORDER BY id
        """,
        workspace=workspace_id,
        member=member_id,
        discord=discord_id,
    )


def approved_request(conn: sqlite3.Connection, member_id: int, discord_id: int) -> LinkRequest | None:
    """The newest request by which this account got this name."""
    return one(
        conn,
        LinkRequest,
        f"""
        SELECT {_REQUEST} FROM link_requests
        WHERE member_id IN {PERSON} AND discord_id = :discord AND status = 'approved' ORDER BY id DESC LIMIT 1
        """,
        member=member_id,
        discord=discord_id,
    )


def decide_request(
    conn: sqlite3.Connection, request_id: int, *, was: str, status: str, by: str, now: str
) -> int:
    """Move a request on; returns 0 when somebody was faster."""
    return change(
        conn,
        """
        UPDATE link_requests SET status = :status, decided_by = :by, decided_at = :now
        WHERE id = :id AND status = :was
        """,
        id=request_id,
        was=was,
        status=status,
        by=by,
        now=now,
    )
