"""Which characters a file is made of: taken when sure, asked when not, never guessed."""

from __future__ import annotations

import random

import pytest

from core.errors import (
    EncodingUnclear,
    EncodingWrong,
    FileEmpty,
    FileNotText,
    FileTooLarge,
    UnknownEncoding,
)
from core.roster_csv import parse
from core.roster_encoding import ENCODINGS, decode

TRADITIONAL = [
    "陳怡君",
    "林志明",
    "黃雅婷",
    "張家豪",
    "李淑芬",
    "王美玲",
    "吳俊傑",
    "劉宗翰",
    "許哲瑋",
    "鄭欣怡",
]
SIMPLIFIED = ["王伟", "李芳", "张敏", "刘静", "陈丽", "杨强", "赵磊", "黄军", "周洋", "吴艳", "徐杰", "孙涛"]
JAPANESE = [
    "佐藤翔太",
    "鈴木さくら",
    "高橋大輔",
    "田中美咲",
    "渡辺健一",
    "伊藤ひなた",
    "山本陽菜",
    "中村ケン",
]

FILES = [
    ("cp950", "姓名,信箱,Netflix", TRADITIONAL),
    ("gb18030", "姓名,邮箱,Netflix", SIMPLIFIED),
    ("gb18030", "姓名,信箱,Netflix", TRADITIONAL),
    ("cp932", "氏名,メールアドレス,Netflix", JAPANESE),
]


def roster(header: str, names: list[str]) -> str:
    return f"{header}\r\n" + "".join(f"{name},m{n}@example.org,TRUE\r\n" for n, name in enumerate(names))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf8_is_known_with_and_without_its_mark(encoding: str):
    text = roster("姓名,信箱,Netflix", TRADITIONAL)
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.label) == (text, "utf-8", "UTF-8")


@pytest.mark.parametrize(
    "name", ["José", "Zoë Müller", "Иван Петров", "Βασίλης Παπαδόπουλος", "王偉", "王堃", "Ann 😀", "O’Neill"]
)
def test_one_name_in_utf8_is_enough_when_it_can_be_nothing_else(name: str):
    text = f"name,email\n{name},a@x.org\n"
    assert decode(text.encode()).text == text


def test_utf16_is_known_by_its_mark():
    text = roster("姓名\t信箱\tNetflix", []) + "王小明\ta@x.org\tTRUE\r\n"
    for data in (text.encode("utf-16"), b"\xfe\xff" + text.encode("utf-16-be")):
        assert decode(data).text == text
        assert decode(data).encoding == "utf-16"


@pytest.mark.parametrize(("encoding", "header", "names"), FILES)
def test_a_recognised_header_proves_the_encoding_even_of_one_row(
    encoding: str, header: str, names: list[str]
):
    for count in (1, len(names)):
        text = roster(header, names[:count])
        decoded = decode(text.encode(encoding))
        assert (decoded.text, decoded.encoding) == (text, encoding)
        assert len(parse(decoded.text).rows) == count


@pytest.mark.parametrize(("encoding", "_header", "names"), FILES)
def test_with_an_english_header_the_names_themselves_decide(encoding: str, _header: str, names: list[str]):
    text = roster("name,email,Netflix", names)
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, encoding)


@pytest.mark.parametrize(("encoding", "_header", "names"), FILES)
def test_too_few_characters_to_be_sure_are_asked_about_not_guessed(
    encoding: str, _header: str, names: list[str]
):
    data = roster("name,email,Netflix", names[:1]).encode(encoding)
    with pytest.raises(EncodingUnclear) as caught:
        decode(data)
    assert encoding in str(caught.value.params["candidates"])
    assert decode(data, encoding).text == data.decode(encoding)


@pytest.mark.parametrize(("encoding", "_header", "names"), FILES)
def test_small_files_of_any_names_are_never_read_wrongly(encoding: str, _header: str, names: list[str]):
    letters = "".join(names)
    chance = random.Random(2026)  # noqa: S311  the same names in every run
    for _ in range(300):
        people = [
            "".join(chance.choices(letters, k=chance.choice((2, 3)))) for _ in range(chance.randint(1, 6))
        ]
        data = roster("name,email,Netflix", people).encode(encoding)
        try:
            assert decode(data).text == data.decode(encoding)
        except EncodingUnclear:
            continue


def test_a_short_name_that_happens_to_be_valid_utf8_is_asked_about():
    data = "name,email\r\n谭莎莎,a@x.org\r\n".encode("gb18030")
    assert data.decode("utf-8")  # the trap
    with pytest.raises(EncodingUnclear) as caught:
        decode(data)
    assert str(caught.value.params["candidates"]).startswith("utf-8, ")
    assert "gb18030" in str(caught.value.params["candidates"])
    assert decode(data, "gb18030").text.splitlines()[1].startswith("谭莎莎")


def test_two_readings_that_both_make_sense_are_asked_about():
    # Read as Big5 these names are other everyday characters but for one.
    data = roster("name,email,Netflix", ["陈丽", "李丽", "李芳", "刘静", "刘伟", "黄军"]).encode("gb18030")
    with pytest.raises(EncodingUnclear) as caught:
        decode(data)
    assert caught.value.params["candidates"] == "cp950, gb18030"


def test_an_unrecognised_header_is_asked_about():
    with pytest.raises(EncodingUnclear):
        decode(roster("誰,哪裡,Netflix", TRADITIONAL).encode("cp950"))


def test_western_files_are_asked_about_and_can_be_chosen():
    data = roster("name,email,Netflix", ["José", "Müller", "Zoë", "François"]).encode("cp1252")
    with pytest.raises(EncodingUnclear) as caught:
        decode(data)
    assert "cp1252" in str(caught.value.params["candidates"])
    assert "François" in decode(data, "cp1252").text


@pytest.mark.parametrize(
    ("typed", "encoding"),
    [
        ("Big5", "cp950"),
        ("CP950", "cp950"),
        ("gbk", "gb18030"),
        ("Shift_JIS", "cp932"),
        ("ＳＪＩＳ", "cp932"),
        ("utf8", "utf-8"),
    ],
)
def test_encodings_may_be_called_by_their_common_names(typed: str, encoding: str):
    assert decode(b"name,email\n", typed).encoding == encoding


@pytest.mark.parametrize("name", ["簡鈺品", "賴鈺凱", "賴玲文", "詹華穎", "邱偉君", "賴翰君"])
def test_names_in_big5_that_happen_to_be_valid_utf8_are_asked_about(name: str):
    data = f"name,email\r\n{name},a@x.org\r\n".encode("cp950")
    with pytest.raises(EncodingUnclear):
        decode(data)


@pytest.mark.parametrize("encoding", list(ENCODINGS))
def test_every_offered_encoding_can_be_chosen(encoding: str):
    text = "name,email\nAnn,a@x.org\n"
    assert decode(text.encode("utf-16" if encoding == "utf-16" else "ascii"), encoding).text == text


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("姓名,信箱\n陳怡君,a@x.org\n".encode("cp950"), "utf-8"),
        ("姓名,信箱\n陳怡君,a@x.org\n".encode("utf-8-sig"), "cp950"),
        ("姓名,信箱\n".encode("utf-16"), "utf-8"),
        (b"name,email\n", "utf-16"),
        (b"name,email\n\x81", "cp950"),
        ("姓名,信箱\n".encode("utf-16")[:-1], "utf-16"),
    ],
)
def test_a_choice_that_does_not_fit_is_refused(data: bytes, encoding: str):
    with pytest.raises(EncodingWrong):
        decode(data, encoding)


@pytest.mark.parametrize("typed", ["klingon", "utf-7", "rot13", "cp950; rm"])
def test_an_unknown_encoding_is_refused_with_the_choices(typed: str):
    with pytest.raises(UnknownEncoding) as caught:
        decode(b"name\n", typed)
    assert "cp950" in str(caught.value.params["choices"])


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b" \r\n\r\n"])
def test_an_empty_file_is_refused(data: bytes):
    with pytest.raises(FileEmpty):
        decode(data)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04\x14\x00\x06\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        b"name,email\nAnn\x00,a@x.org\n",
        "name,email\n".encode("utf-16-le"),
        "name\0,email\n".encode("utf-16"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes):
    with pytest.raises(FileNotText):
        decode(data)


def test_a_file_beyond_five_megabytes_is_not_read():
    decode(b"name\n" + b"a" * 4_999_995)
    with pytest.raises(FileTooLarge) as caught:
        decode(b"name\n" + b"a" * 4_999_996)
    assert caught.value.params == {"megabytes": 5}
