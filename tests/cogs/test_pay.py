"""Members pay: the form, screenshots, months, and everything that can go wrong."""

from __future__ import annotations

from tests.cogs.conftest import Server, labels, private, text


async def test_pay_and_verify_end_to_end(server: Server):
    await server.owing(server.ann, 300, 90)
    form = await server.ann.slash(server.general, "pay")
    assert "NT$300" in text(form) and "Total: **NT$390**" in text(form)
    done = await server.ann.submit_modal(form, {"note": "thanks *all*"})
    said = private(done)
    assert "P-0001" in text(said) and "NT$390" in text(said)
    assert labels(said) == ["Withdraw"]
    await server.deliver()
    card = server.review.last_message
    print(text(card))
    assert labels(card) == ["Verify", "Other amount…", "Reject…"]
    clicked = await server.rita.click(card, label="Verify")
    assert clicked.acknowledged
    await server.deliver()
    assert "Verified" in text(server.review.last_message)
    assert "verified" in text(server.dm(server.ann)[-1])
