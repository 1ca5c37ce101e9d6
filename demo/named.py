"""Made-up figures about the two enterprises that the published facts name; every record that shows one is synthetic.

Those about the medical-AI enterprise of East Lake fit what is published of it: founded in 2018, losses at first,
revenue lower in the last year than in the year before, a high-tech enterprise and a little giant, a first prize of
Hubei's technical invention award. That it leads the mature enterprises of its zone comes of these inputs alone; nothing
looks at its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.population import chujingling, zhongjiali

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
    ),
    zhongjiali().uscc: (
        (2019, 214_000_000, 9_100_000, 148_000_000, 15_200_000, 205_000_000,
         260_000_000, 118_000_000, 9_800_000, 5_600_000, 1_900_000, 350),
        (2020, 236_000_000, 10_400_000, 165_000_000, 17_900_000, 227_000_000,
         289_000_000, 129_000_000, 10_600_000, 6_100_000, 2_000_000, 372),
        (2021, 282_000_000, 12_700_000, 201_000_000, 21_300_000, 270_000_000,
         331_000_000, 150_000_000, 12_900_000, 6_900_000, 2_300_000, 398),
        (2022, 310_000_000, 14_600_000, 224_000_000, 22_800_000, 297_000_000,
         368_000_000, 168_000_000, 14_100_000, 7_400_000, 2_500_000, 420),
    ),
}  # fmt: skip
"""By credit code the years of `demo.figures.Year`."""

FIGURES: Mapping[str, Mapping[str, Any]] = {
    zhongjiali().uscc: {"rd_staff": 66, "postgraduates": 18, "graduates": 9},
    chujingling().uscc: {
        "zeal": 3.0, "rd_staff": 96, "postgraduates": 41, "graduates": 11, "talents": 2, "inventions": 30,
        "other_patents": 18, "pct": 4, "software": 44, "trademarks": 6, "standards": 1, "awards": 0, "platforms": 1,
        "projects": 2, "rounds": 3, "pledges": 1, "contracts": 6, "contract_turnover": 2_600_000,
        "subscribed": 12_000_000, "paid_in": 12_000_000, "tax_grade": "B", "credit_score": 91,
        "publishes": False,
    }
}  # fmt: skip
"""By credit code what differs in `demo.figures.Business`; the award that is published stands in `demo.honours`."""
