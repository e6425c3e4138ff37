"""Typed and plain text: shown as typed, read in any encoding, refused in one sentence."""

import pytest

from models.errors import DecodeError, InputError, TooLargeError
from models.inputs.text import decode_text, text_case
from models.inputs.text_document import DocumentLimits
from tests.models.inputs.text_builders import REPORT


def words_of(text: str) -> list[str]:
    document = text_case(text, name="typed").document
    return [document.word(index) for index in range(len(document.words))]


def sentences_of(text: str) -> list[str]:
    document = text_case(text, name="typed").document
    found: list[list[str]] = []
    for index, number in enumerate(document.sentence_of.tolist()):
        if number == len(found):
            found.append([])
        found[number].append(document.word(index))
    return [" ".join(words) for words in found]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a", ["a"]),
        ("No effusion.", ["No", "effusion"]),
        ("3.5 cm, 1,000 mL; 12.11.2020", ["3.5", "cm", "1,000", "mL", "12.11.2020"]),
        ("right-sided T6-T7 don't", ["right-sided", "T6-T7", "don't"]),
        ("- (left) /right/ _both_", ["left", "right", "both"]),
        ("<script>alert('x')</script>", ["script", "alert", "x", "script"]),
        ("$\\frac{a}{b}$ 👩‍⚕️ **no** ❤️", ["frac", "a", "b", "no"]),
        ("Pleuraerguß naïve Ödem", ["Pleuraerguß", "naïve", "Ödem"]),
        ("x\u0302y e\u0301dema", ["x\u0302y", "édema"]),
        ("胸水なし", ["胸水なし"]),
        ("co\u00adop\u200berate", ["cooperate"]),
        ("end.\x00\x07Next", ["end.Next"[:3], "Next"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("No effusion. Heart normal.", ["No effusion", "Heart normal"]),
        ("A 3.5 cm mass. It grew.", ["A 3.5 cm mass", "It grew"]),
        ("Seen by Dr. Smith vs. prior. Done", ["Seen by Dr Smith vs prior", "Done"]),
        ("By J. Smith. Signed", ["By J Smith", "Signed"]),
        ("1. No effusion.\n2. Normal.", ["1 No effusion", "2 Normal"]),
        ("1) Clear\n2) Large", ["1 Clear", "2 Large"]),
        ("Measures 4 cm. Stable.", ["Measures 4 cm", "Stable"]),
        ("the heart is\nnormal", ["the heart is normal"]),
        ("The heart\nThe lungs", ["The heart", "The lungs"]),
        ("heart\n\nlungs", ["heart", "lungs"]),
        ('It is "normal." Next', ["It is normal", "Next"]),
        ("Effusion? Yes! Large", ["Effusion", "Yes", "Large"]),
        ("e.g. effusion", ["e g effusion"]),
        ("lungs clear. heart normal", ["lungs clear", "heart normal"]),
        ("...", None),
    ],
)
def test_sentences(text: str, sentences: list[str] | None) -> None:
    if sentences is None:
        with pytest.raises(InputError, match="only punctuation"):
            text_case(text, name="typed")
    else:
        assert sentences_of(text) == sentences


def test_offsets_are_sorted_disjoint_and_inside() -> None:
    document = text_case(REPORT * 50, name="typed").document
    flat = document.words.ravel()
    assert (document.words[:, 0] < document.words[:, 1]).all()
    assert (flat[1:-1:2] <= flat[2::2]).all()
    assert 0 <= flat[0] < flat[-1] <= len(document.text)
    assert document.sentence_of[0] == 0
    assert set(document.sentence_of[1:] - document.sentence_of[:-1]) <= {0, 1}


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "**b** _i_ # h", "$x^2$ a", "a & b &amp; c", "👩‍⚕️ a"]
)
def test_text_stays_as_typed(text: str) -> None:
    case = text_case(text, name="typed")
    assert case.document.text == text
    assert case.remarks == ()


def test_line_ends_become_line_feeds_and_invisible_characters_go() -> None:
    case = text_case("a\r\nb\rc\u2028d\x0ce\u202ef\x00\ufeff", name="typed")
    assert case.document.text == "a\nb\nc\nd\nef"
    assert case.remarks == ("3 invisible characters were removed.",)


def test_half_a_surrogate_pair_is_replaced() -> None:
    assert text_case("a \ud83d b", name="typed").document.text == "a \ufffd b"


def test_text_is_composed_and_its_digest_with_it() -> None:
    one, other = text_case("e\u0301dema", name="a"), text_case("\u00e9dema", name="b")
    assert one.document.text == "\u00e9dema"
    assert one.digest == other.digest


def test_digest_depends_on_the_window() -> None:
    cases = [text_case(REPORT, name="a", start_word=start) for start in (0, 1)]
    assert cases[0].digest != cases[1].digest


@pytest.mark.parametrize("start_word", [-1, 7, 10_000])
def test_a_window_outside_the_text_is_refused(start_word: int) -> None:
    with pytest.raises(InputError, match="7 words"):
        text_case(REPORT, name="a", start_word=start_word)


@pytest.mark.parametrize("text", ["", " \n\t", "\x00\x00", "\u200b"])
def test_no_word_is_said_plainly(text: str) -> None:
    with pytest.raises(InputError, match="empty"):
        text_case(text, name="a")


def test_twenty_thousand_words_are_the_most() -> None:
    assert len(text_case("a " * 20_000, name="a").document.words) == 20_000
    with pytest.raises(TooLargeError, match="20,001 words"):
        text_case("a " * 20_001, name="a")


def test_a_flood_of_characters_is_refused_before_it_is_read() -> None:
    with pytest.raises(TooLargeError, match="5,000,000 characters"):
        text_case("a" * 5_000_000, name="a")


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_unicode_encodings_are_recognised(encoding: str) -> None:
    text = "Kein Pleuraerguß, naïve Streifen. " * 3
    assert decode_text(text.encode(encoding), name="a.txt").document.text == text


def test_western_text_is_read_with_a_remark() -> None:
    case = decode_text("Kein Erguß – “klar” \x81".encode("cp1252", "ignore") + b"\x81", name="a")
    assert case.document.text == "Kein Erguß – “klar” "
    assert "Windows-1252" in case.remarks[0]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "zero bytes"),
        (b"\x00\x01\x02\x03" * 9, "binary"),
        (b"text \x00 text", "binary"),
        (b"\xff\xfea", "marked as UTF-16"),
        (b"\xef\xbb\xbf\xff", "marked as UTF-8"),
        (b"\xd0\xcf\x11\xe0 old", "old kind"),
        (b"{\\rtf1 text}", "rich-text"),
        (b"\x89PNG\r\n\x1a\n", "PNG picture"),
        (b"\xff\xd8\xff\xe0", "JPEG picture"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    ],
)
def test_what_is_no_text_is_named(data: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        decode_text(data, name="a.txt")


def test_a_large_file_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(TooLargeError, match="at most 1 MiB"):
        decode_text(b"a " * 2**20, name="a.txt", limits=DocumentLimits(max_bytes=2**20))


def test_errors_and_names_never_quote_the_text() -> None:
    case = decode_text(b"secretname", name="a.txt")
    assert "secretname" not in repr(case.digest)
    with pytest.raises(InputError) as caught:
        decode_text(b"secretname\x00", name="a.txt")
    assert "secretname" not in str(caught.value)
