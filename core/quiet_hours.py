"""Hours of the club's wall clock in which nobody is reminded; what is due then waits until they are over."""

from datetime import datetime, timedelta

from core.clock import at_local_time, local_datetime
from core.models import Workspace


def quiet_until(workspace: Workspace, now: datetime) -> datetime | None:
    """When the quiet hours that it is now end; None when it is not quiet. They may go over midnight."""
    start, end = workspace.quiet_from, workspace.quiet_to
    if start is None or end is None:
        return None
    local = local_datetime(now, workspace.timezone)
    time = f"{local:%H:%M}"
    overnight = start > end
    is_quiet = (time >= start or time < end) if overnight else start <= time < end
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if overnight and time >= start else 0)
    # In the hour that a clock shows twice the end may seem over: look again soon, then.
    return max(at_local_time(day, end, workspace.timezone), now + timedelta(minutes=1))
