async def test_smoke(simulator, small_bot):
    a = await simulator.act({"user":"member1","do":"command","name":"echo","options":{"text":"hi"}})
    print(a)
    assert a["messages"][0]["content"]=="hi"
    print(simulator.state())
