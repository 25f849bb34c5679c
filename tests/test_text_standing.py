import pytest
from hypothesis import given
from hypothesis import strategies as st

from summarize.text import dangles


@pytest.mark.parametrize(
    "sentence",
    [
        "Delcourt responded to the fishermen with a smile.",
        "There has been no word from the ferry since dawn.",
        "It was unclear who had opened the sluice.",
        "The US and Orvania signed the treaty after World War I ended.",
        "King Aldous I was crowned in the old abbey.",
        "A phase I trial of the vaccine began in Tarn.",
        'Marek Tollan said: "We will not sell our boats."',
        "“We will rebuild,” Mayor Ines Varga told the crowd.",
        "If the dam fails, the lower town has twenty minutes.",
        "In Tarn, where the march began, shops stayed shut.",
        "After the vote, Varga thanked the council.",
        "Varga told the Tarn Post the quay would stay shut.",
        "iPhone sales fell in Orvania for the third year.",
        'The clerk wrote: "Join the queue."',
    ],
)
def test_a_sentence_that_stands_alone(sentence):
    assert not dangles(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "Delcourt reportedly responded coolly and left the hall.",
        "The council had agreed to exactly that a week before.",
        "The ministry was silent on the matter.",
        "Varga gave the guard the corresponding order.",
        "It began to rumble at noon.",
        "We have never seen the river so high.",
        "The road is closed, so leave your car at home.",
        "The harbour master has let us down, fishermen say.",
        "And I thank the crew for coming back.",
        "The ferry turned back and I am glad of it.",
        "Read more on www.tarnpost.example today.",
        "Join Ines Varga for a talk at the library at noon.",
        "Information from: The Tarn Post and the coast guard.",
        "Summary: The ferry company wants to grow along the coast.",
        "Because the withdrawal led to a growing influence of the guard.",
        "By 2010, when the head of the ferry company left to run the port.",
        "Who opened the sluice?",
        "Varga told Tarn Radio’s “Morning on the Quay”.",
        "Mayor Ines Varga asked Tollan at her first hearing.",
        "The ferry company is sending eight boats to the",
        "The council wrote the following:",
        "and the sluice gave way at once.",
        '"We have lost a dear colleague.',
        'The mayor called it "a day of joy for the whole town.',
        "",
    ],
)
def test_a_sentence_that_rests_on_another_or_is_none_dangles(sentence):
    assert dangles(sentence)


@given(st.text(max_size=80))
def test_any_text_gets_an_answer(text):
    assert dangles(text) in (True, False)
