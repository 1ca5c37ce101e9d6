"""Who lives in the demo world: made-up enterprises, and the two that the published facts name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from codes import uscc

WORLD_DAY = date(2023, 6, 30)
"""The day on which the demo world stands still."""

PUBLISHED_DAY = date(2023, 4, 3)
"""The day of which the numbers of East Lake's platform are published."""

FULL_SIZE = 120_000


@dataclass(frozen=True)
class Zone:
    """A zone that has a roster here: its part of a full world, where its enterprises are, how they are called."""

    id: str
    roster: int
    least: int
    """How many are on its roster in a world however small."""
    division: str
    districts: tuple[str, ...]
    places: tuple[str, ...]
    city: str


EAST_LAKE = Zone(
    "east-lake", 15_184, 40, "9901", ("420111", "420115", "420118"), ("武汉", "武汉光谷", "湖北", "武汉东湖"), "武汉市"
)
NANCHANG = Zone("nanchang-high-tech", 1_581, 20, "9902", ("360111", "360106"), ("南昌", "江西", "江西赣江"), "南昌市")
LONGWAN = Zone("longwan", 600, 5, "9903", ("330303",), ("温州", "浙江", "温州龙湾"), "温州市")
ZHONGGUANCUN = Zone("zhongguancun", 300, 5, "9904", ("110108",), ("北京", "北京中关村", "北京海淀"), "北京市")
ZONES = (EAST_LAKE, NANCHANG, LONGWAN, ZHONGGUANCUN)

_FIRST = "智芯华创云瑞远博天宏达信联健安康图灵星宇恒泰锐科睿普兴盛新启元海川正德明润佳成晟禾卓越凌峰"
_SECOND = "芯微光子图感视联能源思维基因靶点算法链数码盾翼驰航舟帆拓维纳米晶格谱矩阵云端视界"
_TRADES = (
    ("生物科技", "C2761", "生物药品制造", "Biotech"),
    ("医疗科技", "C3581", "医疗诊断、监护及治疗设备制造", "Medical"),
    ("智能装备", "C3491", "工业机器人制造", "Intelligent Equipment"),
    ("新材料", "C2651", "初级形态塑料及合成树脂制造", "New Materials"),
    ("半导体", "C3973", "集成电路制造", "Semiconductor"),
    ("信息技术", "I6531", "信息系统集成服务", "Information Technology"),
    ("软件", "I6513", "应用软件开发", "Software"),
    ("光电", "C3976", "光电子器件制造", "Optoelectronics"),
    ("新能源", "C3849", "其他电池制造", "New Energy"),
    ("环保科技", "N7721", "水污染治理", "Environment"),
    ("通信设备", "C3921", "通信系统设备制造", "Communications"),
    ("检测技术", "M7452", "检测服务", "Testing"),
)
_PEOPLE = "张王李刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超霞平刚"
_STATUS = (
    ("存续（在营、开业、在册）", 80),
    ("存续(在营、开业、在册)", 5),
    ("开业", 4),
    ("在业", 3),
    ("注销", 3),
    ("吊销，未注销", 2),
    ("迁出", 1),
    ("停业", 1),
)


@dataclass(frozen=True)
class Enterprise:
    """An enterprise as it is registered; its sources show parts of it, each in its own way. Capital in CNY yuan."""

    uscc: str
    name: str
    name_en: str | None
    former_names: tuple[str, ...]
    status: str | None
    representative: str | None
    capital: int | None
    founded: date | None
    district: str | None
    address: str | None
    industry_code: str | None
    industry_text: str | None
    zone: Zone | None
    registration_number: str
    taxpayer_number: str
    synthetic: bool = True
    founded_text: str | None = None
    resident_since: date | None = None


def populate(size: int, seed: int) -> list[Enterprise]:
    """Return so many enterprises, the named ones first; the same for the same seed."""
    rng = Random(f"{seed}:population")
    named = [chujingling(), zhongjiali()]
    zones: list[Zone | None] = []
    for zone in ZONES:
        wanted = max(zone.least, round(zone.roster * size / FULL_SIZE))
        zones += [zone] * (wanted - sum(enterprise.zone is zone for enterprise in named))
    zones += [None] * max(0, size - len(zones) - len(named))
    return named + [_made_up(number, zone, rng) for number, zone in enumerate(zones)]


def residents(population: list[Enterprise]) -> list[Enterprise]:
    """Return those on the roster of a zone."""
    return [enterprise for enterprise in population if enterprise.zone]


def chujingling() -> Enterprise:
    """The medical-AI enterprise of East Lake that the published facts name; its code is reserved, not its real one."""
    return _named(1, "武汉楚精灵医疗科技有限公司", EAST_LAKE, "2018")


def zhongjiali() -> Enterprise:
    """The Nanchang enterprise that the published facts name; its code is reserved, not its real one."""
    return _named(2, "江西众加利高科技股份有限公司", NANCHANG, None)


def _named(number: int, name: str, zone: Zone, founded: str | None) -> Enterprise:
    """What the facts do not say stays empty; that it exists is one of them, and what its status says."""
    code = uscc.compose("91", "000000", f"MAX{number:05d}")
    return Enterprise(
        uscc=code,
        name=name,
        name_en=None,
        former_names=(),
        status="存续",
        representative=None,
        capital=None,
        founded=None,
        district=None,
        address=None,
        industry_code=None,
        industry_text=None,
        zone=zone,
        registration_number=f"{number:015d}",
        taxpayer_number=code,
        synthetic=False,
        founded_text=founded,
    )


def _made_up(number: int, zone: Zone | None, rng: Random) -> Enterprise:
    home = zone or (EAST_LAKE if rng.random() < 0.9 else rng.choice(ZONES))
    trade, code, text, english = rng.choice(_TRADES)
    core = rng.choice(_FIRST) + rng.choice(_FIRST) + (rng.choice(_SECOND) if rng.random() < 0.7 else "")
    form = "股份有限公司" if rng.random() < 0.05 else "有限公司"
    # Who is on a roster was on it on the day of which its number is published.
    newest = PUBLISHED_DAY if zone else WORLD_DAY - timedelta(days=30)
    founded = newest - timedelta(days=int(rng.betavariate(1.3, 3) * 9000))
    body = f"MA{number:06d}"
    credit_code = uscc.compose("91", f"{home.division}{rng.randrange(1, 30):02d}", body)
    registration = f"{home.division}00{number:09d}"
    return Enterprise(
        uscc=credit_code,
        name=f"{rng.choice(home.places)}{core}{trade}{form}",
        name_en=f"{home.id}-{number:06d} {english} Co., Ltd." if rng.random() < 0.2 else None,
        former_names=(f"{rng.choice(home.places)}{core}{rng.choice(_SECOND)}{trade}有限公司",)
        if rng.random() < 0.08
        else (),
        status=rng.choices([s for s, _ in _STATUS], [w for _, w in _STATUS])[0]
        if zone is None
        else "存续（在营、开业、在册）",
        representative=rng.choice(_PEOPLE) + "".join(rng.choices(_GIVEN, k=rng.choice((1, 2)))),
        capital=rng.choice((100, 200, 300, 500, 800, 1000, 2000, 3000, 5000, 10000)) * 10_000,
        founded=founded,
        district=rng.choice(home.districts),
        address=f"{home.city}高新大道{rng.randrange(1, 999)}号{rng.randrange(1, 30)}栋",
        industry_code=code,
        industry_text=text,
        zone=zone,
        registration_number=registration,
        taxpayer_number=registration if founded.year < 2015 else credit_code,
        resident_since=max(founded, date(2021, 11, 1)) if zone else None,
    )
