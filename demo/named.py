"""Made-up figures about the medical-AI enterprise of East Lake that the published facts name.

They fit what is published: founded in 2018, losses at first, revenue lower in the last year than in the year before, a
high-tech enterprise and a little giant, a first prize of Hubei's technical invention award. None of these figures is
published: every record that shows one from here is marked synthetic. That it leads the mature enterprises of its zone
comes of these inputs alone; nothing looks at its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.population import chujingling

YEARS: Mapping[str, tuple[tuple[int, ...], ...]] = {
    chujingling().uscc: (
        # year, revenue, R&D, high-tech, profit, main business, assets, liabilities, tax, insurance, utilities, staff
        (2019, 4_200_000, 9_800_000, 4_000_000, -8_900_000, 4_100_000,
         31_000_000, 6_200_000, 90_000, 1_100_000, 130_000, 62),
        (2020, 16_500_000, 14_300_000, 15_900_000, -6_100_000, 16_200_000,
         58_000_000, 14_500_000, 420_000, 1_900_000, 210_000, 98),
        (2021, 46_000_000, 19_600_000, 44_800_000, 1_200_000, 45_300_000,
         96_000_000, 30_700_000, 1_500_000, 2_700_000, 320_000, 148),
        (2022, 38_000_000, 22_400_000, 37_100_000, -2_300_000, 37_400_000,
         92_000_000, 31_300_000, 1_100_000, 3_300_000, 360_000, 160),
    )
}  # fmt: skip
"""By credit code the years of `demo.figures.Year`."""

FIGURES: Mapping[str, Mapping[str, Any]] = {
    chujingling().uscc: {
        "zeal": 3.0, "rd_staff": 96, "postgraduates": 41, "graduates": 11, "talents": 2, "inventions": 30,
        "other_patents": 18, "pct": 4, "software": 44, "trademarks": 6, "standards": 1, "awards": 0, "platforms": 1,
        "projects": 2, "rounds": 3, "pledges": 1, "contracts": 6, "contract_turnover": 2_600_000,
        "subscribed": 12_000_000, "paid_in": 12_000_000, "tax_grade": "B", "credit_score": 91,
    }
}  # fmt: skip
"""By credit code what differs in `demo.figures.Business`; the award that is published stands in `demo.honours`."""
