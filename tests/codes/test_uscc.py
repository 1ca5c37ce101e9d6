"""The credit code: both checks, every authority, dirty input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from codes.uscc import MalformedUscc, compose, normalise, organisation_code

PUBLIC = "91330203674737244W"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"

codes = st.builds(
    compose,
    st.sampled_from(["91", "92", "93", "99", "11", "12", "13", "19", "51", "52", "53", "59", "Y1", "N2", "A1"]),
    st.from_regex(r"\A[1-9][0-9]{5}\Z"),
    st.text(ALPHABET, min_size=8, max_size=8),
)


@given(codes)
def test_composed_codes_are_valid(code: str) -> None:
    assert normalise(code) == code


@given(codes.filter(lambda code: code[0].isdigit()))
def test_agrees_with_stdnum_where_it_knows_the_authority(code: str) -> None:
    assert stdnum_uscc.is_valid(code)


@given(codes, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(code: str, place: int, character: str) -> None:
    changed = code[:place] + character + code[place + 1 :]
    if changed == code:
        assert normalise(changed) == code
    else:
        with pytest.raises(MalformedUscc):
            normalise(changed)


@pytest.mark.parametrize("written", ["91330203674737244w", " 9133 0203 6747 3724 4W ", "91330203-67473724-4W"])
def test_lower_case_spaces_and_hyphens_are_accepted(written: str) -> None:
    assert normalise(written) == PUBLIC


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "0 characters"),
        ("9133020367473724", "16 characters"),
        ("91330203674737244O", "'O'"),
        ("913302******07724", "17 characters"),
        ("913302******307724", "'*'"),
        ("94330203674737244W", "prefix '94'"),
        ("0133020367473724TW", "prefix '01'"),
        ("913302A3674737244W", "division"),
        ("91330203674737254W", "position 17"),
        ("91330203674737244X", "position 18"),
    ],
)
def test_the_reason_is_named(text: str, reason: str) -> None:
    with pytest.raises(MalformedUscc, match=reason.replace("*", r"\*")):
        normalise(text)


def test_organisation_code_is_inside() -> None:
    assert organisation_code(PUBLIC) == "67473724-4"
