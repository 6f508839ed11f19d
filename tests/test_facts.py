"""Facts as pages write them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelin import facts

READERS = (
    facts.date_in,
    facts.seconds_in,
    facts.count_in,
    facts.pixels_in,
    facts.bits_in,
    facts.language_in,
)


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        (facts.seconds_in, " 3723 ", 3723),
        (facts.seconds_in, "1:02:03.5", 3723.5),
        (facts.seconds_in, "2:03", 123),
        (facts.seconds_in, "PT1H2M3S", 3723),
        (facts.seconds_in, "p1dt1s", 86401),
        (facts.seconds_in, "0:00", None),
        (facts.seconds_in, "3 minutes", None),
        (facts.count_in, "1234", 1234),
        (facts.count_in, " 12.0\n", 12),
        (facts.count_in, "0", None),
        (facts.count_in, "-1", None),
        (facts.count_in, "1.5", None),
        (facts.count_in, "1,234", None),
        (facts.pixels_in, "640", 640),
        (facts.pixels_in, "640.25 px", 640),
        (facts.pixels_in, "640PX", 640),
        (facts.pixels_in, "0", 0),
        (facts.pixels_in, "100%", None),
        (facts.pixels_in, "1e3", None),
        (facts.pixels_in, "9999999", None),
        (facts.pixels_in, "\u0666", None),
        (facts.bits_in, "128 kbps", 128_000),
        (facts.bits_in, "2.5Mbps", 2_500_000),
        (facts.bits_in, "128000", 128_000),
        (facts.bits_in, "128", None),
        (facts.bits_in, "fast", None),
        (facts.language_in, "pt_BR", "pt-BR"),
        (facts.language_in, "zh-Hant-TW", "zh-Hant-TW"),
        (facts.language_in, "English", None),
    ],
)
def test_a_fact(reader: Callable[[str], object], text: str, value: object) -> None:
    assert reader(text) == value


@given(st.text(max_size=30) | st.none())
def test_whatever_is_written_is_read_or_left(text: str | None) -> None:
    for reader in READERS:
        value = reader(text)
        assert value is None or text
