"""Ways to pay, with the instructions that a payer sees. A retired one stays in the books."""

from core import access, audit, errors
from core.access import Role
from core.db import Tx
from core.models import Actor, Method, MethodId, Workspace
from core.store import methods
from core.text import clean_name, clean_text, name_key
from core.unset import UNSET, Unset
from core.workspaces import whole_number

NAME_CHARACTERS = 80
INSTRUCTIONS_CHARACTERS = 1000
MOST_ORDER = 999
KINDS = ("bank", "mobile", "cash", "online")


def add(
    tx: Tx, actor: Actor, name: str, kind: str, instructions: str = "", *, sort_order: int | None = None
) -> Method:
    """Add a way to pay; without `sort_order` it is shown last. Raises MethodNameTaken, InvalidInput."""
    access.require(tx, actor, Role.TREASURER)
    workspace = access.workspace_of(tx, actor)
    shown_name, key = _free_name(tx, workspace, name)
    if sort_order is None:
        used = [method.sort_order for method in methods.everyone(tx.conn, workspace.id)]
        sort_order = min(max(used, default=0) + 1, MOST_ORDER)
    method_id = methods.add(
        tx.conn, workspace_id=workspace.id, name=shown_name, name_key=key, kind=_kind(kind),
        instructions=clean_text(instructions, "instructions", INSTRUCTIONS_CHARACTERS),
        sort_order=whole_number("sort_order", sort_order, 0, MOST_ORDER), now=tx.now_text,
    )  # fmt: skip
    method = _load(tx, actor, method_id)
    audit.record(tx, actor, "method.add", "method", method.id, after=_state(method))
    return method


def edit(
    tx: Tx,
    actor: Actor,
    method_id: MethodId,
    *,
    name: str | Unset = UNSET,
    kind: str | Unset = UNSET,
    instructions: str | Unset = UNSET,
    sort_order: int | Unset = UNSET,
) -> Method:
    """Change the given fields; the others stay. Raises MethodUnknown for a retired one too."""
    access.require(tx, actor, Role.TREASURER)
    workspace, before = access.workspace_of(tx, actor), _load(tx, actor, method_id)
    if before.retired_at is not None:
        raise errors.MethodUnknown()
    shown_name, key = (
        (before.name, before.name_key) if name is UNSET else _free_name(tx, workspace, name, before)
    )
    methods.update(
        tx.conn, before.id, name=shown_name, name_key=key,
        kind=before.kind if kind is UNSET else _kind(kind),
        instructions=before.instructions if instructions is UNSET
        else clean_text(instructions, "instructions", INSTRUCTIONS_CHARACTERS),
        sort_order=before.sort_order if sort_order is UNSET
        else whole_number("sort_order", sort_order, 0, MOST_ORDER),
    )  # fmt: skip
    after = _load(tx, actor, before.id)
    if after != before:
        audit.record(tx, actor, "method.edit", "method", after.id, before=_state(before), after=_state(after))
    return after


def move(tx: Tx, actor: Actor, method_id: MethodId, *, up: bool) -> list[Method]:
    """Show a way to pay one place earlier or later; returns all in their new order.

    Nothing happens at either end of the list. Raises MethodUnknown for a retired one too.
    """
    access.require(tx, actor, Role.TREASURER)
    moved = _load(tx, actor, method_id)
    if moved.retired_at is not None:
        raise errors.MethodUnknown()
    order = [method.id for method in methods.everyone(tx.conn, moved.workspace_id)]
    place = order.index(moved.id)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
        methods.set_order(tx.conn, order)
        audit.record(
            tx, actor, "method.move", "method", moved.id, before={"place": place + 1},
            after={"place": other + 1},
        )  # fmt: skip
    return methods.everyone(tx.conn, moved.workspace_id)


def retire(tx: Tx, actor: Actor, method_id: MethodId) -> Method:
    """Offer a way to pay no longer; what was paid by it stays as it is."""
    access.require(tx, actor, Role.TREASURER)
    before = _load(tx, actor, method_id)
    if before.retired_at is None:
        methods.retire(tx.conn, before.id, tx.now_text)
        audit.record(tx, actor, "method.retire", "method", before.id, after={"retired": True})
    return _load(tx, actor, before.id)


def restore(tx: Tx, actor: Actor, method_id: MethodId) -> Method:
    """Offer a retired way to pay again. Raises MethodNameTaken when another one has its name by now."""
    access.require(tx, actor, Role.TREASURER)
    before = _load(tx, actor, method_id)
    if before.retired_at is not None:
        _free_name(tx, access.workspace_of(tx, actor), before.name, before)
        methods.restore(tx.conn, before.id)
        audit.record(tx, actor, "method.restore", "method", before.id, after={"retired": False})
    return _load(tx, actor, before.id)


def everyone(tx: Tx, actor: Actor) -> list[Method]:
    """The ways to pay in the order in which they are shown; anybody in the club may ask how to pay."""
    return methods.everyone(tx.conn, access.workspace_of(tx, actor).id)


def with_retired(tx: Tx, actor: Actor) -> list[Method]:
    access.require(tx, actor, Role.AUDITOR)
    return methods.everyone(tx.conn, access.workspace_of(tx, actor).id, with_retired=True)


def _load(tx: Tx, actor: Actor, method_id: int) -> Method:
    method = methods.get(tx.conn, actor.workspace_id, method_id)
    if method is None:
        raise errors.MethodUnknown()
    return method


def _free_name(tx: Tx, workspace: Workspace, name: str, own: Method | None = None) -> tuple[str, str]:
    shown_name = clean_name(name, "name", NAME_CHARACTERS)
    key = name_key(shown_name)
    for holder in methods.everyone(tx.conn, workspace.id):
        if holder.name_key == key and (own is None or holder.id != own.id):
            raise errors.MethodNameTaken(method=holder.name)
    return shown_name, key


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise errors.ChoiceUnknown(field="kind", value=errors.shown(str(kind)), choices=", ".join(KINDS))
    return kind


def _state(method: Method) -> dict[str, object]:
    return {
        "name": method.name, "kind": method.kind, "instructions": method.instructions,
        "sort_order": method.sort_order,
    }  # fmt: skip
