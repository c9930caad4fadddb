def test_smoke(club):
    club.plan("Base"); club.open()
    from core import roster_import
    data = "姓名,email,Base\n王小明,a@x.tw,TRUE\n".encode()
    d = club.db.preview(roster_import.import_roster, club.treasurer, data)
    print(d)
    from core.preview import digest_of
    d2 = club.db.confirm(digest_of(d), roster_import.import_roster, club.treasurer, data)
    assert d2.effects == d.effects and d2.bills_made == 1
    d3 = club.db.write(roster_import.import_roster, club.treasurer, data)
    assert d3.changes_nothing
    ex = club.db.read(roster_import.export_roster, club.treasurer)
    print(ex.decode())
    assert club.db.write(roster_import.import_roster, club.treasurer, ex).changes_nothing

def test_speed(club):
    import time
    from core import roster_import
    from core.preview import digest_of
    club.plan("Base"); club.plan("Plus", 200); club.open()
    data = ("姓名,email,Base,Plus\n" + "".join(f"王小明{i},a{i}@x.tw,TRUE,{'TRUE' if i%2 else ''}\n" for i in range(20000))).encode()
    a=time.time(); d = club.db.preview(roster_import.import_roster, club.treasurer, data); b=time.time()
    club.db.confirm(digest_of(d), roster_import.import_roster, club.treasurer, data); c=time.time()
    club.db.write(roster_import.import_roster, club.treasurer, data.replace(b"TRUE",b"FALSE")); e=time.time()
    print(b-a,c-b,e-c)
    assert 0
