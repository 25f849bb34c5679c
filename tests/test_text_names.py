"""Names: what is one, its tokens, and when two mean the same."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.text import names, same_name

# sentence -> the names in it, by their tokens
CASES = [
    ("Vladimir Putin spoke to Donald Trump.", ["vladimir putin", "donald trump"]),
    ("RUSSIAN PRESIDENT Vladimir Putin left.", ["russian", "vladimir putin"]),
    ("The Ukrainian President, Volodymyr Zelenskyy, agreed.", ["ukrainian", "volodymyr zelenskyy"]),
    ("Ukraine's President Zelensky met Mr. Starmer.", ["ukraine", "zelensky", "starmer"]),
    ("US Secretary of State Marco Rubio left.", ["us", "marco rubio"]),
    ("White House Press Secretary Karoline Leavitt spoke.", ["white house", "karoline leavitt"]),
    ("French Foreign Minister Jean-Noël Barrot spoke.", ["french", "jean noel barrot"]),
    ("Prime Minister Sir Keir Starmer spoke.", ["keir starmer"]),
    ("Chief Justice John Roberts and Attorney General Pam Bondi.", ["john roberts", "pam bondi"]),
    ("House Speaker Mike Johnson and Senate Majority Leader John Thune.",
     ["house", "mike johnson", "senate", "john thune"]),
    ("Sen. Bob Lee Jr. and Gov. Ann Roe.", ["bob lee jr", "ann roe"]),
    ("King Charles III met Queen Camilla.", ["charles iii", "camilla"]),
    ("Stephen King ate at Burger King.", ["stephen king", "burger king"]),
    ("The King met the Prime Minister and the President.", []),
    ("The Justice Department sued General Motors.", ["justice department", "general motors"]),
    ("The Department of Justice sued the Bank of England.", ["department justice", "bank england"]),
    ("The mayor of London met the head of the Kremlin.", ["london", "kremlin"]),
    ("Bashar al-Assad and Ursula von der Leyen.", ["bashar assad", "ursula leyen"]),
    ("Mohammed bin Salman met Kim Jong-un.", ["mohammed salman", "kim jong un"]),
    ("Sean O'Neill and Jean-Claude Roe.", ["sean o'neill", "jean claude roe"]),
    ("J.K. Marlow met George W. Stone.", ["jk marlow", "george w stone"]),
    ("He left the U.S. He went to NATO.", ["us", "nato"]),
    ("The U.S. Senate and the UN Security Council.", ["us", "senate", "un", "security council"]),
    ("The US said it; they told us.", ["us"]),
    ("The U.S.-Russia talks on F-16 jets.", ["us russia", "f 16"]),
    ("AT&T and Johnson & Roe merged.", ["at&t", "johnson roe"]),
    ("Pro-Russian groups and anti-Kremlin posters.", ["russian", "kremlin"]),
    ("Moscow-backed fighters near St. Petersburg.", ["moscow", "st petersburg"]),
    ("Talks resumed on Tuesday in Jeddah.", ["jeddah"]),
    ("However, Moscow disagreed. Meanwhile, Kyiv waited.", ["moscow", "kyiv"]),
    ("When Putin called, nobody answered.", ["putin"]),
    ("“Zelensky is weak,” he said. “Talks failed.”", ["zelensky"]),
    ("Police said so. Officials agreed. Negotiators left quickly.", []),
    ("Apparently nothing. Restructuring continued. Environmentalists objected.", []),
    ("House members voted. The House agreed. House was full.", ["house", "house", "house"]),
    ("Theresa May spoke in May.", ["theresa may"]),
    ("In March and on Sunday, I stayed.", []),
    ("Trump Says He Will Meet Putin In Helsinki", ["trump", "putin", "helsinki"]),
    ("PUTIN SAYS HE WILL NOT STOP", ["putin"]),
    ("He was NOT sure, VERY sad.", []),
    ("New York and New measures.", ["new york", "new"]),
    ("New measures were agreed.", []),
    ("The Black Sea and the Gulf of Mexico.", ["black sea", "gulf mexico"]),
    ("Putin’s aides and the Ukrainians’ army.", ["putin", "ukrainians"]),
    ("İstanbul and Łódź and Çeşme.", ["istanbul", "lodz", "cesme"]),
    ("Don't go. I'll stay. It's over. We're here.", []),
    ("@RealName said so.", []),
    ("He left New Haven for Mar-a-Lago. It'll rain.", ["new haven", "mar a lago"]),
    ("It was Putin—Moscow’s man—who left. Furthermore, rain fell.", ["putin", "moscow"]),
    ("the and of", []),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_names(text: str, expected: list[str]) -> None:
    assert [" ".join(n.tokens) for n in names(text)] == expected


def test_the_text_of_a_name_keeps_its_title() -> None:
    text = "On Monday US President Donald Trump’s team met Mr. Roe."
    assert [n.text for n in names(text)] == ["US", "President Donald Trump", "Mr. Roe"]


SAME = [
    ("Putin", "Vladimir Putin"),
    ("Mr. Putin", "President Putin"),
    ("Putin's", "Putin"),
    ("Zelensky", "Zelenskyy"),
    ("Zelenskiy", "Volodymyr Zelensky"),
    ("Kyiv", "Kiev"),
    ("Mohammed Doe", "Muhammad Doe"),
    ("Teheran", "Tehran"),
    ("José Roe", "Jose Roe"),
    ("Russian", "Russia"),
    ("Russians", "Russia"),
    ("American", "U.S."),
    ("the United States", "the US"),
    ("British", "UK"),
    ("United Nations", "U.N."),
    ("Kim Jong Un", "Kim Jong-un"),
    ("al-Assad", "Assad"),
    ("Justice Department", "Department of Justice"),
]
OTHER = [
    ("Donald Trump", "Donald Tusk"),
    ("Iran", "Iraq"),
    ("Austria", "Australia"),
    ("Slovakia", "Slovenia"),
    ("Niger", "Nigeria"),
    ("New York", "New Zealand"),
    ("Obama", "Osama"),
    ("Clinton", "Clifton"),
    ("Johnson", "Johnston"),
    ("Martin", "Morton"),
    ("Georgia", "George"),
    ("Russia", "Ukraine"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_same_name(a: str, b: str) -> None:
    (x,), (y,) = names(f"with {a}"), names(f"with {b}")
    assert same_name(x, y) and same_name(y, x)


@pytest.mark.parametrize(("a", "b"), OTHER)
def test_other_name(a: str, b: str) -> None:
    (x,), (y,) = names(f"with {a}"), names(f"with {b}")
    assert not same_name(x, y) and not same_name(y, x)


PIECES = st.sampled_from(
    ["Ann", "Roe", " ", "Mr.", "U.S.", "-", "’s", "'", "President", " of ", "the", "al-", "&", "NATO", "\n", ". ",
     "May", "King", "É", "e\u0301", "İ", "\ud800", "😀", " de ", "Says", "12", "B.", "Bank", "“"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_offsets_are_exact(text: str) -> None:
    found = names(text)
    assert all(text[n.start : n.end] == n.text and n.tokens and all(n.tokens) for n in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
