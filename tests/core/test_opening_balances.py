"""What members owed or had paid when the books began."""
def test_smoke(club):
    plan = club.plan(); m = club.subscriber(plan); club.open(); 
    p = club.submit(m); club.verify(p)
    assert club.bills(m)[0].status == "verified"
    club.opening_balance(m, -100)
    club.opening_balance(club.member(), 100)
