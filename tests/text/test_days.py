"""An ordinal that is a day of a month is the number that it is; the 16th of meetings stays that, also beside a month."""

from __future__ import annotations

import pytest

from assistant.text.tokens import Kind, tokens


def values(kind: Kind, text: str, language: str) -> list[float | None]:
    return [token.value for token in tokens(text, language) if token.kind == kind]


@pytest.mark.parametrize(
    ("text", "language", "days", "ordinals"),
    [
        ("on the 19th, 20th and 21st of February, the 16th meeting", "en", [19, 20, 21], [16]),
        ("February 19th, 20th and the 21st; the 31st", "en", [19, 20, 21], [31]),
        ("19th-20th of February", "en", [19, 20], []),
        ("the 19th or the 20th to 21st of Feb.", "en", [19, 20, 21], []),
        ("Feb. 19th/20th & 21st", "en", [19, 20, 21], []),
        ("On February the 19th, the third time", "en", [19], [3]),
        ("the first of May and the second", "en", [1], [2]),
        ("the 32nd of May, the 31st of May", "en", [31], [32]),
        ("the 0th of May", "en", [], [0]),
        ("the 16th meeting in February", "en", [], [16]),
        ("In February, the 16th meeting", "en", [], [16]),
        ("In February 16th meeting", "en", [], [16]),
        ("The 16th, held in February", "en", [], [16]),
        ("The second March was held; by May third parties", "en", [], [2, 3]),
        ("the 16th and February meetings", "en", [], [16]),
        ("с 19-го по 20-е февраля прошла 16-я встреча", "ru", [19, 20], [16]),
        ("с 19-го до 20-го или 21-го и 22-го марта", "ru", [19, 20, 21, 22], []),
        ("девятнадцатого февраля", "ru", [19], []),
        ("третьего мая, третьему мая", "ru", [3, 3], []),
        ("В феврале шестнадцатая встреча, третий март подряд", "ru", [], [16, 3]),
        ("ika-19 at ika-20 ng Pebrero", "fil", [19, 20], []),
        ("Pertemuan ke-16, 19-20 Februari", "id", [19, 20], [16]),
        ("SOM ke-16, Februari 2019, hari pertama Maret", "id", [], [16, 1]),
        ("SOM ke-16 Februari, 19th Februari", "id", [19], [16]),
        ("Pada Mei kedua negara", "id", [], [2]),
        ("lần thứ 16 tháng 2", "vi", [], [16]),
        ("ครั้งที่ 16 กุมภาพันธ์", "th", [], [16]),
        ("第16次会议, 2月", "zh", [], [16]),
        ("the 16th meeting", "en", [], [16]),
    ],
)
def test_an_ordinal_of_a_month_is_its_day(text: str, language: str, days: list[int], ordinals: list[int]) -> None:
    assert (values("number", text, language), values("ordinal", text, language)) == (days, ordinals)
    assert {f"n_{day}" for day in days} == {key for t in tokens(text, language) for key in t.keys if key[:2] == "n_"}
