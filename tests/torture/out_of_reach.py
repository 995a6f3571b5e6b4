"""Out of reach: the places beside awaits that no act comes to, each with the reason."""

from __future__ import annotations

from tests.torture.edges import Place, beside, place_of

_REFRESH = "self._refresh()"


def out_of_reach(*, is_postgres: bool) -> dict[Place, str]:
    """Return the places that no act can come to, and why."""
    never = "it never returns: it is cancelled, or ends by an error"
    raises = "what runs in it is cancelled, or ends by an error: so does leaving it"
    answered = "every message of a private chat has a handler that answers"
    unread = "one read of the keyring fails, and the next does not: no act breaks a disk so"
    cut_off = "a swap took effect and its answer was lost: no signal does that"
    found = {
        place_of("one_sender", "deliver_alone", "deliver(0)", "after"): never,
        place_of("delivering", "run", "asyncio.TaskGroup()", "left"): raises,
        place_of("one_sender", "_hold", "asyncio.TaskGroup()", "left"): raises,
        place_of("one_sender", "_hold", "deliver(token)", "after"): never,
        **dict.fromkeys(beside("intake", "_settle"), answered),
        **dict.fromkeys(beside("delivering", "_until_done", "asyncio.sleep(self._look)"), unread),
        **dict.fromkeys(beside("vault", "rekey", _REFRESH), cut_off),
        **dict.fromkeys(beside("vault", "_grow", _REFRESH), "only one process seals anew here"),
    }
    if is_postgres:
        unleased = place_of("one_sender", "deliver_alone", "deliver(0)", "before")
        return {**found, unleased: "nobody delivers without a lease"}
    alone = "one process needs no lease, and no fence that a mark could outlive"
    leased = [place for place in beside("one_sender") if place.number > 0]
    first, second = sorted({place.number for place in beside("delivering", "_mark")})
    again = [place for place in beside("delivering", "_mark") if place.number == second > first]
    kept = dict.fromkeys(beside("vault", "keep"), "the one process keeps the rows from the beginning")
    return {**dict.fromkeys([*leased, *again], alone), **kept, **found}


def seldom_reached(*, is_postgres: bool) -> dict[Place, str]:
    """Return the places that only a lost race leads to: whoever comes to them ends there all the same."""
    if is_postgres:
        two = "two wait for the same table, and one of them turns to the new one first"
        return dict.fromkeys(beside("vault", "_refresh", "asyncio.sleep(0.01)"), two)
    own = "only this process seals anew: it meets its own swap before the thread's word of it"
    turning = [*beside("vault", words=_REFRESH), *beside("vault", "_refresh")]
    never = out_of_reach(is_postgres=False)
    return {place: own for place in turning if place not in never}
